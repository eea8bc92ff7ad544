import Terms
package import Civil
import Formats
package import Intake
package import Journal
package import Ledger

/// What the plan does about one partner's net.
package enum SettlementAction: String, Sendable {
  /// A payment is ordered.
  case pay
  /// The partner is asked to pay.
  case collect
  /// The net stays below the minimum transfer and opens the next statement.
  case carry
  /// A payment would be due, but no standing approval covers it.
  case hold
}

/// The position of one partner in a plan; amounts are signed minor units, + we owe.
package struct PartnerPosition: Sendable {
  package let partner: PartnerEntry
  package let currency: Currency
  package let sequence: Int
  package let opening: Int64
  /// Gross movement to the partner and to the issuer, both non-negative.
  package let toPartner: Int64
  package let toIssuer: Int64
  package let paid: Int64
  package let action: SettlementAction
  package let payOn: CivilDate
  package let account: String
  package let termsDigest: String
  package let slices: [(batch: Int64, date: String)]
  package let sums: [SettledSum]

  /// opening + settled – paid.
  package var net: Int64 { opening + toPartner - toIssuer - paid }
  /// What is ordered.
  package var ordered: Int64 { action == .pay ? net : 0 }
  /// Number of the statement that the run issues.
  package func number(_ date: CivilDate) -> String {
    "\(partner.code)-\(date.components.year)-\(pad(sequence, 4))"
  }
}

/// Everything that a settlement will do, computed from a cut of the books (D5, D13).
package struct SettlementPlan: Sendable {
  /// Who may approve it.
  package enum Mode: String, Codable, Sendable {
    /// A second person approves this plan.
    case person
    /// Standing approvals decide; what they do not cover is held.
    case standing
  }

  package let id: String
  package let businessDate: CivilDate
  package let cut: Int64
  package let mode: Mode
  package let positions: [PartnerPosition]

  /// The plan's canonical text: what is digested, approved and compared.
  package var body: String { PlanBody(self).text }

  /// Computes the plan of a business date for a cut.
  package init(
    books: Books,
    terms: TermsInForce,
    id: String,
    businessDate: CivilDate,
    cut: Int64,
    mode: Mode
  ) throws {
    self.id = id
    self.businessDate = businessDate
    self.cut = cut
    self.mode = mode
    let standings = mode == .standing ? try books.standingsInForce(on: businessDate) : []
    positions = try terms.directory.partners.compactMap { partner in
      guard terms.partners[partner.id] != nil else { return nil }
      return try PartnerPosition(
        books: books,
        terms: terms,
        partner: partner,
        date: businessDate,
        cut: cut,
        standings: mode == .standing ? standings : nil
      )
    }
  }
}

extension PartnerPosition {
  fileprivate init(
    books: Books,
    terms: TermsInForce,
    partner: PartnerEntry,
    date: CivilDate,
    cut: Int64,
    standings: [StandingInForce]?
  ) throws {
    guard let agreed = terms.partners[partner.id] else {
      throw Refusal(.termsMissing, "partner \(partner.code) has no terms")
    }
    let calendar = try terms.calendar(of: partner.id)
    let last = try books.lastStatement(partner: partner.id)
    let slices = try books.unclaimedSlices(partner: partner.id, through: date, cut: cut)
    let sums = try books.settledSums(partner: partner.id, slices: slices)
    try PartnerPosition.check(agreed.currency, of: partner, sums, books)
    let gross = { (direction: Direction) in
      sums.filter { $0.direction == direction }.map(\.minor).reduce(0, +)
    }
    let (toPartner, toIssuer) = (gross(.toPartner), gross(.toIssuer))
    let paid = try books.paid(
      partner: partner.id,
      currency: agreed.currency.code,
      after: last?.cutSeal ?? 0,
      cut: cut
    )
    let net = (last?.closing ?? 0) + toPartner - toIssuer - paid
    let isCovered =
      standings.map { all in
        all.contains {
          $0.partner == partner.id && $0.currency == agreed.currency.code
            && $0.account == agreed.account
            && $0.covers(toPartner: toPartner, toIssuer: toIssuer, ordered: max(net, 0))
        }
      } ?? true
    let action: SettlementAction =
      if net >= agreed.minimumTransfer, net > 0 {
        isCovered ? .pay : .hold
      } else if net <= -agreed.minimumTransfer, net < 0 {
        .collect
      } else {
        .carry
      }
    self.init(
      partner: partner,
      currency: agreed.currency,
      sequence: (last?.sequence ?? 0) + 1,
      opening: last?.closing ?? 0,
      toPartner: toPartner,
      toIssuer: toIssuer,
      paid: paid,
      action: action,
      payOn: try calendar.adding(agreed.payAfterDays, to: calendar.open(onOrAfter: date)),
      account: agreed.account,
      termsDigest: terms.partnerDigests[partner.id] ?? "",
      slices: slices,
      sums: sums
    )
  }

  /// Refuses another currency than that of what is settled, or of what the books owe already.
  private static func check(
    _ currency: Currency,
    of partner: PartnerEntry,
    _ sums: [SettledSum],
    _ books: Books
  ) throws {
    let other = sums.first { $0.currency != currency && $0.minor != 0 }
    let owed = try books.currencyOwed(to: partner.id).flatMap { $0 == currency ? nil : $0 }
    let differing = other.map { "\($0.flow.code) of its programmes is in \($0.currency)" }
    guard let told = differing ?? owed.map({ "its last statement is in \($0)" }) else { return }
    throw Refusal(
      .termsInvalid,
      "\(partner.code) settles in \(currency), and \(told)",
      hint: "kvitt partner terms show \(partner.code)"
    )
  }
}

/// Plans and runs settlements.
package struct SettlementDesk {
  let books: Books
  let terms: TermsInForce

  package init(books: Books, terms: TermsInForce) {
    self.books = books
    self.terms = terms
  }

  /// Computes and stores a plan; an equal plan that stands is given again.
  package func plan(_ date: CivilDate, mode: SettlementPlan.Mode) throws -> SettlementPlan {
    try books.check(businessDate: date)
    if let last = try books.lastSettled(), last >= date {
      throw Refusal(
        .fileConflict,
        "business date \(date) is not after the last settled one, \(last)",
        hint: "kvitt settle list shows what was settled"
      )
    }
    return try books.transaction {
      try books.passGate(alone: true)
      let cut = try books.newestSeal()
      let standing = try books.plans(date: date)
      for old in standing where old.cutSeal == cut && old.batch == nil {
        let again = try compute(id: old.id, date, cut: cut, mode)
        if again.body == old.body { return again }
      }
      let fresh = try compute(
        id: "P-\(date.compact)-\(standing.count + 1)",
        date,
        cut: cut,
        mode
      )
      try books.insertPlan(id: fresh.id, date: date, cut: cut, body: fresh.body)
      return fresh
    }
  }

  /// Computes a stored plan anew; a difference means that it is stale.
  package func recompute(_ stored: StoredPlan) throws -> SettlementPlan {
    guard let body = PlanBody(stored.body) else {
      throw Refusal(.booksBroken, "plan \(stored.id) has no text of a plan")
    }
    let plan = try compute(id: stored.id, stored.businessDate, cut: stored.cutSeal, body.mode)
    guard plan.body == stored.body else {
      throw Refusal(
        .planStale,
        "plan \(stored.id) no longer matches the books: a window, terms, bank details or an "
          + "approval inside its cut changed"
      )
    }
    return plan
  }

  private func compute(
    id: String,
    _ date: CivilDate,
    cut: Int64,
    _ mode: SettlementPlan.Mode
  ) throws -> SettlementPlan {
    try SettlementPlan(
      books: books,
      terms: terms,
      id: id,
      businessDate: date,
      cut: cut,
      mode: mode
    )
  }
}
