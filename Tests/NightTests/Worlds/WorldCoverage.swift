/// Which words of the terms' grammar, and which facts, some worlds use.
struct WorldCoverage {
  /// Keys of rules that worlds have; each stands in one of them at least.
  static let keys: Set<String> = [
    "reward", "unit", "rate", "steps", "per", "rounding", "base", "minimum", "merchants",
    "merchants_of", "mcc", "countries", "currencies", "channels", "weekdays", "from", "through",
    "monthly_cap", "yearly_cap", "campaign_cap", "contract_cap", "monthly_floor", "joined_within",
    "products", "audience", "chosen", "pending_days", "expires", "expired_share", "partner",
    "partner_pays", "reimbursed_at", "price", "budget", "overflow", "sponsors", "funded_at",
    "breakage_share",
  ]

  /// Keys that no world has yet.
  static let without = [
    "goods", "tiers", "standing", "for", "grant", "on", "clawback_days", "charge", "offline",
    "late_days", "restored_days", "written_off", "convert", "amends", "closing", "catalogue",
    "redenominate",
  ]

  let counts: [String: Int]

  init(_ worlds: [World]) {
    var counts: [String: Int] = [:]
    for world in worlds {
      var words: Set<String> = []
      for rule in world.rules {
        words.formUnion(rule.lines.map(\.key))
        words.insert("= \(rule.kind.rawValue)")
      }
      words.formUnion(world.facts.map { "+ \($0.isUndone ? "undone " : "")\($0.kind.rawValue)" })
      words.formUnion(world.acts.map { if case .payout = $0 { "+ pay-out" } else { "+ use" } })
      if world.versions.count > 1 { words.insert("+ next version") }
      for word in words { counts[word, default: 0] += 1 }
    }
    self.counts = counts
  }

  var missing: [String] {
    WorldCoverage.keys.subtracting(counts.keys).sorted()
  }

  var text: String {
    counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }
}
