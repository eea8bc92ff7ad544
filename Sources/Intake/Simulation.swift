package import Civil
package import Journal
package import Ledger
package import Rewards

/// What a rule gives over some purchases.
package struct SimulatedRule: Sendable {
  package let agreement: String
  package let rule: EarnRule
  package let currency: Currency
  package var purchases = 0
  package var members: Set<Int64> = []
  package var quantity: Int64 = 0
  /// Minor units; the partner's share is part of the cost.
  package var cost: Int64 = 0
  package var share: Int64 = 0
}

/// Real purchases under one set of terms.
package struct SimulatedTerms: Sendable {
  package fileprivate(set) var rules: [SimulatedRule] = []
  /// Cost by member and currency, in minor units.
  fileprivate var costs: [Int64: [Currency: Int64]] = [:]

  /// What the rules cost in a currency; miles may be priced in another than the agreement's.
  package func cost(in currency: Currency) -> Int64 { sum(currency, \.cost) }

  /// What partners pay of it.
  package func share(in currency: Currency) -> Int64 { sum(currency, \.share) }

  private func sum(_ currency: Currency, _ part: (SimulatedRule) -> Int64) -> Int64 {
    rules.filter { $0.currency == currency }.map(part).reduce(0, +)
  }
}

/// The same purchases under draft terms and under those in force.
package struct SimulationReport: Sendable {
  package var purchases = 0
  package var draft = SimulatedTerms()
  package var inForce = SimulatedTerms()

  /// The currencies of all rules on either side.
  package var currencies: [Currency] {
    Set((draft.rules + inForce.rules).map(\.currency)).sorted { $0.code < $1.code }
  }

  /// Members who get more, less and the same under the draft; whoever gets less in any currency gets less.
  package var affected: (more: Int, less: Int, same: Int) {
    var out = (more: 0, less: 0, same: 0)
    for member in Set(draft.costs.keys).union(inForce.costs.keys) {
      let (new, old) = (draft.costs[member, default: [:]], inForce.costs[member, default: [:]])
      let differences = currencies.map { new[$0, default: 0] - old[$0, default: 0] }
      if differences.contains(where: { $0 < 0 }) {
        out.less += 1
      } else if differences.contains(where: { $0 > 0 }) {
        out.more += 1
      } else {
        out.same += 1
      }
    }
    return out
  }
}

/// Replays the real purchases of a programme under draft terms, beside those in force; nothing is
/// written.
///
/// Each purchase counts with what stands of it now, in the order of its day. Caps count from the
/// first day of the replay, and
/// so do budgets.
package struct Simulation {
  private let books: Books
  private let terms: TermsInForce
  private let draft: Agreement

  package init(books: Books, terms: TermsInForce, draft: Agreement) {
    self.books = books
    self.terms = terms
    self.draft = draft
  }

  /// Replays the purchases of some days, both included.
  package func run(from: CivilDate, through: CivilDate) throws -> SimulationReport {
    guard let programme = terms.directory.programmes.first(where: { $0.code == draft.programme })
    else { return SimulationReport() }
    let merchants = try books.merchantDirectory()
    let standings = try books.memberStandings()
    let new = Replay(standings)
    let old = Replay(standings)
    var report = SimulationReport()
    var day = from
    while day <= through {
      let purchases = try books.purchases(programme: programme.id, on: day)
      let direct = try books.links(of: purchases.map(\.identity))
      let undoing = try books.links(of: direct.filter { !$0.reversal }.map(\.identity))
      let remaining = RemainingAmounts(direct, undoing: undoing)
      let goods = try books.baskets(ofPurchases: purchases.map(\.id))
      let agreement = terms.agreement(programme: programme.id, on: day)
      for purchase in purchases {
        let facts = PurchaseFacts(purchase, merchants, goods: goods[purchase.id])
        let left = try remaining.of(purchase).amount
        try new.take(draft, facts, remaining: left, member: purchase.member) {
          VersionedRule(agreement: 0, rule: $0)
        }
        if let agreement {
          try old.take(
            agreement.agreement,
            facts,
            remaining: left,
            member: purchase.member
          ) { terms.periods.together(agreement.id, $0)[0] }
        }
      }
      report.purchases += purchases.count
      day = day.adding(days: 1)
    }
    (report.draft, report.inForce) = (new.terms, old.terms)
    return report
  }
}

/// Purchases under one set of terms, as they come.
private final class Replay {
  private struct Counter: Hashable {
    let member: Int64
    let rule: VersionedRule
    let month: Int16
  }

  private(set) var terms = SimulatedTerms()
  private let standings: [Int64: MemberStanding]
  private var sums: [Counter: Int64] = [:]
  private var places: [ObjectIdentifier: Int] = [:]

  init(_ standings: [Int64: MemberStanding]) { self.standings = standings }

  /// Takes a purchase; the closure says as which rule a rule's periods are counted.
  func take(
    _ agreement: Agreement,
    _ facts: PurchaseFacts,
    remaining: Int64,
    member: Int64,
    countedWith: (_ rule: Int16) -> VersionedRule
  ) throws {
    guard agreement.earns(facts) else { return }
    for rule in agreement.rules where rule.admits(facts, of: standings[member]) {
      let place = place(of: rule, agreement)
      let key = Counter(
        member: member,
        rule: countedWith(rule.ordinal),
        month: rule.periodMonth(of: facts.date)
      )
      var change = try rule.change(
        for: facts,
        remaining: remaining,
        booked: .nothing,
        monthSum: sums[key, default: 0]
      )
      guard change.uncapped != 0, limit(&change, rule, terms.rules[place]) else { continue }
      if rule.hasPeriod { sums[key, default: 0] += change.uncapped }
      terms.rules[place].purchases += 1
      terms.rules[place].members.insert(member)
      terms.rules[place].quantity = try checkedSum(terms.rules[place].quantity, change.quantity)
      terms.rules[place].cost = try checkedSum(terms.rules[place].cost, change.cost)
      terms.rules[place].share = try checkedSum(terms.rules[place].share, change.share)
      terms.costs[member, default: [:]][terms.rules[place].currency, default: 0] += change.cost
    }
  }

  /// Cuts the partner's share to what its budget has left; false where the rule gives nothing any more.
  private func limit(_ change: inout Booked, _ rule: EarnRule, _ sofar: SimulatedRule) -> Bool {
    if let cap = rule.contractCap, sofar.quantity + change.quantity > cap { return false }
    guard let budget = rule.funding.budget else { return true }
    let left = max(0, budget - sofar.share)
    if left == 0, rule.funding.overflow == .stop { return false }
    change.share = min(change.share, left)
    return true
  }

  private func place(of rule: EarnRule, _ agreement: Agreement) -> Int {
    if let place = places[ObjectIdentifier(rule)] { return place }
    terms.rules.append(
      SimulatedRule(
        agreement: "\(agreement.code) version \(agreement.version)",
        rule: rule,
        currency: rule.currency
      )
    )
    places[ObjectIdentifier(rule)] = terms.rules.count - 1
    return terms.rules.count - 1
  }
}

extension PurchaseFacts {
  /// The facts of a stored purchase.
  init(_ purchase: StoredRecord, _ merchants: MerchantDirectory, goods: [Goods]? = nil) {
    self.init(
      billed: purchase.billing,
      original: purchase.amount,
      category: purchase.category,
      merchant: purchase.merchant,
      date: purchase.eventDate,
      currency: purchase.currency,
      country: purchase.country,
      channel: purchase.channel,
      markup: purchase.markup,
      merchantPartner: merchants.partner(of: purchase.merchant, on: purchase.eventDate),
      goods: goods
    )
  }
}
