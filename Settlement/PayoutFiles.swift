import Crypto
import Formats
import Foundation
package import Journal
import Ledger

/// Puts pay-out files into the outbox, each with its signature.
package struct PayoutFiles {
  private let books: Books
  private let outbox: String

  package init(books: Books, outbox: String) {
    self.books = books
    self.outbox = outbox
  }

  /// Writes the files that are missing there; gives the paths of those written.
  @discardableResult
  package func write(signer: OutboxSigner) throws -> [String] {
    var written: [String] = []
    for number in try books.payoutNumbers() {
      let place = "\(OutboxListing.cardSystem)/\(number).csv"
      let path = "\(outbox)/\(place)"
      guard !isFile(path) || !isFile(path + ".p7s"), let file = try books.payoutFile(number) else {
        continue
      }
      guard try file.isSealed && file.body == bytes(of: file) else {
        throw Refusal(
          .booksBroken,
          "the bytes of pay-out file \(number) are not those that were sealed, or not those of its lines"
        )
      }
      let signature = try signer.signature(of: place, file.body)
      try makeFolder("\(outbox)/\(OutboxListing.cardSystem)")
      try writeFile(file.body, at: path)
      try writeFile(signature, at: path + ".p7s")
      written.append(path)
    }
    return written
  }

  /// What the lines of a file give.
  private func bytes(of file: StoredPayoutFile) throws -> [UInt8] {
    let lines = try books.payouts(file: file.sequence).map { line in
      guard let currency = Currency(code: line.currency.utf8) else {
        throw Refusal(.booksBroken, "pay-out \(line.id) has no currency")
      }
      let amount = Amount(minor: line.amountMinor, currency: currency)
      return PayoutLine(id: line.id, token: line.token, amount: amount)
    }
    return try PayoutFile(
      sender: books.directory().entity,
      number: file.number,
      sequence: file.sequence,
      payDate: file.payDate,
      lines: lines
    ).bytes { sha256($0).description }
  }

  private func isFile(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path)
  }
}
