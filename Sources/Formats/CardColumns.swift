import Civil
import Ledger

/// Where the columns of a card feed stand, and how one row becomes a record.
struct CardColumns {
  private let file: String
  private let count: Int
  private let type: Int
  private let reversal: Int?
  private let reference: Int
  private let original: Int?
  private let token: Int
  private let amount: Int
  private let currency: Int
  private let billing: Int
  private let billingCurrency: Int
  private let category: Int
  private let merchant: Int
  private let time: Int

  init(header: CSVRow, file: String) throws(Refusal) {
    let names = header.fields.map { String(decoding: $0, as: UTF8.self) }
    func find(_ name: String) throws(Refusal) -> Int {
      guard let index = names.firstIndex(of: name) else {
        throw Refusal(
          .headerColumn,
          "the header has no column \(name)",
          at: Place(file: file, line: 1, column: 1, source: header.text, length: header.text.count)
        )
      }
      return index
    }
    self.file = file
    count = names.count
    type = try find("type")
    reversal = names.firstIndex(of: "reversal")
    reference = try find("reference")
    original = names.firstIndex(of: "original_ref")
    token = try find("card_token")
    amount = try find("amount_minor")
    currency = try find("currency")
    billing = try find("billing_minor")
    billingCurrency = try find("billing_currency")
    category = try find("mcc")
    merchant = try find("merchant_id")
    time = try find("local_time")
  }

  /// Turns a row into a record or a reject and adds it to the sums.
  func decode(
    _ row: CSVRow,
    line: Int32,
    into summary: inout FeedSummary,
    record: (CardRecord) throws -> Void,
    reject: (RejectedRow) throws -> Void
  ) throws {
    summary.records += 1
    guard row.fields.count == count else {
      summary.unreadable += 1
      try reject(
        RejectedRow(
          line: line,
          column: 1,
          length: row.text.count,
          code: .fieldCount,
          excerpt: row.text,
          message: "\(row.fields.count) fields where the header has \(count)"
        )
      )
      return
    }
    do {
      let parsed = try parse(row, line: line, into: &summary)
      try record(parsed)
    } catch let fault as FieldFault {
      let text = String(decoding: row.fields[fault.column].prefix(40), as: UTF8.self)
      let shown = maskCardNumbers(escaped(text))
      try reject(
        RejectedRow(
          line: line,
          column: row.column(of: fault.column),
          length: max(1, shown.utf8.count),
          code: fault.code,
          excerpt: row.text,
          message: "\"\(shown)\" \(fault.why)"
        )
      )
    }
  }

  private func parse(
    _ row: CSVRow,
    line: Int32,
    into summary: inout FeedSummary
  ) throws -> CardRecord {
    // Amounts, type and sign first: a row that can be summed is summed, whatever else it lacks.
    guard let minor = amountMinor(row.fields[amount]) else {
      summary.unreadable += 1
      throw FieldFault(amount, .badAmount, "is not an amount in minor units")
    }
    guard let billed = amountMinor(row.fields[billing]) else {
      summary.unreadable += 1
      throw FieldFault(billing, .badAmount, "is not an amount in minor units")
    }
    guard let billedIn = Currency(code: row.fields[billingCurrency]) else {
      summary.unreadable += 1
      throw FieldFault(billingCurrency, .badCurrency, "is no currency kvitt keeps books in")
    }
    guard let type = recordType(row.fields[type]), let reversal = flag(row) else {
      summary.unreadable += 1
      throw FieldFault(
        self.type,
        .badType,
        "is neither purchase nor refund, or reversal not 0 or 1"
      )
    }
    try add(billed, billedIn, debit: (type == .purchase) != reversal, into: &summary)
    guard let currency = Currency(code: row.fields[currency]) else {
      throw FieldFault(self.currency, .badCurrency, "is no currency kvitt keeps books in")
    }
    let reference = try id(row, reference, .badReference)
    let token = try id(row, token, .badToken)
    guard !looksLikeCardNumber(row.fields[self.token]) else {
      throw FieldFault(self.token, .badToken, "looks like a card number")
    }
    var link: ShortID?
    if let original, !row.fields[original].isEmpty {
      link = try id(row, original, .badReference)
    }
    guard let category = categoryCode(row.fields[category]) else {
      throw FieldFault(self.category, .badCategory, "is not four digits")
    }
    let merchant = try id(row, merchant, .badMerchant)
    let field = row.fields[time]
    guard field.count >= 20, let instant = Instant(iso: field),
      let day = CivilDate(iso: field[0..<10])
    else {
      throw FieldFault(time, .badTime, "is not an instant with offset")
    }
    return CardRecord(
      line: line,
      type: type,
      reversal: reversal,
      reference: reference,
      original: link,
      token: token,
      amount: Amount(minor: minor, currency: currency),
      billing: Amount(minor: billed, currency: billedIn),
      category: category,
      merchant: merchant,
      occurredAt: instant,
      eventDate: day
    )
  }

  private func add(
    _ billed: Int64,
    _ currency: Currency,
    debit: Bool,
    into summary: inout FeedSummary
  ) throws(MoneyOverflow) {
    summary.totals[currency, default: FeedTotal()].records += 1
    if debit {
      let sum = try checkedSum(summary.totals[currency]?.debit ?? 0, billed)
      summary.totals[currency]?.debit = sum
    } else {
      let sum = try checkedSum(summary.totals[currency]?.credit ?? 0, billed)
      summary.totals[currency]?.credit = sum
    }
  }

  private func flag(_ row: CSVRow) -> Bool? {
    guard let reversal else { return false }
    let field = row.fields[reversal]
    guard field.count == 1, field[0] == 0x30 || field[0] == 0x31 else { return nil }
    return field[0] == 0x31
  }

  private func id(_ row: CSVRow, _ index: Int, _ code: ErrorCode) throws -> ShortID {
    let field = row.fields[index]
    guard !field.isEmpty, field.allSatisfy(isIDByte), let id = ShortID(field) else {
      throw FieldFault(index, code, "is not an id of 1 to 40 characters A-Z a-z 0-9 . _ -")
    }
    return id
  }
}

/// A field that cannot be read.
private struct FieldFault: Error {
  let column: Int
  let code: ErrorCode
  let why: String

  init(_ column: Int, _ code: ErrorCode, _ why: String) {
    self.column = column
    self.code = code
    self.why = why
  }
}

/// Digits only, at most 18, no leading zero.
func amountMinor(_ field: UnsafeRawBufferPointer) -> Int64? {
  guard (1...18).contains(field.count), field.count == 1 || field[0] != 0x30 else { return nil }
  var value: Int64 = 0
  for byte in field {
    guard (0x30...0x39).contains(byte) else { return nil }
    value = value * 10 + Int64(byte - 0x30)
  }
  return value
}

private func recordType(_ field: UnsafeRawBufferPointer) -> RecordType? {
  if field.elementsEqual("purchase".utf8) { return .purchase }
  return field.elementsEqual("refund".utf8) ? .refund : nil
}

private func categoryCode(_ field: UnsafeRawBufferPointer) -> Int16? {
  guard field.count == 4 else { return nil }
  var value: Int16 = 0
  for byte in field {
    guard (0x30...0x39).contains(byte) else { return nil }
    value = value * 10 + Int16(byte - 0x30)
  }
  return value
}
