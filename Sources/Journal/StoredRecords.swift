package import Civil
package import Ledger
import Postgres

/// A 128-bit identity of a feed record.
package struct RecordIdentity: Hashable, Sendable {
  package let high: UInt64
  package let low: UInt64

  package init(_ words: (UInt64, UInt64)) {
    (high, low) = words
  }

  init?(uuid text: String) {
    let digits = text.filter { $0 != "-" }
    guard digits.utf8.count == 32, let high = UInt64(digits.prefix(16), radix: 16),
      let low = UInt64(digits.suffix(16), radix: 16)
    else { return nil }
    self.high = high
    self.low = low
  }

  /// The words, as rows carry them.
  package var words: (UInt64, UInt64) { (high, low) }

  /// The form that PostgreSQL prints.
  package var uuid: String {
    let digits = [high, low].map { word in
      let text = String(word, radix: 16)
      return String(repeating: "0", count: 16 - text.count) + text
    }.joined()
    var out = ""
    for (index, digit) in digits.enumerated() {
      if [8, 12, 16, 20].contains(index) { out += "-" }
      out.append(digit)
    }
    return out
  }
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
  package let template: Template
  package let member: Int64
  package let purchase: Int64
  package let lot: Int64
  package let quantity: Int64
  package let cost: Int64
  package let share: Int64
  package let uncapped: Int64
  package let agreement: Int32
  package let rule: Int16
  package let unit: Int16
  package let availableOn: CivilDate
  package let eventDate: CivilDate

  package init(
    id: Int64,
    template: Template,
    member: Int64,
    purchase: Int64,
    lot: Int64,
    quantity: Int64,
    cost: Int64,
    share: Int64,
    uncapped: Int64,
    agreement: Int32,
    rule: Int16,
    unit: Int16,
    availableOn: CivilDate,
    eventDate: CivilDate
  ) {
    self.id = id
    self.template = template
    self.member = member
    self.purchase = purchase
    self.lot = lot
    self.quantity = quantity
    self.cost = cost
    self.share = share
    self.uncapped = uncapped
    self.agreement = agreement
    self.rule = rule
    self.unit = unit
    self.availableOn = availableOn
    self.eventDate = eventDate
  }
}

extension StoredRecord {
  init?(_ row: Row) {
    guard let identity = RecordIdentity(uuid: row.string(0)), let merchant = ShortID(row.string(9)),
      let day = CivilDate(row.string(10))
    else { return nil }
    self.init(
      identity: identity,
      original: row.optional(1).flatMap(RecordIdentity.init(uuid:)),
      id: row.int(2),
      member: row.int(3),
      amount: row.int(4),
      billing: row.int(5),
      type: Int16(row.int(6)),
      reversal: row.int(7) == 1,
      category: Int16(row.int(8)),
      merchant: merchant,
      eventDate: day,
      currency: Int16(row.int(11)),
      lifecycle: row.optional(12).flatMap { Int64($0) }
    )
  }
}

extension StoredReward {
  init?(_ row: Row) {
    guard let template = Template(rawValue: Int16(row.int(1))),
      let day = CivilDate(row.string(12)), let event = CivilDate(row.string(13))
    else { return nil }
    self.init(
      id: row.int(0),
      template: template,
      member: row.int(2),
      purchase: row.int(3),
      lot: row.int(4),
      quantity: row.int(5),
      cost: row.int(6),
      share: row.int(7),
      uncapped: row.int(8),
      agreement: Int32(row.int(9)),
      rule: Int16(row.int(10)),
      unit: Int16(row.int(11)),
      availableOn: day,
      eventDate: event
    )
  }
}

/// Cuts an array into pieces of at most `size`.
package func chunks<Element>(_ values: [Element], of size: Int) -> [ArraySlice<Element>] {
  stride(from: 0, to: values.count, by: size).map { values[$0..<min($0 + size, values.count)] }
}
