import Civil
import Formats
import Ledger
import Postgres

extension Books {
  /// Stores the links of refunds, chargebacks and reversals.
  package func insert(_ links: [RecordLink], batch: Int64) throws {
    for chunk in chunks(links, of: 5_000) {
      let amounts = chunk.map(\.amount)
      let currencies = chunk.map { $0.currency ?? 0 }
      let billed = chunk.map(\.billing)
      let types = chunk.map(\.type)
      let reversals = chunk.map { Int16($0.reversal ? 1 : 0) }
      let days = chunk.map { $0.eventDate.description }
      let evidence = chunk.map(\.evidence)
      try connection.run(
        """
        INSERT INTO record_link (identity, original, batch_id, amount_minor, currency,
          billing_minor, type, reversal, event_date, evidence)
        SELECT i, o, \(batch)::bigint, a, nullif(c, 0), b, t, r, d, e
          FROM unnest(\(uuids: chunk.map(\.identity.words))::uuid[],
            \(uuids: chunk.map(\.original.words))::uuid[], \(amounts)::bigint[],
            \(currencies)::smallint[], \(billed)::bigint[], \(types)::smallint[],
            \(reversals)::smallint[], \(days)::date[], \(evidence)::text[])
            AS x (i, o, a, c, b, t, r, d, e)
        """
      )
    }
  }

  /// All refunds, chargebacks and reversals that concern the given records.
  package func links(of originals: [RecordIdentity]) throws -> [RecordLink] {
    try connection.run(
      """
      SELECT identity, original, amount_minor, currency, coalesce(billing_minor, 0), type,
             reversal, event_date, evidence
        FROM record_link WHERE original = ANY (\(uuids: originals.map(\.words))::uuid[])
       ORDER BY identity
      """
    ).map(RecordLink.init)
  }

  /// Purchases of members that earned something: the only ones a refund can take from.
  package func earningPurchases(
    ofMembers members: [Int64],
    openLeaf: Int64
  ) throws -> [StoredRecord] {
    let ids =
      try connection.run(
        """
        SELECT DISTINCT purchase_id FROM reward
         WHERE member_id = ANY (\(members)::bigint[]) AND purchase_id <> 0
        UNION
        SELECT purchase_id FROM \(identifier: "reward_\(openLeaf)")
         WHERE member_id = ANY (\(members)::bigint[]) AND purchase_id <> 0
        """
      ).map { try $0.int(0) }
    var out: [StoredRecord] = []
    for (batch, rows) in Dictionary(grouping: ids, by: { $0 >> 32 }).sorted(by: { $0.key < $1.key })
    {
      let seqs = rows.map { $0 & 0xFFFF_FFFF }
      let table = batch == openLeaf ? "purchase_\(batch)" : "purchase"
      out += try connection.run(
        """
        SELECT identity, original, batch_id << 32 | seq, member_id, amount_minor, billing_minor,
               type, reversal, mcc, merchant, event_date, currency, lifecycle, country,
               channel, markup_minor
          FROM \(identifier: table)
         WHERE batch_id = \(batch)::bigint AND seq = ANY (\(seqs)::integer[])
        """
      ).map(StoredRecord.init)
    }
    return out
  }

  /// Puts records into the queue of those that nothing could be found for.
  package func queue(_ records: [(LooseRecord, String)]) throws {
    for chunk in chunks(records, of: 5_000) {
      let rows = chunk.map(\.0.row)
      let members = chunk.map(\.0.member)
      let evidence = chunk.map(\.1)
      try connection.run(
        """
        INSERT INTO unlinked_record (identity, row_id, member_id, evidence)
        SELECT * FROM unnest(\(uuids: chunk.map(\.0.identity.words))::uuid[], \(rows)::bigint[],
          \(members)::bigint[], \(evidence)::text[])
        """
      )
    }
  }

  /// Queued records that neither a link nor a decision has ended, newest first.
  package func openLoose(limit: Int) throws -> [LooseRecord] {
    try queued(
      """
      SELECT u.row_id FROM unlinked_record u
       WHERE NOT EXISTS (SELECT FROM record_link l WHERE l.identity = u.identity)
         AND NOT EXISTS (SELECT FROM unlinked_decision d WHERE d.identity = u.identity)
       ORDER BY u.row_id DESC LIMIT \(limit)::integer
      """
    )
  }

  /// Links that two people decided and no batch has stored yet.
  package func decidedLinks() throws -> [RecordLink] {
    let decisions = try connection.run(
      """
      SELECT u.row_id, p.original, d.proposed_by, d.decided_by
        FROM unlinked_decision d
        JOIN unlinked_proposal p ON p.identity = d.identity AND p.seq = d.seq
        JOIN unlinked_record u ON u.identity = d.identity
       WHERE p.original IS NOT NULL
         AND NOT EXISTS (SELECT FROM record_link l WHERE l.identity = d.identity)
      """
    )
    guard decisions.count > 0 else { return [] }
    let rows = try decisions.map { try $0.int(0) }
    let records = try queued("SELECT r FROM unnest(\(rows)::bigint[]) AS x (r)")
    let byRow = Dictionary(uniqueKeysWithValues: records.map { ($0.row, $0) })
    return try decisions.map { row in
      guard let record = byRow[try row.int(0)] else {
        throw row.unreadable(0, "the row of a record")
      }
      return try record.link(
        to: row.identity(1),
        evidence: "decision of \(row.string(2)) and \(row.string(3))"
      )
    }
  }

  /// The records of row ids that a query gives.
  private func queued(_ ids: Query) throws -> [LooseRecord] {
    let rows = try connection.run(ids).map { try $0.int(0) }
    var out: [LooseRecord] = []
    for (batch, ids) in Dictionary(grouping: rows, by: { $0 >> 32 }).sorted(by: { $0.key < $1.key })
    {
      let seqs = ids.map { $0 & 0xFFFF_FFFF }
      out += try connection.run(
        """
        SELECT identity, batch_id << 32 | seq, member_id, amount_minor, currency, billing_minor,
               type, merchant, lifecycle, event_date
          FROM purchase
         WHERE batch_id = \(batch)::bigint AND seq = ANY (\(seqs)::integer[])
        """
      ).map(LooseRecord.init)
    }
    return out
  }
}

extension LooseRecord {
  fileprivate init(_ row: Row) throws(UnreadableValue) {
    let type: RecordType = try row.known(6)
    let currency: Currency = try row.known(4)
    try self.init(
      identity: row.identity(0),
      row: row.int(1),
      member: row.int(2),
      amount: row.int(3),
      currency: currency.rawValue,
      billing: row.int(5),
      type: type.rawValue,
      merchant: row.shortID(7),
      lifecycle: row.optionalInt(8),
      eventDate: row.day(9)
    )
  }
}
