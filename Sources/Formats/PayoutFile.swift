package import Civil
package import Ledger

/// A credit to a card account (formats §7.1).
package struct PayoutLine: Sendable {
  package let id: String
  package let token: String
  package let amount: Amount

  package init(id: String, token: String, amount: Amount) {
    self.id = id
    self.token = token
    self.amount = amount
  }
}

/// The bank's file of cashback credits to its card system.
package struct PayoutFile: Sendable {
  package let sender: String
  package let number: String
  package let sequence: Int64
  package let payDate: CivilDate
  package let lines: [PayoutLine]

  package init(
    sender: String,
    number: String,
    sequence: Int64,
    payDate: CivilDate,
    lines: [PayoutLine]
  ) {
    self.sender = sender
    self.number = number
    self.sequence = sequence
    self.payDate = payDate
    self.lines = lines
  }

  /// The file's bytes: a line for each credit, a total for each currency.
  package func bytes(digest: ([UInt8]) -> String) throws(MoneyOverflow) -> [UInt8] {
    var writer = RecordFileWriter()
    writer.add(
      "H",
      [
        "kvitt-payout", "1", "live", sender, "CARDSYS", number, String(sequence), "\(payDate)",
        // From the business date and never from a clock: the same file has the same bytes.
        "\(payDate)T21:00:00Z",
      ]
    )
    for (index, line) in lines.enumerated() {
      writer.add(
        "D",
        [
          String(index + 1), line.id, line.token, String(line.amount.minor),
          line.amount.currency.code, "CB",
        ]
      )
    }
    for currency in Set(lines.map(\.amount.currency)).sorted(by: { $0.code < $1.code }) {
      let mine = lines.filter { $0.amount.currency == currency }
      var sum: Int64 = 0
      for line in mine { sum = try checkedSum(sum, line.amount.minor) }
      writer.add("S", [currency.code, String(mine.count), String(sum)])
    }
    return writer.finish(details: ["D"], digest: digest)
  }
}

/// What the card system did with a credit.
package struct PayoutAnswerLine: Sendable {
  package let id: String
  package let isPaid: Bool
  package let paidMinor: Int64
  package let reason: String
  package let cardRef: String
}

/// The card system's answer to a pay-out file.
package struct PayoutAnswer: Sendable {
  package let sender: String
  package let receiver: String
  package let environment: String
  package let number: String
  package let sequence: Int64
  /// The file that is answered, and its digest.
  package let answered: String
  package let answeredDigest: String
  package let lines: [PayoutAnswerLine]
  /// What the totals say was asked, by status and currency.
  package let asked: [(status: String, currency: String, lines: Int64, minor: Int64)]

  /// Reads an answer; its lines are compared with the file by whoever takes it.
  package init(
    bytes: [UInt8],
    name: String,
    digest: ([UInt8]) -> String
  ) throws(Refusal) {
    let file = try RecordFile(
      bytes: bytes,
      name: name,
      format: "kvitt-payout-answer",
      details: ["R"],
      digest: digest
    )
    let head = try file.fields(file.lines[0], count: 10)
    environment = head.text(2)
    sender = try head.id(3)
    receiver = try head.id(4)
    number = try head.id(5)
    sequence = try head.number(6)
    answered = try head.id(7)
    answeredDigest = head.text(8)
    var lines: [PayoutAnswerLine] = []
    for record in file.records("R") {
      lines.append(try PayoutAnswerLine(file.fields(record, count: 6)))
    }
    self.lines = lines
    var asked: [(status: String, currency: String, lines: Int64, minor: Int64)] = []
    for record in file.records("S") {
      let reader = try file.fields(record, count: 4)
      asked.append((reader.text(0), reader.text(1), try reader.number(2), try reader.number(3)))
    }
    self.asked = asked
  }
}

extension PayoutAnswerLine {
  fileprivate init(_ reader: FieldReader) throws(Refusal) {
    id = try reader.id(1)
    guard ["A", "X"].contains(reader.text(2)) else { throw reader.bad(2, "neither A nor X") }
    isPaid = reader.text(2) == "A"
    paidMinor = try reader.number(3)
    reason = reader.text(4).isEmpty ? "" : try reader.id(4)
    cardRef = reader.text(5).isEmpty ? "" : try reader.id(5)
    guard isPaid == reason.isEmpty else {
      throw reader.bad(4, "a reason goes with X, and with X alone")
    }
  }
}
