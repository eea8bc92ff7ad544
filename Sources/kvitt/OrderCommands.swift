import Rewards
import ArgumentParser
import Civil
import Formats
import Intake
import Journal
import Ledger
import Redemption
import Reports

extension RewardCommand {
  /// Lists the goods of a catalogue.
  struct Catalogue: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the goods that the points of a programme buy on a day.",
      discussion: "Example: kvitt reward catalogue northbank-cashback --day 2026-11-20"
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var output: OutputOptions

    @Argument(help: "Code of the programme.")
    var programme: String

    @Option(help: "The day; default: today.")
    var day: CivilDate?

    func run() async throws {
      let terms = try TermsInForce(try await workplace.books(.read))
      let programmes = terms.directory.programmes
      guard let known = programmes.first(where: { $0.code == programme }) else {
        throw unknown("programme", programme, programmes.map(\.code))
      }
      let date = day ?? Instant.now().date
      let agreement = terms.agreement(programme: known.id, on: date)
      let items = (agreement?.items ?? []).map(\.item).filter { $0.isOffered(on: date) }
      let currency = agreement?.agreement.currency.code ?? ""
      output.show(
        Table(
          heading: ["Catalogue \(escaped(programme)) | \(date)"],
          columns: [
            Column("ITEM"), Column("POINTS", .right), Column("UNIT"), Column("SUPPLIER"),
            Column("CHARGE", .right), Column("THROUGH"),
          ],
          rows: items.map { item in
            [
              .text(item.code), .money(item.points, exponent: 0), .text(item.unit),
              .text(item.supplier), money(item.charge, currency),
              .text(item.through.map { "\($0)" } ?? ""),
            ]
          }
        )
      )
    }
  }

  /// Buys goods with points.
  struct Order: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Buy goods of the catalogue with a member's points.",
      discussion: """
        Example: kvitt reward order ca_1 MUG-1 --count 2 --key O-31
        The same key does nothing twice. The next batch posts it; what the supplier charges goes out
        with its next statement.
        """
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "Card token of the member.")
    var card: String

    @Argument(help: "Code of the goods.")
    var item: String

    @Option(help: "How many.")
    var count: Int64 = 1

    @Option(help: "Your own name of this call.")
    var key: String

    @Option(help: "The day on the member's clock; default: today.")
    var day: CivilDate?

    func run() async throws {
      let books = try await workplace.books(.redeem)
      let member = try books.owner(ofCard: card)
      let now = Instant.now()
      let done = try Redeemer(books: books, terms: TermsInForce(books)).order(
        count,
        of: item,
        for: member.member,
        programme: member.programme,
        on: day ?? now.date,
        key: key,
        now: now
      )
      say(
        "H-\(done.answer.hold): \(count) × \(done.item.code) for \(done.points) \(done.item.unit)"
          + (done.answer.isRepeated ? "; done before, nothing to do" : "")
      )
    }
  }

  /// Takes goods back.
  struct ReturnOrder: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "return-order",
      abstract: "Note that ordered goods came back; the points return to the lots that gave them.",
      discussion: """
        Example: kvitt reward return-order H-31 --reason "broken in the post"
        The next batch posts it, and takes the supplier's charge back with its next statement.
        """
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "Number of the order, as the order command told it.")
    var order: HoldNumber

    @Option(help: "Why, for the record; nothing personal.")
    var reason: String

    func validate() throws {
      guard (1...200).contains(reason.count) else {
        throw ValidationError("--reason has 1 to 200 characters")
      }
    }

    func run() async throws {
      let books = try await workplace.books(.finance)
      guard try books.orders([order.id])[order.id] != nil else {
        throw unknown("order", "H-\(order.id)", [])
      }
      let isNew = try books.giveBack(order: order.id, reason: reason)
      say("H-\(order.id): " + (isNew ? "goods came back" : "noted before, nothing to do"))
    }
  }
}
