import ArgumentParser
import Civil
import Formats
import Foundation
import Intake
import Journal

/// The nightly run.
struct NightlyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nightly",
    abstract: "Run a business date: files in, deadlines, settlement, statements, reconciliation.",
    discussion: """
      Example: kvitt nightly --business-date 2026-11-20
      Example: kvitt nightly --catch-up
      Works as the login kvitt_nightly. A second run of a date changes nothing and says so; a run
      that died is resumed; missed dates run in order.
      """
  )

  @OptionGroup var workplace: Workplace

  @Option(help: "Business date.")
  var businessDate: CivilDate?

  @Flag(help: "Run every open business date after the last finished one, oldest first.")
  var catchUp = false

  func run() async throws {
    let books = try await workplace.books(.ingest, login: "kvitt_nightly")
    var worst = ExitStatus.ok
    for date in try dates(books) {
      let report = try Night(books: books, workplace: workplace, date: date).run()
      NightlyCommand.show(report, date)
      if report.held > 0 || report.unposted > 0 || !report.refusals.isEmpty {
        worst = .partial
      } else if worst == .ok,
        report.rejects > 0 || report.proofs.contains(where: { $0.breaks != 0 })
      {
        worst = .findings
      }
    }
    if worst != .ok { throw Ending(worst) }
  }

  private func dates(_ books: Books) throws -> [CivilDate] {
    guard catchUp else {
      guard let businessDate else {
        throw Refusal(.usage, "name a date with --business-date, or use --catch-up")
      }
      return [businessDate]
    }
    let calendars = try TermsInForce(books).calendars.values
    let end = businessDate ?? Instant.now().date
    guard let last = try books.lastFinished("nightly") else {
      throw Refusal(.usage, "no night was finished yet; begin with --business-date")
    }
    var out: [CivilDate] = []
    var day = last.adding(days: 1)
    while day <= end {
      if calendars.contains(where: { $0.isOpen(day) }) { out.append(day) }
      day = day.adding(days: 1)
    }
    if out.isEmpty { say("nothing to catch up: \(last) is the last finished date") }
    return out
  }

  /// Prints a night's lines.
  static func show(_ report: NightReport, _ date: CivilDate) {
    guard report.isNew else {
      say("\(date) \(date.weekdayName): finished before, nothing to do")
      return
    }
    say("\(date) \(date.weekdayName)")
    for line in report.lines { say("  " + line) }
    for statement in report.statements {
      say(
        "  statement \(statement.number): net \(grouped(statement.net, statement.currency)) "
          + "\(statement.currency), ordered \(grouped(statement.ordered, statement.currency))"
      )
    }
    for proof in report.proofs { say("  " + ReconcileCommand.line(proof)) }
    for refusal in report.refusals { complain(refusal.description) }
  }
}
