import ArgumentParser
import Civil
import Formats
import Journal
import Reports

/// Reports.
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Reports over the books.",
    discussion: "Example: kvitt report liability --from 2026-11-01 --to 2026-11-20",
    subcommands: [Liability.self, Members.self]
  )

  /// Liability roll-forward.
  struct Liability: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Liability roll-forward by partner and reward, tied to its accounts.",
      discussion: "Example: kvitt report liability --from 2026-11-01 --to 2026-11-20 -O csv"
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var output: OutputOptions

    @Option(help: "First booking date; default: the first of the month.")
    var from: CivilDate?

    @Option(help: "Last booking date; default: the last settled date.")
    var to: CivilDate?

    func run() async throws {
      let books = try await workplace.books(.read)
      let end = try to ?? books.lastSettled() ?? Instant.now().date
      let (year, month, _) = end.components
      let start = from ?? CivilDate(year: year, month: month, day: 1) ?? end
      output.show(try liabilityTable(books, start, end))
    }
  }

  /// Member balances.
  struct Members: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "What every member holds, by card token and unit, net of debts.",
      discussion: "Example: kvitt report members -O csv"
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let books = try await workplace.books(.read)
      let directory = try books.directory()
      output.show(
        Table(
          columns: [
            Column("CARD", key: "card_token"), Column("UNIT"), Column("QUANTITY", .right),
          ],
          rows: try books.memberBalances().map {
            [.text($0.token), .text($0.unit), try quantity($0.quantity, of: $0.unit, directory)]
          }
        )
      )
    }
  }
}

/// The roll-forward with one control line per account.
func liabilityTable(_ books: Books, _ start: CivilDate, _ end: CivilDate) throws -> Table {
  let lines = try books.liability(from: start, to: end)
  let accounts = try books.balances(account: nil, asOf: end)
  let controls = try books.lotCosts(through: end).map { lots in
    let account = -accounts.filter {
      $0.account == lots.account && $0.commodity == lots.currency
    }.map(\.amount).reduce(0, +)
    return "CONTROL \(lots.account) \(lots.currency)  lots \(grouped(lots.minor, lots.currency))  "
      + "account \(grouped(account, lots.currency))  difference "
      + grouped(lots.minor - account, lots.currency)
  }
  return Table(
    heading: ["Liability roll-forward | \(start) to \(end) (booking) | + we owe"],
    columns: [
      Column("ACCT"), Column("PARTNER"), Column("UNIT"), Column("CUR"),
      Column("OPENING", .right), Column("EARNED", .right), Column("REVERSED", .right),
      Column("REDEEMED/CONFIRMED", .right), Column("EXPIRED", .right), Column("CLOSING", .right),
    ],
    rows: lines.map { line in
      let cell = { (value: Int64) in money(value, line.currency) }
      return [
        .text(line.account), .text(line.partner), .text(line.unit), .text(line.currency),
        cell(line.opening), cell(line.earned), cell(line.reversed), cell(line.settled),
        cell(line.expired), cell(line.closing),
      ]
    },
    notes: controls
  )
}
