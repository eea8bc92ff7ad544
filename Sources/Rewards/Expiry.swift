package import Civil

/// When a lot is over, by the day that it was earned on.
///
/// The last day counts whole: a lot that expires on the 31st can be used on the 31st, on the clock of
/// the programme, whatever daylight saving does to that day.
package struct Expiry: Sendable, Hashable {
  /// How the last day follows from the day of earning.
  package enum Term: Sendable, Hashable {
    case days(Int)
    /// Calendar months; where the month is too short, its last day (29 February, the 31st).
    case months(Int)
    /// One last day for all.
    case on(CivilDate)
  }

  /// To which end the last day is moved.
  package enum Rounding: String, Sendable, CaseIterable {
    case none
    case month = "month-end"
    case year = "year-end"
  }

  package let term: Term
  package let rounding: Rounding
  /// Whether the sponsor gets its share of what expires back (E17b), or not (E17a).
  package let returnsShare: Bool

  package init(term: Term, rounding: Rounding = .none, returnsShare: Bool = false) {
    self.term = term
    self.rounding = rounding
    self.returnsShare = returnsShare
  }

  /// The last day of a lot that was earned on a day.
  package func lastDay(ofEarned day: CivilDate) -> CivilDate {
    let plain =
      switch term {
      case .days(let count): day.adding(days: count)
      case .months(let count): day.adding(months: count)
      case .on(let last): last
      }
    switch rounding {
    case .none: return plain
    case .month: return plain.endOfMonth
    case .year: return plain.endOfYear
    }
  }

  /// The newest day of earning whose lots are over on `date`; nil where none are.
  ///
  /// A later day of earning never expires earlier, so all days up to it are over.
  package func newestOver(on date: CivilDate) -> CivilDate? {
    if case .on(let last) = term { return last < date ? date : nil }
    // Between one day past and the longest term past: the first day from the end that is over.
    var low = date.adding(months: -1_300)
    guard lastDay(ofEarned: low) < date else { return nil }
    var high = date
    while high.days - low.days > 1 {
      let middle = CivilDate(days: low.days + (high.days - low.days) / 2)
      if lastDay(ofEarned: middle) < date { low = middle } else { high = middle }
    }
    return low
  }
}
