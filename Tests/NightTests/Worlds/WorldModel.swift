/// What terms mean, worked out anew from all facts that are known, slowly and exactly.
///
/// The law, as the manual tells it:
///
/// 1. Of a purchase stands what was paid, less what was refunded, charged back or undone, and what of that was undone
///    or presented again; never less than nothing, never more than was paid.
/// 2. A purchase earns under every rule of the version of its day that is for it, on the part of its base that stands.
/// 3. In a period (of a member and a rule) all purchases together are worth a function of their sum: at most the cap,
///    at least the floor, so much at a threshold or for every full sum.
/// 4. What is booked on the purchases of a period adds up to what it is worth.
struct WorldModel {
  let world: World
  /// All facts told so far; telling one twice tells nothing.
  let facts: [WorldFact]
  private let purchases: [WorldFact]

  init(_ world: World, told: [WorldFact]) {
    self.world = world
    var seen: Set<String> = []
    let known = told.filter { seen.insert($0.identity).inserted }
    // What undoes a record waits for it.
    facts = known.filter { fact in
      !fact.isUndone || known.contains { !$0.isUndone && $0.kind == fact.kind && $0.id == fact.id }
    }
    purchases = facts.filter { $0.kind == .purchase && !$0.isUndone }
  }

  /// A member's period under a rule: which purchases count in it, and what it is worth.
  struct Period: Equatable {
    let member: Int
    let rule: String
    let unit: String
    let name: String
    let purchases: [Int]
    let worth: Int
  }

  /// What of a purchase stands, in its own currency (law 1).
  func stands(_ purchase: WorldFact) -> Int {
    var stands = purchase.amount
    var chargedBack = 0
    var isWon = false
    for fact in facts where fact.purchase == purchase.id {
      let sign = fact.isUndone ? 1 : -1
      switch fact.kind {
      case .purchase: if fact.isUndone { stands -= fact.amount }
      case .refund: stands += sign * fact.amount
      case .chargeback: chargedBack -= sign * fact.amount
      case .represented: stands -= sign * fact.amount
      case .disputeWon: isWon = true
      case .disputeOpened, .disputeLost: break
      }
    }
    // A dispute that the cardholder won takes the purchase, whether its chargeback came or not.
    stands -= isWon ? max(chargedBack, purchase.amount) : chargedBack
    return max(0, min(stands, purchase.amount))
  }

  /// Whether more disputes were opened than ended.
  func isFrozen(_ purchase: Int) -> Bool {
    let steps = facts.filter { $0.purchase == purchase }
    let opened = steps.count { $0.kind == .disputeOpened }
    return opened > steps.count { $0.kind == .disputeWon || $0.kind == .disputeLost }
  }

  /// The part of a rule's base that stands, hundredths of a euro (law 2).
  private func base(_ rule: WorldRule, _ purchase: WorldFact) -> Exact {
    let billed = purchase.billed - (rule.isWithoutMarkup ? purchase.markup : 0)
    return Exact(billed) * Exact(Int128(stands(purchase)), Int128(purchase.amount))
  }

  /// Whether a rule is for a purchase, whatever stands of it.
  func admits(_ rule: WorldRule, _ purchase: WorldFact) -> Bool {
    let member = world.members[purchase.member]
    func has(_ list: [String], _ value: String) -> Bool { list.isEmpty || list.contains(value) }
    let category = Int(purchase.category) ?? 0
    let isOfCategory =
      rule.categories.isEmpty
      || rule.categories.contains { text in
        let ends = text.split(separator: "-").compactMap { Int($0) }
        return ends[0] <= category && category <= ends[ends.count - 1]
      }
    if purchase.category == "6011" || !isOfCategory { return false }
    let weekday = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][purchase.day.weekday]
    guard has(rule.merchants, purchase.merchant), has(rule.countries, purchase.country),
      has(rule.currencies, purchase.currency), has(rule.channels, purchase.channel),
      has(rule.weekdays, weekday), has(rule.products, product(member, purchase.day))
    else { return false }
    if let from = rule.from, purchase.day < WorldDay(from) { return false }
    if let through = rule.through, purchase.day > WorldDay(through) { return false }
    if let partner = rule.merchantsOf, WorldTermsFiles.directory[purchase.merchant] != partner {
      return false
    }
    if let chosen = rule.chosen, chosen != member.choice ?? WorldVersion.choices[0] { return false }
    if rule.audience != nil && !member.isInAudience { return false }
    if let days = rule.joinedWithin {
      guard let joined = member.joined.map({ WorldDay($0) }) else { return false }
      if purchase.day < joined || purchase.day > joined + days { return false }
    }
    return true
  }

  /// The product of a member's card on a day: a new card's counts from the day of joining.
  private func product(_ member: WorldMember, _ day: WorldDay) -> String {
    guard let joined = member.joined, WorldDay(joined) <= day else { return "" }
    return member.product ?? ""
  }

  /// The base of a purchase under a rule: nothing where the rule is not for it, or less than its minimum stands.
  func counted(_ rule: WorldRule, _ purchase: WorldFact) -> Exact {
    guard admits(rule, purchase) else { return .zero }
    let base = base(rule, purchase)
    return base < Exact(rule.minimum ?? 0) ? .zero : base
  }

  /// What a purchase alone is worth under a rule, before any cap.
  func uncapped(_ rule: WorldRule, _ purchase: WorldFact) -> Int {
    worth(rule.rate, of: counted(rule, purchase)).rounded(rule.rounding ?? .halfUp)
  }

  private func worth(_ rate: WorldRate, of amount: Exact) -> Exact {
    guard amount > .zero else { return .zero }
    switch rate {
    case .percent(let percent): return amount * Exact(Int128(percent), 10_000)
    case .perFull(let give, let step): return Exact(give * (amount / Exact(step)).floor)
    case .per(let give, let step): return Exact(give) * amount / Exact(step)
    case .flat(let give): return Exact(give)
    case .steps(let isWhole, let steps):
      var sum = Exact.zero
      for (index, step) in steps.enumerated() where amount >= Exact(step.from) {
        let share = Exact(Int128(step.percent), 10_000)
        if isWhole {
          sum = amount * share
        } else {
          let top = index + 1 < steps.count ? min(amount, Exact(steps[index + 1].from)) : amount
          sum = sum + (top - Exact(step.from)) * share
        }
      }
      return sum
    case .atSpend(let give, let spend): return amount >= Exact(spend) ? Exact(give) : .zero
    case .everySpend(let give, let spend): return Exact(give * (amount / Exact(spend)).floor)
    case .atPurchases, .everyPurchases: return .zero
    }
  }

  /// What the purchases of a period are worth together (law 3).
  private func worth(_ rule: WorldRule, _ purchases: [WorldFact]) -> Int {
    let rounding = rule.rounding ?? .halfUp
    let spend = purchases.reduce(Exact.zero) { $0 + counted(rule, $1) }
    let count = purchases.count { counted(rule, $0) > .zero }
    switch rule.rate {
    case .atPurchases(let give, let least): return count >= least ? give : 0
    case .everyPurchases(let give, let each): return give * (count / each)
    default: break
    }
    if rule.per != nil { return worth(rule.rate, of: spend).rounded(rounding) }
    var sum = purchases.reduce(0) { $0 + uncapped(rule, $1) }
    switch rule.cap?.measure {
    case .reward(let most): sum = min(sum, most)
    case .spend(let most): sum = min(sum, worth(rule.rate, of: Exact(most)).rounded(rounding))
    case .times(let most):
      if case .flat(let give) = rule.rate { sum = min(sum, most * give) }
    case nil: break
    }
    if let floor = rule.floor, sum > 0 { sum = max(sum, floor) }
    return sum
  }

  /// All periods of all members and rules, in a fixed order (law 4).
  func periods() -> [Period] {
    var groups: [String: (rule: WorldRule, purchases: [WorldFact])] = [:]
    for purchase in purchases {
      guard let version = world.version(on: purchase.day) else { continue }
      for rule in world.versions[version].rules {
        let name =
          "\(purchase.member) \(rule.name) \(rule.unit) \(period(rule, purchase, version))"
        groups[name, default: (rule, [])].purchases.append(purchase)
      }
    }
    return groups.sorted { $0.key < $1.key }.map { name, group in
      Period(
        member: group.purchases[0].member,
        rule: group.rule.name,
        unit: group.rule.unit,
        name: name,
        purchases: group.purchases.map(\.id),
        worth: worth(group.rule, group.purchases)
      )
    }
  }

  /// The name of the period that a purchase counts in; a purchase of a rule that adds nothing up is its own.
  private func period(_ rule: WorldRule, _ purchase: WorldFact, _ version: Int) -> String {
    let (year, month, _) = purchase.day.parts
    guard let period = rule.per ?? rule.cap?.period ?? (rule.floor == nil ? nil : .month) else {
      return "purchase \(purchase.id)"
    }
    // A period goes on under a next version that does not change what it is worth.
    var first = version
    while first > 0,
      let before = world.versions[first - 1].rules.first(where: { $0.name == rule.name }),
      isWorthTheSame(before, rule)
    { first -= 1 }
    switch period {
    case .month: return "version \(first) month \(year)-\(month)"
    case .year: return "version \(first) year \(year)"
    case .campaign: return "version \(first)"
    }
  }

  private func isWorthTheSame(_ a: WorldRule, _ b: WorldRule) -> Bool {
    if a.cap != b.cap || a.floor != b.floor || a.per != b.per || a.unit != b.unit { return false }
    if a.per != nil { return a.rate == b.rate }
    if case .reward = a.cap?.measure { return true }
    return a.cap == nil || a.rate == b.rate
  }

  /// The last day on which what a purchase earned can be used.
  func end(_ rule: WorldRule, _ purchase: WorldFact) -> WorldDay? {
    guard let expires = rule.expires else { return nil }
    let day: WorldDay
    switch expires.length {
    case .days(let days): day = purchase.day + days
    case .months(let months): day = purchase.day.adding(months: months)
    case .on(let last): return WorldDay(last)
    }
    return switch expires.end {
    case .itself: day
    case .month: day.monthEnd
    case .year: day.yearEnd
    }
  }
}
