import Foundation

/// A moment, in microseconds since 1970-01-01T00:00:00Z.
package struct Instant: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Microseconds since the Unix epoch.
  package let microseconds: Int64

  package init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// Reads `yyyy-mm-ddThh:mm:ss` followed by `Z` or `±hh:mm`; anything else is nil.
  package init?(iso text: UnsafeRawBufferPointer) {
    guard text.count == 20 || text.count == 25,
      let day = CivilDate(iso: UnsafeRawBufferPointer(rebasing: text[0..<10])),
      text[10] == 0x54, let hour = decimal(text, 11, 2), hour < 24, text[13] == 0x3A,
      let minute = decimal(text, 14, 2), minute < 60, text[16] == 0x3A,
      let second = decimal(text, 17, 2), second < 60
    else { return nil }
    var seconds = Int64(day.days) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
    if text.count == 20 {
      guard text[19] == 0x5A else { return nil }
    } else {
      guard text[19] == 0x2B || text[19] == 0x2D, let hours = decimal(text, 20, 2), hours < 15,
        text[22] == 0x3A, let minutes = decimal(text, 23, 2), minutes < 60
      else { return nil }
      let offset = Int64(hours * 3600 + minutes * 60)
      seconds -= text[19] == 0x2B ? offset : -offset
    }
    microseconds = seconds * 1_000_000
  }

  /// Reads an ISO instant from text.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard let value = bytes.withUnsafeBytes({ Instant(iso: $0) }) else { return nil }
    self = value
  }

  /// The instant at which a wall clock in `zone` shows `minutes` past midnight of `date`.
  package init?(date: CivilDate, minutes: Int, zone: String) {
    guard let zone = TimeZone(identifier: zone) else { return nil }
    let naive = Int64(date.days) * 86_400 + Int64(minutes) * 60
    // Twice, because the first offset may belong to the other side of a clock change.
    var seconds = naive
    for _ in 0..<2 {
      let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
      seconds = naive - Int64(offset)
    }
    microseconds = seconds * 1_000_000
  }

  /// The clock of this machine; only commands read it, never a rule or a file.
  package static func now() -> Instant {
    Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
  }

  /// The UTC day.
  package var date: CivilDate {
    CivilDate(days: Int32((Double(microseconds) / 86_400_000_000).rounded(.down)))
  }

  /// `yyyy-mm-ddThh:mm:ssZ`, fractions cut.
  package var description: String {
    let seconds = Int(microseconds / 1_000_000) - Int(date.days) * 86_400
    return date.description + "T" + pad(seconds / 3600, 2) + ":" + pad(seconds / 60 % 60, 2) + ":"
      + pad(seconds % 60, 2) + "Z"
  }

  /// `yyyy-mm-ddThh:mm:ss±hh:mm` on a wall clock that shows the given day: UTC where it does, else
  /// the nearest offset of whole hours.
  package func text(on day: CivilDate) -> String {
    let seconds = microseconds / 1_000_000
    let start = Int64(day.days) * 86_400
    let short = start - seconds
    let long = seconds - (start + 86_399)
    let hours = short > 0 ? (short + 3_599) / 3_600 : long > 0 ? -((long + 3_599) / 3_600) : 0
    guard hours != 0 else { return description }
    let local = Instant(microseconds: (seconds + hours * 3_600) * 1_000_000).description
    return local.dropLast() + (hours > 0 ? "+" : "-") + pad(Int(abs(hours)), 2) + ":00"
  }

  package static func < (left: Instant, right: Instant) -> Bool {
    left.microseconds < right.microseconds
  }
}
