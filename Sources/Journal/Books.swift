import Formats
package import Postgres

/// What a connection may do: a role of the database, taken with SET ROLE (D3).
package enum BookRole: String, Sendable {
  case owner = "kvitt_owner"
  case ingest = "kvitt_ingest"
  case settle = "kvitt_settle"
  case finance = "kvitt_finance"
  case read = "kvitt_read"
  case audit = "kvitt_audit"
  case redeem = "kvitt_redeem"
}

/// The books: one connection, one role, all SQL of kvitt.
package final class Books {
  let connection: Connection
  /// The fence that every commit of a run compares, nil outside a run.
  package var fence: RunFence?

  /// Connects as a login, takes a role and compares the schema of the books with the program's.
  ///
  /// - Throws: `Refusal` where they differ; `DatabaseError`.
  package init(_ parameters: [String: String], role: BookRole) throws {
    connection = try Connection(parameters)
    try Books.setRole(role, connection)
    if let refusal = try Schema.current.compared(with: connection).refusal { throw refusal }
    try connection.run("SET search_path = kvitt, pg_catalog")
    try connection.run("SET timezone = 'UTC'")
    try connection.run("SET client_min_messages = warning")
  }

  /// Books behind a connection that its caller opened and compared, with the caller's own rights: an
  /// administrator's, who tries a change and takes it back.
  ///
  /// - Parameter connection: The connection; its search path is set.
  /// - Throws: `DatabaseError`.
  package init(behind connection: Connection) throws {
    self.connection = connection
    try connection.run("SET search_path = kvitt, pg_catalog")
  }

  private static func setRole(_ role: BookRole, _ connection: Connection) throws {
    do {
      try connection.run(Query(trusted: "SET ROLE \(role.rawValue)"))
    } catch {
      guard ["22023", "42501"].contains(error.sqlState) else { throw error }
      throw Refusal(
        .schemaDiffers,
        "this login cannot take the role \(role.rawValue): \(escaped(error.message))",
        hint:
          "the database's administrator runs kvitt db roles | psql, and grants the role to the login"
      )
    }
  }

  /// Changes the role, for the next step of a night.
  package func take(_ role: BookRole) throws {
    try connection.run("RESET ROLE")
    try connection.run(Query(trusted: "SET ROLE \(role.rawValue)"))
  }

  /// Runs the body in a transaction; inside a run its fence is compared first.
  package func transaction<Value>(_ body: () throws -> Value) throws -> Value {
    try connection.transaction {
      if let fence {
        try connection.run(
          "SELECT hold_fence(\(fence.job), \("\(fence.date)")::date, \(fence.number))"
        )
      }
      return try body()
    }
  }

  /// Runs the body on one snapshot of the books and writes nothing.
  package func reading<Value>(_ body: () throws -> Value) throws -> Value {
    try connection.transaction(isolation: "REPEATABLE READ READ ONLY", body)
  }

  /// The login of this connection: a person, or `kvitt_nightly`.
  package func login() throws -> String {
    try connection.run("SELECT session_user").first?.string(0) ?? ""
  }
}
