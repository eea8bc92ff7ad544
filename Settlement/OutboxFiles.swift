package import Foundation
package import Formats

/// Makes a folder where it is missing, with those above it that are missing too.
///
/// The mode is set, whatever the account's umask says; folders that stand are left as they are.
///
/// - Parameters:
///   - path: The folder.
///   - mode: Of each folder that is made; by default nobody but owner and group may look in.
/// - Throws: `Refusal` with KV-OUT-001.
package func makeFolder(_ path: String, mode: mode_t = 0o750) throws(Refusal) {
  var info = stat()
  if stat(path, &info) == 0 {
    guard info.st_mode & S_IFMT == S_IFDIR else {
      throw Refusal(.cannotWrite, "cannot make the folder \(path): a file stands there")
    }
    return
  }
  if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
    let above = String(path[..<slash])
    if !above.isEmpty { try makeFolder(above, mode: mode) }
  }
  // Another process may have been faster.
  guard mkdir(path, mode) == 0 || errno == EEXIST else {
    throw Refusal(
      .cannotWrite,
      "cannot make the folder \(path): \(String(cString: strerror(errno)))"
    )
  }
  chmod(path, mode)
}

/// Writes a file aside, syncs it, renames it into place and syncs the folder: after a crash the
/// final name holds all bytes or is not there.
///
/// The mode is set, whatever the account's umask says: files name members, amounts and accounts.
///
/// - Parameters:
///   - bytes: What the file shall hold.
///   - path: Where it shall stand.
///   - mode: Who may read it; others than owner and group where the file is public alone.
/// - Throws: `Refusal` with KV-OUT-001.
package func writeFile(_ bytes: [UInt8], at path: String, mode: mode_t = 0o640) throws(Refusal) {
  let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    .joined(separator: "/")
  let aside = path + ".part"
  let file = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
  guard file >= 0 else { throw Refusal(.cannotWrite, "cannot write \(aside)") }
  fchmod(file, mode)
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
