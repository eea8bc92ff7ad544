import Civil
import Formats
import Ledger
import Rewards

extension EarnRule {
  /// Reads one rule of an agreement.
  convenience init(
    _ terms: TermsDocument,
    ordinal: Int16,
    currency: Currency,
    choices: [String] = [],
    earlier: [EarnRule] = []
  ) throws(Refusal) {
    try terms.allow(ruleKeys)
    guard let kind = RewardKind(rawValue: try terms.text("reward")) else {
      throw terms.bad(
        "reward",
        "is none of " + RewardKind.allCases.map(\.rawValue).joined(separator: ", ")
      )
    }
    guard let rounding = Rounding(rawValue: try terms.optionalText("rounding") ?? "half-up")
    else { throw terms.bad("rounding", "is none of half-up, half-even, down") }
    let partner = try terms.partner(kind)
    let base = try terms.optionalText("base") ?? "billed"
    guard ["billed", "without-markup"].contains(base) else {
      throw terms.bad("base", "is neither billed nor without-markup")
    }
    let exponent = kind.isWhole ? 0 : currency.exponent
    let source = try terms.source(kind, earlier)
    let grant = try terms.grant(kind)
    let rate: EarnRate
    if let grant {
      rate = .flat(grant.count)
    } else {
      let isGiven = if case .conversion = source { true } else { kind == .voucher }
      rate = isGiven ? .flat(1) : try terms.rate(currency, exponent)
    }
    let period =
      if let grant { grant.period } else {
        try terms.period(rate, exponent, rounding, currency)
      }
    let price = try terms.price(kind, in: currency)
    var expiry = try terms.expiry(kind)
    if expiry == nil, let grant {
      expiry = Expiry(term: .days(0), rounding: grant.period.span == .year ? .year : .month)
    }
    self.init(
      ordinal: ordinal,
      name: try terms.text("name"),
      kind: kind,
      unit: try terms.text("unit"),
      currency: price.currency,
      rate: rate,
      rounding: rounding,
      eligibility: try Eligibility(terms),
      members: try MemberConditions(terms, choices),
      source: source,
      minimum: try terms.amount("minimum", currency.exponent) ?? 0,
      withoutMarkup: base == "without-markup",
      partner: partner,
      partnerPays: try terms.percent("partner_pays"),
      funding: try Funding(terms, currency),
      breakageShare: try terms.breakageShare(kind),
      reimbursedAt: try terms.percent("reimbursed_at"),
      price: kind == .benefit ? nil : price.each,
      charge: kind == .benefit ? price.each : try terms.charge(kind, partner),
      contractCap: try terms.contractCap(source, exponent),
      period: period,
      pendingDays: try terms.integer("pending_days", default: 0),
      expiry: expiry,
      use: try UseTerms(terms, kind)
    )
  }
}

extension Eligibility {
  init(_ terms: TermsDocument) throws(Refusal) {
    self.init()
    for text in try terms.list("merchants") {
      guard isID(text), let id = ShortID(text) else { throw terms.bad("merchants", "no id") }
      merchants.insert(id)
    }
    merchantsOf = try terms.optionalText("merchants_of")
    if let merchantsOf, !isID(merchantsOf) { throw terms.bad("merchants_of", "is no partner") }
    for text in try terms.texts("mcc") { categories.append(try terms.categories("mcc", text)) }
    for text in try terms.texts("countries") {
      let letters = Array(text.utf8)
      guard letters.count == 2, letters.allSatisfy({ (0x41...0x5A).contains($0) }) else {
        throw terms.bad("countries", "\"\(escaped(text))\" is not two capital letters")
      }
      countries.insert(Int16(letters[0]) << 8 | Int16(letters[1]))
    }
    for text in try terms.texts("currencies") {
      guard let currency = Currency(code: text.utf8) else {
        throw terms.bad("currencies", "\"\(escaped(text))\" is no currency")
      }
      currencies.insert(currency.rawValue)
    }
    for text in try terms.texts("channels") {
      guard let channel = Channel(name: text) else {
        throw terms.bad(
          "channels",
          "\"\(escaped(text))\" is none of pos, web, app, recurring, cash"
        )
      }
      channels.insert(channel.rawValue)
    }
    // 1970-01-05 was a Monday.
    let names = (1...7).map { CivilDate(days: Int32($0 + 3)).weekdayName }
    for text in try terms.texts("weekdays") {
      guard let place = names.firstIndex(of: text) else {
        throw terms.bad(
          "weekdays",
          "\"\(escaped(text))\" is none of \(names.joined(separator: ", "))"
        )
      }
      weekdays.insert(place + 1)
    }
    for text in try terms.texts("goods") { goods.insert(try terms.code("goods", text)) }
    from = try terms.optionalDate("from")
    through = try terms.optionalDate("through")
    if let from, let through, through < from { throw terms.bad("through", "is before from") }
  }
}

private let ruleKeys = [
  "name", "reward", "unit", "rate", "steps", "rounding", "merchants", "merchants_of", "mcc",
  "goods", "countries", "currencies", "channels", "weekdays", "from", "through", "minimum", "base",
  "partner", "partner_pays", "reimbursed_at", "price", "monthly_cap", "yearly_cap",
  "campaign_cap", "contract_cap", "monthly_floor", "per", "pending_days", "expires",
  "expired_share", "offline",
  "charge", "joined_within", "tiers", "products", "chosen", "audience", "standing", "for", "grant",
  "on",
  "clawback_days",
  "budget", "overflow", "sponsors", "funded_at", "breakage_share", "convert",
  "written_off", "late_days", "restored_days",
]

extension MemberConditions {
  init(_ terms: TermsDocument, _ choices: [String]) throws(Refusal) {
    self.init()
    if try terms.optionalText("joined_within") != nil {
      let words = try terms.text("joined_within").split(separator: " ").map(String.init)
      guard words.count == 2, words[1] == "days", let days = strictInteger(words[0]),
        (1...3_660).contains(days)
      else { throw terms.bad("joined_within", "is not \"90 days\"") }
      joinedWithin = Int(days)
    }
    for text in try terms.texts("tiers") { tiers.insert(try terms.code("tiers", text)) }
    for text in try terms.texts("products") { products.insert(try terms.code("products", text)) }
    choice = try terms.optionalText("chosen")
    if let choice {
      guard choices.contains(choice) else {
        throw terms.bad("chosen", "is none of the agreement's choices")
      }
      isFirstChoice = choice == choices.first
    }
    audience = try terms.optionalText("audience")
    if let audience { _ = try terms.code("audience", audience) }
    if let standing = try terms.optionalText("standing") {
      guard standing == "good" else { throw terms.bad("standing", "is not good") }
      goodStanding = true
    }
  }
}

extension UseTerms {
  init(_ terms: TermsDocument, _ kind: RewardKind) throws(Refusal) {
    self.init()
    let offline = try terms.optionalText("offline") ?? "refuse"
    guard ["refuse", "owe"].contains(offline), offline == "refuse" || kind == .credit else {
      throw terms.bad("offline", "is neither refuse nor owe, and goes with credit")
    }
    owesOffline = offline == "owe"
    lateDays = try terms.days("late_days")
    guard lateDays == 0 || kind == .credit else {
      throw terms.bad("late_days", "goes with credit, which tills confirm")
    }
    restoredDays = try terms.days("restored_days")
    let isExpiring = try terms.optionalText("expires") != nil
    guard restoredDays == 0 || isExpiring && [.credit, .cashback].contains(kind) else {
      throw terms.bad("restored_days", "goes with credit or cashback that expires")
    }
  }
}

extension TermsDocument {
  /// A number of days up to ten years, 0 where the key is absent.
  fileprivate func days(_ key: String) throws(Refusal) -> Int {
    let days = try integer(key, default: 0)
    guard (0...3_660).contains(days) else { throw bad(key, "is no number of days up to 3660") }
    return days
  }

  /// A name that facts of members carry.
  func code(_ key: String, _ text: String) throws(Refusal) -> String {
    guard isID(text), text.utf8.count <= 40, text != "none" else {
      throw bad(key, "\"\(escaped(text))\" is no name of letters and digits")
    }
    return text
  }

  /// The partner that the reward concerns, with what goes with it.
  fileprivate func partner(_ kind: RewardKind) throws(Refusal) -> String? {
    let partner = try optionalText("partner")
    if [.credit, .miles, .voucher, .benefit].contains(kind), partner == nil {
      throw bad("partner", "is missing: \(kind.rawValue) needs a partner")
    }
    if try percent("partner_pays") != nil, partner == nil || kind != .cashback {
      throw bad("partner_pays", "goes with cashback and a partner")
    }
    return partner
  }

  /// Price of a mile, or expected cost of a point: `0.0850`, and of miles that purchases earn also
  /// `0.0074 EUR` (M13).
  fileprivate func price(
    _ kind: RewardKind,
    in currency: Currency
  ) throws(Refusal) -> (each: ExactDecimal?, currency: Currency) {
    let words = try optionalText("price")?.split(separator: " ").map(String.init) ?? []
    let isPriced = kind.isWhole && kind != .status
    guard isPriced == !words.isEmpty else {
      throw bad("price", "goes with miles, points, stamps, vouchers and benefits, and they need it")
    }
    guard let first = words.first else { return (nil, currency) }
    guard words.count <= 2, let each = ExactDecimal(first) else {
      throw bad("price", "is neither \"0.0850\" nor \"0.0074 EUR\"")
    }
    guard words.count == 2 else { return (each, currency) }
    guard kind == .miles, try optionalText("convert") == nil,
      let other = Currency(code: words[1].utf8)
    else { throw bad("price", "has a currency of its own for miles that purchases earn alone") }
    return (each, other)
  }

  /// What the partner charges for a point that is used.
  fileprivate func charge(_ kind: RewardKind, _ partner: String?) throws(Refusal) -> ExactDecimal? {
    let charge = try decimal("charge")
    guard charge == nil || (kind == .points && partner != nil) else {
      throw bad("charge", "goes with points and a partner")
    }
    return charge
  }

  /// Most that all members together get.
  fileprivate func contractCap(_ source: RuleSource, _ exponent: Int) throws(Refusal) -> Int64? {
    guard let cap = try amount("contract_cap", exponent) else { return nil }
    guard cap > 0, source == .purchases else {
      throw bad("contract_cap", "is more than nothing, and goes with rewards for purchases")
    }
    return cap
  }

  private func decimal(_ key: String) throws(Refusal) -> ExactDecimal? {
    guard let text = try optionalText(key) else { return nil }
    guard let value = ExactDecimal(text) else { throw bad(key, "no exact decimal") }
    return value
  }

  /// Four digits, or a range of them such as `3000-3299`.
  fileprivate func categories(
    _ key: String,
    _ text: String
  ) throws(Refusal) -> ClosedRange<Int16> {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
    let codes = parts.compactMap { $0.utf8.count == 4 ? strictDigits($0) : nil }
    guard codes.count == parts.count, (1...2).contains(codes.count), let low = codes.first,
      let high = codes.last, low <= high
    else { throw bad(key, "\"\(escaped(text))\" is neither four digits nor a range of them") }
    return low...high
  }

  private func strictDigits(_ text: String) -> Int16? {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int16(text) : nil
  }

  /// A day, nil where the key is absent.
  func optionalDate(_ key: String) throws(Refusal) -> CivilDate? {
    try optionalText(key) == nil ? nil : try date(key)
  }

  /// An amount of the agreement's currency, nil where the key is absent.
  func amount(_ key: String, _ exponent: Int) throws(Refusal) -> Int64? {
    guard let text = try optionalText(key) else { return nil }
    guard let value = minorUnits(text, exponent: exponent) else { throw bad(key, "no amount") }
    return value
  }

  /// `75 %`, nil where the key is absent.
  func percent(_ key: String) throws(Refusal) -> ExactDecimal? {
    guard let text = try optionalText(key) else { return nil }
    guard let value = percentage(text) else {
      throw bad(key, "is no percentage from 0 to 100 like \"75 %\"")
    }
    return value
  }

  private func percentage(_ text: String) -> ExactDecimal? {
    let words = text.split(separator: " ").map(String.init)
    guard words.count == 2, words[1] == "%", let value = ExactDecimal(words[0]),
      value.units <= 100 * value.denominator
    else { return nil }
    return value
  }

  /// `24 months`, `730 days`, either with `to month-end` or `to year-end`, or `on 2027-12-31`.
  fileprivate func expiry(_ kind: RewardKind) throws(Refusal) -> Expiry? {
    guard let text = try optionalText("expires") else {
      if try optionalText("expired_share") != nil {
        throw bad("expired_share", "goes with expires")
      }
      return nil
    }
    guard kind != .miles else { throw bad("expires", "miles are the partner's once delivered") }
    let words = text.split(separator: " ").map(String.init)
    let wrong = bad(
      "expires",
      "is none of \"24 months\", \"730 days\", either with \"to month-end\" or \"to year-end\", "
        + "\"on 2027-12-31\""
    )
    let share = try optionalText("expired_share") ?? "keep"
    guard ["keep", "return"].contains(share) else {
      throw bad("expired_share", "is neither keep nor return")
    }
    if words.count == 2, words[0] == "on", let day = CivilDate(words[1]) {
      return Expiry(term: .on(day), returnsShare: share == "return")
    }
    guard words.count == 2 || words.count == 4 && words[2] == "to",
      let count = strictInteger(words[0]),
      (1...1_200).contains(count) || words[1] == "days" && (1...36_500).contains(count)
    else { throw wrong }
    let rounding = words.count == 4 ? Expiry.Rounding(rawValue: words[3]) : Expiry.Rounding.none
    guard let rounding, ["days", "months"].contains(words[1]) else { throw wrong }
    return Expiry(
      term: words[1] == "days" ? .days(Int(count)) : .months(Int(count)),
      rounding: rounding,
      returnsShare: share == "return"
    )
  }
}
