import Ledger
import Postgres

/// Two members who are joined, or told apart again, as two people decide it.
package struct MemberMerge: Sendable {
  /// The proposer's own name of it.
  package let key: String
  /// Whose rewards go to the other.
  package let member: Int64
  package let into: Int64
  /// Whether the two are told apart again.
  package let isUndone: Bool

  package init(key: String, member: Int64, into: Int64, isUndone: Bool) {
    self.key = key
    self.member = member
    self.into = into
    self.isUndone = isUndone
  }
}

extension Books {
  /// Proposes a merge or its end, or decides it as the second person who asks for the same.
  ///
  /// - Parameters:
  ///   - merge: What is asked.
  ///   - reason: Why.
  ///   - evidence: Where that can be seen.
  /// - Returns: What it did.
  /// - Throws: `SamePerson`, `ProposalConflict`, or `DatabaseError` with SQLSTATE KV030 where one of
  ///   the members is joined to another, or the two are not joined.
  package func join(
    _ merge: MemberMerge,
    reason: String,
    evidence: String
  ) throws -> JointDecision {
    try decideJointly(
      proposal: """
        INSERT INTO member_merge (key, member_id, into_id, undo, reason, evidence)
        VALUES (\(merge.key), \(merge.member)::bigint, \(merge.into)::bigint, \(merge.isUndone),
          \(reason), \(evidence))
        ON CONFLICT (key) DO NOTHING RETURNING key
        """,
      known: """
        SELECT m.proposed_by = session_user, EXISTS (SELECT FROM member_merge_decision d
                                                      WHERE d.key = m.key)
          FROM member_merge m
         WHERE key = \(merge.key) AND member_id = \(merge.member)::bigint
           AND into_id = \(merge.into)::bigint AND undo = \(merge.isUndone)
        """,
      decision: """
        INSERT INTO member_merge_decision (key, proposed_by)
        SELECT key, proposed_by FROM member_merge WHERE key = \(merge.key)
        """
    )
  }

  /// To whom members are joined now; of all joined members where none are named.
  package func merged(_ members: [Int64]? = nil) throws -> [Int64: Int64] {
    let rows = try connection.run(
      """
      SELECT member_id, into_id FROM merged
       WHERE \(members == nil) OR member_id = ANY (\(members ?? [])::bigint[])
      """
    )
    return try Dictionary(uniqueKeysWithValues: rows.map { try ($0.int(0), $0.int(1)) })
  }

  /// Ends of merges of which no run has moved anything back yet, oldest first.
  package func undoneMerges() throws -> [MemberMerge] {
    try connection.run(
      """
      SELECT m.key, m.member_id, m.into_id
        FROM member_merge m JOIN member_merge_decision d USING (key)
       WHERE m.undo AND NOT EXISTS (SELECT FROM member_merge_undone u WHERE u.key = m.key)
       ORDER BY d.id
      """
    ).map {
      try MemberMerge(key: $0.string(0), member: $0.int(1), into: $0.int(2), isUndone: true)
    }
  }

  /// Lots that a member received from another.
  package func lots(receivedBy member: Int64, from other: Int64) throws -> Set<Int64> {
    let rows = try connection.run(
      """
      SELECT i.batch_id << 32 | i.seq FROM reward i
        JOIN reward o ON o.batch_id = i.batch_id AND o.seq = i.seq - 1 AND o.flow = \(flow: .handOver)
         AND o.member_id = \(other)::bigint
       WHERE i.member_id = \(member)::bigint AND i.flow = \(flow: .receive)
      """
    )
    return try Set(rows.map { try $0.int(0) })
  }

  /// What a member owes, by unit.
  package func debts(member: Int64) throws -> [(unit: Int16, quantity: Int64, cost: Int64)] {
    try connection.run(
      """
      SELECT unit, quantity, cost_minor FROM member_debt
       WHERE member_id = \(member)::bigint AND quantity > 0 ORDER BY unit
      """
    ).map { try ($0.int16(0), $0.int(1), $0.int(2)) }
  }

  /// Notes ends of merges as done, with the batch that moved something back, if any.
  package func note(undone keys: [String], batch: Int64?) throws {
    try connection.run(
      """
      INSERT INTO member_merge_undone (key, batch_id)
      SELECT k, \(batch.map { String($0) })::bigint FROM unnest(\(keys)::text[]) AS x (k)
      """
    )
  }
}
