import Civil
package import Journal
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

extension RewardRow {
  /// The sponsors' shares that exist with a pay-out of a lot (E3d), or go back with it where the card
  /// system rejects it; none where shares exist before.
  package func paidOutShares(
    _ holding: Holdings,
    _ terms: TermsInForce,
    _ dates: BatchDates,
    isBack: Bool = false
  ) throws -> [RewardRow] {
    let (agreement, rule) = try terms.bound(agreement: agreement, rule: self.rule)
    guard rule.rule.funding.trigger == .redemption else { return [] }
    let purchase = holding.purchase(ofLot: lot)
    let booked = holding.booked(purchase: purchase, rule: self.rule)
    let shares = SponsorShares(
      agreement: agreement,
      rule: rule,
      member: member,
      purchase: purchase,
      event: dates.businessDate,
      month: 0,
      dates: dates
    )
    /// What changes of a share: never more than the contract gives of what stands, nor below zero.
    func change(_ part: Int64, _ whole: Int64, _ share: Int64) -> Int64 {
      isBack ? -min(part, share) : min(part, max(0, whole - share))
    }
    var rows: [RewardRow] = []
    let own = change(
      try rule.rule.share(of: cost),
      try rule.rule.share(of: booked.cost),
      booked.share
    )
    if own != 0 { rows.append(try shares.row(own, rule.partner, rule.calendar)) }
    for sponsor in rule.sponsors {
      let part = change(
        try rule.rule.share(of: sponsor.terms, cost: cost),
        try rule.rule.share(of: sponsor.terms, cost: booked.cost),
        holding.share(purchase: purchase, rule: self.rule, sponsor.partner)
      )
      if part != 0 { rows.append(try shares.row(part, sponsor.partner, sponsor.calendar)) }
    }
    return rows
  }
}
