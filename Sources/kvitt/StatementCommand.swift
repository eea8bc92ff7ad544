import ArgumentParser
import Civil
import Formats
import Journal
import Reports
import Settlement
import Signing

/// Partner statements.
struct StatementCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "statement",
    abstract: "Partner statements: list, write, verify.",
    discussion: "Example: kvitt statement list --partner NVA",
    subcommands: [List.self, Verify.self, Render.self]
  )

  /// Lists statements.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List statements.",
      discussion: "Example: kvitt statement list -O json"
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var output: OutputOptions

    @Option(help: "Only of this partner.")
    var partner: String?

    func run() async throws {
      let books = try await workplace.books(.read)
      let directory = try books.directory()
      let id = try partner.map { code in
        guard let known = directory.partner(code) else {
          throw unknown("partner", code, directory.partners.map(\.code))
        }
        return known.id
      }
      output.show(statementTable(try books.statements(partner: id), directory))
    }
  }

  /// Verifies statement files.
  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check signature, pinned signer, digests, totals and continuity of a statement.",
      discussion: """
        Example: kvitt statement verify NVA-2026-0060_v1.csv --signer signer.pem
        Needs no database. Exits 21 where any check fails.
        The openssl line that it prints takes the pinned certificate alone, of RSA-2048 or P-256 and more,
        valid at that moment. openssl cannot be told to refuse a digest: it takes SHA-1 and MD5 inside
        the signature, which kvitt refuses, and it does not read manifest and totals.
        """
    )

    @Argument(help: "Line file; signature and manifest lie beside it.", completion: .file())
    var files: [String]

    @Option(help: "Certificate that is pinned.", completion: .file())
    var signer: String

    @Option(help: "Day at whose end the certificate must be valid; default: today.")
    var at: CivilDate?

    func run() async throws {
      let certificate: Certificate
      do {
        certificate = try Certificate(
          bytes: InputFile(path: signer, sizeMax: 65_536).contents()
        )
      } catch let failure as SigningFailure {
        throw Refusal(.keyProblem, failure.description)
      }
      let day = at ?? Instant.now().date
      let check = StatementCheck(
        certificates: [certificate],
        at: endOfDay(day)
      )
      for file in files {
        let findings = try check.verify(path: file)
        say(
          Table(
            columns: [Column("CHECK"), Column("RESULT"), Column("DETAIL")],
            rows: findings.map { [.text($0.check), .text("good"), .text($0.detail)] }
          ).rendered(.table),
          terminator: ""
        )
        say("Valid. Same check of signer and bytes without kvitt:")
        say(verificationLine(file: file, signer: signer, at: endOfDay(day)))
      }
    }
  }

  /// Writes statements again.
  struct Render: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write a statement's files again: the same bytes, the first signature.",
      discussion: "Example: kvitt statement render NVA-2026-0060"
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "Number of the statement.")
    var number: String

    func run() async throws {
      let books = try await workplace.books(.settle)
      guard let statement = try books.statements(number: number).first else {
        throw unknown("statement", number, try books.statements().map(\.number))
      }
      let files = StatementFiles(
        books: books,
        directory: try books.directory(),
        outbox: workplace.outbox
      )
      let key = try KeyFolder(path: workplace.keys).signingKey(on: statement.businessDate)
      let written = try files.write(statement, signer: OutboxSigner(books: books, key: key))
      say("\(files.folder(statement)): \(written ? "written" : "complete, nothing to do")")
    }
  }
}

/// The line with which a partner checks signer and bytes with stock openssl.
///
/// The pinned certificate is the only one that may have signed (`-nointern` looks for no other in the
/// signature), of keys that openssl's level 2 takes, at the checked moment.
private func verificationLine(file: String, signer: String, at seconds: Int64) -> String {
  let words =
    [
      "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", file + ".p7s", "-content",
      file,
    ]
    + ["-certfile", signer, "-nointern", "-CAfile", signer, "-partial_chain", "-no-CApath"]
    + ["-no-CAstore", "-purpose", "any", "-auth_level", "2", "-attime", String(seconds)]
    + ["-out", "/dev/null"]
  return words.map(shellWord).joined(separator: " ")
}

/// A word as a POSIX shell reads it: plain where nothing in it has a meaning, else between apostrophes.
func shellWord(_ text: String) -> String {
  let isPlain = text.utf8.allSatisfy { isIDByte($0) || $0 == 0x2F }
  guard !isPlain || text.isEmpty else { return text }
  return "'" + text.replacing("'", with: "'\\''") + "'"
}
