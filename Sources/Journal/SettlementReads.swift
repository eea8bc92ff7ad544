package import Civil
package import Ledger
import Postgres

/// Settled amounts of a partner's unclaimed slices, by flow and programme.
package struct SettledSum: Sendable {
  package let programme: Int16
  package let flow: Flow
  package let measure: Measure
  package let direction: Direction
  package let currency: Currency
  package let minor: Int64
}

/// Where the last statement to a partner ended: ours, or at first the old system's (G3).
package struct LastStatement: Sendable {
  package let sequence: Int
  package let cutSeal: Int64
  package let closing: Int64
  package let currency: String
}

/// A plan as it was stored.
package struct StoredPlan: Sendable {
  package let id: String
  package let businessDate: CivilDate
  package let cutSeal: Int64
  package let digest: String
  package let body: String
  package let preparedBy: String
  package let approvedBy: String?
  package let batch: Int64?
}

extension Books {
  /// The newest seal number.
  package func newestSeal() throws -> Int64 {
    try connection.run("SELECT seal_no FROM book").first?.int(0) ?? 0
  }

  /// Unclaimed slices of a partner up to a cut and a settlement date: batch and date of each.
  package func unclaimedSlices(
    partner: Int16,
    through date: CivilDate,
    cut: Int64
  ) throws -> [(batch: Int64, date: String)] {
    try connection.run(
      """
      SELECT l.batch_id, l.settlement_date::text
        FROM slice l JOIN seal s ON s.batch_id = l.batch_id
       WHERE l.partner = \(partner)::smallint AND l.settlement_date <= \("\(date)")::date
         AND s.seal_no <= \(cut)::bigint
         AND NOT EXISTS (SELECT FROM window_claim c
                          WHERE c.partner = l.partner AND c.batch_id = l.batch_id
                            AND c.settlement_date = l.settlement_date)
       ORDER BY l.batch_id, l.settlement_date
      """
    ).map { try ($0.int(0), $0.string(1)) }
  }

  /// What the slices settle, from the totals of their leaves.
  package func settledSums(
    partner: Int16,
    slices: [(batch: Int64, date: String)]
  ) throws -> [SettledSum] {
    let batches = slices.map(\.batch)
    let dates = slices.map(\.date)
    return try connection.run(
      """
      SELECT t.programme, t.flow, k.line_measure, k.line_direction,
             sum(CASE k.line_measure WHEN 'cost' THEN t.cost_minor ELSE t.share_minor END)::bigint,
             t.currency
        FROM leaf_total t JOIN flow k ON k.id = t.flow
        JOIN unnest(\(batches)::bigint[], \(dates)::date[]) AS x (b, d)
          ON x.b = t.batch_id AND x.d = t.settlement_date
       WHERE t.partner = \(partner)::smallint AND k.line_measure IS NOT NULL
       GROUP BY t.programme, t.flow, k.line_measure, k.line_direction, t.currency
       ORDER BY t.programme, t.flow, t.currency
      """
    ).map { row in
      try SettledSum(
        programme: row.int16(0),
        flow: row.known(1),
        measure: row.known(2),
        direction: row.known(3),
        currency: row.known(5),
        minor: row.int(4)
      )
    }
  }

  /// Where the last statement to a partner ended, nil before the first.
  package func lastStatement(partner: Int16) throws -> LastStatement? {
    try connection.run(
      """
      SELECT sequence, cut_seal, opening_minor + settled_minor - paid_minor - ordered_minor, currency
        FROM statement WHERE partner = \(partner)::smallint
       UNION ALL
      SELECT o.sequence, s.seal_no, o.closing_minor, o.currency
        FROM partner_opening o JOIN seal s USING (batch_id) WHERE o.partner = \(partner)::smallint
       ORDER BY sequence DESC LIMIT 1
      """
    ).first.map {
      try LastStatement(
        sequence: Int($0.int(0)),
        cutSeal: $0.int(1),
        closing: $0.int(2),
        currency: $0.currency(3).code
      )
    }
  }

  /// In which currency the books owe a partner, nil before its first amount.
  package func currencyOwed(to partner: Int16) throws -> Currency? {
    let row = try connection.run("SELECT partner_currency(\(partner)::smallint)").first
    return try row?.isNull(0) == false ? row?.currency(0) : nil
  }

  /// Money of a partner that bank batches moved on the clearing account, sealed after `after` and
  /// up to `cut`: debit positive, so receipts are negative.
  package func paid(partner: Int16, currency: String, after: Int64, cut: Int64) throws -> Int64 {
    try connection.run(
      """
      SELECT coalesce(sum(p.amount), 0)::bigint
        FROM posting p JOIN entry e ON e.id = p.entry_id JOIN batch b ON b.id = e.batch_id
        JOIN seal s ON s.batch_id = b.id
       WHERE b.kind = 'bank' AND p.account = '2490' AND p.partner = \(partner)::smallint
         AND p.commodity = \(currency) AND s.seal_no > \(after)::bigint
         AND s.seal_no <= \(cut)::bigint
      """
    ).first?.int(0) ?? 0
  }

  /// Stores a plan.
  package func insertPlan(id: String, date: CivilDate, cut: Int64, body: String) throws {
    try connection.run(
      """
      INSERT INTO plan (id, business_date, cut_seal, digest, body)
      VALUES (\(id), \("\(date)")::date, \(cut)::bigint, sha256(convert_to(\(body), 'UTF8')),
        \(body))
      """
    )
  }

  /// Plans, newest first.
  package func plans(
    limit: Int = 200,
    id: String? = nil,
    date: CivilDate? = nil
  ) throws
    -> [StoredPlan]
  {
    try connection.run(
      """
      SELECT p.id, p.business_date::text, p.cut_seal, encode(p.digest, 'hex'), p.body,
             p.prepared_by, (SELECT min(approved_by) FROM plan_approval a WHERE a.plan_id = p.id),
             r.batch_id
        FROM plan p LEFT JOIN settlement_run r ON r.plan_id = p.id
       WHERE (\(id)::text IS NULL OR p.id = \(id))
         AND (\(date?.description)::date IS NULL OR p.business_date = \(date?.description)::date)
       ORDER BY p.business_date DESC, p.id DESC LIMIT \(limit)::integer
      """
    ).map { row in
      try StoredPlan(
        id: row.string(0),
        businessDate: row.day(1),
        cutSeal: row.int(2),
        digest: row.string(3),
        body: row.string(4),
        preparedBy: row.string(5),
        approvedBy: row.optional(6),
        batch: row.optionalInt(7)
      )
    }
  }

  /// The plan that settled a business date, nil where none did.
  package func settledPlan(on date: CivilDate) throws -> String? {
    try connection.run(
      "SELECT plan_id FROM settlement_run WHERE business_date = \("\(date)")::date"
    ).first?.string(0)
  }

  /// The last business date that was settled.
  package func lastSettled() throws -> CivilDate? {
    try connection.run("SELECT max(business_date)::text FROM settlement_run").first?
      .optionalDay(0)
  }

  /// What a plan says of each partner: the net, positive where we pay, and of it what is ordered.
  package func planned(
    _ plan: String
  ) throws -> [(
    code: String, currency: Currency, net: Int64, ordered: Int64, payOn: CivilDate, account: String
  )] {
    try connection.run(
      """
      SELECT code, currency, opening + to_partner - to_issuer - paid, ordered, pay_on::text, account
        FROM plan_positions(\(plan)) ORDER BY code, currency
      """
    ).map {
      try (
        $0.string(0), $0.currency(1), $0.int(2), $0.int(3), $0.day(4), $0.string(5)
      )
    }
  }

  /// Approves a plan as the second person; the database refuses the first.
  package func approve(_ plan: StoredPlan) throws {
    try connection.run(
      """
      INSERT INTO plan_approval (plan_id, digest, prepared_by)
      VALUES (\(plan.id), decode(\(plan.digest), 'hex'), \(plan.preparedBy))
      """
    )
  }
}
