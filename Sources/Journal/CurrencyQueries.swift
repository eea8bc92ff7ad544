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

/// An entry that brought a cost or a position into another currency, as it was sealed.
package struct CurrencyEntry: Sendable {
  package let batch: Int64
  package let seal: Int64
  package let bookingDate: CivilDate
  package let kind: EntryKind
  /// Names the rates.
  package let text: String
  package var legs: [(account: Account, balance: CurrencyBalance)] = []
}

extension Books {
  /// Entries of the batches that bring costs and positions into other currencies, in the order of seals.
  ///
  /// - Parameter since: Those that were sealed later.
  /// - Returns: The entries with their legs.
  /// - Throws: `DatabaseError`.
  package func currencyEntries(since: Int64) throws -> [CurrencyEntry] {
    var entries: [CurrencyEntry] = []
    var last: Int64 = 0
    for row in try connection.run(
      """
      SELECT e.id, e.batch_id, s.seal_no, e.booking_date, e.code, e.text,
             p.account, p.partner, p.programme, p.commodity, p.amount
        FROM entry e JOIN seal s USING (batch_id) JOIN posting p ON p.entry_id = e.id
       WHERE e.code IN (\(EntryKind.converted.rawValue), \(EntryKind.remeasured.rawValue))
         AND s.seal_no > \(since)::bigint
       ORDER BY s.seal_no, e.id, p.leg
      """
    ) {
      if try entries.isEmpty || row.int(0) != last {
        last = try row.int(0)
        try entries.append(
          CurrencyEntry(
            batch: row.int(1),
            seal: row.int(2),
            bookingDate: row.day(3),
            kind: row.known(4),
            text: row.string(5)
          )
        )
      }
      try entries[entries.count - 1].legs.append(
        (
          row.known(6),
          CurrencyBalance(
            partner: row.int16(7),
            programme: row.int16(8),
            currency: row.currency(9),
            minor: row.int(10)
          )
        )
      )
    }
    return entries
  }

  /// What the currency position of a partner and programme was before a seal, through a booking date.
  ///
  /// - Throws: `DatabaseError`.
  package func position(
    partner: Int16,
    programme: Int16,
    before seal: Int64,
    through day: CivilDate
  ) throws -> [CurrencyBalance] {
    try connection.run(
      """
      SELECT p.commodity, sum(p.amount)::bigint
        FROM posting p JOIN entry e ON e.id = p.entry_id JOIN seal s USING (batch_id)
       WHERE p.account = \(Account.currencyPosition.rawValue) AND p.partner = \(partner)::smallint
         AND p.programme = \(programme)::smallint AND s.seal_no < \(seal)::bigint
         AND e.booking_date <= \("\(day)")::date
       GROUP BY p.commodity HAVING sum(p.amount) <> 0 ORDER BY p.commodity
      """
    ).map { row in
      try CurrencyBalance(
        partner: partner,
        programme: programme,
        currency: row.currency(0),
        minor: row.int(1)
      )
    }
  }

  /// Whether a reference list has this rate of a currency on this day.
  ///
  /// - Throws: `DatabaseError`.
  package func hasRate(currency: String, day: CivilDate, rate: String) throws -> Bool {
    try connection.run(
      """
      SELECT FROM fx_rate WHERE currency = \(currency) AND day = \("\(day)")::date
         AND rate = \(rate)::numeric
      """
    ).count > 0
  }
}
