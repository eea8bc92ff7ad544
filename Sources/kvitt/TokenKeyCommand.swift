import ArgumentParser
import Formats
import Settlement

/// Keys that turn card numbers into tokens.
struct TokenKeyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hmac",
    abstract: "Keys that turn the card numbers of clearing files into tokens.",
    discussion: """
      Example: kvitt key hmac create
      A token is h<version>_ and the first 32 hexadecimal digits of HMAC-SHA-256(key, digits). The
      bank makes the same token where it enrols cards, so hand it the key file by a safe way.
      """,
    subcommands: [Create.self, Rotate.self, List.self]
  )

  /// Makes the first key.
  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make the first key; one that stands is never replaced.",
      discussion: "Example: kvitt key hmac create"
    )

    @OptionGroup var workplace: Workplace

    func run() async throws {
      let keys = TokenKeys(path: workplace.keys)
      guard keys.versions().isEmpty else {
        throw Refusal(.keyProblem, "a token key stands", hint: "kvitt key hmac rotate")
      }
      try workplace.makeHome()
      say("\(workplace.keys)/hmac-\(try keys.create()).key made; new tokens begin with h1_")
    }
  }

  /// Makes the next key.
  struct Rotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make the next key; older ones stay for cards enrolled under them.",
      discussion: "Example: kvitt key hmac rotate"
    )

    @OptionGroup var workplace: Workplace

    func run() async throws {
      let keys = TokenKeys(path: workplace.keys)
      guard !keys.versions().isEmpty else {
        throw Refusal(.keyProblem, "no token key stands", hint: "kvitt key hmac create")
      }
      let version = try keys.create()
      say("\(workplace.keys)/hmac-\(version).key made; new tokens begin with h\(version)_")
    }
  }

  /// Lists the keys.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the versions that stand; the newest is in use.",
      discussion: "Example: kvitt key hmac list"
    )

    @OptionGroup var workplace: Workplace

    func run() async throws {
      let versions = TokenKeys(path: workplace.keys).versions()
      for version in versions {
        say("h\(version)  \(version == versions.last ? "in use" : "kept for older cards")")
      }
      if versions.isEmpty { say("No token key. kvitt key hmac create") }
    }
  }
}
