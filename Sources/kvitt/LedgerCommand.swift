import ArgumentParser
import Civil
import Formats
import Journal
import Reports
import Settlement

/// The general ledger.
struct LedgerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ledger",
    abstract: "Balances, register, entries, proof and export of the books.",
    discussion: "Example: kvitt ledger balance",
    subcommands: [
      Balance.self, Register.self, EntryView.self, Check.self, Export.self, Open.self,
      EstimateBreakage.self,
    ]
  )

  /// Shows balances.
  struct Balance: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Trial balance, debit positive.",
      discussion: "Example: kvitt ledger balance 2490 --as-of 2026-10-31"
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var output: OutputOptions

    @Argument(help: "Only this account.")
    var account: String?

    @Option(help: "Up to this booking date.")
    var asOf: CivilDate?

    func run() async throws {
      let books = try await workplace.books(.read)
      try known(account, books)
      let rows = try books.balances(account: account, asOf: asOf)
      output.show(
        Table(
          columns: [
            Column("ACCOUNT"), Column("NAME"), Column("PARTNER"), Column("IN"),
            Column("BALANCE", .right),
          ],
          rows: rows.map {
            [
              .text($0.account), .text($0.title), .text($0.partner), .text($0.commodity),
              money($0.amount, $0.commodity),
            ]
          },
          notes: ["debit positive"]
        )
      )
    }
  }

  /// Shows postings.
  struct Register: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Postings in the order of the book.",
      discussion: """
        Example: kvitt ledger register 2490 --partner LUM
        Where there are more postings than --limit, it says so.
        """
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var output: OutputOptions

    @Argument(help: "Only this account.")
    var account: String?

    @Option(help: "Only this partner.")
    var partner: String?

    @Option(help: "Highest number of rows.")
    var limit = 1_000

    func run() async throws {
      let books = try await workplace.books(.read)
      try known(account, books)
      let directory = try books.directory()
      let id = try partner.map { code in
        guard let known = directory.partner(code) else {
          throw unknown("partner", code, directory.partners.map(\.code))
        }
        return known.id
      }
      try output.show(upTo: limit) {
        try books.register(account: account, partner: id, limit: $0)
      } _: {
        registerTable($0)
      }
    }
  }

  /// Shows one entry.
  struct EntryView: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "entry",
      abstract: "One entry with all its postings.",
      discussion: "Example: kvitt ledger entry J-2097153"
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var output: OutputOptions

    @Argument(help: "Id of the entry.")
    var id: String

    func run() async throws {
      let books = try await workplace.books(.read)
      let number = Int64(id.hasPrefix("J-") ? String(id.dropFirst(2)) : id)
      let rows = try number.map { try books.register(entry: $0, limit: Int(Int32.max)) } ?? []
      guard !rows.isEmpty else { throw unknown("entry", id, []) }
      output.show(registerTable(rows))
    }
  }

  /// Exports a journal.
  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write all entries as a plain-text journal that other tools check.",
      discussion: "Example: kvitt ledger export -O hledger > kvitt.journal"
    )

    @OptionGroup var workplace: Workplace

    @Option(name: [.customShort("O"), .customLong("output")], help: "beancount or hledger.")
    var format: JournalFormat

    func run() async throws {
      let books = try await workplace.books(.read)
      try books.exportJournal(format) { say($0, terminator: "") }
    }
  }
}

/// Refuses an account that the chart does not hold.
private func known(_ account: String?, _ books: Books) throws {
  guard let account else { return }
  let codes = try books.accountCodes()
  guard codes.contains(account) else { throw unknown("account", account, codes) }
}

/// Postings as a screen.
func registerTable(_ rows: [RegisterLine]) -> Table {
  Table(
    columns: [
      Column("ENTRY"), Column("DATE"), Column("CODE"), Column("ACCOUNT"), Column("PARTNER"),
      Column("IN"), Column("AMOUNT", .right), Column("TEXT"),
    ],
    rows: rows.map {
      [
        .text("J-\($0.entry)"), .text($0.date), .text($0.code), .text($0.account),
        .text($0.partner), .text($0.commodity), money($0.amount, $0.commodity), .text($0.text),
      ]
    }
  )
}
