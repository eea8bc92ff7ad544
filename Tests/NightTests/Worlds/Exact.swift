/// An exact fraction: the oracle never rounds before a law says so, and then by its own hand.
struct Exact: Comparable, Hashable, CustomStringConvertible {
  let over: Int128
  let under: Int128

  init(_ over: Int128, _ under: Int128 = 1) {
    var (a, b) = (abs(over), abs(under))
    while b != 0 { (a, b) = (b, a % b) }
    let divisor = (a == 0 ? 1 : a) * (under < 0 ? -1 : 1)
    self.over = over / divisor
    self.under = under / divisor
  }

  init(_ whole: Int) { self.init(Int128(whole)) }

  /// A decimal as terms write it, such as 0.0085.
  init(decimal: String) {
    let parts = decimal.split(separator: ".")
    let places = parts.count > 1 ? parts[1].count : 0
    let digits = Int128(parts.joined()) ?? 0
    self.init(digits, (0..<places).reduce(1) { ten, _ in ten * 10 })
  }

  static let zero = Exact(0)

  static func + (a: Exact, b: Exact) -> Exact {
    Exact(a.over * b.under + b.over * a.under, a.under * b.under)
  }
  static func - (a: Exact, b: Exact) -> Exact {
    Exact(a.over * b.under - b.over * a.under, a.under * b.under)
  }
  static func * (a: Exact, b: Exact) -> Exact { Exact(a.over * b.over, a.under * b.under) }
  static func / (a: Exact, b: Exact) -> Exact { Exact(a.over * b.under, a.under * b.over) }
  static func < (a: Exact, b: Exact) -> Bool { a.over * b.under < b.over * a.under }

  /// The greatest whole number that is not above; of numbers that are not negative.
  var floor: Int { Int(over / under) }

  var isWhole: Bool { under == 1 }

  /// The whole number that a named rule makes of a number that is not negative.
  func rounded(_ rule: WorldRounding) -> Int {
    let rest = Exact(over % under, under)
    let half = Exact(1, 2)
    let isUp =
      switch rule {
      case .down: false
      case .halfUp: rest >= half
      case .halfEven: rest > half || rest == half && floor % 2 == 1
      }
    return floor + (isUp ? 1 : 0)
  }

  var description: String { isWhole ? "\(over)" : "\(over)/\(under)" }
}

/// A day by its number since 1970-01-01, with the oracle's own calendar.
struct WorldDay: Comparable, Hashable, CustomStringConvertible {
  let number: Int

  init(_ number: Int) { self.number = number }

  init(_ year: Int, _ month: Int, _ day: Int) {
    var number = 0
    for past in 1970..<year { number += WorldDay.isLeap(past) ? 366 : 365 }
    for past in 1..<month { number += WorldDay.days(past, year) }
    self.init(number + day - 1)
  }

  /// A day written as 2026-11-30.
  init(_ text: String) {
    let parts = text.split(separator: "-").compactMap { Int($0) }
    self.init(parts[0], parts[1], parts[2])
  }

  private static func isLeap(_ year: Int) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  static func days(_ month: Int, _ year: Int) -> Int {
    month == 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
  }

  var parts: (year: Int, month: Int, day: Int) {
    var (year, rest) = (1970, number)
    while rest >= (WorldDay.isLeap(year) ? 366 : 365) {
      rest -= WorldDay.isLeap(year) ? 366 : 365
      year += 1
    }
    var month = 1
    while rest >= WorldDay.days(month, year) {
      rest -= WorldDay.days(month, year)
      month += 1
    }
    return (year, month, rest + 1)
  }

  /// Monday is 0.
  var weekday: Int { (number + 3) % 7 }

  /// The same day some months later, or the last of that month where it has no such day.
  func adding(months: Int) -> WorldDay {
    let (year, month, day) = parts
    let later = year * 12 + month - 1 + months
    let (newYear, newMonth) = (later / 12, later % 12 + 1)
    return WorldDay(newYear, newMonth, min(day, WorldDay.days(newMonth, newYear)))
  }

  var monthEnd: WorldDay {
    let (year, month, _) = parts
    return WorldDay(year, month, WorldDay.days(month, year))
  }

  var yearEnd: WorldDay { WorldDay(parts.year, 12, 31) }

  static func + (day: WorldDay, days: Int) -> WorldDay { WorldDay(day.number + days) }
  static func < (a: WorldDay, b: WorldDay) -> Bool { a.number < b.number }

  var description: String {
    let (year, month, day) = parts
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(year)-\(two(month))-\(two(day))"
  }
}
