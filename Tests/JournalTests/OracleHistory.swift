/// A random history of the oracle's world, batch by batch.
struct OracleHistory: CustomStringConvertible {
  struct Placed {
    let batch: Int
    /// Place among the rows of its batch, which come in any order.
    let arrival: UInt64
    let step: OracleStep
  }

  var rules: [OracleRule]
  /// Whether the same rules begin again as a version of their own.
  var hasVersion: Bool
  /// Batches whose changes of standing come before their rows.
  let early: Set<Int>
  var steps: [Placed]

  /// Draws a history of eight batches with fifty rows each.
  init(_ random: inout Dice) {
    rules = (0..<(1 + random.below(3))).map { OracleRule.random($0, &random) }
    hasVersion = random.below(2) == 0
    var world = OracleWorld(rules: rules)
    var (early, steps): (Set<Int>, [Placed]) = ([], [])
    var count = 0
    for batch in 1...8 {
      func happen(_ step: OracleStep) {
        _ = world.take(step)
        steps.append(Placed(batch: batch, arrival: random.next(), step: step))
        count += 1
      }
      for _ in 0..<50 {
        // Every third batch brings mostly goods back, so that members owe what they were paid.
        happen(.drawn(count, world, isReturning: batch % 3 == 0, &random))
      }
      for _ in 0..<random.below(3) {
        happen(
          .standing(
            number: count,
            member: 1 + random.below(2),
            month: 6 + random.below(4),
            day: 1 + random.below(28),
            isOut: random.below(2) == 0
          )
        )
      }
      if random.below(2) == 0 { early.insert(batch) }
      for _ in 0..<random.below(4) {
        // All that is there, or any amount.
        let member = 1 + random.below(2)
        let all = max(1, Int(world.held.balances[member - 1]))
        let amount = random.below(3) > 0 ? all : 1 + random.below(900)
        happen(.use(number: count, member: member, amount: amount))
      }
    }
    (self.early, self.steps) = (early, steps)
  }

  /// The smallest history that can be found which still fails.
  ///
  /// - Parameters:
  ///   - tries: How often `fails` is asked at most.
  ///   - fails: Whether a history shows the fault.
  /// - Returns: A part of this history that fails.
  /// - Throws: What `fails` throws.
  func shrunk(tries: Int, _ fails: (OracleHistory) throws -> Bool) rethrows -> OracleHistory {
    var best = self
    var left = tries
    func improve(_ change: (inout OracleHistory) -> Void) throws -> Bool {
      guard left > 0 else { return false }
      var smaller = best
      change(&smaller)
      left -= 1
      guard try fails(smaller) else { return false }
      best = smaller
      return true
    }
    _ = try improve { $0.hasVersion = false }
    for index in rules.indices.reversed() where best.rules.count > 1 {
      _ = try improve { $0.rules.remove(at: index) }
    }
    var size = best.steps.count / 2
    while size > 0, left > 0 {
      var start = 0
      while start < best.steps.count, left > 0 {
        let end = min(start + size, best.steps.count)
        if try !improve({ $0.drop(start..<end) }) { start += size }
      }
      size /= 2
    }
    return best
  }

  /// Leaves steps out, and what cannot be without them.
  private mutating func drop(_ range: Range<Int>) {
    var gone: Set<Int> = []
    for place in steps[range] {
      if case .purchase(let number, _, _, _, _) = place.step { gone.insert(number) }
    }
    steps = steps.enumerated().filter { index, place in
      !range.contains(index) && !(place.step.purchase.map(gone.contains) ?? false)
    }.map(\.element)
  }

  /// The terms and every step, for a file that is kept.
  var description: String {
    let head = rules.map(\.yaml).joined(separator: "\n")
    let lines = steps.map { "batch \($0.batch) arrival \($0.arrival): \($0.step)" }
    return "\(head)\nversion in August: \(hasVersion); standing told first in batches "
      + "\(early.sorted())\n" + lines.joined(separator: "\n") + "\n"
  }
}

extension OracleStep {
  /// A purchase, a refund or a reversal of one.
  fileprivate static func drawn(
    _ count: Int,
    _ world: OracleWorld,
    isReturning: Bool,
    _ dice: inout Dice
  ) -> OracleStep {
    let kind = dice.below(isReturning ? 5 : 10)
    if kind < 3, !world.purchases.isEmpty {
      let purchase = world.purchases[dice.below(world.purchases.count)]
      return .refund(number: count, of: purchase.number, amount: 1 + dice.below(purchase.amount))
    }
    if kind == 3, let purchase = world.purchases.last(where: { !$0.reversed }) {
      return .reversal(of: purchase.number)
    }
    return .purchase(
      number: count,
      member: 1 + dice.below(2),
      amount: 1 + dice.below(15_000),
      merchant: "M-\(1 + dice.below(2))",
      month: 6 + dice.below(4)
    )
  }
}
