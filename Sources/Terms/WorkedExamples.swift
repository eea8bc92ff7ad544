import Civil
import Formats
import Ledger
import Rewards

/// The worked examples of an agreement: purchases with what they earn, which both sides signed.
///
/// They are tried whenever the file is read, so terms whose own examples fail are never applied.
struct WorkedExamples {
  let agreement: Agreement

  /// Tries every example of the file; one that fails is refused with its place.
  func check(_ terms: TermsDocument) throws(Refusal) {
    guard terms.keys.contains("examples") else { return }
    for section in try terms.sections("examples") { try check(example: section) }
  }

  private func check(example terms: TermsDocument) throws(Refusal) {
    try terms.allow([
      "amount", "paid", "in", "markup", "stands", "mcc", "merchant", "merchant_of", "country",
      "channel", "date", "goods", "before", "member", "earns",
    ])
    let facts = try facts(terms)
    var remaining = facts.original
    if let text = try terms.optionalText("stands") {
      let exponent = Currency(rawValue: facts.currency)?.exponent ?? 2
      guard let value = minorUnits(text, exponent: exponent), value <= remaining else {
        throw terms.bad("stands", "is no amount up to the purchase's own")
      }
      remaining = value
    }
    let earns = try terms.section("earns")
    let before = try terms.section("before")
    let standing = try standing(terms.section("member"), on: facts.date)
    for section in [earns, before] { try section?.allow(agreement.rules.map(\.name)) }
    for rule in agreement.rules {
      let sum = try sum(rule, before)
      let given =
        rule.admits(facts, of: standing) ? try quantity(rule, facts, remaining, sum, terms) : 0
      let word = try earns?.optionalText(rule.name)
      let said = word ?? "0"
      let exponent = rule.kind.isWhole ? 0 : agreement.currency.exponent
      guard minorUnits(said, exponent: exponent) == given else {
        let shown = decimalText(given, exponent: exponent)
        let why = "the rule \(rule.name) gives \(shown), the example says \(escaped(said))"
        guard let earns, word != nil else { throw terms.bad("amount", why) }
        throw earns.bad(rule.name, why)
      }
    }
  }

  /// What an example says of the member on the day of the purchase.
  private func standing(
    _ terms: TermsDocument?,
    on day: CivilDate
  ) throws(Refusal) -> MemberStanding {
    var standing = MemberStanding()
    guard let terms else { return standing }
    try terms.allow(["joined", "tier", "product", "choice", "audiences", "standing"])
    if try terms.optionalText("joined") != nil {
      standing.add(MemberFact(.joined, "bank", from: try terms.date("joined")))
    }
    for (key, kind) in [
      ("tier", MemberFact.Kind.tier), ("product", .product), ("choice", .choice),
      ("standing", .standing),
    ] {
      guard let value = try terms.optionalText(key) else { continue }
      standing.add(MemberFact(kind, value, from: day))
    }
    for audience in try terms.texts("audiences") {
      standing.add(MemberFact(.audience, audience, from: day))
    }
    return standing
  }

  /// What the purchases of the rule's period added up to before: spending, purchases or reward.
  private func sum(_ rule: EarnRule, _ before: TermsDocument?) throws(Refusal) -> Int64 {
    guard let before, let text = try before.optionalText(rule.name) else { return 0 }
    let exponent =
      rule.rate == .counting || rule.rate != .spending && rule.kind.isWhole
      ? 0 : agreement.currency.exponent
    guard let sum = minorUnits(text, exponent: exponent) else {
      throw before.bad(rule.name, "no amount")
    }
    return sum
  }

  private func quantity(
    _ rule: EarnRule,
    _ facts: PurchaseFacts,
    _ remaining: Int64,
    _ sum: Int64,
    _ terms: TermsDocument
  ) throws(Refusal) -> Int64 {
    guard agreement.earns(facts) else { return 0 }
    do {
      return try rule.change(for: facts, remaining: remaining, booked: .nothing, monthSum: sum)
        .quantity
    } catch {
      throw terms.bad("amount", "leaves the range of money")
    }
  }

  private func facts(_ terms: TermsDocument) throws(Refusal) -> PurchaseFacts {
    let exponent = agreement.currency.exponent
    func amount(_ key: String, _ exponent: Int) throws(Refusal) -> Int64? {
      guard let text = try terms.optionalText(key) else { return nil }
      guard let value = minorUnits(text, exponent: exponent) else {
        throw terms.bad(key, "no amount")
      }
      return value
    }
    guard let billed = try amount("amount", exponent) else {
      throw terms.bad("amount", "is missing")
    }
    let code = try terms.optionalText("in") ?? agreement.currency.code
    guard let currency = Currency(code: code.utf8) else { throw terms.bad("in", "no currency") }
    let mcc = try terms.optionalText("mcc") ?? "5999"
    guard mcc.utf8.count == 4, let category = Int16(mcc), category >= 0, !mcc.hasPrefix("+") else {
      throw terms.bad("mcc", "is not four digits")
    }
    guard let merchant = ShortID(try terms.optionalText("merchant") ?? "ANY") else {
      throw terms.bad("merchant", "is no id")
    }
    let letters = Array((try terms.optionalText("country") ?? "").utf8)
    return PurchaseFacts(
      billed: billed,
      original: try amount("paid", currency.exponent) ?? billed,
      category: category,
      merchant: merchant,
      date: try terms.optionalText("date") == nil ? agreement.validFrom : try terms.date("date"),
      currency: currency.rawValue,
      country: letters.count == 2 ? Int16(letters[0]) << 8 | Int16(letters[1]) : nil,
      channel: Channel(name: try terms.optionalText("channel") ?? "")?.rawValue,
      markup: try amount("markup", exponent) ?? 0,
      merchantPartner: try terms.optionalText("merchant_of") ?? "",
      goods: try goods(terms, currency)
    )
  }

  /// `goods: {milk: 12.50}`: codes with what was paid for them.
  private func goods(_ terms: TermsDocument, _ currency: Currency) throws(Refusal) -> [Goods]? {
    guard let section = try terms.section("goods") else { return nil }
    var goods: [Goods] = []
    for code in section.keys {
      guard let amount = minorUnits(try section.text(code), exponent: currency.exponent) else {
        throw section.bad(code, "no amount")
      }
      goods.append(Goods(item: code, category: code, amountMinor: amount))
    }
    return goods
  }
}
