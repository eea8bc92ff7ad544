import ArgumentParser
import Civil
import Formats
import Journal
import Ledger

extension LedgerCommand {
  /// Estimates the breakage of own points by two people's decision.
  struct EstimateBreakage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "estimate",
      abstract: "Estimate how many own points will be used; decided when a second person asks too.",
      discussion: """
        Example: kvitt ledger estimate PT.NB --used "88 %" --data-cut 2026-09-30 --key URR-2026-3 \
        --reason "curves of the third quarter" --evidence "note 17"
        The night books the change: the rest of the open points' cost stands as an allowance on 2190, which
        expiry uses first.
        """
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "Code of the points.")
    var unit: String

    @Option(help: "Part of the open points that will be used, such as 88 % or 88.25 %.")
    var used: String

    @Option(help: "The last day whose data it rests on.")
    var dataCut: CivilDate

    @Option(help: "Your own name of this estimate; the second person gives the same.")
    var key: String

    @Option(help: "Why.")
    var reason: String

    @Option(help: "Where that can be seen.")
    var evidence: String

    func run() async throws {
      let books = try await workplace.books(.finance)
      let units = try books.directory().units.filter { $0.kind == "points" }
      guard let entry = units.first(where: { $0.code == unit }) else {
        throw unknown("unit of points", unit, units.map(\.code))
      }
      let words = used.split(separator: " ")
      guard words.count <= 2, words.count == 1 || words[1] == "%", let number = words.first,
        let basisPoints = minorUnits(String(number), exponent: 2), basisPoints <= 10_000
      else { throw Refusal(.usage, "\"\(escaped(used))\" is no percentage from 0 to 100") }
      let estimate = Estimate(
        key: key,
        unit: entry.id,
        usedBasisPoints: basisPoints,
        dataCut: dataCut
      )
      try decideJointly(
        "\(key):",
        next: "the night posts it",
        conflict: "\(escaped(key)) names another estimate"
      ) {
        try books.propose(estimate, reason: reason, evidence: evidence)
      }
    }
  }
}
