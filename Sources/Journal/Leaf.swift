package import Civil
package import Crypto
package import Ledger
import Postgres

/// An open leaf of the book: rows go in, and the whole is sealed in the same transaction.
package final class Leaf {
  /// Number of the batch.
  package let batch: Int64
  private let connection: Connection
  private let sender: LeafSender
  private var purchases: LeafEncoder
  private var rewards: LeafEncoder
  private var totals = LeafTotals()
  /// The newest seal when the batch began to decide.
  private let baseSeal: Int64
  private let guarded: Bool

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
    self.guarded = guarded
    sender = LeafSender(connection)
    purchases = LeafEncoder(sender.buffer())
    rewards = LeafEncoder(sender.buffer())
    baseSeal = try connection.run("SELECT seal_no FROM book").first?.int(0) ?? 0
    try connection.run(
      """
      SELECT open_leaf(\(batch)::bigint, \(kind.rawValue), \("\(businessDate)")::date,
        to_timestamp(\(recordedAt.microseconds)::numeric / 1000000), \(guarded))
      """
    )
  }

  deinit {
    sender.close()
    purchases.release()
    rewards.release()
  }

  /// Rows so far.
  package var rewardCount: Int64 { rewards.rows }
  /// The newest seal when the batch began to decide.
  package var decidedOn: Int64 { baseSeal }

  /// Adds a purchase; gives its row id.
  package func add(_ row: borrowing PurchaseRow) throws -> Int64 {
    purchases.add(row, batch: batch)
    let id = rowID(batch: batch, seq: Int32(purchases.rows))
    if purchases.isFull { try purchases.send("purchase_\(batch)", sender) }
    return id
  }

  /// Adds a reward row and its part of the control totals; gives its row id.
  @discardableResult
  package func add(_ row: RewardRow) throws -> Int64 {
    try totals.add(row)
    rewards.add(row, batch: batch)
    let id = rowID(batch: batch, seq: Int32(rewards.rows))
    if rewards.isFull { try rewards.send("reward_\(batch)", sender) }
    return id
  }

  /// Sends the rows that wait and waits for them, so that the database can be asked about them.
  package func flush() throws {
    try purchases.send("purchase_\(batch)", sender)
    try rewards.send("reward_\(batch)", sender)
    try sender.drain()
  }

  /// Makes the index of identities before the leaf is sealed, so that records of the leaf itself
  /// can be found by it; a leaf that was opened guarded has one.
  ///
  /// - Throws: `DatabaseError` with SQLSTATE 23505 where an identity stands twice.
  package func indexIdentities() throws {
    guard !guarded else { return }
    try flush()
    try connection.run("SELECT index_identities(\(batch)::bigint)")
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
    try flush()
    purchases.close()
    rewards.close()
    let root = merkleRoot(purchases.blocks.map(\.digest) + rewards.blocks.map(\.digest))
    let legs = entries.enumerated().flatMap { index, entry in entry.legs(index + 1, bookingDate) }
    let attached = attachments.map { [$0.kind.rawValue, $0.name, $0.digest.description] }
    let answer = try connection.run(
      """
      SELECT seal_leaf(\(batch), \(purchases.rows), \(rewards.rows), \(bytes: root.bytes),
        \(rows: rows(purchases, "purchase") + rows(rewards, "reward"), columns: 4),
        \(rows: totals.rows, columns: 11), \(rows: legs, columns: 9),
        \(rows: attached, columns: 3), \(baseSeal)::bigint)
      """
    )
    let words = try (answer.first?.string(0) ?? "").split(separator: " ").map(String.init)
    guard words.count == 2, let number = Int64(words[0]), let digest = Digest(hex: words[1]) else {
      preconditionFailure("seal_leaf gives a number and a digest")
    }
    return Seal(number: number, digest: digest)
  }

  /// Blocks as `seal_leaf` reads them.
  private func rows(_ encoder: LeafEncoder, _ part: String) -> [[String]] {
    encoder.blocks.enumerated().map { index, block in
      [part, "\(index)", "\(block.rows)", "\(block.digest)"]
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
  package let kind: AttachmentKind
  package let name: String
  package let digest: Digest

  package init(_ kind: AttachmentKind, _ name: String, _ digest: Digest) {
    self.kind = kind
    self.name = name
    self.digest = digest
  }
}

extension Entry {
  /// Its legs as `post_entries` reads them.
  fileprivate func legs(_ number: Int, _ date: CivilDate) -> [[String]] {
    postings.map { leg in
      [
        "\(number)", kind.rawValue, "\(date)", text, leg.account.rawValue, leg.commodity,
        "\(leg.partner)", "\(leg.programme)", "\(leg.amount)",
      ]
    }
  }
}

extension Books {
  /// Reserves the number of the batch that takes in what the key names; committed by itself, so
  /// it outlives a crash and a retry posts under the same number.
  package func reserve(_ kind: BatchKind, _ key: String) throws -> Int64 {
    try connection.run("SELECT reserve_batch(\(kind.rawValue), \(key))").first?.int(0) ?? 0
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

/// Why the database sent a batch back although nothing is wrong with its file.
package enum BatchVerdict: Sendable {
  /// A record stands already, in the leaf or a sealed one.
  case repeats
  /// Another feed that counts toward the same month was sealed meanwhile.
  case overtaken

  /// What an error says; nil for every other error.
  package init?(_ error: any Error) {
    switch (error as? DatabaseError)?.sqlState {
    case "KV023", "23505": self = .repeats
    case "KV040": self = .overtaken
    default: return nil
    }
  }
}
