/// An identifier of up to 40 bytes, kept inline so that a feed's rows need no allocation.
package struct ShortID: Hashable, Sendable, CustomStringConvertible {
  private var words: (UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0)
  /// Number of bytes.
  package private(set) var count: Int

  /// Nothing yet.
  @inline(__always)
  package init() {
    count = 0
  }

  /// Copies the bytes; nil where there are more than 40.
  @inline(__always)
  package init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count <= 40 else { return nil }
    count = bytes.count
    withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: bytes) }
  }

  /// Takes the bytes over; false, and unchanged, where there are more than 40.
  ///
  /// What stood before must be empty.
  @inline(__always)
  package mutating func set(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count <= 40, count == 0, let base = bytes.baseAddress else {
      return bytes.isEmpty && count == 0
    }
    count = bytes.count
    // Word by word: a call that copies a dozen bytes costs more than the copy.
    withUnsafeMutableBytes(of: &words) { out in
      var index = 0
      while index + 8 <= bytes.count {
        let word = base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        out.storeBytes(of: word, toByteOffset: index, as: UInt64.self)
        index += 8
      }
      while index < bytes.count {
        out[index] = bytes[index]
        index += 1
      }
    }
    return true
  }

  /// Copies the UTF-8 bytes of a text; nil where there are more than 40.
  package init?(_ text: String) {
    var text = text
    guard let value = text.withUTF8({ ShortID(UnsafeRawBufferPointer($0)) }) else { return nil }
    self = value
  }

  /// Lends the bytes.
  @inline(__always)
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

  /// One word goes into the hash: the five, each turned by a multiplication.
  package func hash(into hasher: inout Hasher) {
    var mixed = words.0 &* 0x9E37_79B9_7F4A_7C15 ^ words.1
    mixed = (mixed ^ mixed &>> 32) &* 0xD6E8_FEB8_6659_FD93 ^ words.2
    mixed = (mixed ^ mixed &>> 32) &* 0x9E37_79B9_7F4A_7C15 ^ words.3
    mixed = (mixed ^ mixed &>> 32) &* 0xD6E8_FEB8_6659_FD93 ^ words.4
    hasher.combine(mixed)
  }
}
