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
    ).map(PrepaidLot.init)
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
    let taken = try connection.run(
      """
      SELECT lot_id, key, sum(quantity)::bigint FROM prepaid_move
       WHERE lot_id = ANY (\(lots)::bigint[]) GROUP BY lot_id, key
      """
    )
    // Planning a query over all leaves costs more than most answers, and most have none of these.
    guard taken.count > 0 else { return [:] }
    let covered = try taken.map { try $0.int(0) }
    let batches = Array(Set(covered.map { $0 >> 32 })).sorted()
    let drawn = try connection.run(
      """
      SELECT lot_id, sum(CASE flow WHEN \(flow: .drawPrepaid) THEN quantity ELSE -quantity END)::bigint
        FROM reward
       WHERE flow IN (\(flows: [.drawPrepaid, .returnPrepaid])) AND lot_id = ANY (\(covered)::bigint[])
         AND batch_id >= \(batches.first ?? 0)::bigint
         AND member_id IN (SELECT member_id FROM reward
                            WHERE batch_id = ANY (\(batches)::bigint[])
                              AND batch_id << 32 | seq = ANY (\(covered)::bigint[]))
       GROUP BY lot_id
      """
    )
    let given = try Dictionary(uniqueKeysWithValues: drawn.map { try ($0.int(0), $0.int(1)) })
    return try Dictionary(
      uniqueKeysWithValues: taken.map { row in
        let drawn = given[try row.int(0), default: 0]
        return try (
          row.int(0),
          PrepaidCover(key: row.string(1), reserved: row.int(2) - drawn, drawn: drawn)
        )
      }
    )
  }
}

extension PrepaidLot {
  fileprivate init(_ row: Row) throws(UnreadableValue) {
    try self.init(
      purchase: Prepurchase(
        key: row.string(0),
        partner: row.int16(1),
        unit: row.int16(2),
        currency: row.known(3),
        quantity: row.int(4),
        price: row.decimal(5),
        costMinor: row.int(6),
        usableFrom: row.day(7),
        usableThrough: row.optionalDay(8),
        monthMax: row.optionalInt(9)
      ),
      isDecided: row.bool(10),
      isBought: row.bool(11),
      room: row.int(12),
      monthUsed: row.int(13)
    )
  }
}
