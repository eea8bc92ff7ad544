/// A field that cannot be read.
struct FieldFault: Error {
  let field: CardField
  let code: ErrorCode
  let why: String

  init(_ field: CardField, _ code: ErrorCode, _ why: String) {
    self.field = field
    self.code = code
    self.why = why
  }
}

/// What ids of a feed are made of.
let idRule = "is not an id of 1 to 40 characters A-Z a-z 0-9 . _ -"

extension CardFeedProfile.Amounts {
  /// How a message says it.
  var wording: String {
    switch self {
    case .minor: "in minor units"
    case .paddedMinor: "in minor units filled with zeros"
    case .decimal: "with a decimal point and at most the currency's decimals"
    case .decimalComma: "with a decimal comma and at most the currency's decimals"
    }
  }
}

extension CardFeedProfile.Times {
  /// How a message says it.
  var wording: String {
    switch self {
    case .iso: "an instant yyyy-mm-ddThh:mm:ss with Z or an offset"
    case .unix: "a number of seconds since 1970"
    case .compact: "a time yyyymmddhhmmss"
    case .local: "a time yyyy-mm-dd hh:mm:ss"
    case .european: "a time dd.mm.yyyy hh:mm:ss"
    case .shortYear: "a time yymmddhhmmss"
    }
  }
}
