package import Civil
import Postgres

/// What holds keep of a member's lots that could be used on a day.
package struct Reservation: Sendable {
  package let member: Int64
  package let unit: Int16
  package let day: CivilDate
  package let quantity: Int64
}

/// A hold as the books know it.
package struct StoredHold: Sendable {
  package let id: Int64
  package let member: Int64
  package let unit: Int16
  package let quantity: Int64
  /// The day whose lots it uses.
  package let day: CivilDate
  /// Nil while open; 0 once released.
  package var captured: Int64?
  /// The batch that posted what was captured, and the rows that did.
  package let posted: (batch: Int64, rows: ClosedRange<Int32>)?
  /// When the hold was over by itself; nil where it was not, or somebody ended it.
  package let ranOut: Instant?

  init(
    id: Int64,
    member: Int64,
    unit: Int16,
    quantity: Int64,
    day: CivilDate,
    captured: Int64?,
    posted: (batch: Int64, rows: ClosedRange<Int32>)?,
    ranOut: Instant? = nil
  ) {
    self.id = id
    self.member = member
    self.unit = unit
    self.quantity = quantity
    self.day = day
    self.captured = captured
    self.posted = posted
    self.ranOut = ranOut
  }

  /// A use that nobody asked for first.
  package init(member: Int64, unit: Int16, _ quantity: Int64, _ day: CivilDate) {
    self.init(
      id: 0,
      member: member,
      unit: unit,
      quantity: quantity,
      day: day,
      captured: quantity,
      posted: nil
    )
  }
}

/// What a call did, in the words of the database's functions.
package struct HoldAnswer: Sendable {
  package let outcome: String
  /// The hold; 0 where there is none.
  package let hold: Int64
  /// What the member can still spend, or what was captured.
  package let quantity: Int64
}

extension Books {
  /// Reserves a quantity of what a member can spend (`kvitt.hold`).
  ///
  /// - Parameters:
  ///   - key: The caller's own name of the call; the same key does nothing twice.
  ///   - member: The member.
  ///   - unit: Id of the reward unit.
  ///   - quantity: What is asked, in the unit's smallest parts.
  ///   - day: The day on the member's clock.
  ///   - at: Now.
  ///   - until: When the hold is over by itself; nil uses the quantity at once.
  /// - Returns: held, repeated, conflict, short or stale.
  /// - Throws: `DatabaseError`.
  package func hold(
    key: String,
    member: Int64,
    unit: Int16,
    quantity: Int64,
    day: CivilDate,
    at: Instant,
    until: Instant?
  ) throws -> HoldAnswer {
    try holdAnswer(
      """
      SELECT outcome, hold_id, rest FROM hold(\(key), \(member)::bigint, \(unit)::smallint,
        \(quantity)::bigint, \(day.description)::date, \(at.description)::timestamptz,
        \(until?.description)::timestamptz)
      """
    )
  }

  /// Uses points at once so that they become units of another kind (`kvitt.convert_points`).
  package func convert(
    key: String,
    member: Int64,
    unit: Int16,
    quantity: Int64,
    day: CivilDate,
    at: Instant,
    into other: Int16
  ) throws -> HoldAnswer {
    try holdAnswer(
      """
      SELECT outcome, hold_id, rest FROM convert_points(\(key), \(member)::bigint,
        \(unit)::smallint, \(quantity)::bigint, \(day.description)::date,
        \(at.description)::timestamptz, \(other)::smallint)
      """
    )
  }

  /// Ends a hold (`kvitt.end_hold`): nil captures all of it, 0 releases it.
  package func endHold(
    key: String,
    hold: Int64,
    captured: Int64?,
    at: Instant
  ) throws -> HoldAnswer {
    try holdAnswer(
      """
      SELECT outcome, \(hold)::bigint, captured_quantity FROM end_hold(\(key), \(hold)::bigint,
        \(captured.map { String($0) })::bigint, \(at.description)::timestamptz)
      """
    )
  }

  /// The answer of a function that holds or ends holds.
  func holdAnswer(_ query: Query) throws -> HoldAnswer {
    let row = try connection.run(query).first
    return HoldAnswer(
      outcome: try row?.word(0, of: holdOutcomes) ?? "",
      hold: try row?.optionalInt(1) ?? 0,
      quantity: try row?.optionalInt(2) ?? 0
    )
  }

  /// Notes what the lots of a locked member give on a day, as of a seal.
  package func setSpendable(
    member: Int64,
    unit: Int16,
    seal: Int64,
    day: CivilDate,
    lots: Int64
  ) throws {
    try connection.run(
      """
      SELECT set_spendable(\(member)::bigint, \(unit)::smallint, \(seal)::bigint,
        \(day.description)::date, \(lots)::bigint)
      """
    )
  }

  /// What holds keep of members' lots: open ones, and what was captured and not posted yet; older
  /// days first.
  package func reserved(members: [Int64]) throws -> [Reservation] {
    guard !members.isEmpty else { return [] }
    return try connection.run(
      """
      SELECT member_id, unit, day, sum(coalesce(captured, quantity))::bigint FROM hold
       WHERE member_id = ANY (\(members)::bigint[]) AND batch_id IS NULL
         AND captured IS DISTINCT FROM 0
       GROUP BY member_id, unit, day ORDER BY day, member_id, unit
      """
    ).map { row in
      try Reservation(
        member: row.int(0),
        unit: row.int16(1),
        day: row.day(2),
        quantity: row.int(3)
      )
    }
  }

  /// Members whose holds were open, or ended without being used up, at an instant or after it.
  package func membersWithHolds(endedAfter instant: Instant) throws -> [Int64] {
    try connection.run(
      """
      SELECT DISTINCT member_id FROM hold
       WHERE captured IS DISTINCT FROM quantity
         AND (ended_at IS NULL OR ended_at >= \(instant.description)::timestamptz)
       ORDER BY member_id
      """
    ).map { try $0.int(0) }
  }

  /// Holds by id.
  package func holds(_ ids: [Int64]) throws -> [Int64: StoredHold] {
    let rows = try connection.run(
      """
      SELECT id, member_id, unit, quantity, day, captured, batch_id, first_seq, last_seq,
             CASE WHEN captured = 0 AND end_key = 'timeout/' || id
                  THEN (extract(epoch FROM until) * 1000000)::bigint END
        FROM hold
       WHERE id = ANY (\(ids)::bigint[])
      """
    )
    return Dictionary(
      uniqueKeysWithValues: try rows.map(StoredHold.init).map { ($0.id, $0) }
    )
  }

  /// What was captured of a kind of reward and is not posted yet, in the order of days and holds.
  package func captures(of kind: String) throws -> [StoredHold] {
    try connection.run(
      """
      SELECT h.id, h.member_id, h.unit, h.quantity, h.day, h.captured, h.batch_id,
             h.first_seq, h.last_seq, NULL
        FROM hold h JOIN unit u ON u.id = h.unit
       WHERE h.batch_id IS NULL AND h.captured IS DISTINCT FROM 0 AND h.captured > 0
         AND u.kind = \(kind)
       ORDER BY h.day, h.id
      """
    ).map(StoredHold.init)
  }

  /// Releases all holds that are over; gives their number.
  package func endOverdueHolds(at: Instant) throws -> Int64 {
    try connection.run(
      "SELECT end_all_overdue(\(at.description)::timestamptz)"
    ).first?.int(0) ?? 0
  }

  /// Notes that a batch carries what was captured of holds, and in which of its rows.
  package func post(holds: [(id: Int64, rows: ClosedRange<Int32>)], batch: Int64) throws {
    let first = holds.map { Int64($0.rows.lowerBound) }
    let last = holds.map { Int64($0.rows.upperBound) }
    try connection.run(
      """
      SELECT post_holds(\(batch)::bigint, \(holds.map(\.id))::bigint[], \(first)::integer[],
        \(last)::integer[])
      """
    )
  }

  /// The newest seal of a kind of batch, 0 where there is none.
  package func newestSeal(of kind: BatchKind) throws -> Int64 {
    try connection.run(
      """
      SELECT coalesce(max(s.seal_no), 0) FROM seal s JOIN batch b ON b.id = s.batch_id
       WHERE b.kind = \(kind.rawValue)
      """
    ).first?.int(0) ?? 0
  }
}

/// What the functions that hold and end holds answer.
private let holdOutcomes = [
  "held", "stale", "short", "ended", "repeated", "conflict", "over", "captured", "released",
  "unknown",
]

extension StoredHold {
  fileprivate init(_ row: Row) throws(UnreadableValue) {
    try self.init(
      id: row.int(0),
      member: row.int(1),
      unit: row.int16(2),
      quantity: row.int(3),
      day: row.day(4),
      captured: row.optionalInt(5),
      posted: row.isNull(6) ? nil : (row.int(6), row.range(7, 8)),
      ranOut: row.optionalInt(9).map { Instant(microseconds: $0) }
    )
  }
}
