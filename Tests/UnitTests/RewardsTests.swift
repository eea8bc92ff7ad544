import Civil
import Ledger
import Rewards
import Testing

@Suite struct RewardsTests {
  private func rule(
    _ kind: RewardKind = .cashback,
    _ rate: EarnRate,
    pays: String? = nil,
    reimbursed: String? = nil,
    price: String? = nil,
    cap: Int64? = nil
  ) -> EarnRule {
    EarnRule(
      ordinal: 1,
      name: "base",
      kind: kind,
      unit: "U",
      currency: .eur,
      rate: rate,
      partner: "P",
      partnerPays: pays.flatMap(ExactDecimal.init),
      reimbursedAt: reimbursed.flatMap(ExactDecimal.init),
      price: price.flatMap(ExactDecimal.init),
      period: cap.map { EarnPeriod(.atMost($0), in: .month) }
    )
  }

  private func facts(_ billed: Int64, original: Int64? = nil) throws -> PurchaseFacts {
    PurchaseFacts(
      billed: billed,
      original: original ?? billed,
      category: 5411,
      merchant: try #require(ShortID("M")),
      date: CivilDate(days: 20_000),
      currency: Currency.eur.rawValue
    )
  }

  private let onePercent = EarnRate.percent(ExactDecimal(units: 1, scale: 0))

  @Test func `E1 and E4: one percent, and a bonus of which the partner pays three quarters`() throws
  {
    let base = try rule(.cashback, onePercent).change(
      for: facts(100_000),
      remaining: 100_000,
      booked: .nothing,
      monthSum: 0
    )
    #expect(base.quantity == 1_000 && base.share == 0)
    let bonus = try rule(.cashback, .percent(ExactDecimal(units: 4, scale: 0)), pays: "75").change(
      for: facts(80_000),
      remaining: 80_000,
      booked: .nothing,
      monthSum: 0
    )
    #expect(bonus.cost == 3_200 && bonus.share == 2_400)
  }

  @Test func `E15: three partial refunds take back exactly what one would, for each funder too`()
    throws
  {
    let rule = rule(.cashback, onePercent, pays: "75")
    let facts = try facts(10_000)
    var booked = try rule.change(for: facts, remaining: 10_000, booked: .nothing, monthSum: 0)
    var taken: [(Int64, Int64)] = []
    for remaining in [Int64(6_667), 3_334, 0] {
      let change = try rule.change(
        for: facts,
        remaining: remaining,
        booked: booked,
        monthSum: booked.uncapped
      )
      taken.append((-change.quantity, -change.share))
      booked.quantity += change.quantity
      booked.cost += change.cost
      booked.share += change.share
      booked.uncapped += change.uncapped
    }
    #expect(taken.map(\.0) == [33, 34, 33])
    #expect(taken.map(\.1) == [25, 25, 25])
    #expect(booked == .nothing)
  }

  @Test func `E16: a refund at another rate takes back by the original currency`() throws {
    let rule = rule(.cashback, onePercent)
    let facts = try facts(114_900, original: 10_000)
    let earned = try rule.change(for: facts, remaining: 10_000, booked: .nothing, monthSum: 0)
    #expect(earned.quantity == 1_149)
    let back = try rule.change(for: facts, remaining: 0, booked: earned, monthSum: 0)
    #expect(back.quantity == -1_149)
  }

  @Test func `S1: three percent credit at 80 percent of face`() throws {
    let change = try rule(.credit, .percent(ExactDecimal(units: 3, scale: 0)), reimbursed: "80")
      .change(for: facts(200_000), remaining: 200_000, booked: .nothing, monthSum: 0)
    #expect(change.quantity == 6_000 && change.cost == 4_800)
  }

  @Test func `M1: fifteen miles per full hundred at four decimals`() throws {
    let change = try rule(
      .miles,
      .perFull(quantity: 15, each: 10_000),
      price: "0.0850"
    ).change(for: facts(345_000), remaining: 345_000, booked: .nothing, monthSum: 0)
    #expect(change.quantity == 510 && change.cost == 4_335)
  }

  @Test func `a capped month is worth the same in every order of its facts`() throws {
    let rule = rule(.cashback, onePercent, cap: 100)
    // Purchases of 80, 50 and 40, the second fully and the first half refunded.
    let amounts: [Int64] = [8_000, 5_000, 4_000]
    let steps: [(Int, Int64)] = [(0, 8_000), (1, 5_000), (2, 4_000), (1, 0), (0, 4_000)]
    var seen: Set<Int64> = []
    for order in permutations(Array(steps.indices)) {
      var booked = [Booked](repeating: .nothing, count: 3)
      var remaining = amounts
      var sum: Int64 = 0
      var arrived: Set<Int> = []
      for step in order {
        let (purchase, left) = steps[step]
        remaining[purchase] = min(remaining[purchase], left)
        if step < 3 { arrived.insert(purchase) }
        guard arrived.contains(purchase) else { continue }
        let change = try rule.change(
          for: facts(amounts[purchase]),
          remaining: remaining[purchase],
          booked: booked[purchase],
          monthSum: sum
        )
        sum += change.uncapped
        booked[purchase].uncapped += change.uncapped
        booked[purchase].quantity += change.quantity
        booked[purchase].cost += change.cost
      }
      seen.insert(booked.map(\.quantity).reduce(0, +))
    }
    #expect(seen == [80])
  }

  @Test func `lots end at zero in quantity and cost however they are consumed`() throws {
    let day = try #require(CivilDate("2026-01-01"))
    for first in Int64(1)...20 {
      var lots = [
        OpenLot(id: 1, availableOn: day, rule: 1, agreement: 1, quantity: 21, cost: 17),
        OpenLot(id: 2, availableOn: day, rule: 1, agreement: 1, quantity: 9, cost: 7),
      ]
      let one = try consume(first, from: &lots)
      let two = try consume(30 - first, from: &lots)
      #expect(one.missing == 0 && two.missing == 0)
      #expect((one.parts + two.parts).map(\.cost).reduce(0, +) == 24)
      #expect(lots.allSatisfy { $0.quantity == 0 && $0.cost == 0 })
    }
  }

  @Test func `a rule tells itself in words`() {
    let text = rule(.miles, .perFull(quantity: 15, each: 10_000), price: "0.0085")
      .sentence(currency: .eur)
    #expect(text == "15 U miles for each full 100.00 EUR of P; 0.0085 EUR a mile")
  }

  private func permutations(_ values: [Int]) -> [[Int]] {
    guard values.count > 1 else { return [values] }
    return values.flatMap { value in
      permutations(values.filter { $0 != value }).map { [value] + $0 }
    }
  }
}
