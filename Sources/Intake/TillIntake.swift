package import Civil
import Crypto
import Formats
package import Journal
import Ledger
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

/// Takes a retailer's daily till file: it captures and confirms the use of store credit (S3).
package struct TillIntake {
  private let books: Books
  private let terms: TermsInForce
  private let partner: PartnerEntry
  private let businessDate: CivilDate
  private let recordedAt: Instant

  package init(
    books: Books,
    terms: TermsInForce,
    partner: PartnerEntry,
    businessDate: CivilDate,
    recordedAt: Instant
  ) {
    self.books = books
    self.terms = terms
    self.partner = partner
    self.businessDate = businessDate
    self.recordedAt = recordedAt
  }

  private var source: String { "till \(partner.code)" }

  /// Takes one file whose signature was verified, or says that it was taken before.
  package func take(bytes: [UInt8], name: String) throws -> TillReport {
    let digest = sha256(bytes)
    if let known = try books.takenFile(source: source, digest: digest) {
      return TillReport(repeated: true, file: known)
    }
    let till = try TillFile(bytes: bytes, name: name) { sha256($0).description }
    guard till.sender == partner.code, till.environment == "live" else {
      throw Refusal(
        .badRecord,
        "the file is of \(till.sender) (\(till.environment)), not of \(partner.code)",
        at: Place(file: name, line: 1)
      )
    }
    let last = try books.lastSequence(source: source)
    guard Int64(till.sequence) > last else {
      throw Refusal(
        .fileConflict,
        "sequence \(till.sequence) was taken with other content",
        at: Place(file: name, line: 1)
      )
    }
    guard Int64(till.sequence) == last + 1 else {
      throw Refusal(
        .sequenceGap,
        "sequence \(till.sequence) follows \(last)",
        at: Place(file: name, line: 1)
      )
    }
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
    guard let openFrom = CivilDate(try books.openFrom()) else {
      throw Refusal(.termsMissing, "the first open period is no day")
    }
    let dates = BatchDates(businessDate: businessDate, openFrom: openFrom)
    let members = try books.members(ofTokens: Array(Set(till.lines.map(\.memberToken))).sorted())
    let ids = Array(Set(members.values.map(\.member))).sorted()
    try books.lock(members: ids)
    let holdings = Dictionary(grouping: try books.rewards(ofMembers: ids), by: \.member)
      .mapValues { Holdings($0, terms) }
    var breaks: [NewBreak] = []
    var redeemed: Int64 = 0
    for line in till.lines {
      let rows = try rows(for: line, members, holdings, dates)
      for row in rows {
        holdings[row.member]?.note(row, id: try leaf.add(row))
        redeemed += row.quantity
      }
      if rows.isEmpty {
        breaks.append(refused(line, till))
      }
    }
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
    try leaf.seal(bookingDate: businessDate, attachments: [Attachment("file", name, digest)])
    return TillReport(
      repeated: false,
      file: file,
      statedMinor: till.faceMinor,
      redeemedMinor: redeemed,
      breaks: opened
    )
  }

  /// Rows that redeem a line in full; none where the member is unknown or has too little.
  private func rows(
    for line: TillLine,
    _ members: [String: (member: Int64, programme: Int16)],
    _ holdings: [Int64: Holdings],
    _ dates: BatchDates
  ) throws -> [RewardRow] {
    let day = line.instant.date
    guard let known = members[line.memberToken], let holding = holdings[known.member],
      let agreement = terms.agreement(programme: known.programme, on: day),
      let rule = agreement.rules.first(where: {
        $0.rule.kind == .credit && $0.partner == partner.id
      }), line.faceMinor > 0, holding.spendable(unit: rule.unit, on: day) >= line.faceMinor
    else { return [] }
    var lots = holding.spendableLots(unit: rule.unit, on: day)
    let (parts, _) = try consume(line.faceMinor, from: &lots)
    return try parts.map { part in
      try RewardRow(
        .redeemCredit,
        terms.agreement(id: part.lot.agreement) ?? agreement,
        rule,
        member: known.member,
        purchase: 0,
        lot: part.lot.id,
        quantity: part.quantity,
        cost: part.cost,
        event: day,
        earnMonth: 0,
        dates: dates
      )
    }
  }

  /// The partner counts a use that our books refuse: theirs alone until somebody resolves it.
  private func refused(_ line: TillLine, _ till: TillFile) -> NewBreak {
    NewBreak(
      fingerprint: "till/\(partner.code)/\(line.tillRef)",
      kind: "theirs-only",
      pair: "till \(partner.code)",
      commodity: till.currency.code,
      ours: 0,
      theirs: line.faceMinor,
      valueMinor: line.faceMinor,
      currency: till.currency.code,
      pointer: "\(till.number) \(line.tillRef)",
      advice: "credit used above the balance or by an unknown card"
    )
  }
}
