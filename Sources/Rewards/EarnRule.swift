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
}

/// How much reward a purchase gives.
package enum EarnRate: Sendable, Hashable {
  /// A percentage of the billed amount, rounded by the rule.
  case percent(ExactDecimal)
  /// `quantity` for each full `each` minor units of the billed amount.
  case perFull(quantity: Int64, each: Int64)
}

/// One earn rule of an agreement: eligibility, rate, cap, cost and who pays.
package struct EarnRule: Sendable {
  /// Position in the agreement, from 1; stored with every lot.
  package let ordinal: Int16
  package let name: String
  package let kind: RewardKind
  /// Code of the reward unit.
  package let unit: String
  package let rate: EarnRate
  package let rounding: Rounding
  /// Merchants that qualify; empty means all.
  package let merchants: Set<ShortID>
  /// Code of the partner that the reward concerns, nil where the issuer stands alone.
  package let partner: String?
  /// Percentage of the cost that the partner pays, of cashback.
  package let partnerPays: ExactDecimal?
  /// Percentage of face at which the retailer is reimbursed, of store credit.
  package let reimbursedAt: ExactDecimal?
  /// Price of a mile in major units.
  package let price: ExactDecimal?
  /// Highest quantity a member earns in a calendar month, net of refunds.
  package let monthlyCap: Int64?
  /// Days from purchase to availability.
  package let pendingDays: Int

  package init(
    ordinal: Int16,
    name: String,
    kind: RewardKind,
    unit: String,
    rate: EarnRate,
    rounding: Rounding = .halfUp,
    merchants: Set<ShortID> = [],
    partner: String? = nil,
    partnerPays: ExactDecimal? = nil,
    reimbursedAt: ExactDecimal? = nil,
    price: ExactDecimal? = nil,
    monthlyCap: Int64? = nil,
    pendingDays: Int = 0
  ) {
    self.ordinal = ordinal
    self.name = name
    self.kind = kind
    self.unit = unit
    self.rate = rate
    self.rounding = rounding
    self.merchants = merchants
    self.partner = partner
    self.partnerPays = partnerPays
    self.reimbursedAt = reimbursedAt
    self.price = price
    self.monthlyCap = monthlyCap
    self.pendingDays = pendingDays
  }

  /// Whether a purchase at the merchant qualifies, its category set aside.
  package func admits(_ merchant: ShortID) -> Bool {
    merchants.isEmpty || merchants.contains(merchant)
  }

  /// Reward on a purchase of `billed` minor units of which `remaining` of `original` stand after
  /// refunds, both in the currency of the purchase (E16), before any cap.
  package func uncapped(
    billed: Int64,
    remaining: Int64,
    original: Int64
  ) throws(MoneyOverflow) -> Int64 {
    guard original > 0 else { return 0 }
    let base = Int128(billed) * Int128(remaining)
    switch rate {
    case .percent(let percent):
      let divisor = Int128(original) * Int128(percent.denominator) * 100
      let (dividend, overflow) = base.multipliedReportingOverflow(by: Int128(percent.units))
      if overflow { throw MoneyOverflow() }
      return try divided(dividend, by: divisor, rounding)
    case .perFull(let quantity, let each):
      let full = try divided(base, by: Int128(original) * Int128(each), .down)
      return try scaled(full, by: quantity, over: 1, .down)
    }
  }

  /// What a change of the month's uncapped sum does to the capped one.
  ///
  /// The member's month is worth min(cap, sum) whatever the order of its facts: a refund frees
  /// room for later purchases of the month.
  package func capped(_ change: Int64, after sum: Int64) throws(MoneyOverflow) -> Int64 {
    guard let cap = monthlyCap else { return change }
    return min(cap, try checkedSum(sum, change)) - min(cap, sum)
  }

  /// Cost in minor units of a quantity; of a negative one, negative.
  package func cost(of quantity: Int64) throws(MoneyOverflow) -> Int64 {
    switch kind {
    case .cashback:
      return quantity
    case .credit:
      guard let percent = reimbursedAt else { return quantity }
      return try scaled(quantity, by: percent.units, over: percent.denominator * 100, rounding)
    case .miles:
      guard let price else { return 0 }
      return try scaled(quantity, by: price.units * 100, over: price.denominator, rounding)
    }
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
    }
  }
}

/// An agreement as a value: what one version of a programme's terms says.
package struct Agreement: Sendable {
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
