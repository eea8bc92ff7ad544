package import Civil
import Crypto
package import Formats
package import Ledger
import Postgres

/// A finished purchase row.
package struct PurchaseRow: Sendable {
  package var identity: (UInt64, UInt64)
  package var original: (UInt64, UInt64)?
  package var content: UInt64
  package var member: Int64
  package var amount: Amount
  package var billing: Amount
  package var occurredAt: Instant
  package var line: Int32
  package var eventDate: CivilDate
  package var bookingDate: CivilDate
  /// Number of the record type.
  package var type: Int16
  package var reversal: Bool
  package var category: Int16
  package var merchant: ShortID
  package var reference: ShortID
  /// First 8 bytes of the digest of the life-cycle id.
  package var lifecycle: Int64?
  package var markup: Int64?
  package var country: Int16?
  package var channel: Int16?
  package var notes: RecordNotes

  package init(
    identity: (UInt64, UInt64),
    original: (UInt64, UInt64)?,
    content: UInt64,
    member: Int64,
    amount: Amount,
    billing: Amount,
    occurredAt: Instant,
    line: Int32,
    eventDate: CivilDate,
    bookingDate: CivilDate,
    type: Int16,
    reversal: Bool,
    category: Int16,
    merchant: ShortID,
    reference: ShortID,
    lifecycle: Int64? = nil,
    markup: Int64? = nil,
    country: Int16? = nil,
    channel: Int16? = nil,
    notes: RecordNotes = RecordNotes()
  ) {
    self.identity = identity
    self.original = original
    self.content = content
    self.member = member
    self.amount = amount
    self.billing = billing
    self.occurredAt = occurredAt
    self.line = line
    self.eventDate = eventDate
    self.bookingDate = bookingDate
    self.type = type
    self.reversal = reversal
    self.category = category
    self.merchant = merchant
    self.reference = reference
    self.lifecycle = lifecycle
    self.markup = markup
    self.country = country
    self.channel = channel
    self.notes = notes
  }
}

/// A finished row of the reward subledger.
package struct RewardRow: Sendable {
  package var flow: Flow
  package var member: Int64
  /// Row id of the purchase, 0 where there is none.
  package var purchase: Int64
  /// Row id of the lot that is moved; 0 makes this row the lot.
  package var lot: Int64
  package var quantity: Int64
  package var cost: Int64
  package var share: Int64
  package var uncapped: Int64
  package var agreement: Int32
  package var rule: Int16
  package var partner: Int16
  package var programme: Int16
  package var unit: Int16
  package var currency: Currency
  package var eventDate: CivilDate
  package var bookingDate: CivilDate
  package var settlementDate: CivilDate
  package var availableOn: CivilDate
  package var earnMonth: Int16

  package init(
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
    programme: Int16,
    unit: Int16,
    currency: Currency,
    eventDate: CivilDate,
    bookingDate: CivilDate,
    settlementDate: CivilDate,
    availableOn: CivilDate,
    earnMonth: Int16
  ) {
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
    self.programme = programme
    self.unit = unit
    self.currency = currency
    self.eventDate = eventDate
    self.bookingDate = bookingDate
    self.settlementDate = settlementDate
    self.availableOn = availableOn
    self.earnMonth = earnMonth
  }
}

/// Row ids: the batch in the upper half, the position in the leaf in the lower.
package func rowID(batch: Int64, seq: Int32) -> Int64 {
  batch << 32 | Int64(seq)
}

/// The batch that a row id belongs to.
package func batch(ofRow id: Int64) -> Int64 {
  id >> 32
}

/// Encodes rows as PostgreSQL's binary COPY tuples and digests them in blocks of 1,024.
///
/// The digest covers exactly the bytes of the tuples (canonical encoding, version 3), so a later
/// COPY of the leaf in `seq` order gives the same digests.
struct LeafEncoder {
  static let blockRows = 1024

  private(set) var rows: Int64 = 0
  private(set) var blocks: [(rows: Int32, digest: Digest)] = []
  private var buffer: UnsafeMutableRawBufferPointer
  private var filled = 0
  private var blockStart = 0
  private var blockCount: Int32 = 0
  private let hasher = Hasher256()

  /// Fills a buffer of `LeafSender`.
  init(_ buffer: UnsafeMutableRawBufferPointer) {
    self.buffer = buffer
  }

  /// Gives the memory back; the encoder is not used again.
  func release() {
    buffer.deallocate()
  }

  /// Whether no further row is sure to fit.
  var isFull: Bool { buffer.count - filled < 512 }

  /// Hands the rows that wait to the sender and goes on in an empty buffer.
  mutating func send(_ table: String, _ sender: LeafSender) throws {
    guard filled > 0 else { return }
    if blockStart < filled {
      hasher.update(UnsafeRawBufferPointer(rebasing: buffer[blockStart..<filled]))
    }
    let full = (buffer, filled)
    buffer = sender.buffer()
    filled = 0
    blockStart = 0
    try sender.send(full.0, filled: full.1, to: table)
  }

  /// Closes the last block.
  mutating func close() {
    if blockCount > 0 { endBlock() }
  }

  private mutating func endRow() {
    rows += 1
    blockCount += 1
    if blockCount == LeafEncoder.blockRows { endBlock() }
  }

  private mutating func endBlock() {
    hasher.update(UnsafeRawBufferPointer(rebasing: buffer[blockStart..<filled]))
    blockStart = filled
    blocks.append((blockCount, hasher.finish()))
    blockCount = 0
  }

  private mutating func put<Value: FixedWidthInteger>(raw value: Value) {
    buffer.storeBytes(of: value.bigEndian, toByteOffset: filled, as: Value.self)
    filled &+= MemoryLayout<Value>.size
  }

  private mutating func put<Value: FixedWidthInteger>(_ value: Value) {
    put(raw: Int32(MemoryLayout<Value>.size))
    put(raw: value)
  }

  private mutating func put<Value: FixedWidthInteger>(optional value: Value?) {
    if let value { put(value) } else { put(raw: Int32(-1)) }
  }

  private mutating func put(_ words: (UInt64, UInt64)) {
    put(raw: Int32(16))
    put(raw: words.0)
    put(raw: words.1)
  }

  private mutating func put(_ date: CivilDate) {
    put(date.days - 10_957)
  }

  private mutating func put(_ id: ShortID) {
    put(raw: Int32(id.count))
    id.withBytes { bytes in
      UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]).copyMemory(from: bytes)
    }
    filled += id.count
  }

  /// An empty one is null.
  private mutating func put(optional id: ShortID) {
    if id.count > 0 { put(id) } else { put(raw: Int32(-1)) }
  }

  /// Adds a purchase, in the column order of `kvitt.purchase`.
  mutating func add(_ row: PurchaseRow, batch: Int64) {
    put(raw: Int16(27))
    put(batch)
    put(row.identity)
    if let original = row.original { put(original) } else { put(raw: Int32(-1)) }
    put(Int64(bitPattern: row.content))
    put(row.member)
    put(row.amount.minor)
    put(row.billing.minor)
    put(row.occurredAt.microseconds - 946_684_800_000_000)
    put(Int32(rows + 1))
    put(row.line)
    put(row.eventDate)
    put(row.bookingDate)
    put(row.amount.currency.rawValue)
    put(row.billing.currency.rawValue)
    put(row.type)
    put(Int16(row.reversal ? 1 : 0))
    put(row.category)
    put(row.merchant)
    put(row.reference)
    put(optional: row.lifecycle)
    put(optional: row.markup)
    put(optional: row.country)
    put(optional: row.channel)
    put(optional: row.notes.networkRef)
    put(optional: row.notes.approval)
    put(optional: row.notes.rate)
    if let day = row.notes.posted { put(day) } else { put(raw: Int32(-1)) }
    endRow()
  }

  /// Adds a reward row, in the column order of `kvitt.reward`.
  mutating func add(_ row: RewardRow, batch: Int64) {
    let seq = Int32(rows + 1)
    put(raw: Int16(21))
    put(batch)
    put(row.member)
    put(row.purchase)
    put(row.lot == 0 ? rowID(batch: batch, seq: seq) : row.lot)
    put(row.quantity)
    put(row.cost)
    put(row.share)
    put(row.uncapped)
    put(seq)
    put(row.agreement)
    put(row.eventDate)
    put(row.bookingDate)
    put(row.settlementDate)
    put(row.availableOn)
    put(row.flow.rawValue)
    put(row.rule)
    put(row.partner)
    put(row.programme)
    put(row.unit)
    put(row.currency.rawValue)
    put(row.earnMonth)
    endRow()
  }
}
