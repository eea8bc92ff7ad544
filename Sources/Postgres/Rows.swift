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

  /// The bytes of a value, nil where null; they live as long as the rows.
  @inline(__always)
  fileprivate func bytes(_ row: Int32, _ column: Int32) -> UnsafeRawBufferPointer? {
    precondition(column < PQnfields(result), "column index out of range")
    guard PQgetisnull(result, row, column) == 0, let value = PQgetvalue(result, row, column) else {
      return nil
    }
    return UnsafeRawBufferPointer(start: value, count: Int(PQgetlength(result, row, column)))
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
    guard let value = optionalInt(column) else {
      preconditionFailure("column \(column) is null")
    }
    return value
  }

  /// An integer, nil where null; anything else is a defect of the statement and ends the process.
  package func optionalInt(_ column: Int) -> Int64? {
    withBytes(column) { bytes in
      guard let bytes else { return nil }
      guard let value = integer(bytes) else {
        preconditionFailure("column \(column) is no integer")
      }
      return value
    }
  }

  /// Lends the text's bytes, nil where null: for values that are read by the thousand.
  package func withBytes<Value>(_ column: Int, _ body: (UnsafeRawBufferPointer?) -> Value) -> Value
  {
    withExtendedLifetime(rows) { body(rows.bytes(index, Int32(column))) }
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

/// The integer that PostgreSQL prints: digits, with a minus where it is below 0.
private func integer(_ text: UnsafeRawBufferPointer) -> Int64? {
  let isNegative = text.first == 0x2D
  let digits = isNegative ? UnsafeRawBufferPointer(rebasing: text.dropFirst()) : text
  guard !digits.isEmpty else { return nil }
  // Negative throughout, so that the smallest value has room.
  var value: Int64 = 0
  for byte in digits {
    let digit = byte &- 0x30
    guard digit < 10 else { return nil }
    let (ten, over) = value.multipliedReportingOverflow(by: 10)
    let (next, under) = ten.subtractingReportingOverflow(Int64(digit))
    guard !over, !under else { return nil }
    value = next
  }
  guard !isNegative else { return value }
  let (positive, over) = value.multipliedReportingOverflow(by: -1)
  return over ? nil : positive
}
