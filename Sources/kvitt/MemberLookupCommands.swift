import ArgumentParser
import Crypto
import Formats
import Foundation
import Journal
import Reports
import Settlement

/// What a member says at a till to be found.
enum LookupKind: String, ExpressibleByArgument, CaseIterable {
  case email, phone

  /// The form that is hashed: addresses in small letters, numbers as digits after a plus; nil where
  /// it is neither.
  func normal(_ text: String) -> String? {
    let text = text.filter { !$0.isWhitespace }
    guard text.utf8.count <= 254, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      return nil
    }
    switch self {
    case .email:
      let parts = text.split(separator: "@", omittingEmptySubsequences: false)
      guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
      return text.lowercased()
    case .phone:
      let digits = text.filter(\.isNumber)
      guard text.hasPrefix("+"), (7...15).contains(digits.count),
        text.dropFirst().allSatisfy({ $0.isNumber || "-()".contains($0) })
      else { return nil }
      return "+" + digits
    }
  }
}

/// Reads what is to be hashed from standard input, never from the command line, and hashes it under
/// every key, newest first.
private func digests(_ kind: LookupKind, _ keys: String) throws -> [String] {
  guard let line = readLine(strippingNewline: true), let text = kind.normal(line) else {
    throw Refusal(
      .usage,
      "standard input holds no \(kind == .email ? "e-mail address" : "number like +4790012345")"
    )
  }
  let all = try TokenKeys(path: keys).keys()
  guard !all.isEmpty else {
    throw Refusal(.keyProblem, "no token key stands", hint: "kvitt key hmac create")
  }
  // The kind is part of what is hashed: a token of a card number never equals one of these.
  return all.map { key in
    Array("\(kind.rawValue):\(text)".utf8).withUnsafeBytes { key.token($0) }
  }
}

extension MemberCommand {
  /// Notes by what a member is found.
  struct Identify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Note by what e-mail address or telephone number a member is found, as one of two people.",
      discussion: """
        Example: kvitt member identify ca_1 --by email < address.txt
        The address is read from standard input and leaves only a keyed hash in the books. It counts when a
        second person notes the same; until then this ends with 24.
        """
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "Card token.")
    var card: String

    @Option(help: "email or phone.")
    var by: LookupKind

    func run() async throws {
      let books = try await workplace.books(.finance)
      let member = try books.knownMember(ofCard: card).member
      let digests = try digests(by, workplace.keys)
      try decideImport("this \(by.rawValue):") {
        guard
          let answer = try books.note(lookup: digests, kind: by.rawValue, member: member)
        else {
          throw Refusal(.recordConflict, "this \(by.rawValue) belongs to another member")
        }
        let now = answer.decision == .decided || answer.decision == .stands ? "is" : "would be"
        return (answer, "\(card) \(now) found by this \(by.rawValue)")
      }
    }
  }

  /// Finds a member.
  struct Find: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Find the cards of a member by e-mail address or telephone number.",
      discussion: """
        Example: kvitt member find --by phone --reason "case 4713" < number.txt
        The number is read from standard input; only its keyed hash is compared. Who asked, when and why stays
        in the books; kvitt member searches lists it.
        """
    )

    @OptionGroup var workplace: Workplace

    @Option(help: "email or phone.")
    var by: LookupKind

    @Option(help: "Why, for the record; nothing personal.")
    var reason: String

    func validate() throws {
      guard (3...400).contains(reason.count) else {
        throw ValidationError("--reason has 3 to 400 characters")
      }
    }

    func run() async throws {
      let books = try await workplace.books(.read)
      let found = try books.find(
        digests(by, workplace.keys),
        kind: by.rawValue,
        reason: reason
      )
      guard !found.isEmpty else {
        throw Refusal(.unknownName, "no member is found by this \(by.rawValue)")
      }
      for token in found { say(token) }
    }
  }

  /// Lists searches.
  struct Searches: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List who looked for a member by e-mail address or telephone number, and why.",
      discussion: "Example: kvitt member searches"
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let searches = try await workplace.books(.audit).searches()
      output.show(
        Table(
          columns: [
            Column("AT"), Column("BY"), Column("KIND"), Column("MEMBER", .right), Column("REASON"),
          ],
          rows: searches.map { search in
            let member: Cell = search.member.map { .count($0) } ?? .text("-")
            return [
              .text(search.at), .text(search.by), .text(search.kind), member, .text(search.reason),
            ]
          }
        )
      )
    }
  }
}
