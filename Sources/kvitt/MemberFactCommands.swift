import ArgumentParser
import Civil
import Formats
import Intake
import Journal
import Ledger
import Reports
import Rewards

extension MemberCommand {
  /// Notes which reward a member chose.
  struct Choose: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Note which reward a member chose; purchases from that day on earn it.",
      discussion: """
        Example: kvitt member choose ca_1 miles --from 2026-12-01
        What was earned before stays as it is. A day that is past is refused.
        """
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "Card token.")
    var card: String

    @Argument(help: "One of the choices of the agreement in force.")
    var choice: String

    @Option(help: "First day of the choice.")
    var from: CivilDate

    @Option(help: "Business date; default: today.")
    var businessDate: CivilDate?

    func run() async throws {
      let books = try await workplace.books(.finance)
      let member = try books.knownMember(ofCard: card)
      guard from >= businessDate ?? Instant.now().date else {
        throw Refusal(.usage, "a choice counts from today on at the earliest")
      }
      let agreement = try TermsInForce(books).agreement(programme: member.programme, on: from)
      let choices = agreement?.agreement.choices ?? []
      guard choices.contains(choice) else { throw unknown("choice", choice, choices) }
      let fact = MemberFact(.choice, choice, from: from)
      let name = "\(card) chose \(choice) from \(from) on"
      try decideImport("choice:") {
        (try books.tell([(member.member, fact)], source: "member", name: name), name)
      }
    }
  }

  /// Makes an offer to an audience.
  struct Offer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Make an offer to the cards of a file; rules that name the audience count for them.",
      discussion: """
        Example: kvitt member offer autumn.csv --audience AUTUMN --source mail-17 --from 2026-12-01 \
        --through 2026-12-31
        The file has the header card_token;part. Who is in the part control gets nothing and serves to
        compare with. A first day before that of the newest night takes a second person.
        """
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "CSV with the header card_token;part.", completion: .file())
    var file: String

    @Option(help: "Code that rules name.")
    var audience: String

    @Option(help: "Code of the campaign.")
    var source: String

    @Option(help: "First day of the offer.")
    var from: CivilDate

    @Option(help: "Last day of the offer.")
    var through: CivilDate

    @Option(help: "Business date; default: today.")
    var businessDate: CivilDate?

    func validate() throws {
      guard isID(audience), audience.utf8.count <= 40, isID(source) else {
        throw ValidationError("--audience and --source are codes of letters and digits")
      }
      guard from <= through else { throw ValidationError("--through lies before --from") }
    }

    func run() async throws {
      let books = try await workplace.books(.finance)
      guard from >= businessDate ?? Instant.now().date else {
        throw Refusal(.usage, "an offer counts from today on at the earliest")
      }
      let bytes = try InputFile(path: file, sizeMax: 1 << 30).contents()
      try decideImport("\(audience):") {
        let (answer, offered, control) = try books.offer(
          audience,
          to: AudienceFile(
            bytes: bytes,
            name: file.split(separator: "/").last.map(String.init) ?? file
          ),
          from: from,
          through: through,
          source: source
        )
        return (
          answer, "\(audience): offered to \(offered) members, \(control) to compare with"
        )
      }
    }
  }

  /// Notes an event of a member.
  struct Event: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Note something that happened outside the card feeds; rules may give a bonus on it.",
      discussion: """
        Example: kvitt member event ca_1 survey-2026 --on 2026-11-20
        A rule with on: survey-2026 gives its bonus once; kvitt reward award, or the night, posts it. A day
        before that of the newest night counts when a second person tells the same.
        """
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "Card token.")
    var card: String

    @Argument(help: "Code of the event, as rules name it.")
    var event: String

    @Option(help: "The day of the event.")
    var on: CivilDate

    func validate() throws {
      guard isID(event), event.utf8.count <= 40 else {
        throw ValidationError("an event is a code of letters and digits")
      }
    }

    func run() async throws {
      let books = try await workplace.books(.finance)
      let member = try books.knownMember(ofCard: card).member
      let known = try books.memberStandings(of: [member])[member]?.facts ?? []
      guard !known.contains(where: { $0.kind == .event && $0.value == event }) else {
        say("\(card) \(event): noted before, nothing to do")
        return
      }
      let name = "\(card) \(event) on \(on)"
      try decideImport("event:") {
        let fact = MemberFact(.event, event, from: on)
        return (try books.tell([(member, fact)], source: "member", name: name), name)
      }
    }
  }

  /// Tells a member's facts.
  struct Facts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Tell what rules may ask of a member: joining, tier, choice, offers; with history.",
      discussion: "Example: kvitt member facts ca_1"
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var output: OutputOptions

    @Argument(help: "Card token.")
    var card: String

    func run() async throws {
      let books = try await workplace.books(.read)
      let member = try books.knownMember(ofCard: card).member
      let standing = try books.memberStandings(of: [member])[member] ?? MemberStanding()
      output.show(
        Table(
          heading: ["Card \(escaped(card)) | member \(member)"],
          columns: [Column("FACT"), Column("VALUE"), Column("FROM"), Column("THROUGH")],
          rows: standing.facts.map { fact in
            [
              .text(fact.kind.rawValue),
              .text(fact.value + (fact.isControl ? " (to compare with)" : "")),
              .text("\(fact.from)"), .text(fact.through.map { "\($0)" } ?? ""),
            ]
          },
          notes: ["Oldest first; of those that have begun by a day the newest counts."]
        )
      )
    }
  }

  /// Tests tiers.
  struct Tiers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Test all members' tiers; the night does it too.",
      discussion: """
        Example: kvitt member tiers --business-date 2026-11-20
        A rise counts from the first of the month and gives what it brings for purchases since then; a
        fall counts from the day on.
        """
    )

    @OptionGroup var workplace: Workplace

    @Option(help: "Business date.")
    var businessDate: CivilDate

    func run() async throws {
      let books = try await workplace.books(.settle)
      let report = try TierRun(books.day(businessDate)).run()
      say(report.changes > 0 ? report.text : "every tier stands, nothing to do")
    }
  }
}

extension TierReport {
  /// Members whose tier changed.
  var changes: Int { raised + lowered + kept }

  /// What a run did, for screens.
  var text: String {
    "\(raised) raised, \(lowered) lowered, \(kept) kept, \(rows) lines of earlier purchases"
  }
}
