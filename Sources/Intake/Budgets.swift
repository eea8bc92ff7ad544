import Civil
import Journal
import Ledger
import Rewards

/// What sponsors' budgets, and caps of all members together, have left while a batch is decided (P3,
/// P4).
///
/// A batch decides on what it read when it began. What it spent is taken from the books just before
/// it is sealed; where another batch was faster, this one decides again.
final class Budgets {
  private struct Key: Hashable {
    let agreement: String
    let rule: String
    let partner: Int16
  }

  private struct Moved {
    let agreement: BoundAgreement
    let rule: BoundRule
    let limit: Int64
    var spent: Int64 = 0
    var returned: Int64 = 0
    var kept: Int64 = 0
  }

  private let books: Books
  private let businessDate: CivilDate
  private let used: [Key: Int64]
  private var moved: [Key: Moved] = [:]

  init(_ books: Books, _ terms: TermsInForce, _ businessDate: CivilDate) throws {
    self.books = books
    self.businessDate = businessDate
    guard terms.hasBudgets else {
      used = [:]
      return
    }
    used = Dictionary(
      uniqueKeysWithValues: try books.budgets().map {
        (Key(agreement: $0.agreement, rule: $0.rule, partner: $0.partner), $0.used)
      }
    )
  }

  /// A change of what a purchase is rewarded with, as far as the rule's limits let it happen.
  ///
  /// A rule that stops gives nothing anew once its budget is used up, and nothing that does not fit whole
  /// under the cap of all members together; of the rest its partner pays as far as its budget goes.
  ///
  /// - Parameters:
  ///   - change: What is to change.
  ///   - isNew: Whether the rule has given nothing for the purchase yet.
  ///   - agreement: The agreement's version.
  ///   - rule: The rule.
  /// - Returns: What changes; nil where nothing may.
  func admitted(
    _ change: Booked,
    isNew: Bool,
    _ agreement: BoundAgreement,
    _ rule: BoundRule
  ) -> Booked? {
    let funding = rule.rule.funding
    if isNew, funding.overflow == .stop, let limit = funding.budget,
      left(key(agreement, rule, rule.partner), limit) <= 0
    {
      return nil
    }
    if let cap = rule.rule.contractCap {
      // Budgets of partners and caps of all members are kept alike; a cap is nobody's.
      guard change.quantity <= max(0, left(key(agreement, rule, 0), cap)) else { return nil }
      _ = cut(change.quantity, agreement, rule, partner: 0, limit: cap)
    }
    var admitted = change
    if let limit = funding.budget {
      admitted.share = cut(change.share, agreement, rule, partner: rule.partner, limit: limit)
    }
    return admitted
  }

  /// What a sponsor pays of a share that is to change: no more than its budget has.
  ///
  /// What a refund gives back goes to the budget while the promotion runs.
  func cut(
    _ share: Int64,
    _ agreement: BoundAgreement,
    _ rule: BoundRule,
    partner: Int16,
    limit: Int64
  ) -> Int64 {
    let key = key(agreement, rule, partner)
    var state = moved[key] ?? Moved(agreement: agreement, rule: rule, limit: limit)
    defer { moved[key] = state }
    if share <= 0 {
      let isOver = rule.rule.eligibility.through.map { $0 < businessDate } ?? false
      if isOver { state.kept -= share } else { state.returned -= share }
      return share
    }
    let part = min(share, max(0, left(key, limit)))
    state.spent += part
    return part
  }

  /// Takes what was spent from the books, in the order of the keys.
  func store() throws {
    for (key, item) in moved.sorted(by: { order($0.key, $1.key) })
    where item.spent + item.returned + item.kept > 0 {
      try books.spend(
        agreementID: item.agreement.id,
        ordinal: item.rule.rule.ordinal,
        agreement: key.agreement,
        rule: key.rule,
        partner: key.partner,
        limit: item.limit,
        spent: item.spent,
        returned: item.returned,
        kept: item.kept
      )
    }
  }

  private func key(_ agreement: BoundAgreement, _ rule: BoundRule, _ partner: Int16) -> Key {
    Key(agreement: agreement.agreement.code, rule: rule.rule.name, partner: partner)
  }

  private func left(_ key: Key, _ limit: Int64) -> Int64 {
    let state = moved[key]
    return limit - used[key, default: 0] - (state?.spent ?? 0) + (state?.returned ?? 0)
  }

  private func order(_ left: Key, _ right: Key) -> Bool {
    (left.agreement, left.rule, left.partner) < (right.agreement, right.rule, right.partner)
  }
}
