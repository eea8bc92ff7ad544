package import Civil
package import Ledger
import Postgres

/// Miles that are bought ahead of need.
package struct Prepurchase: Sendable {
  /// The proposer's own name of it; statements name it as the contract.
  package let key: String
  package let partner: Int16
  package let unit: Int16
  package let currency: Currency
  package let quantity: Int64
  /// Price of a mile in major units.
  package let price: ExactDecimal
  package let costMinor: Int64
  /// First day on which lines may draw on it.
  package let usableFrom: CivilDate
  /// Last such day, nil where none is.
  package let usableThrough: CivilDate?
  /// What lines may draw in a calendar month, nil for any.
  package let monthMax: Int64?

  package init(
    key: String,
    partner: Int16,
    unit: Int16,
    currency: Currency,
    quantity: Int64,
    price: ExactDecimal,
    costMinor: Int64,
    usableFrom: CivilDate,
    usableThrough: CivilDate?,
    monthMax: Int64?
  ) {
    self.key = key
    self.partner = partner
    self.unit = unit
    self.currency = currency
    self.quantity = quantity
    self.price = price
    self.costMinor = costMinor
    self.usableFrom = usableFrom
    self.usableThrough = usableThrough
    self.monthMax = monthMax
  }

  /// What a part of it cost; each line is rounded for itself, as the partner rounds it.
  package func cost(of part: Int64) throws(MoneyOverflow) -> Int64 {
    try scaled(part, by: costMinor, over: quantity, .halfUp)
  }
}

/// A prepurchase with what lines leave of it on a day.
package struct PrepaidLot: Sendable {
  package let purchase: Prepurchase
  /// Whether two people decided it.
  package let isDecided: Bool
  /// Whether a night has booked it.
  package let isBought: Bool
  /// What lines may draw on the day at most, but for the month's cap.
  package var room: Int64
  /// What lines drew in the day's month.
  package var monthUsed: Int64

  /// What a line may draw on the day.
  package var usable: Int64 {
    min(room, purchase.monthMax.map { $0 - monthUsed } ?? room)
  }
}

/// A line of miles that is not filed yet, with what it draws on.
package struct PrepaidLine: Sendable {
  /// The row that files it: its lot, or the row by which it goes out again.
  package let source: Int64
  /// The line at what it costs now.
  package let line: LineToFile
  /// The prepurchase that its lot draws on or once did.
  package let key: String?
}

/// What a lot of miles has of miles bought ahead.
package struct PrepaidCover: Sendable {
  package let key: String
  /// For a line whose answer is awaited.
  package var reserved: Int64
  /// With the partner's answer.
  package var drawn: Int64
}

extension Books {
  /// Proposes a prepurchase, or decides it as the second person who brings the same.
  ///
  /// - Parameters:
  ///   - purchase: What is bought.
  ///   - reason: Why.
  ///   - evidence: Where that can be seen.
  /// - Returns: What it did.
  /// - Throws: `SamePerson`, `ProposalConflict` or `DatabaseError`.
  package func propose(
    _ purchase: Prepurchase,
    reason: String,
    evidence: String
  ) throws -> JointDecision {
    let through = purchase.usableThrough?.description
    let monthMax = purchase.monthMax.map { String($0) }
    return try decideJointly(
      proposal: """
        INSERT INTO prepurchase (key, partner, unit, currency, quantity, price, cost_minor,
          usable_from, usable_through, month_max, reason, evidence)
        VALUES (\(purchase.key), \(purchase.partner)::smallint, \(purchase.unit)::smallint,
          \(purchase.currency.rawValue)::smallint, \(purchase.quantity)::bigint,
          \(purchase.price.description)::numeric, \(purchase.costMinor)::bigint,
          \("\(purchase.usableFrom)")::date, \(through)::date, \(monthMax)::bigint, \(reason),
          \(evidence))
        ON CONFLICT (key) DO NOTHING RETURNING key
        """,
      known: """
        SELECT p.proposed_by = session_user, EXISTS (SELECT FROM prepurchase_decision d
                                                      WHERE d.key = p.key)
          FROM prepurchase p
         WHERE key = \(purchase.key) AND partner = \(purchase.partner)::smallint
           AND unit = \(purchase.unit)::smallint
           AND currency = \(purchase.currency.rawValue)::smallint
           AND quantity = \(purchase.quantity)::bigint
           AND price = \(purchase.price.description)::numeric
           AND usable_from = \("\(purchase.usableFrom)")::date
           AND usable_through IS NOT DISTINCT FROM \(through)::date
           AND month_max IS NOT DISTINCT FROM \(monthMax)::bigint
        """,
      decision: """
        INSERT INTO prepurchase_decision (key, proposed_by)
        SELECT key, proposed_by FROM prepurchase WHERE key = \(purchase.key)
        """
    )
  }

  /// All prepurchases with what is left of them on a day, oldest days of use first.
  package func prepaidLots(on day: CivilDate) throws -> [PrepaidLot] {
    try connection.run(
      """
      SELECT p.key, p.partner, p.unit, p.currency, p.quantity, p.price, p.cost_minor,
             p.usable_from::text, p.usable_through::text, p.month_max, d.key IS NOT NULL,
             r.key IS NOT NULL,
             CASE WHEN r.key IS NULL OR p.usable_from > \("\(day)")::date THEN 0
                  WHEN p.usable_through < \("\(day)")::date THEN r.returned ELSE r.whole END,
             (SELECT coalesce(sum(m.quantity), 0) FROM prepaid_move m
               WHERE m.key = p.key
                 AND date_trunc('month', m.day) = date_trunc('month', \("\(day)")::date))::bigint
        FROM prepurchase p LEFT JOIN prepurchase_decision d USING (key)
        LEFT JOIN prepaid_room r USING (key)
       ORDER BY p.usable_from, p.id
      """
    ).compactMap(PrepaidLot.init)
  }

  /// Lines of a partner that wait to be filed and may draw on miles bought ahead, or draw on too many,
  /// oldest first.
  ///
  /// - Parameters:
  ///   - partner: The partner.
  ///   - date: The last settlement date of lines.
  ///   - draws: Whether a line may draw anew; otherwise those that never did are left out.
  /// - Returns: The lines, by lot and attempt.
  /// - Throws: `DatabaseError`.
  package func prepaidLines(
    partner: Int16,
    through date: CivilDate,
    draws: Bool
  ) throws -> [PrepaidLine] {
    let slices = try unclaimedSlices(partner: partner, through: date, cut: newestSeal())
    let (batches, dates) = (slices.map(\.batch), slices.map(\.date))
    return try connection.run(
      """
      WITH claimed AS (
        SELECT r.*, r.batch_id << 32 | r.seq AS id FROM reward r
          JOIN unnest(\(batches)::bigint[], \(dates)::date[]) AS x (b, d)
            ON x.b = r.batch_id AND x.d = r.settlement_date
         WHERE r.batch_id = ANY (\(batches)::bigint[]) AND r.partner = \(partner)::smallint
           AND r.template IN (10, 11)
      ), taken AS (
        SELECT lot_id, sum(quantity) AS quantity, sum(cost_minor) AS cost FROM reward
         WHERE template = 11 AND batch_id >= \(batches.min() ?? .max)::bigint
           AND member_id IN (SELECT member_id FROM claimed WHERE template = 11)
         GROUP BY lot_id
      ), again AS (
        SELECT w.row_id, w.lot_id FROM waiting_line w
         WHERE w.partner = \(partner)::smallint AND w.template = 17
           AND NOT EXISTS (SELECT FROM statement_line l WHERE l.source_id = w.row_id)
      ), change AS (
        SELECT lot_id, batch_id << 32 | seq AS id,
               CASE template WHEN 83 THEN -cost_minor ELSE cost_minor END AS cost
          FROM reward
         WHERE template IN (83, 84) AND partner = \(partner)::smallint
           AND batch_id IN (SELECT id FROM batch WHERE kind = 'prepaid')
      ), cover AS (
        SELECT lot_id, key, sum(quantity) AS quantity FROM prepaid_move
         WHERE lot_id IN (SELECT id FROM claimed WHERE template = 10
                          UNION ALL SELECT lot_id FROM again)
         GROUP BY lot_id, key
      ), line AS (
        SELECT c.id AS source, c.id AS lot, 1 AS attempt, c.member_id, c.purchase_id, c.agreement,
               c.rule, c.event_date, c.quantity - coalesce(t.quantity, 0) AS quantity,
               c.cost_minor - coalesce(t.cost, 0)
                 + coalesce(h.cost, 0) AS cost, coalesce(u.quantity, 0) AS used, u.key
          FROM claimed c LEFT JOIN taken t ON t.lot_id = c.id LEFT JOIN cover u ON u.lot_id = c.id
          LEFT JOIN (SELECT lot_id, sum(cost) AS cost FROM change GROUP BY lot_id) AS h
            ON h.lot_id = c.id
         WHERE c.template = 10
        UNION ALL
        SELECT a.row_id, a.lot_id,
               (SELECT max(attempt) + 1 FROM statement_line l
                 WHERE l.row_id = a.lot_id AND l.section = 'filed'),
               r.member_id, r.purchase_id, r.agreement, r.rule, r.event_date, r.quantity,
               r.cost_minor + coalesce(h.cost, 0), coalesce(u.quantity, 0), u.key
          FROM again a JOIN reward r ON r.batch_id = a.row_id >> 32
            AND r.seq = (a.row_id & 4294967295)
          LEFT JOIN cover u ON u.lot_id = a.lot_id
          LEFT JOIN (SELECT n.row_id, sum(x.cost) AS cost FROM again n JOIN change x USING (lot_id)
                      WHERE x.id > n.row_id GROUP BY n.row_id) AS h ON h.row_id = a.row_id
      )
      SELECT source, lot, attempt, member_id, purchase_id, agreement, rule, event_date::text,
             quantity::bigint, cost::bigint, key
        FROM line
       WHERE CASE WHEN attempt > 1 THEN key IS NOT NULL OR \(draws)::boolean
                  WHEN key IS NULL THEN quantity > 0 AND \(draws)::boolean
                  ELSE used <> quantity END
       ORDER BY lot, attempt
      """
    ).compactMap(PrepaidLine.init)
  }

  /// Notes that a row owes a prepurchase to its partner.
  package func note(bought purchase: Prepurchase, row: Int64) throws {
    try connection.run(
      "INSERT INTO prepaid_lot (key, row_id) VALUES (\(purchase.key), \(row)::bigint)"
    )
  }

  /// Reserves of lots for lines of miles, or gives back to them what is negative.
  package func move(
    prepaid moves: [(lot: Int64, key: String, quantity: Int64)],
    batch: Int64,
    day: CivilDate
  ) throws {
    for some in chunks(moves, of: 10_000) {
      let (keys, lots, quantities) = (some.map(\.key), some.map(\.lot), some.map(\.quantity))
      try connection.run(
        """
        INSERT INTO prepaid_move (key, lot_id, batch_id, day, quantity)
        SELECT k, l, \(batch)::bigint, \("\(day)")::date, q
          FROM unnest(\(keys)::text[], \(lots)::bigint[], \(quantities)::bigint[]) AS x (k, l, q)
        """
      )
    }
  }

  /// Keeps other batches from reserving until the transaction ends.
  package func lockPrepaid() throws {
    try connection.run("SELECT pg_advisory_xact_lock(hashtext('kvitt.prepaid_move'))")
  }

  /// What lots of miles have of miles bought ahead; those that never had any are missing.
  package func prepaidCovers(lots: [Int64]) throws -> [Int64: PrepaidCover] {
    let rows = try connection.run(
      """
      WITH cover AS (
        SELECT lot_id, key, sum(quantity) AS quantity FROM prepaid_move
         WHERE lot_id = ANY (\(lots)::bigint[]) GROUP BY lot_id, key
      )
      SELECT c.lot_id, c.key, c.quantity::bigint, coalesce(d.drawn, 0)::bigint
        FROM cover c
        LEFT JOIN (SELECT lot_id, sum(CASE template WHEN 86 THEN quantity ELSE -quantity END)
                            AS drawn
                     FROM reward WHERE template IN (86, 88)
                      AND batch_id >= (SELECT min(lot_id) >> 32 FROM cover)
                      AND member_id IN (SELECT l.member_id FROM cover JOIN reward l
                            ON l.batch_id = cover.lot_id >> 32
                           AND l.seq = (cover.lot_id & 4294967295))
                    GROUP BY lot_id) AS d USING (lot_id)
      """
    )
    return Dictionary(
      uniqueKeysWithValues: rows.map { row in
        (
          row.int(0),
          PrepaidCover(key: row.string(1), reserved: row.int(2) - row.int(3), drawn: row.int(3))
        )
      }
    )
  }
}

extension PrepaidLine {
  fileprivate init?(_ row: Row) {
    guard let event = CivilDate(row.string(7)) else { return nil }
    self.init(
      source: row.int(0),
      line: LineToFile(
        lot: row.int(1),
        attempt: Int(row.int(2)),
        member: row.int(3),
        purchase: row.int(4),
        agreement: Int32(row.int(5)),
        rule: Int16(row.int(6)),
        eventDate: event,
        quantity: row.int(8),
        costMinor: row.int(9)
      ),
      key: row.optional(10)
    )
  }
}

extension PrepaidLot {
  fileprivate init?(_ row: Row) {
    guard let currency = Currency(rawValue: Int16(row.int(3))),
      let price = ExactDecimal(row.string(5)), let from = CivilDate(row.string(7))
    else { return nil }
    self.init(
      purchase: Prepurchase(
        key: row.string(0),
        partner: Int16(row.int(1)),
        unit: Int16(row.int(2)),
        currency: currency,
        quantity: row.int(4),
        price: price,
        costMinor: row.int(6),
        usableFrom: from,
        usableThrough: row.optional(8).flatMap { CivilDate($0) },
        monthMax: row.optional(9).flatMap { Int64($0) }
      ),
      isDecided: row.bool(10),
      isBought: row.bool(11),
      room: row.int(12),
      monthUsed: row.int(13)
    )
  }
}
