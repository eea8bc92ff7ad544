/// The days on which a partner or a bank is open: data with a name, a version and an end.
package struct BusinessCalendar: Sendable, Equatable {
  /// Short name, as terms and screens call it.
  package let name: String
  /// First day that the calendar describes.
  package let validFrom: CivilDate
  /// Last day that the calendar describes; past it every question is refused.
  package let validTo: CivilDate
  /// Closed days beside Saturday and Sunday.
  package let closed: Set<CivilDate>

  package init(name: String, validFrom: CivilDate, validTo: CivilDate, closed: Set<CivilDate>) {
    self.name = name
    self.validFrom = validFrom
    self.validTo = validTo
    self.closed = closed
  }

  /// Whether the day is neither a weekend day nor closed.
  package func isOpen(_ date: CivilDate) -> Bool {
    date.weekday <= 5 && !closed.contains(date)
  }

  /// The first open day on or after `date`.
  package func open(onOrAfter date: CivilDate) throws(CalendarError) -> CivilDate {
    var day = date
    while !isOpen(day) { day = day.adding(days: 1) }
    guard day >= validFrom, day <= validTo else {
      throw CalendarError(name: name, date: day, validFrom: validFrom, validTo: validTo)
    }
    return day
  }

  /// The open day that lies `count` open days after `date`.
  package func adding(_ count: Int, to date: CivilDate) throws(CalendarError) -> CivilDate {
    var day = date
    for _ in 0..<count { day = try open(onOrAfter: day.adding(days: 1)) }
    return day
  }

  /// Open days strictly after `from` and up to `to`; 0 where `to` is not later.
  package func openDays(after from: CivilDate, through to: CivilDate) -> Int {
    guard to > from else { return 0 }
    return (from.days + 1...to.days).count { isOpen(CivilDate(days: $0)) }
  }

  /// Easter Sunday of a year (Gregorian computus).
  package static func easter(of year: Int) -> CivilDate? {
    let golden = year % 19
    let century = year / 100
    let skipped = (century - century / 4 - (8 * century + 13) / 25 + 19 * golden + 15) % 30
    let moon = skipped - skipped / 28 * (1 - 29 / (skipped + 1) * ((21 - golden) / 11))
    let weekday = (year + year / 4 + moon + 2 - century + century / 4) % 7
    let offset = moon - weekday
    let month = 3 + (offset + 40) / 44
    return CivilDate(year: year, month: month, day: offset + 28 - 31 * (month / 4))
  }

  /// Closing days of TARGET in a year: 1 January, Good Friday, Easter Monday, 1 May, 25 and
  /// 26 December (European Central Bank, in force since 2002).
  package static func targetClosingDays(of year: Int) -> Set<CivilDate> {
    let fixed = [(1, 1), (5, 1), (12, 25), (12, 26)]
      .compactMap { CivilDate(year: year, month: $0.0, day: $0.1) }
    guard let easter = easter(of: year) else { return Set(fixed) }
    return Set(fixed + [easter.adding(days: -2), easter.adding(days: 1)])
  }
}

/// A question about a day that the calendar does not describe.
package struct CalendarError: Error, Equatable, CustomStringConvertible {
  package let name: String
  package let date: CivilDate
  package let validFrom: CivilDate
  package let validTo: CivilDate

  package var description: String {
    "calendar \(name) holds \(validFrom) to \(validTo); \(date) lies outside"
  }
}
