/// Card numbers in text from outside: where they are looked for, and what becomes of them.
///
/// A card number is a run of 13 to 19 digits with the prefix and length of a scheme (all begin with 2 to 6)
/// and Luhn's check digit. Of random numbers of 16 digits 3.5 of 100 read as one, so a feed whose references
/// are such numbers says so in its profile.

/// Masks card numbers in free text, and keeps their first six and last four digits.
///
/// Digits may stand in groups, with up to three blanks, hyphens, dots or the like between two of them, and
/// zeros or other words may stand before them.
package func maskCardNumbers(_ text: String) -> String {
  var bytes = Array(text.utf8)
  var changed = false
  var start = 0
  while start < bytes.count {
    guard isDigit(bytes[start]), start == 0 || !isDigit(bytes[start - 1]) else {
      start += 1
      continue
    }
    // A number begins a group of digits, behind the zeros that fill it up.
    while start + 1 < bytes.count, bytes[start] == 0x30, isDigit(bytes[start + 1]) { start += 1 }
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

/// Whether an id of `A-Z a-z 0-9 . _ -` holds a card number.
///
/// Looked at are runs of digits, and groups as on cards (4-4-4-4, 4-6-5 …) with one of `. _ -` between two
/// of them. A run beside letters counts where the id has no other digits: a random id of letters and digits
/// is none.
@inline(__always)
package func holdsCardNumber(_ id: UnsafeRawBufferPointer) -> Bool {
  // Of 13 places in a row one is the 13th, 26th or 39th: most ids are done with one look.
  var place = 12
  while place < id.count {
    if isDigit(id[place]) || isJoint(id[place]) { return findsCardNumber(id) }
    place += 13
  }
  return false
}

/// Whether an id holds a card number.
package func holdsCardNumber(_ id: String) -> Bool {
  var text = id
  return text.withUTF8 { holdsCardNumber(UnsafeRawBufferPointer($0)) }
}

/// An id with an `x` for each digit of a card number that may not be kept: an id still.
///
/// For identities of files that are not refused for it. The same number always gives the same id; two
/// numbers with the same first six and last four digits would give one, and the second is then told as a
/// repeat with other content.
package func maskedID(_ id: String) -> String {
  guard holdsCardNumber(id) else { return id }
  var bytes = Array(id.utf8)
  let places = bytes.indices.filter { isDigit(bytes[$0]) }
  for place in places.dropFirst(6).dropLast(4) { bytes[place] = UInt8(ascii: "x") }
  return String(decoding: bytes, as: UTF8.self)
}

/// The id of a bank account as it is kept: an IBAN whose check digits are right as it is, since some read as
/// card numbers; of any other a card number is masked.
package func keptAccount(_ id: String) -> String {
  if isIBAN(id) { return id }
  return isID(id) ? maskedID(id) : maskCardNumbers(id)
}

/// Whether a text is an IBAN (ISO 13616) whose check digits are right.
func isIBAN(_ text: String) -> Bool {
  let bytes = Array(text.utf8)
  guard (15...34).contains(bytes.count), bytes[2...3].allSatisfy(isDigit),
    bytes[..<2].allSatisfy({ (0x41...0x5A).contains($0) }),
    bytes.allSatisfy({ isDigit($0) || (0x41...0x5A).contains($0) })
  else { return false }
  return mod97(String(decoding: bytes[4...] + bytes[..<4], as: UTF8.self)) == 1
}

@inline(never)
private func findsCardNumber(_ id: UnsafeRawBufferPointer) -> Bool {
  let digits = id.count(where: isDigit)
  guard digits >= 13 else { return false }
  var start = 0
  while start < id.count {
    guard isDigit(id[start]) else {
      start += 1
      continue
    }
    let end = groupEnd(id, start)
    if reads(id, start..<end, of: digits) { return true }
    for end in cardGroups(id, from: start, firstEnd: end) where reads(id, start..<end, of: digits) {
      return true
    }
    start = end
  }
  return false
}

/// Whether a stretch of an id is a card number, and no part of a random id.
private func reads(_ id: UnsafeRawBufferPointer, _ range: Range<Int>, of all: Int) -> Bool {
  var number: [UInt8] = []
  var zeros = 0
  for place in range where isDigit(id[place]) {
    let digit = id[place] - 0x30
    if digit == 0, number.isEmpty {
      zeros += 1
    } else {
      number.append(digit)
    }
    guard number.count <= 19 else { return false }
  }
  guard isCardNumber(number) else { return false }
  let isAlone =
    (range.lowerBound == 0 || isJoint(id[range.lowerBound - 1]))
    && (range.upperBound == id.count || isJoint(id[range.upperBound]))
  return isAlone || number.count + zeros == all
}

/// Where groups of digits end that are grouped as on cards.
private func cardGroups(_ id: UnsafeRawBufferPointer, from start: Int, firstEnd: Int) -> [Int] {
  guard firstEnd - start == 4 else { return [] }
  var ends: [Int] = []
  var sizes = [4]
  var end = firstEnd
  while sizes.count < 5, end + 1 < id.count, isJoint(id[end]), isDigit(id[end + 1]) {
    let next = groupEnd(id, end + 1)
    sizes.append(next - end - 1)
    end = next
    if [[4, 4, 4, 4], [4, 4, 4, 4, 3], [4, 6, 5], [4, 6, 4], [4, 3, 3, 3]].contains(sizes) {
      ends.append(end)
    }
  }
  return ends
}

private func groupEnd(_ id: UnsafeRawBufferPointer, _ start: Int) -> Int {
  var end = start
  while end < id.count, isDigit(id[end]) { end += 1 }
  return end
}

@inline(__always)
private func isDigit(_ byte: UInt8) -> Bool {
  byte &- 0x30 < 10
}

/// What may stand between groups of digits in an id.
@inline(__always)
private func isJoint(_ byte: UInt8) -> Bool {
  byte == 0x2D || byte == 0x2E || byte == 0x5F
}

/// Positions of up to 19 digits from `start`; what parts groups is skipped.
private func digitRun(_ bytes: [UInt8], from start: Int) -> [Int] {
  var positions: [Int] = []
  var index = start
  while index < bytes.count, positions.count < 19 {
    if isDigit(bytes[index]) {
      positions.append(index)
      index += 1
      continue
    }
    var next = index
    for _ in 0..<3 { next += separatorLength(bytes, next) }
    guard next > index, next < bytes.count, isDigit(bytes[next]) else { break }
    index = next
  }
  return positions
}

/// Bytes of the character that parts groups at a place: a blank, hyphen, dot, slash or low line, a blank
/// that does not break, a thin one, or a hyphen or dash of typesetters; 0 where another stands there.
private func separatorLength(_ bytes: [UInt8], _ index: Int) -> Int {
  guard index < bytes.count else { return 0 }
  switch bytes[index] {
  case 0x20, 0x2F, 0x2D, 0x2E, 0x5F: return 1
  case 0xC2: return index + 1 < bytes.count && bytes[index + 1] == 0xA0 ? 2 : 0
  case 0xE2:
    guard index + 2 < bytes.count, bytes[index + 1] == 0x80 else { return 0 }
    return [0x87, 0x88, 0x89, 0x90, 0x91, 0x92, 0x93, 0x94, 0xAF].contains(bytes[index + 2]) ? 3 : 0
  default: return 0
  }
}

/// The length of the card number that the digits begin with, nil where none fits; of several the longest, so
/// that none keeps digits of a longer one.
private func cardNumberLength(_ digits: [UInt8]) -> Int? {
  schemeLengths(digits).last { $0 <= digits.count && luhn(digits[0..<$0]) }
}

/// Whether the digits are a card number, from the first to the last.
private func isCardNumber(_ digits: [UInt8]) -> Bool {
  schemeLengths(digits).contains(digits.count) && luhn(digits[...])
}

/// The lengths of the scheme whose prefix the digits begin with.
private func schemeLengths(_ digits: [UInt8]) -> [Int] {
  guard digits.count >= 13 else { return [] }
  let two = Int(digits[0]) * 10 + Int(digits[1])
  let four = two * 100 + Int(digits[2]) * 10 + Int(digits[3])
  return switch (digits[0], two, four) {
  case (4, _, _): [13, 16, 19]
  case (_, 51...55, _), (_, _, 2221...2720): [16]
  case (_, 34, _), (_, 37, _): [15]
  case (_, _, 3528...3589), (_, 65, _), (_, _, 6011), (_, 62, _), (_, _, 2200...2204):
    [16, 17, 18, 19]
  case (_, 36, _), (_, 38...39, _), (_, 30, _): [14]
  case (_, 50, _), (_, 56...58, _), (6, _, _): [13, 14, 15, 16, 17, 18, 19]
  default: []
  }
}

private func luhn(_ digits: ArraySlice<UInt8>) -> Bool {
  var sum = 0
  for (offset, digit) in digits.reversed().enumerated() {
    let value = offset % 2 == 1 ? Int(digit) * 2 : Int(digit)
    sum += value > 9 ? value - 9 : value
  }
  return sum % 10 == 0
}
