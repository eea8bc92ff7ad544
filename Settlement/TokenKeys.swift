package import Crypto
import Foundation
import Formats

/// The keys that turn card numbers into tokens, outside the database.
///
/// Files `hmac-<version>.key` of 64 hexadecimal digits, 0600. An old key stays: cards enrolled
/// under it are still found.
package struct TokenKeys: Sendable {
  private let path: String

  package init(path: String) {
    self.path = path
  }

  /// Versions that stand, oldest first.
  package func versions() -> [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.compactMap { name in
      guard name.hasPrefix("hmac-"), name.hasSuffix(".key") else { return nil }
      return Int(name.dropFirst(5).dropLast(4))
    }.sorted()
  }

  /// Makes the next version; gives its number.
  package func create() throws -> Int {
    try makeFolder(path, mode: 0o700)
    let version = (versions().last ?? 0) + 1
    try writeFile(
      Array((hexText(randomBytes(32)) + "\n").utf8),
      at: "\(path)/hmac-\(version).key",
      mode: 0o600
    )
    return version
  }

  /// All keys, newest first; a key file that others can read is refused.
  package func keys() throws -> [TokenKey] {
    try versions().reversed().map { version in
      let file = "\(path)/hmac-\(version).key"
      var info = stat()
      guard lstat(file, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
        throw Refusal(.keyProblem, "\(file) is no file")
      }
      guard info.st_mode & 0o077 == 0 else {
        throw Refusal(.keyProblem, "\(file) can be read by others", hint: "chmod 600")
      }
      let text = String(
        decoding: try InputFile(path: file, sizeMax: 1_000).contents(),
        as: UTF8.self
      )
      guard let bytes = hexBytes(text.filter { !$0.isNewline }),
        let key = TokenKey(version: version, key: bytes)
      else { throw Refusal(.keyProblem, "\(file) holds no key of 64 hexadecimal digits") }
      return key
    }
  }
}
