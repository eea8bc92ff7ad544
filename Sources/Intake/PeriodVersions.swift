import Rewards

/// A rule of one version of an agreement.
struct VersionedRule: Hashable {
  let agreement: Int32
  let rule: Int16
}

/// Which versions of an agreement count a rule's period together: those that follow each other without
/// changing what the period is worth.
///
/// A price that changes in July so leaves a yearly cap as it is, and nobody reaches a welcome bonus
/// twice. Where the worth itself changes, the period begins anew: what two functions are worth together
/// would depend on the order in which facts come.
struct PeriodVersions: Sendable {
  private var groups: [VersionedRule: [VersionedRule]] = [:]

  /// Reads all versions of the agreements.
  init(_ agreements: some Sequence<BoundAgreement>) {
    for versions in Dictionary(grouping: agreements, by: \.agreement.code).values {
      let versions = versions.sorted {
        ($0.agreement.validFrom, $0.id) < ($1.agreement.validFrom, $1.id)
      }
      var open: [String: [(key: VersionedRule, rule: EarnRule)]] = [:]
      for version in versions {
        var next: [String: [(key: VersionedRule, rule: EarnRule)]] = [:]
        for bound in version.rules where bound.rule.hasPeriod {
          let key = VersionedRule(agreement: version.id, rule: bound.rule.ordinal)
          let before = open[bound.rule.name] ?? []
          let goes = before.last.map { bound.rule.continues($0.rule) } ?? false
          next[bound.rule.name] = (goes ? before : []) + [(key, bound.rule)]
        }
        open = next
        for group in open.values {
          let keys = group.map(\.key)
          for key in keys { groups[key] = keys }
        }
      }
    }
  }

  /// All versions of a rule that count together with it, itself too, oldest first.
  func together(_ agreement: Int32, _ rule: Int16) -> [VersionedRule] {
    let key = VersionedRule(agreement: agreement, rule: rule)
    return groups[key] ?? [key]
  }

  /// Whether a later version counts together with it.
  func goesOn(_ agreement: Int32, _ rule: Int16) -> Bool {
    let key = VersionedRule(agreement: agreement, rule: rule)
    return together(agreement, rule).last != key
  }
}
