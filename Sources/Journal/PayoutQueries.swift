package import Civil
package import Crypto
import Ledger
import Postgres

/// A pay-out as the books know it.
package struct StoredPayout: Sendable {
  package let id: String
  package let member: Int64
  package let amountMinor: Int64
  package let currency: String
  /// The rows that took it from lots.
  package let batch: Int64
  package let rows: ClosedRange<Int32>
  /// The card that it goes to.
  package let token: String

  package init(
    id: String,
    member: Int64,
    amountMinor: Int64,
    currency: String,
    batch: Int64,
    rows: ClosedRange<Int32>,
    token: String
  ) {
    self.token = token
    self.id = id
    self.member = member
    self.amountMinor = amountMinor
    self.currency = currency
    self.batch = batch
    self.rows = rows
  }
}

/// A pay-out file as it was written.
package struct StoredPayoutFile: Sendable {
  package let sequence: Int64
  package let number: String
  package let payDate: CivilDate
  package let body: [UInt8]
  /// Whether the seal of its batch vouches for the bytes.
  package let isSealed: Bool
}

extension Books {
  /// The card account that a member's pay-outs go to: a card of the member that nothing replaced, and
  /// nothing closed, unless what a closed account has left is paid out.
  package func payoutTokens(members: [Int64], evenClosed: Bool = false) throws -> [Int64: String] {
    let ends = evenClosed ? ["replaced"] : ["closed", "replaced"]
    let rows = try connection.run(
      """
      SELECT DISTINCT ON (c.member_id) c.member_id, c.token FROM card c
       WHERE c.member_id = ANY (\(members)::bigint[])
         AND NOT EXISTS (SELECT FROM card_event e
                          WHERE e.token = c.token AND e.event = ANY (\(ends)::text[]))
       ORDER BY c.member_id, c.token
      """
    )
    return try Dictionary(uniqueKeysWithValues: rows.map { try ($0.int(0), $0.string(1)) })
  }

  /// Members to whose closed account the card system refused to pay.
  package func refusedAfterClosing(members: [Int64]) throws -> Set<Int64> {
    let rows = try connection.run(
      """
      SELECT DISTINCT p.member_id
        FROM payout p JOIN payout_file f USING (sequence) JOIN payout_outcome o ON o.payout_id = p.id
        JOIN card c ON c.member_id = p.member_id JOIN card_event e ON e.token = c.token
       WHERE p.member_id = ANY (\(members)::bigint[]) AND o.status = 'X' AND e.event = 'closed'
         AND f.pay_date >= e.effective_date
      """
    )
    return try Set(rows.map { try $0.int(0) })
  }

  /// Members of a programme, ascending.
  package func members(ofProgramme programme: Int16) throws -> [Int64] {
    try connection.run(
      "SELECT id FROM member WHERE programme = \(programme)::smallint ORDER BY id"
    ).map { try $0.int(0) }
  }

  /// Number of the newest pay-out file, 0 where there is none.
  package func lastPayoutFile() throws -> Int64 {
    try connection.run("SELECT coalesce(max(sequence), 0) FROM payout_file").first?.int(0) ?? 0
  }

  /// Notes a pay-out file with its lines, in the open batch that takes the lots.
  ///
  /// - Throws: `DatabaseError` with SQLSTATE KV020 where it is not the next one, or pays to a stranger's card.
  package func issue(
    payoutFile sequence: Int64,
    number: String,
    body: [UInt8],
    payouts: [(payout: StoredPayout, hold: Int64?)],
    batch: Int64
  ) throws {
    try connection.run(
      """
      SELECT issue_payout_file(\(batch)::bigint, \(sequence)::bigint, \(number), \(bytes: body))
      """
    )
    for some in chunks(payouts, of: 5_000) {
      let lines = some.map { line in
        [
          "\(line.payout.rows.lowerBound)", "\(line.payout.rows.upperBound)",
          line.hold.map { "\($0)" } ?? "", "\(line.payout.member)", "\(line.payout.amountMinor)",
          line.payout.currency, line.payout.token,
        ]
      }
      try connection.run(
        "SELECT issue_payouts(\(sequence)::bigint, \(rows: lines, columns: 7))"
      )
    }
  }

  /// Numbers of the pay-out files, oldest first.
  package func payoutNumbers() throws -> [String] {
    try connection.run("SELECT number FROM payout_file ORDER BY sequence").map { try $0.string(0) }
  }

  /// The pay-out file of a number, nil where there is none.
  package func payoutFile(_ number: String) throws -> StoredPayoutFile? {
    try connection.run(
      """
      SELECT f.sequence, f.number, f.pay_date, f.body, EXISTS (
               SELECT FROM attachment a JOIN seal s USING (batch_id)
                WHERE a.batch_id = f.batch_id AND a.kind = \(AttachmentKind.payout.rawValue)
                  AND a.name = f.number AND a.digest = sha256(f.body))
        FROM payout_file f WHERE f.number = \(number)
      """
    ).first.map {
      try StoredPayoutFile(
        sequence: $0.int(0),
        number: $0.string(1),
        payDate: $0.day(2),
        body: $0.bytes(3),
        isSealed: $0.bool(4)
      )
    }
  }

  /// The lines of a pay-out file.
  package func payouts(file sequence: Int64) throws -> [StoredPayout] {
    try connection.run(
      """
      SELECT p.id, p.member_id, p.amount_minor, p.currency, f.batch_id, p.first_seq, p.last_seq,
             p.token
        FROM payout p JOIN payout_file f USING (sequence)
       WHERE p.sequence = \(sequence)::bigint ORDER BY p.first_seq
      """
    ).map {
      try StoredPayout(
        id: $0.string(0),
        member: $0.int(1),
        amountMinor: $0.int(2),
        currency: $0.currency(3).code,
        batch: $0.int(4),
        rows: $0.range(5, 6),
        token: $0.string(7)
      )
    }
  }

  /// The answer to a pay-out file, or with a sequence or digest, that was taken.
  package func payoutAnswer(
    sequence: Int64,
    digest: Digest
  ) throws -> (number: String, isSame: Bool)? {
    try connection.run(
      """
      SELECT number, digest = \(bytes: digest.bytes) FROM payout_answer
       WHERE sequence = \(sequence)::bigint OR digest = \(bytes: digest.bytes)
       ORDER BY 2 DESC LIMIT 1
      """
    ).first.map { try ($0.string(0), $0.bool(1)) }
  }

  /// Number of the newest answer, 0 where there is none.
  package func lastPayoutAnswer() throws -> Int64 {
    try connection.run("SELECT coalesce(max(sequence), 0) FROM payout_answer").first?.int(0) ?? 0
  }

  /// Stores an answer and what it says of each line.
  package func insert(
    payoutAnswer sequence: Int64,
    number: String,
    answered: Int64,
    body: [UInt8],
    outcomes: [(id: String, isPaid: Bool, reason: String, cardRef: String)],
    batch: Int64
  ) throws {
    try connection.run(
      """
      INSERT INTO payout_answer (sequence, number, answered, batch_id, digest, body)
      VALUES (\(sequence)::bigint, \(number), \(answered)::bigint, \(batch)::bigint,
        sha256(\(bytes: body)), \(bytes: body))
      """
    )
    for some in chunks(outcomes, of: 5_000) {
      let ids = some.map(\.id)
      let statuses = some.map { $0.isPaid ? "A" : "X" }
      let reasons = some.map(\.reason)
      let refs = some.map(\.cardRef)
      try connection.run(
        """
        INSERT INTO payout_outcome (payout_id, answer, status, reason, card_ref)
        SELECT i, \(sequence)::bigint, s, r, c
          FROM unnest(\(ids)::text[], \(statuses)::text[], \(reasons)::text[], \(refs)::text[])
            AS x (i, s, r, c)
        """
      )
    }
  }

  /// What the card system paid of pay-outs, and what it has not answered, by currency.
  package func payoutTotals() throws -> [(
    currency: String, paid: Int64, open: [(file: String, minor: Int64)]
  )] {
    let rows = try connection.run(
      """
      SELECT p.currency, f.number, bool_or(a.sequence IS NOT NULL),
             coalesce(sum(p.amount_minor) FILTER (WHERE o.status = 'A'), 0)::bigint,
             sum(p.amount_minor)::bigint
        FROM payout p JOIN payout_file f USING (sequence)
        LEFT JOIN payout_answer a ON a.answered = f.sequence
        LEFT JOIN payout_outcome o ON o.payout_id = p.id
       GROUP BY p.currency, f.sequence, f.number ORDER BY p.currency, f.sequence
      """
    )
    return try Dictionary(grouping: rows.map { $0 }, by: { try $0.currency(0).code })
      .sorted { $0.key < $1.key }
      .map { currency, files in
        try (
          currency, files.map { try $0.int(3) }.reduce(0, +),
          files.filter { try !$0.bool(2) }.map { try ($0.string(1), $0.int(4)) }
        )
      }
  }
}
