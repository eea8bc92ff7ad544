internal import CLibCrypto
package import Crypto

/// Verifies a detached CMS signature by the house's policy (formats §5.4): DER without trailing
/// bytes, below 64 KiB, with the certificate of every signer in it, which is one of the enrolled ones and
/// valid at the checked time, RSA of 2048 bits or more or a P-256/P-384 key, SHA-256 or stronger.
///
/// - Parameters:
///   - signature: DER bytes.
///   - content: What was signed.
///   - enrolled: Certificates handed over by the partner; trust ends here, no authority is asked.
///   - seconds: The checked time, since 1970.
/// - Returns: Fingerprint of the (first) signer.
/// - Throws: Why it is not taken.
package func verify(
  signature: [UInt8],
  content: [UInt8],
  enrolled: [Certificate],
  at seconds: Int64
) throws(SigningFailure) -> Digest {
  defer { ERR_clear_error() }
  let cms = try parse(signature)
  defer { CMS_ContentInfo_free(cms) }
  guard !enrolled.isEmpty else { throw .unknownSigner(fingerprint: "of any kind") }
  try checkDigests(of: cms)
  let signers = OPENSSL_sk_num(CMS_get0_SignerInfos(cms))
  guard CMS_set1_signers_certs(cms, nil, 0) == signers else { throw .noCertificate }
  guard let store = X509_STORE_new() else { throw .malformed }
  defer { X509_STORE_free(store) }
  for certificate in enrolled {
    let x509 = try Certificate.parse(certificate.der)
    X509_STORE_add_cert(store, x509)
    X509_free(x509)
  }
  let parameters = X509_STORE_get0_param(store)
  X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_ANY)
  X509_VERIFY_PARAM_set_flags(parameters, UInt(X509_V_FLAG_PARTIAL_CHAIN))
  X509_VERIFY_PARAM_set_time(parameters, time_t(seconds))
  let data = MemoryBIO(content)
  guard CMS_verify(cms, nil, store, data.raw, nil, UInt32(CMS_BINARY)) == 1 else {
    throw try diagnosis(signature, content, enrolled, seconds)
  }
  return try pinnedSigner(of: cms, enrolled)
}

private func parse(_ signature: [UInt8]) throws(SigningFailure) -> OpaquePointer {
  guard signature.count <= 65_536 else { throw .malformed }
  // What openssl writes without -outform DER: told by name, since to a partner the signature is there.
  if signature.starts(with: "-----BEGIN ".utf8) { throw .text("PEM") }
  if signature.starts(with: "MIME-Version:".utf8) || signature.starts(with: "Content-Type:".utf8) {
    throw .text("S/MIME")
  }
  let (cms, used) = signature.withUnsafeBufferPointer { buffer in
    var cursor = buffer.baseAddress
    let cms = d2i_CMS_ContentInfo(nil, &cursor, buffer.count)
    return (cms, cursor.flatMap { cursor in buffer.baseAddress.map { cursor - $0 } })
  }
  guard let cms else { throw .malformed }
  guard used == signature.count, CMS_is_detached(cms) == 1,
    OPENSSL_sk_num(CMS_get0_SignerInfos(cms)) >= 1
  else {
    CMS_ContentInfo_free(cms)
    throw .malformed
  }
  return cms
}

private func checkDigests(of cms: OpaquePointer) throws(SigningFailure) {
  let infos = CMS_get0_SignerInfos(cms)
  for index in 0..<OPENSSL_sk_num(infos) {
    guard let info = OPENSSL_sk_value(infos, index) else { throw .malformed }
    var algorithm: UnsafeMutablePointer<X509_ALGOR>?
    CMS_SignerInfo_get0_algs(OpaquePointer(info), nil, nil, &algorithm, nil)
    let nid = algorithm.map { OBJ_obj2nid($0.pointee.algorithm) } ?? NID_undef
    guard [NID_sha256, NID_sha384, NID_sha512].contains(nid) else {
      throw .weak("digest algorithm \(String(cString: OBJ_nid2sn(nid)))")
    }
  }
}

private func pinnedSigner(
  of cms: OpaquePointer,
  _ enrolled: [Certificate]
) throws(SigningFailure) -> Digest {
  guard let signers = CMS_get0_signers(cms) else { throw .malformed }
  defer { kvitt_x509_stack_free(signers) }
  var first: Digest?
  for index in 0..<kvitt_x509_count(signers) {
    guard let x509 = kvitt_x509_at(signers, index) else { throw .malformed }
    let fingerprint = Certificate(taking: x509).fingerprint
    guard enrolled.contains(where: { $0.fingerprint == fingerprint }) else {
      throw .unknownSigner(fingerprint: fingerprint.description)
    }
    try Certificate.checkStrength(x509)
    first = first ?? fingerprint
  }
  guard let first else { throw .malformed }
  return first
}

/// Why a verification failed, for the message: each reason needs another cure.
private func diagnosis(
  _ signature: [UInt8],
  _ content: [UInt8],
  _ enrolled: [Certificate],
  _ seconds: Int64
) throws(SigningFailure) -> SigningFailure {
  let fits = { (bytes: [UInt8]) throws(SigningFailure) -> Bool in
    let cms = try parse(signature)
    defer { CMS_ContentInfo_free(cms) }
    let data = MemoryBIO(bytes)
    let flags = UInt32(CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY)
    return CMS_verify(cms, nil, nil, data.raw, nil, flags) == 1
  }
  if try !fits(content) {
    let unix = content.filter { $0 != 0x0D }
    let windows = unix.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }
    let asUnix = try fits(unix)
    let asWindows = try fits(windows)
    return .mismatch(textMode: asUnix || asWindows)
  }
  for certificate in enrolled {
    let validity = try certificate.validity()
    // openssl counts the first second in and the last one out.
    if seconds < validity.from || seconds >= validity.to { return .outsideValidity }
  }
  return .unknownSigner(fingerprint: "of another certificate")
}
