package import Civil
package import Ledger

/// What a record of a card feed reports (the closed list of types behind every feed).
package enum RecordType: Int16, Sendable, CaseIterable, CustomStringConvertible {
  case purchase = 1
  case refund = 2
  case secondPresentment = 3
  case chargeback = 4
  case disputeOpened = 5
  case disputeWon = 6
  case disputeLost = 7
  case provisionalCredit = 8
  case fee = 9
  case cash = 10
  case adjustment = 11

  /// The name that feeds, profiles and screens use.
  package var description: String {
    switch self {
    case .purchase: "purchase"
    case .refund: "refund"
    case .secondPresentment: "second_presentment"
    case .chargeback: "chargeback"
    case .disputeOpened: "dispute_opened"
    case .disputeWon: "dispute_won"
    case .disputeLost: "dispute_lost"
    case .provisionalCredit: "provisional_credit"
    case .fee: "fee"
    case .cash: "cash"
    case .adjustment: "adjustment"
    }
  }

  /// The type of a name, nil where there is none.
  package init?(name: String) {
    guard let match = RecordType.allCases.first(where: { $0.description == name }) else {
      return nil
    }
    self = match
  }

  /// 1 raises what the cardholder owes, -1 lowers it, 0 moves no money by itself.
  package var direction: Int {
    switch self {
    case .purchase, .secondPresentment, .fee, .cash, .adjustment: 1
    case .refund, .chargeback, .provisionalCredit: -1
    case .disputeOpened, .disputeWon, .disputeLost: 0
    }
  }

  /// Whether a record of this type changes what stands of a purchase.
  package var concernsPurchase: Bool {
    switch self {
    case .refund, .chargeback, .secondPresentment, .disputeWon: true
    default: false
    }
  }

  /// Whether a record of this type opens a dispute (true), or ends one (false); nil for all others.
  package var opensDispute: Bool? {
    switch self {
    case .disputeOpened: true
    case .disputeWon, .disputeLost: false
    default: nil
    }
  }
}

extension Channel {
  /// The channel of a feed's word, nil where there is none.
  init?(_ field: UnsafeRawBufferPointer) {
    guard let first = field.first else { return nil }
    let match: Channel =
      switch first {
      case 0x70: .pos
      case 0x77: .web
      case 0x61: .app
      case 0x72: .recurring
      default: .cash
      }
    var name = match.description
    guard name.withUTF8({ sameBytes(UnsafeRawBufferPointer($0), field) }) else { return nil }
    self = match
  }
}

/// What a bank says of a record beside what rules decide on; an empty text is none.
package struct RecordNotes: Sendable, Equatable {
  /// The scheme's reference, such as an ARN, where it is not the bank's own.
  package var networkRef = ShortID()
  package var approval = ShortID()
  /// Billed units for one of the record's own currency: digits, and perhaps a point and digits.
  package var rate = ShortID()
  /// The day on which the bank posted the record.
  package var posted: CivilDate?

  package init() {}
}

/// One record of a card feed, read and checked: facts only.
package struct CardRecord: Sendable {
  /// Line, or number of the message in a file without lines, from 1.
  package var line: Int32
  package var type: RecordType
  /// Whether the record undoes an earlier one.
  package var reversal: Bool
  package var reference: ShortID
  /// Reference of the record that a refund or reversal concerns, where the bank gives it.
  package var original: ShortID?
  /// Links authorisation, captures, refunds and disputes of one transaction, where given.
  package var lifecycle: ShortID?
  package var token: ShortID
  package var amount: Amount
  package var billing: Amount
  /// Foreign-exchange markup inside the billed amount, in minor units of the billing currency.
  package var markup: Int64?
  package var category: Int16
  package var merchant: ShortID
  /// Two letters of ISO 3166, as a number of base 256.
  package var country: Int16?
  package var channel: Channel?
  /// What the bank says beside.
  package var notes = RecordNotes()
  package var occurredAt: Instant
  /// The day on the cardholder's wall clock.
  package var eventDate: CivilDate
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
  /// The row's fields as the feed gave them, for a retry with a correction; empty where the row
  /// could not be cut into fields.
  package let fields: [CardField: String]
  /// Whether the fields are written as in kvitt's own CSV, not as the feed writes them.
  package let isCanonical: Bool

  package init(
    line: Int32,
    column: Int,
    length: Int,
    code: ErrorCode,
    excerpt: String,
    message: String,
    fields: [CardField: String] = [:],
    isCanonical: Bool = false
  ) {
    self.line = line
    self.column = column
    self.length = length
    self.code = code
    self.excerpt = excerpt
    self.message = message
    self.fields = fields
    self.isCanonical = isCanonical
  }
}
