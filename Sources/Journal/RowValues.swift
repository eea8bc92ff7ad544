import Civil
import Ledger
import Postgres

/// Values of the books as this program knows them; what it does not know throws.
extension Row {
  /// A day.
  func day(_ column: Int) throws(UnreadableValue) -> CivilDate {
    guard let day = withBytes(column, { $0.flatMap { CivilDate(iso: $0) } }) else {
      throw unreadable(column, "a day")
    }
    return day
  }

  /// A day, nil where null.
  func optionalDay(_ column: Int) throws(UnreadableValue) -> CivilDate? {
    isNull(column) ? nil : try day(column)
  }

  /// An instant.
  func instant(_ column: Int) throws(UnreadableValue) -> Instant {
    guard let instant = Instant(try string(column)) else {
      throw unreadable(column, "an instant")
    }
    return instant
  }

  /// A case by its number.
  func known<Value: RawRepresentable>(
    _ column: Int
  ) throws(UnreadableValue) -> Value where Value.RawValue == Int16 {
    guard let value = Value(rawValue: try int16(column)) else {
      throw unreadable(column, "a known \(Value.self)")
    }
    return value
  }

  /// A case by its word.
  func known<Value: RawRepresentable>(
    _ column: Int
  ) throws(UnreadableValue) -> Value where Value.RawValue == String {
    guard let value = Value(rawValue: try string(column)) else {
      throw unreadable(column, "a known \(Value.self)")
    }
    return value
  }

  /// A yes or no that stands as 1 or 0.
  func flag(_ column: Int) throws(UnreadableValue) -> Bool {
    switch try int(column) {
    case 0: return false
    case 1: return true
    default: throw unreadable(column, "0 or 1")
    }
  }

  /// One of some words.
  func word(_ column: Int, of words: [String]) throws(UnreadableValue) -> String {
    let word = try string(column)
    guard words.contains(word) else {
      throw unreadable(column, words.joined(separator: ", "))
    }
    return word
  }

  /// A currency by its three letters.
  func currency(_ column: Int) throws(UnreadableValue) -> Currency {
    guard let currency = Currency(code: try string(column).utf8) else {
      throw unreadable(column, "a known currency")
    }
    return currency
  }

  /// An exact number.
  func decimal(_ column: Int) throws(UnreadableValue) -> ExactDecimal {
    guard let number = ExactDecimal(try string(column)) else {
      throw unreadable(column, "an exact number")
    }
    return number
  }

  /// An identifier of at most 40 bytes.
  func shortID(_ column: Int) throws(UnreadableValue) -> ShortID {
    guard let value = withBytes(column, { $0.flatMap { ShortID($0) } }) else {
      throw unreadable(column, "an id of at most 40 bytes", isShown: false)
    }
    return value
  }

  /// The identity of a record.
  func identity(_ column: Int) throws(UnreadableValue) -> RecordIdentity {
    guard let value = withBytes(column, { $0.flatMap { RecordIdentity(uuid: $0) } }) else {
      throw unreadable(column, "an identity", isShown: false)
    }
    return value
  }

  /// The identity of a record, nil where null.
  func optionalIdentity(_ column: Int) throws(UnreadableValue) -> RecordIdentity? {
    isNull(column) ? nil : try identity(column)
  }

  /// Rows of a batch by the numbers of the first and the last.
  func range(_ first: Int, _ last: Int) throws(UnreadableValue) -> ClosedRange<Int32> {
    let (lower, upper) = (try int32(first), try int32(last))
    guard lower <= upper else { throw unreadable(last, "at least \(lower)") }
    return lower...upper
  }
}
