package import Civil
import Formats
import Foundation
package import Journal

/// Keeps books that were put back to an earlier day from issuing numbers again that are out already.
///
/// What the outbox holds was signed and handed over. Where it knows more than the books, the books are
/// not the ones that issued it, and whatever they would issue next contradicts what partners hold.
package struct OutboxGuard {
  private let books: Books
  private let listing: OutboxListing

  /// - Parameters:
  ///   - books: The books that are about to issue.
  ///   - outbox: Folder that they write to.
  package init(books: Books, outbox: String) {
    self.books = books
    listing = OutboxListing(path: outbox)
  }

  /// Compares the newest of both sides before anything is written.
  ///
  /// - Parameter date: The business date that is about to be issued; what it wrote itself before it died
  ///   is not held against it.
  /// - Throws: `Refusal` where the outbox is ahead of the books, names other seals, or was moved away.
  package func pass(before date: CivilDate) throws {
    let ahead = try unknown()
    if !ahead.isEmpty {
      throw Refusal(
        .outboxDiffers,
        "the outbox holds what these books never issued: \(told(ahead))",
        hint: "the books were put back to an earlier day, or another installation wrote here; "
          + "kvitt help restored-books"
      )
    }
    let issued = try books.issuedStatements(before: date)
    if !issued.isEmpty, listing.statements.isEmpty {
      throw Refusal(
        .outboxDiffers,
        "the outbox holds none of the \(issued.count) statements that these books issued",
        hint: "put the outbox back where it was moved from, or write the newest statement of each "
          + "partner again: kvitt statement render \(issued.last?.number ?? "NUMBER")"
      )
    }
    try compareNewest(issued)
  }

  /// What lies in the outbox and was not issued by these books.
  func unknown() throws -> [String] {
    let statements = Set(try books.statementPlaces())
    let payouts = Set(try books.payoutNumbers())
    let orders = Set(try books.settledDates().map(OrderFiles.name))
    return listing.statements.filter { !statements.contains($0) }
      + listing.payouts.filter { !payouts.contains($0) }
      .map { "\(OutboxListing.cardSystem)/\($0).csv" }
      + listing.orders.filter { !orders.contains($0) }.map { "\(OutboxListing.bank)/\($0)" }
  }

  /// The newest manifest of each partner names the seal that the books have for that statement: books
  /// that were put back and went on by another way have the same numbers.
  private func compareNewest(_ issued: [IssuedStatement]) throws {
    for statement in Dictionary(grouping: issued, by: \.code).values.compactMap(\.last) {
      let place = "\(statement.code)/\(statement.number)/MANIFEST.sha256"
      guard listing.has(place) else { continue }
      let path = "\(listing.path)/\(place)"
      let manifest = try Manifest(
        bytes: InputFile(path: path, sizeMax: 1 << 20).contents(),
        name: path
      )
      guard manifest.seal == statement.seal else {
        throw Refusal(
          .outboxDiffers,
          "the manifest of \(statement.number) in the outbox names another seal than these books",
          hint: "kvitt ledger check tells what differs; kvitt help restored-books",
          at: Place(file: path)
        )
      }
    }
  }

  private func told(_ names: [String]) -> String {
    let shown = names.prefix(4).map { escaped($0) }.joined(separator: ", ")
    return names.count > 4 ? "\(shown) and \(names.count - 4) more" : shown
  }
}
