/// The database holds a value that this program does not know, or that cannot stand where it stands.
///
/// Whoever reads on without the row decides on less than the books hold; so nobody does.
package struct UnreadableValue: Error, Sendable, CustomStringConvertible {
  /// Name of the column, as the statement gives it.
  package let column: String
  /// What must stand there.
  package let expected: String
  /// What stands there, cut to 40 characters; of a person's text only its length.
  package let found: String
  /// Where the statement stands.
  package let place: String

  /// A value that no row hands out, such as one of a binary COPY.
  package init(column: String, expected: String, found: String, place: String) {
    self.column = column
    self.expected = expected
    self.found = found
    self.place = place
  }

  package var description: String {
    "the column \(column) holds \(found), expected: \(expected) (read at \(place))"
  }
}
