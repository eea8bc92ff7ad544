package import Civil
import Ledger
import Postgres

/// A lot that is over, with what is left of it.
package struct ExpiringLot: Sendable {
  package let id: Int64
  package let member: Int64
  package let purchase: Int64
  package var quantity: Int64
  package var cost: Int64
}

extension Books {
  /// The newest run of a kind: its day, its seal and when it was recorded; nil where there was none.
  package func lastRun(
    of kind: BatchKind
  ) throws -> (day: CivilDate, seal: Int64, recordedAt: Instant)? {
    try connection.run(
      """
      SELECT b.business_date::text, s.seal_no, (extract(epoch FROM b.recorded_at) * 1000000)::bigint
        FROM batch b JOIN seal s ON s.batch_id = b.id
       WHERE b.kind = \(kind.rawValue) ORDER BY s.seal_no DESC LIMIT 1
      """
    ).first.map { row in
      try (row.day(0), row.int(1), Instant(microseconds: row.int(2)))
    }
  }

  /// Members who hold lots of a rule that were earned on or before a day.
  ///
  /// Only leaves are read that can hold what the last run could not see: days after the one that
  /// run went to, and whatever was sealed since. A night so costs what expires in it.
  ///
  /// - Parameters:
  ///   - agreement: The agreement's version.
  ///   - rule: Ordinal of the rule.
  ///   - through: The newest day of earning whose lots are over.
  ///   - after: That day at the last run; nil where there was none.
  ///   - seal: The last run's seal, 0 where there was none.
  ///   - restored: Days on which lots got something back that can no longer be used now.
  /// - Returns: The members, ascending.
  /// - Throws: `DatabaseError`.
  package func membersHolding(
    agreement: Int32,
    rule: Int16,
    through: CivilDate,
    after: CivilDate?,
    seal: Int64,
    restored: ClosedRange<CivilDate>? = nil
  ) throws -> [Int64] {
    let back = (restored?.lowerBound.description, restored?.upperBound.description)
    let first = (after ?? CivilDate(days: -700_000)).description
    let leaves = try connection.run(
      """
      SELECT batch_id FROM leaf_day
       WHERE day > \(first)::date AND day <= \("\(through)")::date
       UNION
      SELECT batch_id FROM seal WHERE rewards > 0 AND seal_no > \(seal)::bigint
      """
    ).map { try $0.int(0) }
    return try connection.run(
      """
      SELECT DISTINCT member_id FROM reward
       WHERE batch_id = ANY (\(leaves)::bigint[]) AND flow IN (SELECT id FROM flow WHERE makes_lot)
         AND quantity > 0
         AND agreement = \(agreement)::integer AND rule = \(rule)::smallint
         AND event_date <= \("\(through)")::date
       UNION
      -- Lots that were given back, whenever they were earned.
      SELECT r.member_id FROM reward r
       WHERE (r.batch_id IN (SELECT batch_id FROM seal WHERE rewards > 0
                              AND seal_no > \(seal)::bigint)
              OR r.batch_id IN (SELECT id FROM batch WHERE kind IN ('till', 'payout')
                                   AND business_date >= \(back.0)::date)
             AND r.event_date BETWEEN \(back.0)::date AND \(back.1)::date)
         AND r.flow IN (SELECT id FROM flow WHERE lot_sign = 1)
       ORDER BY 1
      """
    ).map { try $0.int(0) }
  }

  /// What is left of the lots of a rule that members earned on or before a day, oldest first.
  ///
  /// The members are locked, so nobody consumes the lots meanwhile.
  package func lotsLeft(
    members: [Int64],
    agreement: Int32,
    rule: Int16,
    through: CivilDate
  ) throws -> [ExpiringLot] {
    try connection.run(
      """
      SELECT l.id, l.member_id, l.purchase_id, l.quantity - coalesce(m.quantity, 0),
             l.cost_minor - coalesce(m.cost_minor, 0)
        FROM (SELECT batch_id << 32 | seq AS id, member_id, purchase_id, quantity, cost_minor
                FROM reward
               WHERE member_id = ANY (\(members)::bigint[]) AND flow IN (SELECT id FROM flow WHERE makes_lot)
                 AND agreement = \(agreement)::integer AND rule = \(rule)::smallint
                 AND event_date <= \("\(through)")::date) AS l
        LEFT JOIN (SELECT r.lot_id, -sum(t.lot_sign * r.quantity)::bigint AS quantity,
                          -sum(t.lot_sign * r.cost_minor)::bigint AS cost_minor
                     FROM reward r JOIN flow t ON t.id = r.flow
                    WHERE r.member_id = ANY (\(members)::bigint[])
                      AND (r.flow NOT IN (\(flows: Flow.bulk))
                           OR r.purchase_id >> 32 <> r.batch_id)
                      AND t.lot_sign <> 0
                    GROUP BY r.lot_id) AS m ON m.lot_id = l.id
       WHERE l.quantity > coalesce(m.quantity, 0)
       ORDER BY l.id
      """
    ).map {
      try ExpiringLot(
        id: $0.int(0),
        member: $0.int(1),
        purchase: $0.int(2),
        quantity: $0.int(3),
        cost: $0.int(4)
      )
    }
  }
}
