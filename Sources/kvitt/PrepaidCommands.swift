import ArgumentParser
import Civil
import Formats
import Intake
import Journal
import Ledger
import Reports
import Rewards
import Settlement

extension SettleCommand {
  /// Buys miles ahead of need by two people's decision.
  struct Prepay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Buy miles ahead of need; decided when a second person asks too.",
      discussion: """
        Example: kvitt settle prepay NVA --unit NVA --miles 1000000 --price 0.070 --from 2026-10-01 \
        --through 2027-09-30 --per-month 100000 --key PP-2026-1 --reason "term 11" --evidence "offer 12"
        The next statement owes them. From the first day on, lines of miles that wait to be filed draw on
        the oldest lot that has room for them, at its price.
        """
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "Code of the partner.")
    var partner: String

    @Option(help: "Code of the miles.")
    var unit: String

    @Option(help: "How many.")
    var miles: Int64

    @Option(help: "Price of a mile in the partner's currency, such as 0.070.")
    var price: String

    @Option(help: "First day on which lines may draw on them.")
    var from: CivilDate

    @Option(help: "Last such day; left out where none is.")
    var through: CivilDate?

    @Option(help: "What lines may draw in a calendar month; left out for any.")
    var perMonth: Int64?

    @Option(help: "Your own name of this purchase; the second person gives the same.")
    var key: String

    @Option(help: "Why.")
    var reason: String

    @Option(help: "Where that can be seen.")
    var evidence: String

    func run() async throws {
      let books = try await workplace.books(.finance)
      let directory = try books.directory()
      guard let seller = directory.partner(partner) else {
        throw unknown("partner", partner, directory.partners.map(\.code))
      }
      let kinds = directory.units.filter { $0.kind == "miles" }
      guard let bought = kinds.first(where: { $0.code == unit }) else {
        throw unknown("unit of miles", unit, kinds.map(\.code))
      }
      guard let each = ExactDecimal(price), each.units > 0, miles > 0,
        perMonth.map({ $0 > 0 }) ?? true,
        through.map({ $0 >= from }) ?? true
      else {
        throw Refusal(
          .usage,
          "miles, their price and what a month may draw are above 0, and --through is not before --from"
        )
      }
      let purchase = Prepurchase(
        key: key,
        partner: seller.id,
        unit: bought.id,
        currency: bought.currency,
        quantity: miles,
        price: each,
        costMinor: try each.cost(of: miles, in: bought.currency, .halfUp),
        usableFrom: from,
        usableThrough: through,
        monthMax: perMonth
      )
      guard purchase.costMinor > 0 else {
        throw Refusal(.usage, "\(miles) miles at \(price) cost nothing")
      }
      guard try TermsInForce(books).milesRule(of: purchase, on: from) != nil else {
        throw Refusal(
          .termsMissing,
          "no agreement in force gives \(unit) of \(partner) in \(bought.currency)",
          hint: "kvitt partner terms show"
        )
      }
      try decideJointly(
        "\(key):",
        next: "the next statement owes it",
        conflict: "\(escaped(key)) names another purchase"
      ) {
        try books.propose(purchase, reason: reason, evidence: evidence)
      }
    }
  }

  /// Lists miles that were bought ahead.
  struct Prepaid: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List miles bought ahead and what is left of them on a day.",
      discussion: "Example: kvitt settle prepaid --business-date 2026-11-20"
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var output: OutputOptions

    @Option(help: "The day.")
    var businessDate: CivilDate

    @Option(help: "Purchases to show, the last by their first day.")
    var limit = 200

    func run() async throws {
      let books = try await workplace.books(.read)
      let directory = try books.directory()
      try output.show(upTo: limit) {
        try books.prepaidLots(on: businessDate).suffix($0).reversed()
      } _: { lots in
        Table(
          columns: [
            Column("KEY"), Column("PARTNER"), Column("MILES", .right), Column("PRICE", .right),
            Column("FROM"), Column("THROUGH"), Column("A MONTH", .right),
            Column("THIS MONTH", .right),
            Column("LEFT", .right), Column("STATE"),
          ],
          rows: lots.reversed().map { lot in
            let purchase = lot.purchase
            return [
              .text(purchase.key),
              .text(directory.partner(id: purchase.partner)?.code ?? "-"),
              .count(purchase.quantity), .text("\(purchase.price)"),
              .text("\(purchase.usableFrom)"),
              .text(purchase.usableThrough.map { "\($0)" } ?? "-"),
              purchase.monthMax.map { .count($0) } ?? .text("-"),
              .count(lot.monthUsed), .count(max(0, lot.usable)),
              .text(lot.isBought ? "bought" : lot.isDecided ? "decided" : "proposed"),
            ]
          }
        )
      }
    }
  }
}
