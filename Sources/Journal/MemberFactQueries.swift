import Civil
import Ledger
import Postgres
package import Rewards

/// What a member's purchases of a period add up to under a rule.
package struct PeriodSum: Sendable {
  package let agreement: Int32
  package let rule: Int16
  /// Where the period begins.
  package let month: Int16
  package let sum: Int64
}

extension Books {
  /// The sums of all periods of one member, from the rows.
  package func periodSums(ofMember member: Int64) throws -> [PeriodSum] {
    try connection.run(
      """
      SELECT agreement, rule, earn_month, sum(uncapped)::bigint FROM reward
       WHERE member_id = \(member)::bigint AND uncapped <> 0 GROUP BY 1, 2, 3
      """
    ).map {
      try PeriodSum(
        agreement: $0.int32(0),
        rule: $0.int16(1),
        month: $0.int16(2),
        sum: $0.int(3)
      )
    }
  }

  /// Notes facts that follow from rows: tiers, and accounts that are dealt with.
  ///
  /// - Parameters:
  ///   - facts: A member and a fact each.
  ///   - source: The run.
  /// - Throws: `DatabaseError`.
  package func note(_ facts: [(member: Int64, fact: MemberFact)], source: String) throws {
    for some in chunks(facts, of: 5_000) {
      _ = try connection.run(telling(Array(some), source: source, name: source))
    }
  }

  /// Notes facts that a person tells; with a day before the books' newest they count with a second person.
  ///
  /// - Parameters:
  ///   - facts: A member and a fact each.
  ///   - source: A campaign or a file.
  ///   - name: What they say, for the second person.
  /// - Returns: What it did.
  /// - Throws: `SamePerson` or `DatabaseError`.
  package func tell(
    _ facts: [(member: Int64, fact: MemberFact)],
    source: String,
    name: String
  ) throws -> ImportAnswer {
    try transaction {
      try ImportAnswer(connection.run(telling(facts, source: source, name: name))[0])
    }
  }

  private func telling(
    _ facts: [(member: Int64, fact: MemberFact)],
    source: String,
    name: String
  ) -> Query {
    let members = facts.map(\.member)
    let kinds = facts.map(\.fact.kind.rawValue)
    let values = facts.map(\.fact.value)
    let from = facts.map { "\($0.fact.from)" }
    let through = facts.map { $0.fact.through.map { "\($0)" } ?? "" }
    let control = facts.map { Int16($0.fact.isControl ? 1 : 0) }
    return """
      SELECT * FROM tell_member_facts(\(source), \(name), \(members)::bigint[], \(kinds)::text[],
        \(values)::text[], \(from)::text[], \(through)::text[], \(control)::smallint[])
      """
  }

  /// What stands of members; of all who have facts where none are named.
  package func memberStandings(of members: [Int64]? = nil) throws -> [Int64: MemberStanding] {
    var out: [Int64: MemberStanding] = [:]
    for row in try connection.run(
      """
      SELECT member_id, kind, value, valid_from, valid_to, control, id FROM member_fact
       WHERE \(members == nil) OR member_id = ANY (\(members ?? [])::bigint[])
      UNION ALL
      -- Standing counts from its own day, in whatever order the files came.
      SELECT c.member_id, 'standing', e.detail, e.effective_date, NULL, false,
             (1::bigint << 40) + row_number() OVER (ORDER BY e.effective_date, e.batch_id, e.line)
        FROM card_event e JOIN card c ON c.token = e.token
       WHERE e.event = 'good_standing'
         AND (\(members == nil) OR c.member_id = ANY (\(members ?? [])::bigint[]))
       ORDER BY id
      """
    ) {
      out[try row.int(0), default: MemberStanding()].add(
        try MemberFact(
          row.known(1),
          row.string(2),
          from: row.day(3),
          through: row.optionalDay(4),
          isControl: row.bool(5)
        )
      )
    }
    return out
  }
}
