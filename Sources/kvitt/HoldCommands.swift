import ArgumentParser
import Civil
import Formats
import Intake
import Journal
import Ledger
import Redemption

/// A hold's number as people and files write it: `H-12`.
struct HoldNumber: ExpressibleByArgument {
  let id: Int64

  init?(argument: String) {
    guard argument.hasPrefix("H-"), let id = strictInteger(argument.dropFirst(2)), id > 0 else {
      return nil
    }
    self.id = id
  }
}

/// A quantity as people write it, such as `50.00`.
struct QuantityText: ExpressibleByArgument {
  let text: String

  init?(argument: String) {
    text = argument
  }

  /// The quantity in the unit's smallest parts.
  func minor(of unit: UnitEntry) throws -> Int64 {
    guard let minor = minorUnits(text, exponent: unit.exponent), minor > 0 else {
      throw Refusal(
        .usage,
        "\"\(escaped(text))\" is no quantity of \(unit.code)",
        hint: "more than nothing, with at most \(unit.exponent) decimals"
      )
    }
    return minor
  }
}

extension RewardCommand {
  /// Reserves something of what a member can use.
  struct Hold: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Keep a part of what a member can use, until it is captured or released.",
      discussion: """
        Example: kvitt reward hold t_lum_9 --unit SC.LUM --quantity 50.00 --key K-7001
        The same key does nothing twice. What is held is safe from refunds and expiry.
        """
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "Card token of the member.")
    var card: String

    @Option(help: "Code of the reward unit.")
    var unit: String

    @Option(help: "How much, such as 50.00.")
    var quantity: QuantityText

    @Option(help: "Your own name of this call.")
    var key: String

    @Option(help: "Minutes until the hold is over by itself; 0 uses the quantity at once.")
    var minutes = 15

    @Option(help: "The day on the member's clock; default: today.")
    var day: CivilDate?

    func validate() throws {
      guard (0...10_080).contains(minutes) else {
        throw ValidationError("--minutes is from 0 to 10080, a week")
      }
    }

    func run() async throws {
      let books = try await workplace.books(.redeem)
      let terms = try TermsInForce(books)
      guard let entry = terms.directory.unit(unit) else {
        throw unknown("unit", unit, terms.directory.units.map(\.code))
      }
      let member = try books.owner(ofCard: card).member
      let now = Instant.now()
      let until = Instant(microseconds: now.microseconds + Int64(minutes) * 60_000_000)
      let amount = try quantity.minor(of: entry)
      let answer = try Redeemer(books: books, terms: terms).hold(
        amount,
        of: member,
        unit: entry.id,
        on: day ?? now.date,
        key: key,
        now: now,
        until: minutes == 0 ? nil : until
      )
      let shown = decimalText(amount, exponent: entry.exponent)
      say(
        "H-\(answer.hold): \(shown) \(entry.code) \(minutes == 0 ? "used" : "held until \(until)")"
          + (answer.isRepeated ? "; done before, nothing to do" : "")
          + (answer.rest.map { "; \(decimalText($0, exponent: entry.exponent)) left" } ?? "")
      )
    }
  }

  /// Uses a hold.
  struct Capture: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Use a hold, in full or in part; the rest is free again.",
      discussion: "Example: kvitt reward capture H-12 --quantity 40.00 --key K-7001-paid"
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "Number of the hold.")
    var hold: HoldNumber

    @Option(help: "How much is used; default: all of it.")
    var quantity: QuantityText?

    @Option(help: "Your own name of this call.")
    var key: String

    func run() async throws {
      let books = try await workplace.books(.redeem)
      let terms = try TermsInForce(books)
      let unit = try books.holds([hold.id])[hold.id].flatMap { terms.directory.unit(id: $0.unit) }
      guard let unit else { throw unknown("hold", "H-\(hold.id)", []) }
      let done = try Redeemer(books: books, terms: terms).capture(
        hold.id,
        quantity: quantity?.minor(of: unit),
        key: key,
        now: .now()
      )
      say(
        "H-\(hold.id): \(decimalText(done.quantity, exponent: unit.exponent)) \(unit.code) used"
          + (done.isRepeated ? "; done before, nothing to do" : "")
      )
    }
  }

  /// Gives a hold back.
  struct Release: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give a hold back.",
      discussion: "Example: kvitt reward release H-12 --key K-7001-off"
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "Number of the hold.")
    var hold: HoldNumber

    @Option(help: "Your own name of this call.")
    var key: String

    func run() async throws {
      let books = try await workplace.books(.redeem)
      let repeated = try Redeemer(books: books, terms: TermsInForce(books))
        .release(hold.id, key: key, now: .now())
      say("H-\(hold.id): released" + (repeated ? "; done before, nothing to do" : ""))
    }
  }

  /// Posts the open stream.
  struct Post: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Post what calls captured and two people adjusted, release holds that are over.",
      discussion: """
        Example: kvitt reward post --business-date 2026-11-20
        The night does it by itself. A second run finds nothing left to post and says so.
        """
    )

    @OptionGroup var workplace: Workplace

    @Option(help: "Business date of the batch.")
    var businessDate: CivilDate

    func run() async throws {
      let books = try await workplace.books(.settle)
      let day = try books.day(businessDate)
      let report = try RedemptionRun(day).run()
      let adjusted = try AdjustmentRun(day).run()
      let opened = try postOpenings(day)
      if !opened.text.isEmpty { say("of the old system: \(opened.text)") }
      if adjusted.posted > 0 { say("\(adjusted.posted) adjustments posted") }
      if let seal = report.seal { say("\(report.text); seal \(seal.number)") }
      if opened.text.isEmpty, adjusted.posted == 0, report.seal == nil {
        say("nothing to post; \(report.released) holds were over")
      }
    }
  }
}

extension RedemptionReport {
  /// What a run did, for screens.
  var text: String {
    "\(captures) uses posted, \(released) holds over, \(breaks) breaks"
      + (unposted > 0 ? ", \(unposted) captured and not posted" : "")
      + (returns > 0 ? ", \(returns) orders given back" : "")
  }
}
