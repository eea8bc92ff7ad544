import Civil
package import Journal
import Ledger
import Rewards

/// What moving rewards between joined members did.
package struct MergeReport: Sendable {
  package var lots = 0
  package var debts = 0
  package var seal: Seal?
}

/// Moves what joined members have and owe to those whom they were joined to; where two people told
/// them apart again, what is left of the moved lots goes back.
///
/// A lot moves with its cost, its rule and its day, so it ends when it would have ended. What holds and
/// disputes keep stays until they are over; debts that were paid from one pocket stay there.
package struct MergeRun {
  private let books: Books
  private let terms: TermsInForce
  private let businessDate: CivilDate
  private let recordedAt: Instant

  package init(_ day: BookDay) {
    (books, terms) = (day.books, day.terms)
    (businessDate, recordedAt) = (day.date, day.recordedAt)
  }

  /// Moves everything that is free; a second run finds nothing.
  package func run() throws -> MergeReport {
    let joined = try books.merged().sorted { $0.key < $1.key }
    let undone = try books.undoneMerges()
    guard joined.count + undone.count > 0 else { return MergeReport() }
    let last = try books.newestSeal(of: .merge)
    let done = try books.batch(
      .merge,
      key: "\(businessDate)/\(last)",
      businessDate: businessDate,
      recordedAt: recordedAt
    ) { leaf, dates in
      var report = MergeReport()
      let members = Set(joined.flatMap { [$0.key, $0.value] })
        .union(undone.flatMap { [$0.member, $0.into] }).sorted()
      try books.lock(members: members)
      let holdings = try books.holdings(members, terms)
      let reserved = Dictionary(grouping: try books.reserved(members: members), by: \.member)
      for (member, holding) in holdings { holding.reserve(reserved[member] ?? []) }
      let move = LotMove(terms: terms, leaf: leaf, dates: dates)
      for merge in undone {
        let received = try books.lots(receivedBy: merge.into, from: merge.member)
        let lots = (holdings[merge.into]?.movableLots() ?? []).filter {
          received.contains($0.lot.id)
        }
        report.lots += lots.count
        let back = MoveTarget(member: merge.member)
        try move.move(lots, of: merge.into, holdings[merge.into], to: back)
      }
      for (member, other) in joined {
        let lots = holdings[member]?.movableLots() ?? []
        report.lots += lots.count
        try move.move(lots, of: member, holdings[member], to: MoveTarget(member: other))
        report.debts += try moveDebts(from: member, to: other, move)
      }
      try books.note(undone: undone.map(\.key), batch: leaf.batch)
      return report
    }
    guard let done else {
      // Nothing was left to go back; that is noted all the same.
      try books.transaction { try books.note(undone: undone.map(\.key), batch: nil) }
      return MergeReport()
    }
    var report = done.value
    report.seal = done.seal
    return report
  }

  private func moveDebts(
    from giver: Int64,
    to taker: Int64,
    _ move: LotMove
  ) throws -> Int {
    let debts = try books.debts(member: giver)
    guard !debts.isEmpty, let programme = try books.programmes(ofMembers: [giver])[giver] else {
      return 0
    }
    var moved = 0
    for debt in debts {
      let bound = terms.allAgreements.filter { $0.programme == programme }.lazy
        .compactMap { agreement in
          agreement.rules.first { $0.unit == debt.unit }.map { (agreement, $0) }
        }.first
      guard let bound else { continue }
      try move.move(
        debt: (debt.quantity, debt.cost),
        of: giver,
        under: bound,
        to: MoveTarget(member: taker)
      )
      moved += 1
    }
    return moved
  }
}

extension MergeReport {
  /// What a run did, for screens.
  package var text: String { "\(lots) lots, \(debts) debts" }
}
