package import Civil
package import Crypto
package import Ledger
import Postgres

/// What the old system left, as two people have checked it.
package struct DecidedOpening: Sendable {
  package let digest: Digest
  package let name: String
  package let body: [UInt8]
}

extension Books {
  /// Proposes an opening, or decides it as the second person who brings the same bytes and totals.
  ///
  /// - Parameters:
  ///   - body: The file.
  ///   - name: Its name, without folders.
  ///   - totals: What the old general ledger says, in one text.
  /// - Returns: What it did.
  /// - Throws: `SamePerson`, `ProposalConflict` where the totals are others, or `DatabaseError`.
  package func open(
    opening body: [UInt8],
    name: String,
    totals: String
  ) throws -> JointDecision {
    let digest = sha256(body).bytes
    return try decideJointly(
      proposal: """
        INSERT INTO opening (digest, name, body, totals)
        VALUES (\(bytes: digest), \(name), \(bytes: body), \(totals))
        ON CONFLICT (digest) DO NOTHING RETURNING name
        """,
      known: """
        SELECT o.proposed_by = session_user, EXISTS (SELECT FROM opening_decision d
                                                      WHERE d.digest = o.digest)
          FROM opening o WHERE digest = \(bytes: digest) AND totals = \(totals)
        """,
      decision: """
        INSERT INTO opening_decision (digest, totals, proposed_by)
        SELECT digest, totals, proposed_by FROM opening WHERE digest = \(bytes: digest)
        """
    )
  }

  /// Openings that two people decided and no batch has posted.
  package func decidedOpenings() throws -> [DecidedOpening] {
    try connection.run(
      """
      SELECT o.digest, o.name, o.body FROM opening o JOIN opening_decision d USING (digest)
       WHERE NOT EXISTS (SELECT FROM opening_posted p WHERE p.digest = o.digest)
       ORDER BY o.digest
      """
    ).map { row in
      guard let digest = Digest(bytes: try row.bytes(0)) else {
        throw row.unreadable(0, "a digest of 32 bytes", isShown: false)
      }
      return try DecidedOpening(digest: digest, name: row.string(1), body: row.bytes(2))
    }
  }

  /// Notes the batch that posts an opening.
  package func post(opening digest: Digest, batch: Int64) throws {
    try connection.run(
      """
      INSERT INTO opening_posted (digest, batch_id) VALUES (\(bytes: digest.bytes), \(batch)::bigint)
      """
    )
  }

  /// Notes where the old system's last statement to a partner ended; ours go on from there.
  package func open(
    partner: Int16,
    currency: Currency,
    sequence: Int64,
    closing: Int64,
    on day: CivilDate,
    batch: Int64
  ) throws {
    try connection.run(
      """
      INSERT INTO partner_opening (partner, currency, sequence, closing_minor, closed_on, batch_id)
      VALUES (\(partner)::smallint, \(currency.code), \(sequence)::integer, \(closing)::bigint,
        \("\(day)")::date, \(batch)::bigint)
      """
    )
  }
}
