import Civil
import Formats
package import Ledger
import Postgres

/// What a file brought and what became of it, told in lines.
package struct FileStory: Sendable {
  package let lines: [String]
}

/// A refund or the like whose purchase nothing names.
package struct UnlinkedRecord: Sendable {
  package let row: Int64
  package let type: String
  package let date: String
  package let reference: String
  package let merchant: String
  package let amount: Amount
  package let evidence: String
  /// `open`, `proposed …`, `linked` or `accepted`.
  package let state: String

  /// `batch-seq`, as commands take it.
  package var name: String { "\(row >> 32)-\(row & 0xFFFF_FFFF)" }
}

/// What deciding about an unlinked record did.
package enum UnlinkedOutcome: Sendable {
  case proposed, decided, unknownRecord, unknownPurchase
}

extension Books {
  /// The story of one file; nil where no file has the number.
  package func fileStory(batch: Int64) throws -> FileStory? {
    guard
      let row = try connection.run(
        """
        SELECT f.source, f.name, encode(f.digest, 'hex'), coalesce(f.sequence::text, 'none'),
               coalesce(f.key, 'none'), f.records, f.repeats, f.quarantined, f.skipped, f.late,
               f.has_totals, b.business_date, to_char(b.recorded_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
               s.seal_no, encode(s.seal, 'hex'), s.purchases, s.rewards,
               (SELECT count(*) FROM record_link l WHERE l.batch_id = f.batch_id),
               (SELECT count(*) FROM record_link l
                 WHERE l.batch_id = f.batch_id AND l.evidence <> 'reference'),
               (SELECT count(*) FROM waiting_record w WHERE w.batch_id = f.batch_id
                   AND NOT EXISTS (SELECT FROM waiting_done d WHERE d.identity = w.identity)),
               (SELECT count(*) FROM unlinked_record u WHERE u.row_id >> 32 = f.batch_id
                   AND NOT EXISTS (SELECT FROM record_link l WHERE l.identity = u.identity)
                   AND NOT EXISTS (SELECT FROM unlinked_decision d WHERE d.identity = u.identity))
          FROM file f JOIN batch b ON b.id = f.batch_id JOIN seal s ON s.batch_id = f.batch_id
         WHERE f.batch_id = \(batch)::bigint
        """
      ).first
    else { return nil }
    let new = try row.int(5) - row.int(6) - row.int(7) - row.int(8)
    var lines = try [
      "F-\(batch) \(row.string(1)) of \(row.string(0))",
      "  sha256 \(row.string(2)), number \(row.string(3)), own id \(row.string(4))",
      "  business date \(row.string(11)), learnt \(row.string(12)), seal \(row.int(13)) "
        + row.string(14).prefix(8),
      "  \(row.int(5)) records: \(new) new, \(row.int(6)) seen before, \(row.int(7)) quarantined, "
        + "\(row.int(8)) of skipped types; \(row.int(9)) of the new are late",
      "  control totals: \(row.bool(10) ? "agreed" : "none came with the file")",
      "  in the books: \(row.int(15)) records, \(row.int(16)) reward rows",
      "  refunds and the like: \(row.int(17)) linked, of which \(row.int(18)) without a reference; "
        + "\(row.int(19)) wait, \(row.int(20)) unlinked",
    ]
    for item in try connection.run(
      """
      SELECT code, count(*) FROM quarantine WHERE batch_id = \(batch)::bigint
       GROUP BY code ORDER BY code
      """
    ) { lines.append(try "  quarantine: \(item.int(1)) rows with \(item.string(0))") }
    return FileStory(lines: lines)
  }

  /// The queue of unlinked records, newest first.
  package func unlinkedRecords(limit: Int) throws -> [UnlinkedRecord] {
    try connection.run(
      """
      SELECT u.row_id, p.type, p.event_date, p.reference, p.merchant, p.amount_minor, p.currency,
             u.evidence,
             CASE WHEN l.identity IS NOT NULL THEN 'linked'
                  WHEN d.identity IS NOT NULL AND c.original IS NULL THEN 'accepted'
                  WHEN d.identity IS NOT NULL THEN 'decided'
                  WHEN c.seq IS NOT NULL THEN 'proposed by ' || c.proposed_by ELSE 'open' END
        FROM (SELECT * FROM unlinked_record ORDER BY row_id DESC LIMIT \(limit)::integer) u
        JOIN LATERAL (SELECT * FROM purchase p
          WHERE p.batch_id = u.row_id >> 32 AND p.seq = (u.row_id & 4294967295)) p ON true
        LEFT JOIN record_link l ON l.identity = u.identity
        LEFT JOIN unlinked_decision d ON d.identity = u.identity
        LEFT JOIN LATERAL (SELECT * FROM unlinked_proposal c WHERE c.identity = u.identity
          ORDER BY seq DESC LIMIT 1) c ON true
       ORDER BY u.row_id DESC
      """
    ).map { row in
      let type: RecordType = try row.known(1)
      return try UnlinkedRecord(
        row: row.int(0),
        type: type.description,
        date: row.string(2),
        reference: row.string(3),
        merchant: row.string(4),
        amount: Amount(minor: row.int(5), currency: row.known(6)),
        evidence: row.string(7),
        state: row.string(8)
      )
    }
  }

  /// Proposes what an unlinked record concerns, or decides it as the second person.
  ///
  /// - Parameters:
  ///   - row: Row of the record.
  ///   - purchase: Row of the purchase; nil accepts that there is none.
  ///   - reason: What it rests on.
  /// - Returns: What was done.
  /// - Throws: `SamePerson` where the proposer tries to decide, or `DatabaseError`.
  package func decideUnlinked(
    row: Int64,
    purchase: Int64?,
    reason: String
  ) throws -> UnlinkedOutcome {
    try transaction {
      guard
        let record = try connection.run(
          """
          SELECT identity, member_id FROM unlinked_record u WHERE row_id = \(row)::bigint
             AND NOT EXISTS (SELECT FROM record_link l WHERE l.identity = u.identity)
             AND NOT EXISTS (SELECT FROM unlinked_decision d WHERE d.identity = u.identity)
          """
        ).first
      else { return .unknownRecord }
      var original: String?
      if let purchase {
        original = try connection.run(
          """
          SELECT identity FROM purchase
           WHERE batch_id = \(purchase)::bigint >> 32
             AND seq = (\(purchase)::bigint & 4294967295) AND type = 1 AND reversal = 0
             AND member_id = \(record.int(1))::bigint
          """
        ).first?.string(0)
        guard original != nil else { return .unknownPurchase }
      }
      return try propose(record.string(0), original: original, reason: reason)
    }
  }

  private func propose(
    _ identity: String,
    original: String?,
    reason: String
  ) throws -> UnlinkedOutcome {
    let last = try connection.run(
      """
      SELECT seq, proposed_by, original IS NOT DISTINCT FROM \(original)::uuid,
             proposed_by = session_user
        FROM unlinked_proposal WHERE identity = \(identity)::uuid ORDER BY seq DESC LIMIT 1
      """
    ).first
    if let last, try last.bool(2) {
      guard try !last.bool(3) else { throw SamePerson() }
      try connection.run(
        """
        INSERT INTO unlinked_decision (identity, seq, proposed_by)
        VALUES (\(identity)::uuid, \(last.int(0))::integer, \(last.string(1)))
        """
      )
      return .decided
    }
    try connection.run(
      """
      INSERT INTO unlinked_proposal (identity, seq, original, reason)
      VALUES (\(identity)::uuid, \((last?.int(0) ?? 0) + 1)::integer, \(original)::uuid, \(reason))
      """
    )
    return .proposed
  }
}
