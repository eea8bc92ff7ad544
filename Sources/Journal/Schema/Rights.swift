package import Crypto
import Postgres

/// Who may do what with the schema: `Schemas/rights.txt`, read.
package struct Rights: Sendable {
  /// Path of the text, as the books note it.
  static let path = "rights.txt"

  /// What a right is given on.
  package enum Kind: String, Sendable {
    case schema, database, role, table, view, function
  }

  /// A right that one role has.
  package struct Right: Hashable, Sendable {
    package let kind: Kind
    /// Name of the object; of a role with its prefix.
    package let name: String
    /// In capitals, such as `INSERT`; a role's is `MEMBER`.
    package let privilege: String
    /// The columns that it is limited to; none where it holds for all.
    package let columns: [String]
    /// Who has it, with its prefix.
    package let role: String
  }

  package let digest: Digest
  /// Everything that is listed, with rights or without.
  package let things: [(kind: Kind, name: String)]
  package let rights: [Right]

  /// Reads the text.
  ///
  /// - Precondition: The text is kvitt's own; a line that is none of rights traps.
  package init(_ text: String) {
    var things: [(kind: Kind, name: String)] = []
    var rights: [Right] = []
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let parts = line.split(separator: ":", maxSplits: 1)
      let words = parts[0].split(separator: " ")
      guard parts.count == 2, let kind = Kind(rawValue: String(words[0])) else {
        preconditionFailure("rights.txt: \(line)")
      }
      let name = words.count > 1 ? String(words[1]) : ""
      things.append((kind, kind == .role ? Rights.role(name) : name))
      for clause in parts[1].split(separator: ";") {
        rights += Rights.clause(clause, of: things[things.count - 1])
      }
    }
    digest = sha256(text)
    self.things = things
    self.rights = rights
  }

  /// `insert (a, b) settle finance`, or nobody.
  private static func clause(_ text: Substring, of thing: (kind: Kind, name: String)) -> [Right] {
    var rest = text
    var columns: [String] = []
    if let open = text.firstIndex(of: "("), let close = text.firstIndex(of: ")") {
      columns = text[text.index(after: open)..<close].split(separator: ",")
        .map { String($0.filter { $0 != " " }) }
      rest = text[..<open] + text[text.index(after: close)...]
    }
    let words = rest.split(separator: " ").map(String.init)
    return words.dropFirst().map {
      Right(
        kind: thing.kind,
        name: thing.name,
        privilege: words[0].uppercased(),
        columns: columns,
        role: role($0)
      )
    }
  }

  private static func role(_ word: some StringProtocol) -> String {
    word.hasPrefix("pg_") ? String(word) : "kvitt_\(word)"
  }

  /// The roles that are listed, without the owner and the server's own.
  package var roles: [String] {
    things.filter { $0.kind == .role && $0.name.hasPrefix("kvitt_") && $0.name != "kvitt_owner" }
      .map(\.name)
  }
}

extension Rights {
  /// Takes away what is not listed and gives what is; of others than kvitt's roles and everybody, a right
  /// to read stays.
  ///
  /// - Parameter connection: Acts as the schema's owner.
  /// - Throws: `DatabaseError`.
  func apply(_ connection: Connection) throws(DatabaseError) {
    let everybody = (["PUBLIC"] + roles).joined(separator: ", ")
    for things in ["ALL TABLES IN", "ALL SEQUENCES IN", "ALL ROUTINES IN", ""] {
      try connection.run(
        Query(trusted: "REVOKE ALL ON \(things) SCHEMA kvitt FROM \(everybody)")
      )
    }
    try revokeFromOthers(connection)
    for right in rights {
      let columns = right.columns.isEmpty ? "" : "(\(right.columns.joined(separator: ", ")))"
      let object: String
      switch right.kind {
      case .schema: object = "SCHEMA \(right.name)"
      case .table, .view: object = "kvitt.\(right.name)"
      case .function: object = "FUNCTION kvitt.\(right.name)"
      case .role, .database: continue
      }
      try connection.run(
        Query(trusted: "GRANT \(right.privilege) \(columns) ON \(object) TO \(right.role)")
      )
    }
    let leaves = try connection.run(
      """
      SELECT string_agg(inhrelid::regclass::text, ', ') FROM pg_inherits
       WHERE inhparent IN ('kvitt.purchase'::regclass, 'kvitt.reward'::regclass)
      """
    ).first?.optional(0)
    if let leaves {
      try connection.run(Query(trusted: "GRANT SELECT ON \(leaves) TO kvitt_read"))
    }
  }

  /// Leaves others no more than a right to read.
  private func revokeFromOthers(_ connection: Connection) throws(DatabaseError) {
    let others = try connection.run(
      """
      SELECT string_agg(DISTINCT a.grantee::regrole::text, ', ')
        FROM (SELECT relacl AS acl FROM pg_class WHERE relnamespace = 'kvitt'::regnamespace
               UNION ALL
              SELECT c.attacl FROM pg_attribute c JOIN pg_class r ON r.oid = c.attrelid
               WHERE r.relnamespace = 'kvitt'::regnamespace
               UNION ALL
              SELECT proacl FROM pg_proc WHERE pronamespace = 'kvitt'::regnamespace
               UNION ALL
              SELECT nspacl FROM pg_namespace WHERE nspname = 'kvitt') AS thing, aclexplode(acl) AS a
       WHERE a.grantee <> 0 AND a.grantee <> 'kvitt_owner'::regrole
      """
    ).first?.optional(0)
    guard let others else { return }
    for rights in [
      "INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON ALL TABLES IN SCHEMA kvitt",
      "ALL ON ALL SEQUENCES IN SCHEMA kvitt", "ALL ON ALL ROUTINES IN SCHEMA kvitt",
      "CREATE ON SCHEMA kvitt",
    ] {
      try connection.run(Query(trusted: "REVOKE \(rights) FROM \(others)"))
    }
  }

  /// Takes the right to make temporary objects from everybody and gives it to the roles that need it.
  ///
  /// A database that is copied or restored has to be told again.
  ///
  /// - Parameter administrator: Owns the database.
  /// - Throws: `DatabaseError`.
  func applyToDatabase(_ administrator: Connection) throws(DatabaseError) {
    let name =
      try administrator.run(
        "SELECT format('%I', current_database())"
      ).first?.optional(0) ?? ""
    let own = rights.filter { $0.kind == .database }.map(\.role).joined(separator: ", ")
    try administrator.run(
      Query(trusted: "REVOKE TEMPORARY ON DATABASE \(name) FROM PUBLIC")
    )
    try administrator.run(Query(trusted: "GRANT TEMPORARY ON DATABASE \(name) TO \(own)"))
  }
}
