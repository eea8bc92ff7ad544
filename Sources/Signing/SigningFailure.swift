/// Why a signature, a key or a certificate is not taken.
package enum SigningFailure: Error, Equatable, CustomStringConvertible {
  /// The bytes are no detached CMS signature in DER, or hold more than one.
  case malformed
  /// The signature is written as text, not as DER: PEM or S/MIME.
  case text(String)
  /// The signature does not carry the certificate of its signer.
  case noCertificate
  /// The signature does not fit the content; true where it would after CRLF became LF.
  case mismatch(textMode: Bool)
  /// The signer is none of those enrolled.
  case unknownSigner(fingerprint: String)
  /// The signer's certificate is not valid at the checked time.
  case outsideValidity
  /// Key or digest algorithm below the policy.
  case weak(String)
  /// A key or certificate cannot be used.
  case key(String)

  package var description: String {
    switch self {
    case .malformed: "the signature is no detached CMS SignedData in DER"
    case .text(let form): "the signature is \(form) text; sign with openssl cms -outform DER"
    case .noCertificate:
      "the signature does not carry its signer's certificate; sign without -nocerts"
    case .mismatch(let textMode):
      textMode
        ? "the signature fits the file after LF became CRLF or back: a text-mode transfer changed it"
        : "the signature does not fit the content"
    case .unknownSigner(let fingerprint): "signer \(fingerprint) is not enrolled"
    case .outsideValidity: "the signer's certificate is not valid at that time"
    case .weak(let what): "the signature is too weak: \(what)"
    case .key(let what): what
    }
  }
}
