import Terms
import ArgumentParser
import Civil
import Formats
import Intake
import Journal
import Ledger
import Reports
import Settlement

/// Plan, approve, run: what both sides owe.
struct SettleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "settle",
    abstract: "Plan, approve and run the settlement with partners.",
    discussion: """
      Example: kvitt settle plan --business-date 2026-11-20
      A plan writes only itself; a second person approves it, or a standing approval of two people
      covers it; run does exactly that plan. A second run changes nothing and says so.
      """,
    subcommands: [
      FileLines.self, PlanSettlement.self, Approve.self, RunSettlement.self, List.self,
      Prepay.self, Prepaid.self, StandingGroup.self,
    ]
  )

  /// Owes lines on their filing.
  struct FileLines: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "file",
      abstract: "Draw on miles bought ahead, and owe what the contract settles on filing.",
      discussion: """
        Example: kvitt settle file --business-date 2026-11-20
        The night does it before its own plan; do it before a plan that people approve.
        """
    )

    @OptionGroup var workplace: Workplace

    @Option(help: "Business date.")
    var businessDate: CivilDate

    func run() async throws {
      let day = try await workplace.books(.settle).day(businessDate)
      let prepaid = try PrepaidRun(day).run()
      if !prepaid.text.isEmpty { say("prepaid miles: \(prepaid.text)") }
      let report = try FilingRun(day).run()
      say(report.lines > 0 ? "\(report.lines) lines owed" : "nothing to owe, nothing to do")
    }
  }

  /// Approves a plan.
  struct Approve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Approve a plan as the second person.",
      discussion: "Example: KVITT_LOGIN=bo kvitt settle approve P-20261120-1"
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "Id of the plan.")
    var plan: String

    func run() async throws {
      let books = try await workplace.books(.finance)
      let stored = try storedPlan(plan, books)
      // Before the yes: whoever gives it sees what it is given to, also where it is refused.
      for position in try books.planned(stored.id) {
        let amount = { (minor: Int64) in
          "\(decimalText(minor, exponent: position.currency.exponent)) \(position.currency.code)"
        }
        let net =
          switch position.net {
          case 0: "nothing to pay"
          case ..<0: "the partner owes us \(amount(-position.net))"
          default: "we owe \(amount(position.net))"
          }
        let ordered =
          position.ordered > 0
          ? "\(amount(position.ordered)) to \(position.account) on \(position.payOn)"
          : "nothing is ordered"
        say("\(position.code): \(net); \(ordered)")
      }
      try books.approve(stored)
      say("\(plan) approved by \(try books.login()) (sha256 \(stored.digest.prefix(8)))")
      say("next: kvitt settle run \(plan)")
    }
  }

  /// Lists plans.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List plans and what became of them.",
      discussion: "Example: kvitt settle list"
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let plans = try await workplace.books(.read).plans()
      output.show(
        Table(
          columns: [
            Column("PLAN"), Column("DATE"), Column("CUT", .right), Column("PREPARED BY"),
            Column("APPROVED BY"), Column("STATE"),
          ],
          rows: plans.map {
            [
              .text($0.id), .text("\($0.businessDate)"), .count($0.cutSeal),
              .text($0.preparedBy), .text($0.approvedBy ?? "-"),
              .text($0.batch == nil ? "planned" : "settled"),
            ]
          }
        )
      )
    }
  }
}

/// Makes a plan.
struct PlanSettlement: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Compute and store the plan of a business date.",
    discussion: "Example: kvitt settle plan --business-date 2026-11-20 --detailed-exitcode"
  )

  @OptionGroup var workplace: Workplace
  @OptionGroup var output: OutputOptions

  @Option(help: "Business date; default: the day after the last settled one.")
  var businessDate: CivilDate?

  @Flag(help: "Let standing approvals decide; what they do not cover is held.")
  var standing = false

  @Flag(help: "Exit with 11 where the plan pays, holds or collects.")
  var detailedExitcode = false

  func run() async throws {
    let books = try await workplace.books(.finance)
    let terms = try TermsInForce(books)
    let date = try businessDate ?? books.lastSettled()?.adding(days: 1) ?? Instant.now().date
    let plan = try SettlementDesk(books: books, terms: terms)
      .plan(date, mode: standing ? .standing : .person)
    output.show(planTable(plan))
    if output.format == .table {
      say("Only the plan is written: \(plan.id)")
      say(
        "next: another person runs  kvitt settle approve \(plan.id)   then  kvitt settle run "
          + plan.id
      )
    }
    if detailedExitcode, plan.positions.contains(where: { $0.action != .carry }) {
      throw Ending(.work)
    }
  }
}

/// Runs a plan.
struct RunSettlement: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Settle exactly an approved plan.",
    discussion: "Example: kvitt settle run P-20261120-1"
  )

  @OptionGroup var workplace: Workplace
  @OptionGroup var output: OutputOptions

  @Argument(help: "Id of the plan.")
  var plan: String

  func run() async throws {
    let books = try await workplace.books(.settle)
    let terms = try TermsInForce(books)
    let stored = try storedPlan(plan, books)
    let key = try KeyFolder(path: workplace.keys).signingKey(on: stored.businessDate)
    try OutboxGuard(books: books, outbox: workplace.outbox).pass(before: stored.businessDate)
    let report = try SettlementDesk(books: books, terms: terms).run(stored, recordedAt: .now())
    let signer = OutboxSigner(books: books, key: key)
    let (directory, outbox) = (terms.directory, workplace.outbox)
    let files = StatementFiles(books: books, directory: directory, outbox: outbox)
    for statement in report.statements { try files.write(statement, signer: signer) }
    try OrderFiles(books: books, directory: directory, outbox: outbox)
      .write(report.statements, signer: signer)
    if !report.isNew { say("\(plan) was settled before, nothing to do") }
    output.show(statementTable(report.statements, terms.directory))
  }
}

/// A stored plan by its id or a unique prefix of it.
func storedPlan(_ id: String, _ books: Books) throws -> StoredPlan {
  if let plan = try books.plans(id: id).first { return plan }
  let all = try books.plans().map(\.id)
  let near = nearestName(id, in: all).map { "did you mean \($0)?" } ?? "kvitt settle list"
  throw Refusal(.planUnknown, "no plan \"\(escaped(id))\"", hint: near)
}

/// A plan as a screen.
func planTable(_ plan: SettlementPlan) -> Table {
  Table(
    heading: [
      "Business date \(plan.businessDate) \(plan.businessDate.weekdayName) | cut-off (ledger no.) "
        + "\(plan.cut) | + we pay, - we collect | settled section only"
    ],
    columns: [
      Column("PARTNER"), Column("CUR"), Column("OPENING", .right),
      Column("TO PARTNER", .right), Column("TO ISSUER", .right), Column("PAID", .right),
      Column("NET", .right), Column("ACTION"), Column("ON"),
    ],
    rows: plan.positions.map { position in
      let currency = position.currency.code
      return [
        .text(position.partner.name), .text(currency), money(position.opening, currency),
        money(position.toPartner, currency), money(-position.toIssuer, currency),
        money(-position.paid, currency), money(position.net, currency),
        .text(position.action.rawValue), .text("\(position.payOn)"),
      ]
    }
  )
}

/// Statements as a screen.
func statementTable(_ statements: [StoredStatement], _ directory: Directory) -> Table {
  Table(
    columns: [
      Column("PARTNER"), Column("STATEMENT"), Column("SETTLED", .right), Column("FILED", .right),
      Column("CUR"), Column("OPENING", .right), Column("NET", .right),
      Column("ORDERED", .right), Column("CLOSING", .right),
    ],
    rows: statements.map {
      [
        .text(directory.partner(id: $0.partner)?.name ?? ""), .text($0.number),
        .count($0.settledLines), .count($0.filedLines), .text($0.currency),
        money($0.opening, $0.currency), money($0.net, $0.currency),
        money($0.ordered, $0.currency), money($0.closing, $0.currency),
      ]
    }
  )
}
