import Civil
import Crypto
import Foundation
import Formats
package import Journal

/// Puts statements into the outbox: line file, JSON lines, manifest, two signatures.
///
/// The data files are made anew from the books and give the same bytes every time.
package struct StatementFiles {
  private let books: Books
  private let rendering: StatementRendering
  private let directory: Directory
  private let outbox: String

  package init(books: Books, directory: Directory, outbox: String) {
    self.books = books
    self.directory = directory
    self.outbox = outbox
    rendering = StatementRendering(books: books, directory: directory)
  }

  /// Folder of a statement's files below the outbox.
  func place(_ statement: StoredStatement) -> String {
    "\(directory.partner(id: statement.partner)?.code ?? "-")/\(statement.number)"
  }

  /// Folder of a statement's files.
  package func folder(_ statement: StoredStatement) -> String {
    "\(outbox)/\(place(statement))"
  }

  /// Names of a statement's files, in the order in which they are written.
  func names(_ statement: StoredStatement) -> [String] {
    let name = "\(statement.number)_v1"
    return [
      "\(name).jsonl", "\(name).csv", "\(name).csv.p7s", "MANIFEST.sha256", "MANIFEST.sha256.p7s",
    ]
  }

  /// Writes what is missing of a statement; complete files are left alone.
  ///
  /// - Returns: Whether anything was written.
  @discardableResult
  package func write(_ statement: StoredStatement, signer: OutboxSigner) throws -> Bool {
    let folder = folder(statement)
    let names = names(statement)
    if names.allSatisfy({ FileManager.default.fileExists(atPath: "\(folder)/\($0)") }) {
      return false
    }
    let rendered = try rendering.statement(statement)
    let lineFile = rendered.bytes { sha256($0).description }
    let jsonFile = rendered.jsonLines()
    guard sha256(lineFile).description == statement.lineDigest,
      sha256(jsonFile).description == statement.jsonDigest
    else {
      throw Refusal(
        .booksBroken,
        "the lines of \(statement.number) no longer give the bytes that were sealed"
      )
    }
    let earlier = try books.statements(partner: statement.partner)
      .last { $0.sequence == statement.sequence - 1 }
    let manifest = try manifest(statement, after: earlier)
    let place = place(statement)
    let signatures = try [(names[1], lineFile), (names[3], manifest.bytes)].map {
      try signer.signature(of: "\(place)/\($0)", $1)
    }
    try makeFolder(folder)
    try writeFile(jsonFile, at: "\(folder)/\(names[0])")
    try writeFile(lineFile, at: "\(folder)/\(names[1])")
    try writeFile(signatures[0], at: "\(folder)/\(names[2])")
    try writeFile(manifest.bytes, at: "\(folder)/\(names[3])")
    try writeFile(signatures[1], at: "\(folder)/\(names[4])")
    return true
  }

  /// The manifest of a statement.
  ///
  /// - Parameters:
  ///   - statement: What it lists.
  ///   - earlier: The partner's statement before, nil for the first of ours.
  /// - Returns: What was signed, where the books still say the same.
  /// - Throws: `DatabaseError`.
  func manifest(
    _ statement: StoredStatement,
    after earlier: StoredStatement?
  ) throws -> Manifest {
    let names = names(statement)
    return Manifest(
      statement: statement.number,
      seal: try books.seal(ofBatch: statement.runBatch),
      previousNumber: earlier?.number ?? "",
      previousDigest: earlier?.lineDigest ?? "",
      files: [
        (names[1], statement.lineDigest), (names[0], statement.jsonDigest),
      ]
    )
  }
}
