import Ledger
package import Civil
package import Crypto
package import Formats
import Postgres

/// A payment order with what the bank did about it.
package struct OpenOrder: Sendable {
  package let id: String
  package let partner: Int16
  package let currency: String
  package let amountMinor: Int64
  package let reference: String
}

extension Books {
  /// Sum of the balances of accounts in a commodity, of a partner where given; debit positive.
  package func balance(
    accounts: [String],
    commodity: String,
    partner: Int16? = nil
  ) throws -> Int64 {
    try connection.run(
      """
      SELECT coalesce(sum(amount), 0)::bigint FROM account_balance
       WHERE account = ANY (\(accounts)::text[]) AND commodity = \(commodity)
         AND (\(partner.map { String($0) })::smallint IS NULL
              OR partner = \(partner.map { String($0) })::smallint)
      """
    ).first?.int(0) ?? 0
  }

  /// Total quantity that a partner's answers state as theirs: accepted and known to them alone.
  package func statedByPartner(_ partner: Int16) throws -> Int64 {
    try connection.run(
      """
      SELECT coalesce(sum(accepted_quantity + theirs_quantity), 0)::bigint FROM answer
       WHERE partner = \(partner)::smallint
      """
    ).first?.int(0) ?? 0
  }

  /// Total face value that a source's till files state.
  package func statedByTill(source: String) throws -> Int64 {
    try connection.run(
      "SELECT coalesce(sum(stated_minor), 0)::bigint FROM file WHERE source = \(source)"
    ).first?.int(0) ?? 0
  }

  /// Filed lines of a partner that nothing closed, by statement: units that moved to filed.
  package func unanswered(
    partner: Int16
  ) throws -> [(statement: String, lines: Int64, quantity: Int64, valueMinor: Int64)] {
    try connection.run(
      """
      SELECT s.number, count(*), sum(l.quantity)::bigint, sum(l.value_minor)::bigint
        FROM statement_line l JOIN statement s ON s.id = l.statement_id
       WHERE s.partner = \(partner)::smallint AND l.section = 'filed' AND l.kind <> 'reversal'
         AND NOT EXISTS (SELECT FROM outcome o
                          WHERE o.event_id = l.event_id AND o.attempt = l.attempt)
       GROUP BY s.number ORDER BY s.number
      """
    ).map { try ($0.string(0), $0.int(1), $0.int(2), $0.int(3)) }
  }

  /// Lines of a partner that only the terms' deadline accepted, by statement.
  package func acceptedByDeadline(
    partner: Int16
  ) throws -> [(statement: String, quantity: Int64, valueMinor: Int64)] {
    try connection.run(
      """
      SELECT s.number, sum(o.accepted_quantity * g.sign)::bigint,
             sum(o.accepted_minor * g.sign)::bigint
        FROM outcome o
        JOIN statement_line l ON l.event_id = o.event_id AND l.attempt = o.attempt
          AND l.section = 'filed'
        JOIN statement s ON s.id = l.statement_id
        CROSS JOIN LATERAL (SELECT CASE l.kind WHEN 'reversal' THEN -1 ELSE 1 END AS sign) AS g
       WHERE o.status = 'D' AND s.partner = \(partner)::smallint
       GROUP BY s.number ORDER BY s.number
      """
    ).map { try ($0.string(0), $0.int(1), $0.int(2)) }
  }

  /// Answers of a partner with their raw bytes.
  package func answerBodies(partner: Int16) throws -> [(number: String, body: [UInt8])] {
    try connection.run(
      """
      SELECT number, body FROM answer
       WHERE partner = \(partner)::smallint AND theirs_quantity <> 0 ORDER BY sequence
      """
    ).map { try ($0.string(0), $0.bytes(1)) }
  }

  /// Fingerprints of open breaks of a pair that begin with a prefix.
  package func openFingerprints(pair: String, prefix: String) throws -> [String] {
    try connection.run(
      """
      SELECT fingerprint FROM break_state
       WHERE pair = \(pair) AND state <> 'cleared' AND starts_with(fingerprint, \(prefix))
      """
    ).map { try $0.string(0) }
  }

  /// Breaks of a pair and commodity since a proof: what is open now, and the sums of what came
  /// and what went after it.
  package func breakMovement(
    pair: String,
    commodity: String,
    since proof: StoredProof?
  ) throws -> (open: [String], sum: Int64, new: Int64, cleared: Int64, last: Int64) {
    let last = proof?.lastBreak ?? 0
    let before = proof?.openBreaks ?? []
    let row = try connection.run(
      """
      WITH item AS (
        SELECT id, ours - theirs AS difference, state <> 'cleared' AS is_open,
               substring(id FROM '[0-9]+$')::integer > \(last)::integer AS is_new,
               id = ANY (\(before)::text[]) AS was_open
          FROM break_state WHERE pair = \(pair) AND commodity = \(commodity)
      )
      SELECT coalesce(string_agg(id, ' ' ORDER BY length(id), id) FILTER (WHERE is_open), ''),
             coalesce(sum(difference) FILTER (WHERE is_open), 0)::bigint,
             coalesce(sum(difference) FILTER (WHERE is_new), 0)::bigint,
             coalesce(sum(difference) FILTER (WHERE NOT is_open AND (is_new OR was_open)), 0)
               ::bigint,
             (SELECT coalesce(max(substring(id FROM '[0-9]+$')::integer), 0) FROM break_item)
        FROM item
      """
    ).first
    return try (
      (row?.string(0) ?? "").split(separator: " ").map(String.init), row?.int(1) ?? 0,
      row?.int(2) ?? 0, row?.int(3) ?? 0, row?.int(4) ?? 0
    )
  }

  /// Pairs of our line and their line that agreed exactly on a day: count and digest.
  package func exactSet(partner: Int16, on date: CivilDate) throws -> (count: Int64, digest: String)
  {
    let row = try connection.run(
      """
      SELECT count(*), encode(sha256(convert_to(coalesce(string_agg(
               concat_ws('|', o.event_id, o.attempt, o.accepted_quantity, o.accepted_minor),
               E'\\n' ORDER BY o.event_id COLLATE "C", o.attempt), ''), 'UTF8')), 'hex')
        FROM outcome o JOIN batch b ON b.id = o.batch_id JOIN answer a ON a.batch_id = b.id
       WHERE b.business_date = \("\(date)")::date AND a.partner = \(partner)::smallint
         AND o.accepted_quantity = o.filed_quantity
      """
    ).first
    return try (row?.int(0) ?? 0, row?.string(1) ?? "")
  }

  /// The last bank statement of an account: sequence and closing balance.
  package func lastBankStatement(
    account: String
  ) throws -> (sequence: Int64, closing: Int64)? {
    try connection.run(
      """
      SELECT sequence, closing_minor FROM bank_statement WHERE account = \(account)
       ORDER BY sequence DESC LIMIT 1
      """
    ).first.map { try ($0.int(0), $0.int(1)) }
  }

  /// Bank accounts with the currency and the closing of their last statement.
  package func bankAccounts() throws -> [(account: String, currency: String, closing: Int64)] {
    try connection.run(
      """
      SELECT DISTINCT ON (account) account, currency, closing_minor FROM bank_statement
       ORDER BY account, sequence DESC
      """
    ).map { try ($0.string(0), $0.currency(1).code, $0.int(2)) }
  }

  /// Whether a bank statement with this digest was taken.
  package func hasBankStatement(digest: Digest) throws -> Bool {
    try connection.run(
      "SELECT FROM bank_statement WHERE digest = \(bytes: digest.bytes)"
    ).count > 0
  }

  /// Payment orders that no bank line has executed, or whose payment came back.
  package func ordersOpen() throws -> [OpenOrder] {
    try connection.run(
      """
      SELECT o.id, o.partner, o.currency, o.amount_minor, o.reference FROM payment_order o
       WHERE NOT EXISTS (SELECT FROM match_claim c WHERE c.side = 'order' AND c.item = o.id)
       ORDER BY o.id
      """
    ).map {
      try OpenOrder(
        id: $0.string(0),
        partner: $0.int16(1),
        currency: $0.currency(2).code,
        amountMinor: $0.int(3),
        reference: $0.string(4)
      )
    }
  }

  /// The partner whose statement carries a reference.
  package func partner(ofReference reference: String) throws -> Int16? {
    try connection.run(
      "SELECT partner FROM statement WHERE reference = \(reference)"
    ).first.map { try $0.int16(0) }
  }

  /// Stores a bank statement with its lines.
  package func insert(_ statement: BankStatement, batch: Int64, digest: Digest) throws {
    try connection.run(
      """
      INSERT INTO bank_statement (batch_id, account, currency, sequence, date, opening_minor,
        closing_minor, digest)
      VALUES (\(batch), \(statement.account), \(statement.currency.code), \(statement.sequence),
        \("\(statement.date)")::date, \(statement.opening), \(statement.closing),
        \(bytes: digest.bytes))
      """
    )
    for (index, line) in statement.lines.enumerated() {
      try connection.run(
        """
        INSERT INTO bank_line (id, batch_id, line, date, kind, amount_minor, currency, reference,
          text)
        VALUES (\(line.bankRef), \(batch), \(index + 1), \("\(statement.date)")::date,
          \(line.kind.rawValue), \(line.signedMinor), \(statement.currency.code),
          \(line.reference), \(line.text))
        """
      )
    }
  }

  /// Claims both sides of a match; a side that is claimed already refuses.
  package func claim(
    match: String,
    rule: BankRule,
    sides: [(side: String, item: String)]
  ) throws {
    for (side, item) in sides {
      try connection.run(
        """
        INSERT INTO match_claim (side, item, generation, match_id, rule)
        VALUES (\(side), \(item), 1, \(match), \(rule.rawValue))
        """
      )
    }
  }
}

/// A lot of which a part stands rejected.
package struct RejectedLot: Sendable {
  package let event: String
  package let attempt: Int64
  package let quantity: Int64
  package let costMinor: Int64
  package let accepted: Int64
  package let reason: String
}

extension Books {
  /// Units that leaves ever posted with a partner.
  package func unitsSettled(with partner: Int16) throws -> [Int16] {
    try connection.run(
      "SELECT DISTINCT unit FROM leaf_total WHERE partner = \(partner)::smallint ORDER BY unit"
    ).map { try $0.int16(0) }
  }

  /// Lots of a partner whose rejected part is not dropped, refiled or lapsed yet.
  package func rejectedLots(partner: Int16) throws -> [RejectedLot] {
    let rejections = Flow.all { $0.effect == .rejects }
    let cures = Flow.all { $0.effect == .unrejects || $0.effect == .lapses }
    return try connection.run(
      """
      WITH open AS (
        SELECT o.event_id, o.attempt, o.row_id, o.accepted_quantity, o.reason, l.member_id
          FROM outcome o
          JOIN statement_line l ON l.event_id = o.event_id AND l.attempt = o.attempt
            AND l.section = 'filed' AND l.kind <> 'reversal'
          JOIN statement s ON s.id = l.statement_id
         WHERE o.status IN ('P', 'X') AND s.partner = \(partner)::smallint
           AND NOT EXISTS (SELECT FROM rejection_closed c
                            WHERE c.event_id = o.event_id AND c.attempt = o.attempt)
      )
      SELECT o.event_id, o.attempt, r.quantity, r.cost, o.accepted_quantity, o.reason
        FROM open o
        CROSS JOIN LATERAL (
          SELECT coalesce(sum(CASE WHEN flow IN (\(flows: rejections)) THEN quantity
                                   ELSE -quantity END), 0)::bigint AS quantity,
                 coalesce(sum(CASE WHEN flow IN (\(flows: rejections)) THEN cost_minor
                                   ELSE -cost_minor END), 0)::bigint AS cost
            FROM reward w WHERE w.member_id = o.member_id AND w.lot_id = o.row_id
             AND w.flow IN (\(flows: rejections + cures))) AS r
       WHERE r.quantity > 0 ORDER BY o.event_id
      """
    ).map {
      try RejectedLot(
        event: $0.string(0),
        attempt: $0.int(1),
        quantity: $0.int(2),
        costMinor: $0.int(3),
        accepted: $0.int(4),
        reason: $0.string(5)
      )
    }
  }
}
