/// The elements of one ISO 8583 message as Mastercard IPM writes it, as ASCII.
final class IPMMessage {
  /// Why a message cannot be cut into elements.
  struct Fault: Error {
    let why: String
  }

  private static let variable = -2
  private static let longVariable = -3
  /// Lengths by element: positive is fixed, `variable` and `longVariable` carry 2 and 3 digits.
  private static let layout: [Int] = {
    var lengths = [Int](repeating: 0, count: 129)
    for (element, length) in [
      (3, 6), (4, 12), (5, 12), (6, 12), (9, 8), (10, 8), (12, 12), (14, 4), (22, 12), (23, 3),
      (24, 3), (25, 4), (26, 4), (30, 24), (37, 12), (38, 6), (40, 3), (41, 8), (42, 15), (49, 3),
      (50, 3), (51, 3), (71, 8), (73, 6),
    ] { lengths[element] = length }
    for element in [2, 31, 32, 33, 43, 93, 94, 95, 100] { lengths[element] = variable }
    for element in [48, 54, 55, 62, 63, 72, 105, 111, 123, 124, 125, 127] {
      lengths[element] = longVariable
    }
    return lengths
  }()

  private let text: UnsafeMutableRawBufferPointer
  private let spare = UnsafeMutableRawBufferPointer.allocate(byteCount: 96, alignment: 8)
  private let rateText = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 8)
  private var ranges = [Range<Int>](repeating: 0..<0, count: 129)
  private let table: [UInt8]?
  private let layout = IPMMessage.layout
  /// Elements that carry private data subelements (PDS), in the order in which they run over.
  private let carriers = [48, 62, 123, 124, 125]

  /// Reads messages in ASCII, or through a table in an EBCDIC code page.
  init(table: [UInt8]?) {
    self.table = table
    text = .allocate(byteCount: IPMFraming.recordMax + 8, alignment: 8)
  }

  deinit {
    text.deallocate()
    spare.deallocate()
    rateText.deallocate()
  }

  /// Cuts a record into its elements.
  func read(_ record: UnsafeRawBufferPointer) throws(Fault) {
    guard record.count >= 20 else { throw Fault(why: "is shorter than its bitmap") }
    text.copyMemory(from: record)
    if let table {
      table.withUnsafeBufferPointer { table in
        // The bitmaps between are no text.
        for index in 0..<4 { text[index] = table[Int(text[index])] }
        for index in 20..<record.count { text[index] = table[Int(text[index])] }
      }
    }
    let first = UInt64(bigEndian: text.loadUnaligned(fromByteOffset: 4, as: UInt64.self))
    let second = UInt64(bigEndian: text.loadUnaligned(fromByteOffset: 12, as: UInt64.self))
    guard first >> 63 == 1 else { throw Fault(why: "has no secondary bitmap") }
    for element in 1..<129 { ranges[element] = 0..<0 }
    var offset = 20
    var bits = first << 1
    var element = 2
    for half in 0..<2 {
      while bits != 0 {
        let skip = bits.leadingZeroBitCount
        element += skip
        bits = skip == 63 ? 0 : bits << UInt64(skip + 1)
        offset = try take(element, at: offset, limit: record.count)
        element += 1
      }
      if half == 0 {
        bits = second
        element = 65
      }
    }
    guard offset == record.count else {
      throw Fault(why: "holds \(record.count - offset) bytes after its last element")
    }
  }

  private func take(_ element: Int, at start: Int, limit: Int) throws(Fault) -> Int {
    let kind = layout[element]
    guard kind != 0 else { throw Fault(why: "carries DE\(element), which no layout describes") }
    var offset = start
    var length = kind
    if kind < 0 {
      guard let size = number(offset, -kind, limit) else {
        throw Fault(why: "DE\(element) has no readable length")
      }
      length = size
      offset -= kind
    }
    guard offset + length <= limit else { throw Fault(why: "ends within DE\(element)") }
    ranges[element] = offset..<(offset + length)
    return offset + length
  }

  private func number(_ offset: Int, _ count: Int, _ limit: Int) -> Int? {
    guard offset + count <= limit else { return nil }
    var value = 0
    for byte in text[offset..<(offset + count)] {
      guard byte &- 0x30 < 10 else { return nil }
      value = value * 10 + Int(byte - 0x30)
    }
    return value
  }

  /// The message type indicator.
  var type: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: text[0..<4]) }

  /// An element's bytes, empty where it is absent.
  @inline(__always)
  subscript(_ element: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: text[ranges[element]])
  }

  /// An element without the blanks around it.
  func trimmed(_ element: Int) -> UnsafeRawBufferPointer {
    var range = ranges[element]
    while let last = range.last, text[last] == 0x20 { range = range.lowerBound..<last }
    while let first = range.first, text[first] == 0x20 { range = (first + 1)..<range.upperBound }
    return UnsafeRawBufferPointer(rebasing: text[range])
  }

  /// Two elements with a point between them, trimmed; the bytes live until the next message.
  func joined(_ left: Int, _ right: Int) -> UnsafeRawBufferPointer {
    let parts = [trimmed(left), trimmed(right)]
    var count = 0
    for (index, part) in parts.enumerated() where part.count <= 40 {
      if index > 0 {
        spare[count] = 0x2E
        count += 1
      }
      UnsafeMutableRawBufferPointer(rebasing: spare[count...]).copyMemory(from: part)
      count += part.count
    }
    return UnsafeRawBufferPointer(rebasing: spare[..<count])
  }

  /// A rate of eight digits, of which the first counts decimals, as a decimal; empty where there is none.
  ///
  /// The bytes live until the next message.
  func rate(_ element: Int) -> UnsafeRawBufferPointer {
    let digits = self[element]
    guard digits.count == 8, digits.allSatisfy({ $0 &- 0x30 < 10 }), digits[0] < 0x38 else {
      return UnsafeRawBufferPointer(start: nil, count: 0)
    }
    let whole = 7 - Int(digits[0] - 0x30)
    var count = 0
    func put(_ byte: UInt8) {
      rateText[count] = byte
      count += 1
    }
    // A zero stands before a point that would come first.
    if whole == 0 { put(0x30) }
    for (index, digit) in digits.dropFirst().enumerated() {
      if index == whole { put(0x2E) }
      put(digit)
    }
    return UnsafeRawBufferPointer(rebasing: rateText[..<count])
  }

  /// A private data subelement: a tag of 4 and a length of 3 digits, then the value.
  ///
  /// - Parameter tag: Such as 25 for PDS 0025.
  /// - Returns: Its bytes, nil where the message has none.
  /// - Throws: A fault where the subelements of the message cannot be cut.
  func subelement(_ tag: Int) throws(Fault) -> UnsafeRawBufferPointer? {
    for element in carriers {
      var offset = ranges[element].lowerBound
      let end = ranges[element].upperBound
      while offset < end {
        guard let found = number(offset, 4, end), let size = number(offset + 4, 3, end),
          offset + 7 + size <= end
        else { throw Fault(why: "has a broken subelement in DE\(element)") }
        let range = (offset + 7)..<(offset + 7 + size)
        if found == tag { return UnsafeRawBufferPointer(rebasing: text[range]) }
        offset = range.upperBound
      }
    }
    return nil
  }
}
