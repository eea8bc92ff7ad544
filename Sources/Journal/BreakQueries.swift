package import Civil
import Ledger
import Postgres

/// A break with its newest state.
package struct StoredBreak: Sendable {
  package let id: String
  package let kind: String
  package let pair: String
  package let commodity: String
  package let openedOn: CivilDate
  package let ours: Int64
  package let theirs: Int64
  package let valueMinor: Int64
  package let currency: String
  package let pointer: String
  package let advice: String
  package let state: String
  package let stateSince: CivilDate
}

/// A stored proof of a pair and day.
package struct StoredProof: Sendable {
  package var pair: String
  package var commodity: String
  package var date: CivilDate
  package var ours: Int64
  package var theirs: Int64
  package var breaks: Int64
  package var rounding: Int64
  package var openedBefore: Int64
  package var newToday: Int64
  package var clearedToday: Int64
  package var exactCount: Int64
  package var exactDigest: String
  /// Number of the last break of all when the proof was made.
  package var lastBreak: Int64
  /// Ids of the pair's breaks that were open then.
  package var openBreaks: [String]

  package init(
    pair: String,
    commodity: String,
    date: CivilDate,
    ours: Int64,
    theirs: Int64,
    breaks: Int64,
    rounding: Int64,
    openedBefore: Int64,
    newToday: Int64,
    clearedToday: Int64,
    exactCount: Int64,
    exactDigest: String,
    lastBreak: Int64,
    openBreaks: [String]
  ) {
    self.pair = pair
    self.commodity = commodity
    self.date = date
    self.ours = ours
    self.theirs = theirs
    self.breaks = breaks
    self.rounding = rounding
    self.openedBefore = openedBefore
    self.newToday = newToday
    self.clearedToday = clearedToday
    self.exactCount = exactCount
    self.exactDigest = exactDigest
    self.lastBreak = lastBreak
    self.openBreaks = openBreaks
  }

  /// What neither breaks nor rounding explain.
  package var unexplained: Int64 { ours - theirs - breaks - rounding }
}

extension Books {
  /// Breaks, open ones only or all, of a pair where given; as they stood on the evening of a business date
  /// where one is given, and else as they stand now.
  package func breaks(
    openOnly: Bool,
    pair: String? = nil,
    asOf date: CivilDate? = nil
  ) throws -> [StoredBreak] {
    try connection.run(
      """
      SELECT b.id, b.kind, b.pair, b.commodity, b.opened_on::text, b.ours, b.theirs, b.value_minor,
             b.currency, b.pointer, b.advice, e.state, e.business_date::text
        FROM break_item b
        CROSS JOIN LATERAL (SELECT state, business_date FROM break_event
                             WHERE break_id = b.id
                               AND (\(date?.description)::date IS NULL
                                    OR business_date <= \(date?.description)::date)
                             ORDER BY seq DESC LIMIT 1) AS e
       WHERE (NOT \(openOnly)::boolean OR e.state <> 'cleared')
         AND (\(pair)::text IS NULL OR b.pair = \(pair))
         AND (\(date?.description)::date IS NULL OR b.opened_on <= \(date?.description)::date)
       ORDER BY b.opened_on, length(b.id), b.id
      """
    ).map { row in
      try StoredBreak(
        id: row.string(0),
        kind: row.string(1),
        pair: row.string(2),
        commodity: row.string(3),
        openedOn: row.day(4),
        ours: row.int(5),
        theirs: row.int(6),
        valueMinor: row.int(7),
        currency: row.currency(8).code,
        pointer: row.string(9),
        advice: row.string(10),
        state: row.word(11, of: ["open", "cleared"]),
        stateSince: row.day(12)
      )
    }
  }

  /// Clears open breaks by their fingerprints.
  package func clear(fingerprints: [String], on date: CivilDate, note: String) throws {
    try connection.run(
      """
      INSERT INTO break_event (break_id, seq, state, business_date, note)
      SELECT b.id, e.seq + 1, 'cleared', \("\(date)")::date, \(note)
        FROM break_item b
        CROSS JOIN LATERAL (SELECT seq, state FROM break_event
                             WHERE break_id = b.id ORDER BY seq DESC LIMIT 1) AS e
       WHERE b.fingerprint = ANY (\(fingerprints)::text[]) AND e.state = 'open'
      """
    )
  }

  /// History of a break: day, state and note.
  package func breakEvents(_ id: String) throws -> [(date: String, state: String, note: String)] {
    try connection.run(
      """
      SELECT business_date::text, state, note FROM break_event WHERE break_id = \(id) ORDER BY seq
      """
    ).map { try ($0.string(0), $0.string(1), $0.string(2)) }
  }

  /// Stores a proof; one that does not explain its difference is refused by the database.
  package func insert(_ proof: StoredProof) throws {
    try connection.run(
      """
      INSERT INTO proof (pair, commodity, business_date, generation, ours, theirs, breaks,
        rounding, opened_before, new_today, cleared_today, exact_count, exact_digest, last_break,
        open_breaks)
      SELECT \(proof.pair), \(proof.commodity), \("\(proof.date)")::date,
             coalesce(max(generation), 0) + 1, \(proof.ours)::bigint, \(proof.theirs)::bigint,
             \(proof.breaks)::bigint, \(proof.rounding)::bigint, \(proof.openedBefore)::bigint,
             \(proof.newToday)::bigint, \(proof.clearedToday)::bigint,
             \(proof.exactCount)::bigint, decode(\(proof.exactDigest), 'hex'),
             \(proof.lastBreak)::integer, \(proof.openBreaks)::text[]
        FROM proof WHERE pair = \(proof.pair) AND commodity = \(proof.commodity)
         AND business_date = \("\(proof.date)")::date
      """
    )
  }

  /// The newest proof of a pair and commodity up to a day.
  package func proofs(through date: CivilDate) throws -> [StoredProof] {
    try connection.run(
      """
      SELECT DISTINCT ON (pair, commodity) pair, commodity, business_date::text, ours, theirs,
             breaks, rounding, opened_before, new_today, cleared_today, exact_count,
             encode(exact_digest, 'hex'), last_break, array_to_string(open_breaks, ' ')
        FROM proof WHERE business_date <= \("\(date)")::date
       ORDER BY pair, commodity, business_date DESC, generation DESC
      """
    ).map { row in
      try StoredProof(
        pair: row.string(0),
        commodity: row.string(1),
        date: row.day(2),
        ours: row.int(3),
        theirs: row.int(4),
        breaks: row.int(5),
        rounding: row.int(6),
        openedBefore: row.int(7),
        newToday: row.int(8),
        clearedToday: row.int(9),
        exactCount: row.int(10),
        exactDigest: row.string(11),
        lastBreak: row.int(12),
        openBreaks: row.string(13).split(separator: " ").map(String.init)
      )
    }
  }
}
