import Crypto
import Formats
package import Postgres

extension Schema {
  /// Brings the books behind a connection to this schema, in one transaction.
  ///
  /// - Parameter administrator: A connection that may take the role `kvitt_owner`.
  /// - Returns: What was applied, in order; nothing where program and books fitted already.
  /// - Throws: `Refusal` where the books are newer, stem from another text, or lost what no file
  ///   makes anew; `DatabaseError`. Nothing is written then.
  @discardableResult
  package func migrate(_ administrator: Connection) throws -> [String] {
    try administrator.run("SET client_min_messages = warning")
    defer { _ = try? administrator.run("RESET client_min_messages") }
    do {
      return try administrator.transaction {
        // Two migrations at once: the second waits and finds nothing to do.
        try administrator.run("SET LOCAL lock_timeout = '30s'")
        try administrator.run("SELECT pg_advisory_xact_lock(hashtext('kvitt.schema_text'))")
        return try bringUpToDate(administrator)
      }
    } catch let error as DatabaseError {
      let otherwise = (
        "the schema cannot be brought up to date, and nothing was changed",
        "what stands in the way goes by hand; Schemas/current.sql says how the schema must be"
      )
      throw refusal(of: error, otherwise: otherwise) ?? error
    }
  }

  private func bringUpToDate(_ connection: Connection) throws -> [String] {
    let comparison = try compared(with: connection)
    if comparison.fits {
      try rights?.applyToDatabase(connection)
      return []
    }
    guard comparison.canBeMended else {
      throw comparison.refusal ?? Refusal(.schemaDiffers, "the books' schema cannot be mended")
    }
    if comparison.isMissing {
      try connection.run("CREATE SCHEMA IF NOT EXISTS kvitt AUTHORIZATION kvitt_owner")
    } else {
      try refuseDuringRuns(connection)
    }
    try rights?.applyToDatabase(connection)
    try connection.run("SET LOCAL ROLE kvitt_owner")
    // A function may name what a later file makes.
    try connection.run("SET LOCAL check_function_bodies = off")
    let applied = try apply(comparison, connection)
    if !comparison.altered.isEmpty, comparison.outdated.isEmpty {
      // What was put back must be what it was.
      let rest = try compared(with: connection)
      if let refusal = rest.refusal { throw refusal }
    }
    try note(applied, connection)
    if let objects {
      let strays = try strays(connection, from: objects).sorted()
      guard strays.isEmpty else {
        throw Refusal(
          .schemaDiffers,
          "the schema would not be kvitt's, and nothing was changed: \(strays.prefix(4).map { escaped($0) }.joined(separator: ", "))",
          hint: "a change must drop what goes; Schemas/changes/README.md says how"
        )
      }
    }
    return applied
  }

  /// Refuses while a run works with the functions that would be replaced.
  private func refuseDuringRuns(_ connection: Connection) throws {
    let run = try connection.run(
      """
      SELECT r.job, r.business_date::text, r.holder FROM kvitt.run r
        JOIN pg_stat_activity a ON a.pid = r.backend AND a.backend_start = r.backend_start
       ORDER BY 1, 2 LIMIT 1
      """
    ).first
    guard let run else { return }
    throw Refusal(
      .runHeld,
      "\(escaped(try run.string(0))) of \(try run.string(1)) is held by \(escaped(try run.string(2)))",
      hint: "kvitt db migrate when it is done"
    )
  }

  private func apply(_ comparison: SchemaComparison, _ connection: Connection) throws -> [String] {
    let wanted = comparison.isMissing ? nil : Set(comparison.outdated)
    let isDue = { (path: String) in wanted?.contains(path) ?? true }
    let isMending = !comparison.altered.isEmpty
    var applied: [String] = []
    for file in once where isDue(file.path) {
      try connection.run(Query(trusted: file.sql))
      applied.append(file.path)
    }
    for rows in reference where isDue(rows.path) || isMending {
      try rows.write(connection)
      applied.append(rows.path)
    }
    // A change may have dropped what stands on it.
    let isAll = isMending || once.contains { applied.contains($0.path) }
    for file in repeatable where isDue(file.path) || isAll {
      if file.path.hasPrefix("views/"), let name = file.path.split(separator: "/").last {
        // Replacing a view cannot take a column away or rename it.
        try connection.run("DROP VIEW IF EXISTS kvitt.\(identifier: String(name.dropLast(4)))")
      }
      try connection.run(Query(trusted: file.sql))
      applied.append(file.path)
    }
    if let rights {
      // What was made anew has no rights yet.
      try rights.apply(connection)
      if isDue(Rights.path) { applied.append(Rights.path) }
    }
    return applied
  }

  /// Notes the texts that were applied, and what the catalogue holds since.
  private func note(_ applied: [String], _ connection: Connection) throws {
    let texts = texts
    for path in applied {
      guard let digest = texts[path] else { continue }
      try connection.run(
        """
        INSERT INTO kvitt.schema_text (path, digest, version)
        VALUES (\(path), \(bytes: digest.bytes), \(version))
        ON CONFLICT (path) DO UPDATE SET digest = excluded.digest, version = excluded.version,
          applied_by = session_user
        """
      )
    }
    // What a change dropped.
    try connection.run(
      "DELETE FROM kvitt.schema_text WHERE path <> ALL (\(texts.keys.sorted())::text[])"
    )
    try noteObjects(connection)
  }

  /// Notes what the catalogue holds as what the schema's files made.
  private func noteObjects(_ connection: Connection) throws {
    try Catalogue.reading(connection) {
      try connection.run("DELETE FROM kvitt.schema_object")
      try connection.run("INSERT INTO kvitt.schema_object (name, digest) \(sql: Catalogue.objects)")
    }
  }
}

/// Makes the roles, as the database's administrator.
package func makeRoles(_ administrator: Connection, people: [String]) throws {
  try administrator.run(Query(trusted: Schema.roles))
  for person in people {
    let exists = try administrator.run("SELECT FROM pg_roles WHERE rolname = \(person)").count > 0
    if !exists {
      try administrator.run("CREATE ROLE \(identifier: person) LOGIN NOINHERIT")
    }
    try administrator.run("GRANT kvitt_finance, kvitt_read, kvitt_audit TO \(identifier: person)")
  }
}
