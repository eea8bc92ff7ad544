package import Crypto
import Postgres

/// What asking for an import did, of which two people decide where it changes who is paid.
package struct ImportAnswer: Sendable {
  package let decision: JointDecision
  /// Over all rows that were asked for; nil where nothing was to be decided.
  package let digest: Digest?

  /// Reads the words of a function that asks (`ask_import`).
  ///
  /// - Parameters:
  ///   - row: Its answer.
  ///   - outcome: The column of the word.
  ///   - content: The column of the digest.
  /// - Throws: `SamePerson` where the caller asked before and nobody else has.
  init(_ row: Row, outcome: Int = 0, content: Int = 1) throws {
    decision =
      switch try row.word(outcome, of: ["stands", "done", "proposed", "own", "decided"]) {
      case "stands": .stands
      case "done": .alone
      case "proposed": .proposed
      case "decided": .decided
      default: throw SamePerson()
      }
    digest = decision == .stands ? nil : Digest(bytes: try row.bytes(content))
  }
}

/// An import, as one person asked for it and another may have decided it.
package struct StoredImport: Sendable {
  /// `members`, `facts`, `lookups`, `merchants` or `fx`.
  package let kind: String
  /// Of all its rows, in hexadecimal.
  package let digest: String
  /// The file, or what the rows say where there is none.
  package let name: String
  package let rows: Int64
  package let proposedBy: String
  package let decidedBy: String?
}

extension Books {
  /// Imports that two people decide, those that wait first, then by name.
  package func imports() throws -> [StoredImport] {
    try connection.run(
      """
      SELECT i.kind, encode(i.digest, 'hex'), i.name, i.rows, i.proposed_by, d.decided_by
        FROM kvitt.import i LEFT JOIN import_decision d USING (digest, round)
       ORDER BY d.decided_by IS NOT NULL, i.kind, i.name, i.digest, i.round
      """
    ).map {
      try StoredImport(
        kind: $0.word(0, of: ["members", "facts", "lookups", "merchants", "fx"]),
        digest: $0.string(1),
        name: $0.string(2),
        rows: $0.int(3),
        proposedBy: $0.string(4),
        decidedBy: $0.optional(5)
      )
    }
  }
}
