/// A flow: how one row of the reward subledger moves money, units, lots, debts and statements.
///
/// A new flow is a case with the next number and a row of facts beside it, in the file of its subject;
/// the numbers stand in sealed leaves and never change.
package enum Flow: Int16, CaseIterable, Sendable {
  case earnCashback = 1
  case payOutCashback = 25
  case restoreCashback = 26
  case sponsorShare = 62
  case clawbackCashback = 2
  case returnSponsorShare = 63
  case debtCashback = 3
  case offsetCashback = 21
  case writeOffDebt = 29
  case expireCashback = 8
  case clawbackExpiredCashback = 19
  case goodwillCashback = 28
  case goodwillCredit = 33

  case earnCredit = 4
  case redeemCredit = 7
  case captureCredit = 23
  case confirmCredit = 24
  case oweCredit = 31
  case expireCredit = 9
  case clawbackExpiredCredit = 20
  case returnCredit = 27
  case returnOwedCredit = 32
  case clawbackCredit = 5
  case debtCredit = 6
  case cheaperCredit = 70
  case dearerCredit = 71
  case offsetCredit = 22

  case earnPoints = 37
  case redeemPoints = 40
  case chargePoints = 41
  case chargeItem = 72
  case returnItem = 73
  case returnPoints = 74
  case clawbackPoints = 38
  case debtPoints = 39
  case offsetPoints = 45
  case earnStamps = 46
  case debtStamps = 48
  case offsetStamps = 54
  case clawbackStamps = 47
  case convertStamps = 49
  case awardVoucher = 50
  case redeemVoucher = 51
  case expireStamps = 52
  case clawbackExpiredStamps = 53
  case grantBenefit = 55
  case useBenefit = 56
  case chargeBenefit = 57
  case expireBenefit = 58
  case earnBonus = 59
  case reverseBonus = 60
  case debtBonus = 61

  case earnMiles = 10
  case fileSettled = 79
  case acceptMiles = 13
  case acceptFiled = 80
  case rejectMiles = 14
  case rejectFiled = 81
  case refileMiles = 17
  case lapseMiles = 18
  case reverseMiles = 11
  case dropRejected = 16
  case reversalLine = 12
  case takeBackMiles = 15
  case buyMiles = 82
  case reservePrepaid = 83
  case acceptPrepaid = 85
  case drawPrepaid = 86
  case freePrepaid = 84
  case takeBackPrepaid = 87
  case returnPrepaid = 88
  case convertPoints = 66
  case convertedCost = 67

  case expirePoints = 43
  case clawbackExpiredPoints = 44
  case cheaperMiles = 68
  case dearerMiles = 69
  case breakageShare = 64
  case returnBreakageShare = 65

  case handOver = 75
  case receive = 76
  case handOverDebt = 77
  case receiveDebt = 78

  case openCashback = 34
  case openCredit = 35
  case openDebt = 36
}

extension Flow {
  private static let rows =
    FlowFacts.cashback + FlowFacts.credit + FlowFacts.points + FlowFacts.miles + FlowFacts.programme

  /// Where the row of each number stands in `rows`.
  private static let places: [Int] = {
    var places = [Int](repeating: -1, count: 1 + Int(allCases.map(\.rawValue).max() ?? 0))
    for (place, row) in rows.enumerated() {
      precondition(places[Int(row.flow.rawValue)] < 0, "two rows of \(row.flow)")
      places[Int(row.flow.rawValue)] = place
    }
    for flow in allCases { precondition(places[Int(flow.rawValue)] >= 0, "no row of \(flow)") }
    return places
  }()

  private var facts: FlowFacts { Flow.rows[Flow.places[Int(rawValue)]] }

  /// Code of the worked example that it books; unique.
  package var code: String { facts.code }

  /// Further worked examples that it books, alone or beside the flow of that code.
  package var examples: [String] { facts.examples }

  /// What it is, in a sentence.
  package var name: String { facts.name }

  /// What `explain` says before the quantity.
  package var verb: String { facts.verb }

  /// Money that a row moves.
  package var money: [MoneyMove] { facts.money }

  /// Money legs, each debit before its credit.
  package var legs: [Leg] { facts.money.flatMap(\.legs) }

  /// Units that a row moves, nil where it moves none.
  package var units: UnitMove? { facts.units }

  /// What a row does to what the member holds.
  package var effect: Effect { facts.effect }

  /// The line of the statement's `settled` section that a row gives, nil where it gives none.
  package var line: SettledLine? { facts.line }

  /// Column of the liability's roll-forward.
  package var rollForward: RollForward { facts.rollForward }

  /// Whether the share of a row is what a funder bears of its cost; of other flows it is a part of
  /// breakage.
  package var sharesCost: Bool { facts.line?.measure == .share }

  /// The flows of which something holds, by number.
  package static func all(where holds: (Flow) -> Bool) -> [Flow] {
    allCases.filter(holds).sorted { $0.rawValue < $1.rawValue }
  }

  /// Whether feeds earn it by the million.
  ///
  /// Nearly all rows are of these, and in the leaf of their own purchase: indexes of movements leave those
  /// out, and queries for movements say so in the words of the index. Stamps, bonuses and benefits are
  /// few, so that they stand in the index.
  package var isBulk: Bool { facts.isBulk }

  /// Whether the row asks for a line of a later statement: a reversal, or a line that goes out again.
  package var waits: Bool { facts.waits }

  /// Whether the row is of the bank itself, and of no member.
  package var isOfBank: Bool { facts.isOfBank }

  /// The flows that feeds earn by the million.
  package static let bulk: [Flow] = all(where: \.isBulk)
}
