import Civil
import Formats
import Intake
import Journal
import Ledger
import Rewards

/// Decides the lines of one till file in their order and writes what they move.
final class TillPosting {
  private let books: Books
  private let terms: TermsInForce
  private let partner: PartnerEntry
  private let leaf: Leaf
  private let dates: BatchDates
  /// Whose rewards each card uses.
  private var members: [String: (member: Int64, programme: Int16)] = [:]
  /// To whom each card belongs: what was held and used before two members were joined is theirs.
  private var holders: [String: Int64] = [:]
  private var holdings: [Int64: Holdings] = [:]
  private var holds: [Int64: StoredHold] = [:]
  private var confirmed: Set<Int64> = []
  private var known: [String: TillUse] = [:]
  private var returned: [String: Int64] = [:]
  /// Rows of uses that this file brought.
  private var fresh: [String: [StoredReward]] = [:]
  /// Lines that moved something.
  private(set) var uses: [TillUse] = []

  init(books: Books, terms: TermsInForce, partner: PartnerEntry, leaf: Leaf, dates: BatchDates) {
    self.books = books
    self.terms = terms
    self.partner = partner
    self.leaf = leaf
    self.dates = dates
  }

  /// Locks the members of the lines and reads what they hold, what calls reserved, and which earlier
  /// uses the lines name.
  func load(_ lines: [TillLine]) throws {
    members = try books.members(ofTokens: Array(Set(lines.map(\.memberToken))).sorted())
    holders = members.mapValues(\.member)
    let joined = try books.merged(holders.values.sorted())
    members = members.mapValues { (joined[$0.member] ?? $0.member, $0.programme) }
    let ids = Set(members.values.map(\.member)).union(holders.values).sorted()
    try books.lock(members: ids)
    holdings = try books.holdings(ids, terms)
    holds = try books.holds(lines.compactMap { holdNumber($0.hold) })
    confirmed = try books.confirmed(holds: holds.keys.sorted())
    for (member, kept) in Dictionary(grouping: try books.reserved(members: ids), by: \.member) {
      holdings[member]?.reserve(kept)
    }
    let refs = Array(Set(lines.map(\.originalRef) + lines.map(\.tillRef))).sorted()
    for use in try books.tillUses(partner: partner.id, refs: refs) { known[use.tillRef] = use }
    returned = try books.returned(partner: partner.id, refs: refs)
  }

  /// Posts a line; false where the books refuse it.
  func post(_ line: TillLine) throws -> Bool {
    guard line.faceMinor > 0, known[line.tillRef] == nil, fresh[line.tillRef] == nil,
      let known = members[line.memberToken]
    else { return false }
    guard line.action.sign == 1 else { return try giveBack(line) }
    if let hold = holdNumber(line.hold).flatMap({ holds[$0] }), concerns(line, hold.member) {
      // A partner has no business with rewards of others.
      guard credits(hold.unit, known.programme) else { return false }
      if let posted = hold.posted { return try confirm(line, hold, posted) }
      if hold.captured != 0, confirmed.insert(hold.id).inserted { return try capture(line, hold) }
    }
    return try redeem(line, known)
  }

  /// Whether a member is the one whose card a line names, or the one that it was joined to.
  private func concerns(_ line: TillLine, _ member: Int64) -> Bool {
    member == members[line.memberToken]?.member || member == holders[line.memberToken]
  }

  /// Whether the terms of a programme give a unit as credit at this partner.
  private func credits(_ unit: Int16, _ programme: Int16) -> Bool {
    terms.allAgreements.contains { agreement in
      agreement.programme == programme
        && agreement.rules.contains {
          $0.unit == unit && $0.rule.kind == .credit && $0.partner == partner.id
        }
    }
  }

  /// A call captured the credit before: the file confirms it (S3b).
  private func confirm(
    _ line: TillLine,
    _ hold: StoredHold,
    _ posted: (batch: Int64, rows: ClosedRange<Int32>)
  ) throws -> Bool {
    guard hold.captured == line.faceMinor, confirmed.insert(hold.id).inserted else { return false }
    let rows = try books.rewards(batch: posted.batch, rows: posted.rows, member: hold.member)
    for row in rows where row.flow == .captureCredit {
      try add(row, .confirmCredit, lot: row.lot, quantity: row.quantity, cost: row.cost, line)
    }
    fresh[line.tillRef] = rows
    note(line, hold.member, batch: posted.batch, posted.rows, hold: hold.id)
    return true
  }

  /// The file captures a hold and confirms it at once (S3a and S3b in one row).
  private func capture(_ line: TillLine, _ hold: StoredHold) throws -> Bool {
    guard hold.captured ?? line.faceMinor == line.faceMinor, line.faceMinor <= hold.quantity else {
      return false
    }
    if hold.captured == nil {
      let answer = try books.endHold(
        key: "till/\(partner.code)/\(line.tillRef)",
        hold: hold.id,
        captured: line.faceMinor,
        at: line.instant
      )
      guard ["ended", "repeated"].contains(answer.outcome) else { return false }
    }
    guard let holding = holdings[hold.member] else { return false }
    // Now, and only now, the lots that the hold keeps are its to use.
    holding.free(hold)
    var used = hold
    used.captured = line.faceMinor
    guard let rows = try holding.rows(using: used, .redeemCredit, terms, dates) else {
      return false
    }
    let range = try write(rows, line)
    try books.post(holds: [(hold.id, range)], batch: leaf.batch)
    note(line, hold.member, batch: leaf.batch, range, hold: hold.id)
    return true
  }

  /// Credit used without a hold: from what is free, and by the terms as a debt, offline (S3c) or late
  /// (S4).
  private func redeem(_ line: TillLine, _ known: (member: Int64, programme: Int16)) throws -> Bool {
    let day = line.instant.date
    guard let holding = holdings[known.member],
      let agreement = terms.agreement(programme: known.programme, on: day),
      let rule = agreement.rules.first(where: {
        $0.rule.kind == .credit && $0.partner == partner.id
      })
    else { return false }
    let free = max(0, holding.spendable(unit: rule.unit, on: day))
    let owed = max(0, line.faceMinor - free)
    let isOffline = line.action == .offline && rule.rule.use.owesOffline
    let late = lateHold(line, rule)
    guard owed == 0 || isOffline || late != nil else { return false }
    var rows: [RewardRow] = []
    if line.faceMinor > owed {
      let use = StoredHold(member: known.member, unit: rule.unit, line.faceMinor - owed, day)
      guard let used = try holding.rows(using: use, .redeemCredit, terms, dates) else {
        return false
      }
      rows = used
    }
    if owed > 0 {
      rows.append(
        try RewardRow(
          .oweCredit,
          agreement,
          rule,
          member: known.member,
          purchase: 0,
          quantity: owed,
          cost: rule.rule.cost(of: owed),
          event: day,
          earnMonth: 0,
          dates: dates
        )
      )
    }
    if let late { confirmed.insert(late) }
    note(line, known.member, batch: leaf.batch, try write(rows, line), hold: late)
    return true
  }

  /// The hold that had run out when a till says, within the contract's days, that it was used (S4).
  private func lateHold(_ line: TillLine, _ rule: BoundRule) -> Int64? {
    guard rule.rule.use.lateDays > 0,
      let hold = holdNumber(line.hold).flatMap({ holds[$0] }), let end = hold.ranOut,
      concerns(line, hold.member), hold.unit == rule.unit, line.faceMinor <= hold.quantity,
      !confirmed.contains(hold.id)
    else { return nil }
    let grace = Int64(rule.rule.use.lateDays) * 86_400_000_000
    return line.instant.microseconds - end.microseconds <= grace ? hold.id : nil
  }

  /// Goods came back, or a use did not happen: the same lots hold the credit again (S6).
  private func giveBack(_ line: TillLine) throws -> Bool {
    let before = returned[line.originalRef] ?? 0
    guard let used = try rows(of: line.originalRef), concerns(line, used.member),
      line.faceMinor <= used.face - before, line.action == .return || line.faceMinor == used.face
    else { return false }
    let parts = try returnedParts(of: used.rows, before: before, face: line.faceMinor)
    for part in parts {
      let isDebt = part.row.flow == .oweCredit
      try add(
        part.row,
        isDebt ? .returnOwedCredit : .returnCredit,
        lot: isDebt ? 0 : part.row.lot,
        quantity: part.quantity,
        cost: part.cost,
        line
      )
    }
    returned[line.originalRef] = before + line.faceMinor
    let last = Int32(leaf.rewardCount)
    note(line, used.member, batch: leaf.batch, (last - Int32(parts.count) + 1)...last, hold: nil)
    return true
  }

  /// The rows that an earlier use consumed, of this file or of one before.
  private func rows(of ref: String) throws -> (rows: [StoredReward], member: Int64, face: Int64)? {
    if let rows = fresh[ref], let use = uses.first(where: { $0.tillRef == ref }) {
      return (rows, use.member, use.faceMinor)
    }
    guard let use = known[ref], ["redeem", "offline"].contains(use.action) else { return nil }
    let rows = try books.rewards(batch: use.batch, rows: use.rows, member: use.member)
    return (rows, use.member, use.faceMinor)
  }

  private func write(_ rows: [RewardRow], _ line: TillLine) throws -> ClosedRange<Int32> {
    let first = Int32(leaf.rewardCount) + 1
    var stored: [StoredReward] = []
    for row in rows {
      let id = try leaf.add(row)
      holdings[row.member]?.note(row, id: id)
      stored.append(StoredReward(row, id: id))
    }
    fresh[line.tillRef] = stored
    return first...Int32(leaf.rewardCount)
  }

  /// Writes a row that follows from one that stands, under the same rule.
  private func add(
    _ row: StoredReward,
    _ flow: Flow,
    lot: Int64,
    quantity: Int64,
    cost: Int64,
    _ line: TillLine
  ) throws {
    let bound = try terms.bound(agreement: row.agreement, rule: row.rule)
    let new = try RewardRow(
      flow,
      bound.agreement,
      bound.rule,
      member: row.member,
      purchase: 0,
      lot: lot,
      quantity: quantity,
      cost: cost,
      // What a till's clock says of tomorrow is known today.
      event: min(line.instant.date, dates.businessDate),
      earnMonth: 0,
      dates: dates
    )
    holdings[row.member]?.note(new, id: try leaf.add(new))
  }

  private func note(
    _ line: TillLine,
    _ member: Int64,
    batch: Int64,
    _ rows: ClosedRange<Int32>,
    hold: Int64?
  ) {
    uses.append(
      TillUse(
        tillRef: line.tillRef,
        action: line.action.rawValue,
        member: member,
        faceMinor: line.faceMinor,
        hold: hold,
        originalRef: line.originalRef,
        batch: batch,
        rows: rows
      )
    )
  }
}

/// What comes back of the rows of a use: the last that was used first; the cost of a part is the
/// row's own, so that all parts of a row give back all of its cost.
///
/// - Parameters:
///   - rows: The rows of the use, in their order.
///   - before: Face that came back of it already.
///   - face: Face that comes back now.
/// - Returns: The parts of rows.
/// - Throws: `MoneyOverflow`.
func returnedParts(
  of rows: [StoredReward],
  before: Int64,
  face: Int64
) throws -> [(row: StoredReward, quantity: Int64, cost: Int64)] {
  var skip = before
  var rest = face
  var parts: [(row: StoredReward, quantity: Int64, cost: Int64)] = []
  for row in rows.reversed() where rest > 0 {
    let gone = min(skip, row.quantity)
    skip -= gone
    let part = min(rest, row.quantity - gone)
    guard part > 0 else { continue }
    let cost =
      try scaled(row.cost, by: gone + part, over: row.quantity, .halfUp)
      - scaled(row.cost, by: gone, over: row.quantity, .halfUp)
    parts.append((row, part, cost))
    rest -= part
  }
  return parts
}

/// The number in `H-12`, nil where it is none of ours.
func holdNumber(_ text: String) -> Int64? {
  guard text.hasPrefix("H-") else { return nil }
  return strictInteger(text.dropFirst(2)).flatMap { $0 > 0 ? $0 : nil }
}
