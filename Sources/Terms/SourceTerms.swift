import Formats
import Ledger
import Rewards

/// What a rule gives for, where that is no purchase: full stamp cards, grants, events, referrals.
extension TermsDocument {
  /// `for: 10 coffee` of a voucher, `grant: 4 per year` of a benefit, `on: joined` or `on: referral` of
  /// cashback; else purchases.
  ///
  /// A voucher names an earlier rule of stamps, and costs what its stamps cost.
  func source(_ kind: RewardKind, _ earlier: [EarnRule]) throws(Refusal) -> RuleSource {
    for (key, goesWith) in [
      ("for", RewardKind.voucher), ("grant", .benefit), ("on", .cashback), ("convert", .miles),
    ] {
      guard try optionalText(key) != nil, kind != goesWith else { continue }
      throw bad(key, "goes with \(goesWith.rawValue)")
    }
    if kind == .benefit { return .grant }
    if kind == .voucher { return try fullCard(earlier) }
    if try optionalText("convert") != nil { return try conversion() }
    if kind == .stamps {
      guard try integer("pending_days", default: 0) == 0 else {
        throw bad("pending_days", "stamps count at once")
      }
    }
    let days = try integer("clawback_days", default: 0)
    guard let event = try optionalText("on") else {
      guard days == 0 else { throw bad("clawback_days", "goes with on: referral") }
      return .purchases
    }
    guard case .flat = try rate(.eur, 2) else { throw bad("rate", "of an event is \"5.00 flat\"") }
    if event == "referral" { return .referral(clawbackDays: days) }
    guard days == 0 else { throw bad("clawback_days", "goes with on: referral") }
    return .event(try code("on", event))
  }

  /// `convert: 3 PT.NB to 2`.
  private func conversion() throws(Refusal) -> RuleSource {
    guard keys.contains("rate") == false else { throw bad("rate", "goes without convert") }
    let words = try text("convert").split(separator: " ").map(String.init)
    guard words.count == 4, words[2] == "to", isID(words[1]), let take = strictInteger(words[0]),
      let give = strictInteger(words[3]), (1...1_000_000).contains(take),
      (1...1_000_000).contains(give)
    else { throw bad("convert", "is not \"3 POINTS to 2\"") }
    return .conversion(from: words[1], take: take, give: give)
  }

  private func fullCard(_ earlier: [EarnRule]) throws(Refusal) -> RuleSource {
    guard keys.contains("rate") == false else { throw bad("rate", "a voucher is one, for stamps") }
    let words = try text("for").split(separator: " ").map(String.init)
    guard words.count == 2, let count = strictInteger(words[0]), (2...1_000).contains(count),
      let stamps = earlier.first(where: { $0.name == words[1] && $0.kind == .stamps })
    else { throw bad("for", "is not \"10 NAME\" of an earlier rule of stamps") }
    let cost = try? stamps.cost(of: count)
    guard let price = ExactDecimal(try text("price")),
      cost == (try? scaled(price.units, by: 100, over: price.denominator, .halfUp))
    else { throw bad("price", "is not what \(count) stamps cost") }
    return .stamps(rule: stamps.ordinal, count: count)
  }

  /// `4 per year`: how many uses a period has.
  func grant(_ kind: RewardKind) throws(Refusal) -> (count: Int64, period: EarnPeriod)? {
    guard kind == .benefit else { return nil }
    guard keys.contains("rate") == false else { throw bad("rate", "a benefit is granted") }
    let words = try text("grant").split(separator: " ").map(String.init)
    guard words.count == 3, words[1] == "per", let count = strictInteger(words[0]),
      (1...10_000).contains(count), let span = EarnPeriod.Span(rawValue: words[2]),
      span != .campaign
    else { throw bad("grant", "is neither \"4 per year\" nor \"1 per month\"") }
    return (count, EarnPeriod(.atMost(count), in: span))
  }
}
