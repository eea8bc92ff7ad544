import Civil
import Journal
import Postgres
import TestSupport
import Testing

@Suite(.serialized) struct MergeTests {
  @Test func `a reserved number inside merged leaves is given up, others are kept`() throws {
    let admin = try BookSuite.database("merge")
    let books = try BookSuite.books("merge", .settle, login: "kvitt_nightly")
    // Nothing was due on the first night: its number was reserved and never posted.
    let key = "NVA/2026-08-31"
    let reserved = try books.reserve(.deadline, key)
    #expect(try books.reserve(.deadline, key) == reserved)
    let date = try #require(CivilDate("2026-12-31"))
    #expect(try books.compact(before: date) > 0)
    let fresh = try books.reserve(.deadline, key)
    let highest = try admin.run("SELECT max(id) FROM kvitt.batch_number").first?.int(0)
    #expect(fresh > reserved && fresh == highest)
    let posted = try admin.run("SELECT key, id FROM kvitt.batch_number WHERE id = 1").first
    let kind = try #require(
      BatchKind(rawValue: String(posted?.string(0).prefix { $0 != "/" } ?? ""))
    )
    let rest = try String(posted?.string(0).drop { $0 != "/" }.dropFirst() ?? "")
    try books.take(kind.role)
    #expect(try books.reserve(kind, rest) == 1)
    #expect(try BookSuite.books("merge", .audit, login: "bo").check().faults.isEmpty)
  }

  @Test func `a number is found again whatever plan the database makes`() throws {
    let admin = try BookSuite.database("plans")
    let number = try admin.run("SELECT kvitt.reserve_batch('feed', 'plans')").first?.int(0)
    // With some hundred leaves the planner reads the names of all relations first.
    try admin.run("SET enable_nestloop = off")
    try admin.run("SET enable_mergejoin = off")
    #expect(try admin.run("SELECT kvitt.reserve_batch('feed', 'plans')").first?.int(0) == number)
  }
}
