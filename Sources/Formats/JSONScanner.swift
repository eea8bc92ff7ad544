/// Walks over one JSON text without copying it: structure is checked, values are byte ranges.
struct JSONScanner {
  /// Where and why a text is no JSON.
  struct Fault: Error {
    let offset: Int
    let why: String
  }

  /// A value as it stands: for a text the bytes between its quotes.
  struct Value {
    let bytes: UnsafeRawBufferPointer
    let isText: Bool
    let hasEscape: Bool

    /// Whether the value is `null`.
    var isNull: Bool { !isText && bytes.first == 0x6E }
  }

  private static let depthMax = 60
  private let text: UnsafeRawBufferPointer
  private(set) var offset: Int
  private let end: Int

  /// Scans `range` of a buffer that can be read 8 bytes past the range's end.
  init(_ text: UnsafeRawBufferPointer, _ range: Range<Int>) {
    self.text = text
    offset = range.lowerBound
    end = range.upperBound
  }

  func fault(_ why: String) -> Fault { Fault(offset: offset, why: why) }

  /// The next byte that is no blank, not taken; nil at the end.
  @inline(__always)
  mutating func peek() -> UInt8? {
    while offset < end {
      let byte = text[offset]
      if byte > 0x20 { return byte }
      guard byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A else { return byte }
      offset += 1
    }
    return nil
  }

  /// Takes one structural byte.
  @inline(__always)
  mutating func take(_ byte: UInt8) throws(Fault) {
    guard peek() == byte else {
      throw fault("\(Character(Unicode.Scalar(byte))) is missing")
    }
    offset += 1
  }

  /// Takes a comma, or the closing byte; true where more follows.
  @inline(__always)
  mutating func more(closing: UInt8) throws(Fault) -> Bool {
    switch peek() {
    case 0x2C:
      offset += 1
      return true
    case closing:
      offset += 1
      return false
    default: throw fault("neither a comma nor the end of the value")
    }
  }

  /// Takes a key that is exactly this name; false, and nothing is taken, where another stands.
  ///
  /// The name holds nothing that JSON escapes, and eight bytes past it can be read.
  @inline(__always)
  mutating func takes(key name: UnsafeRawBufferPointer) -> Bool {
    guard peek() == 0x22, offset + name.count + 1 < end, text[offset + name.count + 1] == 0x22,
      let base = text.baseAddress,
      samePaddedBytes(UnsafeRawBufferPointer(start: base + offset + 1, count: name.count), name)
    else { return false }
    offset += name.count + 2
    return true
  }

  /// Takes a text.
  @inline(__always)
  mutating func takeText() throws(Fault) -> Value {
    try take(0x22)
    let start = offset
    var hasEscape = false
    while true {
      let word = text.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      let stops = quoteOrLess(word)
      guard stops != 0 else {
        offset += 8
        guard offset < end else { throw fault("a text is never closed") }
        continue
      }
      offset += stops.trailingZeroBitCount >> 3
      guard offset < end else { throw fault("a text is never closed") }
      switch text[offset] {
      case 0x22:
        let bytes = UnsafeRawBufferPointer(rebasing: text[start..<offset])
        offset += 1
        return Value(bytes: bytes, isText: true, hasEscape: hasEscape)
      case 0x5C:
        hasEscape = true
        offset += 2
      default: throw fault("a control character stands in a text")
      }
      guard offset < end else { throw fault("a text is never closed") }
    }
  }

  /// Takes a text, number or word; nil where an object or array begins.
  @inline(__always)
  mutating func takeScalar() throws(Fault) -> Value? {
    guard let first = peek() else { throw fault("a value is missing") }
    switch first {
    case 0x22: return try takeText()
    case 0x7B, 0x5B: return nil
    case 0x2D, 0x30...0x39: return try takeNumber()
    default: return try takeWord()
    }
  }

  private mutating func takeNumber() throws(Fault) -> Value {
    let start = offset
    if text[offset] == 0x2D { offset += 1 }
    let whole = digits()
    guard whole > 0, whole == 1 || text[offset - whole] != 0x30 else {
      throw fault("no number of JSON")
    }
    if offset < end, text[offset] == 0x2E {
      offset += 1
      guard digits() > 0 else { throw fault("no number of JSON") }
    }
    if offset < end, text[offset] | 0x20 == 0x65 {
      offset += 1
      if offset < end, text[offset] == 0x2B || text[offset] == 0x2D { offset += 1 }
      guard digits() > 0 else { throw fault("no number of JSON") }
    }
    return Value(
      bytes: UnsafeRawBufferPointer(rebasing: text[start..<offset]),
      isText: false,
      hasEscape: false
    )
  }

  @inline(__always)
  private mutating func digits() -> Int {
    let start = offset
    while offset < end, text[offset] &- 0x30 < 10 { offset += 1 }
    return offset - start
  }

  private mutating func takeWord() throws(Fault) -> Value {
    for word: StaticString in ["true", "false", "null"] where end - offset >= word.utf8CodeUnitCount
    {
      let range = offset..<(offset + word.utf8CodeUnitCount)
      let bytes = UnsafeRawBufferPointer(rebasing: text[range])
      let same = word.withUTF8Buffer { sameBytes(UnsafeRawBufferPointer($0), bytes) }
      guard same else { continue }
      offset = range.upperBound
      return Value(bytes: bytes, isText: false, hasEscape: false)
    }
    throw fault("no value of JSON")
  }

  /// Passes over a value that nothing reads.
  @inline(__always)
  mutating func passValue() throws(Fault) {
    if try takeScalar() == nil { _ = try skipValue() }
  }

  /// Passes over any value; gives its range.
  mutating func skipValue() throws(Fault) -> Range<Int> {
    _ = peek()
    let start = offset
    if try takeScalar() != nil { return start..<offset }
    // One bit per open bracket: 1 is an object.
    var open: UInt64 = 1
    var depth = 0
    repeat {
      guard let byte = peek() else { throw fault("a bracket is never closed") }
      switch byte {
      case 0x7B, 0x5B:
        depth += 1
        guard depth <= JSONScanner.depthMax else { throw fault("nested too deeply") }
        open = open << 1 | (byte == 0x7B ? 1 : 0)
        offset += 1
      case 0x7D, 0x5D:
        guard open & 1 == (byte == 0x7D ? 1 : 0) else { throw fault("a bracket of the other kind") }
        open >>= 1
        depth -= 1
        offset += 1
      case 0x2C, 0x3A: offset += 1
      default: _ = try takeScalar()
      }
    } while depth > 0
    return start..<offset
  }

  /// Nothing but blanks may follow.
  mutating func finish() throws(Fault) {
    guard peek() == nil else { throw fault("text follows the value") }
  }
}

/// Marks bytes that are a quote, a backslash or below a blank; marks above the first may be wrong.
@inline(__always)
private func quoteOrLess(_ word: UInt64) -> UInt64 {
  let ones: UInt64 = 0x0101_0101_0101_0101
  let quote = word ^ 0x2222_2222_2222_2222
  let slash = word ^ 0x5C5C_5C5C_5C5C_5C5C
  let below = (word &- 0x2020_2020_2020_2020) & ~word
  return ((quote &- ones) & ~quote | (slash &- ones) & ~slash | below) & 0x8080_8080_8080_8080
}

/// The bytes of a JSON text with its escapes resolved; nil where one is malformed.
func unescapedJSON(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
  var out: [UInt8] = []
  var index = 0
  func unit(_ start: Int) -> UInt32? {
    guard start + 4 <= bytes.count else { return nil }
    return UInt32(String(decoding: bytes[start..<(start + 4)], as: UTF8.self), radix: 16)
  }
  while index < bytes.count {
    let byte = bytes[index]
    guard byte == 0x5C else {
      out.append(byte)
      index += 1
      continue
    }
    guard index + 1 < bytes.count else { return nil }
    switch bytes[index + 1] {
    case 0x22, 0x5C, 0x2F: out.append(bytes[index + 1])
    case 0x62: out.append(0x08)
    case 0x66: out.append(0x0C)
    case 0x6E: out.append(0x0A)
    case 0x72: out.append(0x0D)
    case 0x74: out.append(0x09)
    case 0x75:
      guard var scalar = unit(index + 2) else { return nil }
      if (0xD800..<0xDC00).contains(scalar) {
        guard index + 8 <= bytes.count, bytes[index + 6] == 0x5C, bytes[index + 7] == 0x75,
          let low = unit(index + 8), (0xDC00..<0xE000).contains(low)
        else { return nil }
        scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
        index += 6
      }
      guard let character = Unicode.Scalar(scalar), scalar != 0 else { return nil }
      out.append(contentsOf: UTF8.encode(character) ?? UTF8.encodedReplacementCharacter)
      index += 4
    default: return nil
    }
    index += 2
  }
  return out
}
