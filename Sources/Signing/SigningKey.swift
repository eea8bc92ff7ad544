internal import CLibCrypto
import Crypto

/// A private key with its certificate.
package final class SigningKey {
  private let key: OpaquePointer
  private let x509: OpaquePointer
  /// The certificate that partners pin.
  package let certificate: Certificate

  /// Reads key and certificate in PEM; a key of another certificate is refused.
  package init(keyPEM: [UInt8], certificatePEM: [UInt8]) throws(SigningFailure) {
    let bio = MemoryBIO(keyPEM)
    guard let key = PEM_read_bio_PrivateKey(bio.raw, nil, nil, nil) else {
      ERR_clear_error()
      throw .key("no private key in PEM")
    }
    let x509: OpaquePointer
    do throws(SigningFailure) {
      x509 = try Certificate.parse(certificatePEM)
    } catch {
      EVP_PKEY_free(key)
      throw error
    }
    guard X509_check_private_key(x509, key) == 1 else {
      EVP_PKEY_free(key)
      X509_free(x509)
      ERR_clear_error()
      throw .key("the private key belongs to another certificate")
    }
    self.key = key
    self.x509 = x509
    certificate = Certificate(taking: x509)
  }

  deinit {
    EVP_PKEY_free(key)
    X509_free(x509)
  }

  /// A detached CMS signature in DER over the bytes, SHA-256, with the certificate inside.
  package func sign(_ content: [UInt8]) throws(SigningFailure) -> [UInt8] {
    let flags = UInt32(CMS_BINARY | CMS_DETACHED | CMS_PARTIAL | CMS_NOSMIMECAP)
    guard let cms = CMS_sign(nil, nil, nil, nil, flags) else { throw failed("CMS_sign") }
    defer { CMS_ContentInfo_free(cms) }
    guard CMS_add1_signer(cms, x509, key, EVP_sha256(), flags | UInt32(CMS_CADES)) != nil else {
      throw failed("CMS_add1_signer")
    }
    let data = MemoryBIO(content)
    guard CMS_final(cms, data.raw, nil, flags) == 1 else { throw failed("CMS_final") }
    return MemoryBIO.collect { i2d_CMS_bio($0, cms) }
  }
}

/// Keys of a trial: a certificate authority and a signer under it.
package struct TrialKeys: Sendable {
  /// PEM of the authority's certificate.
  package let authority: [UInt8]
  /// PEM of the authority's private key, to sign further signers under it.
  package let authorityKey: [UInt8]
  /// PEM of the signer's certificate.
  package let signer: [UInt8]
  /// PEM of the signer's private key.
  package let key: [UInt8]

  /// Makes P-256 keys and certificates, valid between two moments (seconds since 1970).
  package init(name: String, validFrom: Int64, validTo: Int64) throws(SigningFailure) {
    guard let root = kvitt_p256_keygen(), let leaf = kvitt_p256_keygen() else {
      throw failed("key generation")
    }
    defer {
      EVP_PKEY_free(root)
      EVP_PKEY_free(leaf)
    }
    let validity = validFrom...validTo
    let ca = try TrialKeys.issue(
      subject: "\(name) trial CA",
      key: root,
      issuer: "\(name) trial CA",
      issuerKey: root,
      validity,
      extensions: [
        (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"),
        (NID_key_usage, "critical,keyCertSign,cRLSign"),
      ]
    )
    defer { X509_free(ca) }
    let end = try TrialKeys.issue(
      subject: "\(name) settlement",
      key: leaf,
      issuer: "\(name) trial CA",
      issuerKey: root,
      validity,
      extensions: [
        (NID_basic_constraints, "critical,CA:FALSE"),
        (NID_key_usage, "critical,digitalSignature,nonRepudiation"),
      ]
    )
    defer { X509_free(end) }
    authority = MemoryBIO.collect { PEM_write_bio_X509($0, ca) }
    authorityKey = TrialKeys.pem(root)
    signer = MemoryBIO.collect { PEM_write_bio_X509($0, end) }
    key = TrialKeys.pem(leaf)
  }

  private static func pem(_ key: OpaquePointer) -> [UInt8] {
    MemoryBIO.collect { PEM_write_bio_PKCS8PrivateKey($0, key, nil, nil, 0, nil, nil) }
  }

  private static func issue(
    subject: String,
    key: OpaquePointer,
    issuer: String,
    issuerKey: OpaquePointer,
    _ validity: ClosedRange<Int64>,
    extensions: [(Int32, String)]
  ) throws(SigningFailure) -> OpaquePointer {
    guard let x509 = X509_new() else { throw failed("X509_new") }
    X509_set_version(x509, 2)
    let serial = BN_bin2bn([0x4B] + randomBytes(15), 16, nil)
    BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(x509))
    BN_free(serial)
    ASN1_TIME_set(X509_getm_notBefore(x509), time_t(validity.lowerBound))
    ASN1_TIME_set(X509_getm_notAfter(x509), time_t(validity.upperBound))
    for (name, text) in [
      (X509_get_subject_name(x509), subject), (X509_get_issuer_name(x509), issuer),
    ] {
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0)
    }
    X509_set_pubkey(x509, key)
    for (nid, value) in extensions {
      guard let entry = X509V3_EXT_conf_nid(nil, nil, nid, value) else {
        throw failed("X509V3_EXT_conf_nid")
      }
      X509_add_ext(x509, entry, -1)
      X509_EXTENSION_free(entry)
    }
    guard X509_sign(x509, issuerKey, EVP_sha256()) > 0 else { throw failed("X509_sign") }
    return x509
  }
}

private func failed(_ what: String) -> SigningFailure {
  ERR_clear_error()
  return .key("libcrypto refused \(what)")
}
