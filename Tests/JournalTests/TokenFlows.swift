import Journal
import Intake
import Ledger
import Redemption
import Rewards
import TestSupport
import Testing

private let twoPrices = """
    - {name: base, reward: points, unit: PT.NB, rate: 1 per full 1.00, price: 0.0085, merchants: [M-1], expires: 12 months}
    - {name: shop, reward: points, unit: PT.NB, rate: 1 per full 1.00, price: 0.0090, merchants: [M-9]}
  """

extension AwardDesk {
  /// Uses points as a call does, and posts it.
  fileprivate func spend(_ quantity: Int64, _ key: String) throws {
    try use(quantity, of: "PT.NB", key)
    try #require(post() == 1)
  }
}

let pointFlows: [WorkedFlow] = [
  WorkedFlow(
    name: "O1",
    rules: twoPrices,
    act: { try $0.take(flowRow("P1", 120_000)) },
    posts: ["5130": 1_020, "2150": -1_020, "unit.issued": -1_200, "unit.open": 1_200]
  ),
  WorkedFlow(
    name: "O3",
    rules: twoPrices,
    before: { try $0.take(flowRow("P1", 120_000)) },
    act: { try $0.use(1_000, of: "PT.NB", "K-1") },
    posts: [:]
  ),
  WorkedFlow(
    name: "O4, the issuer's own goods",
    rules: twoPrices,
    before: { try $0.take(flowRow("P1", 120_000)) },
    act: { try $0.spend(1_000, "K-1") },
    posts: ["2150": 850, "5130": -850, "unit.open": -1_000, "unit.redeemed": 1_000]
  ),
  WorkedFlow(
    name: "O6",
    rules: twoPrices,
    before: { desk in
      try desk.take(flowRow("P1", 120_000))
      try desk.spend(1_000, "K-1")
      try desk.take(flowRow("P2", 100_000, at: "M-9"))
    },
    act: { try $0.take(flowRow("R1", 120_000, "refund", of: "P1")) },
    posts: ["2150": 1_070, "5130": -1_070, "unit.open": -1_200, "unit.issued": 1_200]
  ),
  WorkedFlow(
    name: "O7",
    rules: twoPrices,
    before: { desk in
      try desk.take(flowRow("P1", 120_000))
      try desk.spend(1_200, "K-1")
    },
    act: { try $0.take(flowRow("R1", 120_000, "refund", of: "P1")) },
    posts: ["1300": 1_020, "5130": -1_020, "unit.debt": -1_200, "unit.issued": 1_200]
  ),
  WorkedFlow(
    name: "P7, without an estimate",
    rules: twoPrices,
    before: { try $0.take(flowRow("P1", 120_000)) },
    act: { _ = try $0.expire("2027-09-06") },
    posts: ["2150": 1_020, "5130": -1_020, "unit.open": -1_200, "unit.expired": 1_200]
  ),
]

private let cups = """
    - {name: coffee, reward: stamps, unit: ST.KFH, rate: 1 flat, price: 0.30, minimum: 2.00, expires: 3 months}
    - {name: drink, reward: voucher, unit: VO.KFH, for: 10 coffee, price: 3.00, partner: BOK, expires: 6 months}
  """
private let lounge = """
    - {name: lounge, reward: benefit, unit: BN.LOUNGE, grant: 4 per year, price: 22.00, partner: NVA, tiers: gold}
  """

extension AwardDesk {
  fileprivate func drink(_ numbers: ClosedRange<Int>) throws {
    try copy.take(numbers.map { FeedRow(reference: "P\($0)", amount: 300) })
  }

  /// Member 1 is gold, and has what the year grants.
  fileprivate func grantGold() throws {
    try books.note([(1, MemberFact(.tier, "gold", from: copy.date))], source: "test")
    try #require(award().grants == 1)
  }
}

let tokenFlows: [WorkedFlow] = [
  WorkedFlow(
    name: "O8",
    rules: cups,
    act: { try $0.drink(1...1) },
    posts: ["5140": 30, "2160": -30, "unit.issued": -1, "unit.open": 1]
  ),
  WorkedFlow(
    name: "O9: ten stamps convert, one voucher is issued",
    rules: cups,
    before: { try $0.drink(1...10) },
    act: { _ = try $0.award() },
    posts: ["unit.open": -9, "unit.converted": 10, "unit.issued": -1]
  ),
  WorkedFlow(
    name: "O10, owed at once",
    rules: cups,
    before: { desk in
      try desk.drink(1...10)
      _ = try desk.award()
    },
    act: { desk in
      try desk.use(1, of: "VO.KFH", "K-1")
      try #require(desk.post() == 1)
    },
    posts: ["2160": 300, "2410": -300, "unit.open": -1, "unit.redeemed": 1]
  ),
  WorkedFlow(
    name: "O11",
    rules: cups,
    before: { try $0.drink(1...3) },
    act: { _ = try $0.expire("2026-12-06") },
    posts: ["2160": 90, "5140": -90, "unit.open": -3, "unit.expired": 3]
  ),
  WorkedFlow(
    name: "O12",
    rules: lounge,
    act: { try $0.grantGold() },
    posts: ["unit.issued": -4, "unit.open": 4]
  ),
  WorkedFlow(
    name: "O13, owed at once",
    rules: lounge,
    before: { try $0.grantGold() },
    act: { desk in
      try desk.use(1, of: "BN.LOUNGE", "K-1")
      try #require(desk.post() == 1)
    },
    posts: ["5140": 2_200, "2410": -2_200, "unit.open": -1, "unit.redeemed": 1]
  ),
  WorkedFlow(
    name: "O14",
    rules: lounge,
    before: { desk in
      try desk.grantGold()
      try desk.use(1, of: "BN.LOUNGE", "K-1")
      try #require(desk.post() == 1)
    },
    act: { _ = try $0.expire("2027-01-01") },
    posts: ["unit.open": -3, "unit.expired": 3]
  ),
]
