import Civil
import Foundation
import Ledger

/// Whether two byte ranges of equal length hold the same.
@inline(__always)
func sameBytes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
  guard left.count == right.count, let one = left.baseAddress, let other = right.baseAddress else {
    return left.count == right.count
  }
  return memcmp(one, other, left.count) == 0
}

/// Whether two byte ranges of equal length hold the same; of both eight bytes past the end can be read.
@inline(__always)
func samePaddedBytes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
  guard let one = left.baseAddress, let other = right.baseAddress else { return true }
  var index = 0
  while index < left.count {
    let differs =
      one.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      ^ other.loadUnaligned(fromByteOffset: index, as: UInt64.self)
    let rest = left.count - index
    guard differs & (rest >= 8 ? .max : .max >> UInt64(64 - 8 * rest)) == 0 else { return false }
    index += 8
  }
  return true
}

/// Whether a field is an id of 1 to 40 bytes `A-Z a-z 0-9 . _ -`.
@inline(__always)
func isID(_ field: UnsafeRawBufferPointer) -> Bool {
  guard field.count > 0, field.count <= 40 else { return false }
  // One bit for each byte from 0x00 to 0x3F, and from 0x40 to 0x7F, that may stand in an id.
  let low: UInt64 = 0x03FF_6000_0000_0000
  let high: UInt64 = 0x07FF_FFFE_87FF_FFFE
  var all: UInt64 = 1
  for byte in field {
    let word = byte < 0x40 ? low : high
    all &= (word >> UInt64(byte & 0x3F)) & ~UInt64(byte >> 7)
  }
  return all & 1 == 1
}

/// Digits only, at most 18, no leading zero.
@inline(__always)
func amountMinor(_ field: UnsafeRawBufferPointer) -> Int64? {
  guard field.count == 1 || field.first != 0x30 else { return nil }
  return paddedMinor(field)
}

/// Digits only, at most 18.
@inline(__always)
func paddedMinor(_ field: UnsafeRawBufferPointer) -> Int64? {
  guard (1...18).contains(field.count) else { return nil }
  var value: Int64 = 0
  for byte in field {
    let digit = byte &- 0x30
    guard digit < 10 else { return nil }
    value = value &* 10 &+ Int64(digit)
  }
  return value
}

/// `[0-9]{1,18}` and at most `exponent` decimals, of which further ones may only be zeros.
func decimalMinor(_ field: UnsafeRawBufferPointer, point: UInt8, exponent: Int) -> Int64? {
  var value: Int64 = 0
  var whole = 0
  var decimals = -1
  for byte in field {
    if byte == point {
      guard decimals < 0, whole > 0 else { return nil }
      decimals = 0
      continue
    }
    let digit = byte &- 0x30
    guard digit < 10 else { return nil }
    if decimals < 0 {
      whole += 1
    } else {
      decimals += 1
      guard decimals <= exponent else {
        guard digit == 0, decimals <= 5 else { return nil }
        continue
      }
    }
    let (ten, over) = value.multipliedReportingOverflow(by: 10)
    let (next, more) = ten.addingReportingOverflow(Int64(digit))
    guard !over, !more else { return nil }
    value = next
  }
  guard (1...18).contains(whole), decimals != 0 else { return nil }
  var missing = exponent - max(0, min(decimals, exponent))
  while missing > 0 {
    let (ten, over) = value.multipliedReportingOverflow(by: 10)
    guard !over else { return nil }
    value = ten
    missing -= 1
  }
  return value
}

extension ShortID {
  /// Takes an exact decimal above 0 over, `[0-9]+` and after a point `[0-9]+`, with a full stop for the
  /// feed's point; false where the field is none.
  ///
  /// What stood before must be empty.
  mutating func set(rate field: UnsafeRawBufferPointer, point: UInt8) -> Bool {
    let parts = field.split(separator: point, maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count <= 2, field.contains(where: { (0x31...0x39).contains($0) }),
      parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0 &- 0x30 < 10 } })
    else { return false }
    return Array(parts.joined(separator: [0x2E])).withUnsafeBytes { set($0) }
  }
}

/// Four digits: the MCC is a text, `0742` exists.
@inline(__always)
func categoryCode(_ field: UnsafeRawBufferPointer) -> Int16? {
  guard field.count == 4, let value = decimal(field, 0, 4) else { return nil }
  return Int16(value)
}

/// Two capital letters as one number; nil for anything else.
@inline(__always)
func countryCode(_ field: UnsafeRawBufferPointer) -> Int16? {
  guard field.count == 2, (0x41...0x5A).contains(field[0]), (0x41...0x5A).contains(field[1]) else {
    return nil
  }
  return Int16(field[0]) << 8 | Int16(field[1])
}

/// Reads ISO instants; rows of a file mostly share a day, which is worked out once.
struct DayCache {
  private var bytes: (UInt64, UInt16) = (0, 0)
  private var day: CivilDate?
  /// The last offset, as text and in seconds.
  private var zone: (UInt32, UInt16) = (0, 0)
  private var ahead: Int64 = 0

  /// The day of the first ten bytes.
  @inline(__always)
  private mutating func day(_ field: UnsafeRawBufferPointer) -> CivilDate? {
    let found = (
      field.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
      field.loadUnaligned(fromByteOffset: 8, as: UInt16.self)
    )
    if found != bytes {
      bytes = found
      day = CivilDate(iso: UnsafeRawBufferPointer(rebasing: field[0..<10]))
    }
    return day
  }

  /// An ISO instant; the day is that of the text's own offset, or of the clock where the text is
  /// UTC.
  @inline(__always)
  mutating func isoTime(
    _ field: UnsafeRawBufferPointer,
    _ clock: WallClock?
  ) -> (Instant, CivilDate)? {
    guard field.count == 20 || field.count == 25, field[19] != 0x2E else {
      if let clock, field.count == 19 || field.count == 10 { return localTime(field, clock) }
      return isoTimeWithFraction(field, clock)
    }
    guard let day = day(field), field[10] == 0x54, let second = secondOfDay(field, 11) else {
      return nil
    }
    var seconds = Int64(day.days) * 86_400 + second
    if field.count == 20 {
      guard field[19] == 0x5A else { return nil }
      let instant = Instant(microseconds: seconds * 1_000_000)
      return (instant, clock?.day(instant) ?? day)
    }
    guard let offset = offset(field) else { return nil }
    seconds -= offset
    return (Instant(microseconds: seconds * 1_000_000), day)
  }

  /// Seconds that the clock of `…+02:00` is ahead of UTC.
  @inline(__always)
  private mutating func offset(_ field: UnsafeRawBufferPointer) -> Int64? {
    let found = (
      field.loadUnaligned(fromByteOffset: 19, as: UInt32.self),
      field.loadUnaligned(fromByteOffset: 23, as: UInt16.self)
    )
    if found != zone {
      guard field[19] == 0x2B || field[19] == 0x2D, let hours = decimal(field, 20, 2), hours < 15,
        field[22] == 0x3A, let minutes = decimal(field, 23, 2), minutes < 60
      else { return nil }
      zone = found
      ahead = Int64(hours * 3600 + minutes * 60) * (field[19] == 0x2B ? 1 : -1)
    }
    return ahead
  }
}

/// Seconds of the day that `hh:mm:ss` tells, eight bytes at once; nil where it is none.
@inline(__always)
private func secondOfDay(_ field: UnsafeRawBufferPointer, _ start: Int) -> Int64? {
  let word = UInt64(
    littleEndian: field.loadUnaligned(fromByteOffset: start, as: UInt64.self)
  )
  // Digits become 0 to 9 and colons 0; whatever else stands there has a bit among the high four, or
  // is above what the additions let pass.
  let parts = word ^ 0x3030_3A30_303A_3030
  let beyond = parts &+ 0x7676_7F76_767F_7676
  guard (parts | beyond) & 0x8080_8080_8080_8080 == 0 else { return nil }
  let pairs = (parts & 0x0F00_000F_0000_0F00) >> 8 &+ (parts & 0x000F_0000_0F00_000F) &* 10
  let (hour, minute) = (pairs & 0xFF, pairs >> 24 & 0xFF)
  let second = pairs >> 48 & 0xFF
  guard hour < 24, minute < 60, second < 60 else { return nil }
  return Int64(hour * 3600 + minute * 60 + second)
}

/// An ISO time without offset on the zone's clock, or a day alone, which is its first second.
private func localTime(_ field: UnsafeRawBufferPointer, _ clock: WallClock) -> (Instant, CivilDate)?
{
  guard let day = CivilDate(iso: UnsafeRawBufferPointer(rebasing: field[0..<10])) else {
    return nil
  }
  guard field.count == 19 else { return (clock.instant(day, second: 0), day) }
  guard field[10] == 0x54, field[13] == 0x3A, field[16] == 0x3A,
    let hour = decimal(field, 11, 2), hour < 24, let minute = decimal(field, 14, 2), minute < 60,
    let second = decimal(field, 17, 2), second < 60
  else { return nil }
  return (clock.instant(day, second: hour * 3600 + minute * 60 + second), day)
}

/// An ISO instant with fractions of a second, which are cut: `…:07.123Z`.
private func isoTimeWithFraction(
  _ field: UnsafeRawBufferPointer,
  _ clock: WallClock?
) -> (Instant, CivilDate)? {
  guard field.count > 21, field[19] == 0x2E else { return nil }
  var end = 20
  while end < field.count, (0x30...0x39).contains(field[end]) { end += 1 }
  guard (21...29).contains(end) else { return nil }
  let start = UnsafeRawBufferPointer(rebasing: field[0..<10])
  let text =
    String(decoding: field[0..<19], as: UTF8.self) + String(decoding: field[end...], as: UTF8.self)
  guard let instant = Instant(text), let day = CivilDate(iso: start) else { return nil }
  return (instant, field.last == 0x5A ? clock?.day(instant) ?? day : day)
}

/// Seconds since 1970; the day is that of the clock, or of UTC.
func unixTime(_ field: UnsafeRawBufferPointer, _ clock: WallClock?) -> (Instant, CivilDate)? {
  guard field.count <= 11, let seconds = amountMinor(field) else { return nil }
  let instant = Instant(microseconds: seconds * 1_000_000)
  return (instant, clock?.day(instant) ?? instant.date)
}

/// A wall-clock time without offset, in the zone of the clock.
func wallTime(
  _ field: UnsafeRawBufferPointer,
  _ form: CardFeedProfile.Times,
  _ clock: WallClock?
) -> (Instant, CivilDate)? {
  let year: Int?
  let places: (month: Int, day: Int, hour: Int, minute: Int, second: Int)
  switch form {
  case .compact:
    guard field.count == 14 else { return nil }
    year = decimal(field, 0, 4)
    places = (4, 6, 8, 10, 12)
  case .local:
    guard field.count == 19, field[4] == 0x2D, field[7] == 0x2D, field[10] == 0x20,
      field[13] == 0x3A, field[16] == 0x3A
    else { return nil }
    year = decimal(field, 0, 4)
    places = (5, 8, 11, 14, 17)
  case .european:
    guard field.count == 19, field[2] == 0x2E, field[5] == 0x2E, field[10] == 0x20,
      field[13] == 0x3A, field[16] == 0x3A
    else { return nil }
    year = decimal(field, 6, 4)
    places = (3, 0, 11, 14, 17)
  default:
    guard field.count == 12 else { return nil }
    year = decimal(field, 0, 2).map { 2000 + $0 }
    places = (2, 4, 6, 8, 10)
  }
  guard let year, let month = decimal(field, places.month, 2),
    let dayOfMonth = decimal(field, places.day, 2),
    let day = CivilDate(year: year, month: month, day: dayOfMonth),
    let hour = decimal(field, places.hour, 2), hour < 24,
    let minute = decimal(field, places.minute, 2), minute < 60,
    let second = decimal(field, places.second, 2), second < 60
  else { return nil }
  let inDay = hour * 3600 + minute * 60 + second
  guard let clock else {
    return (Instant(microseconds: (Int64(day.days) * 86_400 + Int64(inDay)) * 1_000_000), day)
  }
  return (clock.instant(day, second: inDay), day)
}
