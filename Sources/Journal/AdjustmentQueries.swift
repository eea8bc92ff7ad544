import Ledger
import Postgres

/// What two people change of a member's rewards.
package struct Adjustment: Sendable {
  /// The proposer's own name of it.
  package let key: String
  /// `goodwill` or `write-off`.
  package let kind: String
  package let member: Int64
  package let unit: Int16
  /// 0 writes off all that is owed.
  package let quantity: Int64

  package init(key: String, kind: String, member: Int64, unit: Int16, quantity: Int64) {
    self.key = key
    self.kind = kind
    self.member = member
    self.unit = unit
    self.quantity = quantity
  }
}

extension Books {
  /// Proposes an adjustment, or decides it as the second person who asks for the same.
  ///
  /// - Parameters:
  ///   - adjustment: What is asked.
  ///   - reason: Why.
  ///   - evidence: Where that can be seen.
  /// - Returns: What it did.
  /// - Throws: `SamePerson`, `ProposalConflict` or `DatabaseError`.
  package func adjust(
    _ adjustment: Adjustment,
    reason: String,
    evidence: String
  ) throws -> JointDecision {
    try decideJointly(
      proposal: """
        INSERT INTO adjustment (key, kind, member_id, unit, quantity, reason, evidence)
        VALUES (\(adjustment.key), \(adjustment.kind), \(adjustment.member)::bigint,
          \(adjustment.unit)::smallint, \(adjustment.quantity)::bigint, \(reason), \(evidence))
        ON CONFLICT (key) DO NOTHING RETURNING key
        """,
      known: """
        SELECT a.proposed_by = session_user, EXISTS (SELECT FROM adjustment_decision d
                                                      WHERE d.key = a.key)
          FROM adjustment a
         WHERE key = \(adjustment.key) AND kind = \(adjustment.kind)
           AND member_id = \(adjustment.member)::bigint AND unit = \(adjustment.unit)::smallint
           AND quantity = \(adjustment.quantity)::bigint
        """,
      decision: """
        INSERT INTO adjustment_decision (key, proposed_by)
        SELECT key, proposed_by FROM adjustment WHERE key = \(adjustment.key)
        """
    )
  }

  /// Adjustments that two people decided and no batch has posted, oldest first.
  package func decidedAdjustments() throws -> [Adjustment] {
    try connection.run(
      """
      SELECT a.key, a.kind, a.member_id, a.unit, a.quantity
        FROM adjustment a JOIN adjustment_decision d USING (key)
       WHERE NOT EXISTS (SELECT FROM adjustment_posted p WHERE p.key = a.key)
       ORDER BY a.id
      """
    ).map {
      try Adjustment(
        key: $0.string(0),
        kind: $0.word(1, of: ["goodwill", "write-off"]),
        member: $0.int(2),
        unit: $0.int16(3),
        quantity: $0.int(4)
      )
    }
  }

  /// Notes the batch that posts adjustments.
  package func post(adjustments keys: [String], batch: Int64) throws {
    try connection.run(
      """
      INSERT INTO adjustment_posted (key, batch_id)
      SELECT k, \(batch)::bigint FROM unnest(\(keys)::text[]) AS x (k)
      """
    )
  }

  /// What a member owes of a unit, with its cost; the member is locked.
  package func debt(member: Int64, unit: Int16) throws -> (quantity: Int64, cost: Int64) {
    try connection.run(
      """
      SELECT quantity, cost_minor FROM member_debt
       WHERE member_id = \(member)::bigint AND unit = \(unit)::smallint
      """
    ).first.map { try ($0.int(0), $0.int(1)) } ?? (0, 0)
  }

  /// What became debt of a member's unit, by the rule that had given it, with the shares that went back
  /// to the rule's partner.
  package func debtsByRule(
    member: Int64,
    unit: Int16
  ) throws -> [(agreement: Int32, rule: Int16, quantity: Int64, share: Int64)] {
    try connection.run(
      """
      SELECT agreement, rule, sum(quantity)::bigint, sum(share_minor)::bigint FROM reward
       WHERE member_id = \(member)::bigint AND unit = \(unit)::smallint
         AND flow IN (\(flows: Flow.all { $0.effect == .takesBackAsDebt }))
       GROUP BY agreement, rule ORDER BY agreement, rule
      """
    ).map { try ($0.int32(0), $0.int16(1), $0.int(2), $0.int(3)) }
  }

  /// The programmes of members.
  package func programmes(ofMembers members: [Int64]) throws -> [Int64: Int16] {
    let rows = try connection.run(
      "SELECT id, programme FROM member WHERE id = ANY (\(members)::bigint[])"
    )
    return try Dictionary(uniqueKeysWithValues: rows.map { try ($0.int(0), $0.int16(1)) })
  }
}
