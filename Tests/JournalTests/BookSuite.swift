import Foundation
import Journal
import Postgres
import TestSupport

/// One private cluster for all suites of this target, and a database of its own for each, cloned
/// from a template that holds two finished nights of a small world.
enum BookSuite {
  static let sandbox = Sandbox.shared("journal")

  private static let ready: Result<Void, any Error> = Result {
    try? sandbox.remove()
    let filled = try sandbox.kvitt([
      "demo", "start", "--nights", "2", "--members", "240", "--records", "200",
    ])
    guard filled.status == 0 else { throw ClusterError(filled.errors) }
  }

  /// A connection as administrator to a fresh copy of the template.
  static func database(_ name: String) throws -> Connection {
    try make(name, " TEMPLATE kvitt")
  }

  /// A connection as administrator to an empty database.
  static func empty(_ name: String) throws -> Connection {
    try make(name, "")
  }

  private static func make(_ name: String, _ from: String) throws -> Connection {
    try ready.get()
    let server = try sandbox.administrator("postgres")
    try server.run("DROP DATABASE IF EXISTS \(identifier: name) WITH (FORCE)")
    try server.run(Query(trusted: "CREATE DATABASE \(name)\(from)"))
    return try sandbox.administrator(name)
  }

  /// The books of a copy in a role, as a login.
  static func books(_ name: String, _ role: BookRole, login: String) throws -> Books {
    try Books(sandbox.cluster.parameters(user: login, database: name), role: role)
  }

  /// Runs the built program on a copy, as a login.
  static func command(
    _ arguments: [String],
    database: String,
    login: String = "anna"
  ) throws -> Finished {
    let parameters = try sandbox.cluster.parameters(user: login, database: database)
    let words = ["host", "user", "dbname"].compactMap { key in
      parameters[key].map { "\(key)=\($0)" }
    }
    return try sandbox.kvitt(
      arguments,
      environment: ["KVITT_DB": words.joined(separator: " ")]
    )
  }

  /// A bare connection of a login that has taken a role.
  static func connection(_ name: String, _ role: String, login: String) throws -> Connection {
    let connection = try Connection(sandbox.cluster.parameters(user: login, database: name))
    try connection.run(Query(trusted: "SET ROLE \(role)"))
    try connection.run("SET search_path = kvitt, pg_catalog")
    return connection
  }
}
