import Civil
import Foundation
import Journal
import Postgres
import Settlement
import TestSupport
import Testing

/// An administrator changes one thing in every table and column, and `ledger check` finds and locates it.
///
/// Or it is on the list of what is outside (`TableCover`). The walk is made from the catalogue.
@Suite(.serialized) struct TamperWalkTests {
  private enum Verdict {
    case found, refused, outside, missed
  }

  /// One change: what it is, of which column, and ways to do it of which the first that the database takes is
  /// tried.
  private struct Change {
    let what: String
    let column: String?
    let ways: [[String]]
  }

  /// The books, the check of them and the outbox beside them.
  private struct Walk {
    let admin: Connection
    let audit: BookAudit

    init() throws {
      let outbox = BookSuite.sandbox.home + "/walk"
      admin = try BookSuite.database("walk")
      try shell("rm -rf \(outbox); cp -a \(BookSuite.sandbox.home)/outbox \(outbox)")
      for (minor, day) in [(60_000, 2), (70_000, 3)] as [(Int64, Int)] {
        guard let date = CivilDate("2026-09-0\(day)") else { continue }
        try Overpayment(database: "walk", minor: minor, on: date).goesBack(outbox: outbox)
      }
      for sql in LivedInRows.sql { try admin.run(Query(trusted: sql)) }
      try shell(
        """
        mkdir -p \(outbox)/card-system; cd \(outbox)/card-system
        printf x > CB-901.csv; printf s > CB-901.csv.p7s
        """
      )
      audit = BookAudit(
        books: try Books(behind: admin),
        outbox: outbox,
        certificates: KeyFolder(path: BookSuite.sandbox.home + "/keys").certificates()
      )
    }

    /// What the check says while changes stand that are then taken back; nil where the database refuses them.
    func faults(_ changes: [String], isCompared: Bool = false) throws -> [LedgerFault]? {
      try admin.run("BEGIN")
      let found: Result<[LedgerFault]?, any Error> = Result {
        try changed(changes, isCompared: isCompared)
      }
      try admin.run("ROLLBACK")
      try admin.run("SET search_path = kvitt, pg_catalog")
      return try found.get()
    }

    private func changed(_ changes: [String], isCompared: Bool) throws -> [LedgerFault]? {
      // Foreign keys and notes are triggers; whoever owns the server does not ask them.
      try admin.run("SET LOCAL session_replication_role = replica")
      for sql in changes where try !isTaken(sql) { return nil }
      try admin.run("SET LOCAL session_replication_role = origin")
      if isCompared, try !Schema.current.compared(with: admin).fits {
        return [LedgerFault(check: "schema", place: "schema", detail: "refused with 78")]
      }
      try admin.run("SET search_path = kvitt, pg_catalog")
      do {
        return try audit.prove().0.faults
      } catch is UnreadableValue {
        // Whoever reads it is refused with 78 (KV-DB-003).
        return [LedgerFault(check: "value", place: "value", detail: "refused with 78")]
      }
    }

    /// Whether the database takes a change, and it changes something.
    private func isTaken(_ sql: String) throws -> Bool {
      try admin.run("SAVEPOINT change")
      let changed: Result<Int, any Error> = Result {
        try admin.run(Query(trusted: sql + " RETURNING 1")).count
      }
      if case .failure(let error) = changed {
        guard let refusal = error as? DatabaseError,
          ["22", "23"].contains(String(refusal.sqlState.prefix(2)))
        else { throw error }
        try admin.run("ROLLBACK TO SAVEPOINT change")
        return false
      }
      return try changed.get() > 0
    }
  }

  /// A column of a table: its type, and whether it is computed.
  private struct Column {
    let name: String
    let type: String
  }

  /// Where changes of some noted tables are told, which are compared with something else.
  private let noted = [
    "hold": ["posted_hold "], "conversion": ["posted_hold "], "item_order": ["posted_hold "],
    "batch_number": ["batch "], "answer": ["answer "], "budget": ["budget ", "X "],
    "signature": ["signature ", "BOK/", "KFH/", "LUM/", "NVA/", "bank/", "card-system/"],
    "payout_file": ["payout_file ", "card-system/"],
  ]

  private func tables(_ admin: Connection) throws -> [String] {
    try admin.run(
      """
      SELECT relname FROM pg_class
       WHERE relnamespace = 'kvitt'::regnamespace AND relkind IN ('r', 'p')
         AND relname !~ '^(purchase|reward)_[0-9]+(_[0-9]+)?$' ORDER BY relname COLLATE "C"
      """
    ).map { try $0.string(0) }
  }

  private func columns(_ table: String, _ admin: Connection) throws -> [Column] {
    try admin.run(
      """
      SELECT attname, format_type(atttypid, NULL) FROM pg_attribute
       WHERE attrelid = \("kvitt." + table)::regclass AND attnum > 0 AND NOT attisdropped
         AND attgenerated = '' ORDER BY attnum
      """
    ).map { try Column(name: $0.string(0), type: $0.string(1)) }
  }

  /// The row in the middle of a table.
  private func middle(_ table: String) -> String {
    """
    (tableoid, ctid) = (SELECT tableoid, ctid FROM kvitt.\(table)
      ORDER BY tableoid, ctid OFFSET (SELECT (count(*) - 1) / 2 FROM kvitt.\(table)) LIMIT 1)
    """
  }

  /// Values that somebody could put into a column, the plainest first.
  private func values(_ table: String, _ column: Column, _ admin: Connection) throws -> [String] {
    let name = "\"\(column.name)\""
    let plain: [String]
    switch column.type {
    case "smallint", "integer", "bigint", "numeric":
      plain = ["coalesce(\(name) + 1, 1)", "\(name) - 1"]
    case "date": plain = ["coalesce(\(name) + 1, '2026-09-01')"]
    case "timestamp with time zone": plain = ["coalesce(\(name), now()) + interval '1 day'"]
    case "boolean": plain = ["NOT \(name)"]
    case "uuid": plain = ["md5('another')::uuid"]
    case "bytea": plain = ["sha256(coalesce(\(name), ''))"]
    case "jsonb": plain = ["'{\"x\": 1}'"]
    case "text[]": plain = ["array_append(\(name), 'x')"]
    default:
      plain = ["coalesce(\(name), '') || 'x'", "substr(\(name)::text, 2) || '1'", "'anna'", "'x'"]
    }
    let words = try admin.run(
      """
      SELECT DISTINCT m[1] FROM pg_constraint c,
             regexp_matches(pg_get_constraintdef(c.oid), '''([a-zA-Z-]+)''', 'g') AS m
       WHERE c.conrelid = \("kvitt." + table)::regclass AND c.contype = 'c'
         AND pg_get_constraintdef(c.oid) LIKE \("%" + column.name + "%") ORDER BY 1
      """
    ).map { "'\(try $0.string(0))'" }
    return plain + (["text", "name"].contains(column.type) ? words : [])
  }

  /// Every change of a table.
  private func changes(_ table: String, _ admin: Connection) throws -> [Change] {
    let columns = try columns(table, admin)
    let row = middle(table)
    var out: [Change] = [
      Change(what: "all rows gone", column: nil, ways: [["DELETE FROM kvitt.\(table)"]]),
      Change(what: "a row gone", column: nil, ways: [["DELETE FROM kvitt.\(table) WHERE \(row)"]]),
    ]
    for column in columns {
      let ways = try values(table, column, admin).map {
        [
          "UPDATE kvitt.\(table) SET \"\(column.name)\" = \($0) WHERE \(row) "
            + "AND \"\(column.name)\" IS DISTINCT FROM \($0)"
        ]
      }
      out.append(Change(what: "column \(column.name)", column: column.name, ways: ways))
    }
    // Two rows change places: the last column in which they differ.
    let swaps = columns.reversed().map { column in
      [
        """
        UPDATE kvitt.\(table) AS t SET "\(column.name)" = o.value
          FROM (SELECT a.tableoid, a.ctid, b."\(column.name)" AS value
                  FROM (SELECT tableoid, ctid, "\(column.name)", row_number() OVER () AS n
                          FROM kvitt.\(table)) a
                  JOIN (SELECT "\(column.name)", row_number() OVER () AS n FROM kvitt.\(table)) b
                    ON a.n + b.n = 3) AS o
         WHERE t.tableoid = o.tableoid AND t.ctid = o.ctid
           AND t."\(column.name)" IS DISTINCT FROM o.value
        """
      ]
    }
    out.append(Change(what: "two rows swapped", column: nil, ways: Array(swaps)))
    return out
  }

  private func verdict(
    _ walk: Walk,
    _ cover: TableCover,
    _ change: Change
  ) throws -> (Verdict, [LedgerFault]) {
    var found: [LedgerFault]?
    for way in change.ways where found == nil {
      found = try walk.faults(way, isCompared: cover.cover == .compared)
    }
    guard let found else { return (.refused, []) }
    if !found.isEmpty { return (.found, found) }
    let isOutside =
      [.cache, .outside].contains(cover.cover) || cover.losable != nil
      || change.column.map { cover.outside[$0] != nil } == true
      || change.what == "two rows swapped" && !cover.outside.isEmpty
    return (isOutside ? .outside : .missed, [])
  }

  @Test func `every change of every table and column is found, refused or outside`() throws {
    let walk = try Walk()
    let sound = try walk.audit.run().0.faults
    try #require(sound.isEmpty, "\(sound)")
    let isWhole = ProcessInfo.processInfo.environment["KVITT_CAMPAIGN"] != nil
    let share = isWhole ? 1 : 4
    var counts: [Verdict: Int] = [:]
    var total = 0
    var missed: [String] = []
    for cover in TableCover.all.sorted(by: { $0.table < $1.table }) {
      for change in try changes(cover.table, walk.admin) {
        total += 1
        // All rows gone is tried of every table; of the rest a share.
        guard change.what == "all rows gone" || total % share == 0 else { continue }
        let (verdict, faults) = try verdict(walk, cover, change)
        counts[verdict, default: 0] += 1
        let name = "\(cover.table): \(change.what)"
        if verdict == .missed { missed.append(name) }
        let isLocated = faults.allSatisfy { !$0.place.isEmpty }
        #expect(isLocated, "\(name): \(faults)")
        // A proof that could not even be asked is no finding by itself.
        let isDead = faults.allSatisfy { $0.detail.contains("cannot be proved") }
        #expect(!isDead || faults.isEmpty, "\(name): \(faults)")
        if cover.cover == .noted, verdict == .found {
          let places = noted[cover.table] ?? ["\(cover.table) ", "leaf "]
          let isThere = faults.contains { fault in
            fault.check == "value" || places.contains { fault.place.hasPrefix($0) }
          }
          #expect(isThere, "\(name): \(faults)")
        }
      }
    }
    let tried = counts.values.reduce(0, +)
    print(
      "walk of tampering: \(tried) of \(total) changes, \(counts[.found] ?? 0) found, "
        + "\(counts[.refused] ?? 0) refused, \(counts[.outside] ?? 0) outside"
    )
    #expect(missed.isEmpty, "not found: \(missed)")
    #expect(counts[.found] ?? 0 > tried / 2)
  }

  @Test func `every table has an answer, and what is noted has a trigger`() throws {
    let admin = try BookSuite.database("covers")
    #expect(try tables(admin) == TableCover.all.map(\.table).sorted())
    let noted = try admin.run("SELECT relation FROM kvitt.fact_sources()").map { try $0.string(0) }
    // Holds are noted with what they bought when a batch posts them; a number goes with its batch.
    let indirect = ["hold", "conversion", "item_order", "batch_number"]
    let covered = TableCover.all.filter { $0.cover == .noted }.map(\.table)
    #expect(Set(covered).subtracting(indirect).union(["posted_hold"]) == Set(noted))
    let triggered = try admin.run(
      "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'facts'"
    ).map { try $0.string(0).replacing("kvitt.", with: "") }
    #expect(Set(triggered).union(["posted_hold"]) == Set(noted))
  }

  @Test func `no table of the walk is empty but debts that nobody has`() throws {
    let walk = try Walk()
    let empty = try tables(walk.admin).filter { table in
      try walk.admin.run(Query(trusted: "SELECT FROM kvitt.\(table) LIMIT 1")).count == 0
    }
    #expect(Set(empty).isSubset(of: ["member_debt", "waiting_line"]), "\(empty)")
  }
}
