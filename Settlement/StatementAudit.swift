import Crypto
import Foundation
import Formats
package import Journal

/// Proves that stored statement lines still give the bytes that were sealed, and that manifests in
/// the outbox name the seals of the book: a rewritten tail differs from what was published.
package struct StatementAudit {
  private let books: Books
  private let outbox: String

  package init(books: Books, outbox: String) {
    self.books = books
    self.outbox = outbox
  }

  /// Every fault with its place.
  package func faults() throws -> [LedgerFault] {
    let directory = try books.directory()
    let rendering = StatementRendering(books: books, directory: directory)
    let files = StatementFiles(books: books, directory: directory, outbox: outbox)
    var faults: [LedgerFault] = []
    for statement in try books.statements() {
      let bytes = try rendering.statement(statement).bytes { sha256($0).description }
      if sha256(bytes).description != statement.lineDigest {
        faults.append(
          LedgerFault(
            check: "statement lines",
            place: "statement \(statement.number)",
            detail: "its lines no longer give the bytes that were sealed"
          )
        )
      }
      let path = files.folder(statement) + "/MANIFEST.sha256"
      guard FileManager.default.fileExists(atPath: path) else { continue }
      let manifest = try Manifest(
        bytes: InputFile(path: path, sizeMax: 1 << 20).contents(),
        name: path
      )
      if manifest.seal != (try books.seal(ofBatch: statement.runBatch)) {
        faults.append(
          LedgerFault(
            check: "published seal",
            place: "leaf \(statement.runBatch)",
            detail: "the manifest of \(statement.number) names another seal"
          )
        )
      }
    }
    return faults
  }
}
