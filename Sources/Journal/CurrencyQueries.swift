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

/// A reference rate of the ECB.
package struct ReferenceRate: Sendable {
  /// Units of the currency for one euro.
  package let perEuro: ExactDecimal
  package let day: CivilDate
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
    ).compactMap { row in
      Currency(code: row.string(2).utf8).map {
        CurrencyBalance(
          partner: Int16(row.int(0)),
          programme: Int16(row.int(1)),
          currency: $0,
          minor: row.int(3)
        )
      }
    }
  }

  /// The newest reference rate of a currency on a day; that of the euro is 1.
  package func referenceRate(_ currency: Currency, on day: CivilDate) throws -> ReferenceRate? {
    if currency == .eur {
      return ReferenceRate(perEuro: ExactDecimal(units: 1, scale: 0), day: day)
    }
    return try connection.run(
      """
      SELECT rate::text, day::text FROM fx_rate
       WHERE currency = \(currency.code) AND day <= \("\(day)")::date
       ORDER BY day DESC, set_id DESC LIMIT 1
      """
    ).first.flatMap { row in
      guard let rate = ExactDecimal(row.string(0)), let day = CivilDate(row.string(1)) else {
        return nil
      }
      return ReferenceRate(perEuro: rate, day: day)
    }
  }
}
