/// Reads a text file in windows of whole rows, in constant memory.
struct LineReader {
  static let rowBytesMax = 65_536
  let source: TextSource
  let name: String

  /// Calls the body with each window; it gives back how many bytes it used.
  ///
  /// - Parameter body: Gets the bytes that wait, whether the file ends with them, and gives the
  ///   number of bytes it took.
  /// - Returns: Whether the file ends with a line end.
  /// - Throws: A refusal where a row is longer than 64 KiB, or what the body throws.
  @discardableResult
  func forEachWindow(
    _ body: (_ window: UnsafeRawBufferPointer, _ atEnd: Bool) throws -> Int
  ) throws -> Bool {
    let capacity = 1 << 19
    // Scanners look up to 8 bytes past the last one.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity + 16, alignment: 8)
    defer { buffer.deallocate() }
    var filled = 0
    var atEnd = false
    var isWhole = true
    while !atEnd {
      let count = try source.read(
        into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<capacity])
      )
      atEnd = count == 0
      filled += count
      if count > 0 { isWhole = buffer[filled - 1] == 0x0A }
      let used = try body(UnsafeRawBufferPointer(rebasing: buffer[..<filled]), atEnd)
      guard filled - used < LineReader.rowBytesMax else {
        throw Refusal(.badText, "a row is longer than 64 KiB", at: Place(file: name))
      }
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[used..<filled]))
      filled -= used
    }
    return isWhole
  }

  /// Refuses an empty file and, without control totals, one whose last row may be cut.
  func checkEnd(_ isWhole: Bool, lines: Int32, _ summary: FeedSummary) throws(Refusal) {
    guard lines > 0 else {
      throw Refusal(.headerColumn, "the file is empty", at: Place(file: name))
    }
    guard isWhole || summary.hasControl else {
      throw Refusal(
        .trailerMissing,
        "the last row has no line end and no control totals follow: the file may be cut",
        at: Place(file: name, line: Int(lines))
      )
    }
  }
}
