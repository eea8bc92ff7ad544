import Ledger
import Postgres

extension Books {
  /// Nothing is taken from a lot but what it holds, and what is used up has no cost left: no account tells it,
  /// since all lots of a kind stand on one.
  func checkLots(_ report: inout LedgerCheckReport) throws {
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
      try report.tell(
        "lots",
        "lot L-\(row.int(0) >> 32)-\(row.int(0) & 0xFFFF_FFFF)",
        "\(row.string(1)) left of it, at a cost of \(row.string(2))"
      )
    }
  }

  /// Lots and debts that changed hands, or became others, with all that they cost: no account tells it,
  /// since no money moves (T1, T2).
  func checkMoves(_ report: inout LedgerCheckReport) throws {
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
      try report.tell(
        "moved lots and debts",
        "leaf \(row.int(0))",
        "what was given cost \(row.string(1)) more than what was received"
      )
    }
  }

  /// Nothing is drawn of miles bought ahead but what a line reserves (M10b, M11).
  func checkPrepaid(_ report: inout LedgerCheckReport) throws {
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
      try report.tell(
        "prepaid miles",
        "lot L-\(row.int(0) >> 32)-\(row.int(0) & 0xFFFF_FFFF)",
        "drew \(row.string(1)) and reserved \(row.string(2))"
      )
    }
  }

  /// Rows that two people decide against their decisions.
  func checkDecided(_ report: inout LedgerCheckReport) throws {
    for row in try connection.run(
      "SELECT batch_id, what FROM undecided_rows(NULL) ORDER BY 1, 2 LIMIT 100"
    ) {
      try report.tell("people's rows", "leaf \(row.int(0))", "nobody decided it: \(row.string(1))")
    }
    for row in try connection.run(
      """
      SELECT DISTINCT t.batch_id, f.code FROM leaf_total t JOIN flow f ON f.id = t.flow
        JOIN batch b ON b.id = t.batch_id
       WHERE (b.kind, t.flow) NOT IN (SELECT a.kind, a.flow FROM batch_flow a) ORDER BY 1, 2 LIMIT 100
      """
    ) {
      try report.tell(
        "people's rows",
        "leaf \(row.int(0))",
        "its kind carries no rows of \(row.string(1))"
      )
    }
  }

  /// What members owe, as it is kept, against the rows that it is made of.
  func checkDebts(_ report: inout LedgerCheckReport) throws {
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
      try report.tell(
        "member debts",
        "member \(place.int(0))",
        "the stored debt is not that of the rows"
      )
    }
  }

  /// The newest stored sums of each month against the rows they were made of.
  func checkMonthSums(_ report: inout LedgerCheckReport) throws {
    let months = try connection.run("SELECT DISTINCT month FROM month_sum ORDER BY month")
    for month in try months.map({ try $0.int16(0) }) {
      for place in try differingMonthSums(month) {
        report.tell("month sums", place, "the stored sum is not that of the rows")
      }
    }
  }
}
