import Rewards
import Civil
import Formats
import Intake
import Journal
import Ledger

/// Posts what became of filed lines, whether the partner answered or the terms' deadline did.
struct OutcomePosting {
  private let books: Books
  private let terms: TermsInForce
  private let partner: Int16
  private let leaf: Leaf
  private let businessDate: CivilDate
  private let bookingDate: CivilDate
  private let settlementDate: CivilDate

  init(
    books: Books,
    terms: TermsInForce,
    partner: Int16,
    leaf: Leaf,
    businessDate: CivilDate
  ) throws {
    self.books = books
    self.terms = terms
    self.partner = partner
    self.leaf = leaf
    self.businessDate = businessDate
    bookingDate = try books.batchDates(businessDate).booking(businessDate)
    settlementDate = try terms.calendar(of: partner).open(onOrAfter: businessDate)
  }

  /// Stores outcomes and their rows: accepted and rejected parts, reversals taken back, rejected
  /// parts whose purchase was refunded meanwhile dropped (M3, M4, M5, M5b, M7c, M8a).
  func post(_ outcomes: [LineOutcome]) throws {
    try books.insert(outcomes, batch: leaf.batch)
    try books.lock(members: Array(Set(outcomes.map(\.line.member))).sorted())
    let earned = outcomes.filter { !$0.line.isReversal }
    let rejectedMembers = earned.filter { $0.acceptedQuantity < $0.line.quantity }
      .map(\.line.member)
    let waiting = try waitingReversals(members: Array(Set(rejectedMembers)).sorted())
    let owed = try books.owedOnFiling(earned.map(\.line))
    for outcome in outcomes {
      let line = outcome.line
      let isOwed = owed.contains("\(line.row)/\(line.attempt)")
      let cost = try acceptedCost(outcome)
      if outcome.acceptedQuantity > 0 {
        let template: Template =
          line.isReversal ? .takeBackMiles : isOwed ? .acceptFiled : .acceptMiles
        try add(template, line, lot: line.row, quantity: outcome.acceptedQuantity, cost: cost)
      }
      let rest = line.quantity - outcome.acceptedQuantity
      guard rest > 0, !line.isReversal else { continue }
      let restCost = line.valueMinor - cost
      let rejection: Template = isOwed ? .rejectFiled : .rejectMiles
      try add(rejection, line, lot: line.row, quantity: rest, cost: restCost)
      let dropped = min(rest, waiting[line.row] ?? 0)
      guard dropped > 0 else { continue }
      let part = try scaled(restCost, by: dropped, over: rest, .halfUp)
      try add(.dropRejected, line, lot: line.row, quantity: dropped, cost: part)
    }
  }

  /// A cured line goes out again (M6a).
  func refile(_ line: FiledLine, quantity: Int64, cost: Int64) throws {
    try add(.refileMiles, line, lot: line.row, quantity: quantity, cost: cost)
  }

  /// A line that was not cured becomes cashback by the terms (M6b).
  func lapse(_ line: FiledLine, quantity: Int64, cost: Int64, cash: Int64, unit: UnitEntry) throws {
    try add(.lapseMiles, line, lot: line.row, quantity: quantity, cost: cost)
    guard let agreement = terms.agreement(id: line.agreement), cash > 0 else { return }
    try leaf.add(
      RewardRow(
        template: .earnCashback,
        member: line.member,
        purchase: line.purchase,
        lot: 0,
        quantity: cash,
        cost: cash,
        share: 0,
        uncapped: 0,
        agreement: line.agreement,
        rule: line.rule,
        partner: 0,
        programme: agreement.programme,
        unit: unit.id,
        currency: unit.currency,
        eventDate: businessDate,
        bookingDate: bookingDate,
        settlementDate: settlementDate,
        availableOn: businessDate,
        earnMonth: 0
      )
    )
  }

  /// What was accepted at our price; the partner's value where both agree.
  private func acceptedCost(_ outcome: LineOutcome) throws -> Int64 {
    let line = outcome.line
    guard outcome.acceptedQuantity < line.quantity else { return line.valueMinor }
    return try scaled(line.valueMinor, by: outcome.acceptedQuantity, over: line.quantity, .halfUp)
  }

  /// Quantities of reversal lines that wait for the answer to their lot, by lot.
  private func waitingReversals(members: [Int64]) throws -> [Int64: Int64] {
    guard !members.isEmpty else { return [:] }
    var out: [Int64: Int64] = [:]
    for row in try books.rewards(ofMembers: members) {
      switch row.template {
      case .reversalLine: out[row.lot, default: 0] += row.quantity
      case .dropRejected: out[row.lot, default: 0] -= row.quantity
      default: break
      }
    }
    return out
  }

  private func add(
    _ template: Template,
    _ line: FiledLine,
    lot: Int64,
    quantity: Int64,
    cost: Int64
  ) throws {
    guard let agreement = terms.agreement(id: line.agreement),
      let rule = agreement.rules.first(where: { $0.rule.ordinal == line.rule })
    else {
      throw Refusal(.termsMissing, "agreement \(line.agreement) of line \(line.eventID)")
    }
    try leaf.add(
      RewardRow(
        template: template,
        member: line.member,
        purchase: line.purchase,
        lot: lot,
        quantity: quantity,
        cost: cost,
        share: 0,
        uncapped: 0,
        agreement: line.agreement,
        rule: line.rule,
        partner: partner,
        programme: agreement.programme,
        unit: rule.unit,
        currency: agreement.agreement.currency,
        eventDate: line.eventDate,
        bookingDate: bookingDate,
        settlementDate: settlementDate,
        availableOn: businessDate,
        earnMonth: 0
      )
    )
  }
}
