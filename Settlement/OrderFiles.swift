import Crypto
import Formats
import Foundation
import Civil
package import Journal

/// Puts the payment orders of settlements into the outbox, each file with its signature.
///
/// The settlement's seal vouches for the bytes, so nobody who can write the table of orders or the folder
/// changes whom the bank pays.
package struct OrderFiles {
  private let books: Books
  private let directory: Directory
  private let outbox: String

  package init(books: Books, directory: Directory, outbox: String) {
    self.books = books
    self.directory = directory
    self.outbox = outbox
  }

  /// Name of the file of a business date.
  static func name(_ date: CivilDate) -> String { "orders-\(date.compact).csv" }

  /// Place of the file of a business date in the outbox.
  func place(_ date: CivilDate) -> String { "\(OutboxListing.bank)/\(OrderFiles.name(date))" }

  /// The file's bytes, as the books give them.
  func bytes(runBatch: Int64, date: CivilDate) throws -> [UInt8] {
    PaymentOrders(
      sender: directory.entity,
      date: date,
      orders: try books.paymentOrders(runBatch: runBatch)
    ).bytes { sha256($0).description }
  }

  /// Writes what is missing of a settlement's orders; complete files are left alone.
  ///
  /// - Parameters:
  ///   - statements: Of one settlement.
  ///   - signer: Signs.
  /// - Throws: `Refusal` where the orders are not those that were sealed, or a file cannot be written.
  package func write(_ statements: [StoredStatement], signer: OutboxSigner) throws {
    guard let first = statements.first else { return }
    let place = place(first.businessDate)
    let path = "\(outbox)/\(place)"
    if [path, path + ".p7s"].allSatisfy(FileManager.default.fileExists(atPath:)) { return }
    let bytes = try bytes(runBatch: first.runBatch, date: first.businessDate)
    guard try sha256(bytes).description == books.sealedOrders(batch: first.runBatch) else {
      throw Refusal(
        .booksBroken,
        "the payment orders of \(first.businessDate) are not those that were sealed"
      )
    }
    let signature = try signer.signature(of: place, bytes)
    try makeFolder("\(outbox)/\(OutboxListing.bank)")
    try writeFile(bytes, at: path)
    try writeFile(signature, at: path + ".p7s")
  }
}
