package import Civil
import Crypto
import Ledger
import Postgres

/// What a statement line says about its rule: contract, price and kind.
package struct RuleWording: Sendable {
  package let agreement: Int32
  package let rule: Int16
  package let contract: String
  package let price: String
  package let kind: String

  package init(agreement: Int32, rule: Int16, contract: String, price: String, kind: String) {
    self.agreement = agreement
    self.rule = rule
    self.contract = contract
    self.price = price
    self.kind = kind
  }
}

/// A statement as the books keep it.
package struct StoredStatement: Sendable {
  package var id: Int64
  package var number: String
  package var partner: Int16
  package var sequence: Int
  package var runBatch: Int64
  package var businessDate: CivilDate
  package var cutSeal: Int64
  package var created: Instant
  package var currency: String
  package var opening: Int64
  package var settled: Int64
  package var paid: Int64
  package var ordered: Int64
  package var due: CivilDate
  package var reference: String
  package var filedLines: Int64
  package var filedQuantity: Int64
  package var settledLines: Int64
  package var lineDigest: String
  package var jsonDigest: String

  package init(
    id: Int64,
    number: String,
    partner: Int16,
    sequence: Int,
    runBatch: Int64,
    businessDate: CivilDate,
    cutSeal: Int64,
    created: Instant,
    currency: String,
    opening: Int64,
    settled: Int64,
    paid: Int64,
    ordered: Int64,
    due: CivilDate,
    reference: String,
    filedLines: Int64,
    filedQuantity: Int64,
    settledLines: Int64,
    lineDigest: String,
    jsonDigest: String
  ) {
    self.id = id
    self.number = number
    self.partner = partner
    self.sequence = sequence
    self.runBatch = runBatch
    self.businessDate = businessDate
    self.cutSeal = cutSeal
    self.created = created
    self.currency = currency
    self.opening = opening
    self.settled = settled
    self.paid = paid
    self.ordered = ordered
    self.due = due
    self.reference = reference
    self.filedLines = filedLines
    self.filedQuantity = filedQuantity
    self.settledLines = settledLines
    self.lineDigest = lineDigest
    self.jsonDigest = jsonDigest
  }

  /// opening + settled – paid, signed, + we owe.
  package var net: Int64 { opening + settled - paid }
  /// net – ordered.
  package var closing: Int64 { net - ordered }
}

/// Quantities that went from open to filed, by programme and unit.
package struct FiledSum: Sendable {
  package let programme: Int16
  package let unit: String
  package let quantity: Int64
}

extension Books {
  /// Begins the settlement of a plan; the database looks for the approval itself.
  package func beginSettlement(plan: String, batch: Int64) throws {
    try connection.run("SELECT begin_settlement(\(plan), \(batch)::bigint)")
  }

  /// Claims slices for a window; a slice that another window holds refuses.
  package func claim(
    partner: Int16,
    slices: [(batch: Int64, date: String)],
    runBatch: Int64
  ) throws {
    let batches = slices.map(\.batch)
    let dates = slices.map(\.date)
    try connection.run(
      """
      INSERT INTO window_claim (partner, batch_id, settlement_date, run_batch)
      SELECT \(partner)::smallint, b, d, \(runBatch)::bigint
        FROM unnest(\(batches)::bigint[], \(dates)::date[]) AS x (b, d)
      """
    )
  }

  /// Writes the lines of a statement from the rows of its claimed slices and the lines that
  /// waited for their turn, in the order of the file.
  package func writeLines(
    statement: Int64,
    partner: Int16,
    slices: [(batch: Int64, date: String)],
    cut: Int64,
    wording: [RuleWording]
  ) throws {
    let batches = Array(Set(slices.map(\.batch))).sorted()
    let pairs = slices.map(\.batch)
    let dates = slices.map(\.date)
    let agreements = wording.map(\.agreement)
    let rules = wording.map(\.rule)
    let contracts = wording.map(\.contract)
    let prices = wording.map(\.price)
    let kinds = wording.map(\.kind)
    try connection.run(
      """
      CREATE TEMP TABLE wording ON COMMIT DROP AS
      SELECT * FROM unnest(\(agreements)::integer[], \(rules)::smallint[], \(contracts)::text[],
        \(prices)::text[], \(kinds)::text[]) AS x (agreement, rule, contract, price, kind)
      """
    )
    try connection.run(
      """
      CREATE TEMP TABLE claimed ON COMMIT DROP AS
      SELECT r.*, r.batch_id << 32 | r.seq AS id
        FROM reward r
        JOIN unnest(\(pairs)::bigint[], \(dates)::date[]) AS x (b, d)
          ON x.b = r.batch_id AND x.d = r.settlement_date
       WHERE r.batch_id = ANY (\(batches)::bigint[]) AND r.partner = \(partner)::smallint
      """
    )
    try connection.run(Query(trusted: "ANALYZE claimed"))
    // Leaves below these batches hold nothing that the lines need: a plan that knows the numbers
    // leaves them out.
    let oldest =
      try connection.run(
        """
        SELECT coalesce(min(w.lot_id >> 32), 9223372036854775807) FROM waiting_line w
         WHERE w.partner = \(partner)::smallint
           AND NOT EXISTS (SELECT FROM statement_line l WHERE l.source_id = w.row_id)
        """
      ).first?.int(0) ?? 0
    try insertLines(
      statement: statement,
      partner: partner,
      cut: cut,
      from: batches.first ?? .max,
      waitingFrom: oldest
    )
    try connection.run(Query(trusted: "DROP TABLE claimed, wording"))
  }

  private func insertLines(
    statement: Int64,
    partner: Int16,
    cut: Int64,
    from first: Int64,
    waitingFrom oldest: Int64
  ) throws {
    try connection.run(
      """
      INSERT INTO statement_line (statement_id, line, section, event_id, attempt, kind, row_id,
        source_id, member_id, member_ref, event_date, booking_date, quantity, unit, unit_price,
        value_minor, direction, contract, original_event_id)
      WITH waiting AS (
        -- Reversal lines whose lot was answered, less what was dropped; lines to file again.
        SELECT w.row_id, w.template, w.lot_id, w.member_id
          FROM waiting_line w JOIN seal s ON s.batch_id = w.batch_id
         WHERE w.partner = \(partner)::smallint AND s.seal_no <= \(cut)::bigint
           AND NOT EXISTS (SELECT FROM statement_line l WHERE l.source_id = w.row_id)
      ), history AS (
        SELECT r.lot_id, r.template, r.quantity, r.cost_minor, r.batch_id << 32 | r.seq AS id
          FROM reward r
         WHERE r.member_id IN (SELECT member_id FROM waiting)
           AND r.lot_id IN (SELECT lot_id FROM waiting) AND r.template IN (12, 16)
           AND r.batch_id >= \(oldest)::bigint
      ), reversal AS (
        -- The oldest reversal rows of a lot absorb what was dropped.
        SELECT h.id, h.lot_id,
               h.quantity - least(h.quantity, greatest(0, d.dropped - (
                 sum(h.quantity) OVER (PARTITION BY h.lot_id ORDER BY h.id) - h.quantity)))
                 AS quantity,
               h.quantity AS whole, h.cost_minor
          FROM history h
          CROSS JOIN LATERAL (SELECT coalesce(sum(quantity), 0) AS dropped FROM history x
                               WHERE x.lot_id = h.lot_id AND x.template = 16) AS d
         WHERE h.template = 12
      ), line AS (
        SELECT 'filed' AS section, 'L-' || (c.id >> 32) || '-' || c.seq AS event_id, 1 AS attempt,
               g.kind, c.id AS row_id, c.id AS source_id, c.member_id, c.event_date,
               c.booking_date, c.quantity - coalesce(b.quantity, 0) AS quantity, c.unit,
               g.price, c.cost_minor - coalesce(b.cost, 0) AS value, 'to_partner' AS direction,
               g.contract, '' AS original
          FROM claimed c JOIN wording g USING (agreement, rule)
          LEFT JOIN (SELECT lot_id, sum(quantity) AS quantity, sum(cost_minor) AS cost
                       FROM reward WHERE template = 11 AND batch_id >= \(first)::bigint
                        AND member_id IN (
                         SELECT member_id FROM claimed WHERE template = 11) GROUP BY lot_id) AS b
            ON b.lot_id = c.id
         WHERE c.template = 10 AND c.quantity > coalesce(b.quantity, 0)
        UNION ALL
        SELECT 'filed', 'L-' || (v.id >> 32) || '-' || r.seq, 1, 'reversal', v.id, v.id,
               r.member_id, r.event_date, r.booking_date, v.quantity, r.unit, g.price,
               CASE WHEN v.quantity = v.whole THEN v.cost_minor
                    ELSE round(v.cost_minor * v.quantity / v.whole::numeric) END, 'to_issuer',
               g.contract, 'L-' || (v.lot_id >> 32) || '-' || (v.lot_id & 4294967295)
          FROM waiting w JOIN reversal v ON v.id = w.row_id
          JOIN reward r ON r.batch_id = v.id >> 32 AND r.seq = (v.id & 4294967295)
            AND r.batch_id >= \(oldest)::bigint
          JOIN wording g ON g.agreement = r.agreement AND g.rule = r.rule
         WHERE w.template = 12 AND v.quantity > 0
           AND EXISTS (SELECT FROM outcome o JOIN seal s ON s.batch_id = o.batch_id
                        WHERE o.row_id = v.lot_id AND s.seal_no <= \(cut)::bigint)
        UNION ALL
        SELECT 'filed', 'L-' || (w.lot_id >> 32) || '-' || (w.lot_id & 4294967295),
               (SELECT max(attempt) + 1 FROM statement_line l
                 WHERE l.row_id = w.lot_id AND l.section = 'filed'), g.kind, w.lot_id, w.row_id,
               r.member_id, lot.event_date, r.booking_date, r.quantity, r.unit, g.price,
               r.cost_minor, 'to_partner', g.contract, ''
          FROM waiting w JOIN reward r ON r.batch_id = w.row_id >> 32
            AND r.seq = (w.row_id & 4294967295) AND r.batch_id >= \(oldest)::bigint
          JOIN reward lot ON lot.batch_id = w.lot_id >> 32
            AND lot.seq = (w.lot_id & 4294967295) AND lot.batch_id >= \(oldest)::bigint
          JOIN wording g ON g.agreement = r.agreement AND g.rule = r.rule
         WHERE w.template = 17
        UNION ALL
        SELECT 'settled',
               CASE WHEN k.settled_measure = 'share' THEN 'C-' || (c.id >> 32) || '-' || c.seq
                    WHEN c.template IN (7, 24, 27, 31, 32, 64, 65, 68, 69, 72, 73) THEN 'R-' || (c.id >> 32) || '-' || c.seq
                    WHEN c.template = 79
                    THEN 'L-' || (c.lot_id >> 32) || '-' || (c.lot_id & 4294967295)
                    WHEN c.template = 81 THEN 'R-' || (c.id >> 32) || '-' || c.seq
                    ELSE o.event_id END,
               coalesce(f.attempt, o.attempt, 1),
               CASE WHEN k.settled_measure = 'share' THEN 'cofunding'
                    WHEN c.template IN (7, 24, 31, 72) THEN 'redemption'
                    WHEN c.template IN (27, 32, 73) THEN 'redemption_void'
                    WHEN c.template IN (64, 65) THEN 'breakage'
                    WHEN c.template IN (68, 69) THEN 'rerate'
                    WHEN c.template IN (15, 81) THEN 'reversal' ELSE g.kind END,
               coalesce(f.lot_id, o.row_id, c.id), c.id, c.member_id, c.event_date, c.booking_date,
               CASE WHEN k.settled_measure = 'share' OR c.template IN (64, 65, 68, 69, 72, 73) THEN NULL
                    ELSE c.quantity END,
               CASE WHEN k.settled_measure = 'share' OR c.template IN (64, 65, 68, 69, 72, 73) THEN NULL
                    ELSE c.unit END, g.price,
               CASE k.settled_measure WHEN 'cost' THEN c.cost_minor ELSE c.share_minor END,
               k.settled_direction, g.contract,
               CASE WHEN c.template IN (68, 69, 81)
                    THEN 'L-' || (c.lot_id >> 32) || '-' || (c.lot_id & 4294967295)
                    WHEN c.template = 73
                    THEN 'R-' || (c.lot_id >> 32) || '-' || (c.lot_id & 4294967295) ELSE '' END
          FROM claimed c JOIN wording g USING (agreement, rule)
          JOIN template k ON k.id = c.template
          LEFT JOIN outcome o ON c.template IN (13, 15) AND o.batch_id = c.batch_id
            AND o.row_id = c.lot_id
          LEFT JOIN filing f ON c.template = 79 AND f.row_id = c.id
         WHERE k.settled_measure IS NOT NULL
           AND (k.settled_measure = 'cost' OR c.share_minor > 0)
      )
      SELECT \(statement)::bigint,
             row_number() OVER (ORDER BY section, event_id COLLATE "C", attempt), section,
             event_id, attempt, line.kind, row_id, source_id, line.member_id,
             CASE WHEN u.kind = 'miles' THEN n.ref ELSE '' END, event_date, booking_date,
             quantity, coalesce(u.code, ''), CASE WHEN u.id IS NULL THEN '' ELSE price END, value,
             direction, contract, original
        FROM line LEFT JOIN unit u ON u.id = line.unit
        LEFT JOIN LATERAL (SELECT ref FROM member_ref m WHERE m.member_id = line.member_id
                            ORDER BY seq DESC LIMIT 1) AS n ON true
      """
    )
  }

  /// Quantities of lots that the statement files for the first time.
  package func filedSums(statement: Int64) throws -> [FiledSum] {
    try connection.run(
      """
      SELECT m.programme, l.unit, sum(l.quantity)::bigint
        FROM statement_line l JOIN member m ON m.id = l.member_id
       WHERE l.statement_id = \(statement)::bigint AND l.section = 'filed' AND l.attempt = 1
         AND l.kind <> 'reversal'
       GROUP BY m.programme, l.unit ORDER BY m.programme, l.unit
      """
    ).map { FiledSum(programme: Int16($0.int(0)), unit: $0.string(1), quantity: $0.int(2)) }
  }

  /// The next number of a document series of a partner.
  package func nextDocument(partner: Int16, series: String) throws -> Int64 {
    try connection.run(
      """
      SELECT coalesce(max(serial), 0) + 1 FROM document
       WHERE partner = \(partner)::smallint AND series = \(series)
      """
    ).first?.int(0) ?? 1
  }

  /// Stores a statement's document.
  package func insertDocument(
    number: String,
    statement: Int64,
    partner: Int16,
    series: String,
    serial: Int64,
    netMinor: Int64
  ) throws {
    try connection.run(
      """
      INSERT INTO document (number, statement_id, partner, series, serial, net_minor)
      VALUES (\(number), \(statement)::bigint, \(partner)::smallint, \(series),
        \(serial)::integer, \(netMinor)::bigint)
      """
    )
  }

  /// Documents of a statement: number, series and net.
  package func documents(
    statement: Int64
  ) throws -> [(number: String, series: String, netMinor: Int64)] {
    try connection.run(
      """
      SELECT number, series, net_minor FROM document WHERE statement_id = \(statement)::bigint
       ORDER BY number COLLATE "C"
      """
    ).map { ($0.string(0), $0.string(1), $0.int(2)) }
  }

  /// Stores a statement.
  package func insert(_ statement: StoredStatement) throws {
    try connection.run(
      """
      INSERT INTO statement (id, number, partner, sequence, run_batch, business_date, cut_seal,
        created, currency, opening_minor, settled_minor, paid_minor, ordered_minor, due,
        reference, filed_lines, filed_quantity, settled_lines, line_digest, json_digest)
      VALUES (\(statement.id), \(statement.number), \(statement.partner), \(statement.sequence),
        \(statement.runBatch), \("\(statement.businessDate)")::date, \(statement.cutSeal),
        \("\(statement.created)")::timestamptz, \(statement.currency), \(statement.opening),
        \(statement.settled), \(statement.paid), \(statement.ordered),
        \("\(statement.due)")::date, \(statement.reference), \(statement.filedLines),
        \(statement.filedQuantity), \(statement.settledLines),
        decode(\(statement.lineDigest), 'hex'), decode(\(statement.jsonDigest), 'hex'))
      """
    )
  }

  /// Stores a payment order.
  package func insertOrder(
    id: String,
    statement: StoredStatement,
    payOn: CivilDate,
    account: String
  ) throws {
    try connection.run(
      """
      INSERT INTO payment_order (id, statement_id, partner, currency, amount_minor, pay_on,
        account, reference)
      VALUES (\(id), \(statement.id), \(statement.partner), \(statement.currency),
        \(statement.ordered), \("\(payOn)")::date, \(account), \(statement.reference))
      """
    )
  }
}
