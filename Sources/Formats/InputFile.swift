import Foundation

/// Whether a file's name is one that kvitt opens: letters and digits of ASCII, `.`, `_` and `-`, at most 200,
/// and a letter or a digit first.
package func isPlainFileName(_ name: some StringProtocol) -> Bool {
  func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: false
    }
  }
  guard let first = name.utf8.first, isLetterOrDigit(first), name.utf8.count <= 200 else {
    return false
  }
  return name.utf8.allSatisfy { isLetterOrDigit($0) || [0x2D, 0x2E, 0x5F].contains($0) }
}

/// The refusal of a file for its name, nil where kvitt opens it: the name is a plain one and no card number,
/// since names stand in books, logs and signed files.
package func nameRefusal(_ path: String) -> Refusal? {
  let name = path.split(separator: "/").last.map(String.init) ?? path
  if isPlainFileName(name) {
    guard holdsCardNumber(name) else { return nil }
    return Refusal(
      .cardNumber,
      "the file's name reads as a card number",
      hint: "rename it; names stand in books and signed files",
      at: Place(file: maskedID(name))
    )
  }
  return Refusal(
    .fileUnreadable,
    "the file's name has other characters than letters, digits, \".\", \"_\" and \"-\"",
    hint: "rename it; names stand in books and signed files",
    at: Place(file: maskCardNumbers(path))
  )
}

/// A file from outside, opened once: a plain name that is no card number, a regular file, no link, below a size.
package final class InputFile {
  package let name: String
  /// Size in bytes when it was opened.
  package let size: Int
  private let descriptor: Int32

  /// Opens a path; another name than a plain one, a link, a folder, a device or a larger file is refused.
  package init(path: String, sizeMax: Int = 1 << 40) throws(Refusal) {
    name = path.split(separator: "/").last.map(String.init) ?? path
    if let refusal = nameRefusal(path) { throw refusal }
    descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw Refusal(
        .fileUnreadable,
        String(cString: strerror(errno)),
        at: Place(file: path)
      )
    }
    var info = stat()
    guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw Refusal(.fileUnreadable, "not a regular file", at: Place(file: path))
    }
    size = Int(info.st_size)
    guard size <= sizeMax else {
      close(descriptor)
      throw Refusal(.fileUnreadable, "larger than \(sizeMax) bytes", at: Place(file: path))
    }
  }

  deinit {
    close(descriptor)
  }

  /// Reads the next bytes into a buffer; 0 at the end.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(Refusal) -> Int {
    while true {
      let count = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      guard errno == EINTR else {
        throw Refusal(.fileUnreadable, String(cString: strerror(errno)), at: Place(file: name))
      }
    }
  }

  /// Goes back to the first byte, for a second reading of the same file.
  package func rewind() {
    lseek(descriptor, 0, SEEK_SET)
  }

  /// All bytes.
  package func contents() throws(Refusal) -> [UInt8] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(size, 1), alignment: 1)
    defer { buffer.deallocate() }
    var filled = 0
    while filled < size {
      let count = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<size]))
      if count == 0 { break }
      filled += count
    }
    return Array(buffer[..<filled])
  }
}
