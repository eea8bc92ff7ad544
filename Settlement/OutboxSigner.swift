import Crypto
import Formats
package import Journal
package import Signing

/// Signs files of the outbox: each signature is made once and kept in the books, so a second writing repeats
/// the first (D9).
package struct OutboxSigner {
  private let books: Books
  private let key: SigningKey

  package init(books: Books, key: SigningKey) {
    self.books = books
    self.key = key
  }

  /// The signature of a file.
  ///
  /// - Parameters:
  ///   - place: Of the file in the outbox.
  ///   - bytes: What it holds.
  /// - Returns: DER, the one that was made first.
  /// - Throws: `Refusal` where the key cannot sign, or the kept one was made over other bytes.
  func signature(of place: String, _ bytes: [UInt8]) throws -> [UInt8] {
    try books.signature(
      of: place,
      content: sha256(bytes),
      signer: key.certificate.fingerprint.description
    ) {
      do {
        return try key.sign(bytes)
      } catch {
        throw Refusal(.keyProblem, "\(error)")
      }
    }.body
  }
}
