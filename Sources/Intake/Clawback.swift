import Civil
import Formats
import Journal
import Ledger
import Rewards

/// Brings what is booked for purchases to what their remaining amounts deserve, after refunds and
/// reversals in any order of arrival: cumulative recompute (E15), own lot first, then the member's
/// other lots, then debt (E19, S7); miles that are out get a reversal line (M7, M8).
final class Clawback {
  private let books: Books
  private let terms: TermsInForce
  private let leaf: Leaf
  private let dates: BatchDates
  private let months: MonthSums
  private let cards: CardIndex
  private let merchants: MerchantDirectory
  private let debts: Debts
  private let standings: [Int64: MemberStanding]
  private let budgets: Budgets
  /// Purchases that are recomputed together.
  private let together: Int
  private var holdings: [Int64: Holdings] = [:]
  /// What the purchases consisted of.
  private var goods: [Int64: [Goods]] = [:]
  /// Rows that the batch held before it took anything back or gave it again; nil where it did not.
  private var movedAfter: Int64?
  /// Members of whom everything was read.
  private var whole: Set<Int64> = []

  init(
    books: Books,
    terms: TermsInForce,
    leaf: Leaf,
    dates: BatchDates,
    months: MonthSums,
    cards: CardIndex,
    merchants: MerchantDirectory,
    debts: Debts,
    standings: [Int64: MemberStanding],
    budgets: Budgets,
    together: Int = FeedIntake.takenBackTogether
  ) {
    self.together = together
    self.budgets = budgets
    self.standings = standings
    self.books = books
    self.terms = terms
    self.leaf = leaf
    self.dates = dates
    self.months = months
    self.cards = cards
    self.merchants = merchants
    self.debts = debts
  }

  /// Recomputes the purchases that the identities lead to.
  ///
  /// - Parameter identities: Records that something new concerns: purchases, or refunds that were
  ///   reversed or waited for.
  /// - Returns: Identities that no leaf holds yet.
  /// - Throws: `DatabaseError`, or `MoneyOverflow` where an amount leaves its range.
  func settle(_ identities: [RecordIdentity]) throws -> Set<RecordIdentity> {
    var missing: Set<RecordIdentity> = []
    let unique = Array(Set(identities)).sorted { ($0.high, $0.low) < ($1.high, $1.low) }
    guard !unique.isEmpty else { return missing }
    try books.passGate(alone: false)
    for some in chunks(unique, of: together) {
      let direct = try books.records(Array(some), openLeaf: leaf.batch)
      missing.formUnion(some.filter { direct[$0] == nil })
      // A refund that was reversed leads on to the purchase that it concerns.
      let further = direct.values.compactMap { $0.type == 1 ? nil : $0.original }
      let indirect = further.isEmpty ? [:] : try books.records(further, openLeaf: leaf.batch)
      var purchases: [RecordIdentity: StoredRecord] = [:]
      for record in Array(direct.values) + Array(indirect.values)
      where record.type == 1 && !record.reversal {
        purchases[record.identity] = record
      }
      try recompute(purchases.values.sorted { $0.id < $1.id })
    }
    return missing
  }

  /// Decides purchases of a programme again after a fact of their members that reaches back: what is
  /// missing is earned now, a line each (P1).
  func review(_ purchases: [StoredRecord], programme: Int16) throws {
    try books.passGate(alone: false)
    for chunk in chunks(purchases, of: 20_000) {
      try recompute(Array(chunk), programme: programme)
    }
  }

  private func recompute(_ purchases: [StoredRecord], programme: Int16? = nil) throws {
    guard !purchases.isEmpty else { return }
    try books.lock(members: Array(Set(purchases.map(\.member))).sorted())
    let remaining = try remainingAmounts(purchases)
    try leaf.flush()
    if terms.asksBaskets { goods = try books.baskets(ofPurchases: purchases.map(\.id)) }
    try load(purchases, remaining)
    let mileLots = holdings.values.flatMap(\.mileLots)
    let out = mileLots.isEmpty ? [] : try books.lotsOut(mileLots)
    for purchase in purchases {
      // What never earned has nothing to give back; in a review it may earn now.
      if programme != nil, holdings[purchase.member] == nil {
        holdings[purchase.member] = Holdings([], terms)
      }
      guard let holding = holdings[purchase.member],
        let agreement = holding.agreement(of: purchase.id).flatMap(terms.agreement(id:))
          ?? programme.flatMap({ terms.agreement(programme: $0, on: purchase.eventDate) })
      else { continue }
      let left = remaining[purchase.identity] ?? (purchase.amount, purchase.eventDate)
      try recompute(
        purchase,
        remaining: left.amount,
        event: left.date,
        agreement,
        out
      )
    }
  }

  /// Reads what the members hold, as far as it matters: the purchases' own lots, and everything
  /// where a purchase's own lots will not give what is taken back.
  private func load(
    _ purchases: [StoredRecord],
    _ remaining: [RecordIdentity: (amount: Int64, date: CivilDate)]
  ) throws {
    whole = []
    holdings = Dictionary(
      grouping: try books.rewards(
        ofPurchases: purchases,
        openLeaf: leaf.batch,
        movedAfter: debts.hasOffset ? 0 : movedAfter
      ),
      by: \.member
    ).mapValues { Holdings($0, terms) }
    // Holds reserve lots in the order of redemption, which only all lots tell.
    let reserved = try books.reserved(members: Array(holdings.keys))
    var short = Set(reserved.map(\.member))
    var foreseen: [PeriodOfMember: Int64] = [:]
    for purchase in purchases where !short.contains(purchase.member) {
      guard let holding = holdings[purchase.member],
        let agreement = holding.agreement(of: purchase.id).flatMap(terms.agreement(id:))
      else { continue }
      let left = remaining[purchase.identity]?.amount ?? purchase.amount
      var wanted: [Int16: Int64] = [:]
      for item in try changes(purchase, remaining: left, agreement, holding, after: foreseen) {
        let rule = item.rule.rule
        if rule.hasPeriod {
          // Purchases of one period shift its cap between them, so each is seen after those before it.
          foreseen[PeriodOfMember(purchase, agreement, rule), default: 0] += item.change.uncapped
        }
        if rule.kind != .miles {
          wanted[item.rule.unit, default: 0] -= min(0, item.change.quantity)
        }
      }
      for (unit, quantity) in wanted
      where quantity > holding.left(unit: unit, ownOf: purchase.id) {
        short.insert(purchase.member)
      }
    }
    try loadWhole(short)
  }

  /// Reads everything that members ever got and gave.
  private func loadWhole(_ members: Set<Int64>) throws {
    guard !members.isEmpty else { return }
    try leaf.flush()
    let all = Dictionary(
      grouping: try books.rewards(ofMembers: members.sorted(), openLeaf: leaf.batch),
      by: \.member
    )
    for (member, rows) in all { holdings[member] = Holdings(rows, terms) }
    let reserved = try books.reserved(members: members.sorted())
    for (member, holds) in Dictionary(grouping: reserved, by: \.member) {
      holdings[member]?.reserve(holds)
    }
    whole.formUnion(members)
  }

  /// What stands of each purchase in its own currency, and the day of the last change.
  private func remainingAmounts(
    _ purchases: [StoredRecord]
  ) throws -> [RecordIdentity: (amount: Int64, date: CivilDate)] {
    let direct = try books.links(of: purchases.map(\.identity))
    let undoing = try books.links(of: direct.filter { !$0.reversal }.map(\.identity))
    let remaining = RemainingAmounts(direct, undoing: undoing)
    var out: [RecordIdentity: (amount: Int64, date: CivilDate)] = [:]
    for purchase in purchases { out[purchase.identity] = try remaining.of(purchase) }
    return out
  }

  private func recompute(
    _ purchase: StoredRecord,
    remaining: Int64,
    event: CivilDate,
    _ agreement: BoundAgreement,
    _ out: Set<Int64>
  ) throws {
    guard let booked = holdings[purchase.member] else { return }
    for item in try changes(purchase, remaining: remaining, agreement, booked) {
      let rule = item.rule
      var change = item.change
      if rule.rule.isLimited {
        let known = booked.booked(purchase: purchase.id, rule: rule.rule.ordinal)
        guard
          let admitted = budgets.admitted(change, isNew: known == .nothing, agreement, rule)
        else { continue }
        change = admitted
      }
      // Versions that count a period together, and budgets, can still ask more of a purchase's lots than
      // was foreseen.
      if rule.rule.kind != .miles, !whole.contains(purchase.member),
        let known = holdings[purchase.member],
        -change.quantity > known.left(unit: rule.unit, ownOf: purchase.id)
      {
        try loadWhole([purchase.member])
      }
      guard let holding = holdings[purchase.member] else { continue }
      let before = holding.booked(purchase: purchase.id, rule: rule.rule.ordinal).cost
      let month = rule.rule.periodMonth(of: purchase.eventDate)
      if rule.rule.hasPeriod {
        let column = try months.column(agreement.id, rule.rule.ordinal, month)
        try column.add(change.uncapped, at: cards.place(of: purchase.member))
      }
      let context = Taking(
        purchase: purchase,
        event: event,
        month: month,
        agreement: agreement,
        rule: rule,
        dates: dates
      )
      var rows =
        change.quantity >= 0
        ? [try context.earn(change)]
        : rule.rule.kind == .miles
          ? try context.takeMiles(change, holding, out)
          : try context.take(change, holding)
      if !rule.sponsors.isEmpty {
        let shares = SponsorShares(
          agreement: agreement,
          rule: rule,
          member: purchase.member,
          purchase: purchase.id,
          event: event,
          month: month,
          dates: dates
        )
        rows += try shares.rows(
          cost: before + change.cost,
          before: before,
          booked: { holding.share(purchase: purchase.id, rule: rule.rule.ordinal, $0) },
          budgets
        )
      }
      try write(rows, holding)
    }
  }

  private func write(_ rows: [RewardRow], _ holding: Holdings) throws {
    if movedAfter == nil { movedAfter = leaf.rewardCount }
    for row in rows {
      let id = try leaf.add(row)
      holding.note(row, id: id)
      debts.note(row)
      if let offset = try debts.offset(row, lot: id) {
        holding.note(offset, id: try leaf.add(offset))
      }
    }
  }

  /// What each rule has to change so that what is booked is what the remaining amount deserves.
  ///
  /// - Parameters:
  ///   - purchase: The purchase.
  ///   - remaining: What stands of it, in minor units of its own currency.
  ///   - agreement: The version that rewarded it.
  ///   - holding: What its member holds.
  ///   - foreseen: Changes of periods' sums that will come before this one's.
  /// - Returns: The rules that change, with their changes.
  /// - Throws: `MoneyOverflow`, or `DatabaseError` where sums are read.
  private func changes(
    _ purchase: StoredRecord,
    remaining: Int64,
    _ agreement: BoundAgreement,
    _ holding: Holdings,
    after foreseen: [PeriodOfMember: Int64] = [:]
  ) throws -> [(rule: BoundRule, change: Booked)] {
    let facts = PurchaseFacts(purchase, merchants, goods: goods[purchase.id])
    guard agreement.agreement.earns(facts) else { return [] }
    var out: [(rule: BoundRule, change: Booked)] = []
    for rule in agreement.rules {
      let booked = holding.booked(purchase: purchase.id, rule: rule.rule.ordinal)
      // What a rule has booked it takes back, whatever the directory says of the merchant by now.
      let standing = standings[purchase.member] ?? MemberStanding()
      guard booked != .nothing || rule.rule.admits(facts, of: standing) else { continue }
      let place = cards.place(of: purchase.member)
      let month = rule.rule.periodMonth(of: purchase.eventDate)
      var sum: Int64 = 0
      if rule.rule.hasPeriod {
        let before = try months.column(agreement.id, rule.rule.ordinal, month)[place]
        let ahead = foreseen[PeriodOfMember(purchase, agreement, rule.rule)] ?? 0
        sum = try checkedSum(before, ahead)
      }
      let change = try rule.rule.change(
        for: facts,
        remaining: rule.rule.members.keeps(standing, on: facts.date) ? remaining : 0,
        booked: booked,
        monthSum: sum
      )
      // Lots of other costs that were taken instead leave a cost behind; it is no change by itself.
      guard change.quantity != 0 || change.uncapped != 0 || change.share != 0 else { continue }
      out.append((rule, change))
    }
    return out
  }
}

/// The period of a rule to which a purchase counts, of its member alone.
private struct PeriodOfMember: Hashable {
  let member: Int64
  let agreement: Int32
  let rule: Int16
  let month: Int16

  init(_ purchase: StoredRecord, _ agreement: BoundAgreement, _ rule: EarnRule) {
    member = purchase.member
    self.agreement = agreement.id
    self.rule = rule.ordinal
    month = rule.periodMonth(of: purchase.eventDate)
  }
}
