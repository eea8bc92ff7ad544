import Redemption
import Civil
import Formats
import Foundation
import Intake
import Journal
import Ledger
import Postgres
import TestSupport
import Testing

/// Random purchases, refunds, reversals and pay-outs in random batches under random terms, against an
/// oracle that knows only the whole history and shares no code with the engine.
@Suite(.serialized) struct RewardOracleTests {
  private static let desk = Result { try FeedDesk("oracle") }

  private var isCampaign: Bool {
    ProcessInfo.processInfo.environment["KVITT_CAMPAIGN"] != nil
  }

  @Test func `balances, costs and shares equal the oracle's after every batch`() throws {
    let seed = UInt64(ProcessInfo.processInfo.environment["KVITT_SEED"] ?? "") ?? 20_261_122
    let rounds = isCampaign ? 500 : 5
    print("reward oracle: \(rounds) worlds of 400 events, seed \(seed)")
    var (paid, owing) = (0, 0)
    for round in 0..<rounds {
      var random = Dice(seed &+ UInt64(round))
      let rules = (0..<(1 + random.below(3))).map { OracleRule.random($0, &random) }
      let yaml = rules.map(\.yaml).joined(separator: "\n")
      try RewardOracleTests.desk.get().fresh { plain in
        var copy = try plain.under(programme: "northbank-cashback", rules: yaml)
        if random.below(2) == 0 { copy = try next(copy, rules) }
        var world = OracleWorld(rules: rules)
        var told = 0
        for batch in 1...8 {
          // Every third batch brings mostly goods back, so that members owe what they were paid.
          let events = (0..<50).map { _ in world.event(&random, isReturning: batch % 3 == 0) }
          let changes = (0..<random.below(3)).map { _ in world.change(&random) }
          let isEarly = random.below(2) == 0
          if isEarly { try tell(changes, copy, &told) }
          try copy.take(events.shuffled(using: &random), sequence: batch)
          if !isEarly { try tell(changes, copy, &told) }
          let desk = try PayoutDesk(copy)
          _ = try StandingRun(AwardDesk(copy).day()).run()
          for use in 0..<random.below(4) {
            let member = 1 + random.below(2)
            let amount = world.asked(of: member, &random)
            let isPaid = try desk.isPaid(Int64(amount), of: member, "K-\(batch)-\(use)")
            paid += isPaid ? 1 : 0
            #expect(isPaid == world.use(amount, of: member), "seed \(seed) round \(round)")
          }
          _ = try desk.run()
          let ours = try Held(copy)
          let theirs = world.held
          owing += theirs.debts.contains { $0 > 0 } ? 1 : 0
          #expect(ours == theirs, "seed \(seed) round \(round) batch \(batch)\n\(yaml)")
          guard ours == theirs else { return }
        }
        #expect(try copy.sandbox.kvitt("ledger", "check").status == 0)
      }
    }
    print("reward oracle: \(paid) pay-outs, debts after \(owing) batches")
    #expect(paid > rounds && owing > rounds)
  }

  /// The same rules in another order as a version of their own, in the middle of every period.
  private func next(_ copy: FeedCopy, _ rules: [OracleRule]) throws -> FeedCopy {
    let yaml = rules.reversed().map(\.yaml).joined(separator: "\n")
    let text =
      "agreement: NB-CASHBACK\nversion: 3\nprogramme: northbank-cashback\ncurrency: EUR\n"
      + "valid_from: 2026-08-01\nrules:\n" + yaml
    let applied = try copy.sandbox.apply([copy.sandbox.write(text, "files/next.yaml")])
    #expect(applied.status == 0, "\(applied.errors)")
    return try FeedCopy(sandbox: copy.sandbox, date: copy.date)
  }

  /// Hands changes of standing over as the card system's next file.
  private func tell(_ changes: [[String]], _ copy: FeedCopy, _ told: inout Int) throws {
    guard !changes.isEmpty else { return }
    told += 1
    let bytes = accountEvents(changes, sequence: told)
    #expect(try copy.eventIntake().take(bytes: bytes, name: "AE.csv").rejects.isEmpty)
  }
}

/// Small random numbers with a seed.
private struct Dice: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state &* 0x2545_F491_4F6C_DD1D
  }

  mutating func below(_ bound: Int) -> Int { Int(next() >> 33) % bound }
}

extension PayoutDesk {
  /// Asks for a pay-out that a member may not have the cashback for.
  fileprivate func isPaid(_ minor: Int64, of member: Int, _ key: String) throws -> Bool {
    do {
      _ = try redeemer.hold(
        minor,
        of: Int64(member),
        unit: unit,
        on: copy.date,
        key: key,
        now: now,
        until: nil
      )
      return true
    } catch let refusal as Refusal where refusal.code == .balanceShort {
      return false
    }
  }
}

/// What the books hold, or should: cashback by member net of debts, cost and share in all, and what
/// is open, owed and paid out.
private struct Held: Equatable {
  /// Members have cashback or owe some, never both: debts take from every lot, and lots go to debts.
  var balances: [Int64]
  var debts: [Int64]
  var cost: Int64
  var share: Int64
  var open: Int64
  var paid: Int64

  init(balances: [Int64], cost: Int64, share: Int64, paid: Int64) {
    (self.balances, self.cost, self.share, self.paid) = (balances, cost, share, paid)
    debts = balances.map { max(0, -$0) }
    open = balances.map { max(0, $0) }.reduce(0, +)
  }

  init(_ copy: FeedCopy) throws {
    balances = [try copy.balance(1, "CB.EUR"), try copy.balance(2, "CB.EUR")]
    debts = try (1...2).map { member in
      try copy.number(
        "SELECT coalesce(sum(quantity), 0)::bigint FROM kvitt.member_debt WHERE member_id = \(member)"
      )
    }
    let stands = { (account: String) in
      try copy.number(
        "SELECT coalesce(sum(amount), 0)::bigint FROM kvitt.posting WHERE account = '\(account)'"
      )
    }
    (cost, share) = (try stands("5100"), try stands("1110"))
    (open, paid) = (-(try stands("2100")), -(try stands("1020")))
  }
}

/// A rule as the oracle sees it: decimals and whole history, rounding once at the end.
private struct OracleRule {
  let name: String
  let yaml: String
  let merchant: String?
  let minimum: Int
  /// Months of the rule's period: 1 or 12; nil where each purchase stands alone.
  let months: Int?
  let pays: Int
  /// Whether it asks for good standing.
  let asksStanding: Bool
  /// Reward of a period in which purchases add up to so much.
  let period: @Sendable (Int) -> Int
  /// Reward in minor units of so many minor units that stand, before rounding.
  let rate: @Sendable (Decimal) -> Decimal

  static func random(_ index: Int, _ dice: inout Dice) -> OracleRule {
    let name = "r\(index)"
    if dice.below(3) == 0 { return goal(name, &dice) }
    let (text, rate): (String, @Sendable (Decimal) -> Decimal)
    switch dice.below(4) {
    case 0:
      let tenths = 1 + dice.below(60)
      text = "rate: \(tenths / 10).\(tenths % 10) %"
      rate = { $0 * Decimal(tenths) / 1_000 }
    case 1:
      text = "rate: 7 per full 10.00"
      rate = { amount in
        var (full, source) = (Decimal(), amount / 1_000)
        NSDecimalRound(&full, &source, 0, .down)
        return full * 7
      }
    case 2:
      text = "rate: whole, steps: [{from: 0.00, rate: 1 %}, {from: 80.00, rate: 3 %}]"
      rate = { $0 * ($0 >= 8_000 ? 3 : 1) / 100 }
    default:
      text = "rate: marginal, steps: [{from: 0.00, rate: 1 %}, {from: 80.00, rate: 3 %}]"
      rate = { min($0, 8_000) / 100 + max(0, $0 - 8_000) * 3 / 100 }
    }
    let merchant = dice.below(2) == 0 ? "M-2" : nil
    let minimum = dice.below(2) == 0 ? 2_000 : 0
    let capped = dice.below(3)
    let cap = 100 + dice.below(400)
    // Under a cap, rounding of shares depends on which purchases filled it: the terms' own order.
    let pays = capped == 0 ? [0, 50, 75][dice.below(3)] : 0
    var yaml = "  - {name: \(name), reward: cashback, unit: CB.EUR, \(text)"
    if let merchant { yaml += ", merchants: [\(merchant)]" }
    if minimum > 0 { yaml += ", minimum: 20.00" }
    if capped > 0 {
      yaml += ", \(capped == 1 ? "monthly" : "yearly")_cap: \(cap / 100)."
      yaml += "\(cap % 100 < 10 ? "0" : "")\(cap % 100)"
    }
    if pays > 0 { yaml += ", partner: LUM, partner_pays: \(pays) %" }
    let asksStanding = dice.below(3) == 0
    if asksStanding { yaml += ", standing: good" }
    return OracleRule(
      name: name,
      yaml: yaml + "}",
      merchant: merchant,
      minimum: minimum,
      months: capped == 0 ? nil : capped == 1 ? 1 : 12,
      pays: pays,
      asksStanding: asksStanding,
      period: { capped == 0 ? $0 : min($0, cap) },
      rate: rate
    )
  }

  /// A rule that rewards what a period adds up to.
  private static func goal(_ name: String, _ dice: inout Dice) -> OracleRule {
    let isYear = dice.below(2) == 0
    let sum = 5_000 + dice.below(20_000)
    let spend = "\(sum / 100).\(sum % 100 < 10 ? "0" : "")\(sum % 100) spend"
    let (text, counts, period): (String, Bool, @Sendable (Int) -> Int)
    switch dice.below(5) {
    case 0: (text, counts, period) = ("3.33 at \(spend)", false, { $0 >= sum ? 333 : 0 })
    case 1: (text, counts, period) = ("1.25 every \(spend)", false, { $0 / sum * 125 })
    case 2: (text, counts, period) = ("2.00 at 3 purchases", true, { $0 >= 3 ? 200 : 0 })
    case 3: (text, counts, period) = ("0.90 every 2 purchases", true, { $0 / 2 * 90 })
    default:
      text = "marginal, steps: [{from: 0.00, rate: 1 %}, {from: 100.00, rate: 2 %}]"
      counts = false
      period = { sum in
        rounded(min(Decimal(sum), 10_000) / 100 + max(0, Decimal(sum) - 10_000) * 2 / 100)
      }
    }
    let asksStanding = dice.below(3) == 0
    let start =
      "  - {name: \(name), reward: cashback, unit: CB.EUR, rate: \(text)"
      + (asksStanding ? ", standing: good" : "")
    return OracleRule(
      name: name,
      yaml: start + ", per: \(isYear ? "year" : "month"), minimum: 5.00}",
      merchant: nil,
      minimum: 500,
      months: isYear ? 12 : 1,
      pays: 0,
      asksStanding: asksStanding,
      period: period,
      rate: { counts ? 1 : $0 }
    )
  }
}

private func rounded(_ value: Decimal) -> Int {
  var (out, source) = (Decimal(), value)
  NSDecimalRound(&out, &source, 0, .plain)
  return Int(truncating: out as NSDecimalNumber)
}

private struct OracleWorld {
  struct Purchase {
    let reference: String
    let member: Int
    let amount: Int
    let merchant: String
    let month: Int
    var refunds: [(reference: String, amount: Int, reversed: Bool)] = []
    var reversed = false

    var stands: Int {
      let taken = refunds.filter { !$0.reversed }.map(\.amount).reduce(0, +)
      return reversed ? 0 : amount - min(amount, taken)
    }
  }

  let rules: [OracleRule]
  private var purchases: [Purchase] = []
  /// Changes of standing in the order in which they were told; days as month and day.
  private var changes: [(member: Int, day: Int, isOut: Bool)] = []
  private var count = 0
  /// Cashback that was paid out, by member.
  private var paid = [0, 0]

  init(rules: [OracleRule]) { self.rules = rules }

  /// The next event, noted as having happened.
  mutating func event(_ dice: inout Dice, isReturning: Bool) -> FeedRow {
    count += 1
    let kind = dice.below(isReturning ? 5 : 10)
    if kind < 3, !purchases.isEmpty {
      let place = dice.below(purchases.count)
      let amount = 1 + dice.below(purchases[place].amount)
      purchases[place].refunds.append(("R\(count)", amount, false))
      return row("refund", "R\(count)", purchases[place], amount, original: true)
    }
    if kind == 3, let place = purchases.indices.last(where: { !purchases[$0].reversed }) {
      purchases[place].reversed = true
      return row("purchase", purchases[place].reference, purchases[place], nil, reversal: 1)
    }
    let purchase = Purchase(
      reference: "P\(count)",
      member: 1 + dice.below(2),
      amount: 1 + dice.below(15_000),
      merchant: "M-\(1 + dice.below(2))",
      month: 6 + dice.below(4)
    )
    purchases.append(purchase)
    return row("purchase", purchase.reference, purchase, nil)
  }

  /// The next change of standing, as the fields of an account event.
  mutating func change(_ dice: inout Dice) -> [String] {
    count += 1
    let (member, month, day) = (1 + dice.below(2), 6 + dice.below(4), 1 + dice.below(28))
    let isOut = dice.below(2) == 0
    changes.append((member, month * 100 + day, isOut))
    let date = "2026-0\(month)-\(day < 10 ? "0" : "")\(day)"
    return ["V-\(count)", "good_standing", "ca_\(member)", "", date, isOut ? "out" : "in"]
  }

  /// What a member asks for: all that is there, or any amount.
  func asked(of member: Int, _ dice: inout Dice) -> Int {
    dice.below(3) > 0 ? max(1, Int(held.balances[member - 1])) : 1 + dice.below(900)
  }

  /// A pay-out is given where the member has it.
  mutating func use(_ amount: Int, of member: Int) -> Bool {
    guard held.balances[member - 1] >= amount else { return false }
    paid[member - 1] += amount
    return true
  }

  /// Whether the account was out of good standing on the day of a purchase.
  private func isOut(_ purchase: Purchase) -> Bool {
    let told = changes.enumerated().filter {
      $0.element.member == purchase.member && $0.element.day <= purchase.month * 100 + 5
    }
    let newest = told.max { ($0.element.day, $0.offset) < ($1.element.day, $1.offset) }
    return newest?.element.isOut ?? false
  }

  private func row(
    _ type: String,
    _ reference: String,
    _ purchase: Purchase,
    _ amount: Int?,
    original: Bool = false,
    reversal: Int = 0
  ) -> FeedRow {
    FeedRow(
      type: type,
      reference: reference,
      original: original ? purchase.reference : "",
      reversal: reversal,
      card: "ca_\(purchase.member)",
      amount: amount ?? purchase.amount,
      merchant: purchase.merchant,
      time: "2026-0\(purchase.month)-05T12:00:00+02:00"
    )
  }

  /// What the history so far is worth.
  var held: Held {
    var (balances, cost, share) = (paid.map { Int64(-$0) }, Int64(0), Int64(0))
    for rule in rules {
      for member in 1...2 {
        let mine = purchases.filter {
          $0.member == member && (rule.merchant == nil || rule.merchant == $0.merchant)
        }
        let periods = Dictionary(grouping: mine) { rule.months == 1 ? $0.month : 0 }
        share += Int64(
          mine.map { rounded(Decimal(worth($0, rule)) * Decimal(rule.pays) / 100) }.reduce(0, +)
        )
        for some in periods.values {
          let reward = rule.period(some.map { worth($0, rule) }.reduce(0, +))
          balances[member - 1] += Int64(reward)
          cost += Int64(reward)
        }
      }
    }
    let paid = Int64(paid.reduce(0, +))
    return Held(balances: balances, cost: cost, share: share, paid: paid)
  }

  private func worth(_ purchase: Purchase, _ rule: OracleRule) -> Int {
    guard purchase.stands > 0, purchase.stands >= rule.minimum,
      !rule.asksStanding || !isOut(purchase)
    else { return 0 }
    return rounded(rule.rate(Decimal(purchase.stands)))
  }
}
