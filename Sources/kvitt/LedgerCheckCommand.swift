import ArgumentParser
import Formats
import Journal
import Reports
import Settlement
import Signing

extension LedgerCommand {
  /// Proves the books.
  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Prove the books from their rows, and the outbox beside them; faults name places.",
      discussion: """
        Example: kvitt ledger check
        Example: kvitt ledger check --since 4711
        Entries balance, accounts equal the member rows, blocks, roots and seals are unbroken, every
        row of a fact is the one that was written, what follows from rows follows from them, and
        statements, manifests, signatures, payment orders and pay-out files in the outbox are those
        that were issued. Exits 20 where the books differ, 23 where the outbox is ahead of them, 21
        where a file differs. kvitt help ledger-check tells what stays outside.
        """
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var output: OutputOptions

    @Option(help: "Read only what was sealed after this seal, which an earlier check proved.")
    var since: Int64 = 0

    @Option(help: "Certificate of the signer; default: signer.pem and signer-*.pem among the keys.")
    var signer: String?

    func validate() throws {
      guard since >= 0 else { throw ValidationError("--since is the number of a seal") }
    }

    func run() async throws {
      let books = try await workplace.books(.audit)
      let certificates =
        try signer.map { [try certificate($0)] }
        ?? KeyFolder(path: workplace.keys).certificates()
      let audit = BookAudit(books: books, outbox: workplace.outbox, certificates: certificates)
      let (report, outbox) = try audit.run(since: since)
      let faults = report.faults
      if !faults.isEmpty {
        output.show(
          Table(
            columns: [Column("CHECK"), Column("PLACE"), Column("DETAIL")],
            rows: faults.map { [.text($0.check), .text($0.place), .text($0.detail)] }
          )
        )
        if output.format == .table { say(outbox.text) }
        let codes: [ErrorCode] = [.booksBroken, .outboxDiffers]
        let code = codes.first { code in faults.contains { $0.code == code } } ?? .digestDiffers
        throw Refusal(code, "\(faults.count) faults, see above")
      }
      let range = since > 0 ? ", seals \(since + 1) to \(report.seal)" : ", seal \(report.seal)"
      say(
        "The books prove: \(report.batches) leaves, \(report.rows) rows in \(report.blocks) "
          + "blocks, \(report.entries) entries, \(report.facts) facts\(range)."
      )
      if report.unsealed > 0 {
        say("\(report.unsealed) facts were written after it; the next seal takes them.")
      }
      say(outbox.text)
    }

    private func certificate(_ path: String) throws -> Certificate {
      do {
        return try Certificate(bytes: InputFile(path: path, sizeMax: 65_536).contents())
      } catch let failure as SigningFailure {
        throw Refusal(.keyProblem, failure.description)
      }
    }
  }
}
