import Formats
import Postgres

extension Books {
  /// Rows of every fact table against the notes that were taken when they were written, and the notes
  /// against the seals that they stand under.
  func checkFacts(since: Int64, _ report: inout LedgerCheckReport) throws {
    for row in try connection.run(
      "SELECT relation, key, columns FROM fact_sources() ORDER BY relation"
    ) {
      let source = try FactSource(
        relation: row.string(0),
        key: row.string(1),
        columns: row.string(2)
      )
      for fault in try connection.run(source.differing(since: since)) {
        report.faults.append(try source.fault(fault))
      }
    }
    try checkNotes(since: since, &report)
    let counts = try connection.run(
      """
      SELECT coalesce(sum(cardinality(n.keys)), 0),
             coalesce(sum(cardinality(n.keys)) FILTER (WHERE n.batch_id IS NULL), 0)
        FROM fact_note n LEFT JOIN seal s USING (batch_id)
       WHERE s.seal_no IS NULL OR s.seal_no > \(since)::bigint
      """
    ).first
    report.facts = try counts?.int(0) ?? 0
    report.unsealed = try counts?.int(1) ?? 0
  }

  /// The notes of a batch give the digests that its seal vouches for.
  private func checkNotes(since: Int64, _ report: inout LedgerCheckReport) throws {
    let rows = try connection.run(
      """
      SELECT coalesce(n.batch_id, a.batch_id), coalesce(n.relation, a.name)
        FROM (SELECT batch_id, relation, sha256(string_agg(digest, ''::bytea ORDER BY digest)) AS digest
                FROM fact_note WHERE batch_id IS NOT NULL GROUP BY 1, 2) AS n
        FULL JOIN (SELECT batch_id, name, digest FROM attachment WHERE kind = 'facts') AS a
          ON a.batch_id = n.batch_id AND a.name = n.relation
        LEFT JOIN seal s ON s.batch_id = coalesce(n.batch_id, a.batch_id)
       WHERE n.digest IS DISTINCT FROM a.digest AND (s.seal_no IS NULL OR s.seal_no > \(since)::bigint)
       ORDER BY 1, 2 LIMIT 100
      """
    )
    for row in rows {
      try report.tell(
        "notes of facts",
        "leaf \(row.int(0)) \(row.string(1))",
        "the notes are not those that were sealed"
      )
    }
    for row in try connection.run(
      """
      SELECT DISTINCT relation FROM fact_note
       WHERE relation NOT IN (SELECT f.relation FROM fact_sources() AS f) ORDER BY 1 LIMIT 100
      """
    ) {
      try report.tell("notes of facts", row.string(0), "a note of a table that keeps no facts")
    }
  }
}

/// A table whose rows are noted as they are written: the columns that name a row, and those whose text is
/// digested (`fact_sources`).
private struct FactSource {
  let relation: String
  let key: String
  let columns: String

  /// Notes whose rows are gone or changed, and rows that no note knows.
  ///
  /// Of rows without a note no text is gathered: there can be as many as the table has.
  func differing(since: Int64) -> Query {
    let isLater = "(s.seal_no IS NULL OR s.seal_no > \(since))"
    return Query(
      trusted: """
        WITH noted AS (
          SELECT n.id, n.digest, n.batch_id, k.key, k.place
            FROM kvitt.fact_note n LEFT JOIN kvitt.seal s USING (batch_id)
           CROSS JOIN LATERAL unnest(n.keys) WITH ORDINALITY AS k (key, place)
           WHERE n.relation = '\(relation)' AND \(isLater)
        ), stands AS (
          SELECT ROW(\(key))::text AS key, ROW(\(columns))::text AS text
            FROM kvitt.\(relation) AS fresh
        )
        SELECT n.id IS NULL, coalesce(n.batch_id, 0), count(*), count(*) FILTER (WHERE s.key IS NULL),
               min(coalesce(n.key, s.key)), max(coalesce(n.key, s.key)),
               min(n.key) FILTER (WHERE s.key IS NULL)
          FROM noted n \(since > 0 ? "LEFT" : "FULL") JOIN stands s ON s.key = n.key
         GROUP BY n.id, n.digest, n.batch_id
        HAVING n.id IS NULL OR count(*) FILTER (WHERE s.key IS NULL) > 0
            OR n.digest <> sha256(convert_to(
                 string_agg(s.text, E'\\n' ORDER BY n.place) FILTER (WHERE n.id IS NOT NULL), 'UTF8'))
         ORDER BY n.id NULLS FIRST LIMIT 100
        """
    )
  }

  /// What a row of `differing` tells.
  func fault(_ row: Row) throws -> LedgerFault {
    let (count, gone) = try (row.int(2), row.int(3))
    let under = try row.int(1) == 0 ? "after the last seal" : "under leaf \(row.int(1))"
    let first = try escaped(row.string(4))
    let last = try escaped(row.string(5))
    if try row.bool(0) {
      return LedgerFault(
        check: "facts",
        place: "\(relation) \(first)",
        detail: "\(count) rows that no note knows: they were not written by kvitt"
      )
    }
    if gone > 0 {
      return try LedgerFault(
        check: "facts",
        place: "\(relation) \(escaped(row.string(6)))",
        detail: "\(gone) of \(count) rows are gone, written \(under)"
      )
    }
    return LedgerFault(
      check: "facts",
      place: count == 1
        ? "\(relation) \(first)" : "\(relation) \(first) to \(last)",
      detail: count == 1
        ? "the row is not the one that was written \(under)"
        : "one of \(count) rows is not the one that was written \(under)"
    )
  }
}
