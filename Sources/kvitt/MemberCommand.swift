import ArgumentParser
import Civil
import Formats
import Intake
import Journal
import Ledger
import Reports

/// Members: who holds which card, known to the partner under which number.
struct MemberCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "member",
    abstract: "Enrol cards and keep the partner's member numbers.",
    discussion: "Example: kvitt member import members.csv --programme nordvik-miles",
    subcommands: [
      Import.self, Show.self, Next.self, Facts.self, Choose.self, Offer.self, Event.self,
      Tiers.self, Identify.self, Find.self, Searches.self, Merge.self, Unmerge.self, Events.self,
      CardStory.self,
    ]
  )

  /// What a member has.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "What a member has of each reward: to use now, pending, held, owed.",
      discussion: "Example: kvitt member show t_lum_9 --day 2026-11-20"
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var output: OutputOptions

    @Argument(help: "Card token.")
    var card: String

    @Option(help: "The day on the member's clock; default: today.")
    var day: CivilDate?

    func run() async throws {
      let books = try await workplace.books(.read)
      let member = try books.owner(ofCard: card).member
      let terms = try TermsInForce(books)
      let date = day ?? Instant.now().date
      let balances = try books.reading {
        let holding = try books.holdings([member], terms)[member] ?? Holdings([], terms)
        holding.reserve(try books.reserved(members: [member]))
        return holding.balances(on: date)
      }
      output.show(
        Table(
          heading: ["Card \(escaped(card)) | member \(member) | \(date)"],
          columns: [
            Column("UNIT"), Column("AVAILABLE", .right), Column("PENDING", .right),
            Column("HELD", .right), Column("FROZEN", .right), Column("OWED", .right),
            Column("FIRST ENDS"),
          ],
          rows: try balances.map { balance in
            let unit = try terms.directory.unit(ofRows: balance.unit)
            let cell = { (value: Int64) in Cell.money(value, exponent: unit.exponent) }
            return [
              .text(unit.code), cell(balance.available), cell(balance.pending),
              cell(balance.held), cell(balance.frozen), cell(balance.owed),
              .text(balance.lastDay.map { "\($0)" } ?? ""),
            ]
          }
        )
      )
    }
  }

  /// Takes account events.
  struct Events: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take the card system's file of account events: opened, closed, replaced.",
      discussion: "Example: kvitt member events AE-0321.csv"
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "File of account events.", completion: .file())
    var file: String

    @Option(help: "Business date; default: today.")
    var businessDate: CivilDate?

    func run() async throws {
      let books = try await workplace.books(.ingest)
      let bytes = try InputFile(path: file, sizeMax: 1 << 28).contents()
      let name = file.split(separator: "/").last.map(String.init) ?? file
      let report = try CardEventIntake(
        books: books,
        businessDate: businessDate ?? Instant.now().date,
        recordedAt: .now()
      ).take(bytes: bytes, name: name)
      let taken = report.file
      guard !report.repeated else {
        say("\(taken.name): already taken as F-\(taken.batch), nothing to do")
        return
      }
      say(
        "F-\(taken.batch) \(taken.name): \(taken.records) events, \(taken.repeats) seen, "
          + "\(taken.quarantined) quarantined"
      )
      for row in report.rejects {
        complain(
          Refusal(row.code, row.message, at: Place(file: file, line: Int(row.line))).description
        )
      }
      if !report.rejects.isEmpty { throw Ending(.findings) }
    }
  }

  /// Tells a card's life.
  struct CardStory: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "card",
      abstract: "Tell the events of a card and of those that it replaced or that replaced it.",
      discussion: "Example: kvitt member card t_71feB7"
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "Card token.")
    var token: String

    func run() async throws {
      let story = try await workplace.books(.read).cardStory(token)
      guard !story.isEmpty else { throw unknown("event of card", token, []) }
      for line in story { say(line) }
    }
  }

  /// Imports a member file.
  struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Enrol the cards of a file, as one of two people; a changed number keeps its history.",
      discussion: """
        Example: kvitt member import members.csv --programme nordvik-miles
        It counts when a second person imports the same rows; until then this ends with 24. Columns after the
        first two tell of the member: joined (a day), channel, terms (the version that was accepted), product
        (of the card), staff (the code of whoever brought the member in), referrer (a card). A product
        counts from today on, of a new card from the day of joining.
        """
    )

    @OptionGroup var workplace: Workplace

    @Argument(
      help: "CSV with the header card_token;member_ref and further columns.",
      completion: .file()
    )
    var file: String

    @Option(help: "Code of the programme.")
    var programme: String

    @Option(
      help: "From when facts without a day count; the two people name the same; default: today."
    )
    var from: CivilDate?

    func run() async throws {
      let books = try await workplace.books(.finance)
      let input = try InputFile(path: file, sizeMax: 1 << 28)
      let terms = try TermsInForce(books)
      let programmes = terms.directory.programmes
      guard let known = programmes.first(where: { $0.code == programme }) else {
        throw unknown("programme", programme, programmes.map(\.code))
      }
      let day = from ?? Instant.now().date
      let members = try MemberFile(
        bytes: input.contents(),
        name: input.name,
        numericMembers: terms.hasNumericMembers(programme: known.id, on: day)
      )
      try decideImport("\(input.name):") {
        let (answer, change) = try books.enrol(members, in: programme, on: day)
        let count = Int64(members.members.count)
        let told = change.told > 0 ? ", \(change.told) facts, without a day from \(day) on" : ""
        return (
          answer,
          "\(count) cards: \(change.enrolled) new members, \(change.changed) changed numbers, "
            + "\(count - change.enrolled - change.changed) as they were\(told)"
        )
      }
    }
  }
}
