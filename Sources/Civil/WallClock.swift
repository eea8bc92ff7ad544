import Foundation

/// A zone's wall clock for many instants: the offset is asked once per quarter of an hour, since
/// every clock change in the zone database falls on one.
package final class WallClock {
  private let zone: TimeZone
  private var block = Int64.min
  private var offset: Int64 = 0
  /// A day around which no clock changes, and its offset.
  private var steadyDay: CivilDate?
  private var steadyOffset: Int64 = 0

  /// The clock of a zone of the tz database, nil where there is none.
  package init?(zone: String) {
    guard let zone = TimeZone(identifier: zone) else { return nil }
    self.zone = zone
  }

  /// Seconds that the wall clock is ahead of UTC at a moment.
  private func offset(at seconds: Int64) -> Int64 {
    let wanted = seconds >= 0 ? seconds / 900 : (seconds - 899) / 900
    if wanted != block {
      offset = Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(wanted * 900))))
      block = wanted
    }
    return offset
  }

  /// The day that the wall clock shows at an instant.
  package func day(_ instant: Instant) -> CivilDate {
    let utc = Int64((Double(instant.microseconds) / 1e6).rounded(.down))
    let local = utc + offset(at: utc)
    return CivilDate(days: Int32((Double(local) / 86_400).rounded(.down)))
  }

  /// The instant at which the wall clock shows `second` of a day; the first of two where clocks
  /// go back, and as if they had not yet gone forward where the time never was.
  package func instant(_ day: CivilDate, second: Int) -> Instant {
    let naive = Int64(day.days) * 86_400 + Int64(second)
    if day != steadyDay {
      let before = offset(at: naive - 2 * 86_400)
      guard before == offset(at: naive + 2 * 86_400) else { return instant(near: naive) }
      (steadyDay, steadyOffset) = (day, before)
    }
    return Instant(microseconds: (naive - steadyOffset) * 1_000_000)
  }

  private func instant(near naive: Int64) -> Instant {
    let early = naive - offset(at: naive - 86_400)
    let late = naive - offset(at: naive + 86_400)
    let isLate = early + offset(at: early) != naive && late + offset(at: late) == naive
    return Instant(microseconds: (isLate ? late : early) * 1_000_000)
  }
}
