import Signing
import ArgumentParser
import Civil
import Crypto
import Formats
import Settlement

/// Signing keys.
struct KeyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key",
    abstract: "Signing keys and token keys.",
    discussion: "Example: kvitt key create --name Northbank",
    subcommands: [Create.self, Show.self, TokenKeyCommand.self]
  )

  /// Makes a trial authority and signer.
  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a trial CA and a P-256 signer; files that stand are never replaced.",
      discussion: "Example: kvitt key create --name Northbank --from 2026-01-01 --to 2028-01-01"
    )

    @OptionGroup var workplace: Workplace

    @Option(help: "Name in the certificates.")
    var name = "kvitt"

    @Option(help: "First day of validity; default: yesterday.")
    var from: CivilDate?

    @Option(help: "Last day of validity; default: two years on.")
    var to: CivilDate?

    func run() async throws {
      let today = Instant.now().date
      let folder = KeyFolder(path: workplace.keys)
      try makeFolder(workplace.folder)
      try folder.create(
        name: name,
        from: from ?? today.adding(days: -1),
        to: to ?? today.adding(days: 730)
      )
      let key = try folder.signingKey()
      say("\(workplace.keys)/signer.pem  sha256 \(key.certificate.fingerprint)")
      say("Hand signer.pem to your partners and confirm the SHA-256 by another channel.")
    }
  }

  /// Shows the signer.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the signer's fingerprint.",
      discussion: "Example: kvitt key show"
    )

    @OptionGroup var workplace: Workplace

    func run() async throws {
      let key = try KeyFolder(path: workplace.keys).signingKey()
      say("\(workplace.keys)/signer.pem  sha256 \(key.certificate.fingerprint)")
    }
  }
}
