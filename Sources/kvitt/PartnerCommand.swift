import ArgumentParser
import Civil
import Formats
import Intake
import Journal
import Ledger
import Reports
import Rewards
import Terms

/// Partners, their terms and certificates.
struct PartnerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "partner",
    abstract: "Partners, terms and certificates.",
    discussion: "Example: kvitt partner list",
    subcommands: [
      List.self, TermsGroup.self, EnrolSigner.self, WithdrawSigner.self, ListSigners.self,
    ]
  )

  /// Lists partners.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List partners with their terms in force.",
      discussion: "Example: kvitt partner list -O json"
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let terms = try TermsInForce(try await workplace.books(.read))
      output.show(
        Table(
          columns: [
            Column("CODE"), Column("NAME"), Column("CUR"), Column("MINIMUM", .right),
            Column("CALENDAR"), Column("TERMS", .right),
          ],
          rows: terms.directory.partners.compactMap { partner in
            guard let agreed = terms.partners[partner.id] else { return nil }
            return [
              .text(partner.code), .text(partner.name), .text(agreed.currency.code),
              money(agreed.minimumTransfer, agreed.currency.code), .text(agreed.calendar),
              .text("v\(agreed.version)"),
            ]
          }
        )
      )
    }
  }

  /// The terms commands.
  struct TermsGroup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "terms",
      abstract: "Terms of contracts as data.",
      discussion: "Example: kvitt partner terms plan Settlement/agreements/*.yaml",
      subcommands: [Plan.self, Apply.self, Show.self, Diff.self]
    )
  }
}
