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
  package init?(code: some Collection<UInt8>) {
    guard code.count == 3, let match = Currency.byCode[Currency.key(code)] else { return nil }
    self = match
  }

  private static let byCode = Dictionary(
    uniqueKeysWithValues: allCases.map { (key($0.code.utf8), $0) }
  )

  private static func key(_ code: some Collection<UInt8>) -> UInt32 {
    code.reduce(0) { $0 << 8 | UInt32($1) }
  }

  package var description: String { code }
}
