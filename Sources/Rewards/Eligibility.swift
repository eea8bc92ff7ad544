package import Civil
package import Ledger

/// The facts of a purchase that rules decide on.
package struct PurchaseFacts: Sendable {
  /// Billed minor units in the agreement's currency.
  package let billed: Int64
  /// Minor units in the purchase's own currency.
  package let original: Int64
  package let category: Int16
  package let merchant: ShortID
  /// The day on the cardholder's clock.
  package let date: CivilDate
  /// Numeric code of the purchase's own currency.
  package let currency: Int16
  /// Two letters of ISO 3166 as a number of base 256, nil where the feed does not say.
  package let country: Int16?
  /// Number of the channel, nil where the feed does not say.
  package let channel: Int16?
  /// Foreign-exchange markup inside the billed amount.
  package let markup: Int64
  /// Code of the partner that the merchant directory gave the merchant to on the day; empty where
  /// to none.
  package let merchantPartner: String
  /// What it consisted of; nil where nobody said it.
  package let goods: [Goods]?

  package init(
    billed: Int64,
    original: Int64,
    category: Int16,
    merchant: ShortID,
    date: CivilDate,
    currency: Int16,
    country: Int16? = nil,
    channel: Int16? = nil,
    markup: Int64 = 0,
    merchantPartner: String = "",
    goods: [Goods]? = nil
  ) {
    self.billed = billed
    self.original = original
    self.category = category
    self.merchant = merchant
    self.date = date
    self.currency = currency
    self.country = country
    self.channel = channel
    self.markup = markup
    self.merchantPartner = merchantPartner
    self.goods = goods
  }
}

/// Which purchases a rule is for; what is empty or nil asks nothing.
///
/// Only facts that never change stand here: a refund leaves them as they are. What depends on the
/// amount that stands, such as a minimum, belongs to the rate.
package struct Eligibility: Sendable {
  package var merchants: Set<ShortID> = []
  /// Code of a partner: merchants that the directory gives to it on the day of the purchase.
  package var merchantsOf: String?
  package var categories: [ClosedRange<Int16>] = []
  package var countries: Set<Int16> = []
  package var currencies: Set<Int16> = []
  package var channels: Set<Int16> = []
  /// ISO weekdays, 1 = Monday.
  package var weekdays: Set<Int> = []
  /// First and last day.
  package var from: CivilDate?
  package var through: CivilDate?
  /// Codes of goods or of their categories: only what was paid for them earns.
  package var goods: Set<String> = []

  package init() {}

  /// Whether anything at all is asked.
  package var asksNothing: Bool {
    merchants.isEmpty && asksNoMore
  }

  /// Whether nothing but the merchant is asked.
  fileprivate var asksNoMore: Bool {
    merchantsOf == nil && categories.isEmpty && countries.isEmpty && currencies.isEmpty
      && channels.isEmpty && weekdays.isEmpty && from == nil && through == nil
  }

  /// Whether a purchase qualifies; a fact that is asked for and unknown does not.
  package func admits(_ facts: PurchaseFacts) -> Bool {
    guard merchants.isEmpty || merchants.contains(facts.merchant) else { return false }
    guard !asksNoMore else { return true }
    if let merchantsOf, facts.merchantPartner != merchantsOf { return false }
    if !categories.isEmpty, !categories.contains(where: { $0.contains(facts.category) }) {
      return false
    }
    if !countries.isEmpty {
      guard let country = facts.country, countries.contains(country) else { return false }
    }
    if !currencies.isEmpty, !currencies.contains(facts.currency) { return false }
    if !channels.isEmpty {
      guard let channel = facts.channel, channels.contains(channel) else { return false }
    }
    if !weekdays.isEmpty, !weekdays.contains(facts.date.weekday) { return false }
    if let from, facts.date < from { return false }
    if let through, facts.date > through { return false }
    return true
  }
}
