/// Money: an exact count of a currency's minor units.
package struct Amount: Hashable, Sendable {
  /// Minor units (öre, cents); negative where the context gives negatives a meaning.
  package let minor: Int64
  package let currency: Currency

  package init(minor: Int64, currency: Currency) {
    self.minor = minor
    self.currency = currency
  }

  /// Decimal text for people and CSV, such as `-12.40`, without separators.
  package var decimal: String {
    decimalText(minor, exponent: currency.exponent)
  }
}

/// Arithmetic left the range that money is kept in.
package struct MoneyOverflow: Error, CustomStringConvertible {
  package init() {}
  package var description: String { "an amount leaves the range of 64 bits in minor units" }
}

/// `minor` with `exponent` decimals, as plain text.
package func decimalText(_ minor: Int64, exponent: Int) -> String {
  guard exponent > 0 else { return String(minor) }
  var digits = String(minor.magnitude)
  if digits.count <= exponent {
    digits = String(repeating: "0", count: exponent + 1 - digits.count) + digits
  }
  let split = digits.index(digits.endIndex, offsetBy: -exponent)
  return (minor < 0 ? "-" : "") + digits[..<split] + "." + digits[split...]
}

/// Sums with a check: money never wraps around.
package func checkedSum(_ left: Int64, _ right: Int64) throws(MoneyOverflow) -> Int64 {
  let (sum, overflow) = left.addingReportingOverflow(right)
  if overflow { throw MoneyOverflow() }
  return sum
}
