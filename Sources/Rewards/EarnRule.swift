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
  /// Whole credits that only qualify for a tier: they cost nothing and buy nothing (term 20).
  case status
  /// Stamps of a card, of which a full one becomes a voucher.
  case stamps
  /// A voucher for an item at a partner.
  case voucher
  /// Uses of something that a partner offers, such as a lounge; they cost when they are used.
  case benefit
}

/// What a rule gives for.
package enum RuleSource: Sendable, Hashable {
  /// Purchases that it is for.
  case purchases
  /// So many stamps of another rule, by its ordinal (O9).
  case stamps(rule: Int16, count: Int64)
  /// Belonging to the programme in a period (O12).
  case grant
  /// An event of the member: `joined`, or a code that `kvitt member event` noted.
  case event(String)
  /// A friend's first qualifying purchase, on both sides (O15); taken back where the friend closes
  /// within so many days (O16).
  case referral(clawbackDays: Int)
  /// Points that a member turns into it: so many of a unit for so many (M12).
  case conversion(from: String, take: Int64, give: Int64)
}

/// One earn rule of an agreement: eligibility, rate, period, cost and who pays.
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
  /// Which members the rule is for.
  package let members: MemberConditions
  package let source: RuleSource
  /// Least billed amount that must stand of a purchase, after refunds, for it to earn.
  package let minimum: Int64
  /// Whether foreign-exchange markup is taken out of the amount that earns.
  package let withoutMarkup: Bool
  /// Code of the partner that the reward concerns, nil where the issuer stands alone.
  package let partner: String?
  /// Percentage of the cost that the partner pays, of cashback.
  package let partnerPays: ExactDecimal?
  /// Budgets, further sponsors, and when shares exist.
  package let funding: Funding
  /// Percentage of face that the partner gets of expired store credit (S5).
  package let breakageShare: ExactDecimal?
  /// Percentage of face at which the retailer is reimbursed, of store credit.
  package let reimbursedAt: ExactDecimal?
  /// Price of a mile, expected cost of a point, cost of a stamp, in major units.
  package let price: ExactDecimal?
  /// Currency of what it costs: the agreement's, but for miles whose price is in another.
  package let currency: Currency
  /// What the partner charges for a point or a benefit that is used, in major units; nil where the
  /// issuer supplies the goods itself.
  package let charge: ExactDecimal?
  /// Most that all members together get of the rule, in its units; nil where there is no end.
  package let contractCap: Int64?
  /// What the purchases of a period are worth together; nil where each stands alone.
  package let period: EarnPeriod?
  /// Days from purchase to availability.
  package let pendingDays: Int
  /// When lots are over; nil where they never are.
  package let expiry: Expiry?
  /// What is granted beyond the balance and a lot's own days.
  package let use: UseTerms
  /// Whether what members get together, or what the rule's partner pays, comes to an end.
  package var isLimited: Bool { contractCap != nil || funding.budget != nil }
  /// Whether anything is asked of the member.
  package let asksOfMember: Bool
  /// Whether purchases of a period count together.
  package let hasPeriod: Bool
  /// The most that a period gives, where that is all that it says: the usual case, kept apart so that
  /// no step of another period is touched on the way of every purchase.
  private let cap: Int64?
  /// Whether shares follow the cost alone: the usual case.
  private let sharesPlainly: Bool
  private let isForPurchases: Bool
  private let asksNothing: Bool
  private let asksGoods: Bool

  package init(
    ordinal: Int16,
    name: String,
    kind: RewardKind,
    unit: String,
    currency: Currency,
    rate: EarnRate,
    rounding: Rounding = .halfUp,
    eligibility: Eligibility = Eligibility(),
    members: MemberConditions = MemberConditions(),
    source: RuleSource = .purchases,
    minimum: Int64 = 0,
    withoutMarkup: Bool = false,
    partner: String? = nil,
    partnerPays: ExactDecimal? = nil,
    funding: Funding = Funding(),
    breakageShare: ExactDecimal? = nil,
    reimbursedAt: ExactDecimal? = nil,
    price: ExactDecimal? = nil,
    charge: ExactDecimal? = nil,
    contractCap: Int64? = nil,
    period: EarnPeriod? = nil,
    pendingDays: Int = 0,
    expiry: Expiry? = nil,
    use: UseTerms = UseTerms()
  ) {
    self.currency = currency
    self.ordinal = ordinal
    self.name = name
    self.kind = kind
    self.unit = unit
    self.rate = rate
    self.rounding = rounding
    self.eligibility = eligibility
    self.members = members
    self.source = source
    isForPurchases = source == .purchases
    self.minimum = minimum
    self.withoutMarkup = withoutMarkup
    asksNothing = eligibility.asksNothing && source == .purchases
    asksOfMember = !members.asksNothing
    asksGoods = !eligibility.goods.isEmpty
    self.partner = partner
    self.partnerPays = partnerPays
    self.funding = funding
    self.breakageShare = breakageShare
    self.reimbursedAt = reimbursedAt
    self.price = price
    self.charge = charge
    self.contractCap = contractCap
    self.period = period
    hasPeriod = period != nil
    cap = if case .atMost(let quantity) = period?.worth { quantity } else { nil }
    sharesPlainly = funding.trigger == .earning && funding.budget == nil
    self.pendingDays = pendingDays
    self.expiry = expiry
    self.use = use
  }

  /// Whether the rule is for a purchase, whoever made it.
  @inline(__always)
  package func admits(_ facts: PurchaseFacts) -> Bool {
    asksNothing || isForPurchases && eligibility.admits(facts)
  }

  /// Whether the rule is for a purchase of a member of whom so much stands.
  @inline(__always)
  package func admits(_ facts: PurchaseFacts, of standing: MemberStanding?) -> Bool {
    admits(facts)
      && (!asksOfMember || members.admits(standing ?? MemberStanding(), on: facts.date))
  }

  /// Reward on a purchase of which `remaining` stands after refunds, in the purchase's own
  /// currency (E16), before the period has its say; of a rule that counts or sums, what it adds.
  package func uncapped(
    _ facts: PurchaseFacts,
    remaining: Int64
  ) throws(MoneyOverflow) -> Int64 {
    guard facts.original > 0 else { return 0 }
    var base = withoutMarkup ? facts.billed - facts.markup : facts.billed
    if asksGoods { base = try facts.part(base, for: eligibility.goods) }
    let parts = Int128(facts.original)
    let amount = Stands(dividend: Int128(base) * Int128(remaining), parts: parts)
    // A refund that brings the purchase under the minimum takes all of its reward (§6.2, E15).
    let billed = Stands(dividend: Int128(facts.billed) * Int128(remaining), parts: parts)
    guard amount.dividend > 0, billed.reaches(minimum) else { return 0 }
    return try rate.quantity(on: amount, rounding)
  }

  /// What a change of the period's sum does to what the period is worth.
  package func worth(of change: Int64, after sum: Int64) throws(MoneyOverflow) -> Int64 {
    guard hasPeriod else { return change }
    let next = try checkedSum(sum, change)
    if let cap { return min(cap, next) - min(cap, sum) }
    guard let period else { return change }
    return try period.quantity(of: next, rounding) - period.quantity(of: sum, rounding)
  }

  /// Whether the rule, of a later version, counts the periods of an earlier one on.
  package func continues(_ other: EarnRule) -> Bool {
    let adds = { (rule: EarnRule) in [rule.rate == .spending, rule.rate == .counting] }
    return period != nil && period == other.period && unit == other.unit && name == other.name
      && rounding == other.rounding && adds(self) == adds(other)
  }

  /// What the sum of a period counts toward a tier: what was spent or counted, else the reward.
  package func qualifying(_ sum: Int64) throws(MoneyOverflow) -> Int64 {
    guard let period, rate != .spending, rate != .counting else { return sum }
    return try period.quantity(of: sum, rounding)
  }

  /// The month in which the rule's period of a day begins; without a period the day's own month.
  package func periodMonth(of date: CivilDate) -> Int16 {
    period?.month(of: date) ?? Int16(date.monthIndex)
  }

  /// Cost in minor units of a quantity; of a negative one, negative.
  package func cost(of quantity: Int64) throws(MoneyOverflow) -> Int64 {
    switch kind {
    case .cashback:
      return quantity
    case .credit:
      guard let percent = reimbursedAt else { return quantity }
      return try scaled(quantity, by: percent.units, over: percent.denominator * 100, rounding)
    case .status, .benefit:
      return 0
    case .miles, .points, .stamps, .voucher:
      guard let price else { return 0 }
      return try price.cost(of: quantity, in: currency, rounding)
    }
  }

  /// What the partner charges for points or benefits that are used, in minor units; nil where nobody does.
  package func charge(for quantity: Int64) throws(MoneyOverflow) -> Int64? {
    guard let charge else { return nil }
    return try charge.cost(of: quantity, in: currency, rounding)
  }

  /// The partner's share of a cost.
  package func share(of cost: Int64) throws(MoneyOverflow) -> Int64 {
    guard let percent = partnerPays else { return 0 }
    return try scaled(cost, by: percent.units, over: percent.denominator * 100, rounding)
  }

  /// What the rule's own partner pays of a cost that stands, by what was booked before.
  func share(of cost: Int64, after booked: Booked) throws(MoneyOverflow) -> Int64 {
    if sharesPlainly { return try share(of: cost) }
    // A share that waits comes by a row of its own; from then on it follows.
    switch funding.trigger {
    case .availability where booked.share == 0: return 0
    case .redemption: return min(booked.share, try share(of: cost))
    default: break
    }
    guard funding.budget != nil else { return try share(of: cost) }
    return try shareStanding(of: cost, booked: (booked.cost, booked.share), isCut: true) {
      cost throws(MoneyOverflow) in try share(of: cost)
    }
  }

  /// A further sponsor's share of a cost that stands, by what was booked before.
  package func share(
    of sponsor: Sponsor,
    cost: Int64,
    booked: (cost: Int64, share: Int64)
  ) throws(MoneyOverflow) -> Int64 {
    switch funding.trigger {
    case .availability where booked.share == 0: return 0
    case .redemption: return min(booked.share, try share(of: sponsor, cost: cost))
    default: break
    }
    return try shareStanding(of: cost, booked: booked, isCut: sponsor.budget != nil) {
      cost throws(MoneyOverflow) in try share(of: sponsor, cost: cost)
    }
  }

  /// A further sponsor's share of a cost by the contract.
  package func share(of sponsor: Sponsor, cost: Int64) throws(MoneyOverflow) -> Int64 {
    try scaled(cost, by: sponsor.pays.units, over: sponsor.pays.denominator * 100, rounding)
  }

  /// Flow of the row that earns.
  package var earning: Flow {
    switch kind {
    case .cashback: source == .purchases ? .earnCashback : .earnBonus
    case .credit: .earnCredit
    case .miles: .earnMiles
    case .points, .status: .earnPoints
    case .stamps: .earnStamps
    case .voucher: .awardVoucher
    case .benefit: .grantBenefit
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
  /// Rewards between which members choose; who never chose has the first (term 21).
  package let choices: [String]
  package let tiers: TierTerms?
  package let amendment: Amendment?
  package let closing: ClosingTerms?
  /// Goods that points buy.
  package let catalogue: [CatalogueItem]
  /// Points that became others by this version.
  package let redenominations: [Redenomination]

  package init(
    code: String,
    version: Int,
    programme: String,
    currency: Currency,
    validFrom: CivilDate,
    excludedCategories: Set<Int16>,
    rules: [EarnRule],
    choices: [String] = [],
    tiers: TierTerms? = nil,
    amendment: Amendment? = nil,
    closing: ClosingTerms? = nil,
    catalogue: [CatalogueItem] = [],
    redenominations: [Redenomination] = []
  ) {
    self.code = code
    self.version = version
    self.programme = programme
    self.currency = currency
    self.validFrom = validFrom
    self.excludedCategories = excludedCategories
    self.rules = rules
    self.choices = choices
    self.tiers = tiers
    self.amendment = amendment
    self.closing = closing
    self.catalogue = catalogue
    self.redenominations = redenominations
  }
}
