package import Civil
import Ledger

/// Tiers of a programme: what a rule's periods add up to decides them (seed row 31).
package struct TierTerms: Sendable {
  /// A tier and what reaches it.
  package struct Level: Sendable, Hashable {
    package let name: String
    /// Least sum: minor units where the rule sums spending, else its own reward or count.
    package let from: Int64

    package init(name: String, from: Int64) {
      self.name = name
      self.from = from
    }
  }

  /// The days whose purchases qualify.
  package enum Window: Sendable, Hashable {
    /// The calendar year of the programme; what it gives lasts through the next.
    case calendarYear
    /// So many months, the present one included; what they give lasts while they do.
    case rolling(months: Int)
  }

  /// Name of the rule whose sums count.
  package let rule: String
  package let window: Window
  /// Days into a new year in which the old one is tested again (P2), or for which a tier stays once
  /// a rolling window no longer gives it.
  package let graceDays: Int
  /// Ascending.
  package let levels: [Level]

  package init(rule: String, window: Window, graceDays: Int, levels: [Level]) {
    self.rule = rule
    self.window = window
    self.graceDays = graceDays
    self.levels = levels
  }

  /// The first days of the months of the window that is open on a day, and of the one before.
  package func months(on day: CivilDate) -> (current: [CivilDate], previous: [CivilDate]) {
    let first = day.adding(days: 1 - day.components.day)
    switch window {
    case .calendarYear:
      let january = first.adding(months: 1 - first.components.month)
      return (
        (0..<12).map { january.adding(months: $0) },
        (0..<12).map { january.adding(months: $0 - 12) }
      )
    case .rolling(let count): return ((0..<count).map { first.adding(months: -$0) }, [])
    }
  }

  /// What a member should have on a day.
  package struct Decision: Sendable, Equatable {
    /// `none` where nothing.
    package let tier: String
    package let from: CivilDate
    package let through: CivilDate?
    /// Whether purchases since `from` are decided again (P1).
    package let reachesBack: Bool
  }

  /// The change that the sums of a member ask for; nil where what stands is right.
  ///
  /// A rise counts from the first of the month, a fall from the day on: what a tier has given is not
  /// taken back (P2).
  ///
  /// - Parameters:
  ///   - day: The day of the test.
  ///   - current: Sum of the window that is open on the day.
  ///   - previous: Sum of the year before; of a rolling window 0.
  ///   - standing: What is known of the member.
  /// - Returns: The fact to be noted.
  package func decide(
    on day: CivilDate,
    current: Int64,
    previous: Int64,
    standing: MemberStanding
  ) -> Decision? {
    let held = standing.tier(on: day)
    switch window {
    case .calendarYear: return decideByYear(day, current, previous, held, standing)
    case .rolling: return decideRolling(day, current, held)
    }
  }

  private func decideByYear(
    _ day: CivilDate,
    _ current: Int64,
    _ previous: Int64,
    _ held: MemberFact?,
    _ standing: MemberStanding
  ) -> Decision? {
    let year = day.components.year
    guard let start = CivilDate(year: year, month: 1, day: 1),
      let end = CivilDate(year: year, month: 12, day: 31),
      let nextEnd = CivilDate(year: year + 1, month: 12, day: 31)
    else { return nil }
    let graceEnd = start.adding(days: graceDays)
    // After the grace window the old year's result stands as it was at its end.
    let old =
      day <= graceEnd
      ? level(previous) : standing.tier(on: min(day, graceEnd)).flatMap { rank($0.value) }
    let own = level(current)
    let wanted = max(own ?? -1, old ?? -1)
    let through = own == wanted ? nextEnd : end
    let have = held.flatMap { rank($0.value) } ?? -1
    if wanted > have {
      return Decision(
        tier: levels[wanted].name,
        from: day.adding(days: 1 - day.components.day),
        through: through,
        reachesBack: true
      )
    }
    if wanted < have {
      let name = wanted < 0 ? "none" : levels[wanted].name
      let last = wanted < 0 ? held?.through : through
      return Decision(tier: name, from: day, through: last, reachesBack: false)
    }
    // Reached again: the same tier lasts a year longer.
    guard wanted >= 0, own == wanted, let last = held?.through, last < nextEnd else { return nil }
    return Decision(tier: levels[wanted].name, from: day, through: nextEnd, reachesBack: false)
  }

  private func decideRolling(
    _ day: CivilDate,
    _ current: Int64,
    _ held: MemberFact?
  ) -> Decision? {
    let wanted = level(current) ?? -1
    let have = held.flatMap { rank($0.value) } ?? -1
    let first = day.adding(days: 1 - day.components.day)
    if wanted > have {
      let name = levels[wanted].name
      return Decision(tier: name, from: first, through: nil, reachesBack: true)
    }
    if wanted < have, let held, held.through == nil {
      return Decision(
        tier: held.value,
        from: day,
        through: day.adding(days: graceDays),
        reachesBack: false
      )
    }
    // Reached again while it was running out.
    guard wanted == have, wanted >= 0, held?.through != nil else { return nil }
    return Decision(tier: levels[wanted].name, from: day, through: nil, reachesBack: false)
  }

  private func level(_ sum: Int64) -> Int? { levels.lastIndex { sum >= $0.from } }

  private func rank(_ name: String) -> Int? { levels.firstIndex { $0.name == name } }
}
