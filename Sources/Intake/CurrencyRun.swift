import Civil
import Formats
package import Journal
import Ledger
import Rewards

/// What a run over currencies did.
package struct CurrencyReport: Sendable {
  package var entries = 0
  /// Currencies without a rate that is new enough.
  package var missing: Set<String> = []
  package var seal: Seal?

  /// What it did, for people.
  package var text: String {
    var parts: [String] = []
    if entries > 0 { parts.append("\(entries) entries") }
    if !missing.isEmpty {
      parts.append(
        "no rate of \(missing.sorted().joined(separator: ", ")): kvitt reference import fx"
      )
    }
    return parts.joined(separator: "; ")
  }
}

/// Brings the cost of miles that are priced in a partner's currency into the programme's own, at the
/// day's rate (M13), and the position that this leaves to the rate of each month's end (M14).
///
/// Miles are earned, filed and owed in the partner's currency; only their cost changes. What is taken back
/// later goes at its own day's rate, and the position takes the difference. A second run finds nothing; a
/// missing rate is told, and made up for by the next night that has one.
package struct CurrencyRun {
  private let day: BookDay

  package init(_ day: BookDay) { self.day = day }

  /// Books what the business date and the month before it ask for.
  package func run() throws -> CurrencyReport {
    guard day.terms.hasForeignPrices else { return CurrencyReport() }
    var report = CurrencyReport()
    try book(day.date.adding(days: -day.date.components.day), &report, remeasured)
    try book(day.date, &report, converted)
    if day.date == day.date.endOfMonth { try book(day.date, &report, remeasured) }
    return report
  }

  /// Books what `entries` gives for a day, in a batch of its own.
  private func book(
    _ date: CivilDate,
    _ report: inout CurrencyReport,
    _ entries: (DayRates, inout CurrencyReport) throws -> [Entry]
  ) throws {
    let books = day.books
    guard try books.batchDates(date).booking(date) == date else { return }
    let number = try books.reserve(.currency, "\(date)/\(books.newestSeal(of: .currency))")
    try books.transaction {
      let found = try entries(
        DayRates(date, books.reference(.fx, on: date)),
        &report
      )
      guard !found.isEmpty else { return }
      let leaf = try books.openLeaf(
        number,
        .currency,
        businessDate: day.date,
        recordedAt: day.recordedAt
      )
      report.seal = try leaf.seal(entries: found, bookingDate: date)
      report.entries += found.count
    }
  }

  /// Costs of miles that stand in another currency, at the day's rate (M13).
  private func converted(_ rates: DayRates, _ report: inout CurrencyReport) throws -> [Entry] {
    try day.books.balances(of: .milesCost, through: rates.date).compactMap { cost in
      guard let home = home(of: cost.programme, on: rates.date), home != cost.currency,
        let rate = rates.cross(cost.currency, home, &report.missing)
      else { return nil }
      return try entry(
        .converted,
        rate.text,
        cost,
        [
          (.currencyPosition, cost.currency, cost.minor), (.milesCost, cost.currency, -cost.minor),
          (.milesCost, home, rate.value(of: cost.minor)),
          (.currencyPosition, home, -rate.value(of: cost.minor)),
        ]
      )
    }
  }

  /// Positions of partners and programmes at the rate of a month's last day (M14).
  private func remeasured(_ rates: DayRates, _ report: inout CurrencyReport) throws -> [Entry] {
    let balances = try day.books.balances(of: .currencyPosition, through: rates.date)
    let positions = Dictionary(grouping: balances) { [$0.partner, $0.programme] }
    return try positions.sorted { $0.key.lexicographicallyPrecedes($1.key) }.compactMap { _, legs in
      guard let first = legs.first, let home = home(of: first.programme, on: rates.date) else {
        return nil
      }
      var change: Int64 = 0
      var words: [String] = []
      for leg in legs {
        guard leg.currency != home else {
          change -= leg.minor
          continue
        }
        guard let rate = rates.cross(leg.currency, home, &report.missing) else { return nil }
        change -= try rate.value(of: leg.minor)
        words.append(rate.text)
      }
      guard change != 0 else { return nil }
      return try entry(
        .remeasured,
        words.joined(separator: ", "),
        first,
        [
          (.currencyPosition, home, change), (.currencyResult, home, -change),
        ]
      )
    }
  }

  private func entry(
    _ kind: EntryKind,
    _ text: String,
    _ of: CurrencyBalance,
    _ legs: [(account: Account, currency: Currency, minor: Int64)]
  ) throws -> Entry {
    let postings = legs.map {
      Posting(
        $0.account,
        $0.currency.code,
        partner: of.partner,
        programme: of.programme,
        amount: $0.minor
      )
    }
    guard let entry = Entry(kind, text: text, postings: postings) else {
      throw Refusal(.booksBroken, "an entry \(kind.rawValue) does not balance")
    }
    return entry
  }

  private func home(of programme: Int16, on date: CivilDate) -> Currency? {
    day.terms.agreement(programme: programme, on: date)?.agreement.currency
  }
}

/// The ECB's reference rates that count on a day: units of a currency for one euro.
struct DayRates {
  /// The ECB publishes no rates on weekends and its holidays, at most four days in a row.
  private static let daysMax = 7
  let date: CivilDate
  private var rates: [String: (perEuro: ExactDecimal, day: CivilDate)] = [:]

  /// Takes the rows of `kvitt reference show fx`; older ones than a week do not count.
  init(_ date: CivilDate, _ rows: [[String]]) {
    self.date = date
    rates[Currency.eur.code] = (ExactDecimal(units: 1, scale: 0), date)
    for row in rows where row.count > 2 {
      guard let rate = ExactDecimal(row[1]), rate.units > 0, let day = CivilDate(row[2]),
        day.adding(days: DayRates.daysMax) >= date
      else { continue }
      rates[row[0]] = (rate, day)
    }
  }

  /// What one currency is worth in another; nil, and noted, where a rate is missing.
  func cross(_ from: Currency, _ into: Currency, _ missing: inout Set<String>) -> CrossRate? {
    guard let one = rates[from.code], let other = rates[into.code] else {
      missing.formUnion([from, into].map(\.code).filter { rates[$0] == nil })
      return nil
    }
    let words = [(from, one), (into, other)].filter { $0.0 != .eur }.map { currency, rate in
      "\(rate.perEuro) \(currency) a euro of \(rate.day)"
    }
    return CrossRate(
      from: from,
      into: into,
      one: one.perEuro,
      other: other.perEuro,
      text: words.joined(separator: ", ")
    )
  }
}

/// What one currency is worth in another, from two reference rates; rounded once, at the end.
struct CrossRate {
  fileprivate let from: Currency
  fileprivate let into: Currency
  fileprivate let one: ExactDecimal
  fileprivate let other: ExactDecimal
  /// The rates for an entry's text.
  let text: String

  /// An amount in minor units of the one in minor units of the other, halves away from zero.
  func value(of minor: Int64) throws(MoneyOverflow) -> Int64 {
    let product = try multiplied(Int128(minor) * Int128(other.units), one.denominator)
    return try divided(
      multiplied(product, into.minorPerMajor),
      by: Int128(one.units) * Int128(other.denominator) * Int128(from.minorPerMajor),
      .halfUp
    )
  }
}

extension TermsInForce {
  /// Whether any miles are priced in another currency than their agreement.
  fileprivate var hasForeignPrices: Bool {
    allAgreements.contains { bound in
      bound.rules.contains { $0.rule.currency != bound.agreement.currency }
    }
  }
}
