package import Civil
import Formats
package import Ledger
import Postgres

/// A 128-bit identity of a feed record.
package struct RecordIdentity: Hashable, Sendable {
  package let high: UInt64
  package let low: UInt64

  package init(_ words: (UInt64, UInt64)) {
    (high, low) = words
  }

  /// Reads a UUID as the database prints it.
  init?(uuid text: UnsafeRawBufferPointer) {
    var words: (UInt64, UInt64) = (0, 0)
    var digits = 0
    for byte in text where byte != 0x2D {
      let value: UInt8
      switch byte {
      case 0x30...0x39: value = byte - 0x30
      case 0x61...0x66: value = byte - 0x57
      default: return nil
      }
      words = (words.0 << 4 | words.1 >> 60, words.1 << 4 | UInt64(value))
      digits += 1
    }
    guard digits == 32 else { return nil }
    (high, low) = words
  }

  /// The words, as rows carry them.
  package var words: (UInt64, UInt64) { (high, low) }
}

/// A record of a sealed or the open leaf.
package struct StoredRecord: Sendable {
  package let identity: RecordIdentity
  package let original: RecordIdentity?
  package let id: Int64
  package let member: Int64
  package let amount: Int64
  package let billing: Int64
  package let type: Int16
  package let reversal: Bool
  package let category: Int16
  package let merchant: ShortID
  package let eventDate: CivilDate
  package let currency: Int16
  package let lifecycle: Int64?
  package let country: Int16?
  package let channel: Int16?
  /// Foreign-exchange markup inside the billed amount.
  package let markup: Int64
}

/// A refund, chargeback, second presentment or reversal that concerns another record.
package struct RecordLink: Sendable {
  package let identity: RecordIdentity
  package let original: RecordIdentity
  package let amount: Int64
  /// Currency of `amount`; nil, in links of old books, is that of the original.
  package let currency: Int16?
  package let billing: Int64
  package let type: Int16
  package let reversal: Bool
  package let eventDate: CivilDate
  /// What the link rests on.
  package let evidence: String

  package init(
    identity: RecordIdentity,
    original: RecordIdentity,
    amount: Int64,
    currency: Int16?,
    billing: Int64,
    type: Int16,
    reversal: Bool,
    eventDate: CivilDate,
    evidence: String = "reference"
  ) {
    self.identity = identity
    self.original = original
    self.amount = amount
    self.currency = currency
    self.billing = billing
    self.type = type
    self.reversal = reversal
    self.eventDate = eventDate
    self.evidence = evidence
  }
}

/// A record that should concern a purchase and names none.
package struct LooseRecord: Sendable {
  package let identity: RecordIdentity
  package let row: Int64
  package let member: Int64
  package let amount: Int64
  package let currency: Int16
  package let billing: Int64
  package let type: Int16
  package let merchant: ShortID
  package let lifecycle: Int64?
  package let eventDate: CivilDate

  package init(
    identity: RecordIdentity,
    row: Int64,
    member: Int64,
    amount: Int64,
    currency: Int16,
    billing: Int64,
    type: Int16,
    merchant: ShortID,
    lifecycle: Int64?,
    eventDate: CivilDate
  ) {
    self.identity = identity
    self.row = row
    self.member = member
    self.amount = amount
    self.currency = currency
    self.billing = billing
    self.type = type
    self.merchant = merchant
    self.lifecycle = lifecycle
    self.eventDate = eventDate
  }

  /// The link to a purchase.
  package func link(to original: RecordIdentity, evidence: String) -> RecordLink {
    RecordLink(
      identity: identity,
      original: original,
      amount: amount,
      currency: currency,
      billing: billing,
      type: type,
      reversal: false,
      eventDate: eventDate,
      evidence: evidence
    )
  }
}

/// A reward row read back.
package struct StoredReward: Sendable {
  package let id: Int64
  package let flow: Flow
  package let member: Int64
  package let purchase: Int64
  package let lot: Int64
  package let quantity: Int64
  package let cost: Int64
  package let share: Int64
  package let uncapped: Int64
  package let agreement: Int32
  package let rule: Int16
  package let partner: Int16
  package let unit: Int16
  package let availableOn: CivilDate
  package let eventDate: CivilDate

  package init(
    id: Int64,
    flow: Flow,
    member: Int64,
    purchase: Int64,
    lot: Int64,
    quantity: Int64,
    cost: Int64,
    share: Int64,
    uncapped: Int64,
    agreement: Int32,
    rule: Int16,
    partner: Int16,
    unit: Int16,
    availableOn: CivilDate,
    eventDate: CivilDate
  ) {
    self.id = id
    self.flow = flow
    self.member = member
    self.purchase = purchase
    self.lot = lot
    self.quantity = quantity
    self.cost = cost
    self.share = share
    self.uncapped = uncapped
    self.agreement = agreement
    self.rule = rule
    self.partner = partner
    self.unit = unit
    self.availableOn = availableOn
    self.eventDate = eventDate
  }
}

extension StoredReward {
  /// A row that was just written.
  package init(_ row: RewardRow, id: Int64) {
    self.init(
      id: id,
      flow: row.flow,
      member: row.member,
      purchase: row.purchase,
      lot: row.lot == 0 ? id : row.lot,
      quantity: row.quantity,
      cost: row.cost,
      share: row.share,
      uncapped: row.uncapped,
      agreement: row.agreement,
      rule: row.rule,
      partner: row.partner,
      unit: row.unit,
      availableOn: row.availableOn,
      eventDate: row.eventDate
    )
  }
}

extension StoredRecord {
  init(_ row: Row) throws(UnreadableValue) {
    let type: RecordType = try row.known(6)
    let currency: Currency = try row.known(11)
    let channel: Channel? = row.isNull(14) ? nil : try row.known(14)
    try self.init(
      identity: row.identity(0),
      original: row.optionalIdentity(1),
      id: row.int(2),
      member: row.int(3),
      amount: row.int(4),
      billing: row.int(5),
      type: type.rawValue,
      reversal: row.flag(7),
      category: row.int16(8),
      merchant: row.shortID(9),
      eventDate: row.day(10),
      currency: currency.rawValue,
      lifecycle: row.optionalInt(12),
      country: row.isNull(13) ? nil : row.int16(13),
      channel: channel?.rawValue,
      markup: row.optionalInt(15) ?? 0
    )
  }
}

extension StoredReward {
  init(_ row: Row) throws(UnreadableValue) {
    try self.init(
      id: row.int(0),
      flow: row.known(1),
      member: row.int(2),
      purchase: row.int(3),
      lot: row.int(4),
      quantity: row.int(5),
      cost: row.int(6),
      share: row.int(7),
      uncapped: row.int(8),
      agreement: row.int32(9),
      rule: row.int16(10),
      partner: row.int16(14),
      unit: row.int16(11),
      availableOn: row.day(12),
      eventDate: row.day(13)
    )
  }
}

extension RecordLink {
  init(_ row: Row) throws(UnreadableValue) {
    let type: RecordType = try row.known(5)
    let currency: Currency? = row.isNull(3) ? nil : try row.known(3)
    try self.init(
      identity: row.identity(0),
      original: row.identity(1),
      amount: row.int(2),
      currency: currency?.rawValue,
      billing: row.int(4),
      type: type.rawValue,
      reversal: row.flag(6),
      eventDate: row.day(7),
      evidence: row.string(8)
    )
  }
}

/// Cuts an array into pieces of at most `size`.
package func chunks<Element>(_ values: [Element], of size: Int) -> [ArraySlice<Element>] {
  stride(from: 0, to: values.count, by: size).map { values[$0..<min($0 + size, values.count)] }
}
