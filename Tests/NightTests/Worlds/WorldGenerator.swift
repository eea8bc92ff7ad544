import TestSupport

/// Makes worlds over the grammar of terms: each key at random, in every combination that terms may have.
struct WorldGenerator {
  private var random: Shuffle

  /// The world of a seed.
  static func world(_ seed: UInt64) -> World {
    for attempt in 0..<UInt64(1_000) {
      var generator = WorldGenerator(random: Shuffle(state: seed &* 1_000_003 &+ attempt))
      let world = generator.world(named: seed)
      if !notYet.contains(where: { $0.kinds == nil && $0.holds(world) }) { return world }
    }
    preconditionFailure("no world of seed \(seed) is free of what is not yet right")
  }

  private init(random: Shuffle) { self.random = random }

  private mutating func one(in hundred: Int) -> Bool {
    Int.random(in: 0..<100, using: &random) < hundred
  }

  private mutating func pick<Value>(_ values: [Value]) -> Value {
    values[Int.random(in: 0..<values.count, using: &random)]
  }

  private mutating func world(named seed: UInt64) -> World {
    let count = pick([1, 1, 2, 3])
    var rules = (0..<count).map { rule("r\($0)") }
    if one(in: 10) { rules[0].audience = "OFFER" }
    if count > 1 && one(in: 15) {
      rules[0].chosen = WorldVersion.choices[0]
      rules[1].chosen = WorldVersion.choices[1]
    }
    var versions = [WorldVersion(validFrom: "2025-01-01", rules: rules)]
    if one(in: 25) {
      let index = Int.random(in: 0..<count, using: &random)
      if one(in: 50), rules[index].cap != nil || rules[index].per != nil {
        // The same worth, so that periods go on.
        rules[index].merchants = ["M-1", "M-2", "M-3"]
      } else {
        let old = rules[index]
        rules[index] = rule(old.name)
        rules[index].chosen = old.chosen
        rules[index].unit = rules[index].kind == old.kind ? old.unit : rules[index].unit
      }
      versions.append(
        WorldVersion(validFrom: pick(["2025-12-10", "2026-01-01", "2026-01-08"]), rules: rules)
      )
    }
    let members = (0..<pick([1, 1, 2])).map { _ in member() }
    var world = World(seed: seed, versions: versions, members: members, facts: [])
    let isRound = world.isShared || world.hasParts && one(in: 95)
    for member in members.indices { facts(&world, member, isRound: isRound) }
    if one(in: 25) { use(&world) }
    world.facts.sort { ($0.night, $0.id) < ($1.night, $1.id) }
    return world
  }

  /// Lets members use what they earn: pay-outs of cashback, and store credit at a till.
  private mutating func use(_ world: inout World) {
    for version in world.versions.indices {
      for rule in world.versions[version].rules.indices {
        world.versions[version].rules[rule].expires = nil
        world.versions[version].rules[rule].isShareReturned = false
        world.versions[version].rules[rule].breakage = nil
        world.versions[version].rules[rule].pendingDays = nil
        world.versions[version].rules[rule].fundedAt = nil
        world.versions[version].rules[rule].contractCap = nil
        world.versions[version].rules[rule].isStopping = false
      }
    }
    world.facts.removeAll { [.disputeOpened, .disputeWon, .disputeLost].contains($0.kind) }
    let kinds = Set(world.rules.map(\.kind))
    if kinds.contains(.cashback) {
      for night in [2, 5] where one(in: 80) { world.acts.append(.payout(night: night)) }
    }
    if kinds.contains(.credit) {
      for _ in 0..<2 {
        world.acts.append(
          .use(
            night: Int.random(in: 0..<World.nights, using: &random),
            member: Int.random(in: world.members.indices, using: &random),
            unit: "SC.RET",
            quantity: 20 * Int.random(in: 1...30, using: &random)
          )
        )
      }
    }
  }

  private mutating func member() -> WorldMember {
    let joined: String? = one(in: 50) ? pick(["2025-06-01", "2025-11-20", "2025-12-05"]) : nil
    return WorldMember(
      joined: joined,
      product: joined != nil && one(in: 70) ? pick(["gold", "store"]) : nil,
      isInAudience: one(in: 50),
      choice: one(in: 60) ? pick(WorldVersion.choices) : nil
    )
  }

  private mutating func rule(_ name: String) -> WorldRule {
    let kind = pick(WorldKind.allCases + [.cashback, .cashback])
    let unit =
      switch kind {
      case .cashback: "CB.EUR"
      case .credit: "SC.RET"
      case .miles: "FLY"
      case .points: "PT.W"
      case .stamps: "ST.W"
      case .status: "SX.W"
      }
    var rule = WorldRule(name: name, kind: kind, unit: unit, rate: .flat(0))
    fund(&rule)
    rate(&rule)
    if rule.per == nil { cap(&rule) }
    conditions(&rule)
    time(&rule)
    return rule
  }

  /// Who pays, and when.
  private mutating func fund(_ rule: inout WorldRule) {
    switch rule.kind {
    case .cashback:
      guard one(in: 65) else { return }
      rule.partner = pick(["RET", "SHO", "FLY"])
      rule.pays = pick([25, 50, 75, 100])
      if rule.pays != 100 && one(in: 40) {
        let other: String = pick(["RET", "SHO", "FLY"].filter { name in name != rule.partner })
        rule.sponsors = [WorldSponsor(partner: other, pays: 25, budget: one(in: 30) ? 300 : nil)]
      }
      if one(in: 25) {
        rule.fundedAt = pick(["earning", "availability", "redemption"])
        for index in rule.sponsors.indices { rule.sponsors[index].budget = nil }
      }
      if rule.fundedAt == nil && one(in: 25) {
        rule.budget = pick([200, 1_000, 5_000])
        rule.isStopping = one(in: 30)
      }
    case .credit:
      rule.partner = "RET"
      rule.reimbursed = pick([0, 50, 80, 100])
    case .miles:
      rule.partner = "FLY"
      rule.price = pick(["0.01", "0.02", "0.0085"])
    case .points: rule.price = pick(["0.01", "0.02"])
    case .stamps: rule.price = "0.30"
    case .status: break
    }
  }

  private mutating func rate(_ rule: inout WorldRule) {
    let unit = rule.kind.isMoney ? 20 : 1
    if rule.kind == .stamps {
      rule.rate = .flat(1)
      return
    }
    switch Int.random(in: 0..<10, using: &random) {
    case 0: rule.rate = .flat(unit * pick([1, 5, 25]))
    case 1 where rule.pays == nil || one(in: 20):
      rule.rate = pick([
        .atSpend(unit * 50, pick([10_000, 30_000])), .atPurchases(unit * 10, 3),
        .everySpend(unit * 10, pick([5_000, 10_000])), .everyPurchases(unit * 5, 2),
      ])
      rule.per = pick(WorldPeriod.allCases)
    case 2 where rule.kind.isMoney:
      rule.rate = .steps(
        isWhole: one(in: 50),
        [
          .init(from: 0, percent: 100), .init(from: 10_000, percent: 200),
          .init(from: 30_000, percent: 500),
        ]
      )
      if one(in: 50) { rule.per = pick(WorldPeriod.allCases) }
    case 3: rule.rate = .per(unit * pick([1, 15]), pick([2_000, 10_000]))
    case 4...6 where rule.kind == .cashback && rule.pays == nil:
      rule.rate = .percent(pick([50, 125, 333]))
    case 3...6 where !rule.kind.isMoney:
      rule.rate = .perFull(pick([1, 15]), pick([100, 10_000]))
    default:
      rule.rate =
        rule.kind.isMoney ? .percent(pick([100, 200, 400, 1_000])) : .per(pick([1, 3]), 2_000)
    }
  }

  private mutating func cap(_ rule: inout WorldRule) {
    // What others pay is gated beside periods; it stays rare there, so that enough worlds are left.
    guard one(in: rule.pays == nil ? 55 : 15) else {
      if one(in: 10) { rule.contractCap = rule.kind.isMoney ? 600 : 60 }
      if rule.kind == .status && one(in: 50) { rule.floor = 50 }
      return
    }
    let most = rule.kind.isMoney ? pick([200, 600, 1_000]) : pick([5, 50, 200])
    var measure = WorldCap.Measure.reward(most)
    switch rule.rate {
    case .flat: if one(in: 50) { measure = .times(3) }
    case .percent, .perFull, .per: if one(in: 30) { measure = .spend(pick([20_000, 50_000])) }
    default: break
    }
    rule.cap = WorldCap(period: pick(WorldPeriod.allCases), measure: measure)
  }

  private mutating func conditions(_ rule: inout WorldRule) {
    if one(in: 15) { rule.rounding = pick(WorldRounding.allCases) }
    if one(in: 15) { rule.minimum = pick([2_000, 6_000]) }
    if one(in: 10), rule.minimum == nil { rule.isWithoutMarkup = true }
    if one(in: 10) { rule.merchants = ["M-1", "M-2"] }
    if one(in: 10) { rule.categories = pick([["5411"], ["5400-5499", "0742"]]) }
    if one(in: 8) { rule.merchantsOf = pick(["RET", "SHO"]) }
    if one(in: 8) { rule.countries = ["SE", "NO"] }
    if one(in: 8) { rule.currencies = ["EUR"] }
    if one(in: 8) { rule.channels = ["pos", "web"] }
    if one(in: 8) { rule.weekdays = ["Fri", "Sat", "Sun"] }
    if one(in: 8) { rule.from = "2025-12-08" }
    if one(in: 8) { rule.through = "2026-01-10" }
    if one(in: 8) { rule.joinedWithin = 30 }
    if one(in: 8) { rule.products = ["gold"] }
  }

  private mutating func time(_ rule: inout WorldRule) {
    if rule.kind != .stamps && one(in: 30) { rule.pendingDays = pick([3, 10]) }
    let often = rule.isOfPeriod ? 10 : rule.kind == .credit ? 80 : 50
    guard rule.kind != .status, rule.kind != .miles, one(in: often) else { return }
    rule.expires = WorldExpiry(
      length: pick([.days(12), .days(30), .months(1), .on("2026-01-15")])
    )
    if case .on = rule.expires?.length {
    } else {
      rule.expires?.end = pick([.itself, .itself, .month, .year])
    }
    if rule.pays != nil && rule.sponsors.isEmpty && rule.budget == nil
      && rule.fundedAt == nil && one(in: 50)
    {
      rule.isShareReturned = true
    }
    if rule.kind == .credit && one(in: 40) { rule.breakage = 50 }
  }

  private mutating func facts(_ world: inout World, _ member: Int, isRound: Bool) {
    for _ in 0..<Int.random(in: 2...9, using: &random) {
      let night = Int.random(in: 0..<World.nights, using: &random)
      var purchase = WorldFact(
        kind: .purchase,
        id: world.facts.count + 1,
        purchase: world.facts.count + 1,
        member: member,
        amount: isRound
          ? 2_000 * Int.random(in: 1...20, using: &random)
          : pick([
            Int.random(in: 1...5_000, using: &random),
            Int.random(in: 5_000...40_000, using: &random),
            10_000, 30_000,
          ]),
        billed: 0,
        day: World.date(night) + -Int.random(in: 0...(one(in: 15) ? 40 : 6), using: &random),
        night: night
      )
      purchase.billed = purchase.amount
      if !isRound && one(in: 15) {
        purchase.currency = "SEK"
        purchase.billed = max(1, purchase.amount / 11)
        purchase.markup = purchase.billed / 50
      }
      purchase.category = pick(["5411", "5411", "5499", "0742", "6011"])
      purchase.merchant = pick(["M-1", "M-1", "M-2", "M-3"])
      purchase.country = pick(["SE", "SE", "DK", ""])
      purchase.channel = pick(["pos", "pos", "web", "app", ""])
      purchase.minute = pick([720, 720, 15, 1_430])
      world.facts.append(purchase)
      follow(&world, purchase, isRound: isRound)
    }
  }

  /// Refunds, chargebacks and what undoes them.
  private mutating func follow(_ world: inout World, _ purchase: WorldFact, isRound: Bool) {
    func record(_ kind: WorldFact.Kind, _ amount: Int, _ night: Int, id: Int? = nil) -> WorldFact {
      var fact = purchase
      fact.kind = kind
      fact.id = id ?? world.facts.count + 1
      fact.amount = amount
      fact.billed = max(1, purchase.billed * amount / purchase.amount)
      fact.markup = 0
      fact.night = night
      fact.day = World.date(night)
      return fact
    }
    func later(_ random: inout Shuffle) -> Int {
      Int.random(in: purchase.night..<World.nights, using: &random)
    }
    let grain = isRound ? 2_000 : 1
    func part(_ random: inout Shuffle) -> Int {
      max(1, Int.random(in: 0...purchase.amount / grain, using: &random)) * grain
    }
    switch Int.random(in: 0..<10, using: &random) {
    case 0...2:
      for _ in 0..<pick([1, 1, 2, 3]) {
        // Some come before the record of their purchase.
        let early = (0..<World.nights).first { World.date($0) >= purchase.day } ?? purchase.night
        let refund = record(.refund, part(&random), one(in: 20) ? early : later(&random))
        world.facts.append(refund)
        if one(in: 20) {
          let part = one(in: 25) ? refund.amount / 2 / grain * grain : 0
          var undone = record(
            .refund,
            part > 0 ? part : refund.amount,
            World.nights - 1,
            id: refund.id
          )
          undone.isUndone = true
          world.facts.append(undone)
        }
      }
    case 3: world.facts.append(record(.refund, purchase.amount, later(&random)))
    case 4:
      let part = one(in: 15) ? purchase.amount / 2 / grain * grain : 0
      var undone = record(
        .purchase,
        part > 0 ? part : purchase.amount,
        later(&random),
        id: purchase.id
      )
      undone.isUndone = true
      world.facts.append(undone)
    case 5:
      world.facts.append(record(.chargeback, purchase.amount, later(&random)))
      if one(in: 50) {
        world.facts.append(record(.represented, purchase.amount, World.nights - 1))
      }
    case 6:
      world.facts.append(record(.disputeOpened, purchase.amount, later(&random)))
      if one(in: 70) {
        let end: WorldFact.Kind = one(in: 50) ? .disputeWon : .disputeLost
        world.facts.append(record(end, purchase.amount, World.nights - 1))
      }
    default: break
    }
  }
}
