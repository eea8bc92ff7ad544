import Formats
import Ledger
import Rewards

extension Funding {
  /// Reads `budget`, `overflow`, `sponsors`, `funded_at` and `written_off` of a rule of cashback with a
  /// partner.
  init(_ terms: TermsDocument, _ currency: Currency) throws(Refusal) {
    self.init()
    let words = ["budget", "overflow", "sponsors", "funded_at", "written_off"]
    guard let said = words.first(where: { terms.keys.contains($0) }) else { return }
    guard let own = try terms.percent("partner_pays") else {
      throw terms.bad(said, "goes with partner_pays")
    }
    guard try terms.optionalText("expired_share") != "return" else {
      throw terms.bad("expired_share", "return goes neither with budgets nor with more sponsors")
    }
    budget = try terms.budget(currency)
    let overflow = try terms.optionalText("overflow") ?? "issuer"
    guard let overflow = Overflow(rawValue: overflow), overflow == .issuer || budget != nil else {
      throw terms.bad("overflow", "is neither issuer nor stop, and goes with a budget")
    }
    self.overflow = overflow
    let trigger = try terms.optionalText("funded_at") ?? "earning"
    guard let trigger = FundingTrigger(rawValue: trigger) else {
      throw terms.bad("funded_at", "is none of earning, availability, redemption")
    }
    self.trigger = trigger
    guard trigger == .earning || budget == nil else {
      throw terms.bad("budget", "goes with funded_at: earning")
    }
    let writtenOff = try terms.optionalText("written_off") ?? "issuer"
    guard ["issuer", "share"].contains(writtenOff) else {
      throw terms.bad("written_off", "is neither issuer nor share")
    }
    sharesWriteOffs = writtenOff == "share"
    guard !sharesWriteOffs || budget == nil else {
      throw terms.bad("written_off", "share goes without a budget")
    }
    guard terms.keys.contains("sponsors") else { return }
    var sum = own.units * (1_000_000 / own.denominator)
    for section in try terms.sections("sponsors") {
      try section.allow(["partner", "pays", "budget"])
      guard let pays = try section.percent("pays") else { throw section.bad("partner", "no pays") }
      let partner = try section.text("partner")
      guard try partner != terms.optionalText("partner"),
        !sponsors.contains(where: { $0.partner == partner })
      else { throw section.bad("partner", "stands twice") }
      sum += pays.units * (1_000_000 / pays.denominator)
      sponsors.append(
        Sponsor(partner: partner, pays: pays, budget: try section.budget(currency))
      )
    }
    guard sum <= 100_000_000 else { throw terms.bad("sponsors", "pay more than 100 % together") }
    guard trigger == .earning || sponsors.allSatisfy({ $0.budget == nil }) else {
      throw terms.bad("sponsors", "budgets go with funded_at: earning")
    }
  }
}

extension TermsDocument {
  fileprivate func budget(_ currency: Currency) throws(Refusal) -> Int64? {
    let budget = try amount("budget", currency.exponent)
    guard budget.map({ $0 > 0 }) ?? true else { throw bad("budget", "is nothing") }
    return budget
  }

  /// What the partner gets of expired store credit.
  func breakageShare(_ kind: RewardKind) throws(Refusal) -> ExactDecimal? {
    let share = try percent("breakage_share")
    guard share == nil || (kind == .credit && keys.contains("expires")) else {
      throw bad("breakage_share", "goes with credit that expires")
    }
    return share
  }
}
