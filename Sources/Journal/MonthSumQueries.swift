import Ledger
import Postgres

/// The uncapped sum of one member under one rule in one month.
package struct MonthSum: Sendable {
  package let agreement: Int32
  package let rule: Int16
  package let member: Int64
  package let sum: Int64
}

extension Books {
  /// Uncapped sums of one month: the newest stored state, then the rows sealed since.
  ///
  /// Reading a night's sums so costs what the members cost, not what the month's rows do.
  ///
  /// - Returns: How many rows stand in the leaves sealed since the stored state.
  package func forEachMonthSum(_ month: Int16, _ body: (MonthSum) -> Void) throws -> Int {
    let newest = try connection.run(
      """
      SELECT batch_id, base_seal FROM month_sum WHERE month = \(month)::smallint
       ORDER BY base_seal DESC, batch_id DESC LIMIT 1
      """
    ).first
    let (stored, base) = (try newest?.int(0) ?? 0, try newest?.int(1) ?? 0)
    if newest != nil {
      let sql = "COPY (SELECT agreement, rule, body FROM kvitt.month_sum WHERE month = \(month) "
      try connection.copyOut(
        Query(trusted: sql + "AND batch_id = \(stored)) TO STDOUT (FORMAT binary)")
      ) { chunk in
        var tuple = BinaryTuple(chunk)
        guard tuple.next() else { return }
        guard let agreement = tuple.int32(), let rule = tuple.int16(), let stored = tuple.bytes()
        else { throw unreadableTuple("month_sum.body", "the sums of a rule") }
        try MonthSumBody.decode(stored) { member, sum in
          body(MonthSum(agreement: agreement, rule: rule, member: member, sum: sum))
        }
      }
    }
    let leaves = try connection.run(
      """
      SELECT m.batch_id, s.rewards FROM leaf_month m JOIN seal s ON s.batch_id = m.batch_id
       WHERE m.month = \(month)::smallint AND s.seal_no > \(base)::bigint
         AND m.batch_id <> \(stored)::bigint
      """
    ).map { try (batch: String($0.int(0)), rows: Int($0.int(1))) }
    guard !leaves.isEmpty else { return 0 }
    let sql = """
      COPY (SELECT agreement, rule, member_id, sum(uncapped)::bigint FROM kvitt.reward
             WHERE batch_id IN (\(leaves.map(\.batch).joined(separator: ",")))
               AND earn_month = \(month) AND uncapped <> 0
             GROUP BY agreement, rule, member_id) TO STDOUT (FORMAT binary)
      """
    try connection.copyOut(Query(trusted: sql)) { chunk in
      var tuple = BinaryTuple(chunk)
      guard tuple.next() else { return }
      guard let agreement = tuple.int32(), let rule = tuple.int16(),
        let member = tuple.int64(), let sum = tuple.int64()
      else { throw unreadableTuple("reward.uncapped", "the sum of a member") }
      body(MonthSum(agreement: agreement, rule: rule, member: member, sum: sum))
    }
    return leaves.map(\.rows).reduce(0, +)
  }

  /// Where the newest stored sums of a month differ from the rows: at most ten places.
  func differingMonthSums(_ month: Int16) throws -> [String] {
    var sums: [MonthSumKey: Int64] = [:]
    var rules: Set<String> = []
    guard
      let newest = try connection.run(
        """
        SELECT batch_id, base_seal FROM month_sum WHERE month = \(month)::smallint
         ORDER BY base_seal DESC, batch_id DESC LIMIT 1
        """
      ).first
    else { return [] }
    let (batch, base) = try (newest.int(0), newest.int(1))
    for row in try connection.run(
      """
      SELECT agreement, rule, body FROM month_sum
       WHERE month = \(month)::smallint AND batch_id = \(batch)::bigint
      """
    ) {
      let (agreement, rule) = try (row.int(0), row.int(1))
      rules.insert("(\(agreement), \(rule))")
      try row.bytes(2).withUnsafeBytes { body in
        try MonthSumBody.decode(body) { member, sum in
          sums[MonthSumKey(agreement: agreement, rule: rule, member: member)] = sum
        }
      }
    }
    let leaves = try connection.run(
      """
      SELECT m.batch_id FROM leaf_month m JOIN seal s ON s.batch_id = m.batch_id
       WHERE m.month = \(month)::smallint
         AND (s.seal_no <= \(base)::bigint OR m.batch_id = \(batch)::bigint)
      """
    ).map { try String($0.int(0)) }
    // Where no leaf is known to count toward the month, no sum has rows.
    guard !leaves.isEmpty, !rules.isEmpty else {
      return sums.keys.map { "month \(month) member \($0.member)" }.sorted().prefix(10).map { $0 }
    }
    let sql = """
      COPY (SELECT agreement::bigint, rule::bigint, member_id, sum(uncapped)::bigint
              FROM kvitt.reward
             WHERE batch_id IN (\(leaves.joined(separator: ","))) AND earn_month = \(month)
               AND (agreement, rule) IN (\(rules.sorted().joined(separator: ",")))
             GROUP BY 1, 2, 3 HAVING sum(uncapped) <> 0) TO STDOUT (FORMAT binary)
      """
    var places: [String] = []
    try connection.copyOut(Query(trusted: sql)) { chunk in
      var tuple = BinaryTuple(chunk)
      guard tuple.next() else { return }
      guard let agreement = tuple.int64(), let rule = tuple.int64(),
        let member = tuple.int64(), let sum = tuple.int64()
      else { throw unreadableTuple("reward.uncapped", "the sum of a member") }
      let key = MonthSumKey(agreement: agreement, rule: rule, member: member)
      if sums.removeValue(forKey: key) != sum { places.append("month \(month) member \(member)") }
    }
    return Array((places + sums.keys.map { "month \(month) member \($0.member)" }).prefix(10))
  }

  /// Stores the sums of a month as the batch leaves them.
  package func store(
    month: Int16,
    agreement: Int32,
    rule: Int16,
    sums: [(member: Int64, sum: Int64)],
    batch: Int64,
    baseSeal: Int64
  ) throws {
    try connection.run(
      """
      INSERT INTO month_sum (batch_id, month, agreement, rule, base_seal, body)
      VALUES (\(batch)::bigint, \(month)::smallint, \(agreement)::integer, \(rule)::smallint,
        \(baseSeal)::bigint, \(bytes: MonthSumBody.encode(sums)))
      """
    )
  }
}

/// Whose sum under which rule.
private struct MonthSumKey: Hashable {
  let agreement: Int64
  let rule: Int64
  let member: Int64
}

/// Sums by member as variable-length numbers: the difference to the last member, then the sum
/// with its sign in the lowest bit.
enum MonthSumBody {
  /// Encodes sums in ascending order of members.
  static func encode(_ sums: [(member: Int64, sum: Int64)]) -> [UInt8] {
    var out: [UInt8] = []
    var last: Int64 = 0
    func put(_ value: UInt64) {
      var rest = value
      while rest >= 0x80 {
        out.append(UInt8(rest & 0x7F) | 0x80)
        rest >>= 7
      }
      out.append(UInt8(rest))
    }
    for item in sums {
      put(UInt64(item.member - last))
      put(UInt64(bitPattern: item.sum << 1 ^ item.sum >> 63))
      last = item.member
    }
    return out
  }

  /// Hands every member and sum to the body; a cut tail throws.
  static func decode(
    _ bytes: UnsafeRawBufferPointer,
    _ body: (Int64, Int64) -> Void
  ) throws(UnreadableValue) {
    var offset = 0
    func take() -> UInt64? {
      var value: UInt64 = 0
      var shift: UInt64 = 0
      while offset < bytes.count, shift < 64 {
        let byte = bytes[offset]
        offset += 1
        value |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { return value }
        shift += 7
      }
      return nil
    }
    var member: Int64 = 0
    while offset < bytes.count {
      guard let step = take(), let packed = take() else {
        throw unreadableTuple("month_sum.body", "whole numbers of members and sums")
      }
      member &+= Int64(bitPattern: step)
      body(member, Int64(bitPattern: packed >> 1) ^ -Int64(bitPattern: packed & 1))
    }
  }
}
