package import Civil
package import Crypto
import Formats
import Postgres

/// A file as the books keep it.
package struct TakenFile: Sendable {
  package let batch: Int64
  package let source: String
  package let name: String
  /// Its number in the feed; 0 where it has none.
  package let sequence: Int64
  package let records: Int64
  package let repeats: Int64
  package let quarantined: Int64
  package let late: Int64
  /// Face value that a till file states.
  package let statedMinor: Int64
  /// Rows that the profile counts and skips.
  package let skipped: Int64
  /// What names the file inside it.
  package let key: String?
  /// Whether it brought control totals.
  package let hasTotals: Bool

  package init(
    batch: Int64,
    source: String,
    name: String,
    sequence: Int64,
    records: Int64,
    repeats: Int64 = 0,
    quarantined: Int64 = 0,
    late: Int64 = 0,
    statedMinor: Int64 = 0,
    skipped: Int64 = 0,
    key: String? = nil,
    hasTotals: Bool = true
  ) {
    self.batch = batch
    self.source = source
    self.name = name
    self.sequence = sequence
    self.records = records
    self.repeats = repeats
    self.quarantined = quarantined
    self.late = late
    self.statedMinor = statedMinor
    self.skipped = skipped
    self.key = key
    self.hasTotals = hasTotals
  }
}

/// A break to open: what differs, on which pair, and what to do.
package struct NewBreak: Sendable {
  package var fingerprint: String
  package var kind: String
  package var pair: String
  /// Currency or unit of `ours` and `theirs`.
  package var commodity: String
  package var ours: Int64
  package var theirs: Int64
  package var valueMinor: Int64
  package var currency: String
  package var pointer: String
  package var advice: String

  package init(
    fingerprint: String,
    kind: String,
    pair: String,
    commodity: String,
    ours: Int64,
    theirs: Int64,
    valueMinor: Int64,
    currency: String,
    pointer: String,
    advice: String
  ) {
    self.fingerprint = fingerprint
    self.kind = kind
    self.pair = pair
    self.commodity = commodity
    self.ours = ours
    self.theirs = theirs
    self.valueMinor = valueMinor
    self.currency = currency
    self.pointer = pointer
    self.advice = advice
  }
}

extension Books {
  /// The file of a source with a digest, nil where it was never taken.
  package func takenFile(source: String, digest: Digest) throws -> TakenFile? {
    try connection.run(
      """
      SELECT batch_id, source, name, coalesce(sequence, 0), records, repeats, quarantined, late,
             stated_minor, skipped, key, has_totals
        FROM file
       WHERE source = \(source) AND digest = \(bytes: digest.bytes)
      """
    ).first.map(TakenFile.init)
  }

  /// The file of a source with a sequence, nil where there is none.
  package func takenFile(source: String, sequence: Int64) throws -> TakenFile? {
    try connection.run(
      """
      SELECT batch_id, source, name, coalesce(sequence, 0), records, repeats, quarantined, late,
             stated_minor, skipped, key, has_totals
        FROM file
       WHERE source = \(source) AND sequence = \(sequence)::bigint
      """
    ).first.map(TakenFile.init)
  }

  /// The file of a source with a key of its own inside it, nil where there is none.
  package func takenFile(source: String, key: String) throws -> TakenFile? {
    try connection.run(
      """
      SELECT batch_id, source, name, coalesce(sequence, 0), records, repeats, quarantined, late,
             stated_minor, skipped, key, has_totals
        FROM file WHERE source = \(source) AND key = \(key)
      """
    ).first.map(TakenFile.init)
  }

  /// Whether someone decided not to wait for the files of a source before a sequence.
  package func isReleased(source: String, sequence: Int64) throws -> Bool {
    try connection.run(
      """
      SELECT FROM gap_release WHERE source = \(source) AND sequence >= \(sequence)::bigint
      """
    ).count > 0
  }

  /// Decides not to wait for the files of a source before a sequence.
  package func release(source: String, sequence: Int64, reason: String) throws {
    try connection.run(
      """
      INSERT INTO gap_release (source, sequence, reason)
      VALUES (\(source), \(sequence)::bigint, \(reason))
      """
    )
  }

  /// The highest sequence taken from a source, 0 before the first.
  package func lastSequence(source: String) throws -> Int64 {
    try connection.run(
      "SELECT coalesce(max(sequence), 0) FROM file WHERE source = \(source)"
    ).first?.int(0) ?? 0
  }

  /// All files, newest first.
  package func takenFiles(limit: Int) throws -> [TakenFile] {
    try connection.run(
      """
      SELECT batch_id, source, name, coalesce(sequence, 0), records, repeats, quarantined, late,
             stated_minor, skipped, key, has_totals
        FROM file
       ORDER BY batch_id DESC LIMIT \(limit)::integer
      """
    ).map(TakenFile.init)
  }

  /// Notes a file as taken.
  package func insert(_ file: TakenFile, digest: Digest) throws {
    try connection.run(
      """
      INSERT INTO file (batch_id, source, digest, sequence, name, records, repeats, quarantined,
        late, stated_minor, skipped, key, has_totals)
      VALUES (\(file.batch), \(file.source), \(bytes: digest.bytes),
        nullif(\(file.sequence)::bigint, 0), \(file.name), \(file.records), \(file.repeats),
        \(file.quarantined), \(file.late), \(file.statedMinor), \(file.skipped), \(file.key),
        \(file.hasTotals))
      """
    )
  }

  /// Opens breaks; one whose fingerprint stands already is left as it is.
  ///
  /// - Returns: How many are new.
  @discardableResult
  package func open(_ breaks: [NewBreak], on date: CivilDate) throws -> Int {
    var opened = 0
    for item in breaks {
      let rows = try connection.run(
        """
        INSERT INTO break_item (id, fingerprint, kind, pair, commodity, opened_on, ours, theirs,
          value_minor, currency, pointer, advice)
        SELECT 'B-' || (1000 + count(*) + 1), \(item.fingerprint), \(item.kind), \(item.pair),
               \(item.commodity), \("\(date)")::date, \(item.ours)::bigint,
               \(item.theirs)::bigint, \(item.valueMinor)::bigint, \(item.currency),
               \(item.pointer), \(item.advice)
          FROM break_item
        ON CONFLICT (fingerprint) DO NOTHING RETURNING id
        """
      )
      guard let id = try rows.first?.string(0) else { continue }
      opened += 1
      try connection.run(
        """
        INSERT INTO break_event (break_id, seq, state, business_date, note)
        VALUES (\(id), 1, 'open', \("\(date)")::date, \(item.kind))
        """
      )
    }
    return opened
  }
}

extension TakenFile {
  fileprivate init(_ row: Row) throws(UnreadableValue) {
    try self.init(
      batch: row.int(0),
      source: row.string(1),
      name: row.string(2),
      sequence: row.int(3),
      records: row.int(4),
      repeats: row.int(5),
      quarantined: row.int(6),
      late: row.int(7),
      statedMinor: row.int(8),
      skipped: row.int(9),
      key: row.optional(10),
      hasTotals: row.bool(11)
    )
  }
}
