package import Civil
import Crypto
package import Formats
package import Journal

/// What taking a file of account events did.
package struct CardEventReport: Sendable {
  package var repeated: Bool
  package var file: TakenFile
  package var rejects: [RejectedRow] = []
}

/// Takes the card system's file of account events: it keeps the life of cards, and gives a card
/// that replaces another to the same member, so that lots follow the account.
package struct CardEventIntake {
  private let books: Books
  private let businessDate: CivilDate
  private let recordedAt: Instant

  package init(books: Books, businessDate: CivilDate, recordedAt: Instant) {
    self.books = books
    self.businessDate = businessDate
    self.recordedAt = recordedAt
  }

  /// Takes one file, or says that it was taken before.
  package func take(bytes: [UInt8], name: String) throws -> CardEventReport {
    let digest = sha256(bytes)
    let file = try AccountEventsFile(bytes: bytes, name: name) { sha256($0).description }
    let source = "events \(file.sender)"
    if let known = try books.takenFile(source: source, digest: digest) {
      return CardEventReport(repeated: true, file: known)
    }
    guard file.environment == "live" else {
      throw Refusal(
        .badRecord,
        "the file is of \(file.environment)",
        at: Place(file: name, line: 1)
      )
    }
    try books.requireNext(file.sequence, of: source, name: name)
    let number = try books.reserve(.events, "\(file.sender)/\(digest)")
    return try books.transaction { try post(file, number, source, name, digest) }
  }

  private func post(
    _ file: AccountEventsFile,
    _ number: Int64,
    _ source: String,
    _ name: String,
    _ digest: Digest
  ) throws -> CardEventReport {
    let leaf = try books.openLeaf(
      number,
      .events,
      businessDate: businessDate,
      recordedAt: recordedAt
    )
    var seen = try books.knownEvents(
      sender: file.sender,
      references: file.events.map(\.reference)
    )
    var kept: [CardEvent] = []
    var rejects: [RejectedRow] = []
    var repeats: Int64 = 0
    for event in file.events {
      guard seen.insert(event.reference).inserted else {
        repeats += 1
        continue
      }
      if let reject = try replace(event) { rejects.append(reject) } else { kept.append(event) }
    }
    try books.insert(kept, sender: file.sender, batch: leaf.batch)
    let taken = TakenFile(
      batch: leaf.batch,
      source: source,
      name: name,
      sequence: Int64(file.sequence),
      records: Int64(file.events.count),
      repeats: repeats,
      quarantined: Int64(rejects.count),
      key: file.number
    )
    try books.insert(taken, digest: digest)
    try books.quarantine(rejects, batch: leaf.batch)
    try leaf.seal(bookingDate: businessDate, attachments: [Attachment(.file, name, digest)])
    return CardEventReport(repeated: false, file: taken, rejects: rejects)
  }

  private func replace(_ event: CardEvent) throws -> RejectedRow? {
    guard let new = event.newToken else { return nil }
    let (code, why): (ErrorCode, String)
    switch try books.replaceCard(event.token, by: new) {
    case .new, .known: return nil
    case .unknown: (code, why) = (.unknownCard, "card \(event.token) is not enrolled")
    case .other: (code, why) = (.recordConflict, "card \(new) belongs to another member")
    }
    return RejectedRow(
      line: Int32(event.line),
      column: 1,
      length: 1,
      code: code,
      excerpt: "event \(event.reference)",
      message: why
    )
  }
}
