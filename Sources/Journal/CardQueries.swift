package import Civil
package import Formats
import Postgres

/// What became of a card's replacement.
package enum Replacement: String, Sendable {
  /// The new card now belongs to the member.
  case new
  /// It did already.
  case known
  /// The old card is nobody's.
  case unknown
  /// The new card belongs to someone else.
  case other
}

/// An account that goes out of good standing on a day, or into it again.
package struct StandingChange: Sendable {
  /// The file that told it.
  package let batch: Int64
  package let member: Int64
  package let programme: Int16
  package let from: CivilDate
}

extension Books {
  /// Gives a new card to the member of the one that it replaces.
  package func replaceCard(_ token: String, by new: String) throws -> Replacement {
    let answer = try connection.run("SELECT replace_card(\(token), \(new))").first
    return try answer?.known(0) ?? .unknown
  }

  /// Event references of a sender that stand already.
  package func knownEvents(sender: String, references: [String]) throws -> Set<String> {
    Set(
      try connection.run(
        """
        SELECT event_ref FROM card_event
         WHERE sender = \(sender) AND event_ref = ANY (\(references)::text[])
        """
      ).map { try $0.string(0) }
    )
  }

  /// Changes of standing of which no purchases were decided again yet.
  package func standingChanges() throws -> [StandingChange] {
    try connection.run(
      """
      SELECT e.batch_id, c.member_id, m.programme, e.effective_date
        FROM card_event e JOIN card c ON c.token = e.token JOIN member m ON m.id = c.member_id
       WHERE e.event = 'good_standing'
         AND NOT EXISTS (SELECT FROM standing_review r WHERE r.batch_id = e.batch_id)
       ORDER BY e.batch_id, e.line
      """
    ).map { row in
      try StandingChange(
        batch: row.int(0),
        member: row.int(1),
        programme: row.int16(2),
        from: row.day(3)
      )
    }
  }

  /// Notes files of account events whose changes of standing were brought to the purchases.
  package func note(reviewed files: [Int64]) throws {
    try connection.run(
      "INSERT INTO standing_review (batch_id) SELECT f FROM unnest(\(files)::bigint[]) AS x (f)"
    )
  }

  /// Stores events.
  package func insert(_ events: [CardEvent], sender: String, batch: Int64) throws {
    for event in events {
      try connection.run(
        """
        INSERT INTO card_event (batch_id, line, sender, event_ref, event, token, new_token,
          effective_date, detail)
        VALUES (\(batch)::bigint, \(event.line)::integer, \(sender), \(event.reference),
          \(event.kind.rawValue), \(event.token), \(event.newToken),
          \("\(event.effective)")::date, \(event.detail))
        """
      )
    }
  }

  /// The events of a card and of those that it replaced or that replaced it, in order of date.
  package func cardStory(_ token: String) throws -> [String] {
    try connection.run(
      """
      WITH RECURSIVE chain (token) AS (
        SELECT \(token)::text
        UNION
        SELECT CASE WHEN e.token = c.token THEN e.new_token ELSE e.token END
          FROM chain c JOIN card_event e
            ON e.event = 'replaced' AND (e.token = c.token OR e.new_token = c.token)
      )
      SELECT e.effective_date || '  ' || e.token || '  ' || e.event
             || coalesce(' by ' || e.new_token, '') || ' ' || e.detail || '  (F-' || e.batch_id
             || ' line ' || e.line || ')'
        FROM card_event e WHERE e.token IN (SELECT token FROM chain)
       ORDER BY e.effective_date, e.batch_id, e.line
      """
    ).map { try $0.string(0) }
  }
}
