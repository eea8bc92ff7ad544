/// Something that differs.
struct WorldComplaint: CustomStringConvertible {
  enum Kind: String {
    case worth, negative, cost, expired, share, state, debt, open, used, money, left, statement,
      permuted
    case night, check
  }
  let kind: Kind
  let order: WorldOrder
  let date: WorldDay
  let text: String

  var description: String { "\(kind.rawValue) \(order) \(date) \(text)" }
}

/// Compares what kvitt booked by a night with what the facts known by then mean.
///
/// Which purchase of a period holds what is kvitt's choice, as long as nothing is negative and the sum is the period's
/// worth; every other measure of a purchase then follows from what is booked on it: its cost, each funder's share, what
/// of it ended. So the judge takes the booked quantity of each purchase from the books and works out all else.
struct WorldJudge {
  private let one: PlacedWorld
  private let order: WorldOrder
  private let night: Int
  private let model: WorldModel
  private let lines: [WorldBooks.Line]
  private let all: [WorldBooks.Line]
  private(set) var complaints: [WorldComplaint] = []

  /// A judge of one order of a world, by the lines of the world's agreement.
  init(_ one: PlacedWorld, _ order: WorldOrder, _ night: Int, _ lines: [WorldBooks.Line]) {
    self.one = one
    self.order = order
    self.night = night
    model = WorldModel(one.world, told: one.told(order, by: night))
    let cards = Set(one.world.members.indices.map { one.card(order, $0) })
    all = lines
    self.lines = lines.filter { cards.contains($0.card) }
  }

  /// All that differs.
  static func complaints(
    _ placed: [PlacedWorld],
    _ night: Int,
    _ books: WorldBooks,
    excusing: Bool = true
  ) -> [String: [WorldComplaint]] {
    let byAgreement = Dictionary(grouping: books.lines, by: \.agreement)
    var all: [String: [WorldComplaint]] = [:]
    for one in placed {
      for order in one.world.orders {
        var judge = WorldJudge(one, order, night, byAgreement[one.tag.uppercased()] ?? [])
        judge.judge()
        if order == .told {
          for difference in books.statements.differences(
            one,
            byAgreement[one.tag.uppercased()] ?? []
          ) {
            judge.complain(.statement, difference)
          }
        }
        if order == .shuffled && night == World.refundNight - 1 { judge.permuted() }
        let excused = excusing ? WorldGenerator.excused(one.world) : []
        let found = judge.complaints.filter { !excused.contains($0.kind) }
        if !found.isEmpty { all[one.tag, default: []] += found }
      }
    }
    return all
  }

  private var date: WorldDay { World.date(night) }

  private mutating func judge() {
    periods()
    for purchase in model.facts where purchase.kind == .purchase && !purchase.isUndone {
      for rule in rules(of: purchase) { measures(purchase, rule) }
    }
    for member in one.world.members.indices { units(member) }
    if night == World.allNights - 1 { zero() }
  }

  private mutating func right(
    _ kind: WorldComplaint.Kind,
    _ what: String,
    _ got: Int,
    _ right: Int
  ) {
    if got != right { complain(kind, "\(what): kvitt \(got), right \(right)") }
  }

  private mutating func complain(_ kind: WorldComplaint.Kind, _ text: String) {
    complaints.append(WorldComplaint(kind: kind, order: order, date: date, text: text))
  }

  private func rules(of purchase: WorldFact) -> [WorldRule] {
    guard let version = one.world.version(on: purchase.day) else { return [] }
    return one.world.versions[version].rules
  }

  /// What the books hold of an account for the rows of a purchase, or of its lots.
  private func booked(
    _ accounts: [String],
    _ rule: WorldRule,
    _ purchase: WorldFact,
    ofLots: Bool = false,
    partner: String? = nil
  ) -> Int {
    let reference = one.reference(order, purchase.id)
    return lines.reduce(0) { sum, line in
      guard (ofLots ? line.lot : line.purchase) == reference, accounts.contains(line.account),
        partner == nil || line.partner == partner, name(line) == rule.name
      else { return sum }
      return sum + line.amount
    }
  }

  private func name(_ line: WorldBooks.Line) -> String? {
    let version = one.world.versions.indices.contains(line.version - 1) ? line.version - 1 : 0
    let rules = one.world.versions[version].rules
    return rules.indices.contains(line.rule - 1) ? rules[line.rule - 1].name : nil
  }

  /// What is booked on a purchase: what was issued, less what a reversal line will take back.
  private func quantity(_ rule: WorldRule, _ purchase: WorldFact) -> Int {
    -booked(["unit.issued"], rule, purchase) - booked(["waiting"], rule, purchase)
  }

  /// The law of periods: what is booked adds up to what the period is worth.
  private mutating func periods() {
    let purchases = Dictionary(
      model.facts.filter { $0.kind == .purchase && !$0.isUndone }.map { ($0.id, $0) },
      uniquingKeysWith: { first, _ in first }
    )
    for period in model.periods() {
      let held = period.purchases.compactMap { purchases[$0] }
      guard let rule = held.first.map(rules)?.first(where: { $0.name == period.rule }) else {
        continue
      }
      let sum = held.reduce(0) { $0 + quantity(rule, $1) }
      if rule.contractCap != nil || rule.isStopping {
        if sum > period.worth {
          complain(.worth, "\(period.name): kvitt \(sum), at most \(period.worth)")
        }
      } else {
        right(.worth, "worth of \(period.name)", sum, period.worth)
      }
    }
  }

  /// What follows from the quantity that is booked on a purchase.
  private mutating func measures(_ purchase: WorldFact, _ rule: WorldRule) {
    let what = "\(rule.name) on \(purchase.id)"
    let quantity = quantity(rule, purchase)
    let issued = -booked(["unit.issued"], rule, purchase)
    if quantity < 0 || issued < 0 {
      complain(.negative, "\(what): \(quantity) booked of \(issued) issued")
      return
    }
    let expired = booked(["unit.expired"], rule, purchase, ofLots: true)
    let cost = booked(["5100", "5110", "5120", "5130", "5140"], rule, purchase)
    if !hasUses || rule.kind == .cashback || rule.kind == .credit {
      // What is left of the cost of points and stamps goes with them when they end.
      let isReleased = rule.kind == .points || rule.kind == .stamps
      let costing = issued - (isReleased ? max(0, expired) : 0)
      right(
        .cost,
        "cost of \(what)",
        cost,
        price(rule, max(0, costing)).rounded(rule.rounding ?? .halfUp)
      )
    }
    let ended = ended(rule, purchase)
    if !hasUses, let ended { right(.expired, "expired of \(what)", expired, ended ? quantity : 0) }
    if expired < 0 || expired > quantity {
      complain(.expired, "\(what): \(expired) expired of \(quantity)")
    }
    shares(purchase, rule, quantity, expired)
  }

  /// What a quantity costs the issuer before anybody shares it.
  private func price(_ rule: WorldRule, _ quantity: Int) -> Exact {
    switch rule.kind {
    case .cashback: Exact(quantity)
    case .credit: Exact(quantity) * Exact(Int128(rule.reimbursed ?? 100), 100)
    case .miles, .points, .stamps: Exact(quantity) * Exact(decimal: rule.price ?? "0") * Exact(100)
    case .status: .zero
    }
  }

  /// Whether what a purchase earned is over; nil where a dispute may have kept it.
  private func ended(_ rule: WorldRule, _ purchase: WorldFact) -> Bool? {
    let wasDisputed = model.facts.contains {
      $0.purchase == purchase.id && $0.kind == .disputeOpened
    }
    guard let end = model.end(rule, purchase) else { return false }
    return wasDisputed && date > end ? nil : date > end
  }

  /// Each funder's part of what is booked on a purchase.
  private mutating func shares(
    _ purchase: WorldFact,
    _ rule: WorldRule,
    _ quantity: Int,
    _ expired: Int
  ) {
    guard let partner = rule.partner, let pays = rule.pays else { return }
    let funders = [WorldSponsor(partner: partner, pays: pays, budget: rule.budget)] + rule.sponsors
    var base = quantity - (rule.isShareReturned ? expired : 0)
    switch rule.fundedAt {
    case "availability": if date < purchase.day + (rule.pendingDays ?? 0) { base = 0 }
    case "redemption": base = booked(["unit.redeemed"], rule, purchase, ofLots: true)
    default: break
    }
    for funder in funders {
      let share = -booked(["5190"], rule, purchase, partner: funder.partner)
      let most = (Exact(base) * Exact(Int128(funder.pays), 100)).rounded(.halfUp)
      let what = "share of \(funder.partner) in \(rule.name) on \(purchase.id)"
      if funder.budget == nil {
        right(.share, what, share, most)
      } else if share < 0 || share > most {
        complain(.share, "\(what): kvitt \(share), right 0 to \(most)")
      }
    }
  }

  /// Any order of the same facts gives the same sums by member, rule, unit, funder and account.
  private mutating func permuted() {
    func sums(_ order: WorldOrder) -> [String: Int] {
      var sums: [String: Int] = [:]
      for (index, _) in one.world.members.enumerated() {
        for line in all where line.card == one.card(order, index) {
          guard ["unit.issued", "waiting", "5190"].contains(line.account) else { continue }
          let account = line.account == "waiting" ? "unit.issued" : line.account
          let name = "\(index) \(name(line) ?? "") \(line.unit) \(account) \(line.partner)"
          sums[name, default: 0] += line.amount
        }
      }
      return sums.filter { $0.value != 0 }
    }
    let (told, shuffled) = (sums(.told), sums(.shuffled))
    for name in Set(told.keys).union(shuffled.keys).sorted()
    where told[name] != shuffled[name] {
      complain(
        .permuted,
        "\(name): \(told[name] ?? 0) in one order, \(shuffled[name] ?? 0) in another"
      )
    }
  }

  private var hasUses: Bool { !one.world.acts.isEmpty }

  /// Units of a member by state.
  private mutating func units(_ member: Int) {
    let own = lines.filter { $0.card == one.card(order, member) }
    for unit in Set(own.map(\.unit)).sorted() {
      func sum(_ account: String) -> Int {
        own.reduce(0) { $0 + ($1.unit == unit && $1.account == account ? $1.amount : 0) }
      }
      // That lines were filed is told by entries beside the rows.
      let states = [
        "unit.open and filed": sum("unit.open") + sum("unit.pending") + sum("unit.filed"),
        "unit.delivered": sum("unit.delivered"), "unit.rejected": sum("unit.rejected"),
        "unit.redeemed": sum("unit.redeemed"), "unit.expired": sum("unit.expired"),
      ]
      for (state, units) in states.sorted(by: { $0.key < $1.key }) where units < 0 {
        complain(.state, "\(state) of \(unit) of member \(member): \(units)")
      }
      if hasUses {
        uses(member, unit, sum)
      } else {
        right(.debt, "debt in \(unit) of member \(member)", -sum("unit.debt"), 0)
      }
    }
  }

  /// What was used, what is left and what is owed: the worth of all periods, less what was used.
  private mutating func uses(_ member: Int, _ unit: String, _ sum: (String) -> Int) {
    guard unit == "CB.EUR" || unit == "SC.RET" else { return }
    let used = WorldUses(one, order).used(member, unit, by: night)
    let net = -sum("unit.issued") - used
    let of = "in \(unit) of member \(member)"
    right(.used, "used \(of)", sum("unit.redeemed"), used)
    right(.debt, "debt \(of)", -sum("unit.debt"), max(0, -net))
    right(.open, "open \(of)", sum("unit.open"), max(0, net))
    guard unit == "CB.EUR" else { return }
    right(.money, "2100 \(of)", -sum("2100"), max(0, net))
    right(.money, "1300 \(of)", sum("1300"), max(0, -net))
    right(.money, "1020 \(of)", -sum("1020"), used)
  }

  /// Everything was refunded: nothing is left but what was used, which is owed.
  private mutating func zero() {
    var sums: [String: Int] = [:]
    for line in lines {
      let account =
        ["unit.pending", "unit.filed"].contains(line.account) ? "unit.open" : line.account
      sums["\(line.card) \(line.unit) \(account) \(line.partner)", default: 0] += line.amount
    }
    for (name, sum) in sums.sorted(by: { $0.key < $1.key }) where sum != 0 {
      let isOfUse =
        hasUses
        && ["unit.redeemed", "unit.debt", "1300", "1020", "2400", "2410"]
          .contains { name.contains(" \($0) ") }
      if !isOfUse { complain(.left, "after all refunds: \(name) \(sum), right 0") }
    }
  }
}
