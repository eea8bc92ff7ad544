import Civil
package import Ledger

extension EarnRule {
  /// The rule as a sentence for people, generated from the rule itself.
  package func sentence(currency: Currency) -> String {
    var text: String
    let base = withoutMarkup ? "billed amount without markup" : "billed amount"
    let span = period?.span.wording ?? ""
    let money = { (minor: Int64) in
      "\(Amount(minor: minor, currency: currency).decimal) \(currency)"
    }
    switch rate {
    case .percent(let percent):
      text = "\(percent) % \(kind.noun) on the \(base), rounded \(rounding.rawValue)"
    case .perFull(let quantity, let each):
      text = "\(quantity) \(unit) \(kind.noun) for each full \(money(each))"
    case .proRata(let quantity, let each):
      text = "\(quantity) \(unit) \(kind.noun) for each \(money(each)) in proportion, rounded "
      text += rounding.rawValue
    case .flat(let quantity):
      if case .conversion = source {
        text = "\(unit) \(kind.noun): \(occasion)"
        break
      }
      let noun = kind.isWhole && quantity == 1 ? kind.singular : kind.noun
      text = "\(shown(quantity, currency)) \(noun) \(occasion)"
    case .steps(let steps, let marginal):
      text = stepped(steps, marginal, base, currency)
    case .spending:
      text = "\(kind.noun) for what is spent \(span)"
      switch period?.worth {
      case .once(let quantity, let least):
        text = "\(shown(quantity, currency)) \(kind.noun) once \(money(least)) are spent \(span)"
      case .each(let quantity, let every):
        text = "\(shown(quantity, currency)) \(kind.noun) for each \(money(every)) spent \(span)"
      case .steps(let steps, let marginal):
        text = stepped(steps, marginal, "sum \(span) of the \(base)", currency)
      default: break
      }
    case .counting:
      text = "\(kind.noun) for the purchases \(span)"
      if case .once(let quantity, let least) = period?.worth {
        text = "\(shown(quantity, currency)) \(kind.noun) for the first \(least) purchases \(span)"
      } else if case .each(let quantity, let every) = period?.worth {
        text = "\(shown(quantity, currency)) \(kind.noun) for each \(every) purchases \(span)"
      }
    }
    text += eligibility.sentence + members.sentence
    if let partner { text += " of \(partner)" }
    if minimum > 0 { text += ", from \(money(minimum))" }
    switch period?.worth {
    case .atMost(.max): break
    case .atMost where source == .grant: break
    case .atMost(let quantity): text += ", at most \(shown(quantity, currency)) \(span)"
    case .atLeast(let quantity): text += ", at least \(shown(quantity, currency)) \(span)"
    default: break
    }
    if let contractCap {
      text += ", at most \(shown(contractCap, currency)) for all members together"
    }
    if let partnerPays { text += "; the partner pays \(partnerPays) % of it" }
    text += funding.sentence(currency)
    if let breakageShare { text += "; the partner gets \(breakageShare) % of what expires" }
    if let reimbursedAt { text += "; reimbursed at \(reimbursedAt) % of face" }
    if let price { text += "; \(price) \(self.currency) a \(kind.singular)" }
    if let charge {
      text += "; \(partner ?? "") charges \(charge) \(currency) for a \(kind.singular) used"
    }
    if pendingDays > 0 { text += "; available after \(pendingDays) days" }
    if let expiry { text += "; expires " + expiry.sentence }
    return text + use.sentence
  }
}

extension UseTerms {
  fileprivate var sentence: String {
    var text = ""
    if owesOffline { text += "; what a till takes offline above the balance is owed" }
    if lateDays > 0 { text += "; a till may confirm a hold up to \(lateDays) days after its end" }
    if restoredDays > 0 {
      text += "; what comes back after the last day can be used for \(restoredDays) days"
    }
    return text
  }
}

extension EarnRule {
  private func stepped(
    _ steps: [RateStep],
    _ marginal: Bool,
    _ base: String,
    _ currency: Currency
  ) -> String {
    let parts = steps.map { step in
      "\(step.percent) % from \(Amount(minor: step.from, currency: currency).decimal) \(currency)"
    }
    return parts.joined(separator: ", ") + " \(kind.noun) on the "
      + (marginal ? "part of the \(base) in each step" : "whole \(base)")
      + ", rounded \(rounding.rawValue)"
  }

  private func shown(_ quantity: Int64, _ currency: Currency) -> String {
    kind.isWhole ? String(quantity) : decimalText(quantity, exponent: currency.exponent)
  }
}

extension Expiry {
  fileprivate var sentence: String {
    var text =
      switch term {
      case .days(let count): "\(count) days after the purchase"
      case .months(let count): "\(count) months after the purchase"
      case .on(let day): "after \(day)"
      }
    if rounding != .none { text += ", at " + rounding.rawValue }
    return text + (returnsShare ? ", and the partner's share is given back" : "")
  }
}

extension EarnPeriod.Span {
  fileprivate var wording: String {
    switch self {
    case .month: "a calendar month"
    case .year: "a calendar year"
    case .campaign: "in all"
    }
  }
}

extension Eligibility {
  /// What is asked of a purchase, as the rest of a sentence; empty where nothing is.
  fileprivate var sentence: String {
    var text = ""
    if !merchants.isEmpty { text += " at \(merchants.count) merchants" }
    if let merchantsOf { text += " at merchants that the directory gives to \(merchantsOf)" }
    if !categories.isEmpty {
      let parts = categories.map { range in
        range.count == 1
          ? pad(Int(range.lowerBound), 4)
          : "\(pad(Int(range.lowerBound), 4))-\(pad(Int(range.upperBound), 4))"
      }
      text += " in categories " + parts.joined(separator: ", ")
    }
    if !goods.isEmpty { text += " for goods " + goods.sorted().joined(separator: ", ") }
    if !countries.isEmpty {
      text += " in " + countries.sorted().map(countryLetters).joined(separator: ", ")
    }
    if !currencies.isEmpty {
      let codes = currencies.compactMap { Currency(rawValue: $0)?.code }
      text += " paid in " + codes.sorted().joined(separator: ", ")
    }
    if !channels.isEmpty {
      text +=
        " by "
        + channels.sorted().compactMap { Channel(rawValue: $0)?.description }.joined(
          separator: ", "
        )
    }
    if !weekdays.isEmpty {
      // 1970-01-05 was a Monday.
      let names = weekdays.sorted().map { CivilDate(days: Int32($0 + 3)).weekdayName }
      text += " on " + names.joined(separator: ", ")
    }
    if let from { text += " from \(from)" }
    if let through { text += " through \(through)" }
    return text
  }
}

extension MemberConditions {
  /// What is asked of the member, as the rest of a sentence; empty where nothing is.
  fileprivate var sentence: String {
    var text = ""
    if let joinedWithin { text += " within \(joinedWithin) days of joining" }
    if !tiers.isEmpty { text += " for members of tier " + tiers.sorted().joined(separator: ", ") }
    if !products.isEmpty { text += " on cards " + products.sorted().joined(separator: ", ") }
    if let choice { text += " for members who chose \(choice)" }
    if isFirstChoice { text += " or chose nothing" }
    if let audience { text += " for the audience \(audience)" }
    if goodStanding { text += " while the account is in good standing" }
    return text
  }
}

private func countryLetters(_ code: Int16) -> String {
  String(
    decoding: [UInt8(truncatingIfNeeded: code >> 8), UInt8(truncatingIfNeeded: code)],
    as: UTF8.self
  )
}

extension Funding {
  /// Budgets and further sponsors, as the rest of a sentence.
  fileprivate func sentence(_ currency: Currency) -> String {
    let money = { (minor: Int64) in
      "\(Amount(minor: minor, currency: currency).decimal) \(currency)"
    }
    var text = budget.map { " up to \(money($0)) in all" } ?? ""
    for sponsor in sponsors {
      text += ", \(sponsor.partner) pays \(sponsor.pays) %"
      if let budget = sponsor.budget { text += " up to \(money(budget)) in all" }
    }
    if overflow == .stop { text += ", and then nothing is given any more" }
    if trigger == .availability { text += ", once it can be used" }
    if sharesWriteOffs { text += ", and its part of what is written off" }
    if trigger == .redemption { text += ", once it is paid out" }
    return text
  }
}

extension EarnRule {
  /// What a fixed quantity is given for.
  private var occasion: String {
    switch source {
    case .purchases: "for a purchase"
    case .stamps(_, let count): "for \(count) stamps"
    case .grant: "granted \(period?.span.wording ?? "")"
    case .event(let name): "for the event \(name)"
    case .conversion(let unit, let take, let give): "\(give) for each \(take) \(unit)"
    case .referral(let days):
      "for the member and for the friend on the friend's first purchase"
        + (days > 0 ? ", taken back where the friend closes within \(days) days" : "")
    }
  }
}

extension RewardKind {
  /// One of it, for people.
  fileprivate var singular: String {
    switch self {
    case .miles: "mile"
    case .stamps: "stamp"
    case .voucher: "voucher"
    case .points: "point"
    case .status: "status credit"
    default: "use"
    }
  }

  /// Name for people.
  package var noun: String {
    switch self {
    case .cashback: "cashback"
    case .credit: "store credit"
    case .miles: "miles"
    case .points: "points"
    case .status: "status credits"
    case .stamps: "stamps"
    case .voucher: "vouchers"
    case .benefit: "uses"
    }
  }
}
