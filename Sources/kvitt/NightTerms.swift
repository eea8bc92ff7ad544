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
    let estimated = try EstimateRun(
      books: books,
      terms: terms,
      businessDate: date,
      recordedAt: .now()
    ).run()
    if estimated.posted > 0 { report.lines.append("estimates: \(estimated.posted) posted") }
    let over = try ExpiryRun(
      books: books,
      terms: terms,
      businessDate: date,
      recordedAt: .now()
    ).run()
    if over.lots > 0 { report.lines.append("expired: \(over.text)") }
    let moved = try MergeRun(
      books: books,
      terms: terms,
      businessDate: date,
      recordedAt: .now()
    ).run()
    if moved.seal != nil { report.lines.append("joined members: \(moved.text)") }
    let closed = try ClosingRun(
      books: books,
      terms: terms,
      businessDate: date,
      recordedAt: .now()
    ).run()
    if closed.seal != nil {
      report.lines.append(
        "closed accounts: \(closed.lots) lots ended, \(closed.debts) debts written off"
      )
    }
    let tiers = try TierRun(
      books: books,
      terms: terms,
      businessDate: date,
      recordedAt: .now()
    ).run()
    if tiers.changes > 0 { report.lines.append("tiers: \(tiers.text)") }
    let amended = try AmendmentRun(
      books: books,
      terms: terms,
      businessDate: date,
      recordedAt: .now()
    ).run()
    if amended.seal != nil { report.lines.append("amendments: \(amended.lines) lines") }
    let funded = try FundingRun(
      books: books,
      terms: terms,
      businessDate: date,
      recordedAt: .now()
    ).run()
    if funded.seal != nil { report.lines.append("funding: \(funded.shares) shares") }
    let given = try AwardRun(
      books: books,
      terms: terms,
      businessDate: date,
      recordedAt: .now()
    ).run()
    if given.seal != nil { report.lines.append("awards: \(given.text)") }
  }
}
