import Crypto
import Postgres

extension Books {
  /// Every seal follows the one before, and still vouches for its rows, entries and attachments.
  func checkSeals(since: Int64, _ report: inout LedgerCheckReport) throws {
    var previous = try connection.run(
      "SELECT seal FROM seal WHERE seal_no = \(since)::bigint"
    ).first?.bytes(0)
    if since > 0, previous == nil {
      report.tell("seals unbroken", "seal \(since)", "there is no such seal to go on from")
    }
    var number = since
    for row in try connection.run(
      """
      SELECT s.batch_id, s.seal_no, s.root, s.previous, s.seal, b.kind, s.purchases, s.rewards
        FROM seal s LEFT JOIN batch b ON b.id = s.batch_id
       WHERE s.seal_no > \(since)::bigint ORDER BY s.seal_no
      """
    ) {
      number += 1
      report.batches += 1
      let place = try "leaf \(row.int(0))"
      if try row.int(1) != number {
        report.tell("seals unbroken", place, "seal \(number) is missing")
        number = try row.int(1)
      }
      if try row.bytes(3) != previous ?? [UInt8](repeating: 0, count: 32) {
        report.tell("seals unbroken", place, "does not follow the seal before it")
      }
      previous = try row.bytes(4)
      guard row.optional(5) != nil else {
        report.tell("seals unbroken", place, "the row of its batch is gone")
        continue
      }
      try checkSeal(row, place, &report)
    }
    report.seal = number
    try checkEnd(number, previous, &report)
  }

  /// The book's row names the last seal, and no batch stands without one.
  private func checkEnd(
    _ number: Int64,
    _ seal: [UInt8]?,
    _ report: inout LedgerCheckReport
  ) throws {
    let book = try connection.run("SELECT seal_no, seal FROM book").first
    if try book?.int(0) != number
      || book?.bytes(1) != seal ?? [UInt8](repeating: 0, count: 32)
    {
      report.tell("seals unbroken", "book", "the newest seal is not the last one")
    }
    for row in try connection.run(
      """
      SELECT b.id FROM batch b WHERE NOT EXISTS (SELECT FROM seal s WHERE s.batch_id = b.id)
       ORDER BY 1 LIMIT 100
      """
    ) {
      report.tell("seals unbroken", "leaf \(try row.int(0))", "has no seal")
    }
  }

  /// Blocks, root and text of one seal.
  private func checkSeal(_ row: Row, _ place: String, _ report: inout LedgerCheckReport) throws {
    let batch = try row.int(0)
    let digests = try checkBlocks(
      batch,
      kind: row.known(5),
      counts: [row.int(6), row.int(7)],
      &report
    )
    if try merkleRoot(digests).bytes != row.bytes(2) {
      report.tell("root", place, "its blocks give another root")
    }
    let text =
      try connection.run(
        "SELECT seal_text(\(batch)::bigint, \(bytes: row.bytes(3)), \(bytes: row.bytes(2)))"
      ).first?.string(0) ?? ""
    if try sha256(text).bytes != row.bytes(4) {
      report.tell("seal", place, "entries or attachments are not those that were sealed")
    }
  }

  /// Digests of a leaf's blocks, recomputed from the rows and compared with the stored ones.
  private func checkBlocks(
    _ batch: Int64,
    kind: BatchKind,
    counts: [Int64],
    _ report: inout LedgerCheckReport
  ) throws -> [Digest] {
    var digests: [Digest] = []
    for (part, count) in zip(["purchase", "reward"], counts) {
      let stored = try connection.run(
        """
        SELECT digest, rows, block FROM block WHERE batch_id = \(batch)::bigint AND part = \(part)
         ORDER BY block
        """
      ).map { try (digest: $0.bytes(0), rows: $0.int(1), block: $0.int(2)) }
      var rows: Int64 = 0
      var computed: [Digest] = []
      if part == "purchase" ? kind == .feed : kind.hasRewards {
        computed = try blockDigests(batch, part, &rows)
      }
      report.rows += rows
      report.blocks += computed.count
      if rows != count {
        report.tell("rows", "leaf \(batch) \(part)", "\(rows) rows stand, \(count) were sealed")
      }
      for index in 0..<max(stored.count, computed.count) {
        let ours = index < computed.count ? computed[index].bytes : nil
        let kept = index < stored.count ? stored[index] : nil
        let inBlock = min(1_024, max(0, rows - Int64(index) * 1_024))
        guard ours != kept?.digest || kept?.rows != inBlock || kept?.block != Int64(index) else {
          continue
        }
        report.tell(
          "block digest",
          "leaf \(batch) \(part) block \(index)",
          "rows \(index * 1024 + 1) to \((index + 1) * 1024) are not those sealed"
        )
      }
      digests += computed
    }
    return digests
  }

  /// Reads a leaf as binary COPY in `seq` order and digests blocks of 1,024 tuples.
  func blockDigests(_ batch: Int64, _ part: String, _ rows: inout Int64) throws -> [Digest] {
    var digests: [Digest] = []
    let hasher = Hasher256()
    var inBlock = 0
    var first = true
    var total: Int64 = 0
    let sql =
      "COPY (SELECT * FROM \(part) WHERE batch_id = \(batch) ORDER BY seq) TO STDOUT "
    try connection.copyOut(Query(trusted: sql + "(FORMAT binary)")) { bytes in
      // The first chunk begins with the file header of 19 bytes; the trailer is two bytes.
      let tuple = first ? UnsafeRawBufferPointer(rebasing: bytes.dropFirst(19)) : bytes
      first = false
      guard tuple.count > 2 else { return }
      hasher.update(tuple)
      total += 1
      inBlock += 1
      if inBlock == LeafEncoder.blockRows {
        digests.append(hasher.finish())
        inBlock = 0
      }
    }
    if inBlock > 0 { digests.append(hasher.finish()) }
    rows += total
    return digests
  }
}
