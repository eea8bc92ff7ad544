import Civil
import Intake
import Journal
import Ledger
import Redemption
import Rewards
import TestSupport
import Testing

/// One worked flow: what happened before, what happens, and every account and unit that it moves.
struct WorkedFlow: Sendable, CustomTestStringConvertible {
  let name: String
  let rules: String
  var before: @Sendable (AwardDesk) throws -> Void = { _ in }
  let act: @Sendable (AwardDesk) throws -> Void
  let posts: [String: Int64]

  var testDescription: String { name }
}

/// Worked flows posting by posting: exactly these debits, credits and units, debit positive.
@Suite(.serialized) struct FlowTableTests {
  private static let desk = Result { try FeedDesk("flows") }

  @Test(arguments: cashback + pointFlows + tokenFlows)
  func `each flow moves exactly what its row says`(_ flow: WorkedFlow) throws {
    try FlowTableTests.desk.get().fresh { plain in
      let desk = try AwardDesk(
        plain.under(programme: "northbank-cashback", rules: flow.rules)
      )
      try flow.before(desk)
      let moved = try desk.copy.moved { try flow.act(desk) }
      #expect(moved == flow.posts, "\(flow.name)")
      let check = try desk.copy.sandbox.kvitt("ledger", "check")
      #expect(check.status == 0, "\(flow.name): \(check.errors)")
    }
  }

  @Test func `help knows every worked flow`() throws {
    let sandbox = try FlowTableTests.desk.get().sandbox
    for flow in cashback + pointFlows + tokenFlows {
      let code = String(flow.name.prefix { $0.isLetter || $0.isNumber })
      let told = try sandbox.kvitt("help", code)
      #expect(told.status == 0 && told.output.contains(code), "\(flow.name): \(told.errors)")
    }
  }
}

/// A row of the bank's feed on card ca_1.
func flowRow(
  _ reference: String,
  _ amount: Int,
  _ type: String = "purchase",
  of original: String = "",
  at merchant: String = "M-1"
) -> FeedRow {
  FeedRow(
    type: type,
    reference: reference,
    original: original,
    amount: amount,
    merchant: merchant
  )
}

extension AwardDesk {
  /// Takes rows one file each.
  func take(_ rows: FeedRow...) throws {
    for row in rows { try copy.take([row]) }
  }

  /// Asks for everything of a quantity and pays it out.
  fileprivate func payOut(_ minor: Int64) throws {
    try use(minor, of: "CB.EUR", "K-\(minor)")
    try #require(PayoutRun(day()).run().lines == 1)
  }
}

private let plain = "  - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %}"
private let shared = """
    - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %}
    - {name: bonus, reward: cashback, unit: CB.EUR, rate: 4 %, partner: LUM, partner_pays: 75 %}
  """
private let shareLater = """
    - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %, pending_days: 14}
    - {name: bonus, reward: cashback, unit: CB.EUR, rate: 4 %, partner: LUM, partner_pays: 75 %, funded_at: availability, pending_days: 14}
  """
private let expiring = """
    - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %, expires: 12 months, expired_share: return}
    - {name: bonus, reward: cashback, unit: CB.EUR, rate: 4 %, partner: LUM, partner_pays: 75 %, expires: 12 months, expired_share: return}
  """
private let split =
  "  - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %, partner: LUM, partner_pays: 75 %}"
private let promotion = """
    - {name: promo, reward: cashback, unit: CB.EUR, rate: 25 %, partner: LUM, partner_pays: 100 %, budget: 100.00}
  """

/// A third of E15: cost, share.
private func partly(_ number: Int, _ minor: Int, _ cost: Int64) -> WorkedFlow {
  WorkedFlow(
    name: "E15.\(number)",
    rules: split,
    before: { desk in
      try desk.take(flowRow("P1", 10_000))
      for earlier in 1..<number { try desk.take(flowRow("R\(earlier)", 3_333, "refund", of: "P1")) }
    },
    act: { try $0.take(flowRow("R\(number)", minor, "refund", of: "P1")) },
    posts: [
      "2100": cost, "5100": -cost, "5190": 25, "1110": -25, "unit.open": -cost,
      "unit.issued": cost,
    ]
  )
}

private let cashback: [WorkedFlow] = [
  WorkedFlow(
    name: "E2a",
    rules: shareLater.replacing(", funded_at: availability", with: ""),
    before: { try $0.take(flowRow("P1", 80_000)) },
    act: { _ = try FundingRun($0.day()).run() },
    posts: [:]
  ),
  WorkedFlow(
    name: "E2b",
    rules: shareLater,
    before: { try $0.take(flowRow("P1", 80_000)) },
    act: { _ = try FundingRun($0.day()).run() },
    posts: ["1110": 2_400, "5190": -2_400]
  ),
  WorkedFlow(
    name: "E3a",
    rules: plain,
    before: { try $0.take(flowRow("P1", 100_000)) },
    act: { try $0.use(1_000, of: "CB.EUR", "K-1") },
    posts: [:]
  ),
  WorkedFlow(
    name: "E3b",
    rules: plain,
    before: { try $0.take(flowRow("P1", 100_000)) },
    act: { try $0.payOut(1_000) },
    posts: ["2100": 1_000, "1020": -1_000, "unit.open": -1_000, "unit.redeemed": 1_000]
  ),
  WorkedFlow(
    name: "E3d",
    rules: shared.replacing("75 %", with: "75 %, funded_at: redemption"),
    before: { try $0.take(flowRow("P1", 80_000)) },
    act: { try $0.payOut(4_000) },
    posts: [
      "2100": 4_000, "1110": 2_400, "1020": -4_000, "5190": -2_400, "unit.open": -4_000,
      "unit.redeemed": 4_000,
    ]
  ),
  WorkedFlow(
    name: "E7",
    rules: shared,
    before: { try $0.take(flowRow("P1", 80_000)) },
    act: { try $0.take(flowRow("R1", 40_000, "refund", of: "P1")) },
    posts: [
      "2100": 2_000, "5190": 1_200, "5100": -2_000, "1110": -1_200, "unit.open": -2_000,
      "unit.issued": 2_000,
    ]
  ),
  WorkedFlow(
    name: "E10",
    rules: plain,
    before: { desk in
      try desk.take(flowRow("P1", 100_000))
      try desk.payOut(1_000)
      try desk.take(flowRow("R1", 100_000, "refund", of: "P1"))
    },
    act: { try $0.take(flowRow("P2", 60_000)) },
    posts: ["5100": 600, "1300": -600, "unit.issued": -600, "unit.debt": 600]
  ),
  WorkedFlow(
    name: "E12",
    rules: plain,
    before: { try $0.take(flowRow("P1", 100_000)) },
    act: { try $0.take(flowRow("D1", 100_000, "dispute_opened", of: "P1")) },
    posts: [:]
  ),
  WorkedFlow(
    name: "E13b",
    rules: plain,
    before: { desk in
      try desk.take(flowRow("P1", 100_000), flowRow("D1", 100_000, "dispute_opened", of: "P1"))
    },
    act: { try $0.take(flowRow("D2", 100_000, "dispute_lost", of: "P1")) },
    posts: [:]
  ),
  WorkedFlow(
    name: "E14b",
    rules: plain,
    before: { desk in
      try desk.take(flowRow("P1", 100_000))
      try desk.payOut(1_000)
      try desk.take(flowRow("C1", 100_000, "chargeback", of: "P1"))
    },
    act: { try $0.take(flowRow("S1", 100_000, "second_presentment", of: "P1")) },
    posts: ["5100": 1_000, "1300": -1_000, "unit.issued": -1_000, "unit.debt": 1_000]
  ),
  WorkedFlow(
    name: "E14c",
    rules: plain,
    before: { desk in
      try desk.take(flowRow("P1", 100_000))
      try desk.payOut(1_000)
      try desk.take(flowRow("C1", 100_000, "chargeback", of: "P1"), flowRow("P2", 60_000))
    },
    act: { try $0.take(flowRow("S1", 100_000, "second_presentment", of: "P1")) },
    posts: [
      "5100": 1_000, "1300": -400, "2100": -600, "unit.issued": -1_000, "unit.debt": 400,
      "unit.open": 600,
    ]
  ),
  partly(1, 3_333, 33), partly(2, 3_333, 34), partly(3, 3_334, 33),
  WorkedFlow(
    name: "E16: the refund comes at another rate, the purchase's own amount decides",
    rules: plain,
    before: { desk in
      try desk.take(
        FeedRow(reference: "P1", amount: 10_000, currency: "USD", billed: 114_900)
      )
    },
    act: { desk in
      var refund = flowRow("R1", 10_000, "refund", of: "P1")
      (refund.currency, refund.billed) = ("USD", 116_000)
      try desk.take(refund)
    },
    posts: ["2100": 1_149, "5100": -1_149, "unit.open": -1_149, "unit.issued": 1_149]
  ),
  WorkedFlow(
    name: "E17a",
    rules: plain.replacing("1 %", with: "1 %, expires: 12 months"),
    before: { try $0.take(flowRow("P1", 100_000)) },
    act: { _ = try $0.expire("2027-09-06") },
    posts: ["2100": 1_000, "4200": -1_000, "unit.open": -1_000, "unit.expired": 1_000]
  ),
  WorkedFlow(
    name: "E17b",
    rules: expiring,
    before: { try $0.take(flowRow("P1", 80_000)) },
    act: { _ = try $0.expire("2027-09-06") },
    posts: [
      "2100": 4_000, "5190": 2_400, "4200": -4_000, "1110": -2_400, "unit.open": -4_000,
      "unit.expired": 4_000,
    ]
  ),
  WorkedFlow(
    name: "P3",
    rules: promotion,
    before: { try $0.take(flowRow("P1", 36_000)) },
    act: { try $0.take(flowRow("P2", 10_000)) },
    posts: [
      "5100": 2_500, "1110": 1_000, "2100": -2_500, "5190": -1_000, "unit.issued": -2_500,
      "unit.open": 2_500,
    ]
  ),
  WorkedFlow(
    name: "P4",
    rules: promotion,
    before: { try $0.take(flowRow("P1", 36_000), flowRow("P2", 10_000)) },
    act: { try $0.take(flowRow("R1", 2_000, "refund", of: "P2")) },
    posts: [
      "2100": 500, "5190": 200, "5100": -500, "1110": -200, "unit.open": -500,
      "unit.issued": 500,
    ]
  ),
  WorkedFlow(
    name: "O15",
    rules: referral,
    before: { desk in
      try desk.join("ca_2;2;2026-08-20;ca_1")
      try desk.copy.take([FeedRow(reference: "P1", card: "ca_2", amount: 2_000)])
    },
    act: { _ = try $0.award() },
    posts: [
      "5150": 10_000, "2100": -10_000, "unit.issued": -10_000, "unit.open": 10_000,
    ]
  ),
  WorkedFlow(
    name: "O16",
    rules: referral,
    before: { desk in
      try desk.join("ca_2;2;2026-08-20;ca_1")
      try desk.copy.take([FeedRow(reference: "P1", card: "ca_2", amount: 2_000)])
      _ = try desk.award()
      try desk.close("ca_2", "2026-10-20")
    },
    act: { _ = try $0.award("2026-10-21") },
    posts: [
      "2100": 10_000, "5150": -10_000, "unit.open": -10_000, "unit.issued": 10_000,
    ]
  ),
]

private let referral = """
    - {name: friend, reward: cashback, unit: CB.EUR, rate: 50.00 flat, on: referral, minimum: 20.00, joined_within: 60 days, clawback_days: 30, pending_days: 10}
  """
