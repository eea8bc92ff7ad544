package import Civil
import Crypto
package import Formats
package import Journal
package import Ledger

/// What taking a bank statement did.
package struct BankReport: Sendable {
  package let repeated: Bool
  package let sequence: Int
  package let currency: Currency
  package var lines = 0
  package var matched = 0
  package var unmatched = 0
}

/// Takes the bank's statement of the settlement account: each line is matched to an order, a
/// partner's reference or a known kind, and booked (B2, B4, B6, B8, B11).
package struct BankIntake {
  private let books: Books
  private let businessDate: CivilDate
  private let recordedAt: Instant
  private let reversals: [String: ReversalConvention]

  /// Prepares to take statements.
  ///
  /// - Parameters:
  ///   - books: The books, in the role that reconciles.
  ///   - businessDate: The day that the batch belongs to.
  ///   - recordedAt: When the books learn it.
  ///   - reversals: How banks mark reversed entries, by account; what is not named follows
  ///     ISO 20022.
  package init(
    books: Books,
    businessDate: CivilDate,
    recordedAt: Instant,
    reversals: [String: ReversalConvention]
  ) {
    self.reversals = reversals
    self.books = books
    self.businessDate = businessDate
    self.recordedAt = recordedAt
  }

  /// Takes the statements of a file: kvitt's own layout, camt.053 or MT940, as its bytes show.
  package func take(path: String, name: String) throws -> [BankReport] {
    let input = try InputFile(path: path, sizeMax: 1 << 28)
    let bytes = try input.contents()
    let digest = sha256(bytes)
    let statements = try statements(input, bytes, name)
    if try books.hasBankStatement(digest: digest) {
      return statements.map {
        BankReport(repeated: true, sequence: $0.sequence, currency: $0.currency)
      }
    }
    return try statements.map { try take($0, digest, name) }
  }

  private func statements(
    _ input: InputFile,
    _ bytes: [UInt8],
    _ name: String
  ) throws -> [BankStatement] {
    let head = bytes.prefix(200).drop { $0 <= 0x20 || $0 >= 0x80 }
    if head.first == 0x3C {
      var out: [BankStatement] = []
      input.rewind()
      try CamtReader(input).read { camt in
        let convention = reversals[camt.account] ?? .own
        out.append(try BankStatement(camt, name: name, reversals: convention))
      }
      return out
    }
    if head.starts(with: "{1:".utf8) || head.starts(with: ":20:".utf8) {
      return try MT940Reader(bytes: bytes, name: name).statements()
    }
    return [try BankStatement(bytes: bytes, name: name) { sha256($0).description }]
  }

  private func take(
    _ found: BankStatement,
    _ digest: Digest,
    _ name: String
  ) throws -> BankReport {
    var statement = found
    let last = try books.lastBankStatement(account: statement.account)
    // A bank that does not number its statements is held to its balances alone.
    if statement.sequence == 0 { statement.sequence = Int(last?.sequence ?? 0) + 1 }
    guard Int64(statement.sequence) == (last?.sequence ?? 0) + 1,
      statement.opening == last?.closing ?? statement.opening
    else {
      throw Refusal(
        .bankGap,
        "statement \(statement.sequence) opens with \(statement.opening), the books expect "
          + "\((last?.sequence ?? 0) + 1) with \(last?.closing ?? 0)",
        at: Place(file: name)
      )
    }
    let key = "\(statement.account)/\(digest)/\(statement.sequence)"
    let number = try books.reserve(.bank, key)
    return try books.transaction { try post(statement, number, name: name, digest: digest) }
  }

  private func post(
    _ statement: BankStatement,
    _ number: Int64,
    name: String,
    digest: Digest
  ) throws -> BankReport {
    let leaf = try books.openLeaf(
      number,
      .bank,
      businessDate: businessDate,
      recordedAt: recordedAt
    )
    try books.insert(statement, batch: leaf.batch, digest: digest)
    var orders = try books.ordersOpen().filter { $0.currency == statement.currency.code }
    var entries: [Entry] = []
    var report = BankReport(
      repeated: false,
      sequence: statement.sequence,
      currency: statement.currency
    )
    report.lines = statement.lines.count
    for line in statement.lines {
      let (entry, matched) = try book(line, statement, &orders)
      entries.append(entry)
      if matched { report.matched += 1 } else { report.unmatched += 1 }
    }
    try leaf.seal(
      entries: entries,
      bookingDate: businessDate,
      attachments: [Attachment(.bankStatement, name, digest)]
    )
    return report
  }

  /// The entry of one line, and whether a rule knew it.
  private func book(
    _ line: BankLine,
    _ statement: BankStatement,
    _ orders: inout [OpenOrder]
  ) throws -> (Entry, Bool) {
    let entry = { (kind: EntryKind, minor: Int64, partner: Int16) in
      let amount = Amount(minor: minor, currency: statement.currency)
      return Entry.transfer(kind, text: "bank line \(line.bankRef)", amount, partner: partner)
    }
    let mine = { (rule: BankRule) in
      try books.claim(
        match: "M-\(line.bankRef)",
        rule: rule,
        sides: [("bank", line.bankRef)]
      )
    }
    switch line.kind {
    case .payment:
      // Exact on reference and amount; two candidates cannot share a reference.
      guard
        let index = orders.firstIndex(where: {
          $0.reference == line.reference && $0.amountMinor == -line.signedMinor
        })
      else { break }
      let order = orders.remove(at: index)
      try books.claim(
        match: "M-\(line.bankRef)",
        rule: .orderReference,
        sides: [("bank", line.bankRef), ("order", order.id)]
      )
      return (entry(.paid, -line.signedMinor, order.partner), true)
    case .receipt where line.signedMinor > 0, .return where line.signedMinor > 0:
      guard let partner = try books.partner(ofReference: line.reference) else { break }
      try mine(.statementReference)
      return (entry(line.kind == .receipt ? .received : .returned, line.signedMinor, partner), true)
    case .fee where line.signedMinor < 0:
      try mine(.fee)
      return (entry(.charged, -line.signedMinor, 0), true)
    default: break
    }
    try books.open([unknown(line, statement)], on: businessDate)
    return (entry(.unknown, line.signedMinor, 0), false)
  }

  private func unknown(_ line: BankLine, _ statement: BankStatement) -> NewBreak {
    NewBreak(
      fingerprint: "bank/\(line.bankRef)",
      kind: line.signedMinor > 0 ? "unknown-receipt" : "theirs-only",
      pair: "bank \(statement.account)",
      commodity: statement.currency.code,
      ours: 0,
      theirs: line.signedMinor,
      valueMinor: abs(line.signedMinor),
      currency: statement.currency.code,
      pointer: "bank line \(line.bankRef)",
      advice: "find the payer: \(escaped(line.text))"
    )
  }
}
