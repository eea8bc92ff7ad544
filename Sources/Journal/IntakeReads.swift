package import Civil
import Ledger
import Postgres

extension Books {
  /// Content digests of the identities that stand, in the open leaf or a sealed one of the days and
  /// those beside them.
  package func contents(
    of identities: [RecordIdentity],
    days: [CivilDate],
    openLeaf: Int64
  ) throws -> [RecordIdentity: UInt64] {
    let keys = identities.map(\.words)
    let days = days.map(\.description)
    let sealed = try connection.run(
      """
      SELECT DISTINCT l.batch_id FROM leaf_day l JOIN unnest(\(days)::date[]) AS d
          ON l.day BETWEEN d - 1 AND d + 1
      """
    ).map { try $0.int(0) }
    var found: [RecordIdentity: UInt64] = [:]
    let rows = [
      try connection.run(
        """
        SELECT identity, content FROM purchase
         WHERE batch_id = ANY (\(sealed)::bigint[]) AND identity = ANY (\(uuids: keys)::uuid[])
        """
      ),
      try connection.run(
        """
        SELECT identity, content FROM \(identifier: "purchase_\(openLeaf)")
         WHERE identity = ANY (\(uuids: keys)::uuid[])
        """
      ),
    ]
    for row in rows.joined() {
      found[try row.identity(0)] = UInt64(bitPattern: try row.int(1))
    }
    return found
  }

  /// Records by identity: the open leaf first, then sealed leaves from the newest, a few at a time
  /// until all are found, since most refunds concern a recent purchase.
  package func records(
    _ identities: [RecordIdentity],
    openLeaf: Int64? = nil
  ) throws -> [RecordIdentity: StoredRecord] {
    var found: [RecordIdentity: StoredRecord] = [:]
    var missing = Set(identities)
    let columns: StaticString = """
      SELECT identity, original, batch_id << 32 | seq, member_id, amount_minor, billing_minor, type,
             reversal, mcc, merchant, event_date, currency, lifecycle, country, channel,
             markup_minor
      """
    func collect(_ query: Query) throws {
      for record in try connection.run(query).map(StoredRecord.init) {
        found[record.identity] = record
        missing.remove(record.identity)
      }
    }
    // Neither an open leaf nor a sealed one has statistics.
    try connection.run("SET LOCAL enable_seqscan = off")
    defer { _ = try? connection.run("SET LOCAL enable_seqscan = on") }
    if let openLeaf {
      try collect(
        """
        \(sql: columns) FROM \(identifier: "purchase_\(openLeaf)")
         WHERE identity = ANY (\(uuids: missing.map(\.words))::uuid[])
        """
      )
    }
    var leaves = try connection.run(
      """
      SELECT b.id FROM batch b JOIN seal s ON s.batch_id = b.id
       WHERE b.kind = 'feed' ORDER BY b.id DESC
      """
    ).map { try $0.int(0) }[...]
    while !missing.isEmpty, !leaves.isEmpty {
      let keys = missing.map(\.words)
      let some = Array(leaves.prefix(8))
      leaves = leaves.dropFirst(8)
      try collect(
        """
        \(sql: columns) FROM purchase
         WHERE batch_id = ANY (\(some)::bigint[]) AND identity = ANY (\(uuids: keys)::uuid[])
        """
      )
    }
    return found
  }

  /// All purchases of a programme's members on a day, in the order in which they came.
  package func purchases(programme: Int16, on day: CivilDate) throws -> [StoredRecord] {
    let leaves = try connection.run(
      "SELECT batch_id FROM leaf_day WHERE day = \("\(day)")::date"
    ).map { try $0.int(0) }
    return try connection.run(
      """
      \(sql: purchaseColumns)
        FROM purchase p JOIN member m ON m.id = p.member_id
       WHERE p.batch_id = ANY (\(leaves)::bigint[]) AND p.event_date = \("\(day)")::date
         AND p.type = 1 AND p.reversal = 0 AND m.programme = \(programme)::smallint
       ORDER BY p.batch_id, p.seq
      """
    ).map(StoredRecord.init)
  }

  /// Purchases of members since a day, as they were sent.
  package func purchases(
    ofMembers members: [Int64],
    since day: CivilDate
  ) throws -> [StoredRecord] {
    try connection.run(
      """
      \(sql: purchaseColumns)
        FROM purchase p
       WHERE p.batch_id IN (SELECT batch_id FROM leaf_day WHERE day >= \("\(day)")::date)
         AND p.event_date >= \("\(day)")::date AND p.type = 1 AND p.reversal = 0
         AND p.member_id = ANY (\(members)::bigint[])
       ORDER BY p.batch_id, p.seq
      """
    ).map(StoredRecord.init)
  }

  /// Originals that records still wait for, with the identities that wait.
  package func waiting() throws -> [RecordIdentity: [RecordIdentity]] {
    var out: [RecordIdentity: [RecordIdentity]] = [:]
    let rows = try connection.run(
      """
      SELECT identity, original FROM waiting_record w
       WHERE NOT EXISTS (SELECT FROM waiting_done d WHERE d.identity = w.identity)
      """
    )
    for row in rows {
      out[try row.identity(1), default: []].append(try row.identity(0))
    }
    return out
  }

  /// Notes records that wait for the one they concern.
  package func wait(_ links: [RecordLink], batch: Int64) throws {
    try connection.run(
      """
      INSERT INTO waiting_record (identity, original, batch_id)
      SELECT i, o, \(batch)::bigint
        FROM unnest(\(uuids: links.map(\.identity.words))::uuid[],
          \(uuids: links.map(\.original.words))::uuid[]) AS x (i, o)
      """
    )
  }

  /// Notes that waits are over.
  package func endWait(_ identities: [RecordIdentity], batch: Int64) throws {
    try connection.run(
      """
      INSERT INTO waiting_done (identity, batch_id)
      SELECT i, \(batch)::bigint FROM unnest(\(uuids: identities.map(\.words))::uuid[]) AS x (i)
      """
    )
  }

  /// Reward rows of purchases: those that earned with them, and all that moved lots of the members
  /// or concern a purchase of an earlier batch.
  ///
  /// Reading so costs what the purchases and the movements cost, not what the members' whole
  /// history does; each leaf has a small index of the movements.
  ///
  /// - Parameters:
  ///   - purchases: The purchases.
  ///   - openLeaf: The batch that is being written.
  ///   - movedAfter: Rows that the batch held before any of its own moved a lot; nil where none has.
  /// - Returns: The rows, oldest first.
  /// - Throws: `DatabaseError`.
  package func rewards(
    ofPurchases purchases: [StoredRecord],
    openLeaf: Int64,
    movedAfter: Int64?
  ) throws -> [StoredReward] {
    var out: [Int64: StoredReward] = [:]
    func collect(_ query: Query) throws {
      for row in try connection.run(query).map(StoredReward.init) { out[row.id] = row }
    }
    let (own, sealed) = (
      purchases.filter { $0.id >> 32 == openLeaf }, purchases.filter { $0.id >> 32 != openLeaf }
    )
    if !own.isEmpty {
      // One scan: the open leaf has no index of its purchases yet.
      try collect(
        """
        \(sql: rewardColumns) FROM \(identifier: "reward_\(openLeaf)")
         WHERE purchase_id IN (SELECT unnest(\(own.map(\.id))::bigint[]))
        """
      )
    }
    if let movedAfter {
      try collect(
        """
        \(sql: rewardColumns) FROM \(identifier: "reward_\(openLeaf)")
         WHERE seq > \(movedAfter)::bigint
           AND member_id = ANY (\(Set(purchases.map(\.member)).sorted())::bigint[])
           AND (flow NOT IN (\(flows: Flow.bulk)) OR purchase_id >> 32 <> batch_id)
        """
      )
    }
    // What moved lots of a purchase, or concerns it, stands in no leaf before its own; of those of the
    // open leaf no sealed one knows anything.
    guard let oldest = sealed.map({ $0.id >> 32 }).min() else {
      return out.values.sorted { $0.id < $1.id }
    }
    for (batch, some) in Dictionary(grouping: sealed, by: { $0.id >> 32 }).sorted(by: {
      $0.key < $1.key
    }) {
      try collect(
        """
        \(sql: rewardColumns) FROM reward
         WHERE batch_id = \(batch)::bigint AND purchase_id = ANY (\(some.map(\.id))::bigint[])
           AND member_id = ANY (\(Set(some.map(\.member)).sorted())::bigint[])
        """
      )
    }
    // A sealed leaf has no statistics, so the planner would read it whole instead of its index.
    try connection.run("SET LOCAL enable_seqscan = off")
    try collect(
      """
      \(sql: rewardColumns) FROM reward
       WHERE member_id = ANY (\(Set(sealed.map(\.member)).sorted())::bigint[])
         AND batch_id >= \(oldest)::bigint
         AND (flow NOT IN (\(flows: Flow.bulk)) OR purchase_id >> 32 <> batch_id)
      """
    )
    try connection.run("SET LOCAL enable_seqscan = on")
    return out.values.sorted { $0.id < $1.id }
  }

  /// All reward rows of members, oldest first; those of the open leaf too, where one is given.
  package func rewards(ofMembers members: [Int64], openLeaf: Int64? = nil) throws -> [StoredReward]
  {
    let sealed = try connection.run(
      """
      \(sql: rewardColumns) FROM reward WHERE member_id = ANY (\(members)::bigint[]) ORDER BY id
      """
    ).map(StoredReward.init)
    guard let openLeaf else { return sealed }
    return sealed
      + (try connection.run(
        """
        \(sql: rewardColumns) FROM \(identifier: "reward_\(openLeaf)")
         WHERE member_id = ANY (\(members)::bigint[]) ORDER BY id
        """
      ).map(StoredReward.init))
  }

  /// All reward rows of one member, oldest first, for roles that may not read the rows of all.
  package func rewards(ofMember member: Int64) throws -> [StoredReward] {
    try connection.run(
      "\(sql: rewardColumns) FROM member_rewards(ARRAY[\(member)::bigint])"
    ).map(StoredReward.init)
  }

  /// Locks members in ascending order for the rest of the transaction.
  package func lock(members: [Int64]) throws {
    try connection.run("SELECT lock_members(\(members)::bigint[])")
  }

  /// Keeps plans away until COMMIT (shared), or everyone else (alone).
  package func passGate(alone: Bool) throws {
    try connection.run("SELECT pass_gate(\(alone))")
  }

  /// Which of the lots are out: on a statement, owed with the next one, or inside the cut of a plan that may still run.
  package func lotsOut(_ lots: [Int64]) throws -> Set<Int64> {
    Set(
      try connection.run(
        """
        SELECT l FROM unnest(\(lots)::bigint[]) AS x (l)
         WHERE EXISTS (SELECT FROM statement_line s WHERE s.row_id = l AND s.section = 'filed')
            OR EXISTS (SELECT FROM filing f WHERE f.lot_id = l)
            OR EXISTS (SELECT FROM plan p JOIN seal s ON s.seal_no <= p.cut_seal
                        WHERE s.batch_id = l >> 32
                          AND NOT EXISTS (SELECT FROM settlement_run r
                                           WHERE r.business_date >= p.business_date))
        """
      ).map { try $0.int(0) }
    )
  }
}

/// The columns that `StoredRecord` reads, of `purchase p`.
let purchaseColumns: StaticString = """
  SELECT p.identity, p.original, p.batch_id << 32 | p.seq, p.member_id, p.amount_minor,
         p.billing_minor, p.type, p.reversal, p.mcc, p.merchant, p.event_date, p.currency,
         p.lifecycle, p.country, p.channel, p.markup_minor
  """

/// The columns that `StoredReward` reads.
let rewardColumns: StaticString = """
  SELECT batch_id << 32 | seq AS id, flow, member_id, purchase_id, lot_id, quantity,
         cost_minor, share_minor, uncapped, agreement, rule, unit, available_on, event_date,
         partner
  """
