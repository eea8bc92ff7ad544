import Foundation

/// Cuts worlds that fail down to the least that still fails in the same way.
struct WorldShrinker {
  let installation: WorldInstallation
  /// How many smaller worlds stand beside each other in one installation.
  static let beside = 24

  struct Failing {
    var world: World
    let kind: WorldComplaint.Kind
    var complaints: [WorldComplaint]

    /// Nights until the complaint.
    var last: Int {
      let ofKind = complaints.filter { $0.kind == kind }.map(\.date)
      return (0..<World.allNights).first { World.date($0) == ofKind.min() }.map { $0 + 1 }
        ?? World.allNights
    }
  }

  /// Cuts several worlds at once: each round tries parts of all of them in one installation.
  func shrink(_ failing: [Failing], rounds: Int) throws -> [Failing] {
    var failing = failing
    var grain = [Int](repeating: 2, count: failing.count)
    var isDone = [Bool](repeating: false, count: failing.count)
    for _ in 0..<rounds {
      let open = failing.indices.filter { !isDone[$0] }
      if open.isEmpty { break }
      var tried: [(index: Int, placed: PlacedWorld)] = []
      for index in open {
        let most = max(4, WorldShrinker.beside / open.count)
        for world in smaller(failing[index].world, grain[index]).prefix(most) {
          tried.append((index, PlacedWorld(tag: "s\(tried.count)", world: world)))
        }
      }
      let last = failing.map(\.last).max() ?? World.allNights
      let found = try judge(tried.map(\.placed), through: last)
      for index in open {
        let best = tried.filter { one in
          one.index == index
            && found[one.placed.tag]?.contains { $0.kind == failing[index].kind } ?? false
        }
        .min { size($0.placed.world) < size($1.placed.world) }
        if let best, size(best.placed.world) < size(failing[index].world) {
          failing[index].world = best.placed.world
          failing[index].complaints = found[best.placed.tag] ?? []
          grain[index] = max(2, grain[index] / 2)
        } else if grain[index] > failing[index].world.facts.count {
          isDone[index] = true
        } else {
          grain[index] *= 2
        }
      }
    }
    return failing
  }

  /// What some worlds are told by the oracle; a night that does not end well is told of all.
  private func judge(
    _ placed: [PlacedWorld],
    through last: Int
  ) throws -> [String: [WorldComplaint]] {
    var found: [String: [WorldComplaint]] = [:]
    do {
      try installation.run(placed, through: last) { night, books in
        for (tag, complaints) in WorldJudge.complaints(placed, night, books) {
          found[tag, default: []] += complaints
        }
      }
    } catch let stop as WorldStop {
      guard placed.count > 1 else {
        let complaint = WorldComplaint(
          kind: stop.night == World.allNights ? .check : .night,
          order: .told,
          date: World.date(stop.night),
          text: stop.text
        )
        return [placed[0].tag: found[placed[0].tag, default: []] + [complaint]]
      }
      // One of them stops the night: each half by itself.
      let half = placed.count / 2
      return try judge(Array(placed[..<half]), through: last)
        .merging(judge(Array(placed[half...]), through: last)) { $0 + $1 }
    }
    return found
  }

  private func size(_ world: World) -> Int {
    world.facts.count * 100 + world.rules.reduce(0) { $0 + $1.lines.count * 5 }
      + world.versions.count * 20 + world.members.count * 20
      + world.facts.reduce(0) {
        $0 + ($1.currency == "EUR" ? 0 : 5) + ($1.amount % 1_000 == 0 ? 0 : 1)
      }
  }

  /// Worlds with something less: a part of the facts, a rule, a key, a version.
  private func smaller(_ world: World, _ grain: Int) -> [World] {
    var worlds: [World] = []
    let ids = Array(Set(world.facts.map(\.purchase))).sorted()
    let parts = min(grain, max(1, world.facts.count))
    for part in 0..<min(parts, ids.count) where ids.count > 1 {
      let gone = Set(
        ids.indices.filter { $0 * min(parts, ids.count) / ids.count == part }.map { ids[$0] }
      )
      var less = world
      less.facts.removeAll { gone.contains($0.purchase) }
      worlds.append(less)
    }
    if grain >= 4 {
      for index in world.facts.indices
      where world.facts[index].kind != .purchase || world.facts[index].isUndone {
        var less = world
        less.facts.remove(at: index)
        worlds.append(less)
      }
    }
    if world.versions.count > 1 {
      for index in world.versions.indices {
        var less = world
        less.versions.remove(at: index)
        less.versions[0].validFrom = "2025-01-01"
        worlds.append(less)
      }
    } else {
      for index in world.versions[0].rules.indices {
        if world.versions[0].rules.count > 1 {
          var less = world
          less.versions[0].rules.remove(at: index)
          worlds.append(less)
        }
        for change in plainer {
          var less = world
          change(&less.versions[0].rules[index])
          if less != world { worlds.append(less) }
        }
      }
    }
    var plain = world
    for index in plain.facts.indices {
      plain.facts[index].currency = "EUR"
      plain.facts[index].billed = plain.facts[index].amount
      plain.facts[index].markup = 0
    }
    if plain != world { worlds.append(plain) }
    return worlds
  }

  /// A rule without one of its keys.
  private var plainer: [(inout WorldRule) -> Void] {
    [
      { $0.rounding = nil }, { $0.isWithoutMarkup = false }, { $0.minimum = nil },
      {
        $0.merchants = []
        $0.categories = []
        $0.countries = []
        $0.currencies = []
        $0.channels = []
        $0.weekdays = []
        $0.products = []
        $0.from = nil
        $0.through = nil
        $0.joinedWithin = nil
        $0.audience = nil
      },
      { $0.cap = nil }, { $0.contractCap = nil }, { $0.floor = nil }, { $0.pendingDays = nil },
      { $0.expires = nil }, { $0.isShareReturned = false }, { $0.sponsors = [] },
      { $0.budget = nil }, { $0.fundedAt = nil }, { $0.breakage = nil },
      { if $0.per == nil && $0.kind == .cashback { $0.rate = .percent(100) } },
      {
        if $0.kind == .cashback && $0.budget == nil {
          $0.partner = nil
          $0.pays = nil
          $0.sponsors = []
          $0.fundedAt = nil
          $0.isShareReturned = false
        }
      },
    ]
  }
}
