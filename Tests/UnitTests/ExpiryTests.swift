import Civil
import Rewards
import Testing

/// When lots are over: end of month, leap days, fixed days, and the other way round.
@Suite struct ExpiryTests {
  private func day(_ text: String) throws -> CivilDate { try #require(CivilDate(text)) }

  @Test(arguments: [
    (Expiry(term: .months(12)), "2028-02-29", "2029-02-28"),
    (Expiry(term: .months(48)), "2028-02-29", "2032-02-29"),
    (Expiry(term: .months(1)), "2026-01-31", "2026-02-28"),
    (Expiry(term: .months(1), rounding: .month), "2026-01-30", "2026-02-28"),
    (Expiry(term: .months(24), rounding: .month), "2026-09-05", "2028-09-30"),
    (Expiry(term: .months(12), rounding: .year), "2026-09-05", "2027-12-31"),
    (Expiry(term: .days(365)), "2026-09-05", "2027-09-05"),
    // The last Sunday of October has 25 hours in Europe; a day is a day.
    (Expiry(term: .days(1)), "2026-10-24", "2026-10-25"),
  ])
  func `the last day`(_ expiry: Expiry, _ earned: String, _ last: String) throws {
    #expect(try expiry.lastDay(ofEarned: day(earned)) == day(last))
  }

  @Test func `the newest day that is over agrees with asking every day`() throws {
    let terms: [Expiry] = [
      Expiry(term: .months(12)), Expiry(term: .months(1), rounding: .month),
      Expiry(term: .months(6), rounding: .year), Expiry(term: .days(30)),
    ]
    for expiry in terms {
      for offset in 0..<800 {
        let date = try day("2027-01-01").adding(days: offset)
        var asked = date
        while expiry.lastDay(ofEarned: asked) >= date { asked = asked.adding(days: -1) }
        #expect(expiry.newestOver(on: date) == asked, "\(expiry) \(date)")
      }
    }
    let fixed = Expiry(term: .on(try day("2026-12-31")))
    #expect(try fixed.newestOver(on: day("2026-12-31")) == nil)
    #expect(try fixed.newestOver(on: day("2027-01-01")) != nil)
  }

  @Test func `what expires first is used first, what never does last`() throws {
    func lot(_ id: Int64, _ available: String, _ last: String?) throws -> OpenLot {
      OpenLot(
        id: id,
        availableOn: try day(available),
        lastDay: try last.map(day),
        rule: 1,
        agreement: 1,
        quantity: 1,
        cost: 1
      )
    }
    let lots = [
      try lot(1, "2026-01-01", nil), try lot(2, "2026-05-01", "2027-05-01"),
      try lot(3, "2026-06-01", "2027-01-01"), try lot(4, "2026-02-01", "2027-05-01"),
    ]
    #expect(lots.sorted(by: redemptionOrder).map(\.id) == [3, 4, 2, 1])
  }
}
