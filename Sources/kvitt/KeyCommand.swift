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
      discussion: """
        Example: kvitt key create --name Northbank --from 2026-01-01 --to 2028-01-01
        Writes signer.pem, signer.key and ca.pem into keys. The CA's own key is kept nowhere, so that nobody
        can sign further signers with it. A business date outside these days is not signed.
        """
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
      try workplace.makeHome()
      try folder.create(
        name: name,
        from: from ?? today.adding(days: -1),
        to: to ?? today.adding(days: 730)
      )
      let key = try folder.signingKey()
      say("\(workplace.keys)/signer.pem  sha256 \(key.certificate.fingerprint)")
      say(try validity(of: key.certificate))
      say("Hand signer.pem to your partners and confirm the SHA-256 by another channel.")
    }
  }

  /// Shows the signer.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the signer's fingerprint and its days.",
      discussion: "Example: kvitt key show"
    )

    @OptionGroup var workplace: Workplace

    func run() async throws {
      let key = try KeyFolder(path: workplace.keys).signingKey()
      say("\(workplace.keys)/signer.pem  sha256 \(key.certificate.fingerprint)")
      say(try validity(of: key.certificate))
    }
  }
}

/// The days on which a certificate signs, for people.
private func validity(of certificate: Certificate) throws -> String {
  do {
    let (from, to) = try certificate.validity()
    let days = [from, to].map { CivilDate(days: Int32($0 / 86_400)) }
    return "signs business dates from \(days[0]) to \(days[1])"
  } catch {
    throw Refusal(.keyProblem, error.description)
  }
}
