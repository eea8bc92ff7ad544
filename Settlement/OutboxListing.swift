import Foundation
import Formats

/// What lies in an outbox, by the places that kvitt writes to.
///
/// Nothing here opens a file.
struct OutboxListing {
  /// Folder of payment orders.
  static let bank = "bank"
  /// Folder of pay-out files.
  static let cardSystem = "card-system"

  let path: String

  /// Names in a folder of the outbox, without halves of files that a crash left.
  func names(_ folder: String = "") -> [String] {
    let all = try? FileManager.default.contentsOfDirectory(
      atPath: folder.isEmpty ? path : path + "/" + folder
    )
    return (all ?? []).filter { !$0.hasSuffix(".part") }.sorted()
  }

  /// Whether a path of the outbox holds something.
  func has(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: path + "/" + name)
  }

  /// Folders of statements, as `CODE/NUMBER`.
  var statements: [String] {
    names().filter { ![OutboxListing.bank, OutboxListing.cardSystem].contains($0) }
      .flatMap { code in names(code).filter { isNumber($0, of: code) }.map { "\(code)/\($0)" } }
  }

  /// Whatever else lies where statements lie.
  var strangers: [String] {
    names().filter { ![OutboxListing.bank, OutboxListing.cardSystem].contains($0) }
      .flatMap { code in
        let inside = names(code)
        return inside.isEmpty && !isFolder(code)
          ? [code] : inside.filter { !isNumber($0, of: code) }.map { "\(code)/\($0)" }
      }
  }

  /// Files of payment orders, by their names.
  var orders: [String] {
    names(OutboxListing.bank).filter { $0.hasPrefix("orders-") && $0.hasSuffix(".csv") }
  }

  /// Pay-out files, by their numbers.
  var payouts: [String] {
    names(OutboxListing.cardSystem).filter { $0.hasSuffix(".csv") }.map { String($0.dropLast(4)) }
  }

  /// Whether a name is that of a statement to a partner: `CODE-YYYY-NNNN`.
  private func isNumber(_ name: String, of code: String) -> Bool {
    guard name.hasPrefix(code + "-") else { return false }
    let parts = name.dropFirst(code.utf8.count + 1).split(
      separator: "-",
      omittingEmptySubsequences: false
    )
    return parts.count == 2 && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy(\.isNumber) }
  }

  private func isFolder(_ name: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path + "/" + name, isDirectory: &isFolder)
      && isFolder.boolValue
  }
}
