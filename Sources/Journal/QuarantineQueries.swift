package import Civil
package import Formats
package import Ledger
import Foundation
import Postgres

/// A quarantined record by its file, line and, on a line with several, its number.
package struct QuarantineID: Hashable, Sendable, CustomStringConvertible {
  package let batch: Int64
  package let line: Int64
  package let item: Int64

  package init(batch: Int64, line: Int64, item: Int64 = 1) {
    self.batch = batch
    self.line = line
    self.item = item
  }

  /// `F-12:5`, or `F-12:5.2` for the second record of a line.
  package var description: String {
    "F-\(batch):\(line)" + (item == 1 ? "" : ".\(item)")
  }

  /// Reads what `description` writes.
  package init?(_ text: String) {
    let parts = text.split(separator: ":").map(String.init)
    guard parts.count == 2, parts[0].hasPrefix("F-"), let batch = Int64(parts[0].dropFirst(2))
    else {
      return nil
    }
    let place = parts[1].split(separator: ".").map(String.init)
    guard (1...2).contains(place.count), let line = Int64(place[0]) else { return nil }
    var item: Int64 = 1
    if place.count == 2 {
      guard let number = Int64(place[1]) else { return nil }
      item = number
    }
    self.init(batch: batch, line: line, item: item)
  }
}

/// A quarantined row with what became of it.
package struct QuarantinedRow: Sendable {
  package let id: QuarantineID
  package let source: String
  package let file: String
  package let column: Int64
  package let code: String
  package let message: String
  package let excerpt: String
  package let fields: [CardField: String]
  package let isCanonical: Bool
  /// `open`, `proposed`, `decided`, `discarded`, `posted` or `failed again`.
  package let state: String
}

/// A retry that two people decided.
package struct DecidedRetry: Sendable {
  package let row: QuarantinedRow
  package let seq: Int64
  package let correction: [CardField: String]
}

extension Books {
  /// Keeps rejected rows with their place, reason and fields.
  package func quarantine(_ rows: [RejectedRow], batch: Int64) throws {
    var items: [Int32: Int32] = [:]
    for chunk in chunks(rows, of: 5_000) {
      let lines = chunk.map(\.line)
      let numbers = chunk.map { row in
        items[row.line, default: 0] += 1
        return items[row.line] ?? 1
      }
      let columns = chunk.map(\.column)
      let codes = chunk.map(\.code.rawValue)
      let excerpts = chunk.map { String($0.excerpt.prefix(400)) }
      let messages = chunk.map { String($0.message.prefix(400)) }
      let fields = try chunk.map { try fieldText($0.fields, isCanonical: $0.isCanonical) }
      try connection.run(
        """
        INSERT INTO quarantine (batch_id, line, item, col, code, excerpt, message, fields)
        SELECT \(batch)::bigint, l, i, c, k, e, m, f::jsonb
          FROM unnest(\(lines)::integer[], \(numbers)::integer[], \(columns)::integer[],
            \(codes)::text[], \(excerpts)::text[], \(messages)::text[], \(fields)::text[])
            AS x (l, i, c, k, e, m, f)
        """
      )
    }
  }

  /// Quarantined rows, newest file first; of one batch or one row where given.
  package func quarantined(
    batch: Int64? = nil,
    id: QuarantineID? = nil,
    limit: Int
  ) throws -> [QuarantinedRow] {
    try connection.run(
      """
      SELECT q.batch_id, q.line, q.item, f.source, f.name, q.col, q.code, q.message, q.excerpt,
             coalesce(q.fields::text, '{}') AS fields,
             CASE WHEN r.code = '' THEN 'posted' WHEN r.code IS NOT NULL THEN 'failed again'
                  WHEN d.seq IS NULL AND p.seq IS NULL THEN 'open'
                  WHEN d.seq IS NULL THEN 'proposed'
                  WHEN p.action = 'discard' THEN 'discarded' ELSE 'decided' END
        FROM quarantine q JOIN file f ON f.batch_id = q.batch_id
        LEFT JOIN LATERAL (SELECT * FROM quarantine_proposal p
          WHERE p.batch_id = q.batch_id AND p.line = q.line AND p.item = q.item
          ORDER BY seq DESC LIMIT 1) p ON true
        LEFT JOIN quarantine_decision d ON d.batch_id = q.batch_id AND d.line = q.line
          AND d.item = q.item AND d.seq = p.seq
        LEFT JOIN quarantine_result r ON r.batch_id = q.batch_id AND r.line = q.line
          AND r.item = q.item AND r.seq = p.seq
       WHERE (\(batch.map { String($0) })::bigint IS NULL
              OR q.batch_id = \(batch.map { String($0) })::bigint)
         AND (\(id.map { String($0.batch) })::bigint IS NULL
              OR (q.batch_id, q.line, q.item) = (\(id.map { String($0.batch) })::bigint,
                \(id.map { String($0.line) })::integer, \(id.map { String($0.item) })::integer))
       ORDER BY q.batch_id DESC, q.line, q.item LIMIT \(limit)::integer
      """
    ).map(QuarantinedRow.init)
  }

  /// Proposes to take a row with a correction, or to discard it; the second of two people who say
  /// the same decides.
  ///
  /// - Returns: Whether it is decided now.
  package func dispose(
    _ id: QuarantineID,
    action: String,
    correction: [CardField: String],
    reason: String
  ) throws -> Bool {
    let text = try fieldText(correction, isCanonical: false)
    return try transaction {
      let last = try connection.run(
        """
        SELECT p.seq, p.proposed_by, p.action = \(action) AND p.correction = \(text)::jsonb,
               p.proposed_by = session_user
          FROM quarantine_proposal p
         WHERE p.batch_id = \(id.batch)::bigint AND p.line = \(id.line)::integer
           AND p.item = \(id.item)::integer ORDER BY seq DESC LIMIT 1
        """
      ).first
      if let last, try last.bool(2) {
        guard try !last.bool(3) else { throw SamePerson() }
        try connection.run(
          """
          INSERT INTO quarantine_decision (batch_id, line, item, seq, proposed_by)
          VALUES (\(id.batch)::bigint, \(id.line)::integer, \(id.item)::integer,
            \(last.int(0))::integer, \(last.string(1)))
          """
        )
        return true
      }
      try connection.run(
        """
        INSERT INTO quarantine_proposal (batch_id, line, item, seq, action, correction, reason)
        VALUES (\(id.batch)::bigint, \(id.line)::integer, \(id.item)::integer,
          \((last?.int(0) ?? 0) + 1)::integer, \(action), \(text)::jsonb, \(reason))
        """
      )
      return false
    }
  }

  /// Retries that two people decided and no batch has taken yet.
  package func decidedRetries() throws -> [DecidedRetry] {
    let rows = try connection.run(
      """
      SELECT d.batch_id, d.line, d.item, d.seq, p.correction::text
        FROM quarantine_decision d
        JOIN quarantine_proposal p ON p.batch_id = d.batch_id AND p.line = d.line
         AND p.item = d.item AND p.seq = d.seq
       WHERE p.action = 'retry' AND NOT EXISTS (
         SELECT FROM quarantine_result r WHERE r.batch_id = d.batch_id AND r.line = d.line
            AND r.item = d.item AND r.seq = d.seq)
       ORDER BY d.batch_id, d.line, d.item
      """
    )
    return try rows.map { row in
      let id = try QuarantineID(batch: row.int(0), line: row.int(1), item: row.int(2))
      guard let stored = try quarantined(id: id, limit: 1).first else {
        throw row.unreadable(0, "the file of \(id)")
      }
      return try DecidedRetry(row: stored, seq: row.int(3), correction: row.fields(4).fields)
    }
  }

  /// Notes what became of a retry.
  ///
  /// - Parameters:
  ///   - retry: The retry.
  ///   - batch: The batch that took the row.
  ///   - code: Why it failed again; empty is success.
  ///   - missed: What the control totals of its file missed without it, debit positive.
  /// - Throws: `DatabaseError`.
  package func note(
    _ retry: DecidedRetry,
    batch: Int64,
    code: String,
    missed: Amount?
  ) throws {
    let id = retry.row.id
    try connection.run(
      """
      INSERT INTO quarantine_result (batch_id, line, item, seq, retry_batch, code, currency, minor)
      VALUES (\(id.batch)::bigint, \(id.line)::integer, \(id.item)::integer,
        \(retry.seq)::integer, \(batch)::bigint, \(code), \(missed?.currency.code),
        \(missed.map { String($0.minor) })::bigint)
      """
    )
  }

  /// Closes the breaks of files whose control totals the corrected rows have brought to 0.00.
  package func closeControlBreaks(ofFiles batches: [Int64], on date: CivilDate) throws {
    let done = try connection.run(
      """
      SELECT b.fingerprint
        FROM file f
        JOIN quarantine_result r ON r.batch_id = f.batch_id AND r.code = ''
        JOIN break_item b ON b.fingerprint = 'control-total/' || f.name || '/' || r.currency
         AND b.pair = 'feed ' || f.source
       WHERE f.batch_id = ANY (\(batches)::bigint[])
       GROUP BY b.fingerprint, b.theirs HAVING sum(r.minor) = b.theirs
      """
    ).map { try $0.string(0) }
    try clear(fingerprints: done, on: date, note: "the corrected rows bring the total to 0.00")
  }
}

extension QuarantinedRow {
  fileprivate init(_ row: Row) throws(UnreadableValue) {
    let stored = try row.fields(9)
    try self.init(
      id: QuarantineID(batch: row.int(0), line: row.int(1), item: row.int(2)),
      source: row.string(3),
      file: row.string(4),
      column: row.int(5),
      code: row.string(6),
      message: row.string(7),
      excerpt: row.string(8),
      fields: stored.fields,
      isCanonical: stored.isCanonical,
      state: row.string(10)
    )
  }
}

/// Fields as JSON: `{"form": "kvitt" or "feed", "fields": {…}}`.
private func fieldText(_ fields: [CardField: String], isCanonical: Bool) throws -> String {
  let named = Dictionary(uniqueKeysWithValues: fields.map { ($0.key.name, $0.value) })
  let object: [String: Any] = ["form": isCanonical ? "kvitt" : "feed", "fields": named]
  let data = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys])
  return String(decoding: data, as: UTF8.self)
}

extension Row {
  /// Fields that were kept with their texts; none where nothing was kept.
  fileprivate func fields(
    _ column: Int
  ) throws(UnreadableValue) -> (fields: [CardField: String], isCanonical: Bool) {
    let data = Data(try string(column).utf8)
    guard let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
      let named = (object["fields"] ?? [String: String]()) as? [String: String],
      let form = (object["form"] ?? "feed") as? String, ["feed", "kvitt"].contains(form)
    else { throw unreadable(column, "fields with their form", isShown: false) }
    var out: [CardField: String] = [:]
    for (name, value) in named {
      guard let field = CardField(name: name) else {
        throw unreadable(column, "fields that a feed can have", isShown: false)
      }
      out[field] = value
    }
    return (out, form == "kvitt")
  }
}
