import ArgumentParser
import Civil
import Formats
import Intake
import Journal
import Ledger
import Reports
import Rewards
import Terms

/// Rewards that members hold.
struct RewardCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reward",
    abstract: "Rewards that members hold.",
    discussion: "Example: kvitt reward expire --business-date 2026-11-20",
    subcommands: [
      Hold.self, Capture.self, Release.self, Post.self, Payout.self, PayoutAnswerCommand.self,
      Adjust.self, WriteOff.self, Convert.self, Catalogue.self, Order.self, ReturnOrder.self,
      Award.self, Expire.self, Simulate.self,
    ]
  )

  /// Ends lots that are over.
  struct Expire: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "End lots whose last day is past; the night does it by itself.",
      discussion: """
        Example: kvitt reward expire --business-date 2026-11-20
        A second run finds nothing left to end and says so.
        """
    )

    @OptionGroup var workplace: Workplace

    @Option(help: "Lots whose last day is before it are ended.")
    var businessDate: CivilDate

    func run() async throws {
      let books = try await workplace.books(.settle)
      let report = try ExpiryRun(books.day(businessDate)).run()
      guard let seal = report.seal else {
        say("nothing is over on \(businessDate)")
        return
      }
      say("\(report.text); seal \(seal.number)")
    }
  }
}

extension RewardCommand {
  /// Replays history under draft terms.
  struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Replay real purchases under draft terms, beside those in force; writes nothing.",
      discussion: """
        Example: kvitt reward simulate draft.yaml --from 2026-10-01 --to 2026-10-31
        Each purchase counts with what stands of it after refunds. Caps count from the first day of
        the replay, so begin where their period does.
        """
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var output: OutputOptions

    @Argument(help: "Agreement in YAML; it need not be loaded.", completion: .file())
    var draft: String

    @Option(help: "First day of purchases.")
    var from: CivilDate

    @Option(help: "Last day of purchases; at most three years after the first.")
    var to: CivilDate

    func validate() throws {
      guard from <= to, to <= from.adding(months: 36) else {
        throw ValidationError("--to lies before --from, or more than three years after it")
      }
    }

    func run() async throws {
      let books = try await workplace.books(.read)
      let terms = try TermsInForce(books)
      let agreement = try Agreement(
        yaml: InputFile(path: draft, sizeMax: 1 << 20).contents(),
        file: draft
      )
      guard terms.directory.programmes.contains(where: { $0.code == agreement.programme }) else {
        throw unknown("programme", agreement.programme, terms.directory.programmes.map(\.code))
      }
      let report = try Simulation(books: books, terms: terms, draft: agreement)
        .run(from: from, through: to)
      output.show(table(report, agreement.currency))
    }

    private func table(_ report: SimulationReport, _ currency: Currency) -> Table {
      let cells = { (name: String, item: SimulatedRule) -> [Cell] in
        let exponent = item.rule.kind.isWhole ? 0 : item.currency.exponent
        return [
          .text(name),
          .text(item.rule.name + (item.currency == currency ? "" : " (\(item.currency))")),
          .text(item.rule.unit),
          .count(Int64(item.purchases)), .count(Int64(item.members.count)),
          .money(item.quantity, exponent: exponent),
          money(item.cost, item.currency.code), money(item.share, item.currency.code),
          money(item.cost - item.share, item.currency.code),
        ]
      }
      let currencies = report.currencies.isEmpty ? [currency] : report.currencies
      let total = { (terms: SimulatedTerms) in
        currencies.map {
          "cost \(grouped(terms.cost(in: $0), $0.code)) \($0), of which partners pay "
            + grouped(terms.share(in: $0), $0.code)
        }.joined(separator: "; ")
      }
      let difference = currencies.map {
        let change = report.draft.cost(in: $0) - report.inForce.cost(in: $0)
        return "\(grouped(change, $0.code)) \($0)"
      }
      let affected = report.affected
      return Table(
        heading: [
          "Simulation \(from) to \(to) | \(grouped(Int64(report.purchases), exponent: 0)) purchases | "
            + "\(currency)"
        ],
        columns: [
          Column("TERMS"), Column("RULE"), Column("UNIT"), Column("PURCHASES", .right),
          Column("MEMBERS", .right), Column("QUANTITY", .right), Column("COST", .right),
          Column("PARTNER", .right), Column("ISSUER", .right),
        ],
        rows: report.inForce.rules.map { cells("in force", $0) }
          + report.draft.rules.map { cells("draft", $0) },
        notes: [
          "in force: \(total(report.inForce))", "draft: \(total(report.draft))",
          "draft less in force: \(difference.joined(separator: "; "))",
          "members: \(affected.more) get more, \(affected.less) less, \(affected.same) the same",
        ]
      )
    }
  }
}

extension ExpiryReport {
  /// What a run did, for screens.
  var text: String {
    let costs = cost.sorted { $0.key.code < $1.key.code }.map { currency, minor in
      "\(grouped(minor, currency.code)) \(currency)"
    }
    return "\(lots) lots of \(members.count) members, " + costs.joined(separator: ", ")
  }
}
