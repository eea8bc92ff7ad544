import Civil
import Crypto
import Formats
package import Intake
package import Journal
package import Ledger
import Rewards

/// What a pay-out run did.
package struct PayoutReport: Sendable {
  package var number = ""
  package var lines = 0
  package var breaks = 0
  /// What could not be paid: each has a break.
  package var unpaid = 0
  /// Paid out, by currency, in minor units.
  package var amounts: [Currency: Int64] = [:]
  package var seal: Seal?
}

/// Pays cashback out to card accounts (E3): what calls captured, what everybody has, and what closed
/// accounts have left where their terms pay it out.
///
/// The file is made and kept in the same transaction that takes the lots, so a run that dies leaves
/// both or neither; a second run finds nothing to pay.
package struct PayoutRun {
  private let books: Books
  private let terms: TermsInForce
  private let businessDate: CivilDate
  private let recordedAt: Instant

  package init(_ day: BookDay) {
    (books, terms) = (day.books, day.terms)
    (businessDate, recordedAt) = (day.date, day.recordedAt)
  }

  /// Everything that is available to members of a programme, from a least amount on.
  package struct Everyone: Sendable {
    let programme: Int16
    let unit: Int16
    let least: Int64

    package init(programme: Int16, unit: Int16, least: Int64) {
      self.programme = programme
      self.unit = unit
      self.least = least
    }
  }

  /// Writes the next pay-out file, where there is anything to pay.
  ///
  /// - Parameter everyone: Whom to pay beside those who asked; nil for nobody.
  /// - Returns: What was paid.
  /// - Throws: `Refusal`, or `DatabaseError`.
  package func run(everyone: Everyone? = nil) throws -> PayoutReport {
    let captures = try books.captures(of: "cashback")
    let closed = try closedAccounts()
    guard !captures.isEmpty || everyone != nil || !closed.isEmpty else { return PayoutReport() }
    let sequence = try books.lastPayoutFile() + 1
    let number = try books.reserve(.payout, "\(businessDate)/\(sequence)")
    do {
      return try books.transaction {
        try write(captures, everyone, closed, sequence: sequence, number)
      }
    } catch let nothing as NothingToPay {
      // The empty leaf is gone with its transaction; what could not be paid is told all the same.
      var report = PayoutReport()
      report.breaks = try books.transaction { try books.open(nothing.breaks, on: businessDate) }
      report.unpaid = nothing.breaks.count
      return report
    }
  }

  /// Accounts that closed long enough ago, by the unit that their terms pay out.
  private func closedAccounts() throws -> [(everyone: Everyone, members: [Int64])] {
    let last = try books.newestSeal(of: .closing)
    return try terms.directory.programmes.flatMap { programme in
      guard
        let closing = terms.agreement(programme: programme.id, on: businessDate)?.agreement
          .closing, !closing.paysOut.isEmpty
      else { return [(everyone: Everyone, members: [Int64])]() }
      let members = try books.closedMembers(
        programme: programme.id,
        through: businessDate.adding(days: -closing.afterDays),
        since: last
      )
      return closing.paysOut.sorted().compactMap { terms.directory.unit($0) }.map {
        (Everyone(programme: programme.id, unit: $0.id, least: 1), members)
      }.filter { !$0.1.isEmpty }
    }
  }

  private struct NothingToPay: Error {
    let breaks: [NewBreak]
  }

  private func write(
    _ captures: [StoredHold],
    _ everyone: Everyone?,
    _ closed: [(everyone: Everyone, members: [Int64])],
    sequence: Int64,
    _ batch: Int64
  ) throws -> PayoutReport {
    let leaf = try books.openLeaf(
      batch,
      .payout,
      businessDate: businessDate,
      recordedAt: recordedAt
    )
    let draft = PayoutDraft(books, terms, leaf, try books.batchDates(businessDate), businessDate)
    try draft.add(captures)
    if let everyone {
      let members = try books.members(ofProgramme: everyone.programme)
      for some in chunks(members, of: 10_000) { try draft.addAll(Array(some), everyone) }
    }
    for (everyone, members) in closed {
      for some in chunks(members, of: 10_000) { try draft.addClosed(Array(some), everyone) }
    }
    guard !draft.payouts.isEmpty else { throw NothingToPay(breaks: draft.breaks) }
    var report = PayoutReport()
    report.breaks = try books.open(draft.breaks, on: businessDate)
    report.unpaid = draft.breaks.count
    report.number = "CB-\(pad(Int(sequence), 4))"
    report.lines = draft.payouts.count
    for line in draft.lines {
      let old = report.amounts[line.amount.currency] ?? 0
      report.amounts[line.amount.currency] = try checkedSum(old, line.amount.minor)
    }
    let file = PayoutFile(
      sender: terms.directory.entity,
      number: report.number,
      sequence: sequence,
      payDate: businessDate,
      lines: draft.lines
    )
    let body = try file.bytes { sha256($0).description }
    try books.issue(
      payoutFile: sequence,
      number: report.number,
      body: body,
      payouts: draft.payouts,
      batch: batch
    )
    report.seal = try leaf.seal(
      bookingDate: businessDate,
      attachments: [Attachment(.payout, report.number, sha256(body))]
    )
    return report
  }
}

/// The lines of one pay-out file while they are decided.
private final class PayoutDraft {
  private let books: Books
  private let terms: TermsInForce
  private let leaf: Leaf
  private let dates: BatchDates
  private let day: CivilDate
  private(set) var lines: [PayoutLine] = []
  private(set) var payouts: [(payout: StoredPayout, hold: Int64?)] = []
  private(set) var breaks: [NewBreak] = []

  init(
    _ books: Books,
    _ terms: TermsInForce,
    _ leaf: Leaf,
    _ dates: BatchDates,
    _ day: CivilDate
  ) {
    self.books = books
    self.terms = terms
    self.leaf = leaf
    self.dates = dates
    self.day = day
  }

  /// Adds what calls captured.
  func add(_ captures: [StoredHold]) throws {
    let members = Array(Set(captures.map(\.member))).sorted()
    guard !members.isEmpty else { return }
    let holdings = try locked(members)
    let tokens = try books.payoutTokens(members: members)
    var posted: [(id: Int64, rows: ClosedRange<Int32>)] = []
    for capture in captures {
      guard let token = tokens[capture.member], let holding = holdings[capture.member],
        let rows = try pay(capture, holding, to: token, hold: capture.id)
      else {
        let advice =
          "no open card account of the member, or its lots hold less than was captured"
        breaks.append(unpaid(capture, "\(capture.id)", pointer: "H-\(capture.id)", advice))
        continue
      }
      posted.append((capture.id, rows))
    }
    try books.post(holds: posted, batch: leaf.batch)
  }

  /// Adds what members have, less what holds keep.
  func addAll(_ members: [Int64], _ everyone: PayoutRun.Everyone) throws {
    try add(members, everyone, to: books.payoutTokens(members: members))
  }

  /// Adds what closed accounts have left; what the card system refused once is left to a person.
  func addClosed(_ members: [Int64], _ everyone: PayoutRun.Everyone) throws {
    let refused = try books.refusedAfterClosing(members: members)
    let tokens = try books.payoutTokens(members: members, evenClosed: true)
      .filter { !refused.contains($0.key) }
    try add(members, everyone, to: tokens, refused: refused)
  }

  private func add(
    _ members: [Int64],
    _ everyone: PayoutRun.Everyone,
    to tokens: [Int64: String],
    refused: Set<Int64> = []
  ) throws {
    let holdings = try locked(members)
    for (member, kept) in Dictionary(grouping: try books.reserved(members: members), by: \.member) {
      holdings[member]?.reserve(kept)
    }
    for (member, holding) in holdings.sorted(by: { $0.key < $1.key }) {
      let amount = holding.spendable(unit: everyone.unit, on: day)
      guard amount > 0, amount >= everyone.least else { continue }
      let use = StoredHold(member: member, unit: everyone.unit, amount, day)
      guard let token = tokens[member] else {
        if refused.contains(member) {
          let advice = "the card system refused to pay the closed account of member \(member)"
          breaks.append(unpaid(use, "closed/\(member)", pointer: "M-\(member)", advice))
        }
        continue
      }
      _ = try pay(use, holding, to: token, hold: nil)
    }
  }

  private func locked(_ members: [Int64]) throws -> [Int64: Holdings] {
    try leaf.flush()
    try books.lock(members: members)
    return try books.holdings(members, terms, openLeaf: leaf.batch)
  }

  /// Takes the lots of a pay-out and notes its line; nil where the lots hold less.
  private func pay(
    _ use: StoredHold,
    _ holding: Holdings,
    to token: String,
    hold: Int64?
  ) throws -> ClosedRange<Int32>? {
    guard let currency = terms.directory.unit(id: use.unit)?.currency,
      let rows = try holding.rows(using: use, .payOutCashback, terms, dates)
    else { return nil }
    let first = Int32(leaf.rewardCount) + 1
    for row in rows { holding.note(row, id: try leaf.add(row)) }
    let range = first...Int32(leaf.rewardCount)
    for row in rows {
      for share in try row.paidOutShares(holding, terms, dates) {
        holding.note(share, id: try leaf.add(share))
      }
    }
    let amount = Amount(minor: use.captured ?? use.quantity, currency: currency)
    let id = "Y-\(leaf.batch)-\(first)"
    lines.append(PayoutLine(id: id, token: token, amount: amount))
    let payout = StoredPayout(
      id: id,
      member: use.member,
      amountMinor: amount.minor,
      currency: currency.code,
      batch: leaf.batch,
      rows: range,
      token: token
    )
    payouts.append((payout, hold))
    return range
  }

  private func unpaid(
    _ use: StoredHold,
    _ name: String,
    pointer: String,
    _ advice: String
  ) -> NewBreak {
    let unit = terms.directory.unit(id: use.unit)
    return NewBreak(
      fingerprint: "payout/\(name)",
      kind: "theirs-only",
      pair: "payout",
      commodity: unit?.currency.code ?? "",
      ours: 0,
      theirs: use.captured ?? 0,
      valueMinor: use.captured ?? 0,
      currency: unit?.currency.code ?? "",
      pointer: pointer,
      advice: advice
    )
  }
}
