import Civil

/// A line of a partner file: its fields, without the record letter.
package struct RecordLine: Sendable {
  package let number: Int
  package let letter: String
  package let fields: [String]
}

/// Who wrote a daily file for whom, and its place among the others.
struct RecordHead {
  let environment: String
  let sender: String
  let receiver: String
  let number: String
  let sequence: Int
  let date: CivilDate
  let created: String
}

/// The envelope that all partner files share: `;`, CRLF, `H` first, `T` last with the count of
/// records, the count of details and the SHA-256 of all bytes before it (formats §4.1, §7).
package struct RecordFile: Sendable {
  package let name: String
  package let lines: [RecordLine]

  /// Splits and checks the envelope: text, first and last record, counts and digest.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - name: For messages.
  ///   - format: First field of `H`.
  ///   - details: Letters that the trailer counts, each in a field of its own.
  ///   - digest: SHA-256 as lower-case hexadecimal text.
  /// - Throws: A refusal that names the line.
  package init(
    bytes: [UInt8],
    name: String,
    format: String,
    details: [String],
    digest: ([UInt8]) -> String
  ) throws(Refusal) {
    self.name = name
    var lines: [RecordLine] = []
    var lastStart = 0
    var start = 0
    while start < bytes.count {
      guard let end = bytes[start...].firstIndex(of: 0x0D), end + 1 < bytes.count,
        bytes[end + 1] == 0x0A
      else {
        throw Refusal(
          .badRecord,
          "a line does not end with CR LF",
          at: Place(file: name, line: lines.count + 1)
        )
      }
      guard let text = String(validating: bytes[start..<end], as: UTF8.self),
        text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value < 0x7F })
      else {
        throw Refusal(
          .badRecord,
          "a line holds other than printable ASCII",
          at: Place(file: name, line: lines.count + 1)
        )
      }
      var fields = text.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
      let letter = fields.removeFirst()
      lines.append(RecordLine(number: lines.count + 1, letter: letter, fields: fields))
      lastStart = start
      start = end + 2
    }
    self.lines = lines
    try check(format: format, details: details, digest: digest(Array(bytes[..<lastStart])))
  }

  private func check(format: String, details: [String], digest: String) throws(Refusal) {
    guard let head = lines.first, head.letter == "H", head.fields.count >= 2,
      head.fields[0] == format, head.fields[1] == "1"
    else {
      throw Refusal(
        .badRecord,
        "the first record is not H;\(format);1",
        at: Place(file: name, line: 1)
      )
    }
    guard let tail = lines.last, tail.letter == "T", tail.fields.count == details.count + 2,
      lines.count > 1
    else {
      throw Refusal(
        .badTrailer,
        "the last record is no T with \(details.count + 2) fields",
        at: Place(file: name, line: lines.count)
      )
    }
    let counts = [lines.count] + details.map { letter in lines.count { $0.letter == letter } }
    for (index, count) in counts.enumerated() where tail.fields[index] != String(count) {
      throw Refusal(
        .badTrailer,
        "the trailer counts \(tail.fields[index]), the file holds \(count)",
        at: Place(file: name, line: lines.count)
      )
    }
    guard tail.fields[details.count + 1] == digest else {
      throw Refusal(
        .badTrailer,
        "the trailer's digest is not that of the bytes before it",
        at: Place(file: name, line: lines.count)
      )
    }
  }

  /// Reads the `H` record that daily files share (formats §7.2, §7.3).
  func head() throws(Refusal) -> RecordHead {
    let head = try fields(lines[0], count: 9)
    guard let sequence = Int(head.text(6)), let date = CivilDate(head.text(7)) else {
      throw head.bad(6, "no sequence or date")
    }
    return RecordHead(
      environment: head.text(2),
      sender: try head.id(3),
      receiver: try head.id(4),
      number: try head.id(5),
      sequence: sequence,
      date: date,
      created: head.text(8)
    )
  }

  /// The lines with a letter.
  package func records(_ letter: String) -> [RecordLine] {
    lines.filter { $0.letter == letter }
  }

  /// Reads the fields of one line by position, with errors that name it.
  package func fields(_ line: RecordLine, count: Int) throws(Refusal) -> FieldReader {
    guard line.fields.count == count else {
      throw Refusal(
        .badRecord,
        "\(line.letter) has \(line.fields.count) fields, not \(count)",
        at: Place(file: name, line: line.number)
      )
    }
    return FieldReader(file: name, line: line)
  }
}

/// Typed reading of the fields of one record.
package struct FieldReader {
  let file: String
  let line: RecordLine

  /// The text of a field.
  package func text(_ index: Int) -> String { line.fields[index] }

  /// An id of `[A-Za-z0-9._-]{1,40}` that is no card number.
  package func id(_ index: Int) throws(Refusal) -> String {
    let text = try plainID(index)
    try refuseCardNumber(index)
    return text
  }

  /// An id as a key of the sender's own: a card number in it is masked, and the line stays.
  ///
  /// For files whose lines are money that the sender counts: among long numbers of its own some read as card
  /// numbers, and the file must not fail for them.
  package func maskedID(_ index: Int) throws(Refusal) -> String {
    Formats.maskedID(try plainID(index))
  }

  /// An id that is read and kept nowhere.
  package func plainID(_ index: Int) throws(Refusal) -> String {
    guard isID(line.fields[index]) else { throw bad(index, "no id") }
    return line.fields[index]
  }

  /// Free text that is kept: card numbers in it are masked.
  package func note(_ index: Int) -> String { maskCardNumbers(line.fields[index]) }

  /// Refuses a card number in a field of a file whose bytes are kept.
  package func refuseCardNumber(_ index: Int) throws(Refusal) {
    let text = line.fields[index]
    let isClean = isID(text) ? !holdsCardNumber(text) : maskCardNumbers(text) == text
    guard isClean else {
      throw bad(index, "a card number", code: .cardNumber)
    }
  }

  /// A non-negative integer without leading zeros.
  package func number(_ index: Int) throws(Refusal) -> Int64 {
    guard let value = strictInteger(line.fields[index]) else {
      throw bad(index, "no plain integer")
    }
    return value
  }

  /// An integer or nothing.
  package func optionalNumber(_ index: Int) throws(Refusal) -> Int64? {
    line.fields[index].isEmpty ? nil : try number(index)
  }

  /// One of the raw values of an enumeration.
  package func choice<Choice: RawRepresentable>(
    _ index: Int,
    _ type: Choice.Type
  ) throws(Refusal) -> Choice where Choice.RawValue == String {
    guard let value = Choice(rawValue: line.fields[index]) else {
      throw bad(index, "none of the known words")
    }
    return value
  }

  /// A refusal about a field.
  package func bad(_ index: Int, _ why: String, code: ErrorCode = .badRecord) -> Refusal {
    let before =
      line.letter.utf8.count
      + line.fields[..<index].map { $0.utf8.count + 1 }
      .reduce(0, +)
    return Refusal(
      code,
      "field \(index + 1) of \(line.letter) is \(why)",
      at: Place(file: file, line: line.number, column: before + 2)
    )
  }
}

/// Whether a text is an id of partner files.
package func isID(_ text: String) -> Bool {
  (1...40).contains(text.utf8.count) && text.utf8.allSatisfy(isIDByte)
}

/// Whether a byte may stand in an id.
package func isIDByte(_ byte: UInt8) -> Bool {
  switch byte {
  case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2E, 0x5F, 0x2D: true
  default: false
  }
}

/// A non-negative integer below 10^18 in digits only, without leading zeros.
package func strictInteger(_ text: some StringProtocol) -> Int64? {
  let digits = text.utf8
  guard (1...18).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
    digits.count == 1 || digits.first != 0x30
  else { return nil }
  return digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
}

/// Joins lines into an envelope: CRLF, and the trailer with counts and digest.
package struct RecordFileWriter {
  private var bytes: [UInt8] = []
  private var counts: [String: Int] = [:]
  private var total = 0

  package init() {}

  /// Adds a record.
  package mutating func add(_ letter: String, _ fields: [String]) {
    bytes.append(contentsOf: letter.utf8)
    for field in fields {
      bytes.append(0x3B)
      bytes.append(contentsOf: field.utf8)
    }
    bytes.append(0x0D)
    bytes.append(0x0A)
    counts[letter, default: 0] += 1
    total += 1
  }

  /// The whole file, closed by its trailer.
  package consuming func finish(
    details: [String],
    digest: ([UInt8]) -> String
  ) -> [UInt8] {
    let sum = digest(bytes)
    var closed = self
    let numbers = details.map { String(closed.counts[$0, default: 0]) }
    closed.add("T", [String(closed.total + 1)] + numbers + [sum])
    return closed.bytes
  }
}
