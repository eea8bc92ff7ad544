package import Civil
import Ledger
import Postgres

/// Balance of an account in one commodity; debit positive.
package struct AccountBalance: Sendable {
  package let account: String
  package let title: String
  package let commodity: String
  package let partner: String
  package let amount: Int64
}

/// A posting with its entry.
package struct RegisterLine: Sendable {
  package let entry: Int64
  package let date: String
  package let code: String
  package let text: String
  package let account: String
  package let commodity: String
  package let partner: String
  package let amount: Int64
}

/// One line of the liability roll-forward, amounts credit positive.
package struct LiabilityLine: Sendable {
  package let account: String
  package let partner: String
  package let unit: String
  package let currency: String
  package let opening: Int64
  package let earned: Int64
  package let reversed: Int64
  package let settled: Int64
  package let expired: Int64
  package let closing: Int64
}

extension Books {
  /// Balances by account, commodity and partner, up to a booking date where given.
  package func balances(account: String?, asOf date: CivilDate?) throws -> [AccountBalance] {
    try connection.run(
      """
      SELECT a.code, a.title, p.commodity, coalesce(r.code, ''), sum(p.amount)::bigint
        FROM posting p JOIN account a ON a.code = p.account
        JOIN entry e ON e.id = p.entry_id LEFT JOIN partner r ON r.id = p.partner
       WHERE (\(account)::text IS NULL OR p.account = \(account))
         AND (\(date?.description)::date IS NULL OR e.booking_date <= \(date?.description)::date)
       GROUP BY a.code, a.title, p.commodity, r.code HAVING sum(p.amount) <> 0
       ORDER BY a.code, p.commodity, r.code NULLS FIRST
      """
    ).map {
      try AccountBalance(
        account: $0.string(0),
        title: $0.string(1),
        commodity: $0.string(2),
        partner: $0.string(3),
        amount: $0.int(4)
      )
    }
  }

  /// Codes of the chart of accounts.
  package func accountCodes() throws -> [String] {
    try connection.run("SELECT code FROM account ORDER BY code").map { try $0.string(0) }
  }

  /// Postings in the order of the book, of an account, a partner or an entry where given.
  package func register(
    account: String? = nil,
    partner: Int16? = nil,
    entry: Int64? = nil,
    limit: Int
  ) throws -> [RegisterLine] {
    try connection.run(
      """
      SELECT e.id, e.booking_date::text, e.code, e.text, p.account, p.commodity,
             coalesce(r.code, ''), p.amount
        FROM entry e JOIN posting p ON p.entry_id = e.id LEFT JOIN partner r ON r.id = p.partner
       WHERE (\(account)::text IS NULL OR p.account = \(account))
         AND (\(partner.map { String($0) })::smallint IS NULL
              OR p.partner = \(partner.map { String($0) })::smallint)
         AND (\(entry.map { String($0) })::bigint IS NULL
              OR e.id = \(entry.map { String($0) })::bigint)
       ORDER BY e.id, p.leg LIMIT \(limit)::integer
      """
    ).map {
      try RegisterLine(
        entry: $0.int(0),
        date: $0.string(1),
        code: $0.string(2),
        text: $0.string(3),
        account: $0.string(4),
        commodity: $0.string(5),
        partner: $0.string(6),
        amount: $0.int(7)
      )
    }
  }

  /// Roll-forward of the liability accounts between two booking dates, by partner and reward.
  package func liability(from: CivilDate, to: CivilDate) throws -> [LiabilityLine] {
    try connection.run(
      """
      WITH movement AS (
        SELECT l.account, t.partner, t.unit, t.currency, t.booking_date, k.roll_forward,
               -l.sign * CASE l.measure WHEN 'cost' THEN t.cost_minor ELSE t.share_minor END
                 AS amount
          FROM leaf_total t JOIN flow k ON k.id = t.flow
          JOIN flow_leg l ON l.flow = t.flow
         WHERE l.account IN ('2100', '2150', '2160', '2200', '2400')
      )
      SELECT m.account, coalesce(p.code, '(issuer)'), u.code, c.code,
             coalesce(sum(amount) FILTER (WHERE booking_date < \("\(from)")::date), 0)::bigint,
             coalesce(sum(amount) FILTER (WHERE booking_date >= \("\(from)")::date
               AND m.roll_forward = 'earned'), 0)::bigint,
             coalesce(sum(amount) FILTER (WHERE booking_date >= \("\(from)")::date
               AND m.roll_forward = 'reversed'), 0)::bigint,
             coalesce(sum(amount) FILTER (WHERE booking_date >= \("\(from)")::date
               AND m.roll_forward = 'settled'), 0)::bigint,
             coalesce(sum(amount) FILTER (WHERE booking_date >= \("\(from)")::date
               AND m.roll_forward = 'expired'), 0)::bigint,
             sum(amount)::bigint
        FROM movement m LEFT JOIN partner p ON p.id = m.partner
        JOIN unit u ON u.id = m.unit JOIN currency c ON c.id = m.currency
       WHERE booking_date <= \("\(to)")::date
       GROUP BY m.account, p.code, u.code, c.code ORDER BY m.account, c.code, p.code NULLS FIRST
      """
    ).map {
      try LiabilityLine(
        account: $0.string(0),
        partner: $0.string(1),
        unit: $0.string(2),
        currency: $0.currency(3).code,
        opening: $0.int(4),
        earned: $0.int(5),
        reversed: $0.int(6),
        settled: $0.int(7),
        expired: $0.int(8),
        closing: $0.int(9)
      )
    }
  }

  /// What the open lots of an account's rewards cost, from the member rows alone; credit positive.
  package func lotCosts(
    through date: CivilDate
  ) throws -> [(
    account: String, currency: String, minor: Int64
  )] {
    try connection.run(
      """
      SELECT account, commodity, -sum(amount)::bigint FROM member_posting
       WHERE account IN ('2100', '2150', '2160', '2200', '2400') AND booking_date <= \("\(date)")::date
       GROUP BY account, commodity ORDER BY account, commodity
      """
    ).map { try ($0.string(0), $0.string(1), $0.int(2)) }
  }

  /// Everything each member holds: member, unit and quantity net of debts.
  package func memberBalances() throws -> [(token: String, unit: String, quantity: Int64)] {
    try connection.run(
      """
      SELECT c.token, u.code, b.quantity FROM member_balance b
        JOIN card c ON c.member_id = b.member_id JOIN unit u ON u.id = b.unit
       ORDER BY c.token, u.code
      """
    ).map { try ($0.string(0), $0.string(1), $0.int(2)) }
  }
}
