import Foundation
import Postgres

/// A partner with a key of its own from stock openssl, whose answers are written with nothing of kvitt.
package struct OutsidePartner {
  private let keys: String

  /// Makes the partner's key, and one that is not enrolled, and enrols the certificate.
  ///
  /// - Parameters:
  ///   - sandbox: The installation that knows the partner.
  ///   - code: The partner's code.
  /// - Throws: `ClusterError` where openssl or the enrolment fails.
  package init(_ sandbox: Sandbox, _ code: String) throws {
    keys = sandbox.home + "/outside"
    try OutsidePartner.done(
      shell(
        """
        mkdir -p \(keys) && cd \(keys)
        for name in good other; do
          openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
            -subj /CN=$name -addext keyUsage=digitalSignature -addext basicConstraints=critical,CA:FALSE -keyout $name.key -out $name.pem \
            2>/dev/null
          faketime 2026-01-01 openssl req -x509 -new -key $name.key -days 3650 -subj /CN=$name \
            -addext keyUsage=digitalSignature -addext basicConstraints=critical,CA:FALSE -out $name.pem
        done
        """
      )
    )
    try OutsidePartner.done(sandbox.enrolSigner(code, keys + "/good.pem"))
  }

  /// Writes and signs the answer to a statement.
  ///
  /// - Parameters:
  ///   - statement: Path of the statement's file.
  ///   - path: Where the answer goes; its signature goes beside it.
  ///   - how: Options of the writer, such as `--say A,X,P500`.
  /// - Throws: `ClusterError` where the writer fails.
  package func answer(_ statement: String, _ path: String, _ how: String) throws {
    let writer = repository + "/Tests/NightTests/independent/write_answer.py"
    try OutsidePartner.done(
      shell(
        "mkdir -p $(dirname \(path)); python3 \(writer) \(statement) \(path) \(keys) \(how)"
      )
    )
  }

  /// Signs a file with the enrolled key; the signature goes beside it.
  package func sign(_ path: String) throws {
    try OutsidePartner.done(
      shell(
        """
        openssl cms -sign -binary -in \(path) -signer \(keys)/good.pem -inkey \(keys)/good.key \
          -outform DER -md sha256 -out \(path).p7s
        """
      )
    )
  }

  private static func done(_ finished: Finished) throws {
    guard finished.status == 0 else { throw ClusterError(finished.errors) }
  }
}
