internal import CLibCrypto

/// A key that turns card numbers into tokens: `h<version>_` and the first 128 bits, in hexadecimal,
/// of HMAC-SHA-256 over the digits (PCI DSS 3.5.1.1 asks for a keyed hash of the whole number).
package final class TokenKey: @unchecked Sendable {
  /// Counted from 1; part of every token.
  package let version: Int
  private let context: OpaquePointer
  private let prefix: [UInt8]

  /// Takes 32 bytes of key.
  package init?(version: Int, key: [UInt8]) {
    guard key.count == 32, version > 0, let algorithm = EVP_MAC_fetch(nil, "HMAC", nil) else {
      return nil
    }
    defer { EVP_MAC_free(algorithm) }
    guard let context = EVP_MAC_CTX_new(algorithm), kvitt_hmac_sha256_init(context, key, 32) == 1
    else { return nil }
    self.version = version
    self.context = context
    prefix = Array("h\(version)_".utf8)
  }

  deinit {
    EVP_MAC_CTX_free(context)
  }

  /// The token of a card number's digits.
  package func token(_ digits: UnsafeRawBufferPointer) -> String {
    var mac: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    return withUnsafeMutableBytes(of: &mac) { mac in
      var size = 0
      EVP_MAC_init(context, nil, 0, nil)
      EVP_MAC_update(context, digits.baseAddress?.assumingMemoryBound(to: UInt8.self), digits.count)
      EVP_MAC_final(
        context,
        mac.baseAddress?.assumingMemoryBound(to: UInt8.self),
        &size,
        mac.count
      )
      return String(unsafeUninitializedCapacity: prefix.count + 32) { text in
        _ = text.initialize(from: prefix)
        for index in 0..<16 {
          text[prefix.count + 2 * index] = hexDigit(mac[index] >> 4)
          text[prefix.count + 2 * index + 1] = hexDigit(mac[index] & 15)
        }
        return prefix.count + 32
      }
    }
  }
}
