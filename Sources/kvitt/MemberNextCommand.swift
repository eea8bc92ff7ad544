import ArgumentParser
import Civil
import Formats
import Intake
import Journal
import Ledger
import Reports
import Rewards

extension MemberCommand {
  /// Says what is missing for the next reward or tier.
  struct Next: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "What is missing for a member's next reward or tier.",
      discussion: "Example: kvitt member next ca_1 --day 2026-11-20"
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var output: OutputOptions

    @Argument(help: "Card token.")
    var card: String

    @Option(help: "The day on the member's clock; default: today.")
    var day: CivilDate?

    func run() async throws {
      let books = try await workplace.books(.read)
      let member = try books.knownMember(ofCard: card)
      let date = day ?? Instant.now().date
      let terms = try TermsInForce(books)
      let goals = try books.reading {
        try NextGoals(books: books, terms: terms)
          .of(member.member, programme: member.programme, on: date)
      }
      output.show(
        Table(
          heading: ["Card \(escaped(card)) | member \(member.member) | \(date)"],
          columns: [
            Column("GOAL"), Column("COUNTS"), Column("NOW", .right), Column("AT", .right),
            Column("MISSING", .right), Column("GIVES"), Column("THROUGH"),
          ],
          rows: goals.map { goal in
            let exponent = goal.measure == .spending ? goal.currency.exponent : 0
            let cell = { (value: Int64) in Cell.money(value, exponent: exponent) }
            return [
              .text(goal.name), .text(goal.measure.text(goal.currency)), cell(goal.now),
              cell(goal.at), cell(goal.at - goal.now), .text(goal.given),
              .text(goal.through.map { "\($0)" } ?? ""),
            ]
          },
          notes: goals.isEmpty ? ["The terms in force set this member no goal."] : []
        )
      )
    }
  }
}

extension Goal {
  /// What it gives, for screens.
  fileprivate var given: String {
    guard let gives else { return "the tier" }
    let exponent = gives.rule.kind.isWhole ? 0 : currency.exponent
    return "\(grouped(gives.quantity, exponent: exponent)) \(gives.rule.unit)"
  }
}

extension Goal.Measure {
  fileprivate func text(_ currency: Currency) -> String {
    switch self {
    case .spending: "\(currency) spent"
    case .purchases: "purchases"
    case .units(let unit): unit
    }
  }
}
