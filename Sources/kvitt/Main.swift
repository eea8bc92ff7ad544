import ArgumentParser
import Civil
import Formats
import Foundation
import Journal
import Ledger
import Postgres

/// The program: parses the command line, runs the command and turns what went wrong into words
/// and an exit code.
@main
struct Main {
  static func main() async {
    let arguments = Array(CommandLine.arguments.dropFirst())
    do {
      try refuseCardNumbers(in: arguments)
      var command = try Kvitt.parseAsRoot(arguments)
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      finish(.ok)
    } catch let ending as Ending {
      finish(ending.status)
    } catch {
      report(error, arguments)
    }
  }

  /// Refuses a card number in a text that the books would keep and show for ever.
  private static func refuseCardNumbers(in arguments: [String]) throws(Refusal) {
    for name in ["--reason", "--evidence", "--key"] {
      for (index, word) in arguments.enumerated() {
        let isNamed = index > 0 && arguments[index - 1] == name
        let text = isNamed ? word : word.hasPrefix(name + "=") ? word : ""
        guard maskCardNumbers(text) == text, !holdsCardNumber(text) else {
          throw Refusal(
            .cardNumber,
            "\(name) holds a card number",
            hint: "name the case or the receipt instead"
          )
        }
      }
    }
  }

  /// Flushes what was printed and leaves.
  static func finish(_ status: ExitStatus) -> Never {
    fflush(nil)
    exit(status.rawValue)
  }

  private static func report(_ error: any Error, _ arguments: [String]) -> Never {
    fflush(nil)
    if let refusal = refusal(for: error) {
      complain(refusal.description)
      finish(refusal.code.exit)
    }
    let code = Kvitt.exitCode(for: error)
    let text = Kvitt.fullMessage(for: error)
    if code == .success {
      say(text)
      finish(.ok)
    }
    complain("\(ErrorCode.usage.rawValue) \(text)")
    if let near = suggestion(for: arguments) { complain("Did you mean: kvitt \(near)?") }
    finish(code == .validationFailure ? .usage : .failed)
  }

  /// The refusal that an error amounts to, nil for faults of the command line.
  private static func refusal(for error: any Error) -> Refusal? {
    switch error {
    case let refusal as Refusal: refusal
    case let error as DatabaseError: refusal(of: error)
    case let error as UnreadableValue:
      Refusal(.booksUnknown, maskCardNumbers(escaped(error.description)))
    case let error as ClusterError: Refusal(.databaseDown, error.description)
    case let error as CalendarError: Refusal(.calendarEnds, error.description)
    case let error as RunHeld: Refusal(.runHeld, error.description)
    case is MoneyOverflow:
      Refusal(.booksBroken, "an amount leaves the range of 64 bits; nothing was written")
    default: nil
    }
  }

  private static func refusal(of error: DatabaseError) -> Refusal {
    switch (error.outcome, error.sqlState) {
    case (.unavailable, _), (_, "57P01"), (_, "08006"):
      Refusal(.databaseDown, error.message)
    case (.unknown, _):
      Refusal(
        .databaseDown,
        "the connection was lost at COMMIT: \(error.message)",
        hint: "run the same command again; it looks up what was committed first"
      )
    case (_, "KV020"): Refusal(.booksBroken, error.message)
    case (_, "KV023"): Refusal(.fileConflict, error.message)
    case (_, "KV027"):
      Refusal(
        .usage,
        error.message,
        hint: "kvitt settle list shows what was settled; a business date is past, today or tomorrow"
      )
    case (_, "KV030"): Refusal(.usage, error.message)
    case (_, "KV024"): Refusal(.approvalMissing, error.message)
    case (_, "KV075"): Refusal(.runHeld, error.message)
    case (_, "23514") where error.message.contains("two_people"):
      Refusal(.selfApproval, "the one who prepared it cannot approve it")
    default: Refusal(.databaseRefused, error.description)
    }
  }

  private static func suggestion(for arguments: [String]) -> String? {
    let words = arguments.filter { !$0.hasPrefix("-") }
    guard let first = words.first else { return nil }
    guard let group = Kvitt.configuration.subcommands.first(where: { $0.word == first }) else {
      return nearestName(first, in: Kvitt.configuration.subcommands.map { $0.word })
    }
    let inner = group.configuration.subcommands.map { $0.word }
    guard words.count > 1, !inner.contains(words[1]),
      let near = nearestName(words[1], in: inner)
    else { return nil }
    return "\(first) \(near)"
  }
}

extension ParsableCommand {
  /// The word that calls it.
  static var word: String { configuration.commandName ?? "\(self)".lowercased() }
}

/// A command that ended in order with something to tell by its exit code.
struct Ending: Error {
  let status: ExitStatus

  init(_ status: ExitStatus) {
    self.status = status
  }
}

/// Prints text: the one door to standard output.
///
/// Whatever a file or a person brought, nothing in it moves the cursor.
func say(_ text: String, terminator: String = "\n") {
  print(escapedLines(text), terminator: terminator)
}

/// Writes a line to standard error, under the same rule; passwords of connection words stay out of it.
func complain(_ text: String) {
  let line = escapedLines(withoutPasswords(text)) + "\n"
  FileHandle.standardError.write(Data(line.utf8))
}

/// Text without the passwords that connection words may hold: a mistyped command line is shown, and logs
/// of a night are kept.
func withoutPasswords(_ text: String) -> String {
  text
    .replacing(#/(:\/\/[^\s:\/@]*:)[^\s@]*@/#) { "\($0.output.1)…@" }
    .replacing(#/(password\s*=\s*)('[^']*'?|[^\s"'&]+)/#.ignoresCase()) { "\($0.output.1)…" }
}
