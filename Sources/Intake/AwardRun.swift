import Civil
package import Journal
import Ledger
import Rewards

/// What was given without a purchase.
package struct AwardReport: Sendable {
  package var bonuses = 0
  package var takenBack = 0
  package var vouchers = 0
  package var grants = 0
  package var seal: Seal?
}

/// Gives what no purchase gives by itself: bonuses for events and referrals (O15, O16), vouchers for
/// full stamp cards (O9), benefits of a period (O12).
///
/// Each part finds what is missing from the books, so a second run finds nothing.
package struct AwardRun {
  private let books: Books
  private let terms: TermsInForce
  private let businessDate: CivilDate
  private let recordedAt: Instant

  package init(_ day: BookDay) {
    (books, terms) = (day.books, day.terms)
    (businessDate, recordedAt) = (day.date, day.recordedAt)
  }

  /// Gives everything that is due on the business date.
  package func run() throws -> AwardReport {
    let last = try books.newestSeal(of: .award)
    let agreements = terms.directory.programmes.compactMap {
      terms.agreement(programme: $0.id, on: businessDate)
    }
    let bonuses = Bonuses(books: books, terms: terms, businessDate: businessDate)
    let due = try agreements.flatMap { try bonuses.due($0) }
    let over = try bonuses.over()
    let grants = try Grants(books: books, terms: terms, businessDate: businessDate)
      .due(agreements)
    let cards = StampCards(books: books, terms: terms)
    let full = try agreements.flatMap { try cards.full($0, since: last) }
    guard due.count + over.count + grants.count + full.count > 0 else { return AwardReport() }
    let done = try books.batch(
      .award,
      key: "\(businessDate)/\(last)",
      businessDate: businessDate,
      recordedAt: recordedAt
    ) { leaf, dates in
      let moved = over.map(\.member) + full.map(\.member)
      let given = due.map(\.member) + grants.map(\.member)
      let writer = try Writer(books, terms, leaf, dates, lotsOf: moved, others: given)
      for bonus in due { try writer.give(bonus) }
      for bonus in over { try writer.takeBack(bonus) }
      for grant in grants { try writer.grant(grant) }
      for card in full { try writer.convert(card) }
      return try writer.finish()
    }
    guard var report = done?.value else { return AwardReport() }
    report.seal = done?.seal
    return report
  }

  /// Writes the rows of one run.
  private final class Writer {
    private let books: Books
    private let leaf: Leaf
    private let dates: BatchDates
    private let debts: Debts
    private let months: MonthSums
    private let cards: CardIndex
    private let holdings: [Int64: Holdings]
    private var report = AwardReport()
    private var given: [GivenBonus] = []
    private var undone: [Int64] = []

    init(
      _ books: Books,
      _ terms: TermsInForce,
      _ leaf: Leaf,
      _ dates: BatchDates,
      lotsOf moved: [Int64],
      others: [Int64]
    ) throws {
      self.books = books
      self.leaf = leaf
      self.dates = dates
      try books.lock(members: Set(moved + others).sorted())
      // Only what is taken back or turned into vouchers asks for lots.
      let members = Set(moved).sorted()
      debts = try Debts(books)
      cards = try CardIndex(books)
      months = MonthSums(books, cards, terms)
      holdings = try books.holdings(members, terms)
      let reserved = Dictionary(grouping: try books.reserved(members: members), by: \.member)
      for (member, holding) in holdings { holding.reserve(reserved[member] ?? []) }
    }

    func give(_ bonus: DueBonus) throws {
      let rule = bonus.rule.rule
      guard case .flat(let flat) = rule.rate else { return }
      let month = rule.periodMonth(of: dates.businessDate)
      let column =
        rule.period == nil
        ? nil : try months.column(bonus.agreement.id, rule.ordinal, month)
      let place = cards.place(of: bonus.member)
      let quantity = try rule.worth(of: flat, after: column?[place] ?? 0)
      try column?.add(flat, at: place)
      let row = try RewardRow(
        rule.earning,
        bonus.agreement,
        bonus.rule,
        member: bonus.member,
        purchase: 0,
        quantity: quantity,
        cost: rule.cost(of: quantity),
        uncapped: flat,
        event: dates.businessDate,
        earnMonth: month,
        dates: dates
      )
      let lot = try leaf.add(row)
      if let offset = try debts.offset(row, lot: lot) { try leaf.add(offset) }
      given.append(
        GivenBonus(
          member: bonus.member,
          rule: rule.name,
          event: bonus.event,
          programme: bonus.agreement.programme,
          day: dates.businessDate,
          lot: lot
        )
      )
      report.bonuses += 1
    }

    /// Takes a bonus back: its own lot first, then others of the unit, the rest is owed (O16).
    ///
    /// Where a cap had cut another bonus of the period, that one fills the room, and less is taken.
    func takeBack(_ bonus: OverBonus) throws {
      guard let holding = holdings[bonus.member] else { return }
      let rule = bonus.rule.rule
      let column =
        rule.period == nil
        ? nil : try months.column(bonus.agreement.id, rule.ordinal, bonus.month)
      let place = cards.place(of: bonus.member)
      let change = try rule.worth(of: -bonus.uncapped, after: column?[place] ?? 0)
      try column?.add(-bonus.uncapped, at: place)
      let (own, others) = holding.lots(unit: bonus.rule.unit, lot: bonus.lot)
      var lots = own + others
      let (parts, missing) = try consume(-change, from: &lots)
      var uncapped = -bonus.uncapped
      func row(_ flow: Flow, _ lot: Int64, _ quantity: Int64, _ cost: Int64) throws {
        let row = try RewardRow(
          flow,
          bonus.agreement,
          bonus.rule,
          member: bonus.member,
          purchase: 0,
          lot: lot,
          quantity: quantity,
          cost: cost,
          uncapped: uncapped,
          event: dates.businessDate,
          earnMonth: bonus.month,
          dates: dates
        )
        holding.note(row, id: try leaf.add(row))
        uncapped = 0
      }
      if change == 0 { try row(rule.earning, 0, 0, 0) }
      for part in parts { try row(.reverseBonus, part.lot.id, part.quantity, part.cost) }
      if missing > 0 { try row(.debtBonus, 0, missing, missing) }
      undone.append(bonus.lot)
      report.takenBack += 1
    }

    func grant(_ grant: DueGrant) throws {
      guard case .flat(let count) = grant.rule.rule.rate else { return }
      try leaf.add(
        RewardRow(
          .grantBenefit,
          grant.agreement,
          grant.rule,
          member: grant.member,
          purchase: 0,
          quantity: count,
          cost: 0,
          uncapped: count,
          event: dates.businessDate,
          earnMonth: grant.month,
          dates: dates
        )
      )
      report.grants += 1
    }

    /// Turns the stamps of full cards into vouchers, oldest first; what holds or disputes keep stays.
    func convert(_ card: FullCard) throws {
      guard let holding = holdings[card.member],
        case .stamps(_, let count) = card.voucher.rule.source
      else { return }
      var lots = holding.spendableLots(unit: card.stamps.unit, on: dates.businessDate)
      while lots.map(\.free).reduce(0, +) >= count {
        let (parts, _) = try consume(count, from: &lots)
        for part in parts {
          let row = try RewardRow(
            .convertStamps,
            card.agreement,
            card.stamps,
            member: card.member,
            purchase: 0,
            lot: part.lot.id,
            quantity: part.quantity,
            cost: part.cost,
            event: dates.businessDate,
            earnMonth: 0,
            dates: dates
          )
          // Another voucher may be for the same stamps.
          holding.note(row, id: try leaf.add(row))
        }
        try leaf.add(
          RewardRow(
            .awardVoucher,
            card.agreement,
            card.voucher,
            member: card.member,
            purchase: 0,
            quantity: 1,
            cost: parts.map(\.cost).reduce(0, +),
            event: dates.businessDate,
            earnMonth: 0,
            dates: dates
          )
        )
        report.vouchers += 1
      }
    }

    /// Notes what was given and taken back; gives the counts.
    func finish() throws -> AwardReport {
      try books.insert(bonuses: given)
      try books.insert(undone: undone, batch: leaf.batch)
      return report
    }
  }
}
