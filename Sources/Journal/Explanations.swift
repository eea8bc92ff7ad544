import Civil
import Formats
package import Ledger
import Postgres
import Rewards

/// A purchase or refund as `explain` tells it.
package struct ExplainedRecord: Sendable {
  package let id: Int64
  package let reference: String
  package let type: String
  package let date: String
  package let amount: Amount
  package let billing: Amount
  package let category: String
  package let merchant: String
  package let file: String
  package let line: Int64
  /// Programme of the member's card.
  package let programme: Int16
  /// What the bank said beside: name and text.
  package let notes: [(name: String, text: String)]
}

/// A reward row as `explain` tells it.
package struct ExplainedReward: Sendable {
  package let id: Int64
  package let flow: Flow
  package let lot: Int64
  package let purchase: Int64
  package let quantity: Int64
  package let cost: Int64
  package let share: Int64
  package let uncapped: Int64
  package let unit: String
  package let unitKind: String
  package let currency: Currency
  package let agreement: Int32
  package let rule: Int16
  package let partner: String
  package let eventDate: String
  package let availableOn: String
  /// Statement lines that name the row: section, statement and line number.
  package let lines: [String]
}

extension Books {
  /// Records by the bank's reference, or by row id.
  package func explainRecords(reference: String?, id: Int64?) throws -> [ExplainedRecord] {
    try connection.run(
      """
      SELECT p.batch_id << 32 | p.seq, p.reference,
             p.type, CASE p.reversal WHEN 1 THEN ' reversal' ELSE '' END,
             p.event_date::text, p.amount_minor, p.currency, p.billing_minor, p.billing_currency,
             lpad(p.mcc::text, 4, '0'), p.merchant, f.name, p.line, m.programme,
             p.network_ref, p.approval_code, p.rate, p.posted_date
        FROM purchase p JOIN file f ON f.batch_id = p.batch_id
        JOIN member m ON m.id = p.member_id
       WHERE \(reference)::text IN (p.reference, p.network_ref)
          OR (\(id.map { String($0) })::bigint IS NOT NULL
              AND p.batch_id = \(id.map { String($0) })::bigint >> 32
              AND p.seq = (\(id.map { String($0) })::bigint & 4294967295))
       ORDER BY 1 LIMIT 20
      """
    ).map { row in
      let type: RecordType = try row.known(2)
      return try ExplainedRecord(
        id: row.int(0),
        reference: row.string(1),
        type: type.description + row.string(3),
        date: row.string(4),
        amount: Amount(minor: row.int(5), currency: row.known(6)),
        billing: Amount(minor: row.int(7), currency: row.known(8)),
        category: row.string(9),
        merchant: row.string(10),
        file: row.string(11),
        line: row.int(12),
        programme: row.int16(13),
        notes: zip(["network reference", "approval code", "rate", "posted"], 14...)
          .filter { !row.isNull($0.1) }.map { try ($0.0, row.string($0.1)) }
      )
    }
  }

  /// Reward rows of a purchase, or those that are or move a lot.
  package func explainRewards(purchase: Int64?, row id: Int64?) throws -> [ExplainedReward] {
    let purchase = purchase.map { String($0) }
    let id = id.map { String($0) }
    return try connection.run(
      """
      SELECT r.batch_id << 32 | r.seq, r.flow, r.lot_id, r.purchase_id, r.quantity,
             r.cost_minor, r.share_minor, r.uncapped, u.code, u.kind, r.currency, r.agreement,
             r.rule, coalesce(p.code, 'the issuer'), r.event_date::text, r.available_on::text,
             coalesce((SELECT string_agg(l.section || ' ' || s.number || ' line ' || l.line, ', '
                                ORDER BY s.sequence, l.line)
                         FROM statement_line l JOIN statement s ON s.id = l.statement_id
                        WHERE l.source_id = (r.batch_id << 32 | r.seq)), '')
        FROM reward r JOIN unit u ON u.id = r.unit LEFT JOIN partner p ON p.id = r.partner
       WHERE r.purchase_id = \(purchase)::bigint OR r.lot_id = \(id)::bigint
          OR (r.batch_id = \(id)::bigint >> 32 AND r.seq = (\(id)::bigint & 4294967295))
       ORDER BY 1 LIMIT 200
      """
    ).map { row in
      let kind: RewardKind = try row.known(9)
      return try ExplainedReward(
        id: row.int(0),
        flow: row.known(1),
        lot: row.int(2),
        purchase: row.int(3),
        quantity: row.int(4),
        cost: row.int(5),
        share: row.int(6),
        uncapped: row.int(7),
        unit: row.string(8),
        unitKind: kind.rawValue,
        currency: row.known(10),
        agreement: row.int32(11),
        rule: row.int16(12),
        partner: row.string(13),
        eventDate: row.string(14),
        availableOn: row.string(15),
        lines: row.string(16).isEmpty ? [] : row.string(16).split(separator: ", ").map(String.init)
      )
    }
  }
}
