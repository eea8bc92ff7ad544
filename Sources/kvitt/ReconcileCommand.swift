import ArgumentParser
import Civil
import Formats
import Intake
import Journal
import Ledger
import Reconciliation
import Reports

/// Reconciliation: ours, theirs and every difference by name.
struct ReconcileCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reconcile",
    abstract: "Compare our accounts with what partners and bank state, to an explained zero.",
    discussion: """
      Example: kvitt reconcile --business-date 2026-11-20
      Ours is an account balance, theirs the total stated in their files; the difference is named
      breaks, each pointing to a line. A difference that breaks do not explain exits 20.
      Of a day before the last settled one it shows the proofs that were made then, and stores nothing.
      """
  )

  @OptionGroup var workplace: Workplace
  @OptionGroup var output: OutputOptions

  @Option(help: "Business date; default: the last settled one.")
  var businessDate: CivilDate?

  func run() async throws {
    let books = try await workplace.books(.settle)
    let directory = try books.directory()
    let settled = try books.lastSettled()
    let date = businessDate ?? settled ?? Instant.now().date
    let proofs =
      if let settled, date < settled {
        try stored(date, settled, books)
      } else {
        try Reconciler(books: books, directory: directory, businessDate: date).run()
      }
    output.show(proofTable(proofs, directory))
    if proofs.contains(where: { $0.breaks != 0 }) { throw Ending(.findings) }
  }

  /// The proofs that a past day's own night made: balances of today are not that day's.
  private func stored(
    _ date: CivilDate,
    _ settled: CivilDate,
    _ books: Books
  ) throws -> [StoredProof] {
    let proofs = try books.proofs(through: date).filter { $0.date == date }
    guard proofs.isEmpty else { return proofs }
    throw Refusal(
      .usage,
      "no proof of \(date) was made, and \(settled) is settled: its balances are gone",
      hint: "kvitt reconcile, without a date, proves the last settled one"
    )
  }

  /// A proof in one line.
  static func line(_ proof: StoredProof) -> String {
    "PROOF \(proof.pair), \(proof.commodity)   ours \(amount(proof.ours, proof)) - theirs "
      + "\(amount(proof.theirs, proof)) = \(amount(proof.ours - proof.theirs, proof))   breaks "
      + "\(amount(proof.breaks, proof)) + rounding \(amount(proof.rounding, proof))   unexplained "
      + amount(proof.unexplained, proof)
  }

  private static func amount(_ value: Int64, _ proof: StoredProof) -> String {
    grouped(value, proof.commodity)
  }
}

/// An amount with the decimals of its currency; units have none.
func grouped(_ minor: Int64, _ commodity: String) -> String {
  grouped(minor, exponent: Currency(code: commodity.utf8)?.exponent ?? 0)
}

/// Proofs as a screen.
func proofTable(_ proofs: [StoredProof], _ directory: Directory) -> Table {
  Table(
    columns: [
      Column("PAIR"), Column("IN"), Column("OURS", .right), Column("THEIRS", .right),
      Column("DIFF", .right), Column("BREAKS", .right), Column("UNEXPLAINED", .right),
      Column("YESTERDAY", .right), Column("NEW", .right), Column("CLEARED", .right),
      Column("EXACT", .right),
    ],
    rows: proofs.map { proof in
      let cell = { (value: Int64) in money(value, proof.commodity) }
      return [
        .text(proof.pair), .text(proof.commodity), cell(proof.ours), cell(proof.theirs),
        cell(proof.ours - proof.theirs), cell(proof.breaks), cell(proof.unexplained),
        cell(proof.openedBefore), cell(proof.newToday), cell(proof.clearedToday),
        .count(proof.exactCount),
      ]
    },
    notes: ["", "DIFF = ours - theirs = BREAKS; yesterday + new - cleared = breaks"]
  )
}

/// Breaks.
struct BreaksCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "breaks",
    abstract: "Differences by name: kind, amount, age, what to do.",
    discussion: "Example: kvitt breaks list",
    subcommands: [List.self, Show.self],
    defaultSubcommand: List.self
  )

  /// Lists breaks.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List open breaks, now or as they stood on a day.",
      discussion: """
        Example: kvitt breaks list --all -O csv
        Example: kvitt breaks list --as-of 2026-11-18
        """
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var output: OutputOptions

    @Flag(help: "Cleared ones too.")
    var all = false

    @Option(help: "Business date whose evening is shown: its breaks, their state and age.")
    var asOf: CivilDate?

    func run() async throws {
      let books = try await workplace.books(.read)
      let date = try asOf ?? books.lastSettled() ?? Instant.now().date
      let breaks = try books.breaks(openOnly: !all, asOf: asOf)
      output.show(breakTable(breaks, date, try TermsInForce(books).calendars.values.first))
    }
  }

  /// Shows one break.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show one break with its history.",
      discussion: "Example: kvitt breaks show B-1001"
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "Id of the break.")
    var id: String

    func run() async throws {
      let books = try await workplace.books(.read)
      let all = try books.breaks(openOnly: false)
      guard let item = all.first(where: { $0.id == id }) else {
        throw unknown("break", id, all.map(\.id))
      }
      say("\(item.id) \(item.kind), \(item.pair)")
      say(
        "ours \(grouped(item.ours, item.commodity)), theirs "
          + "\(grouped(item.theirs, item.commodity)) \(item.commodity), worth "
          + "\(grouped(item.valueMinor, item.currency)) \(item.currency)"
      )
      say("points to: \(item.pointer)\nto do: \(item.advice)")
      for event in try books.breakEvents(id) {
        say("  \(event.date) \(event.state): \(event.note)")
      }
    }
  }
}

/// Breaks as a screen.
func breakTable(_ breaks: [StoredBreak], _ date: CivilDate, _ calendar: BusinessCalendar?) -> Table
{
  Table(
    columns: [
      Column("ID"), Column("KIND"), Column("PAIR"), Column("IN"), Column("OURS", .right),
      Column("THEIRS", .right), Column("DIFF", .right), Column("AGE", .right), Column("STATE"),
      Column("POINTS TO"), Column("WHAT TO DO"),
    ],
    rows: breaks.map { item in
      let age = calendar?.openDays(after: item.openedOn, through: date) ?? 0
      return [
        .text(item.id), .text(item.kind), .text(item.pair), .text(item.commodity),
        money(item.ours, item.commodity), money(item.theirs, item.commodity),
        money(item.ours - item.theirs, item.commodity), .count(Int64(age)), .text(item.state),
        .text(item.pointer), .text(item.advice),
      ]
    },
    notes: [
      "\(breaks.count) breaks | DIFF = ours - theirs | age in banking days on \(date)"
    ]
  )
}
