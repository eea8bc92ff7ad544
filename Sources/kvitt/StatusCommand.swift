import ArgumentParser
import Civil
import Formats
import Journal
import Reports

/// One screen: what is done, open, owed.
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "One screen: last night, partners, proofs, breaks.",
    discussion: "Example: kvitt status"
  )

  @OptionGroup var workplace: Workplace
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let books = try await workplace.books(.read)
    output.show(try statusTable(books))
  }
}

/// The status as a screen.
func statusTable(_ books: Books) throws -> Table {
  let directory = try books.directory()
  let last = try books.lastFinished("nightly")
  let open = try books.breaks(openOnly: true)
  let taken = try books.takenFiles(limit: 1).first
  let rows: [[Cell]] = try directory.partners.map { partner in
    let statement = try books.statements(partner: partner.id).last
    let currency = statement?.currency ?? ""
    return [
      .text(partner.code), .text(partner.name), .text(statement?.number ?? "-"),
      .text(currency), money(statement?.net ?? 0, currency),
      money(statement?.ordered ?? 0, currency), money(statement?.closing ?? 0, currency),
      .count(Int64(open.count { $0.pair == partner.code || $0.pair == "till \(partner.code)" })),
    ]
  }
  return Table(
    heading: [
      "Last finished night: \(last.map { "\($0) \($0.weekdayName)" } ?? "none") | seal "
        + "\(try books.newestSeal()) | last file \(taken?.name ?? "none") | open breaks "
        + "\(open.count)"
    ],
    columns: [
      Column("PARTNER"), Column("NAME"), Column("LAST STATEMENT"), Column("CUR"),
      Column("NET", .right), Column("ORDERED", .right), Column("CLOSING", .right),
      Column("BREAKS", .right),
    ],
    rows: rows,
    notes: ["+ we owe the partner, - the partner owes us"]
  )
}
