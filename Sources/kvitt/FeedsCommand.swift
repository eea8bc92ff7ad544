import ArgumentParser
import Crypto
import Formats
import Foundation
import Intake
import Journal
import Ledger
import Reports
import Settlement
import Terms

/// Feed profiles: how a bank's files are written.
struct FeedsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "feeds",
    abstract: "Feed profiles: list them, show one, read a file with one and post nothing.",
    discussion: """
      Example: kvitt ingest feeds test viva-issuing Clearing_20261120.txt
      A profile is loaded as terms are: kvitt partner terms apply my-feed.yaml
      """,
    subcommands: [List.self, Show.self, Test.self],
    defaultSubcommand: List.self
  )

  /// Lists profiles.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the profiles that are loaded.",
      discussion: "Example: kvitt ingest feeds list"
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let terms = try TermsInForce(try await workplace.books(.read))
      output.show(
        Table(
          columns: [
            Column("FEED"), Column("FORMAT"), Column("AMOUNTS"), Column("SIGN"), Column("TRAILER"),
            Column("IDENTITY"),
          ],
          rows: terms.feeds.values.sorted { $0.name < $1.name }.map {
            [
              .text($0.name), .text($0.format.rawValue), .text($0.amounts.rawValue),
              .text($0.sign.rawValue), .text($0.trailer.rawValue),
              .text(
                ($0.identity.map(\.name) + ($0.countsEqualRows ? ["count"] : []))
                  .joined(separator: " ")
              ),
            ]
          }
        )
      )
    }
  }

  /// Shows a profile.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print a profile as it was loaded.",
      discussion: "Example: kvitt ingest feeds show viva-issuing"
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "Name of the profile.")
    var name: String

    func run() async throws {
      let stored = try await workplace.books(.read).storedTerms().filter { $0.kind == "feed" }
      guard let terms = stored.last(where: { $0.code == name }) else {
        throw unknown("feed", name, stored.map(\.code))
      }
      say(String(decoding: terms.body, as: UTF8.self), terminator: "")
    }
  }

  /// Reads a file with a profile and posts nothing.
  struct Test: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Read a file, show what it gives, check its totals; nothing is posted.",
      discussion: """
        Example: kvitt ingest feeds test my-feed.yaml sample.csv
        NAME is a loaded profile or a YAML file, so a profile can be tried before it is loaded.
        """
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var output: OutputOptions

    @Argument(help: "Name of a profile, or a YAML file.")
    var name: String

    @Argument(help: "Feed file.", completion: .file())
    var file: String

    @Option(help: "Records to show.")
    var limit = 10

    func run() async throws {
      let profile = try await profile()
      let keys = profile.format == .ipm ? try TokenKeys(path: workplace.keys).keys() : []
      let limit = limit
      var records: [CardRecord] = []
      var rejects: [RejectedRow] = []
      let merchants =
        profile.takesCategoryFromDirectory
        ? try await workplace.books(.read).merchantDirectory() : MerchantDirectory()
      let reader = CardFeedReader(
        try InputFile(path: file),
        profile: profile,
        token: { card in try keys.first.flatMap { ShortID($0.token(card)) } ?? noToken(card) },
        category: { merchants.entry($0, on: $1)?.category }
      )
      let summary = try reader.read(
        control: controlText(of: file),
        bytes: { _ in },
        record: { if records.count < limit { records.append($0) } },
        reject: { if rejects.count < 20 { rejects.append($0) } }
      )
      output.show(table(records))
      // Beside CSV and JSON, which programs read whole, words go to standard error.
      func tell(_ text: String) {
        if output.format == .table { say(text) } else { complain(text) }
      }
      tell(
        "\(summary.records) records, \(summary.skipped) skipped, \(summary.unreadable) without "
          + "readable amount; "
          + (summary.hasControl ? "control totals agree" : "no control totals")
      )
      if summary.notesLeftOut > 0 { tell(IngestCommand.leftOut(summary.notesLeftOut)) }
      for (currency, total) in summary.totals.sorted(by: { $0.key.code < $1.key.code }) {
        tell(
          "\(currency): debit \(decimalText(total.debit, exponent: currency.exponent)), "
            + "credit \(decimalText(total.credit, exponent: currency.exponent))"
        )
      }
      for row in rejects {
        let place = Place(
          file: file,
          line: Int(row.line),
          column: row.column,
          source: row.excerpt,
          length: row.length
        )
        complain(Refusal(row.code, row.message, at: place).description)
      }
      if !rejects.isEmpty { throw Ending(.findings) }
    }

    private func profile() async throws -> CardFeedProfile {
      if name.hasSuffix(".yaml") {
        let bytes = try InputFile(path: name, sizeMax: 1 << 20).contents()
        return try CardFeedProfile(yaml: bytes, file: name)
      }
      let terms = try TermsInForce(try await workplace.books(.read))
      guard let profile = terms.feeds[name] else {
        throw unknown("feed", name, terms.feeds.keys.sorted())
      }
      return profile
    }

    private func table(_ records: [CardRecord]) -> Table {
      Table(
        columns: [
          Column("LINE", .right), Column("TYPE"), Column("REFERENCE"), Column("ORIGINAL"),
          Column("CARD"), Column("AMOUNT", .right), Column("CUR"), Column("BILLED", .right),
          Column("CUR", key: "billing_currency"), Column("MCC"), Column("MERCHANT"), Column("DAY"),
        ],
        rows: records.map { record in
          [
            .count(Int64(record.line)),
            .text("\(record.type)" + (record.reversal ? " reversal" : "")),
            .text("\(record.reference)"), .text(record.original.map { "\($0)" } ?? ""),
            .text("\(record.token)"), money(record.amount.minor, record.amount.currency.code),
            .text(record.amount.currency.code),
            money(record.billing.minor, record.billing.currency.code),
            .text(record.billing.currency.code), .text(fourDigits(record.category)),
            .text("\(record.merchant)"), .text("\(record.eventDate)"),
          ]
        }
      )
    }
  }
}

private func fourDigits(_ category: Int16) -> String {
  let digits = String(category)
  return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}
