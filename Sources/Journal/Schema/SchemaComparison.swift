import Crypto
package import Formats
package import Postgres

/// How the schema of some books stands to that of a program.
package struct SchemaComparison: Sendable, Equatable {
  /// Whether there are no books at all.
  package var isMissing = false
  /// Whether the books are older than this way of keeping the schema; they are not carried over.
  package var isUnknownKind = false
  /// What the program does not know: files, or the newer version that wrote them.
  package var newer: [String] = []
  /// Files that are applied once and stand with another text.
  package var edited: [String] = []
  /// Files that the books lack, or have with another text.
  package var outdated: [String] = []
  /// Functions, triggers, views and the program's rows that are missing or were changed by hand.
  package var altered: [String] = []
  /// Other objects that are missing or were changed by hand, and what is none of kvitt's: no file makes
  /// them anew.
  package var lost: [String] = []

  /// Whether program and books fit.
  package var fits: Bool { self == SchemaComparison() }

  /// Whether `kvitt db migrate` mends it.
  var canBeMended: Bool {
    !isUnknownKind && newer.isEmpty && edited.isEmpty && lost.isEmpty
  }

  /// The refusal that says what differs and which command mends it; nil where nothing does.
  package var refusal: Refusal? {
    if fits { return nil }
    if isUnknownKind {
      return Refusal(
        .schemaDiffers,
        "these books were made before kvitt kept its schema as one text; they are not carried over",
        hint:
          "kvitt demo --fresh makes a demo anew; other books: an empty database, then kvitt db migrate"
      )
    }
    if isMissing, !lost.isEmpty {
      return Refusal(
        .schemaDiffers,
        "schema kvitt of this database holds what is not kvitt's: \(told(lost))",
        hint: "move it to a schema of its own, or take another database"
      )
    }
    if isMissing {
      return Refusal(
        .schemaDiffers,
        "this database holds no books",
        hint: "kvitt db migrate, as the database's administrator"
      )
    }
    if !newer.isEmpty {
      return Refusal(
        .schemaDiffers,
        "the books are newer than this kvitt: \(told(newer))",
        hint: "use the kvitt that brought them up to date"
      )
    }
    if !edited.isEmpty {
      return Refusal(
        .schemaDiffers,
        "the books were made by another text of \(told(edited))",
        hint: "use the kvitt that made them"
      )
    }
    if !lost.isEmpty {
      return Refusal(
        .schemaDiffers,
        "the books' schema was changed by hand: \(told(lost))",
        hint:
          "restore what is missing from a backup; what is not kvitt's belongs into a schema of its own"
      )
    }
    if !altered.isEmpty, outdated.isEmpty {
      return Refusal(
        .schemaDiffers,
        "the books' schema was changed by hand: \(told(altered))",
        hint: "kvitt db migrate puts functions, triggers, views, rows and rights of kvitt back"
      )
    }
    return Refusal(
      .schemaDiffers,
      "the books are older than this kvitt, or another text of it made them: \(told(outdated))",
      hint: "kvitt db migrate, as the database's administrator, brings them up to date"
    )
  }

  private func told(_ names: [String]) -> String {
    // A table goes with its keys and indexes.
    let sorted = names.sorted {
      ($0.hasPrefix("table") ? 0 : 1, $0) < ($1.hasPrefix("table") ? 0 : 1, $1)
    }
    let shown = sorted.prefix(4).map { escaped($0) }.joined(separator: ", ")
    return names.count > 4 ? "\(shown) and \(names.count - 4) more" : shown
  }
}

extension Schema {
  /// Compares with the books behind a connection; writes nothing.
  ///
  /// - Throws: `Refusal` where the books do not let themselves be compared; `DatabaseError` where they
  ///   cannot be reached.
  package func compared(with connection: Connection) throws -> SchemaComparison {
    do {
      return try Catalogue.reading(connection) { try compare(connection) }
    } catch let error as DatabaseError {
      let otherwise = (
        "the books' schema was changed by hand",
        "put it back by hand; Schemas/current.sql says how it was"
      )
      throw refusal(of: error, otherwise: otherwise) ?? error
    }
  }

  private func compare(_ connection: Connection) throws -> SchemaComparison {
    var out = SchemaComparison()
    let kind = try connection.run(
      """
      SELECT to_regclass('kvitt.schema_text') IS NOT NULL, to_regclass('kvitt.migration') IS NOT NULL
      """
    ).first
    guard try kind?.bool(0) == true else {
      out.isUnknownKind = try kind?.bool(1) == true
      out.isMissing = !out.isUnknownKind
      out.lost = try foreign(connection)
      return out
    }
    try compareTexts(connection, &out)
    for row in try connection.run(
      """
      WITH found AS MATERIALIZED (\(sql: Catalogue.objects))
      SELECT coalesce(f.name, s.name), s.name IS NOT NULL FROM found f
        FULL JOIN kvitt.schema_object s ON s.name = f.name
       WHERE f.digest IS DISTINCT FROM s.digest ORDER BY 1
      """
    ) {
      let name = try row.string(0)
      let isKnown = try row.bool(1)
      if isKnown, isMadeAnew(name) { out.altered.append(name) } else { out.lost.append(name) }
    }
    if let objects, out.outdated.isEmpty {
      out.lost += try strays(connection, from: objects)
    }
    return out
  }

  private func isMadeAnew(_ object: String) -> Bool {
    ["function ", "trigger ", "view ", "rows ", "rights "].contains { object.hasPrefix($0) }
  }

  /// What stands in a schema of that name where there are no books.
  private func foreign(_ connection: Connection) throws -> [String] {
    try connection.run(
      """
      SELECT 'table kvitt.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = 'kvitt' AND c.relkind NOT IN ('i', 'I', 'S', 't')
       UNION ALL
      SELECT 'function kvitt.' || p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
       WHERE n.nspname = 'kvitt' ORDER BY 1
      """
    ).map { try $0.string(0) }
  }

  /// What the books note beside the program's own list of objects, and what they do not note of it.
  func strays(_ connection: Connection, from objects: Set<String>) throws -> [String] {
    let noted = Set(
      try connection.run("SELECT name FROM kvitt.schema_object").map { try $0.string(0) }
    )
    return noted.subtracting(objects).map { "\($0), which is none of this kvitt's" }
      + objects.subtracting(noted).map { "\($0), which the books do not note" }
  }

  /// What it means for people that the server refused a statement about the schema itself; nil where it
  /// refused for another reason, or was lost.
  ///
  /// - Parameters:
  ///   - error: What the server said.
  ///   - otherwise: What a refusal means that is none of rights, roles or waiting, and what to do.
  /// - Returns: The refusal.
  func refusal(
    of error: DatabaseError,
    otherwise: (message: String, hint: String)
  ) -> Refusal? {
    let isOfSchema = ["23", "2B", "42", "55"].contains { error.sqlState.hasPrefix($0) }
    guard error.outcome == .refused, isOfSchema else { return nil }
    let message = escaped(error.message)
    switch error.sqlState {
    case "42501":
      return Refusal(
        .schemaDiffers,
        "this login may not: \(message)",
        hint: "kvitt db migrate, as the database's administrator; kvitt db roles makes the roles"
      )
    case "42704":
      return Refusal(
        .schemaDiffers,
        "the server lacks what kvitt needs: \(message)",
        hint: "its administrator runs kvitt db roles | psql, then kvitt db migrate"
      )
    case "55P03":
      return Refusal(
        .runHeld,
        "somebody else changes the schema",
        hint: "try again when it is done"
      )
    default:
      return Refusal(.schemaDiffers, "\(otherwise.message): \(message)", hint: otherwise.hint)
    }
  }

  private func compareTexts(_ connection: Connection, _ out: inout SchemaComparison) throws {
    let noted = try connection.run(
      "SELECT path, encode(digest, 'hex'), version FROM kvitt.schema_text ORDER BY path"
    ).map { (path: try $0.string(0), digest: try $0.string(1), version: try $0.string(2)) }
    var wanted = texts
    for text in noted {
      let digest = wanted.removeValue(forKey: text.path)
      if Version(text.version) > Version(version) {
        out.newer.append("\(text.path) of kvitt \(text.version)")
      } else if let digest, digest.description != text.digest {
        if isRepeatable(text.path) {
          out.outdated.append(text.path)
        } else {
          out.edited.append(text.path)
        }
      } else if digest == nil {
        // A function goes by a change that drops it.
        let isDropped =
          isRepeatable(text.path)
          && once.contains { file in !noted.contains { $0.path == file.path } }
        if isDropped { out.outdated.append(text.path) } else { out.newer.append(text.path) }
      }
    }
    for rows in reference where out.outdated.contains(rows.path) {
      out.newer += try rows.unknown(in: connection).map { "\(rows.table) \($0)" }
    }
    for path in wanted.keys {
      // Tables are made with the books and never later.
      if path.hasPrefix("tables/") {
        out.lost.append("the note of \(path)")
      } else {
        out.outdated.append(path)
      }
    }
  }

  private func isRepeatable(_ path: String) -> Bool {
    !path.hasPrefix("tables/") && !path.hasPrefix("changes/")
  }
}

/// A version's numbers, compared one by one.
private struct Version: Comparable {
  let numbers: [Int]

  init(_ text: String) {
    numbers = text.split(separator: ".").map { Int($0) ?? 0 }
  }

  static func < (left: Version, right: Version) -> Bool {
    left.numbers.lexicographicallyPrecedes(right.numbers)
  }
}
