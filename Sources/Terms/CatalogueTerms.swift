import Formats
import Ledger
import Rewards

extension CatalogueItem {
  /// Reads one line of `catalogue`.
  init(_ terms: TermsDocument, _ rules: [EarnRule], _ currency: Currency) throws(Refusal) {
    try terms.allow(["item", "points", "supplier", "charge", "from", "through"])
    let words = try terms.text("points").split(separator: " ").map(String.init)
    guard words.count == 2, let points = strictInteger(words[0]), points > 0,
      rules.contains(where: { $0.unit == words[1] && $0.kind == .points })
    else { throw terms.bad("points", "is not \"1200 POINTS\" of a rule of points") }
    guard let charge = try terms.amount("charge", currency.exponent) else {
      throw terms.bad("charge", "is missing: what the supplier charges for one")
    }
    let (from, through) = (try terms.optionalDate("from"), try terms.optionalDate("through"))
    if let from, let through, through < from { throw terms.bad("through", "is before from") }
    self.init(
      code: try terms.code("item", try terms.text("item")),
      unit: words[1],
      points: points,
      supplier: try terms.code("supplier", try terms.text("supplier")),
      charge: charge,
      from: from,
      through: through
    )
  }
}

extension TermsDocument {
  /// All goods of an agreement; no code twice.
  func catalogue(_ rules: [EarnRule], _ currency: Currency) throws(Refusal) -> [CatalogueItem] {
    guard keys.contains("catalogue") else { return [] }
    var items: [CatalogueItem] = []
    for section in try sections("catalogue") {
      let item = try CatalogueItem(section, rules, currency)
      guard !items.contains(where: { $0.code == item.code }) else {
        throw section.bad("item", "stands twice")
      }
      items.append(item)
    }
    return items
  }
}
