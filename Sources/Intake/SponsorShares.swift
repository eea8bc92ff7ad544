import Civil
import Journal
import Ledger
import Rewards

/// The rows of a reward's shares that its own row does not carry: those of further sponsors, and what
/// is owed once a reward can be used (E2b).
struct SponsorShares {
  let agreement: BoundAgreement
  let rule: BoundRule
  let member: Int64
  let purchase: Int64
  /// Day of the newest fact.
  let event: CivilDate
  let month: Int16
  let dates: BatchDates

  /// Rows that bring further sponsors' shares to what the cost that stands deserves.
  ///
  /// - Parameters:
  ///   - cost: What stands after the change.
  ///   - before: Cost that was booked before it.
  ///   - booked: Share that a sponsor was booked with, by partner.
  ///   - budgets: Cut what a budget no longer has.
  /// - Returns: A row for each sponsor whose share changes.
  /// - Throws: `MoneyOverflow`, or a refusal where the partner's calendar ends.
  func rows(
    cost: Int64,
    before: Int64,
    booked: (Int16) -> Int64,
    _ budgets: Budgets
  ) throws -> [RewardRow] {
    var rows: [RewardRow] = []
    for sponsor in rule.sponsors {
      let share = booked(sponsor.partner)
      let standing = try rule.rule.share(
        of: sponsor.terms,
        cost: cost,
        booked: (before, share)
      )
      var change = standing - share
      if let limit = sponsor.terms.budget, change != 0 {
        change = budgets.cut(change, agreement, rule, partner: sponsor.partner, limit: limit)
      }
      if change != 0 { rows.append(try row(change, sponsor.partner, sponsor.calendar)) }
    }
    return rows
  }

  /// The row by which a partner's share changes.
  func row(
    _ change: Int64,
    _ partner: Int16,
    _ calendar: BusinessCalendar?
  ) throws -> RewardRow {
    let amount = abs(change)
    var row = try RewardRow(
      change > 0 ? .sponsorShare : .returnSponsorShare,
      agreement,
      rule,
      member: member,
      purchase: purchase,
      quantity: 0,
      cost: amount,
      share: amount,
      event: event,
      earnMonth: month,
      dates: dates
    )
    row.partner = partner
    row.settlementDate = try dates.settlement(calendar)
    return row
  }
}
