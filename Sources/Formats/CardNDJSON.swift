import Foundation
import Ledger

/// Card feeds in NDJSON: one object a line, or one line with an array of records, in constant
/// memory.
///
/// Numbers are read as text, never through binary floating point.
struct CardNDJSON {
  let input: InputFile
  let profile: CardFeedProfile

  /// Reads all lines into the builder.
  func read(
    _ builder: RecordBuilder,
    bytes: @escaping (UnsafeRawBufferPointer) -> Void,
    record: (CardRecord) throws -> Void,
    reject: (RejectedRow) throws -> Void
  ) throws {
    let row = JSONRow(profile, file: input.name)
    var line: Int32 = 0
    let reader = LineReader(
      source: TextSource(input, profile.encoding, bytes: bytes),
      name: input.name
    )
    let isWhole = try reader.forEachWindow { window, atEnd in
      var start = 0
      row.begin(window)
      while start < window.count {
        guard let base = window.baseAddress else { break }
        let found = memchr(base + start, 0x0A, window.count - start)
        guard found != nil || atEnd else { break }
        let end = found.map { UnsafeRawPointer($0) - base } ?? window.count
        guard end - start <= LineReader.rowBytesMax else {
          throw Refusal(
            .badText,
            "a row is longer than 64 KiB",
            at: Place(file: input.name, line: Int(line) + 1)
          )
        }
        line += 1
        try row.take(window, start..<end, builder, line: line, record: record, reject: reject)
        start = end + 1
      }
      return min(start, window.count)
    }
    try reader.checkEnd(isWhole, lines: line, builder.summary)
  }
}

/// Finds the fields of one line by their paths.
private final class JSONRow {
  private let paths: FieldPaths
  private let hasTrailer: Bool
  private let file: String
  /// Whether the window holds ASCII alone, so that no row needs a look of its own.
  private var isPlain = false
  /// Of each node the child that came first in the last record, then of each child the one that followed.
  private let order: UnsafeMutablePointer<Int>
  private var elements: [Range<Int>] = []
  private var seen = KeysSeen()
  private let scratch = JSONScratch()
  private var lineStart = 0
  private var lineEnd = 0

  init(_ profile: CardFeedProfile, file: String) {
    paths = FieldPaths(profile)
    hasTrailer = profile.trailer != .none
    self.file = file
    order = .allocate(capacity: 2 * paths.count)
    order.initialize(repeating: 0, count: 2 * paths.count)
  }

  deinit {
    order.deallocate()
  }

  /// Looks at a whole window once.
  func begin(_ window: UnsafeRawBufferPointer) {
    isPlain = isASCII(window)
  }

  /// Reads one line.
  @inline(never)
  func take(
    _ window: UnsafeRawBufferPointer,
    _ range: Range<Int>,
    _ builder: RecordBuilder,
    line: Int32,
    record: (CardRecord) throws -> Void,
    reject: (RejectedRow) throws -> Void
  ) throws {
    (lineStart, lineEnd) = (range.lowerBound, range.upperBound)
    var scanner = JSONScanner(window, range)
    guard let first = scanner.peek() else { return }
    guard isPlain || isUTF8(UnsafeRawBufferPointer(rebasing: window[range])) else {
      throw Refusal(.badText, "the row is no UTF-8 text", at: Place(file: file, line: Int(line)))
    }
    do {
      guard first == 0x7B else { throw scanner.fault("a line is no object") }
      if hasTrailer, try readControl(window, range, builder) { return }
      let slots = builder.slots
      slots.clear()
      scratch.release()
      elements.removeAll(keepingCapacity: true)
      seen.removeAll()
      try readObject(&scanner, 0, slots)
      try scanner.finish()
      guard let rows = paths.rows else {
        try build(window, builder, line: line, record: record, reject: reject)
        return
      }
      let shared = CardField.allCases.map { slots[$0] }
      let before = seen
      for element in elements {
        for field in CardField.allCases { slots[field] = shared[field.rawValue] }
        seen = before
        var inner = JSONScanner(window, element)
        guard inner.peek() == 0x7B else {
          throw inner.fault("an element is no object")
        }
        try readObject(&inner, rows, slots)
        try build(window, builder, line: line, record: record, reject: reject)
      }
    } catch let fault as JSONScanner.Fault {
      throw Refusal(
        .badText,
        fault.why,
        at: Place(
          file: file,
          line: Int(line),
          column: fault.offset - range.lowerBound + 1,
          source: excerpt(window)
        )
      )
    }
  }

  private func build(
    _ window: UnsafeRawBufferPointer,
    _ builder: RecordBuilder,
    line: Int32,
    record: (CardRecord) throws -> Void,
    reject: (RejectedRow) throws -> Void
  ) throws {
    let slots = builder.slots
    try builder.build(
      line: line,
      place: { field in
        guard let base = window.baseAddress, let place = slots[field].baseAddress else {
          return RowPlace(column: 1, excerpt: self.excerpt(window))
        }
        let offset = place - base
        let inside = offset >= self.lineStart && offset < self.lineEnd
        return RowPlace(
          column: inside ? offset - self.lineStart + 1 : 1,
          excerpt: self.excerpt(window)
        )
      },
      record: record,
      reject: reject
    )
  }

  private func excerpt(_ window: UnsafeRawBufferPointer) -> String {
    shown(String(decoding: window[lineStart..<lineEnd], as: UTF8.self), most: 2_000)
  }

  /// Kept out of its callers, which would grow too large for the small steps within to be laid open.
  @inline(never)
  private func readObject(
    _ scanner: inout JSONScanner,
    _ node: Int,
    _ slots: FieldSlots
  ) throws(JSONScanner.Fault) {
    try scanner.take(0x7B)
    if scanner.peek() == 0x7D {
      try scanner.take(0x7D)
      return
    }
    // Records name their keys in the same order: what came next in the last one is tried first.
    var last = order + node
    repeat {
      let likely = last.pointee
      if let name = paths.name(ofLikely: likely, below: node), scanner.takes(key: name) {
        try scanner.take(0x3A)
        last = order + paths.count + likely
        try readValue(&scanner, likely, slots)
        continue
      }
      let key = try scanner.takeText()
      try scanner.take(0x3A)
      let name = key.hasEscape ? try unescaped(key.bytes, scanner) : key.bytes
      guard let child = paths.child(of: node, name) else {
        try scanner.passValue()
        continue
      }
      last.pointee = child
      last = order + paths.count + child
      try readValue(&scanner, child, slots)
    } while try scanner.more(closing: 0x7D)
  }

  @inline(__always)
  private func readValue(
    _ scanner: inout JSONScanner,
    _ node: Int,
    _ slots: FieldSlots
  ) throws(JSONScanner.Fault) {
    guard seen.insert(node) else { throw scanner.fault("a key stands twice") }
    if paths[node].isRows {
      try readRows(&scanner)
      return
    }
    guard let value = try scanner.takeScalar() else {
      if !paths[node].children.isEmpty, scanner.peek() == 0x7B {
        try readObject(&scanner, node, slots)
      } else {
        _ = try scanner.skipValue()
      }
      return
    }
    guard !value.isNull else { return }
    paths.fill(node, slots, value.hasEscape ? try unescaped(value.bytes, scanner) : value.bytes)
  }

  private func readRows(_ scanner: inout JSONScanner) throws(JSONScanner.Fault) {
    try scanner.take(0x5B)
    if scanner.peek() == 0x5D {
      try scanner.take(0x5D)
      return
    }
    repeat { elements.append(try scanner.skipValue()) } while try scanner.more(closing: 0x5D)
  }

  @inline(never)
  private func unescaped(
    _ bytes: UnsafeRawBufferPointer,
    _ scanner: JSONScanner
  ) throws(JSONScanner.Fault) -> UnsafeRawBufferPointer {
    guard let plain = unescapedJSON(bytes) else { throw scanner.fault("a malformed escape") }
    return scratch.keep(plain)
  }

  /// Reads `{"control":"total","currency":…}` and `{"control":"end",…}` lines; false for records.
  private func readControl(
    _ window: UnsafeRawBufferPointer,
    _ range: Range<Int>,
    _ builder: RecordBuilder
  ) throws -> Bool {
    var scanner = JSONScanner(window, range)
    try scanner.take(0x7B)
    guard scanner.peek() == 0x22 else { return false }
    guard try sameText(scanner.takeText().bytes, "control") else { return false }
    var values: [String: String] = [:]
    var key = "control"
    while true {
      try scanner.take(0x3A)
      guard let value = try scanner.takeScalar(), values[key] == nil else {
        throw scanner.fault("no control line")
      }
      values[key] = String(decoding: value.bytes, as: UTF8.self)
      guard try scanner.more(closing: 0x7D) else { break }
      key = String(decoding: try scanner.takeText().bytes, as: UTF8.self)
    }
    try scanner.finish()
    let number = { (name: String) in values[name].flatMap { strictInteger($0) } }
    if values["control"] == "total", let currency = Currency(code: (values["currency"] ?? "").utf8),
      let records = number("records"), let debit = number("debit"), let credit = number("credit")
    {
      var total = FeedTotal()
      (total.records, total.debit, total.credit) = (records, debit, credit)
      builder.summary.state(currency, total)
    } else if values["control"] == "end", let records = number("records"),
      let sequence = number("sequence")
    {
      builder.summary.state(records: records, sequence: sequence)
    } else {
      throw scanner.fault("a control line is neither total nor end")
    }
    return true
  }

  private func sameText(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
    text.withUTF8Buffer { sameBytes(UnsafeRawBufferPointer($0), bytes) }
  }
}

/// The keys of one record so far, by node.
private struct KeysSeen {
  private var first: UInt64 = 0
  /// Nodes from 64 on, which few profiles have.
  private var others: Set<Int> = []

  /// Notes a node; false where it was noted before.
  @inline(__always)
  mutating func insert(_ node: Int) -> Bool {
    guard node < 64 else { return others.insert(node).inserted }
    let bit: UInt64 = 1 << UInt64(node)
    guard first & bit == 0 else { return false }
    first |= bit
    return true
  }

  @inline(__always)
  mutating func removeAll() {
    first = 0
    if !others.isEmpty { others.removeAll(keepingCapacity: true) }
  }
}

/// Texts of one line that had to be copied because they held escapes.
private final class JSONScratch {
  private var buffers: [UnsafeMutableRawBufferPointer] = []

  deinit {
    release()
  }

  func keep(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
    // Scanners look up to 8 bytes past the last one.
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count + 8, alignment: 8)
    copy.initializeMemory(as: UInt8.self, repeating: 0)
    copy.copyBytes(from: bytes)
    buffers.append(copy)
    return UnsafeRawBufferPointer(rebasing: copy[..<bytes.count])
  }

  func release() {
    guard !buffers.isEmpty else { return }
    for buffer in buffers { buffer.deallocate() }
    buffers.removeAll(keepingCapacity: true)
  }
}
