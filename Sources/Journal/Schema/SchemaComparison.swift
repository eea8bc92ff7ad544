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
  /// Functions and views that are missing or were changed by hand.
  package var altered: [String] = []
  /// Tables, constraints and triggers that are missing or were changed by hand, and what is none of
  /// kvitt's: no file makes them anew.
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
        hint: "kvitt db migrate puts kvitt's functions and views back"
      )
    }
    return Refusal(
      .schemaDiffers,
      "the books are older than this kvitt, or another text of it made them: \(told(outdated))",
      hint: "kvitt db migrate, as the database's administrator, brings them up to date"
    )
  }

  private func told(_ names: [String]) -> String {
    let shown = names.sorted().prefix(4).map { escaped($0) }.joined(separator: ", ")
    return names.count > 4 ? "\(shown) and \(names.count - 4) more" : shown
  }
}

extension Schema {
  /// Compares with the books behind a connection; writes nothing.
  package func compared(with connection: Connection) throws -> SchemaComparison {
    var out = SchemaComparison()
    try connection.run("SET search_path = pg_catalog")
    defer { _ = try? connection.run("RESET search_path") }
    let kind = try connection.run(
      "SELECT to_regclass('kvitt.schema_text') IS NOT NULL, to_regclass('kvitt.migration') IS NOT NULL"
    ).first
    guard try kind?.bool(0) == true else {
      out.isUnknownKind = try kind?.bool(1) == true
      out.isMissing = !out.isUnknownKind
      return out
    }
    try compareTexts(connection, &out)
    let differences = try connection.run(
      """
      WITH found AS (\(sql: Catalogue.objects))
      SELECT coalesce(f.name, s.name), s.name IS NOT NULL FROM found f
        FULL JOIN kvitt.schema_object s ON s.name = f.name
       WHERE f.digest IS DISTINCT FROM s.digest ORDER BY 1
      """
    )
    for row in differences {
      let name = try row.string(0)
      let isMadeAnew = try row.bool(1) && (name.hasPrefix("function ") || name.hasPrefix("view "))
      if isMadeAnew { out.altered.append(name) } else { out.lost.append(name) }
    }
    return out
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
    out.outdated += wanted.keys
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
