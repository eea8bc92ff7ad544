import Postgres

/// One tuple of binary COPY OUT, read from the front.
struct BinaryTuple {
  private let chunk: UnsafeRawBufferPointer
  private var offset: Int

  /// Reads a chunk of `Connection.copyOut`; the first one begins with the file's header.
  init(_ chunk: UnsafeRawBufferPointer) {
    self.chunk = chunk
    offset = chunk.first == 0x50 ? 19 : 0
  }

  private mutating func raw<Value: FixedWidthInteger>(_ type: Value.Type) -> Value? {
    let size = MemoryLayout<Value>.size
    guard offset + size <= chunk.count else { return nil }
    defer { offset += size }
    return Value(bigEndian: chunk.loadUnaligned(fromByteOffset: offset, as: Value.self))
  }

  /// Whether a tuple follows; false at the trailer.
  mutating func next() -> Bool {
    (raw(Int16.self) ?? -1) > 0
  }

  /// The bytes of the next column, nil where it is null.
  mutating func bytes() -> UnsafeRawBufferPointer? {
    guard let size = raw(Int32.self), size >= 0, offset + Int(size) <= chunk.count else {
      return nil
    }
    defer { offset += Int(size) }
    return UnsafeRawBufferPointer(rebasing: chunk[offset..<(offset + Int(size))])
  }

  /// A smallint.
  mutating func int16() -> Int16? {
    bytes().flatMap { $0.count == 2 ? Int16(bigEndian: $0.loadUnaligned(as: Int16.self)) : nil }
  }

  /// An integer.
  mutating func int32() -> Int32? {
    bytes().flatMap { $0.count == 4 ? Int32(bigEndian: $0.loadUnaligned(as: Int32.self)) : nil }
  }

  /// A bigint.
  mutating func int64() -> Int64? {
    bytes().flatMap { $0.count == 8 ? Int64(bigEndian: $0.loadUnaligned(as: Int64.self)) : nil }
  }
}

/// What to say of a tuple whose columns are not what its reader asks for.
func unreadableTuple(
  _ column: String,
  _ expected: String,
  file: StaticString = #fileID,
  line: Int = #line
) -> UnreadableValue {
  UnreadableValue(
    column: column,
    expected: expected,
    found: "null or something else",
    place: "\(file):\(line)"
  )
}
