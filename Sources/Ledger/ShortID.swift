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

  /// Takes the bytes of an id over: 1 to 40 of `A-Z a-z 0-9 . _ -`; false where they are none.
  ///
  /// What stood before must be empty. Bytes are looked at where they are copied, eight at once.
  @inline(__always)
  package mutating func set(id bytes: UnsafeRawBufferPointer) -> Bool {
    guard let base = bytes.baseAddress, bytes.count - 1 < 40, bytes.count > 0, count == 0 else {
      return false
    }
    let size = bytes.count
    var good: UInt64 = .max
    withUnsafeMutableBytes(of: &words) { out in
      var index = 0
      while index + 8 <= size {
        let word = base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        good &= idBytes(word)
        out.storeBytes(of: word, toByteOffset: index, as: UInt64.self)
        index += 8
      }
      let rest = size - index
      guard rest > 0 else { return }
      let word: UInt64
      if size >= 8 {
        // The last eight bytes, shifted so that those that were taken before fall out.
        word =
          base.loadUnaligned(fromByteOffset: size - 8, as: UInt64.self) >> UInt64(64 - 8 * rest)
      } else if rest >= 4 {
        let low = base.loadUnaligned(fromByteOffset: 0, as: UInt32.self)
        let high = base.loadUnaligned(fromByteOffset: rest - 4, as: UInt32.self)
        word = UInt64(low) | UInt64(high) << UInt64(8 * (rest - 4))
      } else {
        let (first, last) = (
          base.load(as: UInt8.self), base.load(fromByteOffset: rest - 1, as: UInt8.self)
        )
        let middle = base.load(fromByteOffset: rest >> 1, as: UInt8.self)
        word =
          UInt64(first) | UInt64(middle) << UInt64(8 * (rest >> 1))
          | UInt64(last) << UInt64(8 * (rest - 1))
      }
      // Bytes that are not there count as good.
      good &= idBytes(word) | .max << UInt64(8 * rest)
      out.storeBytes(of: word, toByteOffset: index, as: UInt64.self)
    }
    guard good & 0x8080_8080_8080_8080 == 0x8080_8080_8080_8080 else {
      words = (0, 0, 0, 0, 0)
      return false
    }
    count = size
    return true
  }

  /// Whether these are the bytes.
  @inline(__always)
  package func holds(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var other = ShortID()
    return bytes.count == count && other.set(bytes) && other.words == words
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
    hasher.combine(mixed(0))
  }

  /// All bytes as one word that a seed turns.
  @inline(__always)
  package func mixed(_ seed: UInt64) -> UInt64 {
    var mixed = (words.0 ^ seed) &* 0x9E37_79B9_7F4A_7C15 ^ words.1
    mixed = (mixed ^ mixed &>> 32) &* 0xD6E8_FEB8_6659_FD93 ^ words.2
    mixed = (mixed ^ mixed &>> 32) &* 0x9E37_79B9_7F4A_7C15 ^ words.3
    mixed = (mixed ^ mixed &>> 32) &* 0xD6E8_FEB8_6659_FD93 ^ words.4
    return (mixed ^ mixed &>> 32) &* 0x9E37_79B9_7F4A_7C15
  }
}

/// Sets the high bit of every byte that may stand in an id.
@inline(__always)
private func idBytes(_ word: UInt64) -> UInt64 {
  let ones: UInt64 = 0x0101_0101_0101_0101
  // Without the high bits no sum carries into the next byte; a byte that had one is none of an id.
  let low = word & 0x7F7F_7F7F_7F7F_7F7F
  let lower = low | 0x2020_2020_2020_2020
  let letters = (lower &+ 0x1F &* ones) & ~(lower &+ 0x05 &* ones)
  let digits = (low &+ 0x50 &* ones) & ~(low &+ 0x46 &* ones)
  let dots = (low &+ 0x53 &* ones) & ~(low &+ 0x51 &* ones)
  let underscores = ~((low ^ 0x5F &* ones) &+ 0x7F &* ones)
  return (letters | digits | dots | underscores) & ~word
}
