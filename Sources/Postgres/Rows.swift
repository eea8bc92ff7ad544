internal import CLibPQ

/// The rows of one answer; freed with the last reference.
package final class Rows: Sequence {
  private let result: OpaquePointer
  private let place: (file: StaticString, line: Int)
  /// Number of rows.
  package let count: Int

  /// The rows of an answer to the statement at a place.
  init(_ result: OpaquePointer, at place: (file: StaticString, line: Int)) {
    self.result = result
    self.place = place
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

  fileprivate func isNull(_ row: Int32, _ column: Int32) -> Bool {
    precondition(column < PQnfields(result), "column index out of range")
    return PQgetisnull(result, row, column) != 0
  }

  fileprivate func unreadable(
    _ column: Int32,
    _ expected: String,
    found: String
  ) -> UnreadableValue {
    UnreadableValue(
      column: PQfname(result, column).map { String(cString: $0) } ?? "",
      expected: expected,
      found: found,
      place: "\(place.file):\(place.line)"
    )
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
///
/// A value that is not what its reader asks for throws: a row is read whole or not at all.
package struct Row {
  fileprivate let rows: Rows
  fileprivate let index: Int32

  /// Whether the value is null.
  package func isNull(_ column: Int) -> Bool {
    rows.isNull(index, Int32(column))
  }

  /// Text, nil where null.
  package func optional(_ column: Int) -> String? {
    rows.text(index, Int32(column))
  }

  /// Text.
  package func string(_ column: Int) throws(UnreadableValue) -> String {
    guard let value = optional(column) else { throw unreadable(column, "a text") }
    return value
  }

  /// An integer.
  package func int(_ column: Int) throws(UnreadableValue) -> Int64 {
    guard let value = withBytes(column, { $0.flatMap { integer($0) } }) else {
      throw unreadable(column, "a whole number")
    }
    return value
  }

  /// An integer of 32 bits.
  package func int32(_ column: Int) throws(UnreadableValue) -> Int32 {
    guard let value = Int32(exactly: try int(column)) else {
      throw unreadable(column, "a whole number of 32 bits")
    }
    return value
  }

  /// An integer of 16 bits.
  package func int16(_ column: Int) throws(UnreadableValue) -> Int16 {
    guard let value = Int16(exactly: try int(column)) else {
      throw unreadable(column, "a whole number of 16 bits")
    }
    return value
  }

  /// An integer, nil where null.
  package func optionalInt(_ column: Int) throws(UnreadableValue) -> Int64? {
    isNull(column) ? nil : try int(column)
  }

  /// Lends the text's bytes, nil where null: for values that are read by the thousand.
  package func withBytes<Value>(_ column: Int, _ body: (UnsafeRawBufferPointer?) -> Value) -> Value
  {
    withExtendedLifetime(rows) { body(rows.bytes(index, Int32(column))) }
  }

  /// A truth value.
  package func bool(_ column: Int) throws(UnreadableValue) -> Bool {
    switch optional(column) {
    case "t": return true
    case "f": return false
    default: throw unreadable(column, "true or false")
    }
  }

  /// Bytes of a `bytea` column.
  package func bytes(_ column: Int) throws(UnreadableValue) -> [UInt8] {
    guard let value = withBytes(column, { $0.flatMap { hexBytes($0) } }) else {
      throw unreadable(column, "bytes", isShown: false)
    }
    return value
  }

  /// What to say of a value that is not what was expected.
  ///
  /// - Parameters:
  ///   - column: Its column.
  ///   - expected: What must stand there.
  ///   - isShown: Whether the value may be told: numbers, days and words of the program, never what
  ///     may be a person's.
  /// - Returns: The error to throw.
  @inline(never)
  package func unreadable(
    _ column: Int,
    _ expected: String,
    isShown: Bool = true
  ) -> UnreadableValue {
    let found =
      optional(column).map { text in
        isShown
          ? "\"\(String(text.unicodeScalars.prefix(40)))\"" : "a text of \(text.utf8.count) bytes"
      } ?? "null"
    return rows.unreadable(Int32(column), expected, found: found)
  }
}

/// The bytes of a `bytea` as PostgreSQL prints them: `\x` and two digits each.
private func hexBytes(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
  guard text.starts(with: [0x5C, 0x78]), text.count % 2 == 0 else { return nil }
  var out: [UInt8] = []
  out.reserveCapacity(text.count / 2 - 1)
  var high: UInt8?
  for digit in text.dropFirst(2) {
    let nibble: UInt8
    switch digit {
    case 0x30...0x39: nibble = digit - 0x30
    case 0x61...0x66: nibble = digit - 0x57
    default: return nil
    }
    if let first = high {
      out.append(first << 4 | nibble)
      high = nil
    } else {
      high = nibble
    }
  }
  return out
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
