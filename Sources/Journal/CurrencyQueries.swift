package import Civil
package import Ledger
import Postgres

/// Balances of a partner and programme by currency.
package struct CurrencyBalance: Sendable, Hashable {
  package let partner: Int16
  package let programme: Int16
  package let currency: Currency
  /// Debit positive.
  package let minor: Int64
}

extension Books {
  /// What an account holds of each partner and programme in each currency.
  ///
  /// - Parameters:
  ///   - account: The account.
  ///   - day: The last booking date that counts.
  /// - Returns: Balances that are not zero.
  /// - Throws: `DatabaseError`.
  package func balances(of account: Account, through day: CivilDate) throws -> [CurrencyBalance] {
    try connection.run(
      """
      SELECT p.partner, p.programme, p.commodity, sum(p.amount)::bigint
        FROM posting p JOIN entry e ON e.id = p.entry_id
       WHERE p.account = \(account.rawValue) AND e.booking_date <= \("\(day)")::date
       GROUP BY p.partner, p.programme, p.commodity HAVING sum(p.amount) <> 0
       ORDER BY p.partner, p.programme, p.commodity
      """
    ).map { row in
      try CurrencyBalance(
        partner: row.int16(0),
        programme: row.int16(1),
        currency: row.currency(2),
        minor: row.int(3)
      )
    }
  }
}
