import Postgres
import Formats
import Intake
import Journal
import TestSupport
import Testing

/// Go-live through the real commands: G1, G2.
@Suite(.serialized) struct OpeningTests {
  private static let desk = Result { try FeedDesk("opening") }
  private static let head = "kind;card_token;unit;quantity;cost_minor;earned_on\n"

  private func fresh(_ body: (FeedCopy) throws -> Void) throws {
    try OpeningTests.desk.get().fresh { copy in
      try body(copy)
      let check = try copy.sandbox.kvitt("ledger", "check")
      #expect(check.status == 0, "\(check.output) \(check.errors)")
    }
  }

  private func stands(_ copy: FeedCopy, _ account: String) throws -> Int64 {
    try copy.number(
      "SELECT coalesce(sum(amount), 0)::bigint FROM kvitt.posting WHERE account = '\(account)'"
    )
  }

  private let rows = """
    lot;ca_1;CB.EUR;500000;500000;2026-05-02
    lot;ca_1;CB.EUR;40000;40000;2025-12-31
    lot;ca_2;CB.EUR;300000;300000;2026-01-01
    lot;lc_1;SC.LUM;10000;8000;2026-06-01
    debt;ca_2;CB.EUR;15000;15000;2026-06-01
    #total;lot;CB.EUR;3;840000;840000
    #total;lot;SC.LUM;1;10000;8000
    #total;debt;CB.EUR;1;15000;15000

    """
  private let ledger = [
    "--gl", "2100/EUR=8400.00", "--gl", "2200/EUR=80.00", "--gl", "1300/EUR=150.00",
  ]

  private func open(
    _ copy: FeedCopy,
    _ who: String,
    _ text: String,
    _ totals: [String]
  ) throws -> Finished {
    let path = try copy.sandbox.write(OpeningTests.head + text, "files/lots.csv")
    return try copy.sandbox.kvitt(
      ["ledger", "open", path] + totals,
      environment: ["KVITT_LOGIN": who]
    )
  }

  @Test func `G1, G2: lots and debts come in against 3900, by two people, once`() throws {
    try fresh { copy in
      let wrong = try open(copy, "anna", rows, Array(ledger.dropLast()) + ["1300/EUR=150.01"])
      #expect(wrong.status == 20 && wrong.errors.contains("KV-ING-004"), "\(wrong.errors)")
      #expect(try open(copy, "anna", rows, Array(ledger.prefix(4))).status == 20)
      #expect(try open(copy, "anna", rows, ledger).status == 24)
      #expect(try open(copy, "anna", rows, ledger).errors.contains("KV-SET-004"))
      // Other bytes are another proposal.
      #expect(try open(copy, "bo", rows + "\n", ledger).status == 24)
      #expect(try open(copy, "bo", rows, ledger).status == 0)
      let opened = try copy.moved {
        for _ in 0..<2 {
          _ = try copy.sandbox.kvitt("reward", "post", "--business-date", "2026-09-30")
        }
      }
      #expect(
        opened == [
          "3900": 833_000, "2100": -840_000, "2200": -8_000, "1300": 15_000,
          "unit.issued": -835_000, "unit.open": 850_000, "unit.debt": -15_000,
        ]
      )
      #expect(try open(copy, "anna", rows, ledger).output.contains("nothing to do"))
      #expect(try stands(copy, "2100") == -840_000 && stands(copy, "2200") == -8_000)
      #expect(try stands(copy, "1300") == 15_000 && stands(copy, "3900") == 833_000)
      #expect(try copy.balance(1, "CB.EUR") == 540_000)
      #expect(try copy.balance(2, "CB.EUR") == 300_000 - 15_000)
      #expect(try copy.balance(4, "SC.LUM") == 10_000)
      // What is earned next pays the debt, as every debt.
      try copy.take([FeedRow(reference: "P1", card: "ca_2", amount: 100_000)])
      #expect(try stands(copy, "1300") == 14_000)
    }
  }

  private let balances = """
    owed;LUM;EUR;17;120410;2026-08-31
    owes;NVA;EUR;4;3000;2026-08-31
    #total;owed;EUR;1;17;120410
    #total;owes;EUR;1;4;3000

    """

  @Test func `G3: statements go on where the old system's ended, with number and balance`() throws {
    try fresh { copy in
      let ledger = ["--gl", "2490/EUR=1174.10"]
      #expect(try open(copy, "anna", balances, ["--gl", "2490/EUR=1174.11"]).status == 20)
      #expect(try open(copy, "anna", balances, ledger).status == 24)
      #expect(try open(copy, "bo", balances, ledger).status == 0)
      let opened = try copy.moved {
        for _ in 0..<2 {
          _ = try copy.sandbox.kvitt("reward", "post", "--business-date", "2026-09-30")
        }
      }
      #expect(opened == ["3900": 117_410, "2490": -117_410])
      #expect(try stands(copy, "2490") == -117_410 && stands(copy, "3900") == 117_410)
      #expect(try copy.sandbox.kvitt("ledger", "check").status == 0)
      try copy.take([FeedRow(reference: "P1", card: "lc_1", amount: 100_000)])
      _ = try copy.settle("2026-09-30", with: "LUM")
      let rows = try copy.sandbox.administrator().run(
        "SELECT number, opening_minor, ordered_minor FROM kvitt.statement ORDER BY number"
      ).map { try "\($0.string(0)) \($0.int(1)) \($0.int(2))" }
      #expect(
        rows == [
          "BOK-2026-0001 0 0", "KFH-2026-0001 0 0", "LUM-2026-0018 120410 120410",
          "NVA-2026-0005 -3000 0",
        ],
        "\(rows)"
      )
      let home = copy.sandbox.home
      let verified = try copy.sandbox.kvitt(
        "statement",
        "verify",
        "\(home)/outbox/LUM/LUM-2026-0018/LUM-2026-0018_v1.csv",
        "--signer",
        "\(home)/keys/signer.pem"
      )
      #expect(
        verified.status == 0 && verified.output.contains("statement 17 of the system before"),
        "\(verified.output)\(verified.errors)"
      )
      // What stands now is told by our own statements alone.
      let late = try open(copy, "anna", balances + "\n", ledger)
      #expect(late.errors.contains("lots.csv:2: KV-ING-020"), "\(late.errors)")
    }
  }

  @Test func `G3: a statement that overtook its balance leaves a break, and the rest is posted`()
    throws
  {
    try fresh { copy in
      let text = rows + balances
      let ledger = ledger + ["--gl", "2490/EUR=1174.10"]
      #expect(try open(copy, "anna", text, ledger).status == 24)
      #expect(try open(copy, "bo", text, ledger).status == 0)
      _ = try copy.settle("2026-09-30", with: "LUM")
      for _ in 0..<2 {
        _ = try copy.sandbox.kvitt("reward", "post", "--business-date", "2026-09-30")
      }
      #expect(try stands(copy, "2490") == 0 && stands(copy, "3900") == 833_000)
      let breaks = try copy.books.breaks(openOnly: true)
      #expect(breaks.map(\.pointer) == ["lots.csv:10", "lots.csv:11"], "\(breaks)")
    }
  }

  @Test
  func `G3: a balance that two files bring is opened once, and one of nothing has its number`()
    throws
  {
    try fresh { copy in
      for (minor, ledger) in [("0", "0.00"), ("500", "5.00"), ("0", "0.00")] {
        // An empty line makes other bytes of the same balance.
        let text =
          try "owed;LUM;EUR;17;\(minor);2026-08-31\n#total;owed;EUR;1;17;\(minor)\n"
          + (minor == "0" && copy.books.decidedOpenings().isEmpty ? "" : "\n")
        #expect(try open(copy, "anna", text, ["--gl", "2490/EUR=\(ledger)"]).status == 24)
        #expect(try open(copy, "bo", text, ["--gl", "2490/EUR=\(ledger)"]).status == 0)
      }
      for _ in 0..<2 {
        let posted = try copy.sandbox.kvitt("reward", "post", "--business-date", "2026-09-30")
        #expect(posted.status == 0, "\(posted.errors)")
      }
      let breaks = try copy.books.breaks(openOnly: true)
      #expect(breaks.count == 1 && breaks.first?.valueMinor == 500, "\(breaks)")
      _ = try copy.settle("2026-09-30", with: "LUM")
      #expect(try copy.number("SELECT max(sequence) FROM kvitt.statement") == 18)
    }
  }

  @Test(arguments: [
    ("owed;LUM;EUR", "owed;XXX;EUR", "lots.csv:2: KV-CLI-001"),
    ("owed;LUM;EUR", "owed;LUM;SEK", "KV-ING-0"),
    ("owes;NVA;EUR", "owes;LUM;EUR", "lots.csv:3: KV-FMT-001"),
    ("EUR;17;", "EUR;0;", "lots.csv:2: KV-FMT-001"),
    ("EUR;17;", "EUR;1000000000;", "lots.csv:2: KV-FMT-001"),
  ])
  func `a partner's balance that is not right is refused with its row`(
    _ old: String,
    _ new: String,
    _ code: String
  ) throws {
    try fresh { copy in
      let done = try open(
        copy,
        "anna",
        balances.replacing(old, with: new),
        ["--gl", "2490/EUR=1174.10"]
      )
      #expect(done.status != 24 && done.errors.contains(code), "\(done.errors)")
      #expect(try copy.number("SELECT count(*) FROM kvitt.opening") == 0)
    }
  }

  @Test(arguments: [
    ("lot;ca_1;CB.EUR;500000", "lot;ca_9;CB.EUR;500000", "KV-ING-013"),
    ("lot;ca_1;CB.EUR;500000", "lot;ca_1;CB.SEK;500000", "KV-"),
    ("500000;500000;2026-05-02", "500000;500000;2026-02-30", "KV-FMT-001"),
    ("500000;500000", "-500000;500000", "KV-FMT-001"),
    ("#total;lot;CB.EUR;3;840000", "#total;lot;CB.EUR;3;840001", "KV-ING-004"),
    ("#total;debt;CB.EUR;1;15000;15000\n", "", "KV-ING-004"),
    ("lot;ca_1;CB.EUR;40000", "gift;ca_1;CB.EUR;40000", "KV-FMT-001"),
    ("lot;ca_1", "lot;4111111111111111", "KV-FMT-001"),
  ])
  func `an opening that is not right in every line and sum is refused whole`(
    _ old: String,
    _ new: String,
    _ code: String
  ) throws {
    try fresh { copy in
      let done = try open(copy, "anna", rows.replacing(old, with: new), ledger)
      #expect(done.status != 24 && done.status != 0 && done.errors.contains(code), "\(done.errors)")
      #expect(try copy.number("SELECT count(*) FROM kvitt.opening") == 0)
    }
  }
}
