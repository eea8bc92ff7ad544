package import Civil
package import Ledger

/// What a line of the bank's statement reports.
package enum BankLineKind: String, Sendable {
  /// Our payment order, executed.
  case payment
  /// Money that came in.
  case receipt
  /// A payment of ours that came back.
  case `return`
  /// A charge of the bank.
  case fee
}

/// A booked line of the bank's statement.
package struct BankLine: Sendable {
  /// The bank's own reference.
  package var bankRef: String
  package var kind: BankLineKind
  /// Signed minor units, positive is money in.
  package var signedMinor: Int64
  /// RF reference or end-to-end id; may be empty.
  package var reference: String
  package var text: String

  package init(
    bankRef: String,
    kind: BankLineKind,
    signedMinor: Int64,
    reference: String,
    text: String
  ) {
    self.bankRef = bankRef
    self.kind = kind
    self.signedMinor = signedMinor
    self.reference = reference
    self.text = text
  }
}

/// The bank's statement of the settlement account, in kvitt's simple layout of one day:
/// `H`, `D` per booked line, `B` opening and closing, `T`.
package struct BankStatement: Sendable {
  package var sender: String
  package var receiver: String
  package var account: String
  package var sequence: Int
  package var date: CivilDate
  package var currency: Currency
  /// Signed balances, positive is ours.
  package var opening: Int64
  package var closing: Int64
  package var lines: [BankLine]

  package init(
    sender: String,
    receiver: String,
    account: String,
    sequence: Int,
    date: CivilDate,
    currency: Currency,
    opening: Int64,
    closing: Int64,
    lines: [BankLine]
  ) {
    self.sender = sender
    self.receiver = receiver
    self.account = keptAccount(account)
    self.sequence = sequence
    self.date = date
    self.currency = currency
    self.opening = opening
    self.closing = closing
    self.lines = lines
  }

  /// Reads a bank statement; opening plus lines must give closing.
  package init(
    bytes: [UInt8],
    name: String,
    digest: ([UInt8]) -> String
  ) throws(Refusal) {
    let file = try RecordFile(
      bytes: bytes,
      name: name,
      format: "kvitt-bank",
      details: ["D"],
      digest: digest
    )
    let head = try file.fields(file.lines[0], count: 8)
    guard let sequence = Int(head.text(5)), let date = CivilDate(head.text(6)),
      let currency = Currency(code: head.text(7).utf8)
    else { throw head.bad(5, "no sequence, date or currency") }
    var balances: [String: Int64] = [:]
    for line in file.records("B") {
      let reader = try file.fields(line, count: 3)
      balances[reader.text(0)] = try BankStatement.signed(reader, 1)
    }
    guard let opening = balances["opening"], let closing = balances["closing"] else {
      throw Refusal(.badRecord, "opening or closing balance is missing", at: Place(file: name))
    }
    self.init(
      sender: try head.id(2),
      receiver: try head.id(3),
      account: try head.plainID(4),
      sequence: sequence,
      date: date,
      currency: currency,
      opening: opening,
      closing: closing,
      lines: []
    )
    for line in file.records("D") {
      let reader = try file.fields(line, count: 7)
      lines.append(
        BankLine(
          bankRef: bankReference(try reader.plainID(1)) ?? "\(sequence)-\(lines.count + 1)",
          kind: try reader.choice(2, BankLineKind.self),
          signedMinor: try BankStatement.signed(reader, 3),
          reference: reader.note(5),
          text: reader.note(6)
        )
      )
    }
    guard opening + lines.map(\.signedMinor).reduce(0, +) == closing else {
      throw Refusal(
        .bankGap,
        "opening plus lines does not give closing",
        at: Place(file: name)
      )
    }
  }

  private static func signed(_ reader: FieldReader, _ index: Int) throws(Refusal) -> Int64 {
    let value = try reader.number(index)
    switch reader.text(index + 1) {
    case "in": return value
    case "out": return -value
    default: throw reader.bad(index + 1, "neither in nor out")
    }
  }

  /// The file's bytes.
  package func bytes(digest: ([UInt8]) -> String) -> [UInt8] {
    let money = { (value: Int64) in [String(value.magnitude), value < 0 ? "out" : "in"] }
    var writer = RecordFileWriter()
    writer.add(
      "H",
      ["kvitt-bank", "1", sender, receiver, account, String(sequence), "\(date)", currency.code]
    )
    for (index, line) in lines.enumerated() {
      writer.add(
        "D",
        [String(index + 1), line.bankRef, line.kind.rawValue] + money(line.signedMinor)
          + [line.reference, line.text]
      )
    }
    writer.add("B", ["opening"] + money(opening))
    writer.add("B", ["closing"] + money(closing))
    return writer.finish(details: ["D"], digest: digest)
  }
}

/// A bank's reference of a line, nil where it is no id or reads as a card number.
///
/// Banks number lines with long numbers, of which some read as one. The money is booked all the same: the line
/// is then known by its place in the statement, which is the same whenever the file is read.
func bankReference(_ text: String) -> String? {
  isID(text) && !holdsCardNumber(text) ? text : nil
}

/// A bank's id of a statement as the beginning of ids of ours.
func statementReference(_ text: String) -> String {
  maskedID(String(decoding: text.utf8.map { isIDByte($0) ? $0 : 0x2D }, as: UTF8.self))
}
