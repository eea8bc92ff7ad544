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
    let applied = try administrator.transaction {
      // Two migrations at once: the second waits and finds nothing to do.
      try administrator.run("SELECT pg_advisory_xact_lock(hashtext('kvitt.schema_text'))")
      let comparison = try compared(with: administrator)
      if comparison.fits { return [String]() }
      guard comparison.canBeMended else {
        throw comparison.refusal ?? Refusal(.schemaDiffers, "the books' schema cannot be mended")
      }
      if comparison.isMissing {
        try administrator.run("CREATE SCHEMA IF NOT EXISTS kvitt AUTHORIZATION kvitt_owner")
      }
      try administrator.run("SET LOCAL ROLE kvitt_owner")
      // A function may name what a later file makes.
      try administrator.run("SET LOCAL check_function_bodies = off")
      return try apply(comparison, administrator)
    }
    try administrator.run("RESET client_min_messages")
    return applied
  }

  private func apply(_ comparison: SchemaComparison, _ connection: Connection) throws -> [String] {
    let wanted = comparison.isMissing ? nil : Set(comparison.outdated)
    let isDue = { (path: String) in wanted?.contains(path) ?? true }
    var applied: [String] = []
    for file in once where isDue(file.path) {
      try connection.run(Query(trusted: file.sql))
      applied.append(file.path)
    }
    for rows in reference where isDue(rows.path) {
      try rows.write(connection)
      applied.append(rows.path)
    }
    for file in repeatable where isDue(file.path) || !comparison.altered.isEmpty {
      try connection.run(Query(trusted: file.sql))
      applied.append(file.path)
    }
    try note(applied, connection)
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
  package func noteObjects(_ connection: Connection) throws {
    try connection.run("SET search_path = pg_catalog")
    try connection.run("DELETE FROM kvitt.schema_object")
    try connection.run("INSERT INTO kvitt.schema_object (name, digest) \(sql: Catalogue.objects)")
    try connection.run("RESET search_path")
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
