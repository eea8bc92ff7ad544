package import Formats
import Postgres

/// What enrolling cards changes.
package struct EnrolmentChange: Sendable {
  /// New members.
  package let enrolled: Int64
  /// Members whose partner number is another one now.
  package let changed: Int64
  /// Facts of members that are news.
  package let told: Int64
}

/// A row of a member file whose partner number cannot be.
package struct TakenNumber: Sendable {
  /// The row, counted from 0.
  package let row: Int
  /// The other card.
  package let other: String
  /// Whether it is the same member's, under another number.
  package let isSameMember: Bool
}

extension Books {
  /// Asks for cards of a programme to be enrolled, with what rows tell of their members.
  package func enrol(
    _ rows: [Enrolment],
    of name: String,
    in programme: String,
    on day: String
  ) throws -> (answer: ImportAnswer, change: EnrolmentChange) {
    func column(_ value: (Enrolment) -> String?) -> [String] { rows.map { value($0) ?? "" } }
    let row = try connection.run(
      """
      SELECT * FROM enrol_members(\(programme), \(name), \(day)::date,
        \(rows.map(\.token))::text[], \(rows.map(\.reference))::text[],
        \(column { $0.joined.map { "\($0)" } })::text[], \(column(\.channel))::text[],
        \(column(\.terms))::text[], \(column(\.product))::text[], \(column(\.staff))::text[],
        \(column(\.referrer))::text[])
      """
    )[0]
    return try (
      ImportAnswer(row),
      EnrolmentChange(enrolled: row.int(2), changed: row.int(3), told: row.int(4))
    )
  }

  /// The first row whose partner number belongs to another member, or differs from that of another card of
  /// the same one; nil where none does.
  package func takenNumber(_ rows: [Enrolment], in programme: String) throws -> TakenNumber? {
    try connection.run(
      """
      SELECT row_no, coalesce(other, ''), same_member
        FROM taken_numbers(\(programme), \(rows.map(\.token))::text[],
          \(rows.map(\.reference))::text[]) ORDER BY row_no LIMIT 1
      """
    ).first.map {
      try TakenNumber(row: Int($0.int(0)) - 1, other: $0.string(1), isSameMember: $0.bool(2))
    }
  }
}
