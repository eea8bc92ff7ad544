package import Postgres
import Schemas

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

  /// Connects as a login and takes a role.
  package init(_ parameters: [String: String], role: BookRole) throws {
    connection = try Connection(parameters)
    try connection.run(Query(trusted: "SET ROLE \(role.rawValue)"))
    try connection.run("SET search_path = kvitt, pg_catalog")
    try connection.run("SET timezone = 'UTC'")
    try connection.run("SET client_min_messages = warning")
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

/// The embedded migrations: numbered, forward only, never edited once released.
package struct Migration: Sendable {
  /// Such as `0001_reference`.
  package let name: String
  package let sql: String

  /// All migrations in order.
  package static var all: [Migration] {
    var out: [Migration] = []
    while true {
      let file = kvitt_migration_at(out.count)
      guard let name = file.name else { return out }
      out.append(
        Migration(
          name: String(cString: name),
          sql: String(
            decoding: UnsafeBufferPointer(start: file.bytes, count: file.length),
            as: UTF8.self
          )
        )
      )
    }
  }

  /// The administrator's script that makes the roles.
  package static var roles: String {
    let file = kvitt_roles()
    return String(
      decoding: UnsafeBufferPointer(start: file.bytes, count: file.length),
      as: UTF8.self
    )
  }
}

/// Terms that ship as examples: path below `Settlement/` and bytes.
package func exampleTerms() -> [(file: String, bytes: [UInt8])] {
  var out: [(file: String, bytes: [UInt8])] = []
  while true {
    let file = kvitt_example_at(out.count)
    guard let name = file.name else { return out }
    out.append(
      (
        String(cString: name),
        Array(UnsafeBufferPointer(start: file.bytes, count: file.length))
      )
    )
  }
}

/// Makes the roles, as the database's administrator.
package func makeRoles(_ administrator: Connection, people: [String]) throws {
  try administrator.run(Query(trusted: Migration.roles))
  for person in people {
    let exists = try administrator.run("SELECT FROM pg_roles WHERE rolname = \(person)").count > 0
    if !exists {
      try administrator.run("CREATE ROLE \(identifier: person) LOGIN NOINHERIT")
    }
    try administrator.run("GRANT kvitt_finance, kvitt_read, kvitt_audit TO \(identifier: person)")
  }
}

/// Applies the migrations that the database lacks, each in a transaction of its own.
///
/// - Parameters:
///   - administrator: A connection that may take the role `kvitt_owner`.
///   - last: Name of the last migration to apply; nil applies all.
/// - Returns: The names applied.
/// - Throws: `DatabaseError`; what was applied before stays.
@discardableResult
package func migrate(_ administrator: Connection, through last: String? = nil) throws -> [String] {
  try administrator.run("CREATE SCHEMA IF NOT EXISTS kvitt AUTHORIZATION kvitt_owner")
  try administrator.run("SET ROLE kvitt_owner")
  try administrator.run("SET client_min_messages = warning")
  try administrator.run(
    """
    CREATE TABLE IF NOT EXISTS kvitt.migration
      (name text PRIMARY KEY, digest bytea NOT NULL, applied_by name DEFAULT session_user)
    """
  )
  let known = Set(
    try administrator.run("SELECT name FROM kvitt.migration").map { $0.string(0) }
  )
  var applied: [String] = []
  for migration in Migration.all where !known.contains(migration.name) {
    try administrator.transaction {
      try administrator.run(Query(trusted: migration.sql))
      try administrator.run(
        """
        INSERT INTO kvitt.migration (name, digest)
        VALUES (\(migration.name), sha256(convert_to(\(migration.sql), 'UTF8')))
        """
      )
    }
    applied.append(migration.name)
    if migration.name == last { break }
  }
  try administrator.run("RESET ROLE")
  return applied
}
