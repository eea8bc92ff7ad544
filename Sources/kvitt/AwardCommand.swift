import ArgumentParser
import Civil
import Intake
import Journal
import Ledger

extension RewardCommand {
  /// Gives what no purchase gives by itself.
  struct Award: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Post bonuses, vouchers for full stamp cards, and benefits; the night does it too.",
      discussion: """
        Example: kvitt reward award --business-date 2026-11-20
        A second run on the same day finds nothing to do.
        """
    )

    @OptionGroup var workplace: Workplace

    @Option(help: "Business date.")
    var businessDate: CivilDate

    func run() async throws {
      let books = try await workplace.books(.settle)
      let report = try AwardRun(
        books: books,
        terms: TermsInForce(books),
        businessDate: businessDate,
        recordedAt: .now()
      ).run()
      print(report.seal == nil ? "nothing is due" : report.text)
    }
  }
}

extension AwardReport {
  /// What a run did, for screens.
  var text: String {
    "\(bonuses) bonuses, \(takenBack) taken back, \(vouchers) vouchers, \(grants) benefits"
  }
}
