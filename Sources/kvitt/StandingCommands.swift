import ArgumentParser
import Civil
import Formats
import Intake
import Journal
import Ledger
import Reports
import Terms

/// Standing approvals.
struct StandingGroup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "standing",
    abstract: "Standing approvals of two people, with limits.",
    discussion: """
      Example: kvitt settle standing list
      A standing approval lets nights pay a partner unattended, to the account of its present terms. It
      ends when the partner's terms or certificates change, and when somebody withdraws it.
      """,
    subcommands: [Prepare.self, Give.self, Withdraw.self, List.self]
  )

  /// Prepares a standing approval.
  struct Prepare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Prepare a standing approval with limits on what a run moves and orders.",
      discussion: """
        Example: kvitt settle standing prepare NVA --to-partner 5000000 --to-issuer 1000000 \
        --month-to-partner 20000000 --month-to-issuer 4000000 --expires 2026-12-31
        A run is held whose gross movement to the partner, or what it orders, is above --to-partner, or
        that would bring 31 days above --month-to-partner; the same with --to-issuer.
        """
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "Code of the partner.")
    var partner: String

    @Option(help: "Limit of a run to the partner, in minor units.")
    var toPartner: Int64

    @Option(help: "Limit of a run to the issuer, in minor units.")
    var toIssuer: Int64

    @Option(help: "Limit of 31 days to the partner; default: 31 times that of a run.")
    var monthToPartner: Int64?

    @Option(help: "Limit of 31 days to the issuer; default: 31 times that of a run.")
    var monthToIssuer: Int64?

    @Option(help: "Last business date.")
    var expires: CivilDate

    func validate() throws {
      for (run, month) in [(toPartner, monthToPartner), (toIssuer, monthToIssuer)] {
        guard (0...StandingGroup.limitMax).contains(run) else {
          throw ValidationError("a limit is from 0 to \(StandingGroup.limitMax)")
        }
        guard month.map({ (run...31 * StandingGroup.limitMax).contains($0) }) ?? true else {
          throw ValidationError("the limit of 31 days is not below that of a run")
        }
      }
    }

    func run() async throws {
      let books = try await workplace.books(.finance)
      let terms = try TermsInForce(books)
      let known = try terms.knownPartner(partner)
      guard let agreed = terms.partners[known.id] else {
        throw Refusal(
          .termsMissing,
          "partner \(known.code) has no terms",
          hint: "kvitt partner terms apply FILE"
        )
      }
      let limits = StandingLimits(
        toPartner: toPartner,
        toIssuer: toIssuer,
        monthToPartner: monthToPartner ?? toPartner * 31,
        monthToIssuer: monthToIssuer ?? toIssuer * 31
      )
      let id = try books.prepareStanding(
        partner: known.id,
        currency: agreed.currency.code,
        account: agreed.account,
        limits: limits,
        expires: expires
      )
      say("standing approval \(id) prepared: \(known.code), account \(agreed.account)")
      say("  \(limits.text(agreed.currency)), until \(expires)")
      say("next: another person runs  kvitt settle standing give \(id)")
    }
  }

  /// Gives the second yes.
  struct Give: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give the second person's yes to a standing approval.",
      discussion: "Example: KVITT_LOGIN=bo kvitt settle standing give 1"
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "Number of the standing approval.")
    var number: Int64

    func run() async throws {
      let books = try await workplace.books(.finance, login: "bo")
      let standing = try books.standing(number)
      try books.approveStanding(standing)
      let limits =
        Currency(code: standing.currency.utf8).map { ", " + standing.limits.text($0) } ?? ""
      say("standing approval \(number) given by \(try books.login())")
      say("  account \(standing.account)\(limits), until \(standing.expiresOn)")
    }
  }

  /// Takes one back.
  struct Withdraw: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take a standing approval back; one person suffices.",
      discussion: "Example: kvitt settle standing withdraw 1 --reason \"the contract ends\""
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "Number of the standing approval.")
    var number: Int64

    @Option(help: "Why, for the record; nothing personal.")
    var reason: String

    func validate() throws {
      guard (3...400).contains(reason.count) else {
        throw ValidationError("--reason has 3 to 400 characters")
      }
    }

    func run() async throws {
      let books = try await workplace.books(.finance)
      let standing = try books.standing(number)
      guard standing.state != .withdrawn else {
        say("standing approval \(number) was withdrawn before, nothing to do")
        return
      }
      try books.withdrawStanding(number, reason: reason)
      say("standing approval \(number) withdrawn by \(try books.login())")
    }
  }

  /// Lists standing approvals.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List standing approvals.",
      discussion: "Example: kvitt settle standing list"
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let books = try await workplace.books(.read)
      let directory = try books.directory()
      output.show(
        Table(
          columns: [
            Column("NO", .right), Column("PARTNER"), Column("CUR"),
            Column("TO PARTNER", .right), Column("TO ISSUER", .right),
            Column("31 DAYS TO PARTNER", .right), Column("31 DAYS TO ISSUER", .right),
            Column("ACCOUNT"), Column("EXPIRES"), Column("PREPARED BY"), Column("GIVEN BY"),
            Column("STATE"),
          ],
          rows: try books.standings().map {
            [
              .count($0.id), .text(directory.partner(id: $0.partner)?.code ?? ""),
              .text($0.currency), money($0.limits.toPartner, $0.currency),
              money($0.limits.toIssuer, $0.currency),
              money($0.limits.monthToPartner, $0.currency),
              money($0.limits.monthToIssuer, $0.currency), .text($0.account),
              .text("\($0.expiresOn)"), .text($0.preparedBy), .text($0.approvedBy ?? "-"),
              .text($0.state.rawValue),
            ]
          }
        )
      )
    }
  }

  /// 31 times it fits into 64 bits.
  static let limitMax: Int64 = 1_000_000_000_000_000
}

extension Books {
  /// A standing approval by its number.
  fileprivate func standing(_ number: Int64) throws -> Standing {
    guard let standing = try standings().first(where: { $0.id == number }) else {
      throw unknown("standing approval", String(number), [])
    }
    return standing
  }
}

extension StandingLimits {
  /// For people.
  fileprivate func text(_ currency: Currency) -> String {
    func amount(_ minor: Int64) -> String {
      "\(decimalText(minor, exponent: currency.exponent)) \(currency.code)"
    }
    return "a run \(amount(toPartner)) to the partner and \(amount(toIssuer)) to the issuer, "
      + "31 days \(amount(monthToPartner)) and \(amount(monthToIssuer))"
  }
}
