import Ledger
import Postgres

extension Books {
  /// Every entry sums to zero in each commodity.
  func checkEntries(_ report: inout LedgerCheckReport) throws {
    report.entries = try connection.run("SELECT count(*) FROM entry").first?.int(0) ?? 0
    let rows = try connection.run(
      """
      SELECT e.batch_id, p.entry_id, p.commodity, sum(p.amount)
        FROM posting p JOIN entry e ON e.id = p.entry_id
       GROUP BY e.batch_id, p.entry_id, p.commodity HAVING sum(p.amount) <> 0 LIMIT 100
      """
    )
    for row in rows {
      try report.tell(
        "entries balance",
        "batch \(row.int(0)) entry \(row.int(1))",
        "\(row.string(2)) sums to \(row.string(3))"
      )
    }
  }

  /// The clearing account of each partner against the closing of its last statement and what the
  /// bank moved since.
  func checkClearing(_ report: inout LedgerCheckReport) throws {
    for row in try connection.run("SELECT id, code FROM partner ORDER BY code") {
      let partner = try row.int16(0)
      guard let last = try lastStatement(partner: partner) else { continue }
      let balance = try balance(
        accounts: ["2490"],
        commodity: last.currency,
        partner: partner
      )
      let since = try paid(
        partner: partner,
        currency: last.currency,
        after: last.cutSeal,
        cut: .max
      )
      if -balance != last.closing - since {
        try report.tell(
          "2490 = statements",
          "account 2490 \(row.string(1))",
          "balance \(-balance), statement and bank give \(last.closing - since)"
        )
      }
    }
  }
}
