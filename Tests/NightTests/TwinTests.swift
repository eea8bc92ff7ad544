import Foundation
import Postgres
import TestSupport
import Testing

/// The same nights under other circumstances give the same books and the same bytes.
@Suite(.serialized) struct TwinTests {
  private func nights(
    _ sandbox: Sandbox,
    _ count: Int,
    prefix: [String] = [],
    environment: [String: String] = [:]
  ) throws -> String {
    try? sandbox.remove()
    try sandbox.prepare()
    var dates = Dates()
    var last = ""
    for night in 1...count {
      last = dates.next()
      try sandbox.kvitt([
        "simulate", "--business-date", last, "--members", "240", "--records", "200",
      ])
      if night == 1 {
        try sandbox.enrolWorld()
        try sandbox.giveStandings()
      }
      let command = prefix + [program, "nightly", "--business-date", last]
      let run = try execute(
        "/usr/bin/env",
        command,
        environment: environment.merging(["KVITT_HOME": sandbox.home]) { old, _ in old }
      )
      #expect([0, 10].contains(run.status), "\(run.output)\(run.errors)")
    }
    let proof = try sandbox.kvitt("ledger", "check")
    #expect(proof.status == 0, "\(proof.output)\(proof.errors)")
    return try sandbox.state(through: last)
  }

  @Test func `a shifted clock, another zone and a process for every step change no byte`() throws {
    let plain = Sandbox("plain")
    let shifted = Sandbox("shifted")
    defer {
      try? plain.remove()
      try? shifted.remove()
    }
    let expected = try nights(plain, 6)
    #expect(expected.contains("NVA-2026-0006_v1.csv"))
    let zones = [("Pacific/Kiritimati", "+17d"), ("Etc/GMT+12", "-40d")]
    for (zone, shift) in zones {
      let found = try nights(
        shifted,
        6,
        prefix: ["faketime", "-f", shift],
        environment: ["TZ": zone]
      )
      #expect(found == expected, "\(zone) \(shift)")
    }
  }

  @Test func `one process for all nights and one for each give the same seals`() throws {
    let one = Sandbox("one")
    let many = Sandbox("many")
    defer {
      try? one.remove()
      try? many.remove()
    }
    try? one.remove()
    try one.sharePartnerKeys()
    let filled = try one.kvitt([
      "demo", "start", "--nights", "6", "--members", "240", "--records", "200", "--seed", "1",
    ])
    #expect(filled.status == 0, "\(filled.errors)")
    #expect(try nights(many, 6) == one.state(through: "2026-09-07"))
  }

  @Test func `eight nightly runs started at once settle once`() throws {
    let sandbox = Sandbox("race")
    defer { try? sandbox.remove() }
    _ = try nights(sandbox, 1)
    try sandbox.kvitt("simulate", "--business-date", "2026-09-01")
    let raced = try shell(
      """
      export KVITT_HOME=\(sandbox.home); for i in 1 2 3 4 5 6 7 8; do
        ( \(program) nightly --business-date 2026-09-01 >/dev/null 2>&1; echo $? ) & done; wait
      """
    )
    let ends = raced.output.split(separator: "\n").compactMap { Int($0) }
    #expect(ends.count == 8 && ends.allSatisfy { [0, 10, 75].contains($0) }, "\(ends)")
    #expect(ends.contains { $0 != 75 }, "\(ends)")
    let settled = try sandbox.administrator().run(
      "SELECT count(*) FROM kvitt.settlement_run WHERE business_date = '2026-09-01'"
    )
    #expect(try settled.first?.int(0) == 1)
    // Two missed dates are caught up, oldest first; then there is nothing left.
    for date in ["2026-09-02", "2026-09-03"] {
      try sandbox.kvitt("simulate", "--business-date", date)
    }
    let caught = try sandbox.kvitt("nightly", "--catch-up", "--business-date", "2026-09-03")
    #expect([0, 10].contains(caught.status), "\(caught.errors)")
    let first = try #require(caught.output.firstRange(of: "2026-09-02 Wed"))
    let second = try #require(caught.output.firstRange(of: "2026-09-03 Thu"))
    #expect(first.lowerBound < second.lowerBound)
    let none = try sandbox.kvitt("nightly", "--catch-up", "--business-date", "2026-09-03")
    #expect(none.status == 0 && none.output.contains("nothing to catch up"))
    #expect(try sandbox.kvitt("ledger", "check").status == 0)
  }

  @Test func `records of a file in any order, and files in any order, give the same balances`()
    throws
  {
    let sandbox = Sandbox("order")
    defer { try? sandbox.remove() }
    try? sandbox.remove()
    try sandbox.prepare()
    try sandbox.write("card_token;member_ref\nca_1;1\n", "files/ca.csv")
    try sandbox.write("card_token;member_ref\nnm_1;2\n", "files/nm.csv")
    try sandbox.write("card_token;member_ref\nlc_1;3\n", "files/lc.csv")
    for (name, programme) in [
      ("ca", "northbank-cashback"), ("nm", "nordvik-miles"), ("lc", "lumen-credit"),
    ] {
      try sandbox.together(
        "member",
        "import",
        "\(sandbox.home)/files/\(name).csv",
        "--programme",
        programme
      )
    }
    let administrator = try sandbox.administrator("postgres")
    var seen: Set<String> = []
    let rows = OrderCase.rows
    for split in [[rows], [Array(rows.reversed())], OrderCase.refundsFirst, OrderCase.oneEach] {
      try administrator.run("DROP DATABASE IF EXISTS original WITH (FORCE)")
      try administrator.run("CREATE DATABASE original TEMPLATE kvitt")
      for (index, part) in split.enumerated() {
        let path = try sandbox.write(OrderCase.file(part, index + 1), "files/o-\(index).csv")
        let taken = try sandbox.kvitt(
          "ingest",
          "take",
          path,
          "--feed",
          "northbank-cards",
          "--business-date",
          "2026-09-03"
        )
        #expect(taken.status == 0, "\(taken.errors)")
      }
      let members = try sandbox.kvitt("report", "members", "-O", "csv").output
      let accounts = try sandbox.kvitt("ledger", "balance", "-O", "csv").output
      seen.insert(members + accounts)
      #expect(try sandbox.kvitt("ledger", "check").status == 0)
      try administrator.run("DROP DATABASE kvitt WITH (FORCE)")
      try administrator.run("ALTER DATABASE original RENAME TO kvitt")
    }
    #expect(seen.count == 1, "\(seen.joined(separator: "\n---\n"))")
    let text = try #require(seen.first)
    // 100.00 at 1 % less refunds of 33.33 + 33.33 + 33.34 leaves nothing (E15); 2,000.00 at Lumen
    // earns 20.00 and a bonus of 80.00, of which the partner owes 60.00; a reversed refund counts
    // for nothing; 3,450.00 gives 510 miles for 4.34.
    #expect(text.contains("ca_1,CB.EUR,100.00") && text.contains("nm_1,NVA,510"))
    #expect(text.contains("1110,\"Partner receivable, accrued\",LUM,EUR,60.00"))
    #expect(text.contains("2400,\"Partner payable, accrued\",NVA,EUR,-4.34"))
    #expect(text.contains("lc_1,SC.LUM,30.00"))
  }
}

/// Facts whose order must not matter.
enum OrderCase {
  static let rows = [
    "purchase;P1;;0;ca_1;10000;EUR;10000;EUR;5411;M-1;;2026-09-01T10:00:00+02:00",
    "refund;R1;P1;0;ca_1;3333;EUR;3333;EUR;5411;M-1;;2026-09-02T10:00:00+02:00",
    "refund;R2;P1;0;ca_1;3333;EUR;3333;EUR;5411;M-1;;2026-09-02T11:00:00+02:00",
    "refund;R3;P1;0;ca_1;3334;EUR;3334;EUR;5411;M-1;;2026-09-03T10:00:00+02:00",
    "purchase;P2;;0;ca_1;200000;EUR;200000;EUR;5311;LUM-0001;;2026-09-01T12:00:00+02:00",
    "refund;R4;P2;0;ca_1;50000;EUR;50000;EUR;5311;LUM-0001;;2026-09-02T12:00:00+02:00",
    "refund;R4;P2;1;ca_1;50000;EUR;50000;EUR;5311;LUM-0001;;2026-09-03T12:00:00+02:00",
    "purchase;P3;;0;nm_1;345000;EUR;345000;EUR;4511;M-2;;2026-09-01T13:00:00+02:00",
    "purchase;P4;;0;nm_1;50000;EUR;50000;EUR;4511;M-2;;2026-09-01T14:00:00+02:00",
    "purchase;P4;;1;nm_1;50000;EUR;50000;EUR;4511;M-2;;2026-09-02T14:00:00+02:00",
    "purchase;P5;;0;lc_1;200000;EUR;200000;EUR;5411;M-1;;2026-09-01T10:00:00+02:00",
    "refund;R5;P5;0;lc_1;100000;EUR;100000;EUR;5411;M-1;;2026-09-02T10:00:00+02:00",
    "purchase;P6;;0;lc_1;99999;EUR;99999;EUR;6011;M-1;;2026-09-01T10:00:00+02:00",
  ]

  private static func isNegative(_ row: String) -> Bool {
    row.hasPrefix("refund") || row.split(separator: ";", omittingEmptySubsequences: false)[3] == "1"
  }

  /// All refunds and reversals in one file, their purchases in the next.
  static let refundsFirst = [rows.filter(isNegative), rows.filter { !isNegative($0) }]

  /// A file for each record, last ones first.
  static let oneEach = rows.reversed().map { [$0] }

  static func file(_ rows: [String], _ sequence: Int) -> String {
    var debit = 0
    var credit = 0
    for row in rows {
      let fields = row.split(separator: ";", omittingEmptySubsequences: false)
      let amount = Int(fields[7]) ?? 0
      if (fields[0] == "purchase") != (fields[3] == "1") {
        debit += amount
      } else {
        credit += amount
      }
    }
    return "type;reference;original_ref;reversal;card_token;amount_minor;currency;billing_minor;"
      + "billing_currency;mcc;merchant_id;merchant_name;local_time\n" + rows.joined(separator: "\n")
      + "\n#total;EUR;\(rows.count);\(debit);\(credit)\n#end;\(rows.count);\(sequence)\n"
  }
}
