package import Civil
package import Formats
package import Journal
import Ledger
package import Rewards
package import Terms

/// A further sponsor with the ids that rows carry.
package struct BoundSponsor: Sendable {
  package let terms: Sponsor
  package let partner: Int16
  let calendar: BusinessCalendar?
}

/// An earn rule with the ids that rows carry.
package final class BoundRule: Sendable {
  package let rule: EarnRule
  package let unit: Int16
  package let partner: Int16
  /// Calendar of the partner whose settlement the rule's rows belong to.
  package let calendar: BusinessCalendar?
  package let sponsors: [BoundSponsor]

  init(
    rule: EarnRule,
    unit: Int16,
    partner: Int16,
    calendar: BusinessCalendar?,
    sponsors: [BoundSponsor] = []
  ) {
    self.sponsors = sponsors
    self.rule = rule
    self.unit = unit
    self.partner = partner
    self.calendar = calendar
  }
}

/// Goods of a catalogue with the ids that rows carry.
package struct BoundItem: Sendable {
  package let item: CatalogueItem
  /// Id of the points.
  package let unit: Int16
  /// Id of the supplier.
  package let partner: Int16
  package let calendar: BusinessCalendar
}

/// An agreement with the ids that rows carry.
package final class BoundAgreement: Sendable {
  package let id: Int32
  package let agreement: Agreement
  package let programme: Int16
  package let rules: [BoundRule]
  package let items: [BoundItem]

  private init(
    id: Int32,
    agreement: Agreement,
    programme: Int16,
    rules: [BoundRule],
    items: [BoundItem]
  ) {
    self.id = id
    self.agreement = agreement
    self.programme = programme
    self.rules = rules
    self.items = items
  }
}

/// All loaded terms as values, bound to the ids of the books.
package struct TermsInForce: Sendable {
  package let directory: Directory
  package let partners: [Int16: PartnerTerms]
  package let calendars: [String: BusinessCalendar]
  package let feeds: [String: CardFeedProfile]
  /// How banks mark reversed entries, by account.
  package let reversals: [String: ReversalConvention]
  /// Digest of the newest terms of each partner, for plans.
  package let partnerDigests: [Int16: String]
  private let agreements: [Int32: BoundAgreement]
  /// Which versions of a rule count their periods together.
  let periods: PeriodVersions
  private let byProgramme: [Int16: [BoundAgreement]]

  /// Reads the terms that the books hold.
  package init(_ books: Books) throws {
    let stored = try books.storedTerms()
    let directory = try books.directory()
    self.directory = directory
    var calendars: [String: BusinessCalendar] = [:]
    var partners: [Int16: PartnerTerms] = [:]
    var digests: [Int16: String] = [:]
    var feeds: [String: CardFeedProfile] = [:]
    var reversals: [String: ReversalConvention] = [:]
    for terms in stored {
      let file = "\(terms.kind) \(terms.code) v\(terms.version)"
      switch terms.kind {
      case "calendar":
        calendars[terms.code] = try BusinessCalendar(yaml: terms.body, file: file)
      case "feed":
        feeds[terms.code] = try CardFeedProfile(yaml: terms.body, file: file)
      case "account":
        let account = try AccountTerms(yaml: terms.body, file: file)
        reversals[account.account] = account.reversals
      case "partner":
        guard let id = directory.partner(terms.code)?.id else { continue }
        partners[id] = try PartnerTerms(yaml: terms.body, file: file)
        digests[id] = terms.digest
      default: break
      }
    }
    self.calendars = calendars
    self.partners = partners
    self.feeds = feeds
    self.reversals = reversals
    partnerDigests = digests
    var agreements: [Int32: BoundAgreement] = [:]
    for terms in stored where terms.kind == "agreement" {
      let agreement = try Agreement(
        yaml: terms.body,
        file: "agreement \(terms.code) v\(terms.version)"
      )
      agreements[terms.id] = try BoundAgreement(
        agreement,
        id: terms.id,
        directory: directory,
        partners: partners,
        calendars: calendars
      )
    }
    self.agreements = agreements
    periods = PeriodVersions(agreements.values)
    byProgramme = Dictionary(grouping: agreements.values, by: \.programme).mapValues {
      $0.sorted { ($0.agreement.validFrom, $0.id) > ($1.agreement.validFrom, $1.id) }
    }
  }

  /// The agreement of a programme for a purchase of the day.
  package func agreement(programme: Int16, on date: CivilDate) -> BoundAgreement? {
    byProgramme[programme]?.first { $0.agreement.validFrom <= date }
  }

  /// Whether a partner whose rewards a programme gives has member numbers that may read as card numbers.
  package func hasNumericMembers(programme: Int16, on date: CivilDate) -> Bool {
    let rules = agreement(programme: programme, on: date)?.rules ?? []
    return rules.contains { partners[$0.partner]?.numericMembers == true }
  }

  /// Every version of every agreement, oldest first.
  package var allAgreements: [BoundAgreement] {
    agreements.values.sorted { $0.id < $1.id }
  }

  /// Whether any rule asks which partner a merchant belongs to.
  package var asksMerchantDirectory: Bool {
    agreements.values.contains { $0.rules.contains { $0.rule.eligibility.merchantsOf != nil } }
  }

  /// Whether any rule asks what purchases consisted of.
  var asksBaskets: Bool {
    agreements.values.contains { $0.rules.contains { !$0.rule.eligibility.goods.isEmpty } }
  }

  /// Whether any sponsor's budget can run out, or a cap of all members together.
  var hasBudgets: Bool {
    agreements.values.contains {
      $0.rules.contains { $0.rule.funding.hasBudget || $0.rule.contractCap != nil }
    }
  }

  /// Whether any rule asks something of the member.
  package var asksOfMembers: Bool {
    agreements.values.contains { $0.rules.contains { $0.rule.asksOfMember } }
  }

  /// The agreement version that a row names.
  package func agreement(id: Int32) -> BoundAgreement? {
    agreements[id]
  }

  /// The rule that a row names.
  package func bound(
    agreement: Int32,
    rule: Int16
  ) throws -> (agreement: BoundAgreement, rule: BoundRule) {
    guard let bound = agreements[agreement], bound.rules.indices.contains(Int(rule) - 1) else {
      throw Refusal(.termsMissing, "rule \(rule) of agreement version \(agreement) is not loaded")
    }
    return (bound, bound.rules[Int(rule) - 1])
  }

  /// The rule by which points become a unit on a day; nil where none does.
  package func conversion(
    _ programme: Int16,
    from unit: String,
    into other: Int16,
    on day: CivilDate
  ) -> (agreement: BoundAgreement, rule: BoundRule)? {
    guard let agreement = agreement(programme: programme, on: day) else { return nil }
    let rule = agreement.rules.first {
      if case .conversion(unit, _, _) = $0.rule.source { $0.unit == other } else { false }
    }
    return rule.map { (agreement, $0) }
  }

  /// The last day of a lot that was earned on a day; nil where it never expires.
  package func lastDay(agreement: Int32, rule: Int16, earned day: CivilDate) -> CivilDate? {
    guard let rules = agreements[agreement]?.rules, rules.indices.contains(Int(rule) - 1) else {
      return nil
    }
    return rules[Int(rule) - 1].rule.expiry?.lastDay(ofEarned: day)
  }

  /// The calendar of a partner.
  package func calendar(of partner: Int16) throws -> BusinessCalendar {
    guard let terms = partners[partner], let calendar = calendars[terms.calendar] else {
      throw Refusal(.termsMissing, "partner \(partner) has no terms or no calendar")
    }
    return calendar
  }
}

extension BoundAgreement {
  fileprivate convenience init(
    _ agreement: Agreement,
    id: Int32,
    directory: Directory,
    partners: [Int16: PartnerTerms],
    calendars: [String: BusinessCalendar]
  ) throws {
    guard let programme = directory.programmes.first(where: { $0.code == agreement.programme })
    else { throw Refusal(.termsMissing, "programme \(agreement.programme) is not registered") }
    func settled(_ code: String) throws -> (id: Int16, calendar: BusinessCalendar) {
      guard let partner = directory.partner(code), let terms = partners[partner.id],
        let calendar = calendars[terms.calendar]
      else {
        throw Refusal(
          .termsMissing,
          "agreement \(agreement.code) needs the terms of partner \(code)"
        )
      }
      return (partner.id, calendar)
    }
    let rules = try agreement.rules.map { rule in
      guard let unit = directory.unit(rule.unit) else {
        throw Refusal(.termsMissing, "unit \(rule.unit) is not registered")
      }
      guard let code = rule.partner else {
        return BoundRule(rule: rule, unit: unit.id, partner: 0, calendar: nil)
      }
      let own = try settled(code)
      return BoundRule(
        rule: rule,
        unit: unit.id,
        partner: own.id,
        calendar: own.calendar,
        sponsors: try rule.funding.sponsors.map {
          let sponsor = try settled($0.partner)
          return BoundSponsor(terms: $0, partner: sponsor.id, calendar: sponsor.calendar)
        }
      )
    }
    let items = try agreement.catalogue.map { item in
      guard let unit = directory.unit(item.unit) else {
        throw Refusal(.termsMissing, "unit \(item.unit) is not registered")
      }
      let supplier = try settled(item.supplier)
      return BoundItem(
        item: item,
        unit: unit.id,
        partner: supplier.id,
        calendar: supplier.calendar
      )
    }
    self.init(
      id: id,
      agreement: agreement,
      programme: programme.id,
      rules: rules,
      items: items
    )
  }
}
