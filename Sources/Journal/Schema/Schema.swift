package import Crypto
import Schemas

/// One SQL file of the schema.
package struct SchemaFile: Sendable, Equatable {
  /// Path below `Schemas/`, such as `functions/leaves/seal_leaf.sql`.
  package let path: String
  package let sql: String

  package init(path: String, sql: String) {
    self.path = path
    self.sql = sql
  }

  /// SHA-256 of its text.
  package var digest: Digest { sha256(sql) }
}

/// The schema as a program has it: its only current text.
///
/// Tables and changes are applied once, in order, and never edited afterwards. Functions and views
/// are applied whenever their text differs from what the books had. Rows that the program knows
/// itself are written from its own tables.
package struct Schema: Sendable {
  /// The version of the program, such as `0.1.0`.
  package let version: String
  /// Tables with their keys and rights, then changes of tables and data.
  package let once: [SchemaFile]
  /// Functions with their triggers and rights, then views.
  package let repeatable: [SchemaFile]
  /// Rows of the program's own tables.
  package let reference: [ReferenceRows]
  /// Who may do what; nil where the files say it themselves.
  package let rights: Rights?
  /// Names of everything that the files make, as `objects.txt` lists them; nil where nobody has listed
  /// it yet.
  package let objects: Set<String>?

  package init(
    version: String,
    once: [SchemaFile],
    repeatable: [SchemaFile],
    reference: [ReferenceRows],
    rights: Rights? = nil,
    objects: Set<String>? = nil
  ) {
    self.version = version
    self.once = once
    self.repeatable = repeatable
    self.reference = reference
    self.rights = rights
    self.objects = objects
  }

  /// The schema of this program.
  package static let current = Schema(
    version: "0.1.0",
    once: files("tables/") + files("changes/"),
    repeatable: files("functions/") + files("views/"),
    reference: [
      .accounts, .currencies, .flows, .flowLegs, .batchKinds, .batchEntries, .batchAttachments,
      .batchFlows,
    ],
    rights: Rights(files("rights.txt").map(\.sql).joined()),
    objects: listedObjects
  )

  private static let listedObjects: Set<String>? = {
    let names = files("objects.txt").flatMap { $0.sql.split(separator: "\n").map(String.init) }
    return names.isEmpty ? nil : Set(names)
  }()

  /// The administrator's script that makes the roles.
  package static var roles: String { files("roles.sql").map(\.sql).joined() }

  /// Path and digest of everything that the books must have.
  var texts: [String: Digest] {
    let files = (once + repeatable).map { ($0.path, $0.digest) }
    let rows = reference.map { ($0.path, $0.digest) }
    return Dictionary(
      uniqueKeysWithValues: files + rows + (rights.map { [(Rights.path, $0.digest)] } ?? [])
    )
  }

  private static func files(_ folder: String) -> [SchemaFile] {
    embeddedFiles().filter { $0.path.hasPrefix(folder) }
  }
}

/// Terms that ship as examples: path below `Settlement/` and bytes.
package func exampleTerms() -> [(file: String, bytes: [UInt8])] {
  let folder = "Settlement/"
  return embeddedFiles().filter { $0.path.hasPrefix(folder) }
    .map { (String($0.path.dropFirst(folder.count)), Array($0.sql.utf8)) }
}

/// Everything that is embedded in the binary, in the order of `Schemas.c`.
private func embeddedFiles() -> [SchemaFile] {
  var out: [SchemaFile] = []
  while true {
    let file = kvitt_file_at(out.count)
    guard let path = file.path, let text = file.text else { return out }
    out.append(SchemaFile(path: String(cString: path), sql: String(cString: text)))
  }
}
