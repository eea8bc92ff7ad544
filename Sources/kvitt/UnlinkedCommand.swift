import ArgumentParser
import Formats
import Journal
import Ledger
import Reports

/// Refunds and the like whose purchase nothing names.
struct UnlinkedCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unlinked",
    abstract: "Refunds whose purchase nothing names: look, link, or accept that there is none.",
    discussion: """
      Example: kvitt ingest unlinked link 12-345 11-77 --reason "receipt seen"
      A decision stands when a second person runs the same command; the next feed batch, or the
      night, takes the rewards back.
      """,
    subcommands: [List.self, Link.self, Accept.self],
    defaultSubcommand: List.self
  )

  /// Lists the queue.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List refunds that wait for a purchase, with what speaks for it.",
      discussion: "Example: kvitt ingest unlinked list"
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var output: OutputOptions

    @Option(help: "Highest number of rows.")
    var limit = 100

    func run() async throws {
      let books = try await workplace.books(.read)
      try output.show(upTo: limit) {
        try books.unlinkedRecords(limit: $0)
      } _: { rows in
        Table(
          columns: [
            Column("ROW"), Column("TYPE"), Column("DATE"), Column("REFERENCE"),
            Column("MERCHANT"), Column("AMOUNT", .right), Column("CUR"), Column("STATE"),
            Column("EVIDENCE"),
          ],
          rows: rows.map {
            [
              .text($0.name), .text($0.type), .text($0.date), .text($0.reference),
              .text($0.merchant), money($0.amount.minor, $0.amount.currency.code),
              .text($0.amount.currency.code), .text($0.state), .text($0.evidence),
            ]
          }
        )
      }
    }
  }

  /// Links a refund to a purchase.
  struct Link: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Link a refund to the purchase it concerns.",
      discussion: "Example: kvitt ingest unlinked link 12-345 11-77 --reason \"receipt seen\""
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "Row of the refund, such as 12-345.")
    var refund: String

    @Argument(help: "Row of the purchase, such as 11-77.")
    var purchase: String

    @Option(help: "What the link rests on.")
    var reason: String

    func run() async throws {
      try await decide(refund, purchase: try row(purchase), reason, workplace)
    }
  }

  /// Accepts that there is no purchase.
  struct Accept: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Accept that a refund concerns no purchase of ours; rewards stay.",
      discussion: "Example: kvitt ingest unlinked accept 12-345 --reason \"goodwill of the shop\""
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "Row of the refund, such as 12-345.")
    var refund: String

    @Option(help: "Why there is none.")
    var reason: String

    func run() async throws {
      try await decide(refund, purchase: nil, reason, workplace)
    }
  }
}

private func row(_ text: String) throws -> Int64 {
  let parts = text.split(separator: "-").map(String.init)
  guard parts.count == 2, let batch = Int64(parts[0]), let seq = Int32(parts[1]) else {
    throw unknown("row", text, [])
  }
  return rowID(batch: batch, seq: seq)
}

private func decide(
  _ refund: String,
  purchase: Int64?,
  _ reason: String,
  _ workplace: Workplace
) async throws {
  let books = try await workplace.books(.finance)
  do {
    switch try books.decideUnlinked(row: try row(refund), purchase: purchase, reason: reason) {
    case .proposed: say("\(refund): proposed; a second person runs the same command")
    case .decided: say("\(refund): decided; the next feed batch acts on it")
    case .unknownRecord: throw unknown("unlinked record", refund, [])
    case .unknownPurchase:
      throw Refusal(
        .unknownName,
        "that row is no purchase of the same member",
        hint: "kvitt explain REFERENCE tells the row of a purchase"
      )
    }
  } catch is SamePerson {
    throw Refusal(.selfApproval, "you proposed this yourself; a second person decides")
  }
}
