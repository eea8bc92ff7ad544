package import Civil
package import Crypto
import Postgres

/// A partner's certificate in the books.
package struct StoredSigner: Sendable {
  package let partner: Int16
  package let fingerprint: String
  package let validFrom: CivilDate
  package let validTo: CivilDate
  package let proposedBy: String
  package let decidedBy: String?
  package let withdrawnBy: String?
}

extension Books {
  /// Certificates that may sign for a partner on a day.
  package func signers(partner: Int16, on date: CivilDate) throws -> [[UInt8]] {
    try connection.run(
      """
      SELECT certificate FROM signer_in_force WHERE partner = \(partner)::smallint
         AND \("\(date)")::date BETWEEN valid_from AND valid_to
      """
    ).map { try $0.bytes(0) }
  }

  /// All certificates of partners, enrolled or not.
  package func signers() throws -> [StoredSigner] {
    try connection.run(
      """
      SELECT s.partner, encode(s.fingerprint, 'hex'), s.valid_from::text, s.valid_to::text,
             s.proposed_by, d.decided_by, w.withdrawn_by
        FROM signer s LEFT JOIN signer_decision d USING (partner, fingerprint)
        LEFT JOIN signer_withdrawal w USING (partner, fingerprint)
       ORDER BY s.partner, s.valid_from, s.fingerprint
      """
    ).map {
      try StoredSigner(
        partner: $0.int16(0),
        fingerprint: $0.string(1),
        validFrom: $0.day(2),
        validTo: $0.day(3),
        proposedBy: $0.string(4),
        decidedBy: $0.optional(5),
        withdrawnBy: $0.optional(6)
      )
    }
  }

  /// Enrols a partner's certificate: the first person proposes it, a second one decides.
  ///
  /// - Parameters:
  ///   - partner: The partner.
  ///   - fingerprint: SHA-256 of the certificate.
  ///   - certificate: DER bytes.
  ///   - from: The first day of its validity.
  ///   - to: The last day of its validity.
  /// - Returns: What the caller's word did.
  /// - Throws: `SamePerson` or `DatabaseError`.
  package func enrolSigner(
    partner: Int16,
    fingerprint: Digest,
    certificate: [UInt8],
    from: CivilDate,
    to: CivilDate
  ) throws -> JointDecision {
    try decideJointly(
      proposal: """
        INSERT INTO signer (partner, fingerprint, certificate, valid_from, valid_to)
        VALUES (\(partner)::smallint, \(bytes: fingerprint.bytes), \(bytes: certificate),
          \("\(from)")::date, \("\(to)")::date)
        ON CONFLICT DO NOTHING RETURNING true
        """,
      known: """
        SELECT s.proposed_by = session_user, d.partner IS NOT NULL
          FROM signer s LEFT JOIN signer_decision d USING (partner, fingerprint)
         WHERE s.partner = \(partner)::smallint AND s.fingerprint = \(bytes: fingerprint.bytes)
        """,
      decision: """
        INSERT INTO signer_decision (partner, fingerprint, proposed_by)
        SELECT partner, fingerprint, proposed_by FROM signer
         WHERE partner = \(partner)::smallint AND fingerprint = \(bytes: fingerprint.bytes)
        """
    )
  }

  /// Withdraws a certificate: it signs for the partner no longer.
  package func withdrawSigner(partner: Int16, fingerprint: String, reason: String) throws {
    try connection.run(
      """
      INSERT INTO signer_withdrawal (partner, fingerprint, reason)
      VALUES (\(partner)::smallint, decode(\(fingerprint), 'hex'), \(reason))
      """
    )
  }
}
