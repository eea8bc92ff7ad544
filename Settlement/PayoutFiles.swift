import Crypto
import Formats
import Foundation
package import Journal
package import Signing

/// Puts pay-out files into the outbox, with a signature that is made once and kept.
package struct PayoutFiles {
  private let books: Books
  private let outbox: String

  package init(books: Books, outbox: String) {
    self.books = books
    self.outbox = outbox
  }

  /// Writes the files that are missing there; gives the paths of those written.
  @discardableResult
  package func write(key: SigningKey) throws -> [String] {
    let folder = "\(outbox)/\(OutboxListing.cardSystem)"
    var written: [String] = []
    for number in try books.payoutNumbers() {
      let path = "\(folder)/\(number).csv"
      guard !isFile(path) || !isFile(path + ".p7s"), let file = try books.payoutFile(number) else {
        continue
      }
      let signature = try books.keepSignature(
        payoutFile: file.sequence,
        signer: key.certificate.fingerprint.description
      ) {
        do {
          return try key.sign(file.body)
        } catch {
          throw Refusal(.keyProblem, "\(error)")
        }
      }
      try makeFolder(folder)
      try writeFile(file.body, at: path)
      try writeFile(signature, at: path + ".p7s")
      written.append(path)
    }
    return written
  }

  private func isFile(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path)
  }
}
