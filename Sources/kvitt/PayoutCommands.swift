import ArgumentParser
import Civil
import Formats
import Intake
import Journal
import Ledger
import Redemption
import Reports
import Settlement

extension RewardCommand {
  /// Pays cashback out.
  struct Payout: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Pay cashback out to card accounts: what calls captured, or what everybody has.",
      discussion: """
        Example: kvitt reward payout --business-date 2026-11-20
        Example: kvitt reward payout --business-date 2026-11-30 --programme northbank-cashback \
        --unit CB.EUR --from 10.00
        The file and its signature lie in outbox/card-system. The night pays what calls captured.
        """
    )

    @OptionGroup var workplace: Workplace

    @Option(help: "Business date, which is also the pay date.")
    var businessDate: CivilDate

    @Option(help: "Pay everybody of this programme.")
    var programme: String?

    @Option(help: "Code of the cashback unit that everybody is paid.")
    var unit: String?

    @Option(name: .customLong("from"), help: "Least amount that everybody is paid, such as 10.00.")
    var least: QuantityText?

    func validate() throws {
      guard (programme == nil) == (unit == nil), (unit == nil) == (least == nil) else {
        throw ValidationError("--programme, --unit and --from go together")
      }
    }

    func run() async throws {
      let books = try await workplace.books(.settle)
      try OutboxGuard(books: books, outbox: workplace.outbox).pass(before: businessDate)
      let day = try books.day(businessDate)
      let key = try KeyFolder(path: workplace.keys).signingKey(on: businessDate)
      let report = try PayoutRun(day).run(everyone: everyone(day.terms))
      let written = try PayoutFiles(books: books, outbox: workplace.outbox)
        .write(signer: OutboxSigner(books: books, key: key))
      say(report.seal.map { "\(report.text); seal \($0.number)" } ?? "nothing to pay out")
      for path in written { say(path) }
    }

    private func everyone(_ terms: TermsInForce) throws -> PayoutRun.Everyone? {
      guard let programme, let unit, let least else { return nil }
      let programmes = terms.directory.programmes
      guard let id = programmes.first(where: { $0.code == programme })?.id else {
        throw unknown("programme", programme, programmes.map(\.code))
      }
      let units = terms.directory.units.filter { $0.kind == "cashback" }
      guard let entry = units.first(where: { $0.code == unit }) else {
        throw unknown("cashback unit", unit, units.map(\.code))
      }
      return PayoutRun.Everyone(programme: id, unit: entry.id, least: try least.minor(of: entry))
    }
  }

  /// Takes the card system's answer.
  struct PayoutAnswerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "payout-answer",
      abstract: "Take the card system's answer to a pay-out file; what it rejects is restored.",
      discussion: "Example: kvitt reward payout-answer CBA-0001.csv --business-date 2026-11-21"
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "Answer file.", completion: .file())
    var file: String

    @Option(help: "Business date.")
    var businessDate: CivilDate

    func run() async throws {
      let books = try await workplace.books(.settle)
      let report = try PayoutAnswerIntake(books.day(businessDate)).take(
        bytes: InputFile(path: file, sizeMax: 1 << 28).contents(),
        name: file.split(separator: "/").last.map(String.init) ?? file
      )
      say(report.text)
    }
  }
}

extension PayoutReport {
  /// What a run did, for screens.
  var text: String {
    let sums = amounts.sorted { $0.key.code < $1.key.code }.map { currency, minor in
      "\(grouped(minor, currency.code)) \(currency)"
    }
    return "\(number): \(lines) credits, " + sums.joined(separator: ", ")
      + (breaks > 0 ? ", \(breaks) breaks" : "")
  }
}

extension PayoutAnswerReport {
  /// What an answer said, for screens.
  var text: String {
    isRepeated
      ? "\(number): already taken, nothing to do" : "\(number): \(paid) paid, \(rejected) rejected"
  }
}
