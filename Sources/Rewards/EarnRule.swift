package import Civil
package import Ledger

/// What a member gets.
package enum RewardKind: String, Sendable, CaseIterable {
  /// Money, in minor units.
  case cashback
  /// Credit at a retailer, face value in minor units.
  case credit
  /// Miles of an airline, whole.
  case miles
  /// The issuer's own points, whole.
  case points
}

/// One earn rule of an agreement: eligibility, rate, cap, cost and who pays.
package final class EarnRule: Sendable {
  /// Position in the agreement, from 1; stored with every lot.
  package let ordinal: Int16
  package let name: String
  package let kind: RewardKind
  /// Code of the reward unit.
  package let unit: String
  package let rate: EarnRate
  package let rounding: Rounding
  /// Which purchases the rule is for.
  package let eligibility: Eligibility
  /// Least billed amount that must stand of a purchase, after refunds, for it to earn.
  package let minimum: Int64
  /// Whether foreign-exchange markup is taken out of the amount that earns.
  package let withoutMarkup: Bool
  /// Code of the partner that the reward concerns, nil where the issuer stands alone.
  package let partner: String?
  /// Percentage of the cost that the partner pays, of cashback.
  package let partnerPays: ExactDecimal?
  /// Percentage of face at which the retailer is reimbursed, of store credit.
  package let reimbursedAt: ExactDecimal?
  /// Price of a mile, or expected cost of a point, in major units.
  package let price: ExactDecimal?
  /// What the partner charges for a point that is used, in major units; nil where the issuer
  /// supplies the goods itself.
  package let charge: ExactDecimal?
  package let cap: EarnCap?
  /// Days from purchase to availability.
  package let pendingDays: Int
  /// When lots are over; nil where they never are.
  package let expiry: Expiry?
  /// Whether store credit that a till took offline above the balance becomes a debt (S3c).
  package let owesOffline: Bool
  private let asksNothing: Bool

  package init(
    ordinal: Int16,
    name: String,
    kind: RewardKind,
    unit: String,
    rate: EarnRate,
    rounding: Rounding = .halfUp,
    eligibility: Eligibility = Eligibility(),
    minimum: Int64 = 0,
    withoutMarkup: Bool = false,
    partner: String? = nil,
    partnerPays: ExactDecimal? = nil,
    reimbursedAt: ExactDecimal? = nil,
    price: ExactDecimal? = nil,
    charge: ExactDecimal? = nil,
    cap: EarnCap? = nil,
    pendingDays: Int = 0,
    expiry: Expiry? = nil,
    owesOffline: Bool = false
  ) {
    self.ordinal = ordinal
    self.name = name
    self.kind = kind
    self.unit = unit
    self.rate = rate
    self.rounding = rounding
    self.eligibility = eligibility
    self.minimum = minimum
    self.withoutMarkup = withoutMarkup
    asksNothing = eligibility.asksNothing
    self.partner = partner
    self.partnerPays = partnerPays
    self.reimbursedAt = reimbursedAt
    self.price = price
    self.charge = charge
    self.cap = cap
    self.pendingDays = pendingDays
    self.expiry = expiry
    self.owesOffline = owesOffline
  }

  /// Whether the rule is for a purchase.
  @inline(__always)
  package func admits(_ facts: PurchaseFacts) -> Bool {
    asksNothing || eligibility.admits(facts)
  }

  /// Reward on a purchase of which `remaining` stands after refunds, in the purchase's own
  /// currency (E16), before any cap.
  package func uncapped(
    _ facts: PurchaseFacts,
    remaining: Int64
  ) throws(MoneyOverflow) -> Int64 {
    guard facts.original > 0 else { return 0 }
    let base = withoutMarkup ? facts.billed - facts.markup : facts.billed
    let parts = Int128(facts.original)
    let amount = Stands(dividend: Int128(base) * Int128(remaining), parts: parts)
    // A refund that brings the purchase under the minimum takes all of its reward (§6.2, E15).
    let billed = Stands(dividend: Int128(facts.billed) * Int128(remaining), parts: parts)
    guard amount.dividend > 0, billed.reaches(minimum) else { return 0 }
    return try rate.quantity(on: amount, rounding)
  }

  /// What a change of the period's uncapped sum does to the capped one.
  ///
  /// The member's period is worth min(cap, sum) whatever the order of its facts: a refund frees
  /// room for later purchases of the period.
  package func capped(_ change: Int64, after sum: Int64) throws(MoneyOverflow) -> Int64 {
    guard let cap else { return change }
    return min(cap.quantity, try checkedSum(sum, change)) - min(cap.quantity, sum)
  }

  /// The month in which the cap's period of a day begins, as `CivilDate.monthIndex` counts; without
  /// a cap the day's own month.
  package func capMonth(of date: CivilDate) -> Int16 {
    switch cap?.period {
    case .year: Int16(date.monthIndex / 12 * 12)
    case .campaign: 0
    default: Int16(date.monthIndex)
    }
  }

  /// Cost in minor units of a quantity; of a negative one, negative.
  package func cost(of quantity: Int64) throws(MoneyOverflow) -> Int64 {
    switch kind {
    case .cashback:
      return quantity
    case .credit:
      guard let percent = reimbursedAt else { return quantity }
      return try scaled(quantity, by: percent.units, over: percent.denominator * 100, rounding)
    case .miles, .points:
      guard let price else { return 0 }
      return try scaled(quantity, by: price.units * 100, over: price.denominator, rounding)
    }
  }

  /// What the partner charges for points that are used, in minor units; nil where nobody does.
  package func charge(for quantity: Int64) throws(MoneyOverflow) -> Int64? {
    guard let charge else { return nil }
    return try scaled(quantity, by: charge.units * 100, over: charge.denominator, rounding)
  }

  /// The partner's share of a cost.
  package func share(of cost: Int64) throws(MoneyOverflow) -> Int64 {
    guard let percent = partnerPays else { return 0 }
    return try scaled(cost, by: percent.units, over: percent.denominator * 100, rounding)
  }

  /// Template of the row that earns.
  package var earning: Template {
    switch kind {
    case .cashback: .earnCashback
    case .credit: .earnCredit
    case .miles: .earnMiles
    case .points: .earnPoints
    }
  }
}

/// An agreement as a value: what one version of a programme's terms says.
package final class Agreement: Sendable {
  /// Code such as `NB-CASHBACK`.
  package let code: String
  package let version: Int
  /// Code of the programme whose cards earn under it.
  package let programme: String
  package let currency: Currency
  /// First day of purchases under this version.
  package let validFrom: CivilDate
  /// Merchant categories that never earn.
  package let excludedCategories: Set<Int16>
  package let rules: [EarnRule]

  package init(
    code: String,
    version: Int,
    programme: String,
    currency: Currency,
    validFrom: CivilDate,
    excludedCategories: Set<Int16>,
    rules: [EarnRule]
  ) {
    self.code = code
    self.version = version
    self.programme = programme
    self.currency = currency
    self.validFrom = validFrom
    self.excludedCategories = excludedCategories
    self.rules = rules
  }
}
