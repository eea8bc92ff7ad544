package import Civil
package import Foundation
package import Formats
package import Signing

/// Key files of an installation: `signer.key`, `signer.pem`, `ca.pem`, `ca.key`.
package struct KeyFolder: Sendable {
  private let path: String

  package init(path: String) {
    self.path = path
  }

  /// Makes a trial authority and signer; files that stand are never replaced.
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
      validTo: Int64(to.days) * 86_400
    )
    try writeFile(keys.authority, at: path + "/ca.pem", mode: 0o644)
    try writeFile(keys.authorityKey, at: path + "/ca.key", mode: 0o600)
    try writeFile(keys.signer, at: path + "/signer.pem", mode: 0o644)
    try writeFile(keys.key, at: path + "/signer.key", mode: 0o600)
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

/// Makes a folder where it is missing.
package func makeFolder(_ path: String, mode: Int = 0o755) throws(Refusal) {
  do {
    try FileManager.default.createDirectory(
      atPath: path,
      withIntermediateDirectories: true,
      attributes: [.posixPermissions: mode]
    )
  } catch {
    throw Refusal(.cannotWrite, "cannot make the folder \(path)")
  }
}

/// Writes a file aside, syncs it, renames it into place and syncs the folder: after a crash the
/// final name holds all bytes or is not there.
package func writeFile(_ bytes: [UInt8], at path: String, mode: mode_t = 0o644) throws(Refusal) {
  let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    .joined(separator: "/")
  let aside = path + ".part"
  let file = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
  guard file >= 0 else { throw Refusal(.cannotWrite, "cannot write \(aside)") }
  var offset = 0
  while offset < bytes.count {
    let count = bytes[offset...].withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    if count < 0 {
      if errno == EINTR { continue }
      close(file)
      unlink(aside)
      throw Refusal(.cannotWrite, "cannot write \(aside): \(String(cString: strerror(errno)))")
    }
    offset += count
  }
  guard fsync(file) == 0, close(file) == 0, rename(aside, path) == 0 else {
    throw Refusal(.cannotWrite, "cannot finish \(path): \(String(cString: strerror(errno)))")
  }
  let parent = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard parent >= 0 else { return }
  fsync(parent)
  close(parent)
}
