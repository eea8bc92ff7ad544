package import Civil
package import Crypto
import Ledger
import Postgres

/// A filed line with the row behind it: what an answer or a deadline closes.
package struct FiledLine: Sendable {
  package let eventID: String
  package let attempt: Int
  package let row: Int64
  package let isReversal: Bool
  package let quantity: Int64
  package let valueMinor: Int64
  package let member: Int64
  package let memberRef: String
  package let lot: Int64
  package let purchase: Int64
  package let agreement: Int32
  package let rule: Int16
  package let eventDate: CivilDate
}

/// What became of a filed line.
package struct LineOutcome: Sendable {
  package let line: FiledLine
  package let status: String
  package let acceptedQuantity: Int64
  package let acceptedMinor: Int64
  package let reason: String
  package let partnerRef: String

  package init(
    line: FiledLine,
    status: String,
    acceptedQuantity: Int64,
    acceptedMinor: Int64,
    reason: String,
    partnerRef: String
  ) {
    self.line = line
    self.status = status
    self.acceptedQuantity = acceptedQuantity
    self.acceptedMinor = acceptedMinor
    self.reason = reason
    self.partnerRef = partnerRef
  }
}

/// An answer as the books keep it.
package struct StoredAnswer: Sendable {
  package let partner: Int16
  package let sequence: Int64
  package let number: String
  package let statement: Int64
  package let batch: Int64
  package let digest: String

  package init(
    partner: Int16,
    sequence: Int64,
    number: String,
    statement: Int64,
    batch: Int64,
    digest: String
  ) {
    self.partner = partner
    self.sequence = sequence
    self.number = number
    self.statement = statement
    self.batch = batch
    self.digest = digest
  }
}

/// A rejected part of a line about which something is still to be done.
package struct OpenRejection: Sendable {
  package let line: FiledLine
  package let rejectedOn: CivilDate
  /// The partner's number of the member now.
  package let currentRef: String
}

extension Books {
  /// Answers of a partner, oldest first.
  package func answers(partner: Int16) throws -> [StoredAnswer] {
    try connection.run(
      """
      SELECT partner, sequence, number, statement_id, batch_id, encode(digest, 'hex') FROM answer
       WHERE partner = \(partner)::smallint ORDER BY sequence
      """
    ).map {
      try StoredAnswer(
        partner: $0.int16(0),
        sequence: $0.int(1),
        number: $0.string(2),
        statement: $0.int(3),
        batch: $0.int(4),
        digest: $0.string(5)
      )
    }
  }

  /// Filed lines of a statement that nothing has closed yet, with their rows.
  package func unansweredLines(statement: Int64) throws -> [FiledLine] {
    try filedLines(
      """
      SELECT l.event_id, l.attempt FROM statement_line l
       WHERE l.statement_id = \(statement)::bigint AND l.section = 'filed'
         AND NOT EXISTS (SELECT FROM outcome o
                          WHERE o.event_id = l.event_id AND o.attempt = l.attempt)
      """
    )
  }

  /// Rejected lines of a partner that were not refiled, dropped or lapsed.
  package func openRejections(partner: Int16) throws -> [OpenRejection] {
    let lines = try filedLines(
      """
      SELECT o.event_id, o.attempt FROM outcome o
        JOIN statement_line l ON l.event_id = o.event_id AND l.attempt = o.attempt
          AND l.section = 'filed' AND l.kind <> 'reversal'
        JOIN statement s ON s.id = l.statement_id
       WHERE o.status IN ('P', 'X') AND s.partner = \(partner)::smallint
         AND NOT EXISTS (SELECT FROM rejection_closed c
                          WHERE c.event_id = o.event_id AND c.attempt = o.attempt)
      """
    )
    let members = Array(Set(lines.map(\.member)))
    var refs: [Int64: String] = [:]
    for row in try connection.run(
      "SELECT member_id, ref FROM member_number WHERE member_id = ANY (\(members)::bigint[])"
    ) {
      refs[try row.int(0)] = try row.string(1)
    }
    var dates: [String: CivilDate] = [:]
    let events = lines.map(\.eventID)
    for row in try connection.run(
      """
      SELECT o.event_id || '/' || o.attempt, b.business_date::text
        FROM outcome o JOIN batch b ON b.id = o.batch_id
       WHERE o.event_id = ANY (\(events)::text[])
      """
    ) {
      dates[try row.string(0)] = try row.day(1)
    }
    return try lines.map { line in
      guard let date = dates["\(line.eventID)/\(line.attempt)"] else {
        throw UnreadableValue(
          column: "business_date",
          expected: "the day of the batch that rejected \(line.eventID)",
          found: "nothing",
          place: #fileID
        )
      }
      return OpenRejection(
        line: line,
        rejectedOn: date,
        currentRef: refs[line.member] ?? line.memberRef
      )
    }
  }

  /// Statements whose filed lines lack an outcome, oldest first.
  package func statementsUnanswered(partner: Int16) throws -> [StoredStatement] {
    let ids = try connection.run(
      """
      SELECT DISTINCT l.statement_id FROM statement_line l
        JOIN statement s ON s.id = l.statement_id
       WHERE s.partner = \(partner)::smallint AND l.section = 'filed'
         AND NOT EXISTS (SELECT FROM outcome o
                          WHERE o.event_id = l.event_id AND o.attempt = l.attempt)
      """
    ).map { try $0.int(0) }
    return try statements(partner: partner).filter { ids.contains($0.id) }
  }

  private func filedLines(_ keys: Query) throws -> [FiledLine] {
    try connection.run("CREATE TEMP TABLE wanted (event_id text, attempt integer)")
    defer { _ = try? connection.run("DROP TABLE wanted") }
    var insert = keys
    insert.prefix("INSERT INTO wanted ")
    try connection.run(insert)
    let batches = try connection.run(
      """
      SELECT DISTINCT l.row_id >> 32 FROM wanted w JOIN statement_line l USING (event_id, attempt)
       WHERE l.section = 'filed'
      """
    ).map { try $0.int(0) }
    return try connection.run(
      """
      SELECT l.event_id, l.attempt, l.row_id, l.kind = 'reversal', l.quantity, l.value_minor,
             l.member_id, l.member_ref, r.lot_id, r.purchase_id, r.agreement, r.rule,
             l.event_date::text
        FROM wanted w JOIN statement_line l USING (event_id, attempt)
        JOIN reward r ON r.batch_id = l.row_id >> 32 AND r.seq = (l.row_id & 4294967295)
       WHERE l.section = 'filed' AND r.batch_id = ANY (\(batches)::bigint[])
       ORDER BY l.statement_id, l.line
      """
    ).map { row in
      try FiledLine(
        eventID: row.string(0),
        attempt: Int(row.int(1)),
        row: row.int(2),
        isReversal: row.bool(3),
        quantity: row.int(4),
        valueMinor: row.int(5),
        member: row.int(6),
        memberRef: row.string(7),
        lot: row.int(8),
        purchase: row.int(9),
        agreement: row.int32(10),
        rule: row.int16(11),
        eventDate: row.day(12)
      )
    }
  }

  /// Stores an answer with its evidence.
  package func insert(
    _ answer: StoredAnswer,
    signer: Digest,
    accepted: (quantity: Int64, minor: Int64),
    theirs: (quantity: Int64, minor: Int64),
    body: [UInt8],
    signature: [UInt8]
  ) throws {
    try connection.run(
      """
      INSERT INTO answer (partner, sequence, number, statement_id, batch_id, digest, signer,
        accepted_quantity, accepted_minor, theirs_quantity, theirs_minor, body, signature)
      VALUES (\(answer.partner), \(answer.sequence), \(answer.number), \(answer.statement),
        \(answer.batch), decode(\(answer.digest), 'hex'), \(bytes: signer.bytes),
        \(accepted.quantity), \(accepted.minor), \(theirs.quantity), \(theirs.minor),
        \(bytes: body), \(bytes: signature))
      """
    )
  }

  /// Stores outcomes; a line that has one refuses.
  package func insert(_ outcomes: [LineOutcome], batch: Int64) throws {
    for chunk in chunks(outcomes, of: 5_000) {
      let events = chunk.map(\.line.eventID)
      let attempts = chunk.map(\.line.attempt)
      let rows = chunk.map(\.line.row)
      let statuses = chunk.map(\.status)
      let filed = chunk.map(\.line.quantity)
      let quantities = chunk.map(\.acceptedQuantity)
      let values = chunk.map(\.acceptedMinor)
      let reasons = chunk.map(\.reason)
      let refs = chunk.map(\.partnerRef)
      try connection.run(
        """
        INSERT INTO outcome (event_id, attempt, row_id, batch_id, status, filed_quantity,
          accepted_quantity, accepted_minor, reason, partner_ref)
        SELECT e, a, r, \(batch)::bigint, s, f, q, v, n, p
          FROM unnest(\(events)::text[], \(attempts)::integer[], \(rows)::bigint[],
            \(statuses)::text[], \(filed)::bigint[], \(quantities)::bigint[],
            \(values)::bigint[], \(reasons)::text[], \(refs)::text[])
            AS x (e, a, r, s, f, q, v, n, p)
        """
      )
    }
  }

  /// Notes that nothing is left to do about rejected lines.
  package func closeRejections(
    _ lines: [(event: String, attempt: Int, how: String)],
    batch: Int64
  ) throws {
    let events = lines.map(\.event)
    let attempts = lines.map(\.attempt)
    let how = lines.map(\.how)
    try connection.run(
      """
      INSERT INTO rejection_closed (event_id, attempt, batch_id, how)
      SELECT e, a, \(batch)::bigint, h
        FROM unnest(\(events)::text[], \(attempts)::integer[], \(how)::text[]) AS x (e, a, h)
      ON CONFLICT DO NOTHING
      """
    )
  }

  /// Changes the numbers of merged members.
  package func changeReferences(_ changes: [(member: Int64, ref: String)]) throws {
    let members = changes.map(\.member)
    let refs = changes.map(\.ref)
    try connection.run(
      "SELECT change_member_refs(\(members)::bigint[], \(refs)::text[])"
    )
  }
}

/// An answer with the bytes and the certificate that prove it.
package struct KeptAnswer: Sendable {
  package let number: String
  /// Code of the partner.
  package let sender: String
  /// Business date on which it was taken.
  package let date: CivilDate
  package let body: [UInt8]
  package let signature: [UInt8]
  /// The certificate that is noted as its signer's; nil where two people did not enrol it.
  package let certificate: [UInt8]?
}

extension Books {
  /// Batches that post what partners answered, in the order of seals.
  ///
  /// - Throws: `DatabaseError`.
  package func answerBatches(since: Int64) throws -> [Int64] {
    try connection.run(
      """
      SELECT b.id FROM batch b JOIN seal s ON s.batch_id = b.id
       WHERE b.kind = \(BatchKind.answer.rawValue) AND s.seal_no > \(since)::bigint
       ORDER BY s.seal_no
      """
    ).map { try $0.int(0) }
  }

  /// The answer that a batch posts, nil where there is none.
  ///
  /// - Throws: `DatabaseError`.
  package func keptAnswer(batch: Int64) throws -> KeptAnswer? {
    try connection.run(
      """
      SELECT a.number, p.code, b.business_date, a.body, a.signature, g.certificate
        FROM answer a JOIN partner p ON p.id = a.partner JOIN batch b ON b.id = a.batch_id
        LEFT JOIN (signer g JOIN signer_decision d USING (partner, fingerprint))
          ON g.partner = a.partner AND g.fingerprint = a.signer
       WHERE a.batch_id = \(batch)::bigint
      """
    ).first.map { row in
      try KeptAnswer(
        number: row.string(0),
        sender: row.string(1),
        date: row.day(2),
        body: row.bytes(3),
        signature: row.bytes(4),
        certificate: row.optional(5) == nil ? nil : row.bytes(5)
      )
    }
  }

  /// What a batch says became of lines: event, attempt, status, accepted quantity and value, reason, the
  /// partner's reference.
  ///
  /// - Throws: `DatabaseError`.
  package func outcomes(batch: Int64) throws -> [[String]] {
    try connection.run(
      """
      SELECT event_id, attempt, status, accepted_quantity, accepted_minor, reason, partner_ref
        FROM outcome WHERE batch_id = \(batch)::bigint
      """
    ).map { row in try (0..<7).map { try row.string($0) } }
  }
}
