import Civil
import Crypto
import Formats
package import Journal
import Ledger
package import Intake
import Rewards

/// What taking a till file did.
package struct TillReport: Sendable {
  package var repeated: Bool
  package var file: TakenFile
  /// Face value that the file states.
  package var statedMinor: Int64 = 0
  /// Face value redeemed from lots.
  package var redeemedMinor: Int64 = 0
  package var breaks: Int = 0
}

/// Takes a retailer's daily till file: it captures and confirms the use of store credit (S3), and
/// gives back what was returned (S6).
package struct TillIntake {
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

  private var source: String { "till \(partner.code)" }

  /// Takes one file whose signature was verified, or says that it was taken before.
  package func take(bytes: [UInt8], name: String) throws -> TillReport {
    let digest = sha256(bytes)
    if let known = try books.takenFile(source: source, digest: digest) {
      return TillReport(repeated: true, file: known)
    }
    let till = try TillFile(bytes: bytes, name: name) { sha256($0).description }
    try requireSender(partner.code, wrote: till.sender, in: till.environment, name: name)
    try books.requireNext(till.sequence, of: source, name: name, first: 1)
    let number = try books.reserve(.till, "\(partner.code)/\(digest)")
    return try books.transaction { try post(till, number, name: name, digest: digest) }
  }

  private func post(
    _ till: TillFile,
    _ number: Int64,
    name: String,
    digest: Digest
  ) throws -> TillReport {
    let leaf = try books.openLeaf(
      number,
      .till,
      businessDate: businessDate,
      recordedAt: recordedAt
    )
    let posting = TillPosting(
      books: books,
      terms: terms,
      partner: partner,
      leaf: leaf,
      dates: try books.batchDates(businessDate)
    )
    try posting.load(till.lines)
    var breaks: [NewBreak] = []
    var redeemed: Int64 = 0
    for line in till.lines {
      if try posting.post(line) {
        redeemed += line.action.sign * line.faceMinor
      } else {
        breaks.append(refused(line, till))
      }
    }
    try books.insert(posting.uses, partner: partner.id, batch: number)
    let opened = try books.open(breaks, on: businessDate)
    let file = TakenFile(
      batch: leaf.batch,
      source: source,
      name: name,
      sequence: Int64(till.sequence),
      records: Int64(till.lines.count),
      quarantined: Int64(breaks.count),
      statedMinor: till.faceMinor
    )
    try books.insert(file, digest: digest)
    try leaf.seal(bookingDate: businessDate, attachments: [Attachment(.file, name, digest)])
    return TillReport(
      repeated: false,
      file: file,
      statedMinor: till.faceMinor,
      redeemedMinor: redeemed,
      breaks: opened
    )
  }

  /// The partner counts a use that our books refuse: theirs alone until somebody resolves it.
  private func refused(_ line: TillLine, _ till: TillFile) -> NewBreak {
    NewBreak(
      fingerprint: "till/\(partner.code)/\(line.tillRef)",
      kind: "theirs-only",
      pair: "till \(partner.code)",
      commodity: till.currency.code,
      ours: 0,
      theirs: line.action.sign * line.faceMinor,
      valueMinor: line.faceMinor,
      currency: till.currency.code,
      pointer: "\(till.number) \(line.tillRef)",
      advice: line.action.sign == 1
        ? "credit used above the balance or by an unknown card"
        : "nothing was used that could come back"
    )
  }
}
