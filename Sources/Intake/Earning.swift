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
  private var lastDay: CivilDate?
  private var lastMonth: Int16 = 0

  init(leaf: Leaf, dates: BatchDates, months: MonthSums) {
    self.leaf = leaf
    self.dates = dates
    self.months = months
  }

  /// Writes the reward rows of a purchase: one for each rule that admits it.
  func earn(
    _ record: borrowing CardRecord,
    id: Int64,
    _ card: Card,
    _ agreement: BoundAgreement
  ) throws {
    let facts = PurchaseFacts(
      billed: record.billing.minor,
      original: record.amount.minor,
      category: record.category,
      merchant: record.merchant
    )
    guard agreement.agreement.earns(facts) else { return }
    if record.eventDate != lastDay {
      lastDay = record.eventDate
      lastMonth = earnMonth(record.eventDate)
    }
    for rule in agreement.rules where rule.rule.admits(facts.merchant) {
      let column =
        rule.rule.monthlyCap == nil
        ? nil : try months.column(agreement.id, rule.rule.ordinal, lastMonth)
      let change = try rule.rule.change(
        for: facts,
        remaining: facts.original,
        booked: .nothing,
        monthSum: column?[card.place] ?? 0
      )
      guard change.uncapped != 0 else { continue }
      try column?.add(change.uncapped, at: card.place)
      try leaf.add(
        RewardRow(
          rule.rule.earning,
          agreement,
          rule,
          member: card.member,
          purchase: id,
          quantity: change.quantity,
          cost: change.cost,
          share: change.share,
          uncapped: change.uncapped,
          event: record.eventDate,
          earnMonth: lastMonth,
          dates: dates
        )
      )
    }
  }
}
