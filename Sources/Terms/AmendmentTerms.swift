import Civil
import Formats
import Ledger
import Rewards

extension Amendment {
  /// Reads `amends` of an agreement: how far a version reaches back, and what open lots cost.
  init(_ terms: TermsDocument) throws(Refusal) {
    try terms.allow(["prices_from", "open_lots"])
    let from = try terms.optionalText("prices_from") == nil ? nil : try terms.date("prices_from")
    let word = try terms.optionalText("open_lots") ?? "keep"
    guard ["keep", "move"].contains(word) else {
      throw terms.bad("open_lots", "is neither keep nor move")
    }
    self.init(pricesFrom: from, movesOpenLots: word == "move")
  }
}
