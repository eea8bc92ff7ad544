import Crypto
import ArgumentParser
import Civil
import Formats
import Intake
import Journal
import Ledger
import Reports
import Rewards
import Signing
import Terms

/// Partners, their terms and certificates.
struct PartnerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "partner",
    abstract: "Partners, terms and certificates.",
    discussion: "Example: kvitt partner list",
    subcommands: [List.self, TermsGroup.self, Cert.self]
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

  /// Certificates of partners.
  struct Cert: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Enrol the certificate that a partner signs with.",
      discussion: """
        Example: kvitt partner cert NVA partner-signer.pem
        Confirm the printed SHA-256 with the partner by another channel.
        """
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "Code of the partner.")
    var partner: String

    @Argument(help: "Certificate in PEM or DER.", completion: .file())
    var file: String

    func run() async throws {
      let books = try await workplace.books(.finance)
      let known = try TermsInForce(books).knownPartner(partner)
      let fingerprint = try enrolCertificate(
        InputFile(path: file, sizeMax: 65_536).contents(),
        of: known,
        books
      )
      say("\(partner): signer sha256 \(fingerprint) enrolled")
    }
  }
}

/// Enrols a certificate for its own validity; gives its fingerprint.
func enrolCertificate(_ bytes: [UInt8], of partner: PartnerEntry, _ books: Books) throws -> String {
  do {
    let certificate = try Certificate(bytes: bytes)
    let validity = try certificate.validity()
    try books.enrolSigner(
      partner: partner.id,
      fingerprint: certificate.fingerprint,
      certificate: certificate.der,
      from: CivilDate(days: Int32(validity.from / 86_400)),
      to: CivilDate(days: Int32(validity.to / 86_400))
    )
    return certificate.fingerprint.description
  } catch let failure as SigningFailure {
    throw Refusal(.keyProblem, failure.description)
  }
}
