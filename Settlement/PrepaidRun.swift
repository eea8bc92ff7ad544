package import Civil
import Formats
package import Intake
package import Journal
import Ledger
import Rewards

/// What a run over miles bought ahead did.
package struct PrepaidReport: Sendable {
  package var bought = 0
  package var lines = 0
  /// Purchases whose miles no agreement in force gives.
  package var waiting: [String] = []
  package var seal: Seal?

  /// What it did, for people; empty where it did nothing.
  package var text: String {
    var parts: [String] = []
    if bought + lines > 0 { parts.append("\(bought) bought, \(lines) lines draw or go") }
    if !waiting.isEmpty {
      let more = waiting.count > 5 ? " and \(waiting.count - 5) more" : ""
      let keys = waiting.prefix(5).joined(separator: ", ")
      parts.append("no agreement in force gives the miles of \(keys)\(more)")
    }
    return parts.joined(separator: "; ")
  }
}

/// Books miles that are bought ahead, and lets lines of miles draw on them (M9, M10a; term 11).
///
/// A line that is not filed yet draws whole on the oldest lot that has room for it on the business day and
/// in its month, and costs what the lot cost; from then on it follows that lot alone. The partner's answer
/// draws or frees it, and a line that goes out again costs what the contract says where its lot has no
/// room any more.
package struct PrepaidRun {
  private let day: BookDay

  package init(_ day: BookDay) { self.day = day }

  /// Books what was decided and not booked; a second run finds nothing.
  package func run() throws -> PrepaidReport {
    let books = day.books
    guard try books.prepaidLots(on: day.date).contains(where: \.isDecided) else {
      return PrepaidReport()
    }
    let last = try books.newestSeal(of: .prepaid)
    var report = PrepaidReport()
    let done = try books.batch(
      .prepaid,
      key: "\(day.date)/\(last)",
      businessDate: day.date,
      recordedAt: day.recordedAt
    ) { leaf, dates in
      // No plan may cut, and no other run may reserve, before this one ends.
      try books.passGate(alone: false)
      try books.lockPrepaid()
      try buy(dates, leaf, &report)
      report.lines = try draw(dates, leaf)
    }
    report.seal = done?.seal
    return report
  }

  /// Owes what was decided (M9).
  private func buy(_ dates: BatchDates, _ leaf: Leaf, _ report: inout PrepaidReport) throws {
    let decided = try day.books.prepaidLots(on: day.date).filter { $0.isDecided && !$0.isBought }
    for purchase in decided.map(\.purchase) {
      guard let bound = day.terms.milesRule(of: purchase, on: day.date) else {
        // One purchase keeps no partner from being settled; it waits, and every night says so.
        report.waiting.append(purchase.key)
        continue
      }
      let row = try RewardRow(
        .buyMiles,
        bound.agreement,
        bound.rule,
        member: 0,
        purchase: 0,
        quantity: purchase.quantity,
        cost: purchase.costMinor,
        event: day.date,
        earnMonth: 0,
        dates: dates
      )
      try day.books.note(bought: purchase, row: leaf.add(row))
      report.bought += 1
    }
  }

  /// Lets lines draw on lots, and lots go where lines shrank.
  private func draw(_ dates: BatchDates, _ leaf: Leaf) throws -> Int {
    let books = day.books
    var lots = try books.prepaidLots(on: day.date).filter(\.isBought)
    var moves: [(lot: Int64, key: String, quantity: Int64)] = []
    for partner in Set(lots.map(\.purchase.partner)).sorted() {
      let hasRoom = lots.contains { $0.purchase.partner == partner && $0.usable > 0 }
      let lines = try books.linesToFile(
        partner: partner,
        // All that waits, whenever it is settled.
        through: day.date.adding(days: 3_660),
        hasRoom ? .drawing : .shrunk
      )
      // What a plan shows stays as the plan shows it.
      let out = try books.lotsOut(lines.map(\.source))
      let covers = try books.prepaidCovers(lots: lines.filter { $0.key != nil }.map(\.lot))
      for line in lines where !out.contains(line.source) {
        let reserved = covers[line.lot]?.reserved ?? 0
        guard let next = try next(line, reserved: reserved, &lots) else { continue }
        try leaf.add(row(line, cost: next.cost, dates))
        if next.move != 0 { moves.append((line.lot, next.key, next.move)) }
      }
    }
    try books.move(prepaid: moves, batch: leaf.batch, day: day.date)
    return moves.count
  }

  /// What a line draws on from now on: the lot, the change of what it reserves, and what it costs; nil where
  /// all stays.
  private func next(
    _ line: LineToFile,
    reserved: Int64,
    _ lots: inout [PrepaidLot]
  ) throws -> (key: String, move: Int64, cost: Int64)? {
    if reserved > 0, let index = lots.firstIndex(where: { $0.purchase.key == line.key }) {
      guard reserved != line.quantity else { return nil }
      let purchase = lots[index].purchase
      lots[index].take(line.quantity - reserved)
      return (purchase.key, line.quantity - reserved, try purchase.cost(of: line.quantity))
    }
    let bound = try day.terms.bound(agreement: line.agreement, rule: line.rule)
    let index = lots.firstIndex { lot in
      lot.purchase.unit == bound.rule.unit && lot.purchase.partner == bound.rule.partner
        && lot.purchase.currency == bound.rule.rule.currency
        && lot.usable >= line.quantity && line.key.map { $0 == lot.purchase.key } ?? true
    }
    if let index {
      let purchase = lots[index].purchase
      lots[index].take(line.quantity)
      return (purchase.key, line.quantity, try purchase.cost(of: line.quantity))
    }
    let price = try bound.rule.rule.cost(of: line.quantity)
    guard let key = line.key, price != line.costMinor else { return nil }
    return (key, 0, price)
  }

  /// The difference between what a line cost and costs; a difference of nothing says that it draws, too.
  private func row(_ line: LineToFile, cost: Int64, _ dates: BatchDates) throws -> RewardRow {
    let bound = try day.terms.bound(agreement: line.agreement, rule: line.rule)
    let cheaper = line.costMinor - cost
    return try RewardRow(
      cheaper >= 0 ? .reservePrepaid : .freePrepaid,
      bound.agreement,
      bound.rule,
      member: line.member,
      purchase: line.purchase,
      lot: line.lot,
      quantity: line.quantity,
      cost: abs(cheaper),
      event: line.eventDate,
      earnMonth: 0,
      dates: dates
    )
  }
}

extension PrepaidLot {
  /// Takes from the room of the day and its month, or gives back what is negative.
  fileprivate mutating func take(_ quantity: Int64) {
    room -= quantity
    monthUsed += quantity
  }
}

extension TermsInForce {
  /// The rule in force on a day that gives a prepurchase's miles.
  package func milesRule(
    of purchase: Prepurchase,
    on day: CivilDate
  ) -> (agreement: BoundAgreement, rule: BoundRule)? {
    let inForce = allAgreements.filter {
      $0.agreement.validFrom <= day
    }.sorted { ($0.agreement.validFrom, $0.id) > ($1.agreement.validFrom, $1.id) }
    for agreement in inForce {
      if let rule = agreement.rules.first(where: {
        $0.rule.kind == .miles && $0.unit == purchase.unit && $0.partner == purchase.partner
          && $0.rule.currency == purchase.currency
      }) {
        return (agreement, rule)
      }
    }
    return nil
  }
}
