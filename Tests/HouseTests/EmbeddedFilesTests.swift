import Foundation
import TestSupport
import Testing

/// `Schemas.c` embeds every file of the schema and every example of terms, in the order of names.
@Suite struct EmbeddedFilesTests {
  /// What stands in the folders, as `Schemas.c` must name it: path in the binary, path from `Schemas`.
  private func files() throws -> [(path: String, place: String)] {
    let schema = try paths(below: "Schemas") {
      $0.hasSuffix(".sql") && $0 != "current.sql" || ["objects.txt", "rights.txt"].contains($0)
    }
    let terms = try paths(below: "Settlement") { $0.hasSuffix(".yaml") }
    return schema.map { ($0, $0) } + terms.map { ("Settlement/\($0)", "../Settlement/\($0)") }
  }

  private func paths(below folder: String, _ wanted: (String) -> Bool) throws -> [String] {
    let all = FileManager.default.enumerator(atPath: "\(repository)/\(folder)")
    return (all?.compactMap { $0 as? String } ?? []).filter(wanted).sorted()
  }

  private func source(_ files: [(path: String, place: String)]) -> String {
    let entries = files.map { file in
      """
        {"\(file.path)", (const unsigned char[]){
      #embed "\(file.place)" suffix(, 0) if_empty(0)
        }},

      """
    }
    return """
      // Written by EmbeddedFilesTests; KVITT_RECORD=1 writes it anew.
      #include "Schemas.h"

      static const kvitt_file files[] = {
      \(entries.joined())};

      kvitt_file kvitt_file_at(size_t index) {
        if (index < sizeof files / sizeof files[0]) return files[index];
        return (kvitt_file){0, 0};
      }

      """
  }

  @Test func `every file of the schema and every example of terms is embedded`() throws {
    let place = "\(repository)/Schemas/Schemas.c"
    let wanted = source(try files())
    if ProcessInfo.processInfo.environment["KVITT_RECORD"] != nil {
      try wanted.write(toFile: place, atomically: false, encoding: .utf8)
    }
    #expect(
      try SourceTree.text("Schemas/Schemas.c") == wanted,
      "Schemas.c differs; KVITT_RECORD=1 records it anew"
    )
  }

  @Test func `a file that is not embedded is seen`() throws {
    let all = try files()
    #expect(all.count > 70)
    #expect(source(Array(all.dropLast())) != source(all))
  }
}
