import Civil
import Ledger

/// Where a row's field stands and how the row is shown.
struct RowPlace {
  let column: Int
  let excerpt: String
}

/// Turns the fields of one row into a record, as the feed's profile says, and sums what it reads.
final class RecordBuilder {
  let slots = FieldSlots()
  var summary: FeedSummary
  private let amounts: CardFeedProfile.Amounts
  private let times: CardFeedProfile.Times
  /// What stands before decimals.
  private let point: UInt8
  private let clock: WallClock?
  private let types: [(code: [UInt8], meaning: TypeMeaning)]
  /// Rows mostly are of the type of the row before: its code and meaning.
  private var lastCode = ShortID()
  private var lastMeaning: TypeMeaning?
  private let isSigned: Bool
  private let debitIsNegative: Bool
  private let carriesCards: Bool
  private let numericReferences: Bool
  private let isNumeric: Bool
  private let isLower: Bool
  private let directory: CategoryLookup
  private var days = DayCache()
  private let defaults: [(field: CardField, value: UnsafeMutableRawBufferPointer)]
  private let hasDefaults: Bool
  private let asksDirectory: Bool

  init(
    _ profile: CardFeedProfile,
    file: String,
    category: @escaping CategoryLookup = { _, _ in nil }
  ) throws(Refusal) {
    directory = category
    asksDirectory = profile.takesCategoryFromDirectory
    hasDefaults = !profile.defaults.isEmpty
    summary = FeedSummary(file: file)
    // Asked once: comparing the profile's words for every row costs more than reading the row.
    isSigned = profile.sign != .unsigned
    debitIsNegative = profile.sign == .debitNegative
    carriesCards = profile.format == .ipm
    numericReferences = profile.numericReferences
    isNumeric = profile.numericCurrencies
    isLower = profile.lowerCaseCurrencies
    amounts = profile.amounts
    point = profile.amounts == .decimalComma ? 0x2C : 0x2E
    times = profile.times
    clock = profile.zone.flatMap { WallClock(zone: $0) }
    types = profile.types.sorted { $0.key < $1.key }.map { (Array($0.key.utf8), $0.value) }
    defaults = profile.defaults.map { field, text in
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 1)
      copy.copyBytes(from: text.utf8)
      return (field, copy)
    }
  }

  deinit {
    slots.release()
    for item in defaults { item.value.deallocate() }
  }

  /// Builds a record of the filled slots, or a reject, and clears the slots.
  ///
  /// - Parameters:
  ///   - line: Number of the row.
  ///   - place: Gives the place of a field for a message.
  ///   - record: Gets the record.
  ///   - reject: Gets the row that cannot be used.
  /// - Throws: What the closures throw.
  @inline(__always)
  func build(
    line: Int32,
    place: (CardField) -> RowPlace,
    record: (CardRecord) throws -> Void,
    reject: (RejectedRow) throws -> Void
  ) throws {
    summary.records += 1
    if hasDefaults { fillDefaults() }
    // Filled in place: a record is 300 bytes, and copies of it were a seventh of the reading.
    var filled = CardRecord(line: line)
    let isRecord: Bool
    do {
      isRecord = try parse(&filled)
    } catch {
      try reject(rejection(error, line, place))
      return
    }
    if isRecord { try record(filled) }
  }

  private func fillDefaults() {
    for item in defaults where slots[item.field].isEmpty {
      slots[item.field] = UnsafeRawBufferPointer(item.value)
    }
  }

  private func rejection(
    _ fault: FieldFault,
    _ line: Int32,
    _ place: (CardField) -> RowPlace
  ) -> RejectedRow {
    let text = shown(String(decoding: slots[fault.field], as: UTF8.self), most: 40)
    let place = place(fault.field)
    return RejectedRow(
      line: line,
      column: place.column,
      length: max(1, text.utf8.count),
      code: fault.code,
      excerpt: place.excerpt,
      message: "\(fault.field.name) \"\(text)\" \(fault.why)",
      fields: slots.texts(numericReferences: numericReferences)
    )
  }

  /// Fills the record; false for a row that the profile skips.
  @inline(never)
  private func parse(_ record: inout CardRecord) throws(FieldFault) -> Bool {
    // Type, billed amount and sign first: a row that can be summed is summed, whatever else it
    // lacks.
    guard let meaning = meaning(slots[.type]) else {
      summary.unreadable += 1
      throw FieldFault(.type, .badType, "is no type of this feed")
    }
    guard case .record(let type, let isReversal) = meaning else {
      summary.skipped += 1
      return false
    }
    guard let flagged = flag(slots[.reversal]) else {
      summary.unreadable += 1
      throw FieldFault(.reversal, .badType, "is neither 0 nor 1")
    }
    record.type = type
    record.reversal = isReversal || flagged
    guard let billedIn = currency(slots[.billingCurrency]) else {
      summary.unreadable += 1
      throw FieldFault(.billingCurrency, .badCurrency, "is no currency of ISO 4217")
    }
    guard let billed = amount(slots[.billing], billedIn) else {
      summary.unreadable += 1
      throw FieldFault(.billing, .badAmount, "is not an amount \(amounts.wording)")
    }
    try check(billed, .billing, type, record.reversal)
    let direction = type.direction * (record.reversal ? -1 : 1)
    try summary.add(billed.minor, billedIn, direction: direction)
    record.billing = Amount(minor: billed.minor, currency: billedIn)
    guard let currency = currency(slots[.currency]) else {
      throw FieldFault(.currency, .badCurrency, "is no currency of ISO 4217")
    }
    guard let amount = amount(slots[.amount], currency) else {
      throw FieldFault(.amount, .badAmount, "is not an amount \(amounts.wording)")
    }
    record.amount = Amount(minor: amount.minor, currency: currency)
    try complete(&record)
    return true
  }

  @inline(never)
  private func complete(_ record: inout CardRecord) throws(FieldFault) {
    guard record.reference.set(id: slots[.reference]) else {
      throw FieldFault(.reference, .badReference, idRule)
    }
    try refuseCardNumber(.reference)
    guard record.token.set(id: slots[.token]) else {
      throw FieldFault(.token, .badToken, idRule)
    }
    guard carriesCards || !holdsCardNumber(slots[.token]) else {
      throw FieldFault(.token, .badToken, "looks like a card number")
    }
    guard record.merchant.set(id: slots[.merchant]) else {
      throw FieldFault(.merchant, .badMerchant, idRule)
    }
    try refuseCardNumber(.merchant)
    guard let time = time(slots[.time]) else {
      throw FieldFault(.time, .badTime, "is not \(times.wording)")
    }
    record.occurredAt = time.instant
    record.eventDate = time.day
    if asksDirectory, slots[.category].isEmpty {
      guard let category = directory(record.merchant, time.day) else {
        throw FieldFault(.merchant, .badCategory, "has no category in the merchant directory")
      }
      record.category = category
    } else {
      guard let category = categoryCode(slots[.category]) else {
        throw FieldFault(.category, .badCategory, "is not four digits")
      }
      record.category = category
    }
    if !slots[.original].isEmpty {
      record.original = try optionalID(.original)
    }
    if !slots[.lifecycle].isEmpty {
      record.lifecycle = try optionalID(.lifecycle)
    }
    if !slots[.markup].isEmpty {
      guard let markup = amount(slots[.markup], record.billing.currency), !markup.negative else {
        throw FieldFault(.markup, .badAmount, "is not an amount \(amounts.wording)")
      }
      record.markup = markup.minor
    }
    record.country = countryCode(slots[.country])
    record.channel = Channel(slots[.channel])
    if !slots[.networkRef].isEmpty {
      keep(mayKeep(.networkRef) && record.notes.networkRef.set(id: slots[.networkRef]))
    }
    if !slots[.approval].isEmpty {
      keep(mayKeep(.approval) && record.notes.approval.set(id: slots[.approval]))
    }
    if !slots[.rate].isEmpty {
      keep(
        !holdsCardNumber(slots[.rate]) && record.notes.rate.set(rate: slots[.rate], point: point)
      )
    }
    if !slots[.postedDate].isEmpty {
      record.notes.posted = dayOrTime(slots[.postedDate])
      keep(record.notes.posted != nil)
    }
  }

  /// Counts what is left out because it cannot be read: nothing decides on it, so no purchase is refused.
  @inline(__always)
  private func keep(_ isRead: Bool) {
    if !isRead { summary.notesLeftOut += 1 }
  }

  /// A day, or the day of a time as the feed writes times.
  private func dayOrTime(_ field: UnsafeRawBufferPointer) -> CivilDate? {
    CivilDate(iso: field) ?? (field.count > 10 ? time(field)?.day : nil)
  }

  private func optionalID(_ field: CardField) throws(FieldFault) -> ShortID {
    var id = ShortID()
    guard id.set(id: slots[field]) else { throw FieldFault(field, .badReference, idRule) }
    try refuseCardNumber(field)
    return id
  }

  /// Whether an id of the sender's may be kept.
  @inline(__always)
  private func mayKeep(_ field: CardField) -> Bool {
    numericReferences || !holdsCardNumber(slots[field])
  }

  /// Ids are kept for ever and shown to everybody, so a card number in one keeps the row out.
  @inline(__always)
  private func refuseCardNumber(_ field: CardField) throws(FieldFault) {
    guard mayKeep(field) else { throw FieldFault(field, .cardNumber, "holds a card number") }
  }

  /// A signed feed's sign must say what its type says.
  @inline(__always)
  private func check(
    _ amount: (minor: Int64, negative: Bool),
    _ field: CardField,
    _ type: RecordType,
    _ reversal: Bool
  ) throws(FieldFault) {
    guard isSigned, type.direction != 0, amount.minor != 0 else { return }
    let isDebit = amount.negative == debitIsNegative
    guard isDebit == ((type.direction == 1) != reversal) else {
      summary.unreadable += 1
      throw FieldFault(field, .badAmount, "has the sign of the other side for a \(type)")
    }
  }

  @inline(__always)
  private func meaning(_ field: UnsafeRawBufferPointer) -> TypeMeaning? {
    if let lastMeaning, lastCode.holds(field) { return lastMeaning }
    return findMeaning(field)
  }

  private func findMeaning(_ field: UnsafeRawBufferPointer) -> TypeMeaning? {
    for item in types where item.code.count == field.count {
      guard item.code.withUnsafeBytes({ sameBytes($0, field) }) else { continue }
      if let code = ShortID(field) { (lastCode, lastMeaning) = (code, item.meaning) }
      return item.meaning
    }
    return nil
  }

  private func flag(_ field: UnsafeRawBufferPointer) -> Bool? {
    guard !field.isEmpty else { return false }
    if field.count == 1 {
      if field[0] == 0x30 { return false }
      if field[0] == 0x31 { return true }
    }
    switch String(decoding: field.prefix(8), as: UTF8.self) {
    case "false": return false
    case "true": return true
    default: return nil
    }
  }

  @inline(__always)
  private func currency(_ field: UnsafeRawBufferPointer) -> Currency? {
    guard isNumeric else { return Currency(letters: field, isLower: isLower) }
    guard field.count == 3, let number = decimal(field, 0, 3) else { return nil }
    return Currency(rawValue: Int16(number))
  }

  @inline(__always)
  private func amount(
    _ field: UnsafeRawBufferPointer,
    _ currency: Currency
  ) -> (minor: Int64, negative: Bool)? {
    var digits = field
    var negative = false
    if isSigned, digits.first == 0x2D {
      negative = true
      digits = UnsafeRawBufferPointer(rebasing: digits.dropFirst())
    }
    let minor: Int64? =
      switch amounts {
      case .minor: amountMinor(digits)
      case .paddedMinor: paddedMinor(digits)
      case .decimal, .decimalComma:
        decimalMinor(digits, point: point, exponent: currency.exponent)
      }
    return minor.map { ($0, negative) }
  }

  @inline(__always)
  private func time(_ field: UnsafeRawBufferPointer) -> (instant: Instant, day: CivilDate)? {
    switch times {
    case .iso: days.isoTime(field, clock)
    case .unix: unixTime(field, clock)
    default: wallTime(field, times, clock)
    }
  }
}

extension CardRecord {
  /// A record that nothing is known of yet.
  @inline(__always)
  fileprivate init(line: Int32) {
    let nothing = Amount(minor: 0, currency: .eur)
    self.init(
      line: line,
      type: .purchase,
      reversal: false,
      reference: ShortID(),
      token: ShortID(),
      amount: nothing,
      billing: nothing,
      category: 0,
      merchant: ShortID(),
      occurredAt: Instant(microseconds: 0),
      eventDate: CivilDate(days: 0)
    )
  }
}
