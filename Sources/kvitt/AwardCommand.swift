import ArgumentParser
import Civil
import Intake
import Journal
import Ledger
import Redemption

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
      let report = try AwardRun(books.day(businessDate)).run()
      say(report.seal == nil ? "nothing is due" : report.text)
    }
  }
}

extension RewardCommand {
  /// Turns points into miles.
  struct Convert: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Turn own points into miles of a partner, at the ratio of the terms.",
      discussion: """
        Example: kvitt reward convert ca_1 --from PT.NB --into NVA --quantity 3000 --key C-17
        The same key does nothing twice. The next batch posts it; the miles go out with the partner's
        next statement.
        """
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "Card token of the member.")
    var card: String

    @Option(help: "Code of the points.")
    var from: String

    @Option(help: "Code of the miles.")
    var into: String

    @Option(help: "How many points.")
    var quantity: Int64

    @Option(help: "Your own name of this call.")
    var key: String

    @Option(help: "The day on the member's clock; default: today.")
    var day: CivilDate?

    func run() async throws {
      let books = try await workplace.books(.redeem)
      let member = try books.owner(ofCard: card)
      let now = Instant.now()
      let done = try Redeemer(books: books, terms: TermsInForce(books)).convert(
        quantity,
        of: member.member,
        programme: member.programme,
        from: from,
        into: into,
        on: day ?? now.date,
        key: key,
        now: now
      )
      say(
        "H-\(done.answer.hold): \(quantity) \(from) become \(done.miles) \(into)"
          + (done.answer.isRepeated ? "; done before, nothing to do" : "")
      )
    }
  }
}

extension AwardReport {
  /// What a run did, for screens.
  var text: String {
    "\(bonuses) bonuses, \(takenBack) taken back, \(vouchers) vouchers, \(grants) benefits"
  }
}
