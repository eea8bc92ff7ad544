import Civil
import Formats
import Ledger

/// A member of the world with what it truly holds.
struct WorldMember: Codable, Sendable {
  let token: String
  var reference: String
  let programme: Int
  /// Uncapped base reward by month, where the programme caps.
  var monthSums: [Int32: Int64] = [:]
  /// Bonus cashback, and cash from lapsed miles by currency code.
  var bonus: Int64 = 0
  var lapsedCash: Int64 = 0
  var lots: [WorldLot] = []
  var debt: Int64 = 0
  /// What the debt cost; rounding can leave some of it on a debt of nothing.
  var debtCost: Int64 = 0
  var miles: Int64 = 0
}

/// A lot of store credit.
struct WorldLot: Codable, Sendable {
  let purchase: Int
  let day: Int32
  var face: Int64
  var cost: Int64
}

/// A purchase that can still be refunded.
struct WorldPurchase: Codable, Sendable {
  let number: Int
  let reference: String
  let member: Int
  let day: Int32
  let amount: Int64
  let currency: Int16
  let billed: Int64
  let category: String
  let merchant: String
  var taken: Int64 = 0
  /// Place among all purchases in the order in which they reached the bank's feed.
  var posted = 0
  /// Reward of the base rule as it stands, in the reward's unit, before caps.
  var base: Int64 = 0
  var bonus: Int64 = 0
  var share: Int64 = 0
  /// State of a miles lot: night it was posted, quantities that moved.
  var night: Int = 0
  var milesTaken: Int64 = 0
  var rejected: Int64 = 0
  var rejectedCost: Int64 = 0
  var lapsed: Int64 = 0
  var milesEarned: Int64 = 0
  /// What was taken back by reversal lines that wait for the answer.
  var waiting: Int64 = 0
  var answered = false
}

/// A rejected line that waits for its cure or its end.
struct WorldRejection: Codable, Sendable {
  let purchase: Int
  let day: Int32
  let reference: String
  var accepted: Int64
}

/// Miles that a reversal line takes back.
struct WorldReversal: Codable, Sendable {
  let purchase: Int
  var quantity: Int64
  let whole: Int64
  let cost: Int64
  var filedIn: String?
}

/// A payment order or a receipt on its way.
struct WorldPayment: Codable, Sendable {
  let partner: String
  let currency: String
  let minor: Int64
  let reference: String
  let dueDay: Int32
  let number: String
}

/// A seeded bank with its partners: what happens, what is written, and what is true.
package struct World: Codable, Sendable {
  /// Members of the bank at full size.
  package static let membersStandard = 2_400
  /// Records of an ordinary night at full size.
  package static let recordsStandard = 3_400

  let seed: UInt64
  let recordsPerNight: Int
  package internal(set) var night = 0
  var members: [WorldMember]
  var purchases: [Int: WorldPurchase] = [:]
  var recent: [Int] = []
  /// Purchases that earned miles, by the night on which they were posted.
  var milesByNight: [Int: [Int]] = [:]
  var held: [Int: [WorldPurchase]] = [:]
  var nextPurchase = 1
  var nextPosted = 1
  var rejections: [WorldRejection] = []
  var answeredStatements: Set<String> = []
  var unansweredFiled: [String: Int64] = [:]
  var deadlineFiled: [String: Int64] = [:]
  var statementDays: [String: Int32] = [:]
  var answerSequence = 0
  var tillSequences: [String: Int] = [:]
  var bankSequences: [String: Int] = [:]
  var bankBalances: [String: Int64] = [:]
  var sequences: [String: Int] = [:]
  var closings: [String: Int64] = [:]
  var orders: [WorldPayment] = []
  var receipts: [WorldPayment] = []
  var reversals: [WorldReversal] = []
  var partnerOnly: [Int64] = []
  var tillRefused: [String: [Int64]] = [:]
  var unknownReceipts: [String: [Int64]] = [:]
  var faults: [String] = []
  var lastDay: Int32 = 0
  var settledTonight: [String: Int64] = [:]
  var cures: [Int: [Int]] = [:]
  /// Miles of cured lines that tonight's statement carries again.
  var refiledTonight: Int64 = 0
  /// Cost of lines that a statement carries again.
  var refiledCosts: [String: Int64] = [:]
  var refiledCostTonight: Int64 = 0
  /// Night on which a statement was issued.
  var statementNights: [String: Int] = [:]
  var records = 0

  /// Makes a world.
  ///
  /// - Parameters:
  ///   - seed: The same seed gives the same world.
  ///   - count: Number of members; at least 12.
  ///   - recordsPerNight: Records of an ordinary night.
  package init(
    seed: UInt64,
    members count: Int = World.membersStandard,
    recordsPerNight: Int = World.recordsStandard
  ) {
    self.seed = seed
    self.recordsPerNight = recordsPerNight
    // Of twelve members four hold cashback in EUR, two in SEK, two Lumen credit, one Bokbio
    // credit and three miles.
    let shares = [0, 0, 0, 0, 1, 1, 2, 2, 3, 4, 4, 4]
    members = (0..<count).map { index in
      let programme = shares[index % shares.count]
      let prefix = WorldProgramme.all[programme].prefix
      return WorldMember(
        token: "\(prefix)_\(pad(index + 1, 6))",
        reference: "\(100_000 + index)",
        programme: programme
      )
    }
  }

  /// The randomness of one purpose of one night, so that no purpose disturbs another.
  func randomness(_ purpose: UInt64) -> Randomness {
    Randomness(seed: seed &* 1_000_003 &+ UInt64(night) &* 7_919 &+ purpose)
  }

  /// The members of each programme, as files for `kvitt member import`.
  package var memberFiles: [(programme: String, bytes: [UInt8])] {
    WorldProgramme.all.enumerated().map { index, programme in
      let rows = members.filter { $0.programme == index }
        .map { Enrolment(token: $0.token, reference: $0.reference) }
      return (programme.code, MemberFile(members: rows, name: "members").bytes)
    }
  }
}
