import Civil
import Formats
package import Intake
package import Journal
import Ledger
import Rewards

/// What posting the open stream did.
package struct RedemptionReport: Sendable {
  package var released: Int64 = 0
  package var captures = 0
  /// Captured, and still not posted: each has a break.
  package var unposted = 0
  /// Orders whose goods came back.
  package var returns = 0
  package var breaks = 0
  package var seal: Seal?
}

/// Posts what calls captured of store credit (S3a), points (O4), vouchers (O10) and benefits (O13), and
/// releases holds that are over (S4).
///
/// The lots that a capture uses are chosen here, in the order of redemption on the day of its hold;
/// until then they are reserved, so that no refund and no expiry takes them.
package struct RedemptionRun {
  private let books: Books
  private let terms: TermsInForce
  private let businessDate: CivilDate
  private let recordedAt: Instant

  package init(_ day: BookDay) {
    (books, terms) = (day.books, day.terms)
    (businessDate, recordedAt) = (day.date, day.recordedAt)
  }

  /// Posts everything that was captured so far; a second run finds nothing.
  package func run() throws -> RedemptionReport {
    var report = RedemptionReport()
    report.released = try books.transaction { try books.endOverdueHolds(at: recordedAt) }
    let kinds =
      RedemptionRun.uses.keys.sorted()
      + RewardKind.allCases.filter { !$0.isUsable }
      .map(\.rawValue)
    let captures = try kinds.flatMap { try books.captures(of: $0) }
    let returned = try books.holds(books.returnedOrders()).values.sorted { $0.id < $1.id }
    guard !captures.isEmpty || !returned.isEmpty else { return report }
    // A run that died goes on under its number; one after it gets the next.
    let last = try books.newestSeal(of: .redemption)
    let number = try books.reserve(.redemption, "\(businessDate)/\(last)")
    do {
      return try books.transaction { try post(captures, returned, number, report) }
    } catch let nothing as NothingToPost {
      // The empty leaf is gone with its transaction; what no lots cover is told all the same.
      report.breaks = try books.transaction { try books.open(nothing.breaks, on: businessDate) }
      report.unposted = nothing.breaks.count
      return report
    }
  }

  /// The row that uses a lot, by the kind of its unit; cashback is used by pay-outs.
  private static let uses: [String: Flow] = [
    "credit": .captureCredit, "points": .redeemPoints, "voucher": .redeemVoucher,
    "benefit": .useBenefit,
  ]

  private struct NothingToPost: Error {
    let breaks: [NewBreak]
  }

  private func post(
    _ captures: [StoredHold],
    _ returned: [StoredHold],
    _ number: Int64,
    _ before: RedemptionReport
  ) throws -> RedemptionReport {
    var report = before
    let leaf = try books.openLeaf(
      number,
      .redemption,
      businessDate: businessDate,
      recordedAt: recordedAt
    )
    let dates = try books.batchDates(businessDate)
    let members = Set((captures + returned).map(\.member)).sorted()
    try books.lock(members: members)
    let holdings = try books.holdings(members, terms)
    let conversions = try books.conversions(captures.map(\.id))
    let orders = try Orders(books, terms, captures, dates)
    var posted: [(id: Int64, rows: ClosedRange<Int32>)] = []
    var breaks: [NewBreak] = []
    for capture in captures {
      let into = try conversions[capture.id].flatMap { try target(capture, $0) }
      let item = orders.item(capture)
      let advice = impediment(
        capture,
        isTurned: into != nil || conversions[capture.id] == nil,
        isOffered: item != nil || !orders.contains(capture)
      )
      if let advice {
        breaks.append(uncovered(capture, advice))
        continue
      }
      let rows =
        try holdings[capture.member].flatMap {
          try $0.rows(
            using: capture,
            into == nil ? flow(capture) : .convertPoints,
            terms,
            dates
          )
        } ?? []
      guard !rows.isEmpty else {
        breaks.append(
          uncovered(capture, "captured above what the lots hold; report it: this is a defect")
        )
        continue
      }
      let first = Int32(leaf.rewardCount) + 1
      for row in rows { holdings[row.member]?.note(row, id: try leaf.add(row)) }
      posted.append((capture.id, first...Int32(leaf.rewardCount)))
      if let item {
        try leaf.add(orders.charge(capture, item, rows[0]))
      } else {
        for row in rows { for charge in try charges(row) { try leaf.add(charge) } }
      }
      if let into { for row in try miles(for: capture, into, dates) { try leaf.add(row) } }
    }
    for order in returned { for row in try orders.returned(order) { try leaf.add(row) } }
    guard posted.count + returned.count > 0 else { throw NothingToPost(breaks: breaks) }
    try books.post(holds: posted, batch: number)
    try books.post(returns: returned.map(\.id), batch: number)
    report.returns = returned.count
    report.breaks = try books.open(breaks, on: businessDate)
    report.unposted = breaks.count
    report.captures = posted.count
    report.seal = try leaf.seal(bookingDate: businessDate)
    return report
  }

  /// Why no row can use what was captured; nil where the lots decide.
  private func impediment(_ capture: StoredHold, isTurned: Bool, isOffered: Bool) -> String? {
    let kind = terms.directory.unit(id: capture.unit)?.kind ?? ""
    if RedemptionRun.uses[kind] == nil { return "no call can use this kind of reward; report it" }
    if !isTurned { return "no terms turn these points into miles any more" }
    return isOffered ? nil : "no terms of that day have these goods any more"
  }

  private func flow(_ capture: StoredHold) -> Flow {
    terms.directory.unit(id: capture.unit).flatMap { RedemptionRun.uses[$0.kind] } ?? .captureCredit
  }

  /// What the supplier charges for what a row uses (O4, O10, O13): it is owed at once, since no till
  /// file confirms it.
  private func charges(_ row: RewardRow) throws -> [RewardRow] {
    var confirmed = row
    (confirmed.flow, confirmed.lot) = (.confirmCredit, 0)
    if row.flow == .redeemVoucher { return [confirmed] }
    guard row.flow == .redeemPoints || row.flow == .useBenefit,
      let charge = try terms.bound(agreement: row.agreement, rule: row.rule).rule.rule
        .charge(for: row.quantity)
    else { return [] }
    confirmed.cost = charge
    var charged = confirmed
    charged.flow = row.flow == .useBenefit ? .chargeBenefit : .chargePoints
    return [charged, confirmed]
  }

  /// The rule by which points become a unit, of the terms for the day on which they were asked for.
  private func target(
    _ capture: StoredHold,
    _ unit: Int16
  ) throws -> (agreement: BoundAgreement, rule: BoundRule)? {
    let points = terms.directory.unit(id: capture.unit)?.code ?? ""
    guard let programme = try books.programmes(ofMembers: [capture.member])[capture.member] else {
      return nil
    }
    return terms.conversion(programme, from: points, into: unit, on: capture.day)
  }

  /// The miles that points become, and their cost as that of the points (M12).
  private func miles(
    for capture: StoredHold,
    _ bound: (agreement: BoundAgreement, rule: BoundRule),
    _ dates: BatchDates
  ) throws -> [RewardRow] {
    guard case .conversion(_, let take, let give) = bound.rule.rule.source else { return [] }
    let quantity = try scaled(capture.captured ?? capture.quantity, by: give, over: take, .down)
    let row = try RewardRow(
      .earnMiles,
      bound.agreement,
      bound.rule,
      member: capture.member,
      purchase: 0,
      quantity: quantity,
      cost: bound.rule.rule.cost(of: quantity),
      event: capture.day,
      earnMonth: 0,
      dates: dates
    )
    var cost = row
    (cost.flow, cost.quantity) = (.convertedCost, 0)
    return [row, cost]
  }

  /// A capture that no lots cover: reservations make that impossible, so somebody must look.
  private func uncovered(_ capture: StoredHold, _ advice: String) -> NewBreak {
    let unit = terms.directory.unit(id: capture.unit)
    return NewBreak(
      fingerprint: "hold/\(capture.id)",
      kind: "theirs-only",
      pair: "redemption",
      commodity: unit?.code ?? "",
      ours: 0,
      theirs: capture.captured ?? 0,
      valueMinor: capture.captured ?? 0,
      currency: unit?.currency.code ?? "",
      pointer: "H-\(capture.id)",
      advice: advice
    )
  }
}

extension Holdings {
  /// The rows that use what was captured of a hold, one for each lot; nil where the lots of the
  /// hold's day hold less.
  func rows(
    using hold: StoredHold,
    _ flow: Flow,
    _ terms: TermsInForce,
    _ dates: BatchDates
  ) throws -> [RewardRow]? {
    var lots = holdableLots(unit: hold.unit, on: hold.day)
    let (parts, missing) = try consume(hold.captured ?? hold.quantity, from: &lots)
    guard missing == 0 else { return nil }
    return try parts.map { part in
      let bound = try terms.bound(agreement: part.lot.agreement, rule: part.lot.rule)
      return try RewardRow(
        flow,
        bound.agreement,
        bound.rule,
        member: hold.member,
        purchase: 0,
        lot: part.lot.id,
        quantity: part.quantity,
        cost: part.cost,
        event: hold.day,
        earnMonth: 0,
        dates: dates
      )
    }
  }
}
