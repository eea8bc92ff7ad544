/// The database refused or was lost.
package struct DatabaseError: Error, Sendable, CustomStringConvertible {
  /// What the caller may conclude.
  package enum Outcome: Sendable {
    /// The statement had no effect.
    case refused
    /// The connection was lost at COMMIT: look the key up before any retry.
    case unknown
    /// No connection could be made.
    case unavailable
  }

  package let outcome: Outcome
  /// Five characters of the SQL standard, empty where the client failed.
  package let sqlState: String
  /// The server's message; never holds bound values.
  package let message: String
  package let file: String
  package let line: Int

  package init(
    _ outcome: Outcome,
    sqlState: String,
    message: String,
    file: StaticString = #fileID,
    line: Int = #line
  ) {
    self.outcome = outcome
    self.sqlState = sqlState
    self.message = message
    self.file = "\(file)"
    self.line = line
  }

  package var description: String {
    let state = sqlState.isEmpty ? "" : " [\(sqlState)]"
    return "\(message)\(state) at \(file):\(line)"
  }
}
