package import Civil
import Ledger
import Postgres

/// A lot whose price may change afterwards.
package struct AmendedLot: Sendable {
  package let id: Int64
  package let member: Int64
  package let purchase: Int64
  package let event: CivilDate
  /// Of miles: what the partner is owed for; of store credit: what is left.
  package let quantity: Int64
  /// Of miles: differences that were booked, in our favour; of store credit: cost that is left.
  package let minor: Int64
}

extension Books {
  /// Lots of miles of a rule that were earned since a day, as far as they stand, with the differences
  /// that were booked for them.
  package func mileLots(agreement: Int32, rule: Int16, since day: CivilDate) throws -> [AmendedLot]
  {
    let gone: [Flow] = [.reverseMiles, .takeBackMiles, .dropRejected, .lapseMiles]
    return try connection.run(
      """
      SELECT l.id, l.member_id, l.purchase_id, l.event_date,
             l.quantity - coalesce(m.gone, 0), coalesce(m.difference, 0)
        FROM (SELECT batch_id << 32 | seq AS id, member_id, purchase_id, event_date, quantity
                FROM reward
               WHERE batch_id IN (SELECT batch_id FROM leaf_day WHERE day >= \("\(day)")::date)
                 AND flow = \(flow: .earnMiles) AND agreement = \(agreement)::integer
                 AND rule = \(rule)::smallint AND event_date >= \("\(day)")::date) AS l
        LEFT JOIN (SELECT lot_id,
                          sum(quantity) FILTER (WHERE flow IN (\(flows: gone))) AS gone,
                          sum(CASE flow WHEN \(flow: .cheaperMiles) THEN cost_minor
                                       WHEN \(flow: .dearerMiles) THEN -cost_minor END) AS difference
                     FROM reward WHERE flow IN (\(flows: gone + [.cheaperMiles, .dearerMiles]))
                    GROUP BY lot_id) AS m ON m.lot_id = l.id
       -- What was bought ahead has its price.
       WHERE NOT EXISTS (SELECT FROM prepaid_move p WHERE p.lot_id = l.id)
       ORDER BY l.id
      """
    ).map(AmendedLot.init)
  }

  /// What is left of the lots of a rule, with its cost; the members are not locked.
  package func openLots(agreement: Int32, rule: Int16) throws -> [AmendedLot] {
    try connection.run(
      """
      SELECT l.id, l.member_id, l.purchase_id, l.event_date,
             l.quantity - coalesce(m.quantity, 0), l.cost_minor - coalesce(m.cost_minor, 0)
        FROM (SELECT batch_id << 32 | seq AS id, member_id, purchase_id, event_date, quantity,
                     cost_minor
                FROM reward
               WHERE flow IN (SELECT id FROM flow WHERE makes_lot)
                 AND agreement = \(agreement)::integer AND rule = \(rule)::smallint) AS l
        LEFT JOIN (SELECT r.lot_id, -sum(t.lot_sign * r.quantity)::bigint AS quantity,
                          -sum(t.lot_sign * r.cost_minor)::bigint AS cost_minor
                     FROM reward r JOIN flow t ON t.id = r.flow
                    WHERE t.lot_sign <> 0 GROUP BY r.lot_id) AS m ON m.lot_id = l.id
       WHERE l.quantity > coalesce(m.quantity, 0)
       ORDER BY l.id
      """
    ).map(AmendedLot.init)
  }

  /// The units that points used by holds become.
  package func conversions(_ holds: [Int64]) throws -> [Int64: Int16] {
    let rows = try connection.run(
      "SELECT hold_id, unit FROM conversion WHERE hold_id = ANY (\(holds)::bigint[])"
    )
    return try Dictionary(uniqueKeysWithValues: rows.map { try ($0.int(0), $0.int16(1)) })
  }
}

extension AmendedLot {
  fileprivate init(_ row: Row) throws(UnreadableValue) {
    try self.init(
      id: row.int(0),
      member: row.int(1),
      purchase: row.int(2),
      event: row.day(3),
      quantity: row.int(4),
      minor: row.int(5)
    )
  }
}
