import Ledger
import Postgres

/// A plain-text journal that other tools check.
package enum JournalFormat: String, Sendable, CaseIterable {
  case beancount, hledger
}

extension Books {
  /// Writes every entry as a plain-text journal, line by line, with the same balances.
  package func exportJournal(_ format: JournalFormat, _ write: (String) throws -> Void) throws {
    let exponents = try commodityExponents()
    try write(
      format == .beancount
        ? "option \"title\" \"kvitt\"\n" : "; kvitt journal; decimal-mark .\n"
    )
    let accounts = try connection.run(
      "SELECT DISTINCT account, kind FROM posting JOIN account a ON a.code = account ORDER BY 1"
    )
    for row in accounts {
      let name = try accountName(row.string(0), row.known(1))
      try write(
        format == .beancount ? "1970-01-01 open \(name)\n" : "account \(name)\n"
      )
    }
    var current: Int64?
    let rows = try connection.run(
      """
      SELECT e.id, e.booking_date::text, e.code, e.text, p.account, a.kind, p.commodity, p.amount
        FROM entry e JOIN posting p ON p.entry_id = e.id JOIN account a ON a.code = p.account
       ORDER BY e.booking_date, e.id, p.leg
      """
    )
    for row in rows {
      if try row.int(0) != current {
        current = try row.int(0)
        let text = try row.string(3).replacing("\"", with: "'")
        try write(
          format == .beancount
            ? "\n\(row.string(1)) * \"\(row.string(2))\" \"\(text)\"\n"
            : "\n\(row.string(1)) * (J-\(row.int(0))) \(row.string(2)) \(text)\n"
        )
      }
      let commodity = try row.string(6)
      guard let exponent = exponents[commodity] else {
        throw row.unreadable(6, "a currency or a unit")
      }
      let amount = decimalText(try row.int(7), exponent: exponent)
      let name = commodityName(commodity, format)
      try write("  \(accountName(row.string(4), row.known(5)))  \(amount) \(name)\n")
    }
  }

  private func commodityExponents() throws -> [String: Int] {
    var out: [String: Int] = [:]
    for row in try connection.run(
      """
      SELECT code, exponent FROM currency UNION ALL
      SELECT u.code, CASE WHEN u.kind IN ('miles', 'points') THEN 0 ELSE c.exponent END
        FROM unit u JOIN currency c ON c.id = u.currency
      """
    ) {
      out[try row.string(0)] = Int(try row.int(1))
    }
    return out
  }

  private func accountName(_ code: String, _ kind: Account.Kind) -> String {
    let root =
      switch kind {
      case .asset: "Assets"
      case .liability: "Liabilities"
      case .income: "Income"
      case .expense: "Expenses"
      case .unit: "Equity:Units"
      }
    let leaf = code.hasPrefix("unit.") ? code.dropFirst(5).capitalizedFirst : "A" + code
    return "\(root):\(leaf)"
  }

  /// beancount wants capital letters, digits and `.`; hledger wants quotes around digits and dots.
  private func commodityName(_ code: String, _ format: JournalFormat) -> String {
    format == .beancount || code.allSatisfy(\.isLetter) ? code : "\"\(code)\""
  }
}

extension Substring {
  fileprivate var capitalizedFirst: String {
    prefix(1).uppercased() + dropFirst()
  }
}
