import Civil
import Formats
import Ledger
import Yams

/// A YAML file of terms, read from raw scalar text with positions (D12): never Yams' decoder, for
/// which `NO` is false and `0742` a number.
struct TermsDocument {
  let file: String
  private let root: [String: (key: Node, value: Node)]

  init(bytes: [UInt8], file: String) throws(Refusal) {
    self.file = file
    guard bytes.count <= 1 << 20, let text = String(validating: bytes, as: UTF8.self) else {
      throw Refusal(
        .termsInvalid,
        "the file is no UTF-8 text below 1 MiB",
        at: Place(file: file)
      )
    }
    let node: Node?
    do {
      node = try Yams.compose(yaml: text)
    } catch {
      throw Refusal(.termsInvalid, "no YAML: \(escaped("\(error)"))", at: Place(file: file))
    }
    guard let node, case .mapping(let mapping) = node else {
      throw Refusal(.termsInvalid, "the file is no mapping", at: Place(file: file))
    }
    root = try TermsDocument.table(mapping, file: file)
  }

  private init(file: String, root: [String: (key: Node, value: Node)]) {
    self.file = file
    self.root = root
  }

  private static func table(
    _ mapping: Node.Mapping,
    file: String
  ) throws(Refusal) -> [String: (key: Node, value: Node)] {
    var table: [String: (key: Node, value: Node)] = [:]
    for (key, value) in mapping {
      guard case .scalar(let name) = key, table[name.string] == nil else {
        throw Refusal(.termsInvalid, "a key stands twice", at: place(key, file))
      }
      table[name.string] = (key, value)
    }
    return table
  }

  private static func place(_ node: Node, _ file: String) -> Place {
    Place(file: file, line: node.mark?.line ?? 0, column: node.mark?.column ?? 0)
  }

  /// A refusal about a key's value.
  func bad(_ key: String, _ why: String) -> Refusal {
    let position = root[key].map { TermsDocument.place($0.value, file) } ?? Place(file: file)
    return Refusal(.termsInvalid, "\(key): \(why)", at: position)
  }

  /// Refuses keys that nothing reads: a misspelt term must not be ignored.
  func allow(_ keys: [String]) throws(Refusal) {
    for name in root.keys.sorted() where !keys.contains(name) {
      let near = nearest(name, in: keys).map { "; did you mean \($0)?" } ?? ""
      throw bad(name, "no such term\(near)")
    }
  }

  /// The keys, sorted.
  var keys: [String] { root.keys.sorted() }

  /// Raw text of a scalar, nil where the key is absent.
  func optionalText(_ key: String) throws(Refusal) -> String? {
    guard let value = root[key]?.value else { return nil }
    guard case .scalar(let scalar) = value else { throw bad(key, "must be one value") }
    return scalar.string
  }

  /// Raw text of a scalar that must be there.
  func text(_ key: String) throws(Refusal) -> String {
    guard let text = try optionalText(key), !text.isEmpty else { throw bad(key, "is missing") }
    return text
  }

  /// A positive or zero integer.
  func integer(_ key: String, default fallback: Int? = nil) throws(Refusal) -> Int {
    guard let text = try optionalText(key) else {
      guard let fallback else { throw bad(key, "is missing") }
      return fallback
    }
    guard let value = strictInteger(text), value <= 1_000_000 else {
      throw bad(key, "\"\(escaped(text))\" is no plain integer")
    }
    return Int(value)
  }

  /// A day.
  func date(_ key: String) throws(Refusal) -> CivilDate {
    guard let date = CivilDate(try text(key)) else { throw bad(key, "is no day yyyy-mm-dd") }
    return date
  }

  /// Texts of a list; empty where the key is absent.
  func list(_ key: String) throws(Refusal) -> [String] {
    guard let value = root[key]?.value else { return [] }
    guard case .sequence(let sequence) = value else { throw bad(key, "must be a list") }
    var out: [String] = []
    for item in sequence {
      guard case .scalar(let scalar) = item else {
        throw Refusal(
          .termsInvalid,
          "\(key): a list of plain values",
          at: TermsDocument.place(item, file)
        )
      }
      out.append(scalar.string)
    }
    return out
  }

  /// One text or a list of texts; empty where the key is absent.
  func texts(_ key: String) throws(Refusal) -> [String] {
    if case .scalar(let scalar) = root[key]?.value { return [scalar.string] }
    return try list(key)
  }

  /// A nested mapping, nil where the key is absent.
  func section(_ key: String) throws(Refusal) -> TermsDocument? {
    guard let value = root[key]?.value else { return nil }
    guard case .mapping(let mapping) = value else { throw bad(key, "must be a mapping") }
    return TermsDocument(file: file, root: try TermsDocument.table(mapping, file: file))
  }

  /// A list of mappings.
  func sections(_ key: String) throws(Refusal) -> [TermsDocument] {
    guard let value = root[key]?.value, case .sequence(let sequence) = value else {
      throw bad(key, "must be a list")
    }
    var out: [TermsDocument] = []
    for item in sequence {
      guard case .mapping(let mapping) = item else {
        throw Refusal(
          .termsInvalid,
          "\(key): a list of mappings",
          at: TermsDocument.place(item, file)
        )
      }
      out.append(TermsDocument(file: file, root: try TermsDocument.table(mapping, file: file)))
    }
    return out
  }
}

/// The candidate that a misspelt word probably meant: at most two edits away.
package func nearest(_ word: String, in candidates: some Sequence<String>) -> String? {
  let ranked = candidates.map { ($0, editDistance(word.lowercased(), $0.lowercased())) }
    .filter { $0.1 <= max(1, min(2, word.count / 2)) }
  return ranked.min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
}

private func editDistance(_ left: String, _ right: String) -> Int {
  let right = Array(right)
  var row = Array(0...right.count)
  for (index, letter) in left.enumerated() {
    var diagonal = row[0]
    row[0] = index + 1
    for column in right.indices {
      let cost = min(
        row[column] + 1,
        row[column + 1] + 1,
        diagonal + (letter == right[column] ? 0 : 1)
      )
      diagonal = row[column + 1]
      row[column + 1] = cost
    }
  }
  return row[right.count]
}
