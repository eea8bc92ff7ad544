/// Masks what looks like a card number in free text: scheme prefix, length and Luhn digit.
///
/// Declared id columns are not given to this function (their feed profile exempts them). Digits
/// may be separated by single blanks or hyphens. What is masked keeps its first six and last four.
package func maskCardNumbers(_ text: String) -> String {
  var bytes = Array(text.utf8)
  var changed = false
  var start = 0
  while start < bytes.count {
    guard isDigit(bytes[start]), start == 0 || !isDigit(bytes[start - 1]) else {
      start += 1
      continue
    }
    let positions = digitRun(bytes, from: start)
    if let length = cardNumberLength(positions.map { bytes[$0] - 0x30 }) {
      for position in positions[6..<(length - 4)] { bytes[position] = UInt8(ascii: "*") }
      changed = true
      start = positions[length - 1] + 1
    } else {
      start += 1
    }
  }
  return changed ? String(decoding: bytes, as: UTF8.self) : text
}

/// Whether the digits of an id would pass as a card number: used where a token is expected.
package func looksLikeCardNumber(_ text: UnsafeRawBufferPointer) -> Bool {
  guard (13...19).contains(text.count), text.allSatisfy(isDigit) else { return false }
  return cardNumberLength(text.map { $0 - 0x30 }) == text.count
}

private func isDigit(_ byte: UInt8) -> Bool {
  (0x30...0x39).contains(byte)
}

/// Positions of up to 19 digits from `start`, single separators skipped.
private func digitRun(_ bytes: [UInt8], from start: Int) -> [Int] {
  var positions: [Int] = []
  var index = start
  while index < bytes.count, positions.count < 19 {
    if isDigit(bytes[index]) {
      positions.append(index)
    } else if bytes[index] != 0x20 && bytes[index] != 0x2D || index + 1 >= bytes.count
      || !isDigit(bytes[index + 1])
    {
      break
    }
    index += 1
  }
  return positions
}

/// The length of the card number that the digits begin with, nil where none fits.
private func cardNumberLength(_ digits: [UInt8]) -> Int? {
  guard digits.count >= 13 else { return nil }
  let two = Int(digits[0]) * 10 + Int(digits[1])
  let four = two * 100 + Int(digits[2]) * 10 + Int(digits[3])
  let lengths: [Int] =
    switch (digits[0], two, four) {
    case (4, _, _): [13, 16, 19]
    case (_, 51...55, _), (_, _, 2221...2720): [16]
    case (_, 34, _), (_, 37, _): [15]
    case (_, _, 3528...3589), (_, 65, _), (_, _, 6011), (_, 62, _): [16, 17, 18, 19]
    case (_, 36, _), (_, 38...39, _), (_, 30, _): [14]
    case (_, 50, _), (_, 56...58, _), (6, _, _): [13, 14, 15, 16, 17, 18, 19]
    default: []
    }
  return lengths.first { $0 <= digits.count && luhn(digits[0..<$0]) }
}

private func luhn(_ digits: ArraySlice<UInt8>) -> Bool {
  var sum = 0
  for (offset, digit) in digits.reversed().enumerated() {
    let value = offset % 2 == 1 ? Int(digit) * 2 : Int(digit)
    sum += value > 9 ? value - 9 : value
  }
  return sum % 10 == 0
}
