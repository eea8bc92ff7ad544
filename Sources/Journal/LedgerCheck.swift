import Crypto
import Ledger
import Postgres

/// A defect that `ledger check` found, with its place.
package struct LedgerFault: Sendable, Equatable {
  /// Which proof failed.
  package let check: String
  /// Leaf, block, entry or account.
  package let place: String
  package let detail: String

  package init(check: String, place: String, detail: String) {
    self.check = check
    self.place = place
    self.detail = detail
  }
}

/// What `ledger check` looked at.
package struct LedgerCheckReport: Sendable {
  package var faults: [LedgerFault] = []
  package var batches = 0
  package var rows: Int64 = 0
  package var blocks = 0
  package var entries: Int64 = 0
  package var seal: Int64 = 0
}

extension Books {
  /// Proves the books from their rows: entries balance per commodity, control accounts equal the
  /// member rows, blocks, roots and seals are unbroken, clearing equals the statements.
  package func check() throws -> LedgerCheckReport {
    try reading {
      var report = LedgerCheckReport()
      try checkEntries(&report)
      try checkControl(&report)
      try checkSeals(&report)
      try checkClearing(&report)
      try checkMonthSums(&report)
      try checkDebts(&report)
      try checkLots(&report)
      try checkMoves(&report)
      try checkPrepaid(&report)
      for place in try differingBudgets() {
        report.faults.append(
          LedgerFault(
            check: "budgets",
            place: place,
            detail: "what is used is not what the rows say"
          )
        )
      }
      return report
    }
  }

  /// Nothing is taken from a lot but what it holds, and what is used up has no cost left: no account tells it,
  /// since all lots of a kind stand on one (D2).
  private func checkLots(_ report: inout LedgerCheckReport) throws {
    let rows = try connection.run(
      """
      WITH moved AS (
        SELECT r.lot_id, sum(t.lot_sign * r.quantity) AS quantity,
               sum(t.lot_sign * r.cost_minor) AS cost
          FROM reward r JOIN flow t ON t.id = r.flow
         WHERE t.lot_sign <> 0 GROUP BY r.lot_id
      )
      SELECT m.lot_id, l.quantity + m.quantity, l.cost_minor + m.cost
        FROM moved m JOIN reward l ON l.batch_id = m.lot_id >> 32
         AND l.seq = (m.lot_id & 4294967295)
       WHERE l.quantity + m.quantity < 0 OR l.cost_minor + m.cost < 0
          OR l.quantity + m.quantity = 0 AND l.cost_minor + m.cost <> 0
       ORDER BY m.lot_id LIMIT 100
      """
    )
    for row in rows {
      report.faults.append(
        try LedgerFault(
          check: "lots",
          place: "lot L-\(row.int(0) >> 32)-\(row.int(0) & 0xFFFF_FFFF)",
          detail: "\(row.string(1)) left of it, at a cost of \(row.string(2))"
        )
      )
    }
  }

  /// Lots and debts that changed hands, or became others, with all that they cost: no account tells it,
  /// since no money moves (T1, T2).
  private func checkMoves(_ report: inout LedgerCheckReport) throws {
    let given: [Flow] = [.handOver, .handOverDebt]
    let rows = try connection.run(
      """
      SELECT batch_id, sum(CASE WHEN flow IN (\(flows: given)) THEN cost_minor ELSE -cost_minor END)
        FROM leaf_total WHERE flow IN (\(flows: given + [.receive, .receiveDebt]))
       GROUP BY batch_id, programme, currency, flow IN (\(flows: [.handOver, .receive]))
      HAVING sum(CASE WHEN flow IN (\(flows: given)) THEN cost_minor ELSE -cost_minor END) <> 0
       ORDER BY batch_id LIMIT 100
      """
    )
    for row in rows {
      report.faults.append(
        try LedgerFault(
          check: "moved lots and debts",
          place: "leaf \(row.int(0))",
          detail: "what was given cost \(row.string(1)) more than what was received"
        )
      )
    }
  }

  /// Nothing is drawn of miles bought ahead but what a line reserves (M10b, M11).
  private func checkPrepaid(_ report: inout LedgerCheckReport) throws {
    let draws: [Flow] = [.drawPrepaid, .returnPrepaid]
    let rows = try connection.run(
      """
      SELECT d.lot_id, d.drawn, coalesce(m.taken, 0)
        FROM (SELECT lot_id, sum(CASE flow WHEN \(flow: .drawPrepaid) THEN quantity
                                 ELSE -quantity END) AS drawn
                FROM reward WHERE flow IN (\(flows: draws)) AND batch_id IN (
                     SELECT batch_id FROM leaf_total WHERE flow IN (\(flows: draws)))
               GROUP BY lot_id) AS d
        LEFT JOIN (SELECT lot_id, sum(quantity) AS taken FROM prepaid_move GROUP BY lot_id) AS m
          USING (lot_id)
       WHERE d.drawn NOT BETWEEN 0 AND coalesce(m.taken, 0)
       ORDER BY d.lot_id LIMIT 100
      """
    )
    for row in rows {
      report.faults.append(
        try LedgerFault(
          check: "prepaid miles",
          place: "lot L-\(row.int(0) >> 32)-\(row.int(0) & 0xFFFF_FFFF)",
          detail: "drew \(row.string(1)) and reserved \(row.string(2))"
        )
      )
    }
  }

  private func checkEntries(_ report: inout LedgerCheckReport) throws {
    report.entries = try connection.run("SELECT count(*) FROM entry").first?.int(0) ?? 0
    let rows = try connection.run(
      """
      SELECT e.batch_id, p.entry_id, p.commodity, sum(p.amount)
        FROM posting p JOIN entry e ON e.id = p.entry_id
       GROUP BY e.batch_id, p.entry_id, p.commodity HAVING sum(p.amount) <> 0 LIMIT 100
      """
    )
    for row in rows {
      report.faults.append(
        try LedgerFault(
          check: "entries balance",
          place: "batch \(row.int(0)) entry \(row.int(1))",
          detail: "\(row.string(2)) sums to \(row.string(3))"
        )
      )
    }
  }

  /// Control postings of every leaf against the legs that its rows give.
  private func checkControl(_ report: inout LedgerCheckReport) throws {
    let rows = try connection.run(
      """
      WITH subledger AS (
        SELECT batch_id, account, commodity, partner, sum(amount) AS amount
          FROM member_posting GROUP BY batch_id, account, commodity, partner
         UNION ALL
        SELECT batch_id, leg.account, currency, partner, leg.sign * closing_minor
          FROM partner_opening, (VALUES ('3900', 1), ('2490', -1)) AS leg (account, sign)
      ), control AS (
        SELECT e.batch_id, p.account, p.commodity, p.partner, sum(p.amount) AS amount
          FROM posting p JOIN entry e ON e.id = p.entry_id JOIN batch b ON b.id = e.batch_id
         WHERE b.kind NOT IN ('settlement', 'bank', 'estimate', 'currency')
         GROUP BY e.batch_id, p.account, p.commodity, p.partner
      )
      SELECT batch_id, account, commodity, coalesce(s.amount, 0), coalesce(c.amount, 0)
        FROM subledger s FULL JOIN control c USING (batch_id, account, commodity, partner)
       WHERE coalesce(s.amount, 0) <> coalesce(c.amount, 0)
       ORDER BY batch_id, account LIMIT 100
      """
    )
    for row in rows {
      report.faults.append(
        try LedgerFault(
          check: "subledger = control",
          place: "leaf \(row.int(0)) account \(row.string(1))",
          detail: "\(row.string(2)): rows \(row.string(3)), account \(row.string(4))"
        )
      )
    }
  }

  private func checkSeals(_ report: inout LedgerCheckReport) throws {
    var previous = [UInt8](repeating: 0, count: 32)
    var number: Int64 = 0
    let seals = try connection.run(
      """
      SELECT s.batch_id, s.seal_no, s.purchases, s.rewards, s.root, s.previous, s.seal, b.kind
        FROM seal s JOIN batch b ON b.id = s.batch_id ORDER BY s.seal_no
      """
    )
    for row in seals {
      let batch = try row.int(0)
      let place = "leaf \(batch)"
      number += 1
      report.batches += 1
      if try row.int(1) != number {
        report.faults.append(
          LedgerFault(
            check: "seals unbroken",
            place: place,
            detail: "seal \(number) is missing"
          )
        )
        number = try row.int(1)
      }
      let digests = try checkBlocks(batch, kind: row.known(7), &report)
      if try merkleRoot(digests).bytes != row.bytes(4) {
        report.faults.append(
          LedgerFault(check: "root", place: place, detail: "its blocks give another root")
        )
      }
      if try row.bytes(5) != previous {
        report.faults.append(
          LedgerFault(
            check: "seals unbroken",
            place: place,
            detail: "does not follow the seal before it"
          )
        )
      }
      let text =
        try connection.run(
          "SELECT seal_text(\(batch)::bigint, \(bytes: row.bytes(5)), \(bytes: row.bytes(4)))"
        ).first?.string(0) ?? ""
      if try sha256(text).bytes != row.bytes(6) {
        report.faults.append(
          LedgerFault(
            check: "seal",
            place: place,
            detail: "entries or attachments are not those that were sealed"
          )
        )
      }
      previous = try row.bytes(6)
    }
    report.seal = number
    let book = try connection.run("SELECT seal_no, seal FROM book").first
    if try book?.int(0) != number || book?.bytes(1) != previous {
      report.faults.append(
        LedgerFault(
          check: "seals unbroken",
          place: "book",
          detail: "the newest seal is not the last one"
        )
      )
    }
  }

  /// Digests of a leaf's blocks, recomputed from the rows and compared with the stored ones.
  private func checkBlocks(
    _ batch: Int64,
    kind: BatchKind,
    _ report: inout LedgerCheckReport
  ) throws -> [Digest] {
    var digests: [Digest] = []
    for part in ["purchase", "reward"] {
      let stored = try connection.run(
        """
        SELECT digest FROM block WHERE batch_id = \(batch)::bigint AND part = \(part)
         ORDER BY block
        """
      ).map { try $0.bytes(0) }
      let hasLeaf =
        part == "purchase"
        ? kind == .feed : kind.hasRewards
      guard hasLeaf else { continue }
      let computed = try blockDigests(batch, part, &report.rows)
      report.blocks += computed.count
      for index in 0..<max(stored.count, computed.count) {
        let ours = index < computed.count ? computed[index].bytes : nil
        let kept = index < stored.count ? stored[index] : nil
        guard ours != kept else { continue }
        report.faults.append(
          LedgerFault(
            check: "block digest",
            place: "leaf \(batch) \(part) block \(index)",
            detail: "rows \(index * 1024 + 1) to \((index + 1) * 1024) are not those sealed"
          )
        )
      }
      digests += computed
    }
    return digests
  }

  /// Reads a leaf as binary COPY in `seq` order and digests blocks of 1,024 tuples.
  func blockDigests(_ batch: Int64, _ part: String, _ rows: inout Int64) throws -> [Digest] {
    var digests: [Digest] = []
    let hasher = Hasher256()
    var inBlock = 0
    var first = true
    var total: Int64 = 0
    let sql =
      "COPY (SELECT * FROM \(part) WHERE batch_id = \(batch) ORDER BY seq) TO STDOUT "
    try connection.copyOut(Query(trusted: sql + "(FORMAT binary)")) { bytes in
      // The first chunk begins with the file header of 19 bytes; the trailer is two bytes.
      let tuple = first ? UnsafeRawBufferPointer(rebasing: bytes.dropFirst(19)) : bytes
      first = false
      guard tuple.count > 2 else { return }
      hasher.update(tuple)
      total += 1
      inBlock += 1
      if inBlock == LeafEncoder.blockRows {
        digests.append(hasher.finish())
        inBlock = 0
      }
    }
    if inBlock > 0 { digests.append(hasher.finish()) }
    rows += total
    return digests
  }

  /// The newest stored sums of each month against the rows they were made of.
  private func checkDebts(_ report: inout LedgerCheckReport) throws {
    let places = try connection.run(
      """
      SELECT coalesce(d.member_id, r.member_id) FROM member_debt d
        FULL JOIN (SELECT r.member_id, r.unit, sum(t.debt_sign * r.quantity) AS quantity,
                          sum(t.debt_sign * r.cost_minor) AS cost
                     FROM reward r JOIN flow t ON t.id = r.flow
                    WHERE t.debt_sign <> 0 AND r.batch_id IN (
                          SELECT l.batch_id FROM leaf_total l JOIN flow t ON t.id = l.flow
                           WHERE t.debt_sign <> 0)
                    GROUP BY 1, 2) r ON r.member_id = d.member_id AND r.unit = d.unit
       WHERE coalesce(d.quantity, 0) <> coalesce(r.quantity, 0)
          OR coalesce(d.cost_minor, 0) <> coalesce(r.cost, 0)
       ORDER BY 1 LIMIT 10
      """
    )
    for place in places {
      report.faults.append(
        try LedgerFault(
          check: "member debts",
          place: "member \(place.int(0))",
          detail: "the stored debt is not that of the rows"
        )
      )
    }
  }

  private func checkMonthSums(_ report: inout LedgerCheckReport) throws {
    let months = try connection.run("SELECT DISTINCT month FROM month_sum ORDER BY month")
    for month in try months.map({ try $0.int16(0) }) {
      for place in try differingMonthSums(month) {
        report.faults.append(
          LedgerFault(
            check: "month sums",
            place: place,
            detail: "the stored sum is not that of the rows"
          )
        )
      }
    }
  }

  /// The clearing account of each partner against the closing of its last statement and what the
  /// bank moved since.
  private func checkClearing(_ report: inout LedgerCheckReport) throws {
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
        report.faults.append(
          try LedgerFault(
            check: "2490 = statements",
            place: "account 2490 \(row.string(1))",
            detail: "balance \(-balance), statement and bank give \(last.closing - since)"
          )
        )
      }
    }
  }
}
