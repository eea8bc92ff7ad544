internal import CLibCrypto

/// A SHA-256 value of 32 bytes.
package struct Digest: Hashable, Sendable, CustomStringConvertible {
  package let bytes: [UInt8]

  /// Takes exactly 32 bytes.
  package init?(bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    self.bytes = bytes
  }

  /// Reads 64 hexadecimal digits in lower case.
  package init?(hex: String) {
    guard let bytes = hexBytes(hex) else { return nil }
    self.init(bytes: bytes)
  }

  /// 64 hexadecimal digits in lower case.
  package var description: String { hexText(bytes) }

  /// First and last four digits, for narrow columns.
  package var short: String { "\(description.prefix(4))..\(description.suffix(4))" }
}

/// SHA-256 over bytes that arrive in pieces.
package final class Hasher256 {
  private let context = UnsafeMutablePointer<SHA256_CTX>.allocate(capacity: 1)

  package init() {
    SHA256_Init(context)
  }

  deinit {
    context.deallocate()
  }

  /// Adds bytes.
  package func update(_ bytes: UnsafeRawBufferPointer) {
    SHA256_Update(context, bytes.baseAddress, bytes.count)
  }

  /// Adds bytes.
  package func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// Adds the UTF-8 bytes of a text.
  package func update(_ text: String) {
    update(Array(text.utf8))
  }

  /// The digest of all bytes so far; the hasher is then as new.
  package func finish() -> Digest {
    var out = [UInt8](repeating: 0, count: 32)
    SHA256_Final(&out, context)
    SHA256_Init(context)
    guard let digest = Digest(bytes: out) else { fatalCrypto() }
    return digest
  }

  /// The first 16 bytes of the digest as two big-endian words; the hasher is then as new.
  package func finishWords() -> (UInt64, UInt64) {
    var out: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    withUnsafeMutableBytes(of: &out) { buffer in
      _ = SHA256_Final(buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), context)
    }
    SHA256_Init(context)
    return (UInt64(bigEndian: out.0), UInt64(bigEndian: out.1))
  }
}

/// SHA-256 of bytes.
package func sha256(_ bytes: [UInt8]) -> Digest {
  let hasher = Hasher256()
  hasher.update(bytes)
  return hasher.finish()
}

/// SHA-256 of the UTF-8 bytes of a text.
package func sha256(_ text: String) -> Digest {
  sha256(Array(text.utf8))
}

/// Root of the Merkle tree over block digests: leaves are prefixed with 0x00, nodes with 0x01,
/// an odd node is carried up unchanged; no block gives the digest of the empty text.
package func merkleRoot(_ blocks: [Digest]) -> Digest {
  var level = blocks.map { sha256([0] + $0.bytes) }
  guard !level.isEmpty else { return sha256([]) }
  while level.count > 1 {
    level = stride(from: 0, to: level.count, by: 2).map { index in
      index + 1 < level.count
        ? sha256([1] + level[index].bytes + level[index + 1].bytes) : level[index]
    }
  }
  return level[0]
}

/// Bytes from the system's random source.
package func randomBytes(_ count: Int) -> [UInt8] {
  var out = [UInt8](repeating: 0, count: count)
  guard RAND_bytes(&out, Int32(count)) == 1 else { fatalCrypto() }
  return out
}

/// Lower-case hexadecimal text of bytes.
package func hexText(_ bytes: some Sequence<UInt8>) -> String {
  var out: [UInt8] = []
  for byte in bytes {
    out.append(hexDigit(byte >> 4))
    out.append(hexDigit(byte & 15))
  }
  return String(decoding: out, as: UTF8.self)
}

/// The hexadecimal digit of 0 to 15.
func hexDigit(_ value: UInt8) -> UInt8 { value + (value < 10 ? 0x30 : 0x57) }

/// Bytes of lower-case hexadecimal text, nil where it is anything else.
package func hexBytes(_ hex: String) -> [UInt8]? {
  let digits = Array(hex.utf8)
  guard digits.count % 2 == 0 else { return nil }
  var out: [UInt8] = []
  for index in stride(from: 0, to: digits.count, by: 2) {
    guard let high = nibble(digits[index]), let low = nibble(digits[index + 1]) else { return nil }
    out.append(high << 4 | low)
  }
  return out
}

private func nibble(_ digit: UInt8) -> UInt8? {
  switch digit {
  case 0x30...0x39: digit - 0x30
  case 0x61...0x66: digit - 0x57
  default: nil
  }
}

/// The library itself failed: memory or its build; no input leads here.
private func fatalCrypto() -> Never {
  preconditionFailure("libcrypto refused a SHA-256 context")
}
