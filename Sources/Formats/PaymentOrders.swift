package import Civil
package import Ledger

/// A payment that the bank shall make.
package struct PaymentOrder: Sendable, Equatable {
  package var id: String
  package var creditor: String
  package var account: String
  package var amount: Amount
  package var payOn: CivilDate
  /// RF creditor reference: the statement's.
  package var reference: String

  package init(
    id: String,
    creditor: String,
    account: String,
    amount: Amount,
    payOn: CivilDate,
    reference: String
  ) {
    self.id = id
    self.creditor = creditor
    self.account = account
    self.amount = amount
    self.payOn = payOn
    self.reference = reference
  }
}

/// The payment orders of one settlement, as a file for the bank.
package struct PaymentOrders: Sendable {
  package var sender: String
  package var date: CivilDate
  package var orders: [PaymentOrder]

  package init(sender: String, date: CivilDate, orders: [PaymentOrder]) {
    self.sender = sender
    self.date = date
    self.orders = orders
  }

  /// Reads an order file.
  package init(
    bytes: [UInt8],
    name: String,
    digest: ([UInt8]) -> String
  ) throws(Refusal) {
    let file = try RecordFile(
      bytes: bytes,
      name: name,
      format: "kvitt-orders",
      details: ["D"],
      digest: digest
    )
    let head = try file.fields(file.lines[0], count: 4)
    guard let date = CivilDate(head.text(3)) else { throw head.bad(3, "no date") }
    self.init(sender: try head.id(2), date: date, orders: [])
    for line in file.records("D") {
      let reader = try file.fields(line, count: 8)
      guard let currency = Currency(code: reader.text(5).utf8), let day = CivilDate(reader.text(6))
      else { throw reader.bad(5, "no currency or date") }
      orders.append(
        PaymentOrder(
          id: try reader.id(1),
          creditor: try reader.id(2),
          account: try reader.id(3),
          amount: Amount(minor: try reader.number(4), currency: currency),
          payOn: day,
          reference: try reader.id(7)
        )
      )
    }
  }

  /// The file's bytes.
  package func bytes(digest: ([UInt8]) -> String) -> [UInt8] {
    var writer = RecordFileWriter()
    writer.add("H", ["kvitt-orders", "1", sender, "\(date)"])
    for (index, order) in orders.enumerated() {
      writer.add(
        "D",
        [
          String(index + 1), order.id, order.creditor, order.account,
          String(order.amount.minor), order.amount.currency.code, "\(order.payOn)",
          order.reference,
        ]
      )
    }
    return writer.finish(details: ["D"], digest: digest)
  }
}

/// An ISO 11649 creditor reference over capital letters and digits; others are left out.
package func creditorReference(_ text: String) -> String {
  let body = text.uppercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
  let remainder = mod97(body + "RF00")
  let check = 98 - remainder
  return "RF" + (check < 10 ? "0" : "") + String(check) + body
}

/// ISO 7064 mod 97 over digits and letters (A = 10 … Z = 35).
package func mod97(_ text: String) -> Int {
  text.utf8.reduce(0) { rest, byte in
    let value = byte <= 0x39 ? Int(byte) - 0x30 : Int(byte) - 0x37
    return (rest * (value > 9 ? 100 : 10) + value) % 97
  }
}
