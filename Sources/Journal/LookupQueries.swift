import Formats
import Postgres

extension Books {
  /// Asks for a keyed hash by which a member is found; it counts with a second person.
  ///
  /// - Parameters:
  ///   - digests: The same text under every key, the newest first.
  ///   - kind: `email` or `phone`.
  ///   - member: The member.
  /// - Returns: What it did; nil where another member is found so.
  /// - Throws: `SamePerson` or `DatabaseError`.
  package func note(lookup digests: [String], kind: String, member: Int64) throws -> ImportAnswer? {
    try transaction {
      let row = try connection.run(
        "SELECT * FROM note_lookup(\(digests)::text[], \(kind), \(member)::bigint)"
      )[0]
      return try row.string(0) == "taken" ? nil : ImportAnswer(row)
    }
  }

  /// Tokens of the cards of the member who is found by a keyed hash; the search is noted.
  ///
  /// - Parameters:
  ///   - digests: The same text under every key.
  ///   - kind: `email` or `phone`.
  ///   - reason: Why it is asked.
  /// - Returns: The tokens, none where nobody is found.
  /// - Throws: `DatabaseError`.
  package func find(_ digests: [String], kind: String, reason: String) throws -> [String] {
    try connection.run(
      "SELECT token FROM find_member(\(digests)::text[], \(kind), \(reason))"
    ).map { try $0.string(0) }
  }

  /// Who looked for whom by an e-mail address or a telephone number, newest first.
  package func searches() throws -> [(
    kind: String, member: Int64?, reason: String, by: String, at: String
  )] {
    try connection.run(
      """
      SELECT kind, member_id, reason, asked_by, date_trunc('second', asked_at)::text FROM member_search
       ORDER BY id DESC
      """
    ).map {
      try (
        $0.word(0, of: ["email", "phone"]), $0.optionalInt(1), $0.string(2), $0.string(3),
        $0.string(4)
      )
    }
  }
}
