import Formats
import Ledger
import Postgres

/// A till's use of store credit that moved lots, or goods that came back of one.
package struct TillUse: Sendable {
  package let tillRef: String
  package let action: String
  package let member: Int64
  package let faceMinor: Int64
  package let hold: Int64?
  package let originalRef: String
  /// The rows that used lots.
  package let batch: Int64
  package let rows: ClosedRange<Int32>

  package init(
    tillRef: String,
    action: String,
    member: Int64,
    faceMinor: Int64,
    hold: Int64?,
    originalRef: String,
    batch: Int64,
    rows: ClosedRange<Int32>
  ) {
    self.tillRef = tillRef
    self.action = action
    self.member = member
    self.faceMinor = faceMinor
    self.hold = hold
    self.originalRef = originalRef
    self.batch = batch
    self.rows = rows
  }
}

/// Store credit that a call captured and no till file has confirmed.
package struct UnconfirmedCapture: Sendable {
  package let hold: Int64
  package let quantity: Int64
  package let costMinor: Int64
  package let day: String
}

extension Books {
  /// Notes what the lines of a till file moved.
  package func insert(_ uses: [TillUse], partner: Int16, batch: Int64) throws {
    for some in chunks(uses, of: 5_000) {
      let refs = some.map(\.tillRef)
      let actions = some.map(\.action)
      let members = some.map(\.member)
      let faces = some.map(\.faceMinor)
      let holds = some.map { $0.hold ?? 0 }
      let originals = some.map(\.originalRef)
      let batches = some.map(\.batch)
      let first = some.map { Int64($0.rows.lowerBound) }
      let last = some.map { Int64($0.rows.upperBound) }
      try connection.run(
        """
        INSERT INTO till_use (partner, till_ref, batch_id, action, member_id, face_minor, hold_id,
          original_ref, use_batch, first_seq, last_seq)
        SELECT \(partner)::smallint, r, \(batch)::bigint, a, m, v, nullif(h, 0), o, b, f, l
          FROM unnest(\(refs)::text[], \(actions)::text[], \(members)::bigint[],
            \(faces)::bigint[], \(holds)::bigint[], \(originals)::text[], \(batches)::bigint[],
            \(first)::integer[], \(last)::integer[]) AS x (r, a, m, v, h, o, b, f, l)
        """
      )
    }
  }

  /// Earlier lines of a partner's tills by their references.
  package func tillUses(partner: Int16, refs: [String]) throws -> [TillUse] {
    try connection.run(
      """
      SELECT till_ref, action, member_id, face_minor, hold_id, original_ref, use_batch, first_seq,
             last_seq
        FROM till_use
       WHERE partner = \(partner)::smallint AND till_ref = ANY (\(refs)::text[])
      """
    ).map(TillUse.init)
  }

  /// Which of some holds a till file confirmed.
  package func confirmed(holds: [Int64]) throws -> Set<Int64> {
    Set(
      try connection.run(
        "SELECT hold_id FROM till_use WHERE hold_id = ANY (\(holds)::bigint[])"
      ).map { try $0.int(0) }
    )
  }

  /// Face values that came back of earlier uses, by their references.
  package func returned(partner: Int16, refs: [String]) throws -> [String: Int64] {
    let rows = try connection.run(
      """
      SELECT original_ref, sum(face_minor)::bigint FROM till_use
       WHERE partner = \(partner)::smallint AND original_ref = ANY (\(refs)::text[])
         AND original_ref <> ''
       GROUP BY original_ref
      """
    )
    return try Dictionary(uniqueKeysWithValues: rows.map { try ($0.string(0), $0.int(1)) })
  }

  /// Rows of a member in a batch, by their places, in order.
  package func rewards(
    batch: Int64,
    rows: ClosedRange<Int32>,
    member: Int64
  ) throws -> [StoredReward] {
    try connection.run(
      """
      \(sql: rewardColumns) FROM reward
       WHERE batch_id = \(batch)::bigint AND member_id = \(member)::bigint
         AND seq BETWEEN \(Int64(rows.lowerBound))::integer AND \(Int64(rows.upperBound))::integer
       ORDER BY id
      """
    ).map(StoredReward.init)
  }

  /// What calls captured of a unit and the tills did not confirm, posted ones only.
  package func unconfirmedCaptures(unit: Int16) throws -> [UnconfirmedCapture] {
    try connection.run(
      """
      SELECT h.id, h.captured, sum(r.cost_minor)::bigint, h.day::text
        FROM hold h
        JOIN reward r ON r.batch_id = h.batch_id AND r.member_id = h.member_id
         AND r.seq BETWEEN h.first_seq AND h.last_seq
       WHERE h.unit = \(unit)::smallint AND h.batch_id IS NOT NULL
         AND r.flow = \(flow: .captureCredit) AND NOT EXISTS (SELECT FROM till_use t WHERE t.hold_id = h.id)
       GROUP BY h.id, h.captured, h.day ORDER BY h.id
      """
    ).map {
      try UnconfirmedCapture(
        hold: $0.int(0),
        quantity: $0.int(1),
        costMinor: $0.int(2),
        day: $0.string(3)
      )
    }
  }
}

extension TillUse {
  fileprivate init(_ row: Row) throws(UnreadableValue) {
    let action: TillAction = try row.known(1)
    try self.init(
      tillRef: row.string(0),
      action: action.rawValue,
      member: row.int(2),
      faceMinor: row.int(3),
      hold: row.optionalInt(4),
      originalRef: row.string(5),
      batch: row.int(6),
      rows: row.range(7, 8)
    )
  }
}
