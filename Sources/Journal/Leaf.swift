package import Civil
package import Crypto
package import Ledger
import Postgres

/// Kinds of batches.
package enum BatchKind: String, Sendable {
  case feed, till, answer, deadline, settlement, bank
}

/// An open leaf of the book: rows go in, and the whole is sealed in the same transaction.
package final class Leaf {
  /// Number of the batch.
  package let batch: Int64
  private let connection: Connection
  private var purchases = LeafEncoder()
  private var rewards = LeafEncoder()
  private var totals: [TotalKey: LeafTotal] = [:]
  private let flushBytes = 1 << 18

  init(
    _ connection: Connection,
    batch: Int64,
    kind: BatchKind,
    businessDate: CivilDate,
    recordedAt: Instant,
    guarded: Bool
  ) throws {
    self.connection = connection
    self.batch = batch
    try connection.run(
      """
      SELECT open_leaf(\(batch)::bigint, \(kind.rawValue), \("\(businessDate)")::date,
        to_timestamp(\(recordedAt.microseconds)::numeric / 1000000), \(guarded))
      """
    )
  }

  deinit {
    purchases.release()
    rewards.release()
  }

  /// Rows so far.
  package var purchaseCount: Int64 { purchases.rows }
  /// Rows so far.
  package var rewardCount: Int64 { rewards.rows }

  /// Adds a purchase; gives its row id.
  package func add(_ row: PurchaseRow) throws -> Int64 {
    purchases.add(row, batch: batch)
    let id = rowID(batch: batch, seq: Int32(purchases.rows))
    if purchases.pending.count > flushBytes { try flushPurchases() }
    return id
  }

  /// Adds a reward row and its part of the control totals; gives its row id.
  @discardableResult
  package func add(_ row: RewardRow) throws -> Int64 {
    let key = TotalKey(row)
    try totals[key, default: LeafTotal()].add(row)
    rewards.add(row, batch: batch)
    let id = rowID(batch: batch, seq: Int32(rewards.rows))
    if rewards.pending.count > flushBytes { try flushRewards() }
    return id
  }

  /// Sends the purchases that wait, so that the database can be asked about them.
  package func flushPurchases() throws {
    guard !purchases.pending.isEmpty else { return }
    try copy("purchase", purchases.pending)
    purchases.sent()
  }

  /// Sends the reward rows that wait.
  package func flushRewards() throws {
    guard !rewards.pending.isEmpty else { return }
    try copy("reward", rewards.pending)
    rewards.sent()
  }

  private func copy(_ part: String, _ rows: UnsafeRawBufferPointer) throws {
    let sql = "COPY kvitt.\(part)_\(batch) FROM STDIN (FORMAT binary)"
    try connection.copyIn(Query(trusted: sql)) { send in
      let head: [UInt8] =
        Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0] + [UInt8](repeating: 0, count: 8)
      try head.withUnsafeBytes { try send($0) }
      try send(rows)
      let tail: [UInt8] = [0xFF, 0xFF]
      try tail.withUnsafeBytes { try send($0) }
    }
  }

  /// Whether a record of the leaf stands twice, in it or in a sealed leaf of its day.
  package func repeatsRecords() throws -> Bool {
    try flushPurchases()
    return try connection.run("SELECT 1 FROM find_repeats(\(batch), 1)").count > 0
  }

  /// Checks, posts, closes and attaches the leaf; the last statement before COMMIT.
  ///
  /// - Parameters:
  ///   - entries: Further entries of the batch, each balanced.
  ///   - bookingDate: Their booking date.
  ///   - attachments: Digests of what the batch relies on or issues.
  /// - Returns: The number and value of the seal.
  /// - Throws: `DatabaseError` with SQLSTATE KV020 or KV023 where the database refuses the batch.
  @discardableResult
  package func seal(
    entries: [Entry] = [],
    bookingDate: CivilDate,
    attachments: [Attachment] = []
  ) throws -> Seal {
    try flushPurchases()
    try flushRewards()
    purchases.close()
    rewards.close()
    let root = merkleRoot(purchases.blocks.map(\.digest) + rewards.blocks.map(\.digest))
    let blocks = json(purchases, "purchase") + json(rewards, "reward")
    let sums = totals.sorted { $0.key < $1.key }.map { key, total in
      "[\(key.template),\(key.partner),\(key.programme),\(key.unit),\(key.currency),"
        + "\"\(key.bookingDate)\",\"\(key.settlementDate)\",\(total.rows),\(total.quantity),"
        + "\(total.cost),\(total.share)]"
    }
    let posted = entries.map { $0.json(bookingDate) }.joined(separator: ",")
    let attached = attachments.map { "[\"\($0.kind)\",\"\($0.name)\",\"\($0.digest)\"]" }
    let answer = try connection.run(
      """
      SELECT seal_leaf(\(batch), \(purchases.rows), \(rewards.rows), \(bytes: root.bytes),
        \("[" + blocks.joined(separator: ",") + "]")::jsonb,
        \("[" + sums.joined(separator: ",") + "]")::jsonb, \("[" + posted + "]")::jsonb,
        \("[" + attached.joined(separator: ",") + "]")::jsonb)
      """
    )
    let words = (answer.first?.string(0) ?? "").split(separator: " ").map(String.init)
    guard words.count == 2, let number = Int64(words[0]), let digest = Digest(hex: words[1]) else {
      preconditionFailure("seal_leaf gives a number and a digest")
    }
    return Seal(number: number, digest: digest)
  }

  private func json(_ encoder: LeafEncoder, _ part: String) -> [String] {
    encoder.blocks.enumerated().map { index, block in
      "[\"\(part)\",\(index),\(block.rows),\"\(block.digest)\"]"
    }
  }
}

/// A ledger seal: its number in the book and its value.
package struct Seal: Sendable, Equatable {
  package let number: Int64
  package let digest: Digest
}

/// Something that a seal vouches for: a statement, an approval, terms, an answer.
package struct Attachment: Sendable {
  package let kind: String
  package let name: String
  package let digest: Digest

  package init(_ kind: String, _ name: String, _ digest: Digest) {
    self.kind = kind
    self.name = name
    self.digest = digest
  }
}

/// What control totals distinguish.
private struct TotalKey: Hashable, Comparable {
  let template: Int16
  let partner: Int16
  let programme: Int16
  let unit: Int16
  let currency: Int16
  let bookingDate: CivilDate
  let settlementDate: CivilDate

  init(_ row: RewardRow) {
    template = row.template.rawValue
    partner = row.partner
    programme = row.programme
    unit = row.unit
    currency = row.currency.rawValue
    bookingDate = row.bookingDate
    settlementDate = row.settlementDate
  }

  static func < (left: TotalKey, right: TotalKey) -> Bool {
    (left.template, left.partner, left.programme, left.unit, left.bookingDate, left.settlementDate)
      < (
        right.template, right.partner, right.programme, right.unit, right.bookingDate,
        right.settlementDate
      )
  }
}

private struct LeafTotal {
  var rows: Int64 = 0
  var quantity: Int64 = 0
  var cost: Int64 = 0
  var share: Int64 = 0

  mutating func add(_ row: RewardRow) throws(MoneyOverflow) {
    rows += 1
    quantity = try checkedSum(quantity, row.quantity)
    cost = try checkedSum(cost, row.cost)
    share = try checkedSum(share, row.share)
  }
}

extension Entry {
  fileprivate func json(_ date: CivilDate) -> String {
    let legs = postings.map { leg in
      "[\"\(leg.account.rawValue)\",\"\(leg.commodity)\",\(leg.partner),\(leg.programme),"
        + "\"\(date)\",\(leg.amount)]"
    }
    return "{\"code\":\"\(code)\",\"date\":\"\(date)\",\"text\":\"\(text)\","
      + "\"legs\":[\(legs.joined(separator: ","))]}"
  }
}

extension Books {
  /// Reserves the number of the batch that takes in what the key names; committed by itself, so
  /// it outlives a crash and a retry posts under the same number.
  package func reserve(_ kind: BatchKind, _ key: String) throws -> Int64 {
    try connection.run("SELECT reserve_batch(\(kind.rawValue + "/" + key))").first?.int(0) ?? 0
  }

  /// Opens a reserved batch inside the running transaction.
  package func openLeaf(
    _ batch: Int64,
    _ kind: BatchKind,
    businessDate: CivilDate,
    recordedAt: Instant,
    guarded: Bool = false
  ) throws -> Leaf {
    try Leaf(
      connection,
      batch: batch,
      kind: kind,
      businessDate: businessDate,
      recordedAt: recordedAt,
      guarded: guarded
    )
  }
}
