internal import CPrefetch
import Journal
import Ledger
import Rewards

/// Sums toward rules' periods by member, rule and month: an array a rule and month, with a place a member.
final class MonthSums {
  /// The sums of one rule in one month.
  final class Column {
    let agreement: Int32
    let rule: Int16
    let month: Int16
    fileprivate(set) var sums: [Int64] = []
    fileprivate var changes = 0
    /// The sums of other versions that count together with these.
    fileprivate var others: [Column] = []

    init(_ agreement: Int32, _ rule: Int16, _ month: Int16) {
      self.agreement = agreement
      self.rule = rule
      self.month = month
    }

    /// The member's sum so far, under all versions that count together.
    @inline(__always)
    subscript(_ place: Int) -> Int64 {
      let own = place < sums.count ? sums[place] : 0
      return others.isEmpty ? own : others.reduce(own) { $0 + $1.own(place) }
    }

    /// Begins to fetch the member's sum.
    @inline(__always)
    func fetch(_ place: Int) {
      guard place < sums.count else { return }
      sums.withUnsafeBufferPointer { kvitt_prefetch($0.baseAddress.map { $0 + place }) }
    }

    private func own(_ place: Int) -> Int64 { place < sums.count ? sums[place] : 0 }

    /// Adds a change that was booked.
    @inline(__always)
    func add(_ change: Int64, at place: Int) throws(MoneyOverflow) {
      if place >= sums.count {
        sums.append(contentsOf: repeatElement(0, count: place + 1 - sums.count))
      }
      sums[place] = try checkedSum(sums[place], change)
      changes += 1
    }
  }

  private let books: Books
  private let cards: CardIndex
  private let terms: TermsInForce
  private var columns: [Column] = []
  /// Months that were read, with the number of rows since their stored state.
  private var months: [Int16: Int] = [:]

  init(_ books: Books, _ cards: CardIndex, _ terms: TermsInForce) {
    self.books = books
    self.cards = cards
    self.terms = terms
  }

  deinit {
    // Columns that count together hold each other.
    for column in columns { column.others = [] }
  }

  /// The column of a rule and month; its month is read from the books when first asked for.
  func column(_ agreement: Int32, _ rule: Int16, _ month: Int16) throws -> Column {
    if months[month] == nil {
      months[month] = try books.forEachMonthSum(month) { item in
        // Rules without period are never asked for, and nothing keeps their sums up.
        guard hasPeriod(item.agreement, item.rule) else { return }
        let column = found(item.agreement, item.rule, month)
        let place = cards.place(of: item.member)
        if place >= column.sums.count {
          let missing = max(place + 1, cards.members.count) - column.sums.count
          column.sums.append(contentsOf: repeatElement(0, count: missing))
        }
        column.sums[place] += item.sum
      }
    }
    let column = found(agreement, rule, month)
    let versions = terms.periods.together(agreement, rule)
    if column.others.count < versions.count - 1 {
      column.others = versions.filter { ($0.agreement, $0.rule) != (agreement, rule) }
        .map { found($0.agreement, $0.rule, month) }
    }
    return column
  }

  private func hasPeriod(_ agreement: Int32, _ rule: Int16) -> Bool {
    terms.agreement(id: agreement)?.rules.contains {
      $0.rule.ordinal == rule && $0.rule.period != nil
    } ?? false
  }

  private func found(_ agreement: Int32, _ rule: Int16, _ month: Int16) -> Column {
    let known = columns.first {
      $0.month == month && $0.rule == rule && $0.agreement == agreement
    }
    if let known { return known }
    let column = Column(agreement, rule, month)
    columns.append(column)
    return column
  }

  /// Stores the sums of months of which enough changed since they were last stored, so that no
  /// later batch reads more rows than a quarter of the members.
  func store(batch: Int64, baseSeal: Int64) throws {
    for (month, fromRows) in months.sorted(by: { $0.key < $1.key }) {
      let mine = columns.filter { $0.month == month }
      let changes = mine.map(\.changes).reduce(0, +)
      let known = mine.map(\.sums.count).reduce(0, +)
      guard changes > 0, fromRows + changes >= max(1_000, known / 4) else { continue }
      for column in mine {
        let sums = column.sums.indices.filter { column.sums[$0] != 0 }
          .map { (member: cards.members[$0], sum: column.sums[$0]) }
          .sorted { $0.member < $1.member }
        try books.store(
          month: month,
          agreement: column.agreement,
          rule: column.rule,
          sums: sums,
          batch: batch,
          baseSeal: baseSeal
        )
      }
    }
  }
}
