/// A day of the proleptic Gregorian calendar, without time or zone.
package struct CivilDate: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Days since 1970-01-01.
  package let days: Int32

  package init(days: Int32) {
    self.days = days
  }

  /// Makes the day of a year, month (1–12) and day (1–31), nil where no such day exists.
  package init?(year: Int, month: Int, day: Int) {
    guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
      day <= CivilDate.daysIn(month: month, of: year)
    else { return nil }
    // Days from civil, counted in 400-year eras that begin on 1 March.
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    days = Int32(era * 146_097 + dayOfEra - 719_468)
  }

  /// Reads exactly `yyyy-mm-dd`; anything else is nil.
  package init?(iso text: UnsafeRawBufferPointer) {
    guard text.count == 10, text[4] == 0x2D, text[7] == 0x2D,
      let year = decimal(text, 0, 4), let month = decimal(text, 5, 2),
      let day = decimal(text, 8, 2)
    else { return nil }
    self.init(year: year, month: month, day: day)
  }

  /// Reads exactly `yyyy-mm-dd`; anything else is nil.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard let value = bytes.withUnsafeBytes({ CivilDate(iso: $0) }) else { return nil }
    self = value
  }

  /// Year, month and day of the calendar.
  package var components: (year: Int, month: Int, day: Int) {
    let shifted = Int(days) + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let part = (5 * dayOfYear + 2) / 153
    let month = part < 10 ? part + 3 : part - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * part + 2) / 5 + 1)
  }

  /// Year × 12 + month – 1: equal for all days of one calendar month.
  package var monthIndex: Int32 {
    let (year, month, _) = components
    return Int32(year * 12 + month - 1)
  }

  /// ISO weekday, 1 = Monday … 7 = Sunday.
  package var weekday: Int {
    let remainder = (Int(days) + 3) % 7
    return (remainder < 0 ? remainder + 7 : remainder) + 1
  }

  /// Three letters of the English weekday.
  package var weekdayName: String {
    ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][weekday - 1]
  }

  /// The day `count` days later, or earlier where negative.
  package func adding(days count: Int) -> CivilDate {
    CivilDate(days: days + Int32(count))
  }

  /// The same day `count` months later, or the last of that month where it has no such day.
  package func adding(months count: Int) -> CivilDate {
    let (year, month, day) = components
    let index = year * 12 + month - 1 + count
    let (newYear, newMonth) = (index / 12, index % 12 + 1)
    let last = CivilDate.daysIn(month: newMonth, of: newYear)
    return CivilDate(year: newYear, month: newMonth, day: min(day, last)) ?? self
  }

  /// The last day of the month.
  package var endOfMonth: CivilDate {
    let (year, month, day) = components
    return adding(days: CivilDate.daysIn(month: month, of: year) - day)
  }

  /// The 31st of December of the year.
  package var endOfYear: CivilDate {
    CivilDate(year: components.year, month: 12, day: 31) ?? self
  }

  /// `yyyy-mm-dd`.
  package var description: String {
    let (year, month, day) = components
    return pad(year, 4) + "-" + pad(month, 2) + "-" + pad(day, 2)
  }

  /// `yyyymmdd`, as file names carry it.
  package var compact: String {
    description.filter { $0 != "-" }
  }

  package static func < (left: CivilDate, right: CivilDate) -> Bool {
    left.days < right.days
  }

  private static func daysIn(month: Int, of year: Int) -> Int {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
    return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
  }
}

/// The number of `count` decimal digits from `offset` on, nil where one is no digit.
@inlinable @inline(__always)
package func decimal(_ text: UnsafeRawBufferPointer, _ offset: Int, _ count: Int) -> Int? {
  guard offset + count <= text.count else { return nil }
  var value = 0
  var index = offset
  while index < offset + count {
    let digit = text[index] &- 0x30
    guard digit < 10 else { return nil }
    value = value &* 10 &+ Int(digit)
    index += 1
  }
  return value
}

/// Decimal digits of a non-negative number, filled with zeros to `width`.
package func pad(_ value: Int, _ width: Int) -> String {
  let digits = String(value)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
