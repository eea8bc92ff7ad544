package import Civil
package import Ledger

/// One line of a basket: goods by code, and what was paid for them.
package struct BasketLine: Sendable, Hashable {
  /// Line of the file, from 1.
  package let line: Int
  package let item: String
  package let category: String
  /// Minor units of the basket's currency.
  package let amountMinor: Int64
}

/// What one purchase at a till consisted of.
package struct Basket: Sendable {
  /// Line of the file, from 1.
  package let line: Int
  package let reference: String
  package let token: String
  package let merchant: String
  /// The day on the till's clock.
  package let date: CivilDate
  /// What the card paid, in minor units.
  package let amountMinor: Int64
  package let currency: Currency
  package fileprivate(set) var lines: [BasketLine] = []
}

/// A retailer's daily file of baskets: `H` and `T` as in every partner file, `D` for a basket (basket_ref;
/// card_token; merchant_id; local date; amount_minor; currency), each followed by its `I` lines
/// (basket_ref; item; category; amount_minor), and an `S` by currency (baskets; lines; amount_minor).
package struct BasketFile: Sendable {
  package let environment: String
  package let sender: String
  package let number: String
  package let sequence: Int
  package let baskets: [Basket]

  /// Reads and checks a file: envelope, digest, and that lines are no more than their basket.
  package init(bytes: [UInt8], name: String, digest: ([UInt8]) -> String) throws(Refusal) {
    let file = try RecordFile(
      bytes: bytes,
      name: name,
      format: "kvitt-basket",
      details: ["D", "I"],
      digest: digest
    )
    let head = try file.head()
    (environment, sender) = (head.environment, head.sender)
    (number, sequence) = (head.number, head.sequence)
    var baskets: [Basket] = []
    var left: Int64 = 0
    for line in file.lines {
      switch line.letter {
      case "D":
        baskets.append(try Basket(file.fields(line, count: 6)))
        left = baskets.last?.amountMinor ?? 0
      case "I":
        let reader = try file.fields(line, count: 4)
        guard let last = baskets.indices.last,
          maskedID(reader.text(0)) == baskets[last].reference
        else {
          throw reader.bad(0, "is not the basket before it")
        }
        let goods = BasketLine(
          line: line.number,
          item: try BasketFile.code(1, reader),
          category: try BasketFile.code(2, reader),
          amountMinor: try reader.number(3)
        )
        left -= goods.amountMinor
        guard left >= 0 else { throw reader.bad(3, "the lines are more than the basket") }
        baskets[last].lines.append(goods)
      default: continue
      }
    }
    self.baskets = baskets
    try check(file)
  }

  /// A code of goods: of the lengths of article numbers (GTIN) its digits are one, which has a check digit of
  /// its own.
  private static func code(_ index: Int, _ reader: FieldReader) throws(Refusal) -> String {
    let text = try reader.plainID(index)
    let isArticle = [13, 14].contains(text.utf8.count) && text.utf8.allSatisfy { $0 &- 0x30 < 10 }
    return isArticle ? text : maskedID(text)
  }

  private func check(_ file: RecordFile) throws(Refusal) {
    let ours = try BasketFile.totals(baskets, in: file.name)
    let stated = file.records("S").map(\.fields)
    guard Set(stated) == Set(ours), stated.count == ours.count else {
      throw Refusal(
        .totalsDiffer,
        "the S records differ from the lines",
        at: Place(file: file.name)
      )
    }
  }

  /// The fields of the `S` records.
  private static func totals(
    _ baskets: [Basket],
    in name: String
  ) throws(Refusal) -> [[String]] {
    var totals: [[String]] = []
    for currency in Set(baskets.map(\.currency.code)).sorted() {
      let mine = baskets.filter { $0.currency.code == currency }
      var sum: Int64 = 0
      for basket in mine {
        let (next, over) = sum.addingReportingOverflow(basket.amountMinor)
        guard !over else {
          throw Refusal(.badAmount, "the sum leaves 64 bits", at: Place(file: name))
        }
        sum = next
      }
      let lines = mine.map(\.lines.count).reduce(0, +)
      totals.append([currency, "\(mine.count)", "\(lines)", "\(sum)"])
    }
    return totals
  }
}

extension Basket {
  fileprivate init(_ reader: FieldReader) throws(Refusal) {
    line = reader.line.number
    reference = try reader.maskedID(0)
    token = try reader.maskedID(1)
    merchant = try reader.maskedID(2)
    guard let date = CivilDate(reader.text(3)) else { throw reader.bad(3, "no day") }
    self.date = date
    amountMinor = try reader.number(4)
    guard amountMinor > 0 else { throw reader.bad(4, "is nothing") }
    guard let currency = Currency(code: reader.text(5).utf8) else {
      throw reader.bad(5, "no currency")
    }
    self.currency = currency
  }
}
