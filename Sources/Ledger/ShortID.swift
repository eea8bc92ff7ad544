/// An identifier of up to 40 bytes, kept inline so that a feed's rows need no allocation.
package struct ShortID: Hashable, Sendable, CustomStringConvertible {
  private var words: (UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0)
  /// Number of bytes.
  package let count: Int

  /// Copies the bytes; nil where there are more than 40.
  package init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count <= 40 else { return nil }
    count = bytes.count
    withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: bytes) }
  }

  /// Copies the UTF-8 bytes of a text; nil where there are more than 40.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard let value = bytes.withUnsafeBytes({ ShortID($0) }) else { return nil }
    self = value
  }

  /// Lends the bytes.
  package func withBytes<Value>(_ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value
  {
    try withUnsafeBytes(of: words) { buffer in
      try body(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
    }
  }

  package var description: String {
    withBytes { String(decoding: $0, as: UTF8.self) }
  }

  package static func == (left: ShortID, right: ShortID) -> Bool {
    left.count == right.count && left.words == right.words
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
    if count > 16 {
      hasher.combine(words.2)
      hasher.combine(words.3)
      hasher.combine(words.4)
    }
  }
}
