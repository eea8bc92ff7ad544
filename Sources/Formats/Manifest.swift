/// `MANIFEST.sha256` of a settlement: what belongs together, in the form of `sha256sum` (§4.3).
package struct Manifest: Sendable, Equatable {
  package let statement: String
  package let seal: String
  /// Number and line-file digest of the statement before; empty for the first.
  package let previousNumber: String
  package let previousDigest: String
  /// Name and digest of each file.
  package let files: [(name: String, digest: String)]

  package init(
    statement: String,
    seal: String,
    previousNumber: String,
    previousDigest: String,
    files: [(name: String, digest: String)]
  ) {
    self.statement = statement
    self.seal = seal
    self.previousNumber = previousNumber
    self.previousDigest = previousDigest
    self.files = files
  }

  package static func == (left: Manifest, right: Manifest) -> Bool {
    left.bytes == right.bytes
  }

  /// The manifest's bytes, LF lines as `sha256sum -c` wants them.
  package var bytes: [UInt8] {
    var text = "# kvitt-manifest 1 \(statement)\n# ledger-seal \(seal)\n"
    text += "# previous \(previousNumber.isEmpty ? "-" : previousNumber) "
    text += (previousDigest.isEmpty ? "-" : previousDigest) + "\n"
    for file in files { text += "\(file.digest)  \(file.name)\n" }
    return Array(text.utf8)
  }

  /// Reads a manifest; names that are paths are refused.
  package init(bytes: [UInt8], name: String) throws(Refusal) {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    let heads = lines.prefix(3).map { $0.split(separator: " ").map(String.init) }
    guard heads.count == 3, heads[0].count == 4, heads[0][1] == "kvitt-manifest",
      heads[0][2] == "1", heads[1].count == 3, heads[2].count == 4
    else {
      throw Refusal(.badRecord, "the manifest's head is malformed", at: Place(file: name))
    }
    var files: [(name: String, digest: String)] = []
    for (index, line) in lines.enumerated().dropFirst(3) {
      let parts = line.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
      guard parts.count == 2, parts[0].utf8.count == 64, isID(parts[1]), !parts[1].hasPrefix(".")
      else {
        throw Refusal(
          .badRecord,
          "the line is no digest and plain file name",
          at: Place(file: name, line: index + 1)
        )
      }
      files.append((parts[1], parts[0]))
    }
    self.init(
      statement: heads[0][3],
      seal: heads[1][2],
      previousNumber: heads[2][2] == "-" ? "" : heads[2][2],
      previousDigest: heads[2][3] == "-" ? "" : heads[2][3],
      files: files
    )
  }
}
