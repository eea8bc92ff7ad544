import Formats
import Ledger
import Rewards

/// How the words of `rate`, `steps`, `per` and the caps become a rate and a period.
extension TermsDocument {
  /// `3 %`, `15 per full 100.00`, `15 per 100.00`, `5.00 flat`; `marginal` or `whole` with steps; and
  /// what only the period rewards: `5.00 at 100.00 spend`, `5.00 every 10 purchases`.
  func rate(_ currency: Currency, _ quantityExponent: Int) throws(Refusal) -> EarnRate {
    let words = try words("rate")
    if words == ["marginal"] || words == ["whole"] {
      // Steps by what is spent in a period leave nothing to the single purchase.
      let steps = try steps(currency)
      return try optionalText("per") == nil
        ? .steps(steps, marginal: words == ["marginal"]) : .spending
    }
    guard try optionalSteps().isEmpty else { throw bad("steps", "go with rate: marginal or whole") }
    if try optionalText("per") != nil {
      return try goal(words, currency, quantityExponent).counts ? .counting : .spending
    }
    if words.count == 2, words[1] == "%", let percent = ExactDecimal(words[0]) {
      return .percent(percent)
    }
    if words.count == 2, words[1] == "flat",
      let quantity = minorUnits(words[0], exponent: quantityExponent)
    {
      return .flat(quantity)
    }
    let isFull = words.count == 4 && words[2] == "full"
    if isFull || words.count == 3, words[1] == "per", let quantity = strictInteger(words[0]),
      let last = words.last, let each = minorUnits(last, exponent: currency.exponent), each > 0
    {
      return isFull
        ? .perFull(quantity: quantity, each: each) : .proRata(quantity: quantity, each: each)
    }
    throw bad(
      "rate",
      "is none of \"3 %\", \"15 per full 100.00\", \"15 per 100.00\", \"5.00 flat\", marginal, whole, "
        + "nor, with per, \"5.00 at 100.00 spend\", \"5.00 every 10 purchases\""
    )
  }

  /// What the purchases of a period are worth together; nil where each stands alone.
  ///
  /// `per: month|year|campaign` goes with steps and with what only the period rewards; a cap or a
  /// floor with every other rate.
  func period(
    _ rate: EarnRate,
    _ quantityExponent: Int,
    _ rounding: Rounding,
    _ currency: Currency
  ) throws(Refusal) -> EarnPeriod? {
    let limit = try limit(rate, quantityExponent, rounding, currency)
    guard let word = try optionalText("per") else {
      // Tiers ask for sums of status credits.
      guard try optionalText("reward") == "status" else { return limit }
      return limit ?? EarnPeriod(.atMost(.max), in: .month)
    }
    guard let span = EarnPeriod.Span(rawValue: word) else {
      throw bad("per", "is none of month, year, campaign")
    }
    guard limit == nil else { throw bad("per", "goes with neither cap nor floor") }
    let words = try words("rate")
    if words == ["marginal"] || words == ["whole"] {
      return EarnPeriod(.steps(try steps(currency), marginal: words == ["marginal"]), in: span)
    }
    return EarnPeriod(try goal(words, currency, quantityExponent).worth, in: span)
  }

  /// `5.00 at 100.00 spend`, `5.00 every 10 purchases`.
  private func goal(
    _ words: [String],
    _ currency: Currency,
    _ quantityExponent: Int
  ) throws(Refusal) -> (worth: EarnPeriod.Worth, counts: Bool) {
    guard words.count == 4, ["at", "every"].contains(words[1]),
      ["spend", "purchases"].contains(words[3]),
      let quantity = minorUnits(words[0], exponent: quantityExponent),
      let sum = words[3] == "spend"
        ? minorUnits(words[2], exponent: currency.exponent) : strictInteger(words[2]),
      sum > 0
    else {
      throw bad(
        "rate",
        "with per it is \"5.00 at 100.00 spend\", \"5.00 every 100.00 spend\", either with "
          + "\"10 purchases\", or steps"
      )
    }
    let worth: EarnPeriod.Worth =
      words[1] == "at" ? .once(quantity, at: sum) : .each(quantity, every: sum)
    return (worth, words[3] == "purchases")
  }

  /// `25.00`; `200000.00 spend`: the reward that so much spending gives; `3 times`: so many flat
  /// rewards.
  private func limit(
    _ rate: EarnRate,
    _ exponent: Int,
    _ rounding: Rounding,
    _ currency: Currency
  ) throws(Refusal) -> EarnPeriod? {
    var found: EarnPeriod?
    for (key, span) in [
      ("monthly_cap", EarnPeriod.Span.month), ("yearly_cap", .year), ("campaign_cap", .campaign),
      ("monthly_floor", .month),
    ] {
      guard let text = try optionalText(key) else { continue }
      guard found == nil else { throw bad(key, "a rule has one cap or floor") }
      let words = text.split(separator: " ").map(String.init)
      let quantity: Int64?
      if words.count == 2, words[1] == "spend" {
        guard let spend = minorUnits(words[0], exponent: currency.exponent),
          let reward = try? rate.reward(ofSpending: spend, rounding)
        else { throw bad(key, "no amount, or a rate that has no reward for spending in all") }
        quantity = reward
      } else if words.count == 2, words[1] == "times" {
        guard case .flat(let each) = rate, let times = strictInteger(words[0]),
          let reward = try? scaled(each, by: times, over: 1, .down)
        else { throw bad(key, "so many times goes with a flat rate") }
        quantity = reward
      } else {
        quantity = minorUnits(text, exponent: exponent)
      }
      guard let quantity else { throw bad(key, "no amount") }
      found = EarnPeriod(
        key == "monthly_floor" ? .atLeast(quantity) : .atMost(quantity),
        in: span
      )
    }
    return found
  }

  private func words(_ key: String) throws(Refusal) -> [String] {
    try text(key).split(separator: " ").map(String.init)
  }

  private func optionalSteps() throws(Refusal) -> [TermsDocument] {
    keys.contains("steps") ? try sections("steps") : []
  }

  private func steps(_ currency: Currency) throws(Refusal) -> [RateStep] {
    var out: [RateStep] = []
    for section in try optionalSteps() {
      try section.allow(["from", "rate"])
      guard let from = try section.amount("from", currency.exponent),
        from > out.last?.from ?? -1
      else { throw section.bad("from", "steps begin at rising amounts") }
      guard let percent = try section.percent("rate") else {
        throw section.bad("from", "the step has no rate")
      }
      out.append(RateStep(from: from, percent: percent))
    }
    guard out.first?.from == 0 else { throw bad("rate", "the first step begins at 0") }
    return out
  }
}
