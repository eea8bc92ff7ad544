/// How a rule rounds to its unit.
enum WorldRounding: String, CaseIterable {
  case halfUp = "half-up"
  case halfEven = "half-even"
  case down
}

/// What a rule gives.
enum WorldKind: String, CaseIterable {
  case cashback, credit, miles, points, stamps, status

  /// Whether its quantity is money, in hundredths.
  var isMoney: Bool { self == .cashback || self == .credit }
}

/// Periods over which a rule adds up.
enum WorldPeriod: String, CaseIterable { case month, year, campaign }

/// Rates as terms write them.
///
/// Quantities are in the unit's smallest part, amounts in hundredths.
enum WorldRate: Equatable {
  /// Hundredths of a percent.
  case percent(Int)
  case perFull(Int, Int)
  case per(Int, Int)
  case flat(Int)
  case steps(isWhole: Bool, [Step])
  case atSpend(Int, Int)
  case atPurchases(Int, Int)
  case everySpend(Int, Int)
  case everyPurchases(Int, Int)

  struct Step: Equatable {
    let from: Int
    let percent: Int
  }

  /// Whether only what a period adds up to earns.
  var isOfPeriod: Bool {
    switch self {
    case .atSpend, .atPurchases, .everySpend, .everyPurchases: true
    default: false
    }
  }

  func text(_ kind: WorldKind) -> String {
    func units(_ quantity: Int) -> String { kind.isMoney ? money(quantity) : "\(quantity)" }
    return switch self {
    case .percent(let percent): "\(money(percent)) %"
    case .perFull(let give, let amount): "\(units(give)) per full \(money(amount))"
    case .per(let give, let amount): "\(units(give)) per \(money(amount))"
    case .flat(let give): "\(units(give)) flat"
    case .steps(let isWhole, _): isWhole ? "whole" : "marginal"
    case .atSpend(let give, let amount): "\(units(give)) at \(money(amount)) spend"
    case .atPurchases(let give, let count): "\(units(give)) at \(count) purchases"
    case .everySpend(let give, let amount): "\(units(give)) every \(money(amount)) spend"
    case .everyPurchases(let give, let count): "\(units(give)) every \(count) purchases"
    }
  }
}

/// An amount in hundredths as terms write it.
func money(_ minor: Int) -> String {
  "\(minor / 100).\(minor % 100 / 10)\(minor % 10)"
}

/// Most that a period gives.
struct WorldCap: Equatable {
  enum Measure: Equatable { case reward(Int), spend(Int), times(Int) }
  var period: WorldPeriod
  var measure: Measure
}

/// When what was earned ends.
struct WorldExpiry: Equatable {
  enum Length: Equatable { case days(Int), months(Int), on(String) }
  enum End: String { case itself = "", month = " to month-end", year = " to year-end" }
  var length: Length
  var end: End = .itself

  var text: String {
    switch length {
    case .days(let days): "\(days) days\(end.rawValue)"
    case .months(let months): "\(months) months\(end.rawValue)"
    case .on(let day): "on \(day)"
    }
  }
}

/// A sponsor beside the partner.
struct WorldSponsor: Equatable {
  var partner: String
  /// Percent.
  var pays: Int
  var budget: Int?
}

/// A rule of terms; what is nil or empty is not written.
struct WorldRule: Equatable {
  var name: String
  var kind: WorldKind
  var unit: String
  var rate: WorldRate
  var per: WorldPeriod?
  var rounding: WorldRounding?
  var isWithoutMarkup = false
  var minimum: Int?
  var merchants: [String] = []
  var merchantsOf: String?
  var categories: [String] = []
  var countries: [String] = []
  var currencies: [String] = []
  var channels: [String] = []
  var weekdays: [String] = []
  var from: String?
  var through: String?
  var cap: WorldCap?
  var contractCap: Int?
  var floor: Int?
  var joinedWithin: Int?
  var products: [String] = []
  var audience: String?
  var chosen: String?
  var pendingDays: Int?
  var expires: WorldExpiry?
  var isShareReturned = false
  var restoredDays: Int?
  var partner: String?
  var pays: Int?
  var reimbursed: Int?
  var price: String?
  var charge: String?
  var budget: Int?
  var isStopping = false
  var sponsors: [WorldSponsor] = []
  var fundedAt: String?
  var breakage: Int?

  /// Whether its worth is a function of what a period adds up to.
  var isOfPeriod: Bool { per != nil || cap != nil || floor != nil }

  /// The rule as YAML, and the keys that it uses.
  var lines: [(key: String, text: String)] {
    var lines: [(String, String)] = [
      ("reward", kind.rawValue), ("unit", unit), ("rate", rate.text(kind)),
    ]
    func add(_ key: String, _ text: String?) { if let text { lines.append((key, text)) } }
    func add(_ key: String, list: [String]) {
      if !list.isEmpty { lines.append((key, "[\(list.joined(separator: ", "))]")) }
    }
    if case .steps(_, let steps) = rate {
      add(
        "steps",
        list: steps.map { "{from: \(money($0.from)), rate: \(money($0.percent)) %}" }
      )
    }
    add("per", per?.rawValue)
    add("rounding", rounding?.rawValue)
    add("base", isWithoutMarkup ? "without-markup" : nil)
    add("minimum", minimum.map(money))
    add("merchants", list: merchants)
    add("merchants_of", merchantsOf)
    add("mcc", list: categories)
    add("countries", list: countries)
    add("currencies", list: currencies)
    add("channels", list: channels)
    add("weekdays", list: weekdays)
    add("from", from)
    add("through", through)
    if let cap {
      let key = ["month": "monthly_cap", "year": "yearly_cap"][cap.period.rawValue]
      add(key ?? "campaign_cap", text(cap.measure))
    }
    add("contract_cap", contractCap.map(quantity))
    add("monthly_floor", floor.map(quantity))
    add("joined_within", joinedWithin.map { "\($0) days" })
    add("products", list: products)
    add("audience", audience)
    add("chosen", chosen)
    add("pending_days", pendingDays.map(String.init))
    add("expires", expires?.text)
    add("expired_share", isShareReturned ? "return" : nil)
    add("restored_days", restoredDays.map(String.init))
    add("partner", partner)
    add("partner_pays", pays.map { "\($0) %" })
    add("reimbursed_at", reimbursed.map { "\($0) %" })
    add("price", price)
    add("charge", charge)
    add("budget", budget.map(money))
    add("overflow", isStopping ? "stop" : nil)
    add(
      "sponsors",
      list: sponsors.map {
        let budget = $0.budget.map { ", budget: \(money($0))" } ?? ""
        return "{partner: \($0.partner), pays: \($0.pays) %\(budget)}"
      }
    )
    add("funded_at", fundedAt)
    add("breakage_share", breakage.map { "\($0) %" })
    return lines
  }

  private func quantity(_ quantity: Int) -> String {
    kind.isMoney ? money(quantity) : "\(quantity)"
  }

  private func text(_ measure: WorldCap.Measure) -> String {
    switch measure {
    case .reward(let most): quantity(most)
    case .spend(let most): "\(money(most)) spend"
    case .times(let most): "\(most) times"
    }
  }
}

/// A version of a world's agreement.
struct WorldVersion: Equatable {
  var validFrom: String
  var rules: [WorldRule]

  /// Between what members choose; who never chose has the first.
  static let choices = ["money", "more"]

  func yaml(_ tag: String, _ number: Int) -> String {
    var text = """
      agreement: \(tag.uppercased())
      version: \(number)
      programme: \(tag)
      currency: EUR
      valid_from: \(validFrom)
      exclude_mcc: [6011]
      rules:

      """
    for rule in rules {
      text += "  - name: \(rule.name)\n"
      for line in rule.lines { text += "    \(line.key): \(line.text)\n" }
    }
    if rules.contains(where: { $0.chosen != nil }) {
      text += "choices: [\(WorldVersion.choices.joined(separator: ", "))]\n"
    }
    return text
  }
}
