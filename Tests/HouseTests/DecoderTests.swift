import Foundation
import TestSupport
import Testing

/// Rows of the database are read whole or not at all: what kvitt does not know throws.
@Suite struct DecoderTests {
  @Test func `no reader of the database drops a row or turns a value into another`() {
    for file in SourceTree.shipped { #expect(droppingReaders(file).isEmpty) }
  }

  @Test func `the check sees what drops rows`() {
    let lines = [
      "import Postgres", "    ).compactMap(StoredReward.init)", "    ).compactMap { row in",
      "  fileprivate init?(_ row: Row) {", "  init?(_ row: Row, _ column: Int) {",
      "      unit: Int16(row.int(2)),", "    ).map { Int32($0.int(0)) }",
      "    let kind = Kind(rawValue: try row.string(1)) ?? .other",
      "    try row.optional(3).flatMap { CivilDate($0) }",
      "    let day = try? row.day(2)",
    ]
    let file = SourceFile(path: "x", target: "Journal", lines: lines)
    #expect(droppingReaders(file) == (2...lines.count).map { "x:\($0)" })
    let good = [
      "import Postgres", "    ).map(StoredReward.init)", "  init(_ row: Row) throws {",
      "      unit: row.int16(2),", "      captured: row.optionalInt(5),",
    ]
    #expect(droppingReaders(SourceFile(path: "x", target: "Journal", lines: good)).isEmpty)
  }
}

/// Lines of a file that imports Postgres that leave out what they cannot read.
private func droppingReaders(_ file: SourceFile) -> [String] {
  guard file.lines.contains(where: { $0.hasSuffix("import Postgres") }) else { return [] }
  let marks = [
    "compactMap", "init?(_ row: Row", "Int16(row.int", "Int32(row.int", "Int16($0.int",
    "Int32($0.int", "(rawValue: row.", "(rawValue: try row.", "(rawValue: $0.", ").flatMap { Civil",
    "try? row.",
  ]
  return file.lines.enumerated().compactMap { index, line in
    marks.contains(where: line.contains) ? "\(file.path):\(index + 1)" : nil
  }
}
