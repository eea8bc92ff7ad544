import Crypto
package import Formats
package import Journal
import Ledger

/// What taking a file of baskets did.
package struct BasketReport: Sendable {
  package var repeated: Bool
  package var file: TakenFile
  package var rejects: [RejectedRow] = []
}

/// Takes a retailer's file of baskets; `BasketRun` finds the purchases that they are.
package struct BasketIntake {
  private let day: BookDay
  private let partner: PartnerEntry
  private var books: Books { day.books }
  private var source: String { "baskets \(partner.code)" }

  package init(_ day: BookDay, partner: PartnerEntry) {
    self.day = day
    self.partner = partner
  }

  /// Takes one file whose signature was verified, or says that it was taken before.
  package func take(bytes: [UInt8], name: String) throws -> BasketReport {
    let digest = sha256(bytes)
    if let known = try books.takenFile(source: source, digest: digest) {
      return BasketReport(repeated: true, file: known)
    }
    let file = try BasketFile(bytes: bytes, name: name) { sha256($0).description }
    try requireSender(partner.code, wrote: file.sender, in: file.environment, name: name)
    try books.requireNext(file.sequence, of: source, name: name)
    let number = try books.reserve(.baskets, "\(partner.code)/\(digest)")
    return try books.transaction { try post(file, number, name, digest) }
  }

  private func post(
    _ file: BasketFile,
    _ number: Int64,
    _ name: String,
    _ digest: Digest
  ) throws -> BasketReport {
    let leaf = try books.openLeaf(
      number,
      .baskets,
      businessDate: day.date,
      recordedAt: day.recordedAt
    )
    let members = try books.members(ofTokens: Array(Set(file.baskets.map(\.token)))).mapValues(
      \.member
    )
    var known = try books.knownBaskets(partner: partner.id, file.baskets, members: members)
    var kept: [Basket] = []
    var rejects: [RejectedRow] = []
    var repeats: Int64 = 0
    for basket in file.baskets {
      if known[basket.reference] == true {
        repeats += 1
      } else if known[basket.reference] == false {
        rejects.append(reject(basket, .recordConflict, "stands with other content"))
      } else if members[basket.token] == nil {
        rejects.append(reject(basket, .unknownCard, "the card is not enrolled"))
      } else {
        kept.append(basket)
        known[basket.reference] = false
      }
    }
    try books.insert(kept, partner: partner.id, members: members, batch: leaf.batch)
    let taken = TakenFile(
      batch: leaf.batch,
      source: source,
      name: name,
      sequence: Int64(file.sequence),
      records: Int64(file.baskets.count),
      repeats: repeats,
      quarantined: Int64(rejects.count),
      key: file.number
    )
    try books.insert(taken, digest: digest)
    try books.quarantine(rejects, batch: leaf.batch)
    try leaf.seal(bookingDate: day.date, attachments: [Attachment(.file, name, digest)])
    return BasketReport(repeated: false, file: taken, rejects: rejects)
  }

  private func reject(_ basket: Basket, _ code: ErrorCode, _ why: String) -> RejectedRow {
    RejectedRow(
      line: Int32(basket.line),
      column: 1,
      length: 1,
      code: code,
      excerpt: "basket \(basket.reference)",
      message: "basket \(basket.reference): \(why)"
    )
  }
}
