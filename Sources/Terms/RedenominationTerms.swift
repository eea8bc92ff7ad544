import Formats
import Ledger
import Rewards

extension TermsDocument {
  /// All lines of `redenominate`: `{from: PT.OLD, into: PT.NEW, give: 10}`.
  func redenominations(_ rules: [EarnRule]) throws(Refusal) -> [Redenomination] {
    guard keys.contains("redenominate") else { return [] }
    var out: [Redenomination] = []
    for section in try sections("redenominate") {
      try section.allow(["from", "into", "give"])
      let (from, into) = (try section.text("from"), try section.text("into"))
      guard !rules.contains(where: { $0.unit == from }), !out.contains(where: { $0.from == from })
      else { throw section.bad("from", "is what a rule still gives, or stands twice") }
      guard rules.contains(where: { $0.unit == into && $0.kind == .points }) else {
        throw section.bad("into", "is the unit of no rule of points")
      }
      let give = try section.integer("give")
      guard (2...1_000_000).contains(give) else {
        throw section.bad("give", "is no number from 2: one old is so many new")
      }
      out.append(Redenomination(from: from, into: into, give: Int64(give)))
    }
    return out
  }
}
