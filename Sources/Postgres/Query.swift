/// A value that is bound, in the form in which it is sent.
enum BoundValue: Sendable {
  case text(String)
  /// In the form of the type's own send function, big-endian.
  case binary([UInt8])
}

/// SQL whose values are bound, never spliced: `\(value)` becomes `$1`.
package struct Query: ExpressibleByStringInterpolation, Sendable {
  package private(set) var sql: String
  private(set) var binds: [BoundValue?]

  package init(stringLiteral value: String) {
    sql = value
    binds = []
  }

  package init(stringInterpolation: Interpolation) {
    sql = stringInterpolation.sql
    binds = stringInterpolation.binds
  }

  /// SQL without values, built by the program itself, such as a migration.
  package init(trusted sql: String) {
    self.sql = sql
    binds = []
  }

  /// SQL built by the program itself, with the values of `$1`, `$2` … bound in order.
  package init(trusted sql: String, values: [String?]) {
    self.sql = sql
    binds = values.map { $0.map(BoundValue.text) }
  }

  /// Puts the program's own SQL in front, such as the INSERT that a SELECT feeds.
  package mutating func prefix(_ text: StaticString) {
    sql = "\(text)" + sql
  }

  /// Collects text and values.
  package struct Interpolation: StringInterpolationProtocol {
    var sql = ""
    var binds: [BoundValue?] = []

    package init(literalCapacity: Int, interpolationCount: Int) {
      sql.reserveCapacity(literalCapacity + interpolationCount * 3)
    }

    package mutating func appendLiteral(_ literal: String) {
      sql += literal
    }

    private mutating func bind(_ value: BoundValue?) {
      binds.append(value)
      sql += "$\(binds.count)"
    }

    private mutating func bind(_ text: String) {
      bind(.text(text))
    }

    package mutating func appendInterpolation(_ value: String?) {
      bind(value.map(BoundValue.text))
    }

    package mutating func appendInterpolation(_ value: some BinaryInteger) {
      bind(String(value))
    }

    package mutating func appendInterpolation(_ value: Bool) {
      bind(value ? "t" : "f")
    }

    /// Binds bytes as `bytea`.
    package mutating func appendInterpolation(bytes value: [UInt8]) {
      bind(hexBytea(value))
    }

    /// Binds an array of integers.
    package mutating func appendInterpolation(_ values: [some BinaryInteger]) {
      bind("{" + values.map { String($0) }.joined(separator: ",") + "}")
    }

    /// Binds an array of UUIDs, each as two big-endian words.
    ///
    /// They go by the ten thousand, so in binary: dimensions, whether there are nulls, type of the elements, then
    /// size and lower bound of the dimension, then each element's length and bytes (`array_recv`).
    package mutating func appendInterpolation(uuids values: some Collection<(UInt64, UInt64)>) {
      var out: [UInt8] = []
      out.reserveCapacity(20 + values.count * 20)
      func put(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { out.append(contentsOf: $0) }
      }
      put(Int32(values.isEmpty ? 0 : 1))
      put(Int32(0))
      put(Int32(2_950))
      if !values.isEmpty {
        put(Int32(values.count))
        put(Int32(1))
      }
      for (high, low) in values {
        put(Int32(16))
        put(high)
        put(low)
      }
      bind(.binary(out))
    }

    /// Binds an array of texts.
    package mutating func appendInterpolation(_ values: [String]) {
      bind("{" + values.map(quoted).joined(separator: ",") + "}")
    }

    /// Binds rows of texts, a column an array; the server makes them one `jsonb` array of arrays, so that
    /// no text is ever read as structure.
    ///
    /// - Parameters:
    ///   - rows: The rows, each of `columns` texts.
    ///   - columns: Their number.
    package mutating func appendInterpolation(rows: [[String]], columns: Int) {
      let names = (1...columns).map { "c\($0)" }.joined(separator: ", ")
      sql +=
        "(SELECT coalesce(jsonb_agg(jsonb_build_array(\(names)) ORDER BY n), '[]') FROM unnest("
      for column in 0..<columns {
        appendInterpolation(rows.map { $0[column] })
        sql += column + 1 < columns ? "::text[], " : "::text[]"
      }
      sql += ") WITH ORDINALITY AS x (\(names), n))"
    }

    /// Puts a piece of the program's own SQL into the text.
    package mutating func appendInterpolation(sql text: StaticString) {
      sql += "\(text)"
    }

    /// Puts a whole number of the program's own into the text.
    package mutating func appendInterpolation(literal value: some BinaryInteger) {
      sql += String(value)
    }

    /// Puts an identifier of the program's own making into the text; letters, digits and `_` only.
    package mutating func appendInterpolation(identifier name: String) {
      precondition(
        !name.isEmpty
          && name.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F || $0 == 0x2E
          },
        "identifiers are built by kvitt"
      )
      sql += name
    }

    private func quoted(_ text: String) -> String {
      guard text.utf8.contains(where: { $0 == 0x22 || $0 == 0x5C }) else { return "\"\(text)\"" }
      return "\""
        + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    private func hexBytea(_ bytes: [UInt8]) -> String {
      let digits = Array("0123456789abcdef".utf8)
      var out: [UInt8] = Array("\\x".utf8)
      for byte in bytes {
        out.append(digits[Int(byte >> 4)])
        out.append(digits[Int(byte & 15)])
      }
      return String(decoding: out, as: UTF8.self)
    }
  }
}
