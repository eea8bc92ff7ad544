/// A rate or price: an exact decimal, `units` × 10^-`scale`.
package struct ExactDecimal: Hashable, Sendable, CustomStringConvertible {
  package let units: Int64
  package let scale: Int

  package init(units: Int64, scale: Int) {
    self.units = units
    self.scale = scale
  }

  /// Reads `[0-9]{1,12}(\.[0-9]{1,6})?`, nothing else.
  package init?(_ text: String) {
    var units: Int64 = 0
    var scale = 0
    var whole = 0
    var point = false
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39:
        units = units * 10 + Int64(byte - 0x30)
        if point { scale += 1 } else { whole += 1 }
      case 0x2E where !point:
        point = true
      default:
        return nil
      }
      guard whole <= 12, scale <= 6 else { return nil }
    }
    guard whole > 0, point == (scale > 0) else { return nil }
    self.init(units: units, scale: scale)
  }

  /// 10 to the power of the scale.
  package var denominator: Int64 {
    (0..<scale).reduce(1) { value, _ in value * 10 }
  }

  package var description: String {
    decimalText(units, exponent: scale)
  }

  /// What a quantity costs at this price each, in minor units, rounded once.
  package func cost(
    of quantity: Int64,
    in currency: Currency,
    _ rounding: Rounding
  ) throws(MoneyOverflow) -> Int64 {
    try divided(
      multiplied(Int128(quantity) * Int128(units), currency.minorPerMajor),
      by: Int128(denominator),
      rounding
    )
  }
}

/// A rounding rule that a contract names.
package enum Rounding: String, Sendable, CaseIterable {
  /// Half away from zero.
  case halfUp = "half-up"
  /// Half to the even neighbour.
  case halfEven = "half-even"
  /// Toward zero.
  case down
}

/// `value × numerator / denominator`, computed in 128 bits and rounded once.
package func scaled(
  _ value: Int64,
  by numerator: Int64,
  over denominator: Int64,
  _ rounding: Rounding
) throws(MoneyOverflow) -> Int64 {
  try divided(Int128(value) * Int128(numerator), by: Int128(denominator), rounding)
}

/// A 128-bit product.
package func multiplied(_ value: Int128, _ factor: Int64) throws(MoneyOverflow) -> Int128 {
  let (product, overflow) = value.multipliedReportingOverflow(by: Int128(factor))
  if overflow { throw MoneyOverflow() }
  return product
}

/// A 128-bit quotient, rounded once by the named rule.
package func divided(
  _ dividend: Int128,
  by divisor: Int128,
  _ rounding: Rounding
) throws(MoneyOverflow) -> Int64 {
  precondition(divisor > 0, "a divisor is a positive constant of the terms")
  let (quotient, remainder) = dividend.magnitude.quotientAndRemainder(
    dividingBy: divisor.magnitude
  )
  let twice = remainder * 2
  let up =
    switch rounding {
    case .halfUp: twice >= divisor.magnitude
    case .halfEven:
      twice > divisor.magnitude || (twice == divisor.magnitude && quotient % 2 == 1)
    case .down: false
    }
  let magnitude = quotient + (up ? 1 : 0)
  guard magnitude <= UInt128(Int64.max) else { throw MoneyOverflow() }
  return dividend < 0 ? -Int64(magnitude) : Int64(magnitude)
}

/// Splits `total` by `weights` so that the parts sum to it: largest remainder, ties to the first.
package func allocated(
  _ total: Int64,
  by weights: [Int64]
) throws(MoneyOverflow) -> [Int64] {
  let whole = weights.reduce(0, +)
  precondition(whole > 0 && weights.allSatisfy { $0 >= 0 }, "weights come from checked terms")
  var parts: [Int64] = []
  var remainders: [(rest: Int128, index: Int)] = []
  for (index, weight) in weights.enumerated() {
    let product = Int128(total.magnitude) * Int128(weight)
    parts.append(Int64(product / Int128(whole)))
    remainders.append((product % Int128(whole), index))
  }
  let missing = Int64(total.magnitude) - parts.reduce(0, +)
  let order = remainders.sorted { ($1.rest, $0.index) < ($0.rest, $1.index) }
  for entry in order.prefix(Int(missing)) { parts[entry.index] += 1 }
  return total < 0 ? parts.map { -$0 } : parts
}

/// A decimal amount as minor units; more decimals than the currency has are refused.
package func minorUnits(_ text: String, exponent: Int) -> Int64? {
  guard let value = ExactDecimal(text), value.scale <= exponent else { return nil }
  let factor = (value.scale..<exponent).reduce(Int64(1)) { product, _ in product * 10 }
  let (minor, overflow) = value.units.multipliedReportingOverflow(by: factor)
  return overflow ? nil : minor
}
