import Postgres

/// A step of a dispute about a purchase.
package struct DisputeEvent: Sendable {
  package let identity: RecordIdentity
  /// The disputed record.
  package let purchase: RecordIdentity
  package let member: Int64
  /// Whether a dispute begins; else one ends.
  package let opens: Bool

  package init(
    identity: RecordIdentity,
    purchase: RecordIdentity,
    member: Int64,
    opens: Bool
  ) {
    self.identity = identity
    self.purchase = purchase
    self.member = member
    self.opens = opens
  }
}

extension Books {
  /// Notes steps of disputes.
  package func insert(_ events: [DisputeEvent], batch: Int64) throws {
    guard !events.isEmpty else { return }
    let members = events.map(\.member)
    let steps = events.map { Int16($0.opens ? 1 : -1) }
    try connection.run(
      """
      INSERT INTO dispute_event (identity, purchase, member_id, step, batch_id)
      SELECT i, p, m, s, \(batch)::bigint
        FROM unnest(\(uuids: events.map(\.identity.words))::uuid[],
          \(uuids: events.map(\.purchase.words))::uuid[], \(members)::bigint[], \(steps)::smallint[]) AS x (i, p, m, s)
      """
    )
  }

  /// Row ids of the purchases of members about which a dispute is open: more were opened than ended,
  /// whatever the order in which the records came.
  package func disputedPurchases(members: [Int64]) throws -> [Int64: Set<Int64>] {
    let rows = try connection.run(
      "SELECT member_id, purchase_id FROM disputed_purchases(\(members)::bigint[])"
    ).map { (member: try $0.int(0), purchase: try $0.int(1)) }
    return Dictionary(grouping: rows, by: \.member).mapValues { Set($0.map(\.purchase)) }
  }

  /// Members of whom a dispute ended in a batch sealed after a number.
  package func membersWithDisputes(endedAfter seal: Int64) throws -> [Int64] {
    try connection.run(
      """
      SELECT DISTINCT d.member_id FROM dispute_event d JOIN seal s ON s.batch_id = d.batch_id
       WHERE s.seal_no > \(seal)::bigint ORDER BY d.member_id
      """
    ).map { try $0.int(0) }
  }
}
