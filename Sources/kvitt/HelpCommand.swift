import ArgumentParser
import Formats

/// Topics and codes.
struct HelpCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "help",
    abstract: "Help for a topic or an error code.",
    discussion: "Example: kvitt help exit-codes, kvitt help KV-ING-014"
  )

  @Argument(help: "Topic, error code or command.")
  var topic: [String] = []

  func run() async throws {
    guard let word = topic.first else {
      print(Kvitt.helpMessage())
      return
    }
    if let code = ErrorCode(rawValue: word.uppercased()) {
      print("\(code.rawValue): \(code.cause).")
      print("What to do: \(code.fix).")
      print("Exit code: \(code.exit.rawValue).")
      return
    }
    if let text = HelpTopics.all[word] {
      print(text)
      return
    }
    if let command = Kvitt.configuration.subcommands.first(where: {
      $0.configuration.commandName == word
    }) {
      print(Kvitt.helpMessage(for: command))
      return
    }
    throw unknown(
      "topic",
      word,
      HelpTopics.all.keys.sorted() + ErrorCode.allCases.map(\.rawValue)
    )
  }
}

/// Texts of `kvitt help TOPIC`.
enum HelpTopics {
  static let all: [String: String] = [
    "exit-codes": """
    0   ok: done, or already done with the same inputs
    1   failed: unexpected; the open step was rolled back
    10  findings: finished; breaks, quarantined rows or warnings need a person
    11  work: the plan is not empty (only with --detailed-exitcode)
    12  partial: some partners or files done, others held or refused
    20  invariant: control total or ledger check failed; nothing was written
    21  untrusted: signature, digest or key is not valid
    22  stale: plan or approval is out of date
    23  conflict: same date, file or id already done with other content
    24  approval: needs a second person
    64  usage: bad command line, or a name that does not exist
    65  rejected: the whole file was refused; 66 no input: it is missing
    69  unavailable: the database cannot be reached; 75 try later
    73  cannot write; 78 configuration
    An unknown code is a failure.
    """,
    "feeds": """
    kvitt's card feed is CSV with a header row; columns and meaning: Schemas/cards.schema.json.
    type is purchase or refund; reversal is 0 or 1; amounts are digits in minor units.
    Control rows close the file, or stand in FILE.control:
      #total;EUR;records;debit;credit    per billing currency
      #end;records;sequence
    """,
    "dates": """
    Event date: when it happened. Booking date: the period it belongs to. Recorded at: when the
    books learnt it. Settlement date: from the partner's calendar, stamped at posting.
    """,
    "signs": """
    Screens: + we owe the partner, - the partner owes us. Accounts: debit positive.
    Partner files: unsigned amounts with a direction, to_partner or to_issuer.
    """,
    "ledger-check": """
    kvitt ledger check names leaf, block, entry or account. A block holds 1,024 rows in seq order.
    Stop posting, keep the database as it is, compare with the last backup, and compare the
    manifests that your partners hold: their ledger seals are the published heads of the book.
    """,
  ]
}
