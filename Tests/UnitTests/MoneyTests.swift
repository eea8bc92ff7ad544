import Civil
import Ledger
import Testing

@Suite struct MoneyTests {
  @Test(
    arguments: [
      (1_049, 1, 100, Rounding.halfUp, 10), (1_050, 1, 100, .halfUp, 11),
      (1_050, 1, 100, .halfEven, 10), (1_150, 1, 100, .halfEven, 12), (1_099, 1, 100, .down, 10),
      (-1_050, 1, 100, .halfUp, -11), (-1_099, 1, 100, .down, -10), (0, 7, 3, .halfUp, 0),
    ] as [(Int64, Int64, Int64, Rounding, Int64)]
  )
  func `a product is rounded once by its named rule`(
    _ value: Int64,
    _ numerator: Int64,
    _ denominator: Int64,
    _ rule: Rounding,
    _ expected: Int64
  ) throws {
    #expect(try scaled(value, by: numerator, over: denominator, rule) == expected)
  }

  @Test func `a product beyond 64 bits is an error, never a wrap`() {
    #expect(throws: MoneyOverflow.self) { try scaled(.max, by: 3, over: 2, .halfUp) }
    #expect(throws: MoneyOverflow.self) { try checkedSum(.max, 1) }
  }

  @Test func `a product beyond 64 bits that comes back is exact`() throws {
    #expect(try scaled(.max, by: 3, over: 3, .halfUp) == .max)
  }

  @Test func `parts sum to the whole for every small total and weight`() throws {
    for total in Int64(-30)...30 {
      for first in Int64(0)...7 {
        for second in Int64(1)...7 {
          let parts = try allocated(total, by: [first, second, 3])
          #expect(parts.reduce(0, +) == total)
        }
      }
    }
  }

  @Test(
    arguments: [
      ("0.0085", 85, 4), ("15", 15, 0), ("75.5", 755, 1),
    ] as [(String, Int64, Int)]
  )
  func `exact decimals are read from text`(_ text: String, _ units: Int64, _ scale: Int) {
    #expect(ExactDecimal(text) == ExactDecimal(units: units, scale: scale))
  }

  @Test(arguments: [
    "NaN", "nan", "Infinity", "-Infinity", "inf",
    "", "-1", "+5", "1e3", "12abc", "1.", ".5", "1_000", "0x10", " 5", "1,5", "٣",
    "1.1234567", "1234567890123",
  ])
  func `anything else is no decimal`(_ text: String) {
    #expect(ExactDecimal(text) == nil)
  }

  @Test func `amounts print with the decimals of their currency`() {
    #expect(Amount(minor: -5, currency: .eur).decimal == "-0.05")
    #expect(Amount(minor: 1_240, currency: .jpy).decimal == "1240")
    #expect(Amount(minor: 1_240, currency: .kwd).decimal == "1.240")
  }

  @Test func `an entry that does not balance cannot be made`() {
    let legs = [
      Posting(.bank, "EUR", partner: 0, amount: 5),
      Posting(.suspense, "SEK", partner: 0, amount: -5),
    ]
    #expect(Entry(.netted, text: "", postings: legs) == nil)
  }
}

@Suite struct CivilTests {
  @Test func `every day of four centuries has its components`() throws {
    var day = try #require(CivilDate(year: 1900, month: 1, day: 1))
    var weekday = 1
    while day.components.year < 2300 {
      let (year, month, number) = day.components
      #expect(CivilDate(year: year, month: month, day: number) == day)
      #expect(day.weekday == weekday)
      weekday = weekday % 7 + 1
      day = day.adding(days: 1)
    }
  }

  @Test(arguments: [
    "2026-02-29", "2026-13-01", "2026-1-01", "26-01-01", "2026-01-01 ", "2026/01/01",
  ])
  func `what is no day is refused`(_ text: String) {
    #expect(CivilDate(text) == nil)
  }

  @Test func `the shipped calendar holds the computed TARGET days`() {
    let closed = BusinessCalendar.targetClosingDays(of: 2026)
    #expect(
      closed.map(\.description).sorted() == [
        "2026-01-01", "2026-04-03", "2026-04-06", "2026-05-01", "2026-12-25", "2026-12-26",
      ]
    )
    #expect(BusinessCalendar.easter(of: 2027)?.description == "2027-03-28")
  }

  @Test func `a wall clock is read in its zone on both sides of a clock change`() throws {
    let before = try #require(CivilDate("2026-10-24"))
    let after = try #require(CivilDate("2026-10-26"))
    let zone = "Europe/Stockholm"
    #expect(Instant(date: before, minutes: 1320, zone: zone)?.description == "2026-10-24T20:00:00Z")
    #expect(Instant(date: after, minutes: 1320, zone: zone)?.description == "2026-10-26T21:00:00Z")
    #expect(Instant("2026-10-24T22:00:00+02:00") == Instant("2026-10-24T20:00:00Z"))
    #expect(Instant("2026-10-24T24:00:00Z") == nil)
  }

  @Test func `a calendar refuses days that it does not describe`() throws {
    let first = try #require(CivilDate("2026-01-01"))
    let last = try #require(CivilDate("2026-01-31"))
    let calendar = BusinessCalendar(name: "T", validFrom: first, validTo: last, closed: [])
    #expect(throws: CalendarError.self) { try calendar.adding(1, to: last) }
  }
}

extension Currency {
  fileprivate static let jpy = Currency(rawValue: 392) ?? .eur
  fileprivate static let kwd = Currency(rawValue: 414) ?? .eur
}
