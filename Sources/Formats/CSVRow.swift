/// One row of a CSV file as byte ranges into the reader's buffer.
struct CSVRow {
  private(set) var fields: [UnsafeRawBufferPointer] = []
  private var whole = UnsafeRawBufferPointer(start: nil, count: 0)
  private var scratch: [UnsafeMutableRawBufferPointer] = []
  private let delimiter: UInt8

  init(delimiter: UInt8) {
    self.delimiter = delimiter
    fields.reserveCapacity(32)
  }

  /// Whether the row holds nothing.
  var isBlank: Bool { whole.isEmpty }

  /// Whether the row is a control row, `#…`.
  var isControl: Bool { whole.first == 0x23 }

  /// The row's text, card numbers masked and control characters escaped.
  var text: String {
    maskCardNumbers(escaped(String(decoding: whole, as: UTF8.self)))
  }

  /// Byte offset of a field in its row, from 1.
  func column(of index: Int) -> Int {
    guard let base = whole.baseAddress, let field = fields[index].baseAddress else { return 1 }
    let offset = field - base
    return offset >= 0 && offset <= whole.count ? offset + 1 : 1
  }

  /// Splits the row that begins at `start`; gives the offset of the next, nil where the buffer
  /// ends before the row does.
  mutating func split(
    _ window: UnsafeRawBufferPointer,
    from start: Int,
    atEnd: Bool,
    line: Int32,
    in input: InputFile
  ) throws(Refusal) -> Int? {
    fields.removeAll(keepingCapacity: true)
    releaseScratch()
    guard start < window.count else { return nil }
    var index = start
    var fieldStart = start
    var high: UInt8 = 0
    var quoted = false
    var hasQuote = false
    var hasNul = false
    while index < window.count {
      let byte = window[index]
      high |= byte
      if byte == 0x22 {
        quoted.toggle()
        hasQuote = true
      } else if quoted {
        hasNul = hasNul || byte == 0
      } else if byte == delimiter {
        close(window, fieldStart, index, hasQuote)
        fieldStart = index + 1
        hasQuote = false
      } else if byte == 0x0A {
        break
      } else if byte == 0 {
        hasNul = true
      }
      index += 1
    }
    guard index < window.count || atEnd else { return nil }
    var end = index
    if end > start, window[end - 1] == 0x0D { end -= 1 }
    close(window, fieldStart, max(fieldStart, end), hasQuote)
    whole = UnsafeRawBufferPointer(rebasing: window[start..<max(start, end)])
    if hasNul || quoted || (high >= 0x80 && String(validating: whole, as: UTF8.self) == nil) {
      throw Refusal(
        .badText,
        quoted ? "a quote is never closed" : "the row is no UTF-8 text",
        at: Place(file: input.name, line: Int(line) + 1)
      )
    }
    return min(index + 1, window.count)
  }

  private mutating func close(
    _ window: UnsafeRawBufferPointer,
    _ start: Int,
    _ end: Int,
    _ hasQuote: Bool
  ) {
    let field = UnsafeRawBufferPointer(rebasing: window[start..<end])
    fields.append(hasQuote ? unquoted(field) : field)
  }

  /// Takes the outer quotes off and turns `""` into `"`.
  private mutating func unquoted(_ field: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
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

  private mutating func releaseScratch() {
    for buffer in scratch { buffer.deallocate() }
    scratch.removeAll(keepingCapacity: true)
  }
}
