import Civil
import Formats
import Intake
import Journal
import Ledger
import Postgres
import Rewards
import Terms
import TestSupport
import Testing

/// Draft terms over real purchases: the replay of the terms in force is what the books hold.
@Suite(.serialized) struct SimulationTests {
  private let draft = """
    agreement: NB-CASHBACK
    version: 9
    programme: northbank-cashback
    currency: EUR
    valid_from: 2027-01-01
    rules:
      - {name: base, reward: cashback, unit: CB.EUR, rate: 2 %, minimum: 20.00}
    """

  @Test func `the replay of terms in force equals the books, and nothing is written`() throws {
    let admin = try BookSuite.database("simulation")
    let books = try BookSuite.books("simulation", .read, login: "anna")
    let terms = try TermsInForce(books)
    let agreement = try Agreement(yaml: Array(draft.utf8), file: "draft.yaml")
    let before = try admin.run("SELECT seal_no FROM kvitt.book").first?.int(0)
    let report = try Simulation(books: books, terms: terms, draft: agreement).run(
      from: #require(CivilDate("2026-08-01")),
      through: #require(CivilDate("2026-12-31"))
    )
    let booked = try admin.run(
      """
      SELECT coalesce(sum(CASE r.flow WHEN \(flow: .earnCashback) THEN r.cost_minor
                               ELSE -r.cost_minor END), 0)::bigint,
             coalesce(sum(CASE r.flow WHEN \(flow: .earnCashback) THEN r.share_minor
                               ELSE -r.share_minor END), 0)::bigint
        FROM kvitt.reward r JOIN kvitt.programme p ON p.id = r.programme
       WHERE p.code = 'northbank-cashback' AND r.purchase_id <> 0
         AND r.flow IN (\(flows: [.earnCashback, .clawbackCashback, .debtCashback]))
      """
    ).first
    #expect(report.purchases > 50 && report.inForce.cost(in: .eur) > 0)
    #expect(try report.inForce.cost(in: .eur) == booked?.int(0))
    #expect(try report.inForce.share(in: .eur) == booked?.int(1))
    #expect(report.draft.rules.count == 1 && report.draft.share(in: .eur) == 0)
    #expect(report.affected.more + report.affected.less + report.affected.same > 0)
    #expect(try admin.run("SELECT seal_no FROM kvitt.book").first?.int(0) == before)
  }

  @Test func `a replay ends budgets and caps of all members where a feed would`() throws {
    let books = try BookSuite.books("simulation", .read, login: "anna")
    let replay = { (words: String) in
      let text = self.draft.replacing("minimum: 20.00", with: words)
      let agreement = try Agreement(yaml: Array(text.utf8), file: "draft.yaml")
      let report = try Simulation(
        books: books,
        terms: TermsInForce(books),
        draft: agreement
      ).run(from: #require(CivilDate("2026-08-01")), through: #require(CivilDate("2026-12-31")))
      return try #require(report.draft.rules.first)
    }
    let whole = try replay("partner: LUM, partner_pays: 50 %")
    #expect(whole.share > 500 && whole.quantity > 500)
    #expect(try replay("contract_cap: 5.00").quantity <= 500)
    let paid = try replay("partner: LUM, partner_pays: 50 %, budget: 5.00")
    #expect(paid.share == 500 && paid.cost == whole.cost)
    let stopped = try replay("partner: LUM, partner_pays: 50 %, budget: 5.00, overflow: stop")
    #expect(stopped.share == 500 && stopped.cost < whole.cost)
  }
}
