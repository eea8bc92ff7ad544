import Civil
import Crypto
import Formats
package import Intake
import Journal
import Ledger

/// What taking an answer of the card system did.
package struct PayoutAnswerReport: Sendable {
  package var number: String
  package var isRepeated = false
  package var paid = 0
  package var rejected = 0
}

/// Takes the card system's answer to a pay-out file: what it rejects goes back to its lots (E3c).
package struct PayoutAnswerIntake {
  private let books: Books
  private let terms: TermsInForce
  private let businessDate: CivilDate
  private let recordedAt: Instant

  package init(_ day: BookDay) {
    (books, terms) = (day.books, day.terms)
    (businessDate, recordedAt) = (day.date, day.recordedAt)
  }

  /// Takes one answer, or says that it was taken before.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - name: For messages.
  /// - Returns: What it said.
  /// - Throws: `Refusal` where it does not fit its pay-out file line by line, or `DatabaseError`.
  package func take(bytes: [UInt8], name: String) throws -> PayoutAnswerReport {
    let digest = sha256(bytes)
    let answer = try PayoutAnswer(bytes: bytes, name: name) { sha256($0).description }
    if let known = try books.payoutAnswer(sequence: answer.sequence, digest: digest) {
      guard known.isSame else {
        throw Refusal(
          .answerReplayed,
          "sequence \(answer.sequence) was taken with other content",
          at: Place(file: name, line: 1)
        )
      }
      return PayoutAnswerReport(number: known.number, isRepeated: true)
    }
    let last = try books.lastPayoutAnswer()
    guard answer.sequence == last + 1 else {
      throw Refusal(
        .sequenceGap,
        "sequence \(answer.sequence) follows \(last)",
        at: Place(file: name, line: 1)
      )
    }
    guard let file = try books.payoutFile(answer.answered),
      sha256(file.body).description == answer.answeredDigest, answer.sender == "CARDSYS",
      answer.receiver == terms.directory.entity, answer.environment == "live"
    else {
      throw mismatch("no pay-out file of this number and digest was written", name, 1)
    }
    let payouts = try books.payouts(file: file.sequence)
    try check(answer, payouts, name)
    let number = try books.reserve(.payout, "answer/\(digest)")
    return try books.transaction { try post(answer, file, payouts, bytes, number) }
  }

  /// Each credit is answered once, in full or not at all, and the totals are those of the lines.
  private func check(
    _ answer: PayoutAnswer,
    _ payouts: [StoredPayout],
    _ name: String
  ) throws(Refusal) {
    var open = Dictionary(uniqueKeysWithValues: payouts.map { ($0.id, $0) })
    var sums: [String: (lines: Int64, minor: Int64)] = [:]
    for (index, line) in answer.lines.enumerated() {
      guard let payout = open.removeValue(forKey: line.id) else {
        throw mismatch("\(line.id) is no open credit of \(answer.answered)", name, index + 2)
      }
      guard line.paidMinor == (line.isPaid ? payout.amountMinor : 0) else {
        throw mismatch("\(line.id) is paid in part; a credit is paid or not", name, index + 2)
      }
      let key = "\(line.isPaid ? "A" : "X") \(payout.currency)"
      let old = sums[key] ?? (0, 0)
      sums[key] = (old.lines + 1, old.minor + payout.amountMinor)
    }
    guard open.isEmpty else {
      throw mismatch("\(open.count) credits of \(answer.answered) are not answered", name, 1)
    }
    for total in answer.asked {
      let ours = sums.removeValue(forKey: "\(total.status) \(total.currency)") ?? (0, 0)
      guard ours == (total.lines, total.minor) else {
        throw Refusal(.totalsDiffer, "the S records differ from the lines", at: Place(file: name))
      }
    }
    guard sums.isEmpty else {
      throw Refusal(.totalsDiffer, "an S record is missing", at: Place(file: name))
    }
  }

  private func mismatch(_ why: String, _ name: String, _ line: Int) -> Refusal {
    Refusal(.answerMismatch, why, at: Place(file: name, line: line))
  }

  private func post(
    _ answer: PayoutAnswer,
    _ file: StoredPayoutFile,
    _ payouts: [StoredPayout],
    _ bytes: [UInt8],
    _ number: Int64
  ) throws -> PayoutAnswerReport {
    let leaf = try books.openLeaf(
      number,
      .payout,
      businessDate: businessDate,
      recordedAt: recordedAt
    )
    let dates = try books.batchDates(businessDate)
    let rejected = Set(answer.lines.filter { !$0.isPaid }.map(\.id))
    let back = payouts.filter { rejected.contains($0.id) }
    try books.lock(members: Array(Set(back.map(\.member))).sorted())
    let holdings = try books.holdings(Array(Set(back.map(\.member))).sorted(), terms)
    for payout in back {
      for row in try books.rewards(batch: payout.batch, rows: payout.rows, member: payout.member) {
        let bound = try terms.bound(agreement: row.agreement, rule: row.rule)
        let restored = try RewardRow(
          .restoreCashback,
          bound.agreement,
          bound.rule,
          member: row.member,
          purchase: 0,
          lot: row.lot,
          quantity: row.quantity,
          cost: row.cost,
          event: businessDate,
          earnMonth: 0,
          dates: dates
        )
        try leaf.add(restored)
        guard let holding = holdings[row.member] else { continue }
        for share in try restored.paidOutShares(holding, terms, dates, isBack: true) {
          holding.note(share, id: try leaf.add(share))
        }
      }
    }
    try books.insert(
      payoutAnswer: answer.sequence,
      number: answer.number,
      answered: file.sequence,
      body: bytes,
      outcomes: answer.lines.map { ($0.id, $0.isPaid, $0.reason, $0.cardRef) },
      batch: number
    )
    try leaf.seal(
      bookingDate: businessDate,
      attachments: [Attachment(.payoutAnswer, answer.number, sha256(bytes))]
    )
    return PayoutAnswerReport(
      number: answer.number,
      paid: answer.lines.count - back.count,
      rejected: back.count
    )
  }
}
