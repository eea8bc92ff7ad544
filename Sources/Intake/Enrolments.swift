package import Civil
package import Formats
package import Journal
import Rewards

extension Books {
  /// Enrols the cards of a file, all or none, and notes what it tells of their members, once two people ask
  /// for the same.
  ///
  /// - Parameters:
  ///   - file: The cards.
  ///   - programme: Code of a programme that is known.
  ///   - day: From when facts count where the file names no day of joining and none is known.
  /// - Returns: What it did, and what changes: new members, changed numbers, facts told.
  /// - Throws: `Refusal` with the row where a card stands twice or belongs to another programme, a number
  ///   to another member, or a referrer is unknown or the member; `SamePerson`; `DatabaseError`.
  package func enrol(
    _ file: MemberFile,
    in programme: String,
    on day: CivilDate
  ) throws -> (answer: ImportAnswer, change: EnrolmentChange) {
    try transaction {
      try check(file, in: programme)
      return try enrol(file.members, of: file.name, in: programme, on: "\(day)")
    }
  }

  private func check(_ file: MemberFile, in programme: String) throws {
    let known = try members(
      ofTokens: Set(file.members.map(\.token) + file.members.compactMap(\.referrer)).sorted()
    )
    let own = try directory().programmes.first { $0.code == programme }?.id
    var lines: [String: Int] = [:]
    for row in file.members {
      let place = Place(file: file.name, line: row.line, column: 1)
      if let first = lines.updateValue(row.line, forKey: row.token) {
        throw Refusal(.numberTaken, "card \(row.token) stands in line \(first) too", at: place)
      }
      if let member = known[row.token], member.programme != own {
        throw Refusal(.numberTaken, "card \(row.token) belongs to another programme", at: place)
      }
    }
    if let taken = try takenNumber(file.members, in: programme) {
      let row = file.members[taken.row]
      let other = lines[taken.other].map { "\(taken.other) in line \($0)" } ?? taken.other
      throw Refusal(
        .numberTaken,
        taken.isSameMember
          ? "card \(other), of the same member, has another number than \(row.reference)"
          : "the number \(row.reference) is that of card \(other), another member's",
        at: Place(file: file.name, line: row.line, column: row.token.utf8.count + 2)
      )
    }
    for row in file.members {
      guard let referrer = row.referrer else { continue }
      let place = Place(file: file.name, line: row.line)
      guard known[referrer] != nil || lines[referrer] != nil else {
        throw Refusal(.unknownCard, "no card \(referrer) that could have referred", at: place)
      }
      let isSame = known[referrer].map { $0.member == known[row.token]?.member } ?? false
      guard referrer != row.token, !isSame else {
        throw Refusal(.badToken, "nobody refers themselves", at: place)
      }
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
  /// - Returns: What it did, how many members get the offer, and how many serve to compare with.
  /// - Throws: `Refusal` with the row where a card is unknown; `SamePerson`; `DatabaseError`.
  package func offer(
    _ audience: String,
    to file: AudienceFile,
    from: CivilDate,
    through: CivilDate,
    source: String
  ) throws -> (answer: ImportAnswer, offered: Int, control: Int) {
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
    let answer = try tell(facts, source: source, name: file.name)
    let control = facts.count { $0.fact.isControl }
    return (answer, facts.count - control, control)
  }
}
