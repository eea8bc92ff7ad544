import ArgumentParser
import Formats
import Journal

extension MemberCommand {
  /// Joins two members.
  struct Merge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Join a member to another: two people ask for the same.",
      discussion: """
        Example: kvitt member merge ca_1 --into ca_2 --key M-7 --reason "one customer" --evidence "case 4713"
        Whatever the member has, owes and earns from now on goes to the other with every night; both
        keep their keys, and each keeps caps and tiers of its own. Cards of either use what they have
        together.
        """
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var words: MergeWords

    func run() async throws {
      try await words.ask(isUndone: false, workplace)
    }
  }

  /// Tells two members apart again.
  struct Unmerge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Tell two joined members apart again: two people ask for the same.",
      discussion: """
        Example: kvitt member unmerge ca_1 --into ca_2 --key M-8 --reason "two customers" --evidence "case 4720"
        What is left of the lots that moved goes back with the next night; debts stay where they are.
        """
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var words: MergeWords

    func run() async throws {
      try await words.ask(isUndone: true, workplace)
    }
  }
}

/// What joining two members, or telling them apart, says.
struct MergeWords: ParsableArguments {
  @Argument(help: "Card token of the member whose rewards go to the other.")
  var card: String

  @Option(help: "Card token of the other.")
  var into: String

  @Option(help: "Your own name of it; the second person gives the same.")
  var key: String

  @Option(help: "Why.")
  var reason: String

  @Option(help: "Where that can be seen.")
  var evidence: String

  /// Proposes, or decides as the second person, and says which.
  func ask(isUndone: Bool, _ workplace: Workplace) async throws {
    let books = try await workplace.books(.finance)
    let (member, other) = (
      try books.knownMember(ofCard: card), try books.knownMember(ofCard: into)
    )
    guard member.member != other.member else {
      throw Refusal(.usage, "\(escaped(card)) and \(escaped(into)) are cards of one member")
    }
    let merge = MemberMerge(
      key: key,
      member: member.member,
      into: other.member,
      isUndone: isUndone
    )
    try decideJointly(
      "\(key):",
      next: "the night moves what there is",
      conflict: "\(escaped(key)) names something else"
    ) {
      try books.join(merge, reason: reason, evidence: evidence)
    }
  }
}
