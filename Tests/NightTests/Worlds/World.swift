import TestSupport

/// A record of the card feed.
struct WorldFact: Equatable {
  enum Kind: String {
    case purchase, refund, chargeback
    case represented = "second_presentment"
    case disputeOpened = "dispute_opened"
    case disputeWon = "dispute_won"
    case disputeLost = "dispute_lost"
  }
  var kind: Kind
  /// Whether it undoes the record of the same number, or a part of it.
  var isUndone = false
  /// Its number in the world; a record that undoes has the number of what it undoes.
  var id: Int
  /// The purchase that it concerns.
  var purchase: Int
  var member: Int
  /// In the purchase's currency, hundredths.
  var amount: Int
  /// In euro, hundredths.
  var billed: Int
  var currency = "EUR"
  /// Euro inside what was billed, hundredths.
  var markup = 0
  var category = "5411"
  var merchant = "M-1"
  var country = ""
  var channel = ""
  var day: WorldDay
  /// Minutes since the midnight of the member's own clock.
  var minute = 720
  /// The night with whose file it comes.
  var night: Int

  /// What tells it from every other record.
  var identity: String { identity(undone: isUndone) }

  func identity(undone: Bool) -> String { "\(kind.rawValue) \(id) \(undone)" }
}

/// A member, as the file of members and the offers tell it.
struct WorldMember: Equatable {
  var joined: String?
  var product: String?
  var isInAudience = false
  var choice: String?
}

/// Something that is done by a command after a night.
enum WorldAct: Equatable {
  /// Everybody is paid what can be used of the world's cashback.
  case payout(night: Int)
  /// A member uses a quantity of a unit at once.
  case use(night: Int, member: Int, unit: String, quantity: Int)

  var night: Int {
    switch self {
    case .payout(let night): night
    case .use(let night, _, _, _): night
    }
  }
}

/// How the facts of a world reach the books.
enum WorldOrder: String, CaseIterable {
  /// As the world says.
  case told = "a"
  /// In other nights, and in another order within each.
  case shuffled = "b"
  /// Half of them a second time, in the same file or a later one.
  case twice = "c"
}

/// Terms, members and facts; everything else follows from them.
struct World: Equatable, CustomStringConvertible {
  /// Nights with facts of their own; behind them come quiet ones, and one that refunds all.
  static let nights = 8
  static let refundNight = nights + 1
  static let allNights = refundNight + 4

  /// The business date of a night: each Monday, since the calendar closes all other days.
  static func date(_ night: Int) -> WorldDay { WorldDay(2025, 12, 1) + 7 * night }

  var seed: UInt64
  var versions: [WorldVersion]
  var members: [WorldMember]
  var facts: [WorldFact]
  var acts: [WorldAct] = []
  /// Whether the facts are told as they stand, and in no other order.
  var isPlain = false

  var rules: [WorldRule] { versions.flatMap(\.rules) }

  /// Whether what all members get together is limited, so that one member's order is another's.
  var isShared: Bool {
    rules.contains { rule in
      rule.contractCap != nil || rule.budget != nil || rule.sponsors.contains { $0.budget != nil }
    }
  }

  /// The orders in which the facts are told, each to members of its own.
  var orders: [WorldOrder] {
    isPlain || isShared ? [.told] : acts.isEmpty ? WorldOrder.allCases : [.told, .twice]
  }

  /// Whether somebody pays a part of a reward, so that parts of a cent may come.
  var hasParts: Bool { rules.contains { $0.pays != nil || $0.kind == .credit } }

  /// The agreement's version of a day.
  func version(on day: WorldDay) -> Int? {
    versions.lastIndex { WorldDay($0.validFrom) <= day }
  }

  /// The files of all nights before the refunds, in the order of their records.
  func files(_ order: WorldOrder) -> [[WorldFact]] {
    var random = Shuffle(state: seed &+ 17)
    var files = [[WorldFact]](repeating: [], count: World.nights)
    switch order {
    case .told:
      for fact in facts { files[fact.night].append(fact) }
    case .shuffled:
      for fact in facts.shuffled(using: &random) {
        let first = (0..<World.nights).first { World.date($0) >= fact.day } ?? World.nights - 1
        files[Int.random(in: first..<World.nights, using: &random)].append(fact)
      }
    case .twice:
      for fact in facts {
        files[fact.night].append(fact)
        if Bool.random(using: &random) {
          files[Int.random(in: fact.night..<World.nights, using: &random)].append(fact)
        }
      }
    }
    return files
  }

  /// A world that tells its facts alone in the order in which this one tells them in another.
  func plain(_ order: WorldOrder) -> World {
    var world = self
    world.isPlain = true
    world.facts = files(order).enumerated().flatMap { night, facts in
      facts.map { fact in
        var told = fact
        told.night = night
        return told
      }
    }
    return world
  }

  var description: String {
    var text = "seed \(seed)\n"
    for (index, version) in versions.enumerated() {
      text += version.yaml("world", index + 1)
    }
    for (index, member) in members.enumerated() {
      text +=
        "member \(index) joined \(member.joined ?? "-") product \(member.product ?? "-")"
        + " audience \(member.isInAudience) choice \(member.choice ?? "-")\n"
    }
    for fact in facts {
      text +=
        "night \(World.date(fact.night)) member \(fact.member) \(fact.day) \(fact.minute / 60):"
        + "\(fact.minute % 60) \(fact.isUndone ? "undone " : "")\(fact.kind.rawValue) \(fact.id)"
        + " of \(fact.purchase): \(money(fact.amount)) \(fact.currency)"
        + (fact.currency == "EUR"
          ? "" : " billed \(money(fact.billed)) markup \(money(fact.markup))")
        + " mcc \(fact.category) at \(fact.merchant) \(fact.country) \(fact.channel)\n"
    }
    for act in acts { text += "after night \(World.date(act.night)): \(act)\n" }
    return text
  }
}
