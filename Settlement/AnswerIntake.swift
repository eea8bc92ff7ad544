package import Civil
package import Crypto
import Formats
package import Intake
package import Journal
import Ledger
import Rewards
import Signing
import Terms

/// What taking an answer did.
package struct AnswerReport: Sendable {
  package let number: String
  package let statement: String
  package let repeated: Bool
  package var accepted: Int = 0
  package var rejected: Int = 0
  package var theirsOnly: Int = 0
}

/// Takes a partner's signed answer to a statement and posts its outcomes (M3–M6, M8a).
package struct AnswerIntake {
  private let books: Books
  private let terms: TermsInForce
  private let partner: PartnerEntry
  private let businessDate: CivilDate
  private let recordedAt: Instant

  package init(_ day: BookDay, partner: PartnerEntry) {
    (books, terms) = (day.books, day.terms)
    (businessDate, recordedAt) = (day.date, day.recordedAt)
    self.partner = partner
  }

  /// Takes one answer; the partner is who signed, never what the header says (D10).
  package func take(bytes: [UInt8], signature: [UInt8], name: String) throws -> AnswerReport {
    let signer = try verifiedSigner(
      books: books,
      partner: partner,
      content: bytes,
      signature: signature,
      name: name,
      on: businessDate
    )
    let answer = try Answer(
      bytes: bytes,
      name: name,
      numericMembers: terms.partners[partner.id]?.numericMembers == true
    ) { sha256($0).description }
    let digest = sha256(bytes)
    let known = try books.answers(partner: partner.id)
    if let same = known.first(where: { $0.sequence == Int64(answer.sequence) }) {
      guard same.digest == digest.description else {
        throw Refusal(
          .answerReplayed,
          "answer \(answer.sequence) of \(partner.code) stands as \(same.number)",
          at: Place(file: name)
        )
      }
      return AnswerReport(
        number: answer.number,
        statement: answer.statementNumber,
        repeated: true
      )
    }
    guard Int64(answer.sequence) == (known.last?.sequence ?? 0) + 1 else {
      throw Refusal(
        .sequenceGap,
        "answer \(answer.sequence) follows \(known.last?.sequence ?? 0)",
        at: Place(file: name)
      )
    }
    let statement = try statement(of: answer, name: name)
    let number = try books.reserve(.answer, "\(partner.code)/\(digest)")
    return try books.transaction {
      let filed = try books.unansweredLines(statement: statement.id)
      let outcomes = try match(answer, filed, statement, name: name)
      return try post(
        answer,
        number,
        outcomes,
        statement,
        signer: signer,
        digest: digest,
        bytes: bytes,
        signature: signature
      )
    }
  }

  private func statement(of answer: Answer, name: String) throws -> StoredStatement {
    guard answer.environment == "live", answer.sender == partner.code,
      let statement = try books.statements(number: answer.statementNumber).first,
      statement.partner == partner.id
    else {
      throw Refusal(
        .answerMismatch,
        "it names \(answer.statementNumber) of \(answer.sender), which is no "
          + "statement to \(partner.code)",
        at: Place(file: name, line: 1)
      )
    }
    guard answer.statementDigest == statement.lineDigest else {
      throw Refusal(
        .answerMismatch,
        "it answers other bytes than those of \(statement.number)",
        at: Place(file: name, line: 1)
      )
    }
    return statement
  }

  /// Ties every answer to its filed line and checks stated totals before anything is posted.
  private func match(
    _ answer: Answer,
    _ filed: [FiledLine],
    _ statement: StoredStatement,
    name: String
  ) throws -> [LineOutcome] {
    var open: [String: FiledLine] = [:]
    for line in filed { open["\(line.eventID)/\(line.attempt)"] = line }
    var lines: [String: StatementLine] = [:]
    for line in try books.statementLines(statement.id) where line.section == .filed {
      lines["\(line.eventID)/\(line.attempt)"] = line
    }
    guard answer.totals(of: lines) == answer.totals else {
      throw Refusal(
        .totalsDiffer,
        "the S records differ from the answered lines",
        at: Place(file: name)
      )
    }
    return try answer.lines.enumerated().map { index, line in
      let key = "\(line.eventID)/\(line.attempt)"
      guard let original = open.removeValue(forKey: key) else {
        throw Refusal(
          .answerMismatch,
          "\(line.eventID) attempt \(line.attempt) is not open on "
            + statement.number,
          at: Place(file: name, line: index + 2)
        )
      }
      let whole = line.acceptedQuantity == original.quantity
      let fits =
        switch line.status {
        case .accepted, .warning, .merged: whole
        case .partly: line.acceptedQuantity > 0 && line.acceptedQuantity < original.quantity
        case .rejected: line.acceptedQuantity == 0 && line.acceptedMinor == 0
        }
      guard fits, line.acceptedMinor <= original.valueMinor, isCode(line.reason),
        line.newMemberRef.isEmpty || isID(line.newMemberRef)
      else {
        throw Refusal(
          .answerMismatch,
          "quantity, value or reason do not fit status \(line.status.rawValue)",
          at: Place(file: name, line: index + 2)
        )
      }
      return LineOutcome(
        line: original,
        status: line.status.rawValue,
        acceptedQuantity: line.acceptedQuantity,
        acceptedMinor: line.acceptedMinor,
        reason: line.reason,
        partnerRef: line.partnerRef
      )
    }
  }

  private func isCode(_ text: String) -> Bool { text.isEmpty || isID(text) }

  private func post(
    _ answer: Answer,
    _ batch: Int64,
    _ outcomes: [LineOutcome],
    _ statement: StoredStatement,
    signer: Digest,
    digest: Digest,
    bytes: [UInt8],
    signature: [UInt8]
  ) throws -> AnswerReport {
    let leaf = try books.openLeaf(
      batch,
      .answer,
      businessDate: businessDate,
      recordedAt: recordedAt
    )
    let posting = try OutcomePosting(
      books: books,
      terms: terms,
      partner: partner.id,
      leaf: leaf,
      businessDate: businessDate
    )
    try posting.post(outcomes)
    try books.changeReferences(
      zip(answer.lines, outcomes).filter { !$0.0.newMemberRef.isEmpty }
        .map { ($0.1.line.member, $0.0.newMemberRef) }
    )
    let only = answer.partnerOnly
    try books.insert(
      StoredAnswer(
        partner: partner.id,
        sequence: Int64(answer.sequence),
        number: answer.number,
        statement: statement.id,
        batch: leaf.batch,
        digest: digest.description
      ),
      signer: signer,
      accepted: (
        signed(answer, outcomes, \.acceptedQuantity), signed(answer, outcomes, \.acceptedMinor)
      ),
      theirs: (
        only.map { $0.quantity * $0.direction.sign }.reduce(0, +),
        only.map { $0.valueMinor * $0.direction.sign }.reduce(0, +)
      ),
      body: bytes,
      signature: signature
    )
    try leaf.seal(
      bookingDate: businessDate,
      attachments: [Attachment(.answer, answer.number, digest)]
    )
    var report = AnswerReport(
      number: answer.number,
      statement: statement.number,
      repeated: false
    )
    report.accepted = outcomes.count { $0.acceptedQuantity == $0.line.quantity }
    report.rejected = outcomes.count - report.accepted
    report.theirsOnly = only.count
    return report
  }

  /// Signed sum over all outcomes: reversal lines count against the others.
  private func signed(
    _ answer: Answer,
    _ outcomes: [LineOutcome],
    _ value: KeyPath<LineOutcome, Int64>
  ) -> Int64 {
    outcomes.map { $0[keyPath: value] * ($0.line.isReversal ? -1 : 1) }.reduce(0, +)
  }
}

/// Verifies a partner's signature against the certificates enrolled for the day.
package func verifiedSigner(
  books: Books,
  partner: PartnerEntry,
  content: [UInt8],
  signature: [UInt8],
  name: String,
  on date: CivilDate
) throws -> Digest {
  let certificates = try books.signers(partner: partner.id, on: date)
    .map { try Certificate(bytes: $0) }
  return try verified(
    content: content,
    signature: signature,
    certificates: certificates,
    at: endOfDay(date),
    name: name
  )
}
