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

extension Books {
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
    let oldest = try waitFor(partner: partner, cut: cut)
    try findPrepaid(from: oldest)
    try connection.run(
      """
      CREATE TEMP TABLE line (section text, event_id text, attempt integer, kind text,
        row_id bigint, source_id bigint, member_id bigint, event_date date, booking_date date,
        quantity bigint, unit smallint, price text, value bigint, direction text, contract text,
        original text) ON COMMIT DROP
      """
    )
    try addNew(from: batches.first ?? .max)
    // Leaves below the oldest lot hold nothing that these lines need: a plan that knows its number leaves
    // them out. Most nights nothing waits, and planning over all leaves would be for nothing.
    if let oldest {
      try addReversals(cut: cut, from: oldest)
      try addAgain(from: oldest)
    }
    try addSettled()
    try connection.run(
      """
      INSERT INTO statement_line (statement_id, line, section, event_id, attempt, kind, row_id,
        source_id, member_id, member_ref, event_date, booking_date, quantity, unit, unit_price,
        value_minor, direction, contract, original_event_id)
      SELECT \(statement)::bigint,
             row_number() OVER (ORDER BY section, event_id COLLATE "C", attempt), section,
             event_id, attempt, line.kind, row_id, source_id, line.member_id,
             CASE WHEN u.kind = 'miles' AND line.member_id <> 0 THEN n.ref ELSE '' END,
             event_date, booking_date, quantity, coalesce(u.code, ''),
             CASE WHEN u.id IS NULL THEN '' ELSE price END, value, direction, contract, original
        FROM line LEFT JOIN unit u ON u.id = line.unit
        LEFT JOIN LATERAL (SELECT ref FROM member_ref m WHERE m.member_id = line.member_id
                            ORDER BY seq DESC LIMIT 1) AS n ON true
      """
    )
    try connection.run(Query(trusted: "DROP TABLE claimed, wording, waiting, prepaid, line"))
  }

  /// Finds reversal lines and lines to file again that are in no statement; gives the oldest batch that
  /// has a lot of theirs, nil where none wait.
  private func waitFor(partner: Int16, cut: Int64) throws -> Int64? {
    try connection.run(
      """
      CREATE TEMP TABLE waiting ON COMMIT DROP AS
      SELECT w.row_id, w.flow, w.lot_id, w.member_id
        FROM waiting_line w JOIN seal s ON s.batch_id = w.batch_id
       WHERE w.partner = \(partner)::smallint AND s.seal_no <= \(cut)::bigint
         AND NOT EXISTS (SELECT FROM statement_line l WHERE l.source_id = w.row_id)
      """
    )
    return try connection.run("SELECT min(lot_id >> 32) FROM waiting").first?
      .optionalInt(0)
  }

  /// What lots of miles have of miles bought ahead: taken in all, and drawn with an answer; and what a
  /// line that goes out again costs more since then.
  private func findPrepaid(from oldest: Int64?) throws {
    try connection.run(
      """
      CREATE TEMP TABLE prepaid (lot_id bigint, key text, price text, cost_minor bigint,
        whole bigint, taken numeric, drawn numeric, change numeric) ON COMMIT DROP
      """
    )
    guard try connection.run("SELECT FROM prepaid_move LIMIT 1").count > 0 else { return }
    try connection.run(
      """
      INSERT INTO prepaid
      SELECT m.lot_id, p.key, p.price::text AS price, p.cost_minor, p.quantity AS whole,
             sum(m.quantity) AS taken, coalesce(max(d.drawn), 0) AS drawn,
             coalesce(max(h.change), 0) AS change
        FROM prepaid_move m JOIN prepurchase p USING (key)
        LEFT JOIN (SELECT lot_id, sum(CASE flow WHEN \(flow: .drawPrepaid) THEN quantity
                                      ELSE -quantity END) AS drawn
                     FROM reward WHERE flow IN (\(flows: [.drawPrepaid, .returnPrepaid]))
                      AND batch_id >= \(oldest ?? .max)::bigint
                      AND member_id IN (SELECT member_id FROM waiting)
                    GROUP BY lot_id) AS d ON d.lot_id = m.lot_id
        LEFT JOIN (SELECT w.lot_id, sum(CASE r.flow WHEN \(flow: .reservePrepaid)
                                        THEN -r.cost_minor ELSE r.cost_minor END) AS change
                     FROM waiting w JOIN reward r ON r.lot_id = w.lot_id
                      AND r.member_id = w.member_id AND r.batch_id >= w.row_id >> 32
                    WHERE w.flow = \(flow: .refileMiles)
                      AND r.flow IN (\(flows: [.reservePrepaid, .freePrepaid]))
                      AND r.batch_id >= \(oldest ?? .max)::bigint
                    GROUP BY w.lot_id) AS h ON h.lot_id = m.lot_id
       WHERE m.lot_id IN (SELECT id FROM claimed WHERE flow = \(flow: .earnMiles)
                          UNION ALL SELECT lot_id FROM waiting)
       GROUP BY m.lot_id, p.key
      """
    )
  }

  /// Lots of miles that were not taken back before.
  private func addNew(from first: Int64) throws {
    let changes: [Flow] = [.reverseMiles, .reservePrepaid, .freePrepaid]
    try connection.run(
      """
      INSERT INTO line
      SELECT 'filed' AS section, 'L-' || (c.id >> 32) || '-' || c.seq AS event_id, 1 AS attempt,
             g.kind, c.id AS row_id, c.id AS source_id, c.member_id, c.event_date,
             c.booking_date, c.quantity - coalesce(b.quantity, 0) AS quantity, c.unit,
             coalesce(p.price, g.price) AS price, c.cost_minor - coalesce(b.cost, 0) AS value,
             'to_partner' AS direction, coalesce(p.key, g.contract) AS contract, '' AS original
        FROM claimed c JOIN wording g USING (agreement, rule)
        LEFT JOIN (SELECT lot_id, sum(quantity) FILTER (WHERE flow = \(flow: .reverseMiles))
                            AS quantity,
                          sum(CASE flow WHEN \(flow: .freePrepaid) THEN -cost_minor
                              ELSE cost_minor END) AS cost
                     FROM reward WHERE flow IN (\(flows: changes)) AND batch_id >= \(first)::bigint
                      AND member_id IN (SELECT member_id FROM claimed
                                         WHERE flow IN (\(flows: changes)))
                    GROUP BY lot_id) AS b
          ON b.lot_id = c.id
        LEFT JOIN prepaid p ON p.lot_id = c.id AND p.taken > 0
       WHERE c.flow = \(flow: .earnMiles) AND c.quantity > coalesce(b.quantity, 0)
      """
    )
  }

  /// Reversal lines whose lot was answered, less what was dropped.
  private func addReversals(cut: Int64, from oldest: Int64) throws {
    try connection.run(
      """
      WITH history AS (
        SELECT r.lot_id, r.flow, r.quantity, r.cost_minor, r.batch_id << 32 | r.seq AS id
          FROM reward r
         WHERE r.member_id IN (SELECT member_id FROM waiting)
           AND r.lot_id IN (SELECT lot_id FROM waiting)
           AND r.flow IN (\(flows: [.reversalLine, .dropRejected]))
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
                               WHERE x.lot_id = h.lot_id AND x.flow = \(flow: .dropRejected)) AS d
         WHERE h.flow = \(flow: .reversalLine)
      )
      INSERT INTO line
      SELECT 'filed', 'L-' || (v.id >> 32) || '-' || r.seq, 1, 'reversal', v.id, v.id,
             r.member_id, r.event_date, r.booking_date, v.quantity, r.unit,
             CASE WHEN p.drawn >= v.quantity THEN p.price WHEN p.drawn > 0 THEN ''
                  ELSE g.price END,
             round(v.cost_minor * (v.quantity - least(v.quantity, coalesce(p.drawn, 0)))
                     / v.whole::numeric)
               + round(coalesce(least(v.quantity, p.drawn) * p.cost_minor / p.whole::numeric, 0)),
             'to_issuer', CASE WHEN p.drawn >= v.quantity THEN p.key ELSE g.contract END,
             'L-' || (v.lot_id >> 32) || '-' || (v.lot_id & 4294967295)
        FROM waiting w JOIN reversal v ON v.id = w.row_id
        JOIN reward r ON r.batch_id = v.id >> 32 AND r.seq = (v.id & 4294967295)
          AND r.batch_id >= \(oldest)::bigint
        JOIN wording g ON g.agreement = r.agreement AND g.rule = r.rule
        LEFT JOIN prepaid p ON p.lot_id = v.lot_id
       WHERE w.flow = \(flow: .reversalLine) AND v.quantity > 0
         AND EXISTS (SELECT FROM outcome o JOIN seal s ON s.batch_id = o.batch_id
                      WHERE o.row_id = v.lot_id AND s.seal_no <= \(cut)::bigint)
      """
    )
  }

  /// Rejected lines that go out again.
  private func addAgain(from oldest: Int64) throws {
    try connection.run(
      """
      INSERT INTO line
      SELECT 'filed', 'L-' || (w.lot_id >> 32) || '-' || (w.lot_id & 4294967295),
             (SELECT max(attempt) + 1 FROM statement_line l
               WHERE l.row_id = w.lot_id AND l.section = 'filed'), g.kind, w.lot_id, w.row_id,
             r.member_id, lot.event_date, r.booking_date, r.quantity, r.unit,
             CASE WHEN p.taken > p.drawn THEN p.price ELSE g.price END,
             r.cost_minor + coalesce(p.change, 0), 'to_partner',
             CASE WHEN p.taken > p.drawn THEN p.key ELSE g.contract END, ''
        FROM waiting w JOIN reward r ON r.batch_id = w.row_id >> 32
          AND r.seq = (w.row_id & 4294967295) AND r.batch_id >= \(oldest)::bigint
        JOIN reward lot ON lot.batch_id = w.lot_id >> 32
          AND lot.seq = (w.lot_id & 4294967295) AND lot.batch_id >= \(oldest)::bigint
        JOIN wording g ON g.agreement = r.agreement AND g.rule = r.rule
        LEFT JOIN prepaid p ON p.lot_id = w.lot_id
       WHERE w.flow = \(flow: .refileMiles)
      """
    )
  }

  /// What the claimed rows settle.
  private func addSettled() throws {
    try connection.run(
      """
      INSERT INTO line
      SELECT 'settled',
             CASE k.line_id WHEN 'answer' THEN o.event_id
                  WHEN 'lot' THEN 'L-' || (c.lot_id >> 32) || '-' || (c.lot_id & 4294967295)
                  ELSE CASE k.line_measure WHEN 'share' THEN 'C-' ELSE 'R-' END
                    || (c.id >> 32) || '-' || c.seq END,
             coalesce(f.attempt, o.attempt, 1), coalesce(nullif(k.line_kind, ''), g.kind),
             coalesce(f.lot_id, o.row_id, c.id), c.id, c.member_id, c.event_date, c.booking_date,
             CASE WHEN k.line_quantity THEN c.quantity END, CASE WHEN k.line_quantity THEN c.unit END,
             coalesce(p.price::text, g.price),
             CASE k.line_measure WHEN 'cost' THEN c.cost_minor ELSE c.share_minor END,
             k.line_direction, coalesce(p.key, g.contract),
             CASE k.line_original WHEN 'nothing' THEN ''
                  ELSE CASE k.line_original WHEN 'lot' THEN 'L-' ELSE 'R-' END
                    || (c.lot_id >> 32) || '-' || (c.lot_id & 4294967295) END
        FROM claimed c JOIN wording g USING (agreement, rule)
        JOIN flow k ON k.id = c.flow
        LEFT JOIN outcome o ON k.line_id = 'answer' AND o.batch_id = c.batch_id
          AND o.row_id = c.lot_id
        LEFT JOIN filing f ON k.line_id = 'lot' AND f.row_id = c.id
        LEFT JOIN (prepurchase p JOIN prepaid_lot l USING (key))
          ON k.line_kind = 'prepaid' AND l.row_id = c.id
       WHERE k.line_kind IS NOT NULL AND (k.line_measure = 'cost' OR c.share_minor > 0)
      """
    )
  }
}
