package import Civil
import Foundation
import Formats
package import Signing

/// Key files of an installation: `signer.key`, `signer.pem`, `ca.pem`.
package struct KeyFolder: Sendable {
  private let path: String

  package init(path: String) {
    self.path = path
  }

  /// Makes a trial authority and signer; files that stand are never replaced.
  ///
  /// The authority's key is not kept: beside the signer it would let whoever copies the folder make signers
  /// that partners take for ours, and nothing of kvitt needs it.
  ///
  /// - Parameters:
  ///   - name: Name in the certificates.
  ///   - from: First day of validity.
  ///   - to: Last day of validity, to its end.
  /// - Throws: `Refusal` where a key stands or files cannot be written.
  package func create(name: String, from: CivilDate, to: CivilDate) throws {
    try makeFolder(path, mode: 0o700)
    guard !FileManager.default.fileExists(atPath: path + "/signer.key") else {
      throw Refusal(
        .keyProblem,
        "a key stands in \(path)",
        hint: "kvitt keeps keys; choose another folder"
      )
    }
    let keys = try TrialKeys(
      name: name,
      validFrom: Int64(from.days) * 86_400,
      validTo: endOfDay(to) + 1
    )
    try writeFile(keys.authority, at: path + "/ca.pem", mode: 0o644)
    try writeFile(keys.signer, at: path + "/signer.pem", mode: 0o644)
    try writeFile(keys.key, at: path + "/signer.key", mode: 0o600)
  }

  /// The signing key for a business date; one that is not valid at the end of that day signs nothing.
  package func signingKey(on date: CivilDate) throws -> SigningKey {
    let key = try signingKey()
    let validity: (from: Int64, to: Int64)
    do {
      validity = try key.certificate.validity()
    } catch {
      throw Refusal(.keyProblem, error.description)
    }
    guard validity.from <= endOfDay(date), validity.to > endOfDay(date) else {
      throw Refusal(
        .keyProblem,
        "the signing key in \(path) is not valid on \(date)",
        hint:
          "kvitt key show tells its days; a new one is made in an empty folder by kvitt key create, "
          + "and partners must have it before it signs"
      )
    }
    return key
  }

  /// The signing key; a key file that others can read is refused.
  package func signingKey() throws -> SigningKey {
    var info = stat()
    guard lstat(path + "/signer.key", &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
      throw Refusal(.keyProblem, "no signing key in \(path)")
    }
    guard info.st_mode & 0o077 == 0 else {
      throw Refusal(.keyProblem, "\(path)/signer.key can be read by others", hint: "chmod 600")
    }
    do {
      return try SigningKey(
        keyPEM: InputFile(path: path + "/signer.key", sizeMax: 65_536).contents(),
        certificatePEM: InputFile(path: path + "/signer.pem", sizeMax: 65_536).contents()
      )
    } catch let failure as SigningFailure {
      throw Refusal(.keyProblem, failure.description)
    }
  }
}

/// The last second but one of a day in UTC, since 1970: the moment at which certificates of a business date
/// are checked, so that one made during the day counts on it.
///
/// openssl calls a certificate over in the very last second that it names, which is mostly that of a day.
package func endOfDay(_ date: CivilDate) -> Int64 {
  Int64(date.days) * 86_400 + 86_398
}

extension KeyFolder {
  /// Certificates of this bank's signers: `signer.pem`, and earlier ones as `signer-NAME.pem`; none where
  /// the folder cannot be read.
  ///
  /// - Returns: Those that can be read.
  package func certificates() -> [Certificate] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.filter { $0 == "signer.pem" || $0.hasPrefix("signer-") && $0.hasSuffix(".pem") }
      .sorted()
      .compactMap { try? InputFile(path: "\(path)/\($0)", sizeMax: 65_536).contents() }
      .compactMap { try? Certificate(bytes: $0) }
  }
}
