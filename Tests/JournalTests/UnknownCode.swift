import Civil
import Journal
import Postgres
import Rewards
import Settlement
import Testing

/// A column of codes, what puts a code into it that kvitt does not know, and who reads it.
struct UnknownCode: Sendable {
  /// `table.column`.
  let column: String
  /// SQL; the column of all rows is overwritten where it is empty.
  let sql: String
  let read: @Sendable (Books, Connection) throws -> Void

  private init(
    _ column: String,
    _ sql: String = "",
    _ read: @escaping @Sendable (Books, Connection) throws -> Void
  ) {
    (self.column, self.sql, self.read) = (column, sql, read)
  }

  /// Takes away what keeps such codes out.
  static func lift(_ admin: Connection) throws {
    try admin.run("SET session_replication_role = replica")
    // Twice: what a partition inherits goes with its parent's, what is its own then stands alone.
    for _ in 0..<2 {
      try admin.run(
        """
        DO $$ DECLARE c record; BEGIN
          FOR c IN SELECT conrelid::regclass AS t, conname FROM pg_constraint
                    WHERE connamespace = 'kvitt'::regnamespace AND contype IN ('c', 'f', 'u')
                      AND conislocal AND coninhcount = 0 LOOP
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I CASCADE', c.t, c.conname);
          END LOOP;
        END $$
        """
      )
    }
  }

  /// Changes a table past its own checks, which stand afterwards as if they had let it through.
  static func smuggle(_ sql: String, _ admin: Connection) throws {
    let table = try #require(sql.split(separator: " ").first { $0.hasPrefix("kvitt.") })
    let checks = try admin.run(
      """
      SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
       WHERE conrelid = \(String(table))::regclass AND contype = 'c' AND conislocal
      """
    ).map { (name: try $0.string(0), definition: try $0.string(1)) }
    for check in checks {
      try admin.run(Query(trusted: "ALTER TABLE \(table) DROP CONSTRAINT \(check.name)"))
    }
    try admin.run("SET session_replication_role = replica")
    try admin.run(Query(trusted: sql))
    for check in checks {
      try admin.run(
        Query(
          trusted:
            "ALTER TABLE \(table) ADD CONSTRAINT \(check.name) \(check.definition) NOT VALID"
        )
      )
    }
    try admin.run("UPDATE pg_constraint SET convalidated = true WHERE NOT convalidated")
  }

  /// Puts the code into the column.
  func plant(_ admin: Connection) throws {
    let parts = column.split(separator: ".").map(String.init)
    let type =
      try admin.run(
        """
        SELECT data_type FROM information_schema.columns
         WHERE table_schema = 'kvitt' AND table_name = \(parts[0]) AND column_name = \(parts[1])
        """
      ).first?.string(0)
    let value = type == "text" ? "'unheard-of'" : "30000"
    if !sql.isEmpty { try admin.run(Query(trusted: sql)) }
    try admin.run(Query(trusted: "UPDATE kvitt.\(parts[0]) SET \(parts[1]) = \(value)"))
  }

  private static func numbers(_ admin: Connection, _ sql: String) throws -> [Int64] {
    try admin.run(Query(trusted: sql)).map { try $0.int(0) }
  }

  private static func settled(_ books: Books, _ admin: Connection) throws {
    let rows = try admin.run(
      "SELECT partner, batch_id, settlement_date::text FROM kvitt.slice ORDER BY 1, 2, 3"
    ).map { try (partner: $0.int16(0), slice: (batch: $0.int(1), date: $0.string(2))) }
    for (partner, slices) in Dictionary(grouping: rows, by: \.partner) {
      _ = try books.settledSums(partner: partner, slices: slices.map(\.slice))
    }
  }

  private static func purchases(_ books: Books, _ admin: Connection) throws {
    let ids = try numbers(admin, "SELECT batch_id << 32 | seq FROM kvitt.purchase")
    _ = try books.purchases(ids)
  }

  private static func links(_ books: Books, _ admin: Connection) throws {
    let ids = try numbers(
      admin,
      """
      SELECT p.batch_id << 32 | p.seq FROM kvitt.purchase p
        JOIN kvitt.record_link l ON l.original = p.identity
      """
    )
    _ = try books.links(of: books.purchases(ids).map(\.identity))
  }

  private static func explained(_ books: Books, _ admin: Connection) throws {
    let sql = "SELECT purchase_id FROM kvitt.reward WHERE purchase_id <> 0 LIMIT 1"
    for id in try numbers(admin, sql) {
      _ = try books.explainRecords(reference: nil, id: id)
      _ = try books.explainRewards(purchase: id, row: nil)
    }
  }

  private static func statements(_ books: Books, _ admin: Connection) throws {
    let rendering = StatementRendering(books: books, directory: try books.directory())
    for stored in try books.statements() { _ = try rendering.statement(stored) }
  }

  /// All columns of codes that kvitt reads.
  static let all: [UnknownCode] = [
    UnknownCode("account.kind") { books, _ in try books.exportJournal(.hledger) { _ in } },
    UnknownCode(
      "adjustment.kind",
      """
      INSERT INTO kvitt.adjustment (key, kind, member_id, unit, quantity, reason, evidence)
      VALUES ('A', '', 1, 1, 1, 'why', 'where');
      INSERT INTO kvitt.adjustment_decision (key, proposed_by) VALUES ('A', 'bo')
      """
    ) { books, _ in _ = try books.decidedAdjustments() },
    UnknownCode("bank_statement.currency") { books, _ in _ = try books.bankAccounts() },
    UnknownCode("batch.kind") { books, _ in _ = try books.check() },
    UnknownCode("break_event.state") { books, _ in _ = try books.breaks(openOnly: true) },
    UnknownCode("break_item.currency") { books, _ in _ = try books.breaks(openOnly: true) },
    UnknownCode("document.series", "", statements),
    UnknownCode(
      "leaf_total.currency",
      "ALTER TABLE kvitt.leaf_total DROP CONSTRAINT leaf_total_pkey",
      settled
    ),
    UnknownCode(
      "leaf_total.flow",
      """
      UPDATE kvitt.flow SET id = 30000 WHERE id = (
        SELECT t.flow FROM kvitt.leaf_total t JOIN kvitt.flow k ON k.id = t.flow
         WHERE k.line_measure IS NOT NULL LIMIT 1);
      ALTER TABLE kvitt.leaf_total DROP CONSTRAINT leaf_total_pkey
      """,
      settled
    ),
    UnknownCode(
      "member_search.kind",
      "INSERT INTO kvitt.member_search (kind, reason) VALUES ('', 'test')"
    ) { books, _ in _ = try books.searches() },
    UnknownCode(
      "import.kind",
      "INSERT INTO kvitt.import (kind, digest, round, name, rows) VALUES ('', sha256('x'), 1, 'x', 1)"
    ) { books, _ in _ = try books.imports() },
    UnknownCode(
      "member_fact.kind",
      """
      INSERT INTO kvitt.member_fact (member_id, kind, value, valid_from, source)
      VALUES (1, '', 'V', '2026-09-01', 'test')
      """
    ) { books, _ in _ = try books.memberStandings() },
    UnknownCode(
      "partner_opening.currency",
      "INSERT INTO kvitt.partner_opening VALUES (99, '', 1, 0, '2026-09-01', 1)"
    ) { books, _ in _ = try books.lastStatement(partner: 99) },
    UnknownCode(
      "payment_order.currency",
      """
      INSERT INTO kvitt.payment_order
      SELECT 'P', min(id), 1, '', 1, '2026-09-01', 'A', 'R' FROM kvitt.statement
      """
    ) { books, _ in _ = try books.paymentOrders() },
    UnknownCode(
      "payout.currency",
      """
      INSERT INTO kvitt.payout_file VALUES (1, 'N', 1, '2026-09-01', sha256(''), '');
      INSERT INTO kvitt.payout VALUES ('P', 1, NULL, 1, 1, '', 1, 1, 'c')
      """
    ) { books, _ in
      _ = try books.payouts(file: 1)
      _ = try books.payoutTotals()
    },
    UnknownCode(
      "prepurchase.currency",
      """
      INSERT INTO kvitt.prepurchase (key, partner, unit, currency, quantity, price, cost_minor,
        usable_from, reason, evidence) VALUES ('K', 1, 1, 1, 1, 1, 1, '2026-09-01', 'why', 'where')
      """
    ) { books, _ in
      _ = try books.prepaidLots(on: CivilDate(days: 20_700))
    },
    UnknownCode("purchase.billing_currency", "", explained),
    UnknownCode("purchase.channel", "", purchases),
    UnknownCode("purchase.currency", "", purchases),
    UnknownCode("purchase.reversal", "", purchases),
    UnknownCode("purchase.type", "", purchases),
    UnknownCode("record_link.currency", "", links),
    UnknownCode("record_link.reversal", "", links),
    UnknownCode("record_link.type", "", links),
    UnknownCode("reward.currency", "", explained),
    UnknownCode("reward.flow") { books, admin in
      let members = try numbers(admin, "SELECT id FROM kvitt.member")
      _ = try books.rewards(ofMembers: members)
    },
    UnknownCode("standing.currency") { books, _ in _ = try books.standings() },
    UnknownCode("statement.currency") { books, _ in _ = try books.statements() },
    UnknownCode("statement_line.direction", "", statements),
    UnknownCode("statement_line.section", "", statements),
    UnknownCode("flow.line_direction", "", settled),
    UnknownCode("flow.line_measure", "", settled),
    UnknownCode("terms.kind") { books, _ in _ = try books.storedTerms() },
    UnknownCode("till_use.action") { books, admin in
      for row in try admin.run("SELECT DISTINCT partner, till_ref FROM kvitt.till_use") {
        _ = try books.tillUses(partner: row.int16(0), refs: [row.string(1)])
      }
    },
    UnknownCode("unit.currency") { books, _ in _ = try books.directory() },
    UnknownCode("unit.kind") { books, _ in _ = try books.directory() },
  ]
}
