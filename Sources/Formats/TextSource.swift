/// The bytes of a text file as UTF-8, whatever encoding it is declared to have.
final class TextSource {
  private let input: InputFile
  private let encoding: CardFeedProfile.Encoding
  private let bytes: (UnsafeRawBufferPointer) -> Void
  private let raw: UnsafeMutableRawBufferPointer
  private var kept = 0
  private var isBigEndian = true
  private var isFirst = true

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - input: The file.
  ///   - encoding: What the file is declared to be written in.
  ///   - bytes: Gets every byte of the file as it stands, for the digest.
  init(
    _ input: InputFile,
    _ encoding: CardFeedProfile.Encoding,
    bytes: @escaping (UnsafeRawBufferPointer) -> Void
  ) {
    self.input = input
    self.encoding = encoding
    self.bytes = bytes
    raw = .allocate(byteCount: encoding == .utf8 ? 0 : 1 << 16, alignment: 8)
  }

  deinit {
    raw.deallocate()
  }

  /// Fills the front of a buffer of at least 256 KiB with UTF-8; 0 at the end.
  ///
  /// A byte-order mark is taken away.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(Refusal) -> Int {
    guard encoding != .utf8 else { return try readPlain(into: buffer) }
    let count = try input.read(into: UnsafeMutableRawBufferPointer(rebasing: raw[kept...]))
    bytes(UnsafeRawBufferPointer(rebasing: raw[kept..<(kept + count)]))
    let filled = kept + count
    guard count > 0 else {
      guard filled == 0 else { throw bad("the file ends within a character") }
      return 0
    }
    if encoding == .latin1 { return widen(filled, into: buffer) }
    return try recode(filled, into: buffer)
  }

  private func readPlain(into buffer: UnsafeMutableRawBufferPointer) throws(Refusal) -> Int {
    let count = try input.read(into: buffer)
    bytes(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    defer { isFirst = false }
    guard isFirst, count >= 3, buffer[0] == 0xEF, buffer[1] == 0xBB, buffer[2] == 0xBF else {
      return count
    }
    buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[3..<count]))
    return count == 3 ? try readPlain(into: buffer) : count - 3
  }

  private func widen(_ filled: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    var out = 0
    for byte in raw[..<filled] {
      if byte < 0x80 {
        buffer[out] = byte
        out += 1
      } else {
        buffer[out] = 0xC0 | byte >> 6
        buffer[out + 1] = 0x80 | byte & 0x3F
        out += 2
      }
    }
    return out
  }

  private func recode(
    _ filled: Int,
    into buffer: UnsafeMutableRawBufferPointer
  ) throws(Refusal) -> Int {
    var index = 0
    var out = 0
    while index + 1 < filled {
      var scalar = unit(index)
      if isFirst {
        isFirst = false
        if scalar == 0xFFFE { isBigEndian = false }
        if scalar == 0xFFFE || scalar == 0xFEFF {
          index += 2
          continue
        }
      }
      var size = 2
      if (0xD800..<0xDC00).contains(scalar) {
        guard index + 3 < filled else { break }
        let low = unit(index + 2)
        guard (0xDC00..<0xE000).contains(low) else { throw bad("half a character in UTF-16") }
        scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
        size = 4
      }
      guard let character = Unicode.Scalar(scalar) else { throw bad("half a character in UTF-16") }
      for byte in UTF8.encode(character) ?? UTF8.encodedReplacementCharacter {
        buffer[out] = byte
        out += 1
      }
      index += size
    }
    kept = filled - index
    raw.copyMemory(from: UnsafeRawBufferPointer(rebasing: raw[index..<filled]))
    return out == 0 && filled > 0 ? try read(into: buffer) : out
  }

  private func unit(_ index: Int) -> UInt32 {
    let (first, second) = (UInt32(raw[index]), UInt32(raw[index + 1]))
    return isBigEndian ? first << 8 | second : second << 8 | first
  }

  private func bad(_ why: String) -> Refusal {
    Refusal(.badText, why, at: Place(file: input.name))
  }
}

/// Whether bytes are well-formed UTF-8 (no overlong form, no surrogate, nothing above U+10FFFF).
func isUTF8(_ text: UnsafeRawBufferPointer) -> Bool {
  var index = 0
  while index < text.count {
    if index + 8 <= text.count,
      text.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
    {
      index += 8
      continue
    }
    let lead = text[index]
    if lead < 0x80 {
      index += 1
      continue
    }
    let (size, least): (Int, UInt32) =
      switch lead {
      case 0xC2...0xDF: (2, 0x80)
      case 0xE0...0xEF: (3, 0x800)
      case 0xF0...0xF4: (4, 0x10000)
      default: (0, 0)
      }
    guard size > 0, index + size <= text.count else { return false }
    var scalar = UInt32(lead) & (0x7F >> UInt32(size))
    for byte in text[(index + 1)..<(index + size)] {
      guard byte & 0xC0 == 0x80 else { return false }
      scalar = scalar << 6 | UInt32(byte & 0x3F)
    }
    guard scalar >= least, Unicode.Scalar(scalar) != nil else { return false }
    index += size
  }
  return true
}

/// Whether all bytes are below 0x80.
func isASCII(_ text: UnsafeRawBufferPointer) -> Bool {
  var all: UInt64 = 0
  var index = 0
  while index + 8 <= text.count {
    all |= text.loadUnaligned(fromByteOffset: index, as: UInt64.self)
    index += 8
  }
  while index < text.count {
    all |= UInt64(text[index])
    index += 1
  }
  return all & 0x8080_8080_8080_8080 == 0
}
