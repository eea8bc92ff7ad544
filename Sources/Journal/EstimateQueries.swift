package import Civil
import Ledger
import Postgres

/// How much of a unit's points members will use in the end, as somebody expects it.
package struct Estimate: Sendable {
  /// The proposer's own name of it.
  package let key: String
  package let unit: Int16
  /// Hundredths of a percent that will be used.
  package let usedBasisPoints: Int64
  /// The last day whose data it rests on.
  package let dataCut: CivilDate

  package init(key: String, unit: Int16, usedBasisPoints: Int64, dataCut: CivilDate) {
    self.key = key
    self.unit = unit
    self.usedBasisPoints = usedBasisPoints
    self.dataCut = dataCut
  }
}

extension Books {
  /// Proposes an estimate, or decides it as the second person who brings the same.
  ///
  /// - Parameters:
  ///   - estimate: What is expected.
  ///   - reason: Why.
  ///   - evidence: Where that can be seen.
  /// - Returns: What it did.
  /// - Throws: `SamePerson`, `ProposalConflict` or `DatabaseError`.
  package func propose(
    _ estimate: Estimate,
    reason: String,
    evidence: String
  ) throws -> JointDecision {
    try decideJointly(
      proposal: """
        INSERT INTO estimate (key, unit, used_bp, data_cut, reason, evidence)
        VALUES (\(estimate.key), \(estimate.unit)::smallint, \(estimate.usedBasisPoints)::integer,
          \("\(estimate.dataCut)")::date, \(reason), \(evidence))
        ON CONFLICT (key) DO NOTHING RETURNING key
        """,
      known: """
        SELECT e.proposed_by = session_user, EXISTS (SELECT FROM estimate_decision d
                                                      WHERE d.key = e.key)
          FROM estimate e
         WHERE key = \(estimate.key) AND unit = \(estimate.unit)::smallint
           AND used_bp = \(estimate.usedBasisPoints)::integer
           AND data_cut = \("\(estimate.dataCut)")::date
        """,
      decision: """
        INSERT INTO estimate_decision (key, proposed_by)
        SELECT key, proposed_by FROM estimate WHERE key = \(estimate.key)
        """
    )
  }

  /// Estimates that two people decided and no batch has posted, oldest first.
  package func decidedEstimates() throws -> [Estimate] {
    try connection.run(
      """
      SELECT e.key, e.unit, e.used_bp, e.data_cut FROM estimate e JOIN estimate_decision d USING (key)
       WHERE NOT EXISTS (SELECT FROM estimate_posted p WHERE p.key = e.key)
       ORDER BY e.id
      """
    ).map { row in
      try Estimate(
        key: row.string(0),
        unit: row.int16(1),
        usedBasisPoints: row.int(2),
        dataCut: row.day(3)
      )
    }
  }

  /// What a unit's open points cost at gross, as the sealed leaves say; minor units.
  package func grossLiability(unit: Int16) throws -> Int64 {
    try connection.run(
      """
      SELECT coalesce(-sum(l.sign * t.cost_minor), 0)::bigint
        FROM leaf_total t JOIN flow_leg l ON l.flow = t.flow
       WHERE l.account = '2150' AND l.measure = 'cost' AND t.unit = \(unit)::smallint
      """
    ).first?.int(0) ?? 0
  }

  /// What is left of a unit's allowance: what estimates gave less what expiry used.
  package func allowance(unit: Int16) throws -> Int64 {
    try connection.run(
      """
      SELECT coalesce((SELECT sum(change_minor) FROM estimate_posted
                        WHERE unit = \(unit)::smallint), 0)::bigint
           - coalesce((SELECT sum(share_minor) FROM leaf_total
                        WHERE unit = \(unit)::smallint AND flow = \(flow: .expirePoints)), 0)::bigint
      """
    ).first?.int(0) ?? 0
  }

  /// Notes what a batch makes of an estimate.
  package func post(
    _ estimate: Estimate,
    gross: Int64,
    allowance: Int64,
    change: Int64,
    batch: Int64
  ) throws {
    try connection.run(
      """
      INSERT INTO estimate_posted (key, unit, batch_id, gross_minor, allowance_minor, change_minor)
      VALUES (\(estimate.key), \(estimate.unit)::smallint, \(batch)::bigint, \(gross)::bigint,
        \(allowance)::bigint, \(change)::bigint)
      """
    )
  }
}
