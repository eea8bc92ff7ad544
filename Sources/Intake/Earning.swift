import Civil
import Formats
import Journal
import Ledger
import Rewards

/// Decides what purchases earn and writes the rows.
final class Earning {
  private let leaf: Leaf
  private let dates: BatchDates
  private let months: MonthSums
  private let merchants: MerchantDirectory
  private let debts: Debts
  private let standings: [Int64: MemberStanding]
  private let budgets: Budgets
  /// The rules' months, and the sums of their periods, of the last day that was asked for: rows of a file
  /// mostly share a day.
  private var lastDay: CivilDate?
  private var lastAgreement: Int32 = 0
  private var periods: [(month: Int16, column: MonthSums.Column?)] = []

  init(
    leaf: Leaf,
    dates: BatchDates,
    months: MonthSums,
    merchants: MerchantDirectory,
    debts: Debts,
    standings: [Int64: MemberStanding],
    budgets: Budgets
  ) {
    self.budgets = budgets
    self.standings = standings
    self.debts = debts
    self.leaf = leaf
    self.dates = dates
    self.months = months
    self.merchants = merchants
  }

  /// Writes the reward rows of a purchase: one for each rule that admits it.
  func earn(
    _ record: borrowing CardRecord,
    id: Int64,
    _ card: Card,
    _ agreement: BoundAgreement
  ) throws {
    let day = record.eventDate
    let facts = PurchaseFacts(
      billed: record.billing.minor,
      original: record.amount.minor,
      category: record.category,
      merchant: record.merchant,
      date: day,
      currency: record.amount.currency.rawValue,
      country: record.country,
      channel: record.channel?.rawValue,
      markup: record.markup ?? 0,
      merchantPartner: merchants.partner(of: record.merchant, on: day)
    )
    guard agreement.agreement.earns(facts) else { return }
    if day != lastDay || agreement.id != lastAgreement {
      periods = try agreement.rules.map { rule in
        let month = rule.rule.periodMonth(of: day)
        guard rule.rule.hasPeriod else { return (month, nil) }
        return (month, try months.column(agreement.id, rule.rule.ordinal, month))
      }
      (lastDay, lastAgreement) = (day, agreement.id)
    }
    let standing = standings.isEmpty ? nil : standings[card.member]
    for (index, rule) in agreement.rules.enumerated() where rule.rule.admits(facts, of: standing) {
      let (month, column) = periods[index]
      var change = try rule.rule.change(
        for: facts,
        remaining: facts.original,
        booked: .nothing,
        monthSum: column?[card.place] ?? 0
      )
      guard change.uncapped != 0 else { continue }
      if rule.rule.isLimited {
        guard let admitted = budgets.admitted(change, isNew: true, agreement, rule) else {
          continue
        }
        change = admitted
      }
      try column?.add(change.uncapped, at: card.place)
      let row = try RewardRow(
        rule.rule.earning,
        agreement,
        rule,
        member: card.member,
        purchase: id,
        quantity: change.quantity,
        cost: change.cost,
        share: change.share,
        uncapped: change.uncapped,
        event: day,
        earnMonth: month,
        dates: dates
      )
      let lot = try leaf.add(row)
      if let offset = try debts.offset(row, lot: lot) { try leaf.add(offset) }
      if !rule.sponsors.isEmpty { try share(row, agreement, rule) }
    }
  }

  /// Writes what further sponsors pay of a reward.
  private func share(
    _ row: RewardRow,
    _ agreement: BoundAgreement,
    _ rule: BoundRule
  ) throws {
    let shares = SponsorShares(
      agreement: agreement,
      rule: rule,
      member: row.member,
      purchase: row.purchase,
      event: row.eventDate,
      month: row.earnMonth,
      dates: dates
    )
    for share in try shares.rows(cost: row.cost, before: 0, booked: { _ in 0 }, budgets) {
      try leaf.add(share)
    }
  }
}
