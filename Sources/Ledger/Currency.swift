/// A currency of ISO 4217 list one (edition 2026-01-01) that has a minor unit.
package struct Currency: RawRepresentable, CaseIterable, Sendable, Hashable,
  CustomStringConvertible
{
  /// The numeric code.
  package let rawValue: Int16

  package static let dkk = Currency(known: 208)
  package static let gbp = Currency(known: 826)
  package static let eur = Currency(known: 978)
  package static let nok = Currency(known: 578)
  package static let sek = Currency(known: 752)
  package static let usd = Currency(known: 840)

  private init(known number: Int16) {
    rawValue = number
  }

  /// The currency of a numeric code.
  package init?(rawValue: Int16) {
    guard (0...999).contains(rawValue), Currency.table.exponents[Int(rawValue)] >= 0 else {
      return nil
    }
    self.rawValue = rawValue
  }

  /// The currency of a three-letter code in upper case.
  package init?(code: some Collection<UInt8>) {
    let bytes = Array(code)
    guard let match = bytes.withUnsafeBytes({ Currency(letters: $0) }) else { return nil }
    self = match
  }

  /// The currency of a three-letter code: in upper case, or in lower case where that is agreed.
  @inline(__always)
  package init?(letters: UnsafeRawBufferPointer, isLower: Bool = false) {
    guard letters.count == 3 else { return nil }
    var index = 0
    for byte in letters {
      let letter = Int(byte) - (isLower ? 0x61 : 0x41)
      guard (0..<26).contains(letter) else { return nil }
      index = index * 26 + letter
    }
    let number = Currency.table.numbers[index]
    guard number >= 0 else { return nil }
    rawValue = number
  }

  /// Three letters, as files and screens carry them.
  package var code: String { Currency.table.codes[Int(rawValue)] }

  /// Decimals of the minor unit.
  package var exponent: Int { Int(Currency.table.exponents[Int(rawValue)]) }

  /// Minor units in a major one.
  package var minorPerMajor: Int64 { (0..<exponent).reduce(1) { product, _ in product * 10 } }

  package var description: String { code }

  /// All currencies, by numeric code.
  package static var allCases: [Currency] {
    (0...999).compactMap { Currency(rawValue: Int16($0)) }
  }

  /// Look-ups by number, and by the three letters read as a number of base 26; -1 is none.
  ///
  /// Plain memory that lives as long as the process: readers ask it for every amount.
  private struct Table: @unchecked Sendable {
    let numbers = UnsafeMutablePointer<Int16>.allocate(capacity: 26 * 26 * 26)
    let exponents = UnsafeMutablePointer<Int8>.allocate(capacity: 1000)
    var codes = [String](repeating: "", count: 1000)

    init() {
      numbers.initialize(repeating: -1, count: 26 * 26 * 26)
      exponents.initialize(repeating: -1, count: 1000)
    }
  }

  private static let table: Table = {
    var table = Table()
    for word in list.split(separator: " ") {
      let bytes = Array(word.utf8)
      let number = bytes[3...5].reduce(0) { $0 * 10 + Int($1 - 0x30) }
      table.exponents[number] = Int8(bytes[6] - 0x30)
      table.codes[number] = String(decoding: bytes[0...2], as: UTF8.self)
      table.numbers[bytes[0...2].reduce(0) { $0 * 26 + Int($1 - 0x41) }] = Int16(number)
    }
    return table
  }()

  /// Letters, number and decimals, as ISO 4217 pairs them; those without a minor unit are left out.
  private static let list = """
    AED7842 AFN9712 ALL0082 AMD0512 AOA9732 ARS0322 AUD0362 AWG5332 AZN9442 BAM9772 BBD0522 \
    BDT0502 BHD0483 BIF1080 BMD0602 BND0962 BOB0682 BOV9842 BRL9862 BSD0442 BTN0642 BWP0722 \
    BYN9332 BZD0842 CAD1242 CDF9762 CHE9472 CHF7562 CHW9482 CLF9904 CLP1520 CNY1562 COP1702 \
    COU9702 CRC1882 CUP1922 CVE1322 CZK2032 DJF2620 DKK2082 DOP2142 DZD0122 EGP8182 ERN2322 \
    ETB2302 EUR9782 FJD2422 FKP2382 GBP8262 GEL9812 GHS9362 GIP2922 GMD2702 GNF3240 GTQ3202 \
    GYD3282 HKD3442 HNL3402 HTG3322 HUF3482 IDR3602 ILS3762 INR3562 IQD3683 IRR3642 ISK3520 \
    JMD3882 JOD4003 JPY3920 KES4042 KGS4172 KHR1162 KMF1740 KPW4082 KRW4100 KWD4143 KYD1362 \
    KZT3982 LAK4182 LBP4222 LKR1442 LRD4302 LSL4262 LYD4343 MAD5042 MDL4982 MGA9692 MKD8072 \
    MMK1042 MNT4962 MOP4462 MRU9292 MUR4802 MVR4622 MWK4542 MXN4842 MXV9792 MYR4582 MZN9432 \
    NAD5162 NGN5662 NIO5582 NOK5782 NPR5242 NZD5542 OMR5123 PAB5902 PEN6042 PGK5982 PHP6082 \
    PKR5862 PLN9852 PYG6000 QAR6342 RON9462 RSD9412 RUB6432 RWF6460 SAR6822 SBD0902 SCR6902 \
    SDG9382 SEK7522 SGD7022 SHP6542 SLE9252 SOS7062 SRD9682 SSP7282 STN9302 SVC2222 SYP7602 \
    SZL7482 THB7642 TJS9722 TMT9342 TND7883 TOP7762 TRY9492 TTD7802 TWD9012 TZS8342 UAH9802 \
    UGX8000 USD8402 USN9972 UYI9400 UYU8582 UYW9274 UZS8602 VED9262 VES9282 VND7040 VUV5480 \
    WST8822 XAD3962 XAF9500 XCD9512 XCG5322 XOF9520 XPF9530 YER8862 ZAR7102 ZMW9672 ZWG9242
    """
}
