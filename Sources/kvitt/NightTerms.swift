import Civil
import Intake
import Journal
import Ledger
import Redemption

/// What terms bring about by themselves, without a file: the end of lots, tiers, amendments, shares,
/// awards.
extension Night {
  /// Applies them in the order in which one may ask for the other.
  func applyTerms(_ terms: TermsInForce, _ report: inout NightReport) throws {
    let estimated = try EstimateRun(day(terms)).run()
    if estimated.posted > 0 { report.lines.append("estimates: \(estimated.posted) posted") }
    let over = try ExpiryRun(day(terms)).run()
    if over.lots > 0 { report.lines.append("expired: \(over.text)") }
    let standing = try StandingRun(day(terms)).run()
    if standing.rows > 0 {
      report.lines.append("standing: \(standing.rows) rows of purchases decided again")
    }
    let baskets = try BasketRun(day(terms)).run()
    if baskets.found > 0 {
      report.lines.append("baskets: \(baskets.found) found their purchase, \(baskets.rows) rows")
    }
    let moved = try MergeRun(day(terms)).run()
    if moved.seal != nil { report.lines.append("joined members: \(moved.text)") }
    let turned = try RedenominationRun(day(terms)).run()
    if turned.seal != nil {
      report.lines.append(
        "redenominated: \(turned.lots) lots, \(turned.debts) debts of \(turned.members) members"
      )
    }
    let closed = try ClosingRun(day(terms)).run()
    if closed.seal != nil {
      report.lines.append(
        "closed accounts: \(closed.lots) lots ended, \(closed.debts) debts written off"
      )
    }
    let tiers = try TierRun(day(terms)).run()
    if tiers.changes > 0 { report.lines.append("tiers: \(tiers.text)") }
    let amended = try AmendmentRun(day(terms)).run()
    if amended.seal != nil { report.lines.append("amendments: \(amended.lines) lines") }
    let funded = try FundingRun(day(terms)).run()
    if funded.seal != nil { report.lines.append("funding: \(funded.shares) shares") }
    let given = try AwardRun(day(terms)).run()
    if given.seal != nil { report.lines.append("awards: \(given.text)") }
  }
}
