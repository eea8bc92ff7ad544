import Civil
import Formats
package import Intake
import Journal
import Ledger
import Rewards
import Terms

/// What the terms' deadlines did on a night.
package struct DeadlineReport: Sendable {
  package var accepted = 0
  package var refiled = 0
  package var lapsed = 0
  package var overdue = 0

  package init() {}
}

/// Applies the contract's deadlines: no answer in time, rejected lines cured or lapsed.
package struct Deadlines {
  private let books: Books
  private let terms: TermsInForce
  private let businessDate: CivilDate
  private let recordedAt: Instant

  package init(_ day: BookDay) {
    (books, terms) = (day.books, day.terms)
    (businessDate, recordedAt) = (day.date, day.recordedAt)
  }

  /// Applies all that is due for every partner, one batch a partner where anything is.
  package func apply() throws -> DeadlineReport {
    var report = DeadlineReport()
    for partner in terms.directory.partners {
      guard let agreed = terms.partners[partner.id], let answer = agreed.answer else { continue }
      let batch = try books.reserve(.deadline, "\(partner.code)/\(businessDate)")
      try books.transaction {
        try apply(partner, batch, answer, &report)
      }
    }
    return report
  }

  private func apply(
    _ partner: PartnerEntry,
    _ batch: Int64,
    _ agreed: AnswerTerms,
    _ report: inout DeadlineReport
  ) throws {
    let calendar = try terms.calendar(of: partner.id)
    let late = try books.statementsUnanswered(partner: partner.id).filter {
      calendar.openDays(after: $0.businessDate, through: businessDate) > agreed.deadlineDays
    }
    let rejections = try books.openRejections(partner: partner.id).filter { rejection in
      rejection.currentRef != rejection.line.memberRef
        || rejection.rejectedOn.adding(days: agreed.cureDays) < businessDate
    }
    report.overdue += agreed.noAnswer == .openBreak ? late.count : 0
    let due = agreed.noAnswer == .accept ? late : []
    guard !due.isEmpty || !rejections.isEmpty else { return }
    let leaf = try books.openLeaf(
      batch,
      .deadline,
      businessDate: businessDate,
      recordedAt: recordedAt
    )
    let posting = try OutcomePosting(
      books: books,
      terms: terms,
      partner: partner.id,
      leaf: leaf,
      businessDate: businessDate
    )
    for statement in due {
      let lines = try books.unansweredLines(statement: statement.id)
      report.accepted += lines.count
      try posting.post(
        lines.map {
          LineOutcome(
            line: $0,
            status: "D",
            acceptedQuantity: $0.quantity,
            acceptedMinor: $0.valueMinor,
            reason: "DEADLINE",
            partnerRef: ""
          )
        }
      )
    }
    try close(rejections, agreed, posting, leaf, &report)
    try leaf.seal(bookingDate: businessDate)
  }

  private func close(
    _ rejections: [OpenRejection],
    _ agreed: AnswerTerms,
    _ posting: OutcomePosting,
    _ leaf: Leaf,
    _ report: inout DeadlineReport
  ) throws {
    guard !rejections.isEmpty else { return }
    let members = Array(Set(rejections.map(\.line.member))).sorted()
    try books.lock(members: members)
    let rows = Dictionary(grouping: try books.rewards(ofMembers: members), by: \.member)
    let holdings = rows.mapValues { Holdings($0, terms) }
    var closed: [(event: String, attempt: Int, how: String)] = []
    for rejection in rejections {
      let line = rejection.line
      guard let open = holdings[line.member]?.rejected(lot: line.row) else { continue }
      if open.quantity == 0 {
        closed.append((line.eventID, line.attempt, "dropped"))
      } else if rejection.currentRef != line.memberRef {
        try posting.refile(line, quantity: open.quantity, cost: open.cost)
        closed.append((line.eventID, line.attempt, "refiled"))
        report.refiled += 1
      } else if let unit = terms.directory.unit(agreed.lapseUnit) {
        let cash = try agreed.lapseRate.cost(of: open.quantity, in: unit.currency, .halfUp)
        try posting.lapse(
          line,
          quantity: open.quantity,
          cost: open.cost,
          cash: cash,
          unit: unit
        )
        closed.append((line.eventID, line.attempt, "lapsed"))
        report.lapsed += 1
      }
    }
    try books.closeRejections(closed, batch: leaf.batch)
  }
}
