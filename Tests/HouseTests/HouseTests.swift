import Formats
import Foundation
import TestSupport
import Testing

@Suite struct HouseTests {
  /// What each target may import beside the standard library; the design's table.
  private let table: [String: Set<String>] = [
    "Civil": ["Foundation"],
    "Ledger": ["Civil"],
    "Rewards": ["Ledger", "Civil"],
    "Formats": ["Ledger", "Civil", "Foundation", "CLibXML2"],
    "Terms": ["Ledger", "Civil", "Rewards", "Formats", "Yams"],
    "Crypto": ["CLibCrypto"],
    "Signing": ["Crypto", "CLibCrypto"],
    "Postgres": ["CLibPQ", "Subprocess", "SystemPackage", "Foundation"],
    "Journal": [
      "Ledger", "Civil", "Rewards", "Formats", "Crypto", "Postgres", "Schemas", "Foundation",
    ],
    "Intake": [
      "Ledger", "Civil", "Rewards", "Formats", "Terms", "Crypto", "Journal", "CPrefetch",
    ],
    "Redemption": ["Ledger", "Civil", "Rewards", "Formats", "Crypto", "Journal", "Intake"],
    "Settlement": [
      "Ledger", "Civil", "Rewards", "Formats", "Terms", "Crypto", "Signing", "Journal", "Intake",
      "Foundation",
    ],
    "Reconciliation": ["Ledger", "Civil", "Formats", "Crypto", "Journal"],
    "Reports": ["Ledger", "Civil", "Formats"],
    "Simulator": ["Ledger", "Civil", "Formats", "Signing", "Crypto", "Foundation"],
    "kvitt": [
      "Ledger", "Civil", "Rewards", "Formats", "Terms", "Crypto", "Signing", "Postgres",
      "Journal", "Intake", "Redemption", "Settlement", "Reconciliation", "Reports", "Simulator",
      "ArgumentParser", "Foundation",
    ],
  ]

  @Test func `every import is one that the table allows`() {
    for file in SourceTree.shipped {
      let allowed = table[file.target] ?? []
      for line in file.lines {
        let words = line.split(separator: " ")
        guard let index = words.firstIndex(of: "import"), index <= 1, index + 1 < words.count else {
          continue
        }
        let module = String(words[index + 1])
        #expect(allowed.contains(module), "\(file.path) imports \(module)")
      }
    }
  }

  @Test func `the import check sees a wrong import`() {
    let file = SourceFile(path: "x", target: "Ledger", lines: ["import Postgres"])
    #expect(!(table[file.target] ?? []).contains("Postgres"))
  }

  @Test func `every row of the coverage names a test that exists, or says when or why not`() throws
  {
    let text = try String(contentsOfFile: repository + "/Sources/COVERAGE.md", encoding: .utf8)
    let tests = SourceTree.tests.flatMap(\.lines).joined(separator: "\n")
    var rows = 0
    for line in text.split(separator: "\n") where line.hasPrefix("| ") {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 3, Int(cells[0]) != nil else { continue }
      rows += 1
      for place in cells[2].components(separatedBy: "<br>") {
        let words = place.split(separator: ": ", maxSplits: 1).map(String.init)
        #expect(words.count == 2 && ["test", "later", "out"].contains(words[0]), "\(line)")
        if words[0] == "test" { #expect(tests.contains("func `\(words[1])`"), "\(line)") }
      }
    }
    #expect(rows == 56 + 36 + 37)
  }

  @Test func `files have at most 400 lines and functions at most 70`() {
    for file in SourceTree.shipped + SourceTree.tests {
      #expect(file.lines.count <= 401, "\(file.path): \(file.lines.count) lines")
    }
    for file in SourceTree.shipped {
      #expect(longFunctions(file, most: 70).isEmpty, "\(longFunctions(file, most: 70))")
    }
  }

  @Test func `the length check sees a long function`() {
    let body = (0..<80).map { "    let x\($0) = 1" }
    let file = SourceFile(path: "x", target: "T", lines: ["  func f() {"] + body + ["  }"])
    #expect(longFunctions(file, most: 70) == ["x:1"])
  }

  @Test func `JSON is written by an encoder and never glued`() {
    for file in SourceTree.shipped { #expect(gluedJSON(file).isEmpty, "\(gluedJSON(file))") }
  }

  @Test(arguments: [
    #""{\"code\":\"\(code)\"}""#, #"out += "[\"\(name)\",1]""#, #""\"minor\": \(minor)""#,
  ])
  func `the check of JSON sees glue`(_ line: String) {
    #expect(gluedJSON(SourceFile(path: "x", target: "T", lines: [line])) == ["x:1"])
  }

  @Test func `SQL names flows and writes no numbers of theirs`() {
    let schema = SourceTree.schema
    #expect(schema.count > 60)
    for file in SourceTree.shipped + SourceTree.tests + schema where file.target != "HouseTests" {
      #expect(bareFlows(file).isEmpty, "\(bareFlows(file))")
    }
  }

  @Test(arguments: [
    "WHERE flow = 10", "r.flow IN (11, 12)", "CASE flow WHEN 83 THEN", "k.flow <> 1",
    "(flow NOT IN (1, 4) OR", "t.flow BETWEEN 75 AND 78", "flow=3", "t.id = 12)",
  ])
  func `the check of flows sees a bare number`(_ line: String) {
    #expect(bareFlows(SourceFile(path: "x", target: "T", lines: [line])) == ["x:1"])
  }

  @Test func `package and public types and functions are documented`() {
    for file in SourceTree.shipped {
      #expect(undocumented(file).isEmpty, "\(undocumented(file))")
    }
  }

  @Test func `every command has a manual text with an example`() {
    for file in SourceTree.shipped where file.target == "kvitt" {
      let text = file.lines.joined(separator: "\n")
      for part in text.components(separatedBy: "CommandConfiguration(").dropFirst() {
        let head = String(part.prefix(700))
        #expect(head.contains("abstract:"), "\(file.path): \(head.prefix(60))")
        #expect(
          head.contains("Example") || head.contains("First steps"),
          "\(file.path): \(head.prefix(60))"
        )
      }
    }
  }

  @Test func `every error code is reached by a test and says cause and fix`() throws {
    let tests = SourceTree.tests.filter { $0.target != "HouseTests" }
      .flatMap(\.lines).joined(separator: "\n")
    for code in ErrorCode.allCases {
      #expect(!code.cause.isEmpty && !code.fix.isEmpty)
      #expect(tests.contains(code.rawValue), "\(code.rawValue) is reached by no test")
    }
  }

  @Test func `every exit status is listed in the manual`() throws {
    let manual = try SourceTree.text("Sources/kvitt/HelpCommand.swift")
    for status in ExitStatus.allCases {
      #expect(manual.contains("\(status.rawValue)"), "\(status)")
    }
  }

  @Test func `every table and view of the books is in the data dictionary`() throws {
    let dictionary = try SourceTree.text("Schemas/README.md")
    var seen = 0
    for folder in ["tables", "changes", "views"] {
      for name in try FileManager.default.contentsOfDirectory(
        atPath: "\(repository)/Schemas/\(folder)"
      ) where name.hasSuffix(".sql") {
        let text = try SourceTree.text("Schemas/\(folder)/\(name)")
        for make in ["CREATE TABLE kvitt.", "CREATE OR REPLACE VIEW kvitt."] {
          for part in text.components(separatedBy: make).dropFirst() {
            let table = String(part.prefix { $0.isLetter || $0 == "_" })
            seen += 1
            #expect(dictionary.contains("`\(table)`"), "\(table) is not described")
          }
        }
      }
    }
    #expect(seen > 115)
  }

  @Test func `a function or view stands in the file of its name, alone`() throws {
    var seen = 0
    for folder in ["functions", "views"] {
      let all = FileManager.default.enumerator(atPath: "\(repository)/Schemas/\(folder)")
      for case let path as String in all ?? .init() where path.hasSuffix(".sql") {
        let text = try SourceTree.text("Schemas/\(folder)/\(path)")
        let name = (path as NSString).lastPathComponent.dropLast(4)
        let make = folder == "views" ? "CREATE OR REPLACE VIEW " : "CREATE OR REPLACE FUNCTION "
        #expect(text.components(separatedBy: "\n\(make)").count == 2, "\(path)")
        #expect(text.contains("\n\(make)kvitt.\(name)"), "\(path)")
        #expect(text.hasPrefix("--"), "\(path) does not say what it is for")
        // A star would give new books a column that older ones lack.
        #expect(!(folder == "views" && text.contains("*,")) && !text.contains(".* FROM"), "\(path)")
        seen += 1
      }
    }
    #expect(seen > 40)
  }

  @Test func `the books have one door, which compares the schema`() {
    let doors = SourceTree.shipped.filter { file in
      file.target != "Postgres" && file.lines.contains { $0.contains("Connection(") }
    }.map(\.path).sorted()
    // The others migrate, as administrators.
    #expect(
      doors == [
        "Sources/Journal/Books.swift", "Sources/kvitt/DatabaseCommand.swift",
        "Sources/kvitt/Workplace.swift",
      ]
    )
  }

  @Test func `text reaches a screen by one door, which escapes it`() {
    for file in SourceTree.shipped where file.path != "Sources/kvitt/Main.swift" {
      for (index, line) in file.lines.enumerated() {
        for word in ["print(", "FileHandle.standard", "fputs(", "debugPrint("] {
          let found = line.firstRange(of: word)
          let isCall = found.map { found in
            found.lowerBound == line.startIndex
              || !line[line.index(before: found.lowerBound)].isLetter
          }
          let isInput = line.contains("FileHandle.standardInput")
          #expect(isCall != true || isInput, "\(file.path):\(index + 1)")
        }
      }
    }
  }

  @Test func `nothing is left half done`() {
    for file in SourceTree.shipped {
      for (index, line) in file.lines.enumerated() {
        for word in ["TODO", "FIXME", "fatalError(", "try!"] {
          #expect(!line.contains(word), "\(file.path):\(index + 1)")
        }
      }
    }
  }
}
