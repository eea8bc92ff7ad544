/// The columns of kvitt's own card feed; every other feed is mapped to them by its profile.
package enum CardField: Int, CaseIterable, Sendable {
  case type
  case reversal
  case reference
  case networkRef
  case original
  case lifecycle
  case approval
  case token
  case amount
  case currency
  case billing
  case billingCurrency
  case rate
  case markup
  case category
  case merchant
  case merchantName
  case country
  case channel
  case time
  case postedDate

  /// The column's name in kvitt CSV, kvitt NDJSON and profiles.
  package var name: String {
    switch self {
    case .type: "type"
    case .reversal: "reversal"
    case .reference: "reference"
    case .networkRef: "network_ref"
    case .original: "original_ref"
    case .lifecycle: "lifecycle_id"
    case .approval: "approval_code"
    case .token: "card_token"
    case .amount: "amount_minor"
    case .currency: "currency"
    case .billing: "billing_minor"
    case .billingCurrency: "billing_currency"
    case .rate: "rate"
    case .markup: "markup_minor"
    case .category: "mcc"
    case .merchant: "merchant_id"
    case .merchantName: "merchant_name"
    case .country: "country"
    case .channel: "channel"
    case .time: "local_time"
    case .postedDate: "posted_date"
    }
  }

  /// The field of a column name.
  package init?(name: String) {
    guard let match = CardField.allCases.first(where: { $0.name == name }) else { return nil }
    self = match
  }

  /// Whether the field is an id of the sender's: digits there may be nothing but a number of its own.
  var isSendersID: Bool {
    switch self {
    case .reference, .networkRef, .original, .lifecycle, .approval, .merchant: true
    default: false
    }
  }

  /// Without these a record has no meaning.
  package var isRequired: Bool {
    switch self {
    case .type, .reference, .token, .amount, .currency, .billing, .billingCurrency, .category,
      .merchant, .time:
      true
    default: false
    }
  }
}

/// The fields of one row as byte ranges into a reader's buffer; an absent one is empty.
///
/// Plain memory that is not counted: a row writes and reads each field. Who made it releases it.
struct FieldSlots {
  private static let count = CardField.allCases.count
  private let slots: UnsafeMutablePointer<UnsafeRawBufferPointer>

  init() {
    slots = .allocate(capacity: FieldSlots.count)
    clear()
  }

  func release() {
    slots.deallocate()
  }

  func clear() {
    slots.initialize(
      repeating: UnsafeRawBufferPointer(start: nil, count: 0),
      count: FieldSlots.count
    )
  }

  @inline(__always)
  subscript(_ field: CardField) -> UnsafeRawBufferPointer {
    get { slots[field.rawValue] }
    nonmutating set { slots[field.rawValue] = newValue }
  }

  /// The fields as texts, for quarantine: ids that hold a card number are left out, so that a retry must say
  /// what stands there, and in all other texts card numbers are masked.
  ///
  /// - Parameter numericReferences: Whether the sender's ids are numbers by design.
  /// - Returns: Texts by field, escaped, of at most 200 characters.
  func texts(numericReferences: Bool) -> [CardField: String] {
    var out: [CardField: String] = [:]
    for field in CardField.allCases where !self[field].isEmpty {
      let text = String(decoding: self[field], as: UTF8.self)
      if numericReferences, field.isSendersID {
        out[field] = String(escaped(text).prefix(200))
      } else if !holdsCardNumber(self[field]) {
        out[field] = shown(text)
      }
    }
    return out
  }
}
