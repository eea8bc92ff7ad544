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
  /// The ECB publishes no rates on weekends and its holidays, at most four days in a row.
  private static let rateDaysMax = 7
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
    _ entries: (CivilDate, inout CurrencyReport) throws -> [Entry]
  ) throws {
    let books = day.books
    guard try books.batchDates(date).booking(date) == date else { return }
    let number = try books.reserve(.currency, "\(date)/\(books.newestSeal(of: .currency))")
    try books.transaction {
      let found = try entries(date, &report)
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
  private func converted(_ date: CivilDate, _ report: inout CurrencyReport) throws -> [Entry] {
    try day.books.balances(of: .milesCost, through: date).compactMap { cost in
      guard let home = home(of: cost.programme, on: date), home != cost.currency,
        let rate = try rate(cost.currency, home, on: date, &report)
      else { return nil }
      return try entry(
        "M13",
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
  private func remeasured(_ date: CivilDate, _ report: inout CurrencyReport) throws -> [Entry] {
    let balances = try day.books.balances(of: .currencyPosition, through: date)
    let positions = Dictionary(grouping: balances) { [$0.partner, $0.programme] }
    return try positions.sorted { $0.key.lexicographicallyPrecedes($1.key) }.compactMap { _, legs in
      guard let first = legs.first, let home = home(of: first.programme, on: date) else {
        return nil
      }
      var change: Int64 = 0
      var words: [String] = []
      for leg in legs {
        guard leg.currency != home else {
          change -= leg.minor
          continue
        }
        guard let rate = try rate(leg.currency, home, on: date, &report) else { return nil }
        change -= try rate.value(of: leg.minor)
        words.append(rate.text)
      }
      guard change != 0 else { return nil }
      return try entry(
        "M14",
        words.joined(separator: ", "),
        first,
        [
          (.currencyPosition, home, change), (.currencyResult, home, -change),
        ]
      )
    }
  }

  private func entry(
    _ code: String,
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
    guard let entry = Entry(code: code, text: text, postings: postings) else {
      throw Refusal(.booksBroken, "an entry \(code) does not balance")
    }
    return entry
  }

  private func home(of programme: Int16, on date: CivilDate) -> Currency? {
    day.terms.agreement(programme: programme, on: date)?.agreement.currency
  }

  private func rate(
    _ from: Currency,
    _ into: Currency,
    on date: CivilDate,
    _ report: inout CurrencyReport
  ) throws -> CrossRate? {
    var found: [ReferenceRate] = []
    for currency in [from, into] {
      let rate = try day.books.referenceRate(currency, on: date)
      if let rate, rate.day.adding(days: CurrencyRun.rateDaysMax) >= date {
        found.append(rate)
      } else {
        report.missing.insert(currency.code)
      }
    }
    return found.count == 2 ? CrossRate(from: from, into: into, found[0], found[1]) : nil
  }
}

/// What one currency is worth in another, from two reference rates; rounded once, at the end.
struct CrossRate {
  private let from: Currency
  private let into: Currency
  private let fromRate: ReferenceRate
  private let intoRate: ReferenceRate

  init(from: Currency, into: Currency, _ fromRate: ReferenceRate, _ intoRate: ReferenceRate) {
    (self.from, self.into) = (from, into)
    (self.fromRate, self.intoRate) = (fromRate, intoRate)
  }

  /// The rates for an entry's text.
  var text: String {
    [(from, fromRate), (into, intoRate)].filter { $0.0 != .eur }.map { currency, rate in
      "\(rate.perEuro) \(currency) a euro of \(rate.day)"
    }.joined(separator: ", ")
  }

  /// An amount in minor units of the one in minor units of the other, halves away from zero.
  func value(of minor: Int64) throws(MoneyOverflow) -> Int64 {
    let (one, other) = (fromRate.perEuro, intoRate.perEuro)
    return try divided(
      Int128(minor) * Int128(other.units) * Int128(one.denominator) * power(into.exponent),
      by: Int128(one.units) * Int128(other.denominator) * power(from.exponent),
      .halfUp
    )
  }

  private func power(_ exponent: Int) -> Int128 {
    (0..<exponent).reduce(1) { product, _ in product * 10 }
  }
}

extension TermsInForce {
  /// Whether any miles are priced in another currency than their agreement.
  fileprivate var hasForeignPrices: Bool {
    allAgreements.contains { $0.rules.contains { $0.rule.priceCurrency != nil } }
  }
}
