package import Civil
import Postgres

/// What a use of points bought.
package struct StoredOrder: Sendable {
  package let item: String
  package let count: Int64
}

extension Books {
  /// Uses points at once for goods (`kvitt.order_item`).
  package func order(
    key: String,
    member: Int64,
    unit: Int16,
    quantity: Int64,
    day: CivilDate,
    at: Instant,
    item: String,
    count: Int64
  ) throws -> HoldAnswer {
    try holdAnswer(
      """
      SELECT outcome, hold_id, rest FROM order_item(\(key), \(member)::bigint, \(unit)::smallint,
        \(quantity)::bigint, \(day.description)::date, \(at.description)::timestamptz, \(item),
        \(count)::integer)
      """
    )
  }

  /// What holds bought.
  package func orders(_ holds: [Int64]) throws -> [Int64: StoredOrder] {
    let rows = try connection.run(
      "SELECT hold_id, item, count FROM item_order WHERE hold_id = ANY (\(holds)::bigint[])"
    )
    return try Dictionary(
      uniqueKeysWithValues: rows.map {
        try ($0.int(0), StoredOrder(item: $0.string(1), count: $0.int(2)))
      }
    )
  }

  /// Notes that an order's goods came back; false where that was noted before.
  package func giveBack(order hold: Int64, reason: String) throws -> Bool {
    try connection.run(
      """
      INSERT INTO item_return (hold_id, reason) VALUES (\(hold)::bigint, \(reason))
      ON CONFLICT (hold_id) DO NOTHING RETURNING hold_id
      """
    ).count > 0
  }

  /// Holds whose goods came back after they were posted, and of which nothing was given back yet.
  package func returnedOrders() throws -> [Int64] {
    try connection.run(
      """
      SELECT r.hold_id FROM item_return r JOIN hold h ON h.id = r.hold_id
       WHERE h.batch_id IS NOT NULL
         AND NOT EXISTS (SELECT FROM item_return_posted p WHERE p.hold_id = r.hold_id)
       ORDER BY r.hold_id
      """
    ).map { try $0.int(0) }
  }

  /// Notes the batch that gives orders back.
  package func post(returns holds: [Int64], batch: Int64) throws {
    try connection.run(
      """
      INSERT INTO item_return_posted (hold_id, batch_id)
      SELECT h, \(batch)::bigint FROM unnest(\(holds)::bigint[]) AS x (h)
      """
    )
  }
}
