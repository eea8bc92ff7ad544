package import Civil
package import Ledger

/// What a record of a card feed reports.
package enum RecordType: Int16, Sendable {
  case purchase = 1
  case refund = 2
}

/// One record of a card feed, read and checked: facts only.
package struct CardRecord: Sendable {
  /// Line of the file, from 1.
  package let line: Int32
  package let type: RecordType
  /// Whether the record undoes an earlier one.
  package let reversal: Bool
  package let reference: ShortID
  /// Reference of the record that a refund or reversal concerns, where the bank gives it.
  package let original: ShortID?
  package let token: ShortID
  package let amount: Amount
  package let billing: Amount
  package let category: Int16
  package let merchant: ShortID
  package let occurredAt: Instant
  /// The day on the cardholder's wall clock.
  package let eventDate: CivilDate

  package init(
    line: Int32,
    type: RecordType,
    reversal: Bool,
    reference: ShortID,
    original: ShortID?,
    token: ShortID,
    amount: Amount,
    billing: Amount,
    category: Int16,
    merchant: ShortID,
    occurredAt: Instant,
    eventDate: CivilDate
  ) {
    self.line = line
    self.type = type
    self.reversal = reversal
    self.reference = reference
    self.original = original
    self.token = token
    self.amount = amount
    self.billing = billing
    self.category = category
    self.merchant = merchant
    self.occurredAt = occurredAt
    self.eventDate = eventDate
  }

  /// Whether the record raises the cardholder's net spend.
  package var isDebit: Bool { (type == .purchase) != reversal }
}

/// A row that cannot be used: where, why, and the masked text.
package struct RejectedRow: Sendable {
  package let line: Int32
  package let column: Int
  package let length: Int
  package let code: ErrorCode
  package let excerpt: String
  /// What stands in the field.
  package let message: String

  package init(
    line: Int32,
    column: Int,
    length: Int,
    code: ErrorCode,
    excerpt: String,
    message: String
  ) {
    self.line = line
    self.column = column
    self.length = length
    self.code = code
    self.excerpt = excerpt
    self.message = message
  }
}

/// Counts and sums of one billing currency.
package struct FeedTotal: Sendable, Equatable {
  package var records: Int64 = 0
  package var debit: Int64 = 0
  package var credit: Int64 = 0

  package init() {}
}

/// What a feed must look like.
package struct CardFeedProfile: Sendable {
  package let name: String
  package let delimiter: UInt8
  package let trailerRequired: Bool
  /// Whether rows with an unreadable amount refuse the file, or the rest is posted and a break
  /// of the missing amount opened.
  package let refusesUnreadableAmounts: Bool

  package init(
    name: String,
    delimiter: UInt8,
    trailerRequired: Bool,
    refusesUnreadableAmounts: Bool
  ) {
    self.name = name
    self.delimiter = delimiter
    self.trailerRequired = trailerRequired
    self.refusesUnreadableAmounts = refusesUnreadableAmounts
  }
}
