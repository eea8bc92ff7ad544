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
  /// The rules of the last day and agreement that were asked for: rows of a file mostly share them.
  private var lastDay = CivilDate(days: .min)
  private var lastAgreement: Int32 = 0
  private var rules: [RuleOfDay] = []

  /// A rule with the month of a day, and the sums of the period that the day is in.
  private final class RuleOfDay {
    let bound: BoundRule
    let rule: EarnRule
    let month: Int16
    let column: MonthSums.Column?

    init(_ bound: BoundRule, month: Int16, column: MonthSums.Column?) {
      self.bound = bound
      rule = bound.rule
      self.month = month
      self.column = column
    }
  }

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

  /// Begins to fetch the sums toward which members' purchases of the last day count.
  @inline(__always)
  func fetchSums(of records: Range<Int>, place: (Int) -> Int?) {
    for rule in rules {
      guard let column = rule.column else { continue }
      for index in records { if let place = place(index) { column.fetch(place) } }
    }
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
      rules = try agreement.rules.map { bound in
        let month = bound.rule.periodMonth(of: day)
        let column =
          bound.rule.hasPeriod
          ? try months.column(agreement.id, bound.rule.ordinal, month) : nil
        return RuleOfDay(bound, month: month, column: column)
      }
      (lastDay, lastAgreement) = (day, agreement.id)
    }
    let standing = standings.isEmpty ? nil : standings[card.member]
    for rule in rules { try earn(facts, id: id, card, standing, agreement, rule) }
  }

  /// Writes what one rule gives for a purchase, where it admits it.
  private func earn(
    _ facts: PurchaseFacts,
    id: Int64,
    _ card: Card,
    _ standing: MemberStanding?,
    _ agreement: BoundAgreement,
    _ dated: RuleOfDay
  ) throws {
    let rule = dated.rule
    guard rule.admits(facts, of: standing) else { return }
    var change = try rule.change(
      for: facts,
      remaining: facts.original,
      booked: .nothing,
      monthSum: dated.column?[card.place] ?? 0
    )
    guard change.uncapped != 0 else { return }
    if rule.isLimited {
      guard let admitted = budgets.admitted(change, isNew: true, agreement, dated.bound) else {
        return
      }
      change = admitted
    }
    try dated.column?.add(change.uncapped, at: card.place)
    let row = try RewardRow(
      rule.earning,
      agreement,
      dated.bound,
      member: card.member,
      purchase: id,
      quantity: change.quantity,
      cost: change.cost,
      share: change.share,
      uncapped: change.uncapped,
      event: facts.date,
      earnMonth: dated.month,
      dates: dates
    )
    let lot = try leaf.add(row)
    if let offset = try debts.offset(row, lot: lot) { try leaf.add(offset) }
    if !dated.bound.sponsors.isEmpty { try share(row, agreement, dated.bound) }
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
