package import Civil
package import Formats
package import Journal
import Rewards

extension Books {
  /// Enrols the cards of a file, all or none, and notes what it tells of their members.
  ///
  /// - Parameters:
  ///   - file: The cards; a file that was taken before changes nothing.
  ///   - programme: Code of a programme that is known.
  ///   - day: From when facts count where the file names no day of joining and none is known.
  /// - Returns: How many members are new, and how many numbers have changed.
  /// - Throws: `Refusal` with the row where a referrer is unknown or the member; `DatabaseError`.
  package func enrol(
    _ file: MemberFile,
    in programme: String,
    on day: CivilDate
  ) throws -> (enrolled: Int64, changed: Int64) {
    try transaction {
      var sum: (enrolled: Int64, changed: Int64) = (0, 0)
      var newcomers: Set<String> = []
      for some in chunks(file.members, of: 5_000) {
        if some.contains(where: { $0.product != nil }) {
          let known = try members(ofTokens: some.map(\.token))
          newcomers.formUnion(some.map(\.token).filter { known[$0] == nil })
        }
        let part = try enrol(
          programme: programme,
          tokens: some.map(\.token),
          references: some.map(\.reference)
        )
        sum = (sum.enrolled + part.enrolled, sum.changed + part.changed)
      }
      for some in chunks(file.members.filter(\.tells), of: 5_000) {
        try note(try news(of: Array(some), file.name, day, newcomers), source: "enrolment")
      }
      return sum
    }
  }

  /// Makes an offer to the cards of a file, all or none.
  ///
  /// - Parameters:
  ///   - audience: Code that rules name.
  ///   - file: The cards, and which of them only serve to compare with.
  ///   - from: First day of the offer.
  ///   - through: Last day of the offer.
  ///   - source: Code of the campaign.
  /// - Returns: How many members got the offer, and how many serve to compare with.
  /// - Throws: `Refusal` with the row where a card is unknown; `DatabaseError`.
  package func offer(
    _ audience: String,
    to file: AudienceFile,
    from: CivilDate,
    through: CivilDate,
    source: String
  ) throws -> (offered: Int, control: Int) {
    var facts: [(member: Int64, fact: MemberFact)] = []
    for some in chunks(file.members, of: 5_000) {
      let known = try members(ofTokens: some.map(\.token))
      for (token, isControl, line) in some {
        guard let member = known[token]?.member else {
          throw Refusal(.unknownCard, "no card \(token)", at: Place(file: file.name, line: line))
        }
        let fact = MemberFact(
          .audience,
          audience,
          from: from,
          through: through,
          isControl: isControl
        )
        facts.append((member, fact))
      }
    }
    try transaction { try note(facts, source: source) }
    let control = facts.count { $0.fact.isControl }
    return (facts.count - control, control)
  }

  /// What rows tell of their members that is not in the books.
  private func news(
    of rows: [Enrolment],
    _ file: String,
    _ day: CivilDate,
    _ newcomers: Set<String>
  ) throws -> [(member: Int64, fact: MemberFact)] {
    let tokens = Set(rows.map(\.token)).union(rows.compactMap(\.referrer))
    let known = try members(ofTokens: tokens.sorted()).mapValues(\.member)
    let standings = try memberStandings(of: Set(known.values).sorted())
    var news: [(member: Int64, fact: MemberFact)] = []
    for row in rows {
      guard let member = known[row.token] else { continue }
      let standing = standings[member] ?? MemberStanding()
      let place = Place(file: file, line: row.line)
      let facts = try facts(of: row, member, standing, known, day, place)
      if let product = row.product, standing.product(on: day) != product {
        // What an old card bought was decided under its old product, and stays.
        let first = newcomers.contains(row.token) ? row.joined ?? day : day
        news.append((member, MemberFact(.product, product, from: first)))
      }
      // Without a day of its own a row repeats what stands, whenever that began.
      news += facts.filter { fact in
        let stands = standing.facts.last { $0.kind == fact.kind }
        return row.joined == nil ? stands?.value != fact.value : stands != fact
      }.map { (member, $0) }
    }
    return news
  }

  private func facts(
    of row: Enrolment,
    _ member: Int64,
    _ standing: MemberStanding,
    _ known: [String: Int64],
    _ day: CivilDate,
    _ place: Place
  ) throws -> [MemberFact] {
    let joined = standing.facts.last { $0.kind == .joined }
    let from = row.joined ?? joined?.from ?? day
    var facts: [MemberFact] = []
    if row.joined != nil || row.channel != nil {
      facts.append(MemberFact(.joined, row.channel ?? joined?.value ?? "bank", from: from))
    }
    if let terms = row.terms { facts.append(MemberFact(.terms, terms, from: from)) }
    if let staff = row.staff { facts.append(MemberFact(.staff, staff, from: from)) }
    if let referrer = row.referrer {
      guard let other = known[referrer] else {
        throw Refusal(.unknownCard, "no card \(referrer) that could have referred", at: place)
      }
      guard other != member else {
        throw Refusal(.badToken, "nobody refers themselves", at: place)
      }
      facts.append(MemberFact(.referrer, "\(other)", from: from))
    }
    return facts
  }
}
