import Rewards
import Civil
import Formats
import Intake
import Journal
import Ledger

/// Posts what became of filed lines, whether the partner answered or the terms' deadline did.
struct OutcomePosting {
  /// What lots of miles have of miles bought ahead, and how it changes.
  private struct Prepaid {
    var covers: [Int64: PrepaidCover]
    var moves: [(lot: Int64, key: String, quantity: Int64)] = []

    /// Gives back to the lot that a lot of miles draws on.
    mutating func giveBack(_ quantity: Int64, of lot: Int64) {
      guard quantity > 0, let cover = covers[lot] else { return }
      moves.append((lot, cover.key, -quantity))
    }
  }

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
  /// parts whose purchase was refunded meanwhile dropped (M3, M4, M5, M5b, M7c, M8a); miles bought ahead
  /// drawn, freed and given back (M10b, M10c, M11).
  func post(_ outcomes: [LineOutcome]) throws {
    try books.insert(outcomes, batch: leaf.batch)
    try books.lock(members: Array(Set(outcomes.map(\.line.member))).sorted())
    let earned = outcomes.filter { !$0.line.isReversal }
    let rejectedMembers = earned.filter { $0.acceptedQuantity < $0.line.quantity }
      .map(\.line.member)
    let waiting = try waitingReversals(members: Array(Set(rejectedMembers)).sorted())
    let owed = try books.owedOnFiling(earned.map(\.line))
    var prepaid = Prepaid(covers: try books.prepaidCovers(lots: outcomes.map(\.line.lot)))
    for outcome in outcomes {
      let line = outcome.line
      let isOwed = owed.contains("\(line.row)/\(line.attempt)")
      let cost = try acceptedCost(outcome)
      let isPrepaid = !line.isReversal && prepaid.covers[line.lot].map { $0.reserved > 0 } ?? false
      if outcome.acceptedQuantity > 0 {
        if line.isReversal {
          try takeBack(outcome, cost: cost, &prepaid)
        } else if isPrepaid {
          try draw(outcome, cost: cost, &prepaid)
        } else {
          let flow: Flow = isOwed ? .acceptFiled : .acceptMiles
          try add(flow, line, lot: line.row, quantity: outcome.acceptedQuantity, cost: cost)
        }
      }
      let rest = line.quantity - outcome.acceptedQuantity
      guard rest > 0, !line.isReversal else { continue }
      let restCost = line.valueMinor - cost
      let rejection: Flow = isOwed ? .rejectFiled : .rejectMiles
      try add(rejection, line, lot: line.row, quantity: rest, cost: restCost)
      if isPrepaid { prepaid.giveBack(rest, of: line.lot) }
      let dropped = min(rest, waiting[line.row] ?? 0)
      guard dropped > 0 else { continue }
      let part = try scaled(restCost, by: dropped, over: rest, .halfUp)
      try add(.dropRejected, line, lot: line.row, quantity: dropped, cost: part)
    }
    try books.move(prepaid: prepaid.moves, batch: leaf.batch, day: businessDate)
  }

  /// What was accepted of a line that draws on miles bought ahead: nothing is owed for it (M10b).
  private func draw(_ outcome: LineOutcome, cost: Int64, _ prepaid: inout Prepaid) throws {
    let (line, quantity) = (outcome.line, outcome.acceptedQuantity)
    try add(.acceptPrepaid, line, lot: line.row, quantity: quantity, cost: cost)
    try add(.drawPrepaid, line, lot: line.lot, quantity: quantity, cost: 0)
    prepaid.covers[line.lot]?.drawn += quantity
    prepaid.covers[line.lot]?.reserved -= line.quantity
  }

  /// What the partner took back: to the lot that gave it (M11), and the rest from what is owed (M8a).
  private func takeBack(_ outcome: LineOutcome, cost: Int64, _ prepaid: inout Prepaid) throws {
    let (line, quantity) = (outcome.line, outcome.acceptedQuantity)
    let given = min(quantity, prepaid.covers[line.lot]?.drawn ?? 0)
    let part = given == quantity ? cost : try scaled(cost, by: given, over: quantity, .halfUp)
    if given > 0 {
      try add(.takeBackPrepaid, line, lot: line.row, quantity: given, cost: part)
      try add(.returnPrepaid, line, lot: line.lot, quantity: given, cost: 0)
      prepaid.covers[line.lot]?.drawn -= given
      prepaid.giveBack(given, of: line.lot)
    }
    guard quantity > given else { return }
    try add(.takeBackMiles, line, lot: line.row, quantity: quantity - given, cost: cost - part)
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
        flow: .earnCashback,
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
      switch row.flow {
      case .reversalLine: out[row.lot, default: 0] += row.quantity
      case .dropRejected: out[row.lot, default: 0] -= row.quantity
      default: break
      }
    }
    return out
  }

  private func add(
    _ flow: Flow,
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
        flow: flow,
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
        currency: rule.rule.currency,
        eventDate: line.eventDate,
        bookingDate: bookingDate,
        settlementDate: settlementDate,
        availableOn: businessDate,
        earnMonth: 0
      )
    )
  }
}
