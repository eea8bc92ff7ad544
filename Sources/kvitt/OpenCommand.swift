import ArgumentParser
import Civil
import Formats
import Intake
import Journal
import Ledger

extension LedgerCommand {
  /// Takes over what the old system held.
  struct Open: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Take over what the old system holds of members and partners; two people bring the same file.",
      discussion: """
        Example: kvitt ledger open lots.csv --gl 2100/EUR=8400.00 --gl 1300/EUR=150.00
        --gl says what the old general ledger holds, without sign; every account that the file
        touches must be named and agree. Columns: kind;card_token;unit;quantity;cost_minor;earned_on
        with #total rows; kinds are lot and debt of a card, and owed or owes of a partner:
        owed;LUM;EUR;17;120410;2026-08-31 says that statement 17 left 1204.10 owed to LUM, and the first
        of kvitt is number 18. The night posts what two people decided, or kvitt reward post does.
        """
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "File of lots, debts and partners' balances.", completion: .file())
    var file: String

    @Option(help: "ACCOUNT/CURRENCY=AMOUNT of the old general ledger; once for each account.")
    var gl: [String] = []

    func run() async throws {
      let books = try await workplace.books(.finance)
      let bytes = try InputFile(path: file, sizeMax: 1 << 28).contents()
      let name = file.split(separator: "/").last.map(String.init) ?? file
      let opening = try Opening(books, TermsInForce(books), bytes, name: name)
      try opening.checkPartners()
      var lines: [String] = []
      for total in try opening.totals() {
        let amount = Amount(minor: abs(total.minor), currency: total.currency).decimal
        lines.append("\(total.account.rawValue)/\(total.currency)=\(amount)")
      }
      guard Set(gl) == Set(lines), gl.count == lines.count else {
        throw Refusal(
          .controlTotal,
          "the file comes to \(lines.joined(separator: " ")), the general ledger to "
            + (gl.isEmpty ? "nothing" : gl.map(escaped).joined(separator: " ")),
          at: Place(file: file)
        )
      }
      try decideJointly(
        "\(name):",
        next: "the night posts it, or kvitt reward post",
        conflict: "this file was proposed with other totals"
      ) {
        try books.open(opening: bytes, name: name, totals: lines.joined(separator: " "))
      }
    }
  }
}
