import Crypto
import Formats
package import Journal

/// Proves that stored statement lines still give the bytes that were sealed.
package struct StatementAudit {
  private let books: Books

  /// - Parameter books: The books, for reading.
  package init(books: Books) {
    self.books = books
  }

  /// Every statement whose lines changed, of those that settle rows up to a later seal than one.
  package func faults(since: Int64 = 0) throws -> [LedgerFault] {
    let rendering = StatementRendering(books: books, directory: try books.directory())
    var faults: [LedgerFault] = []
    for statement in try books.statements() where statement.cutSeal >= since {
      let bytes = try rendering.statement(statement).bytes { sha256($0).description }
      guard sha256(bytes).description != statement.lineDigest else { continue }
      faults.append(
        LedgerFault(
          check: "statement lines",
          place: "statement \(statement.number)",
          detail: "its lines no longer give the bytes that were sealed"
        )
      )
    }
    return faults
  }
}
