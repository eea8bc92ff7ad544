import ArgumentParser
import Civil
import Formats
import Intake
import Journal
import Ledger
import Redemption

extension RewardCommand {
  /// Gives a member something by two people's decision.
  struct Adjust: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give a member goodwill; decided when a second person asks for the same.",
      discussion: """
        Example: kvitt reward adjust t_71feA0 --unit CB.EUR --quantity 15.00 --key GW-0042 \
        --reason "late card" --evidence "case 4711"
        The night posts what two people decided: 5200 to the liability of the reward.
        """
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var words: AdjustmentWords

    @Option(help: "How much, such as 15.00.")
    var quantity: QuantityText

    func run() async throws {
      try await words.ask("goodwill", quantity, workplace)
    }
  }

  /// Writes a debt off by two people's decision.
  struct WriteOff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write off what a member owes; decided when a second person asks for the same.",
      discussion: """
        Example: kvitt reward write-off t_71feA0 --unit CB.EUR --key WO-0007 \
        --reason "account closed" --evidence "case 4712"
        Without --quantity everything is written off that is owed when the night posts it.
        """
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var words: AdjustmentWords

    @Option(help: "How much, such as 4.00; default: all of it.")
    var quantity: QuantityText?

    func run() async throws {
      try await words.ask("write-off", quantity, workplace)
    }
  }
}

/// What every adjustment says.
struct AdjustmentWords: ParsableArguments {
  @Argument(help: "Card token of the member.")
  var card: String

  @Option(help: "Code of the reward unit.")
  var unit: String

  @Option(help: "Your own name of this adjustment; the second person gives the same.")
  var key: String

  @Option(help: "Why.")
  var reason: String

  @Option(help: "Where that can be seen.")
  var evidence: String

  /// Proposes, or decides as the second person, and says which.
  func ask(_ kind: String, _ quantity: QuantityText?, _ workplace: Workplace) async throws {
    let books = try await workplace.books(.finance)
    let units = try books.directory().units.filter {
      ["cashback", "credit"].contains($0.kind)
    }
    guard let entry = units.first(where: { $0.code == unit }) else {
      throw unknown("unit", unit, units.map(\.code))
    }
    let member = try books.knownMember(ofCard: card).member
    let adjustment = Adjustment(
      key: key,
      kind: kind,
      member: member,
      unit: entry.id,
      quantity: try quantity?.minor(of: entry) ?? 0
    )
    try decideJointly(
      "\(key): \(kind)",
      next: "the night posts it, or kvitt reward post",
      conflict: "\(escaped(key)) names another adjustment"
    ) {
      try books.adjust(adjustment, reason: reason, evidence: evidence)
    }
  }
}
