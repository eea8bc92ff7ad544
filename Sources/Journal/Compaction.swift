package import Civil
import Crypto
import Postgres

extension Books {
  /// Leaves that hold one batch each.
  package func looseLeaves() throws -> Int64 {
    try connection.run(
      """
      SELECT count(*) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
       WHERE i.inhparent = 'kvitt.reward'::regclass AND c.relname ~ '^reward_[0-9]+$'
      """
    ).first?.int(0) ?? 0
  }

  /// Merges the leaves of batches before a business date into one per part, in one transaction
  /// that compares the digests of every batch before and after (D8).
  ///
  /// - Returns: Number of rows that lie in merged leaves now.
  /// - Throws: `DatabaseError`, or `MergeChangedRows` where a digest differs.
  @discardableResult
  package func compact(before date: CivilDate) throws -> Int64 {
    try transaction {
      let batches = try connection.run(
        """
        SELECT b.id, b.kind FROM batch b
         WHERE b.business_date < \("\(date)")::date AND b.kind NOT IN ('settlement', 'bank')
           AND (to_regclass('kvitt.reward_' || b.id) IS NOT NULL
                OR to_regclass('kvitt.purchase_' || b.id) IS NOT NULL)
         ORDER BY b.id
        """
      ).map { try (id: $0.int(0), kind: $0.known(1) as BatchKind) }
      guard let first = batches.first?.id, let last = batches.last?.id, first < last else {
        return 0
      }
      let before = try digests(of: batches)
      var rows: Int64 = 0
      for part in ["purchase", "reward"] {
        rows +=
          try connection.run(
            "SELECT merge_leaves(\(part), \(first)::bigint, \(last)::bigint)"
          ).first?.int(0) ?? 0
      }
      guard try digests(of: batches) == before else { throw MergeChangedRows() }
      return rows
    }
  }

  private func digests(of batches: [(id: Int64, kind: BatchKind)]) throws -> [Digest] {
    try batches.flatMap { batch in
      var rows: Int64 = 0
      let purchases = batch.kind == .feed ? try blockDigests(batch.id, "purchase", &rows) : []
      return purchases + (try blockDigests(batch.id, "reward", &rows))
    }
  }
}

/// A merge of leaves gave other rows; the transaction was rolled back.
package struct MergeChangedRows: Error, CustomStringConvertible {
  package var description: String { "merging leaves changed their rows; nothing was written" }
}
