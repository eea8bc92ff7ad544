import Civil
import Ledger
import Postgres

/// What a sponsor's budget has used.
package struct StoredBudget: Sendable {
  package let agreement: String
  package let rule: String
  package let partner: Int16
  /// Minor units.
  package let limit: Int64
  package let used: Int64
}

extension Books {
  /// All budgets.
  package func budgets() throws -> [StoredBudget] {
    try connection.run(
      "SELECT agreement, rule, partner, limit_minor, used_minor FROM budget ORDER BY 1, 2, 3"
    ).map {
      try StoredBudget(
        agreement: $0.string(0),
        rule: $0.string(1),
        partner: $0.int16(2),
        limit: $0.int(3),
        used: $0.int(4)
      )
    }
  }

  /// Takes what a batch decided from a budget (`kvitt.spend_budget`).
  ///
  /// - Parameters:
  ///   - agreementID: The version of the agreement.
  ///   - ordinal: The rule's place in it.
  ///   - agreement: Its code.
  ///   - rule: The rule's name.
  ///   - partner: Who pays.
  ///   - limit: The budget, in minor units.
  ///   - spent: Shares that were booked.
  ///   - returned: Shares that refunds gave back to the budget.
  ///   - kept: Shares that refunds gave back to the sponsor alone.
  /// - Throws: `DatabaseError` with SQLSTATE KV040 where another batch was faster.
  package func spend(
    agreementID: Int32,
    ordinal: Int16,
    agreement: String,
    rule: String,
    partner: Int16,
    limit: Int64,
    spent: Int64,
    returned: Int64,
    kept: Int64
  ) throws {
    try connection.run(
      """
      SELECT spend_budget(\(agreementID)::integer, \(ordinal)::smallint, \(agreement), \(rule),
        \(partner)::smallint, \(limit)::bigint, \(spent)::bigint, \(returned)::bigint,
        \(kept)::bigint)
      """
    )
  }

  /// Budgets and caps of all members together whose use is not that of the rows.
  func differingBudgets() throws -> [String] {
    try connection.run(
      """
      SELECT b.agreement || ' ' || b.rule || ' of ' || p.code
        FROM budget b JOIN partner p ON p.id = b.partner
        LEFT JOIN LATERAL (
          SELECT sum(l.sign * r.share_minor) AS booked
            FROM budget_rule k
            JOIN reward r ON r.agreement = k.agreement_id AND r.rule = k.ordinal
            JOIN flow_leg l ON l.flow = r.flow AND l.account = '1110'
           WHERE k.agreement = b.agreement AND k.rule = b.rule AND r.partner = b.partner) s ON true
       WHERE b.used_minor - b.kept_minor <> coalesce(s.booked, 0)
       UNION ALL
      SELECT b.agreement || ' ' || b.rule || ' of all members'
        FROM budget b
        LEFT JOIN LATERAL (
          SELECT sum(CASE WHEN t.unit_from = 'unit.issued' THEN r.quantity ELSE -r.quantity END)
                   AS booked
            FROM budget_rule k
            JOIN reward r ON r.agreement = k.agreement_id AND r.rule = k.ordinal
            JOIN flow t ON t.id = r.flow
           WHERE k.agreement = b.agreement AND k.rule = b.rule AND r.purchase_id <> 0
             -- A line of miles that is out is taken back by its reversal line, whatever becomes of it.
             AND ('unit.issued' IN (t.unit_from, t.unit_to)
                  AND t.unit_from NOT IN ('unit.delivered', 'unit.rejected')
                  OR r.flow = \(flow: .reversalLine))
             -- The cash that a lapsed line gave is not the rule's own reward.
             AND NOT (r.flow = \(flow: .earnCashback) AND r.uncapped = 0 AND r.quantity > 0)) s ON true
       WHERE b.partner = 0 AND b.used_minor - b.kept_minor <> coalesce(s.booked, 0)
       ORDER BY 1 LIMIT 10
      """
    ).map { try $0.string(0) }
  }
}
