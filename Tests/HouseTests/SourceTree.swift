import Foundation
import TestSupport

/// A Swift file of the repository.
struct SourceFile {
  let path: String
  let target: String
  let lines: [String]
}

/// The repository as text.
enum SourceTree {
  /// All shipped Swift files, with their targets.
  static let shipped: [SourceFile] =
    files(in: "Sources") { $0.split(separator: "/")[1] }
    + files(in: "Settlement") { _ in "Settlement" }

  /// All Swift files of the tests.
  static let tests: [SourceFile] = files(in: "Tests") { $0.split(separator: "/")[1] }

  /// All SQL of the schema.
  static let schema: [SourceFile] = files(in: "Schemas", ".sql") { _ in "Schemas" }

  private static func files(
    in folder: String,
    _ suffix: String = ".swift",
    _ target: (String) -> Substring
  ) -> [SourceFile] {
    let root = repository + "/" + folder
    let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
    return names.filter { $0.hasSuffix(suffix) }.sorted().compactMap { name in
      let path = folder + "/" + name
      guard let text = try? String(contentsOfFile: repository + "/" + path, encoding: .utf8) else {
        return nil
      }
      return SourceFile(
        path: path,
        target: String(target(path)),
        lines: text.components(separatedBy: "\n")
      )
    }
  }

  /// Text of a file of the repository.
  static func text(_ path: String) throws -> String {
    try String(contentsOfFile: repository + "/" + path, encoding: .utf8)
  }
}

/// Lines of functions that are longer than allowed: place and length.
func longFunctions(_ file: SourceFile, most: Int) -> [String] {
  var found: [String] = []
  var start: (line: Int, indent: Int)?
  for (index, line) in file.lines.enumerated() {
    let indent = line.prefix { $0 == " " }.count
    let words = line.trimmingCharacters(in: .whitespaces)
    if let open = start, indent == open.indent, words == "}" {
      if index - open.line + 1 > most { found.append("\(file.path):\(open.line + 1)") }
      start = nil
    } else if start == nil,
      words.contains("func ") || words.hasPrefix("init(")
        || words.contains(" init("), !words.hasPrefix("//"), !words.hasPrefix("\"")
    {
      start = words.hasSuffix("}") ? nil : (index, indent)
    }
  }
  return found
}

/// `package` and `public` declarations without a documentation comment above them.
func undocumented(_ file: SourceFile) -> [String] {
  file.lines.enumerated().compactMap { index, line in
    let words = line.trimmingCharacters(in: .whitespaces)
    let kinds = ["func ", "struct ", "class ", "enum ", "protocol ", "actor "]
    guard words.hasPrefix("package ") || words.hasPrefix("public "),
      kinds.contains(where: words.contains), !words.contains("import "),
      !words.contains("static func <"), !words.contains("static func =="),
      !words.contains("func hash("), !words.contains("makeIterator"),
      !words.contains("appendLiteral"), !words.contains("appendInterpolation(_")
    else { return nil }
    var above = index - 1
    while above >= 0, file.lines[above].trimmingCharacters(in: .whitespaces).hasPrefix("@") {
      above -= 1
    }
    let comment = above >= 0 ? file.lines[above].trimmingCharacters(in: .whitespaces) : ""
    return comment.hasPrefix("///") ? nil : "\(file.path):\(index + 1)"
  }
}

/// Lines on which SQL compares a flow with a number: a flow is named, `\(flow: .earnMiles)`.
func bareFlows(_ file: SourceFile) -> [String] {
  let bare =
    #/(^|[^a-z_])(flow|[a-z]\.id)\s*(=|<>|!=|[<>]=?|IN\s*\(|BETWEEN|NOT IN\s*\(|WHEN)\s*[0-9]/#
  return file.lines.enumerated().compactMap { index, line in
    line.contains(bare) ? "\(file.path):\(index + 1)" : nil
  }
}

/// Lines that glue JSON from texts: a quote of the text's own beside a brace, a bracket or a colon.
func gluedJSON(_ file: SourceFile) -> [String] {
  let glue = #/\{\\"|\[\\"|\\"\s*:\s*(\\"|\\\()/#
  return file.lines.enumerated().compactMap { index, line in
    line.contains(glue) ? "\(file.path):\(index + 1)" : nil
  }
}
