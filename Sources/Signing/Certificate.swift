internal import CLibCrypto
package import Crypto

/// An X.509 certificate.
package struct Certificate: Sendable {
  /// DER bytes.
  package let der: [UInt8]
  /// SHA-256 of the DER bytes: what enrolment pins.
  package var fingerprint: Digest { sha256(der) }

  /// Reads one certificate in PEM or DER.
  package init(bytes: [UInt8]) throws(SigningFailure) {
    let x509 = try Certificate.parse(bytes)
    defer { X509_free(x509) }
    der = Certificate.encoded(x509)
  }

  init(taking x509: OpaquePointer) {
    der = Certificate.encoded(x509)
  }

  /// The certificate as PEM text.
  package func pem() throws(SigningFailure) -> [UInt8] {
    let x509 = try Certificate.parse(der)
    defer { X509_free(x509) }
    return MemoryBIO.collect { PEM_write_bio_X509($0, x509) }
  }

  /// Validity as seconds since 1970: first and last moment.
  package func validity() throws(SigningFailure) -> (from: Int64, to: Int64) {
    let x509 = try Certificate.parse(der)
    defer { X509_free(x509) }
    return (
      Certificate.seconds(X509_get0_notBefore(x509)), Certificate.seconds(X509_get0_notAfter(x509))
    )
  }

  /// Refuses a certificate that is not fit to sign a partner's files: RSA below 2,048 bits, an elliptic curve
  /// below 256, another kind of key, one that is not for signatures, an authority's, or one for servers and
  /// clients of TLS alone.
  ///
  /// - Throws: `weak`, with the reason.
  package func checkFitness() throws(SigningFailure) {
    let x509 = try Certificate.parse(der)
    defer { X509_free(x509) }
    try Certificate.checkStrength(x509)
    // 1: basic constraints say so; 4: it may sign certificates. A self-signed one of version 1 gives 3.
    guard ![1, 4].contains(X509_check_ca(x509)) else {
      throw .weak("the certificate is an authority's")
    }
    let uses = X509_get_extended_key_usage(x509)
    let transport = UInt32(XKU_SSL_SERVER | XKU_SSL_CLIENT)
    guard uses == UInt32.max || uses & transport == 0 || uses & ~transport != 0 else {
      throw .weak("the certificate is for TLS alone")
    }
  }

  /// Refuses keys below the policy, and those that are not for signatures.
  static func checkStrength(_ x509: OpaquePointer) throws(SigningFailure) {
    let bits = EVP_PKEY_get_bits(X509_get0_pubkey(x509))
    let kind = EVP_PKEY_get_base_id(X509_get0_pubkey(x509))
    guard (kind == EVP_PKEY_RSA && bits >= 2048) || (kind == EVP_PKEY_EC && bits >= 256) else {
      throw .weak("a key of \(bits) bits")
    }
    // A certificate that says nothing of its use may sign: the function gives all bits then.
    guard X509_get_key_usage(x509) & UInt32(KU_DIGITAL_SIGNATURE) != 0 else {
      throw .weak("the certificate is not for signatures")
    }
  }

  /// An OpenSSL certificate; the caller frees it.
  static func parse(_ bytes: [UInt8]) throws(SigningFailure) -> OpaquePointer {
    let bio = MemoryBIO(bytes)
    let isPEM = bytes.starts(with: "-----BEGIN CERTIFICATE-----".utf8)
    let parsed =
      isPEM ? PEM_read_bio_X509(bio.raw, nil, nil, nil) : d2i_X509_bio(bio.raw, nil)
    guard let parsed else {
      ERR_clear_error()
      throw .key("no X.509 certificate in PEM or DER")
    }
    return parsed
  }

  private static func encoded(_ x509: OpaquePointer) -> [UInt8] {
    MemoryBIO.collect { i2d_X509_bio($0, x509) }
  }

  private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64 {
    var days: Int32 = 0
    var rest: Int32 = 0
    let epoch = ASN1_TIME_set(nil, 0)
    defer { ASN1_STRING_free(epoch) }
    ASN1_TIME_diff(&days, &rest, epoch, time)
    return Int64(days) * 86_400 + Int64(rest)
  }
}

/// A memory BIO that is freed with its last use.
final class MemoryBIO {
  let raw: OpaquePointer

  init(_ bytes: [UInt8] = []) {
    guard let bio = BIO_new(BIO_s_mem()) else { preconditionFailure("libcrypto has no memory") }
    raw = bio
    bytes.withUnsafeBytes { buffer in
      var offset = 0
      while offset < buffer.count {
        let count = min(buffer.count - offset, 1 << 20)
        BIO_write(raw, buffer.baseAddress?.advanced(by: offset), Int32(count))
        offset += count
      }
    }
  }

  deinit {
    BIO_free(raw)
  }

  /// What was written into the BIO.
  var contents: [UInt8] {
    var data: UnsafeMutablePointer<CChar>?
    let count = kvitt_bio_mem(raw, &data)
    return Array(UnsafeRawBufferPointer(start: data, count: count))
  }

  static func collect(_ body: (OpaquePointer) -> Int32) -> [UInt8] {
    let bio = MemoryBIO()
    _ = body(bio.raw)
    return bio.contents
  }
}
