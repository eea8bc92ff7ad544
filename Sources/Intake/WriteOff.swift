package import Civil
package import Journal
import Ledger
import Rewards

/// Writes off what a member owes (E11a), and books the share that the contract makes the sponsor bear of
/// it again (E11b).
///
/// A debt is spread over the rules whose rewards became it, by their quantities; what no rule made, such
/// as a debt of the old system, belongs to the rule of the terms in force.
package struct WriteOff {
  private let books: Books
  private let terms: TermsInForce
  private let dates: BatchDates
  private let businessDate: CivilDate

  package init(books: Books, terms: TermsInForce, dates: BatchDates, businessDate: CivilDate) {
    self.books = books
    self.terms = terms
    self.dates = dates
    self.businessDate = businessDate
  }

  /// The rows of a write-off.
  ///
  /// - Parameters:
  ///   - quantity: What is written off of the debt.
  ///   - debt: What the member owes, with its cost.
  ///   - member: The member.
  ///   - bound: The rule for what no rule made.
  /// - Returns: A row for each rule whose reward became debt.
  /// - Throws: `DatabaseError`, `MoneyOverflow`, or a refusal where terms are missing.
  package func rows(
    _ quantity: Int64,
    of debt: (quantity: Int64, cost: Int64),
    member: Int64,
    _ bound: (agreement: BoundAgreement, rule: BoundRule)
  ) throws -> [RewardRow] {
    let made = try books.debtsByRule(member: member, unit: bound.rule.unit)
    let cost = try scaled(debt.cost, by: quantity, over: debt.quantity, .halfUp)
    let whole = made.map(\.quantity).reduce(0, +)
    guard whole > 0 else { return [try row(bound, member, quantity, cost, share: 0)] }
    let quantities = try allocated(quantity, by: made.map(\.quantity))
    let costs = try allocated(cost, by: made.map(\.quantity))
    return try made.enumerated().compactMap { index, part in
      guard quantities[index] > 0 else { return nil }
      let own = try terms.bound(agreement: part.agreement, rule: part.rule)
      let share =
        own.rule.rule.funding.sharesWriteOffs
        ? try scaled(part.share, by: quantities[index], over: part.quantity, .halfUp) : 0
      return try row(own, member, quantities[index], costs[index], share: min(share, costs[index]))
    }
  }

  private func row(
    _ bound: (agreement: BoundAgreement, rule: BoundRule),
    _ member: Int64,
    _ quantity: Int64,
    _ cost: Int64,
    share: Int64
  ) throws -> RewardRow {
    try RewardRow(
      .writeOffDebt,
      bound.agreement,
      bound.rule,
      member: member,
      purchase: 0,
      quantity: quantity,
      cost: cost,
      share: share,
      event: businessDate,
      earnMonth: 0,
      dates: dates
    )
  }
}
