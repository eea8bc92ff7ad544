import ArgumentParser
import Civil
import Formats
import Intake
import Journal
import Ledger
import Reports

/// Rewards that members hold.
struct RewardCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reward",
    abstract: "Rewards that members hold.",
    discussion: "Example: kvitt reward expire --business-date 2026-11-20",
    subcommands: [Expire.self]
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
      let report = try ExpiryRun(
        books: books,
        terms: TermsInForce(books),
        businessDate: businessDate,
        recordedAt: .now()
      ).run()
      guard let seal = report.seal else {
        print("nothing is over on \(businessDate)")
        return
      }
      print("\(report.text); seal \(seal.number)")
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
