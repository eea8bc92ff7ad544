/// Reads a text file in windows of whole rows, in constant memory.
struct LineReader {
  static let rowBytesMax = 65_536
  let source: TextSource
  let name: String

  /// Calls the body with each window; it gives back how many bytes it used.
  ///
  /// - Parameter body: Gets the bytes that wait, whether the file ends with them, and gives the
  ///   number of bytes it took.
  /// - Throws: A refusal where a row is longer than 64 KiB, or what the body throws.
  func forEachWindow(
    _ body: (_ window: UnsafeRawBufferPointer, _ atEnd: Bool) throws -> Int
  ) throws {
    let capacity = 1 << 19
    // Scanners look up to 8 bytes past the last one.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity + 16, alignment: 8)
    defer { buffer.deallocate() }
    var filled = 0
    var atEnd = false
    while !atEnd {
      let count = try source.read(
        into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<capacity])
      )
      atEnd = count == 0
      filled += count
      let used = try body(UnsafeRawBufferPointer(rebasing: buffer[..<filled]), atEnd)
      guard filled - used < LineReader.rowBytesMax else {
        throw Refusal(.badText, "a row is longer than 64 KiB", at: Place(file: name))
      }
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[used..<filled]))
      filled -= used
    }
  }
}
