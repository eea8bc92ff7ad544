import ArgumentParser
import Civil
import Crypto
import Formats
import Intake
import Journal
import Reports
import Signing

/// Enrols a partner's certificate.
struct EnrolSigner: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cert",
    abstract: "Enrol the certificate that a partner signs with, as one of two people.",
    discussion: """
      Example: kvitt partner cert NVA partner-signer.pem
      It counts when a second person enrols the same file; until then this ends with 24. Each of the two
      confirms the printed SHA-256 with the partner by another channel. Authorities' certificates, those for
      TLS alone and RSA keys below 2,048 bits are refused.
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
    let bytes = try InputFile(path: file, sizeMax: 65_536).contents()
    let signer = try readSigner(bytes)
    let directory = try books.directory()
    for same in try books.signers() where same.fingerprint == signer.fingerprint {
      if same.partner != known.id {
        let code = directory.partner(id: same.partner)?.code ?? ""
        say("beware: partner \(code) has the same certificate")
      } else if let person = same.withdrawnBy {
        throw Refusal(
          .keyProblem,
          "\(person) withdrew this certificate; it does not come back",
          hint: "the partner makes a new key and certificate"
        )
      }
    }
    try decideJointly(
      "\(known.code): signer sha256 \(signer.fingerprint), \(signer.from) to \(signer.to),",
      next: "its files are taken",
      conflict: "this certificate stands already"
    ) { try enrol(signer, of: known, books) }
  }
}

/// Withdraws a partner's certificate.
struct WithdrawSigner: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "withdraw-cert",
    abstract: "Withdraw a partner's certificate; one person suffices.",
    discussion: """
      Example: kvitt partner withdraw-cert NVA 3f9a --reason "the key was lost"
      Files that it signs are refused from now on; what was taken stands. Standing approvals of the
      partner end.
      """
  )

  @OptionGroup var workplace: Workplace

  @Argument(help: "Code of the partner.")
  var partner: String

  @Argument(help: "SHA-256 of the certificate, or how it begins.")
  var fingerprint: String

  @Option(help: "Why, for the record; nothing personal.")
  var reason: String

  func validate() throws {
    guard (3...400).contains(reason.count) else {
      throw ValidationError("--reason has 3 to 400 characters")
    }
  }

  func run() async throws {
    let books = try await workplace.books(.finance)
    let known = try TermsInForce(books).knownPartner(partner)
    let own = try books.signers().filter { $0.partner == known.id }
    let found = own.filter { $0.fingerprint.hasPrefix(fingerprint.lowercased()) }
    guard found.count == 1, let signer = found.first else {
      throw unknown("certificate of \(known.code)", fingerprint, own.map(\.fingerprint))
    }
    guard signer.withdrawnBy == nil else {
      say("\(known.code): withdrawn before, nothing to do")
      return
    }
    try books.withdrawSigner(partner: known.id, fingerprint: signer.fingerprint, reason: reason)
    say("\(known.code): signer sha256 \(signer.fingerprint) withdrawn by \(try books.login())")
  }
}

/// Lists partners' certificates.
struct ListSigners: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "certs",
    abstract: "List partners' certificates and who enrolled them.",
    discussion: "Example: kvitt partner certs"
  )

  @OptionGroup var workplace: Workplace
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let books = try await workplace.books(.read)
    let directory = try books.directory()
    output.show(
      Table(
        columns: [
          Column("PARTNER"), Column("SHA-256"), Column("FROM"), Column("TO"),
          Column("PROPOSED BY"), Column("DECIDED BY"), Column("WITHDRAWN BY"),
        ],
        rows: try books.signers().map {
          [
            .text(directory.partner(id: $0.partner)?.code ?? ""), .text($0.fingerprint),
            .text("\($0.validFrom)"), .text("\($0.validTo)"), .text($0.proposedBy),
            .text($0.decidedBy ?? "-"), .text($0.withdrawnBy ?? "-"),
          ]
        }
      )
    )
  }
}

/// A certificate that is fit to sign a partner's files.
struct FitSigner {
  let certificate: Certificate
  let from: CivilDate
  let to: CivilDate
  var fingerprint: String { certificate.fingerprint.description }
}

/// Reads a partner's certificate and refuses one that is not fit to sign.
func readSigner(_ bytes: [UInt8]) throws -> FitSigner {
  do {
    let certificate = try Certificate(bytes: bytes)
    try certificate.checkFitness()
    let validity = try certificate.validity()
    return FitSigner(
      certificate: certificate,
      from: CivilDate(days: Int32(validity.from / 86_400)),
      to: CivilDate(days: Int32(validity.to / 86_400))
    )
  } catch {
    throw Refusal(.keyProblem, error.description)
  }
}

/// Enrols a certificate for its own validity.
func enrol(_ signer: FitSigner, of partner: PartnerEntry, _ books: Books) throws -> JointDecision {
  try books.enrolSigner(
    partner: partner.id,
    fingerprint: signer.certificate.fingerprint,
    certificate: signer.certificate.der,
    from: signer.from,
    to: signer.to
  )
}
