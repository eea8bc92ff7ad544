internal import CLibPQ

/// The rows of one answer; freed with the last reference.
package final class Rows: Sequence {
  private let result: OpaquePointer
  /// Number of rows.
  package let count: Int

  init(_ result: OpaquePointer) {
    self.result = result
    count = Int(PQntuples(result))
  }

  deinit {
    PQclear(result)
  }

  /// The row at an index.
  package subscript(index: Int) -> Row {
    precondition(index < count, "row index out of range")
    return Row(rows: self, index: Int32(index))
  }

  /// The first row, nil where there is none.
  package var first: Row? { count > 0 ? self[0] : nil }

  /// Names of the columns.
  package var columns: [String] {
    (0..<PQnfields(result)).map { String(cString: PQfname(result, $0)) }
  }

  /// Rows that a statement without answer touched.
  package var affected: Int { Int(String(cString: PQcmdTuples(result))) ?? 0 }

  package func makeIterator() -> AnyIterator<Row> {
    var next = 0
    return AnyIterator {
      guard next < self.count else { return nil }
      defer { next += 1 }
      return self[next]
    }
  }

  fileprivate func text(_ row: Int32, _ column: Int32) -> String? {
    precondition(column < PQnfields(result), "column index out of range")
    guard PQgetisnull(result, row, column) == 0, let value = PQgetvalue(result, row, column) else {
      return nil
    }
    return String(cString: value)
  }
}

/// One row: values by position, in the order that the statement beside it names.
package struct Row {
  fileprivate let rows: Rows
  fileprivate let index: Int32

  /// Text, nil where null.
  package func optional(_ column: Int) -> String? {
    rows.text(index, Int32(column))
  }

  /// Text; null reads as empty.
  package func string(_ column: Int) -> String {
    optional(column) ?? ""
  }

  /// An integer; a null or anything else is a defect of the statement and ends the process.
  package func int(_ column: Int) -> Int64 {
    guard let text = optional(column), let value = Int64(text) else {
      preconditionFailure("column \(column) is no integer")
    }
    return value
  }

  /// A truth value.
  package func bool(_ column: Int) -> Bool {
    optional(column) == "t"
  }

  /// Bytes of a `bytea` column.
  package func bytes(_ column: Int) -> [UInt8] {
    guard let text = optional(column), text.hasPrefix("\\x") else { return [] }
    var out: [UInt8] = []
    var high: UInt8?
    for digit in text.utf8.dropFirst(2) {
      let nibble = digit >= 0x61 ? digit - 0x57 : digit - 0x30
      if let first = high {
        out.append(first << 4 | nibble)
        high = nil
      } else {
        high = nibble
      }
    }
    return out
  }
}
