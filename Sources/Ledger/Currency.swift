/// A currency of ISO 4217 that kvitt keeps books in.
package enum Currency: Int16, CaseIterable, Sendable, Hashable, CustomStringConvertible {
  case dkk = 208
  case isk = 352
  case jpy = 392
  case kwd = 414
  case nok = 578
  case sek = 752
  case chf = 756
  case gbp = 826
  case usd = 840
  case eur = 978
  case pln = 985

  /// Three letters, as files and screens carry them.
  package var code: String {
    switch self {
    case .dkk: "DKK"
    case .isk: "ISK"
    case .jpy: "JPY"
    case .kwd: "KWD"
    case .nok: "NOK"
    case .sek: "SEK"
    case .chf: "CHF"
    case .gbp: "GBP"
    case .usd: "USD"
    case .eur: "EUR"
    case .pln: "PLN"
    }
  }

  /// Decimals of the minor unit (ISO 4217 list one).
  package var exponent: Int {
    switch self {
    case .isk, .jpy: 0
    case .kwd: 3
    default: 2
    }
  }

  /// The currency of a three-letter code in upper case.
  package init?(code: some Sequence<UInt8>) {
    let code = Array(code)
    guard let match = Currency.allCases.first(where: { Array($0.code.utf8) == code }) else {
      return nil
    }
    self = match
  }

  package var description: String { code }
}
