import Civil
package import Journal
import Ledger

/// Proves what was brought into another currency: every rate that an entry names stands in a reference list,
/// and gives the entry's amounts (M13, M14).
///
/// How much of a cost is brought over is not asked: what one night leaves, the next one takes.
package struct CurrencyAudit {
  private let books: Books

  /// - Parameter books: The books, for reading.
  package init(books: Books) { self.books = books }

  /// Every entry that its rates do not give.
  ///
  /// - Parameter since: A seal that was proved before; entries up to it are left out.
  /// - Returns: What was found.
  /// - Throws: `DatabaseError`.
  package func faults(since: Int64 = 0) throws -> [LedgerFault] {
    try books.currencyEntries(since: since).compactMap { entry in
      try fault(of: entry).map {
        LedgerFault(
          check: "entries = sources",
          place: "leaf \(entry.batch) entry \(entry.kind.rawValue)",
          detail: $0
        )
      }
    }
  }

  /// What is wrong with an entry, nil where nothing is.
  private func fault(of entry: CurrencyEntry) throws -> String? {
    guard let named = NamedRate.all(in: entry.text) else {
      return "its text does not name its rates"
    }
    for rate in named where try !stands(rate, on: entry.bookingDate) {
      return "no reference list has \(rate.text)"
    }
    let rates = DayRates(entry.bookingDate, named.map { [$0.currency, $0.perEuro, "\($0.day)"] })
    switch entry.kind {
    case .converted: return try conversion(entry, rates)
    case .remeasured: return try remeasurement(entry, rates)
    default: return "no entry about currencies"
    }
  }

  private func stands(_ rate: NamedRate, on date: CivilDate) throws -> Bool {
    try rate.day <= date
      && books.hasRate(currency: rate.currency, day: rate.day, rate: rate.perEuro)
  }

  /// The cost that left one currency is worth what came into the other.
  private func conversion(_ entry: CurrencyEntry, _ rates: DayRates) throws -> String? {
    let costs = entry.legs.filter { $0.account == .milesCost }.map(\.balance)
    var missing: Set<String> = []
    guard costs.count == 2, let rate = rates.cross(costs[0].currency, costs[1].currency, &missing)
    else { return "its legs are not those of a cost in two currencies" }
    let worth = try rate.value(of: -costs[0].minor)
    return worth == costs[1].minor
      ? nil : "its rates give \(worth), it says \(costs[1].minor)"
  }

  /// The position that stood is worth nothing more and nothing less after the change.
  private func remeasurement(_ entry: CurrencyEntry, _ rates: DayRates) throws -> String? {
    guard let change = entry.legs.first(where: { $0.account == .currencyPosition })?.balance else {
      return "it has no leg of the position"
    }
    var missing: Set<String> = []
    var wanted: Int64 = 0
    for leg in try books.position(
      partner: change.partner,
      programme: change.programme,
      before: entry.seal,
      through: entry.bookingDate
    ) {
      guard leg.currency != change.currency else {
        wanted -= leg.minor
        continue
      }
      guard let rate = rates.cross(leg.currency, change.currency, &missing) else {
        return "it names no rate of \(leg.currency.code)"
      }
      wanted -= try rate.value(of: leg.minor)
    }
    return wanted == change.minor ? nil : "its rates give \(wanted), it says \(change.minor)"
  }
}

/// A rate as an entry's text names it: `11.2345 SEK a euro of 2026-11-27`.
private struct NamedRate {
  let perEuro: String
  let currency: String
  let day: CivilDate

  var text: String { "\(perEuro) \(currency) a euro of \(day)" }

  /// The rates of a text; nil where a part of it names none.
  static func all(in text: String) -> [NamedRate]? {
    let parts = text.split(separator: ", ")
    let rates = parts.compactMap { part -> NamedRate? in
      let words = part.split(separator: " ")
      guard words.count == 6, words[2...4].elementsEqual(["a", "euro", "of"]),
        let rate = ExactDecimal(String(words[0])), rate.units > 0,
        let day = CivilDate(String(words[5]))
      else { return nil }
      return NamedRate(perEuro: String(words[0]), currency: String(words[1]), day: day)
    }
    return rates.count == parts.count ? rates : nil
  }
}
