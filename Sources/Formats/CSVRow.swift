import Foundation

/// One row of a CSV file as byte ranges into the reader's buffer (RFC 4180).
final class CSVRow {
  static let fieldsMax = 1_000
  private(set) var fields = FieldList()
  private(set) var whole = UnsafeRawBufferPointer(start: nil, count: 0)
  private var scratch: [UnsafeMutableRawBufferPointer] = []
  private let delimiter: UInt8
  private let pattern: UInt64
  /// Whether the window holds ASCII alone, without quotes and NULs.
  private var isPlain = false

  init(delimiter: UInt8) {
    self.delimiter = delimiter
    pattern = bytePattern(delimiter)
  }

  deinit {
    releaseScratch()
    fields.release()
  }

  /// Looks at a whole window once, so that most windows can be split without looking for quotes.
  func begin(_ window: UnsafeRawBufferPointer) {
    guard let base = window.baseAddress else { return }
    isPlain =
      memchr(base, 0x22, window.count) == nil && memchr(base, 0, window.count) == nil
      && isASCII(window)
  }

  /// Whether the row holds nothing.
  var isBlank: Bool { whole.isEmpty }

  /// Whether the row is a control row, `#…`.
  var isControl: Bool { whole.first == 0x23 }

  /// The row's text, card numbers masked and control characters escaped.
  var text: String {
    shown(String(decoding: whole, as: UTF8.self), most: 2_000)
  }

  /// Byte offset of a field in its row, from 1.
  func column(of field: UnsafeRawBufferPointer) -> Int {
    guard let base = whole.baseAddress, let start = field.baseAddress else { return 1 }
    let offset = start - base
    return offset >= 0 && offset <= whole.count ? offset + 1 : 1
  }

  /// Splits the row that begins at `start`; gives the offset of the next, nil where the buffer
  /// ends before the row does.
  ///
  /// Eight bytes are looked at at once; only delimiters, line ends, quotes and NULs stop it.
  @inline(__always)
  func split(
    _ window: UnsafeRawBufferPointer,
    from start: Int,
    atEnd: Bool,
    line: Int32,
    in input: InputFile
  ) throws(Refusal) -> Int? {
    fields.removeAll()
    guard start < window.count, let base = window.baseAddress else { return nil }
    if isPlain { return splitPlain(base, start, window.count, atEnd) }
    return try splitQuoted(window, from: start, atEnd: atEnd, line: line, in: input)
  }

  /// Splits a row of ASCII without quotes and NULs.
  @inline(never)
  private func splitPlain(
    _ base: UnsafeRawPointer,
    _ start: Int,
    _ count: Int,
    _ atEnd: Bool
  ) -> Int? {
    // In ASCII no byte differs from another by 0x80 or more, so that no sum carries over.
    let (newline, most) = (bytePattern(0x0A), bytePattern(0x7F))
    var fieldStart = start
    var index = start
    var found = 0
    while index < count {
      // The buffer can be read eight bytes past its end; what stands there stops nothing.
      let word = base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      let others = (word ^ pattern) &+ most
      let inLine = (word ^ newline) &+ most
      var stops = ~(others & inLine) & 0x8080_8080_8080_8080
      if index + 8 > count { stops &= .max >> UInt64(64 - 8 * (count - index)) }
      while stops != 0 {
        let bit = stops.trailingZeroBitCount
        let place = index &+ bit &>> 3
        guard inLine &>> UInt64(bit) & 1 == 1 else {
          fields.end(found)
          endPlain(base, start, fieldStart, place)
          return place &+ 1
        }
        fields.put(base + fieldStart, place &- fieldStart, at: found)
        found &+= 1
        fieldStart = place &+ 1
        stops &= stops &- 1
      }
      index &+= 8
    }
    guard atEnd else { return nil }
    fields.end(found)
    endPlain(base, start, fieldStart, count)
    return count
  }

  @inline(__always)
  private func endPlain(
    _ base: UnsafeRawPointer,
    _ start: Int,
    _ fieldStart: Int,
    _ end: Int
  ) {
    let isCarriage = end > start && base.load(fromByteOffset: end - 1, as: UInt8.self) == 0x0D
    let stop = isCarriage ? end - 1 : end
    fields.append(
      UnsafeRawBufferPointer(start: base + fieldStart, count: max(fieldStart, stop) - fieldStart)
    )
    whole = UnsafeRawBufferPointer(start: base + start, count: stop - start)
  }

  @inline(never)
  private func splitQuoted(
    _ window: UnsafeRawBufferPointer,
    from start: Int,
    atEnd: Bool,
    line: Int32,
    in input: InputFile
  ) throws(Refusal) -> Int? {
    if !scratch.isEmpty { releaseScratch() }
    var scan = Scan(fieldStart: start)
    var index = start
    var end: Int?
    while end == nil, index + 8 <= window.count {
      let word = window.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      scan.high |= word
      var stops =
        zeroBytes(word ^ pattern) | zeroBytes(word ^ 0x0A0A_0A0A_0A0A_0A0A)
        | zeroBytes(word ^ 0x2222_2222_2222_2222) | zeroBytes(word)
      while stops != 0 {
        let place = index + stops.trailingZeroBitCount >> 3
        stops &= stops &- 1
        if take(window[place], at: place, window, &scan) {
          end = place
          break
        }
      }
      index += 8
    }
    while end == nil, index < window.count {
      let byte = window[index]
      scan.high |= UInt64(byte)
      if byte == delimiter || byte == 0x0A || byte == 0x22 || byte == 0,
        take(byte, at: index, window, &scan)
      {
        end = index
      }
      index += 1
    }
    guard end != nil || atEnd else { return nil }
    let stop = end ?? window.count
    let content = stop > start && window[stop - 1] == 0x0D ? stop - 1 : stop
    close(window, scan.fieldStart, max(scan.fieldStart, content), scan.hasQuote)
    whole = UnsafeRawBufferPointer(rebasing: window[start..<max(start, content)])
    let isText = scan.high & 0x8080_8080_8080_8080 == 0 || isUTF8(whole)
    guard !scan.hasNul, !scan.quoted, isText else {
      throw Refusal(
        .badText,
        scan.quoted ? "a quote is never closed" : "the row is no UTF-8 text",
        at: Place(file: input.name, line: Int(line) + 1)
      )
    }
    return min(stop + 1, window.count)
  }

  private struct Scan {
    var fieldStart: Int
    var high: UInt64 = 0
    var quoted = false
    var hasQuote = false
    var hasNul = false
  }

  /// Takes a byte that stops the scan; true where it ends the row.
  @inline(__always)
  private func take(
    _ byte: UInt8,
    at index: Int,
    _ window: UnsafeRawBufferPointer,
    _ scan: inout Scan
  ) -> Bool {
    if byte == 0x22 {
      scan.quoted.toggle()
      scan.hasQuote = true
    } else if byte == 0 {
      scan.hasNul = true
    } else if !scan.quoted {
      if byte == 0x0A { return true }
      close(window, scan.fieldStart, index, scan.hasQuote)
      scan.fieldStart = index + 1
      scan.hasQuote = false
    }
    return false
  }

  @inline(__always)
  private func close(
    _ window: UnsafeRawBufferPointer,
    _ start: Int,
    _ end: Int,
    _ hasQuote: Bool
  ) {
    let field = UnsafeRawBufferPointer(rebasing: window[start..<end])
    fields.append(hasQuote ? unquoted(field) : field)
  }

  /// Takes the outer quotes off and turns `""` into `"`.
  private func unquoted(_ field: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    guard field.count >= 2, field.first == 0x22, field.last == 0x22 else { return field }
    let inner = field[(field.startIndex + 1)..<(field.endIndex - 1)]
    guard inner.contains(0x22) else { return UnsafeRawBufferPointer(rebasing: inner) }
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: inner.count, alignment: 1)
    scratch.append(copy)
    var count = 0
    var skip = false
    for byte in inner {
      if byte == 0x22, !skip {
        skip = true
        continue
      }
      copy[count] = byte
      count += 1
      skip = false
    }
    return UnsafeRawBufferPointer(rebasing: copy[..<count])
  }

  private func releaseScratch() {
    for buffer in scratch { buffer.deallocate() }
    scratch.removeAll(keepingCapacity: true)
  }
}

/// The fields of a row; what stands beyond a thousand is only counted.
///
/// Plain memory that is not counted; the row releases it.
struct FieldList {
  private let slots = UnsafeMutablePointer<UnsafeRawBufferPointer>.allocate(
    capacity: CSVRow.fieldsMax
  )
  private(set) var count = 0

  func release() {
    slots.deallocate()
  }

  @inline(__always)
  mutating func removeAll() { count = 0 }

  @inline(__always)
  mutating func append(_ field: UnsafeRawBufferPointer) {
    if count < CSVRow.fieldsMax { slots[count] = field }
    count += 1
  }

  /// Puts a field; `end` says how many were put.
  @inline(__always)
  func put(_ start: UnsafeRawPointer, _ size: Int, at index: Int) {
    guard index < CSVRow.fieldsMax else { return }
    slots[index] = UnsafeRawBufferPointer(start: start, count: size)
  }

  /// Says how many fields were put.
  @inline(__always)
  mutating func end(_ found: Int) { count = found }

  /// A field of a row that is known to have it.
  @inline(__always)
  func known(_ index: Int) -> UnsafeRawBufferPointer { slots[index] }

  /// A field; empty beyond the last that is kept.
  @inline(__always)
  subscript(_ index: Int) -> UnsafeRawBufferPointer {
    index < min(count, CSVRow.fieldsMax)
      ? slots[index] : UnsafeRawBufferPointer(start: nil, count: 0)
  }

  /// The fields as texts.
  var texts: [String] {
    (0..<min(count, CSVRow.fieldsMax)).map { String(decoding: self[$0], as: UTF8.self) }
  }
}

/// A byte eight times.
@inline(__always)
private func bytePattern(_ byte: UInt8) -> UInt64 { 0x0101_0101_0101_0101 &* UInt64(byte) }

/// The high bit of every byte that is zero, and no other.
@inline(__always)
private func zeroBytes(_ word: UInt64) -> UInt64 {
  ~(((word & 0x7F7F_7F7F_7F7F_7F7F) &+ 0x7F7F_7F7F_7F7F_7F7F) | word | 0x7F7F_7F7F_7F7F_7F7F)
}
