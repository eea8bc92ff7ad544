import Foundation
import Ledger
import Postgres
import TestSupport
import Testing

/// Ratios of one run (`make bench`): nothing here asserts a time.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["KVITT_BENCH"] != nil))
struct BenchTests {
  private var scale: Int {
    Int(ProcessInfo.processInfo.environment["KVITT_SCALE"] ?? "") ?? 1_000_000
  }

  private func tell(_ format: String, _ values: any CVarArg...) {
    print("bench: " + String(format: format, arguments: values))
  }

  @Test func `feed file to sealed leaf, beside COPY with live indexes and the textbook function`()
    throws
  {
    let sandbox = Sandbox("bench")
    defer { try? sandbox.remove() }
    try roomFor(scale, bytes: 9_000)
    try sandbox.prepareBench(members: 50_000)
    let commit = try shell("git -C \(repository) rev-parse --short HEAD").output
    let machine = try shell("nproc; uname -m").output.split(separator: "\n").joined(
      separator: " × "
    )
    print("bench: \(scale) records a file, 5 rounds interleaved, \(machine), commit \(commit)")
    print("bench: fsync, synchronous_commit, checksums, wal_level replica; CPU = client + server")
    var ours: [Cost] = []
    var plain: [Cost] = []
    var theirs: [Cost] = []
    var textbook: [Cost] = []
    var output = ""
    var number = 0
    // Files of the server's log are made once and used again: not while something is measured.
    _ = try taken(sandbox, &number, refunds: true, [])
    _ = try copied(sandbox, 0)
    for round in 1...5 {
      let steps = [
        { (output, ours) = try taken(sandbox, &number, refunds: true, ours) },
        { theirs.append(try copied(sandbox, round)) },
        { plain = try taken(sandbox, &number, refunds: false, plain).costs },
        { textbook.append(try transfers(sandbox, 64 * 200)) },
      ]
      // The order turns, so that none always has the memory that the same other one left.
      for index in steps.indices { try steps[(index + round) % steps.count]() }
    }
    print(output, terminator: "")
    show("file to sealed leaf", ours, scale)
    show("the same without refunds", plain, scale)
    show("COPY of the rows, live indexes", theirs, scale)
    show("textbook function", textbook, 64 * 200)
    let copy = median(theirs.map(\.cpu))
    tell(
      "COPY / kvitt = %.2f in CPU, %.2f in wall; without refunds %.2f in CPU",
      copy / median(ours.map(\.cpu)),
      median(theirs.map(\.wall)) / median(ours.map(\.wall)),
      copy / median(plain.map(\.cpu))
    )
    let perRow = median(ours.map(\.cpu)) / Double(scale)
    let perTransfer = median(textbook.map(\.cpu)) / 12_800
    let booked = try Double(transfersBooked(sandbox)) / Double(scale)
    tell(
      "textbook / kvitt = %.0f in CPU, a transfer against a record; %.0f a transfer against a transfer",
      perTransfer / perRow,
      perTransfer / perRow * booked
    )
    tell("%.2f transfers a record: reward rows, in money and in units", booked)
    tell("largest process of ours %d MB", Cost.largestChild())
    try disk(sandbox)
  }

  /// Only where asked for (`make bench TEN=1`): it takes minutes and tens of gigabytes.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["KVITT_TEN"] == "1"))
  func `ten times the rows in one file, beside one time`() throws {
    let sandbox = Sandbox("ten")
    defer { try? sandbox.remove() }
    try roomFor(scale * 10, bytes: 2_000)
    try sandbox.prepareBench(members: 50_000)
    var number = 0
    let first = try taken(sandbox, &number, refunds: true, [])
    let one = first.costs
    let ten = try taken(sandbox, &number, refunds: true, [], times: 10)
    print(first.output + ten.output, terminator: "")
    show("\(scale) records a file", one, scale)
    show("\(scale * 10) records a file", ten.costs, scale * 10)
    tell(
      "ten times / one time = %.2f in CPU per row; largest process of ours %d MB",
      ten.costs[0].cpu / one[0].cpu / 10,
      Cost.largestChild()
    )
    try disk(sandbox)
  }

  /// The portfolio is what the memory of a batch depends on; asked for like the file of ten times the rows.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["KVITT_TEN"] == "1"))
  func `memory of a batch by cards`() throws {
    for cards in [50_000, 2_000_000] {
      let sandbox = Sandbox("cards")
      defer { try? sandbox.remove() }
      try sandbox.prepareBench(members: cards)
      let path = sandbox.home + "/files/bench.csv"
      var feed = BenchFeed(members: cards, seed: 1)
      try feed.write(path, rows: scale, day: "2026-01-09", sequence: 1)
      // Children keep their largest size for good, so this one is measured by a parent of its own.
      let taken = try execute(
        "/usr/bin/env",
        [
          "python3", "-c",
          """
          import resource, subprocess, sys
          status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
          print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, status)
          """,
          program, "ingest", "take", path, "--feed", "northbank-cards", "--business-date",
          "2026-10-30",
        ],
        environment: ["KVITT_HOME": sandbox.home]
      )
      let words = taken.output.split(whereSeparator: \.isWhitespace)
      #expect(words.count == 2 && words.last == "0", "\(taken.output)\(taken.errors)")
      print("bench: \(scale) records, \(cards) cards: \(words.first ?? "?") MB")
    }
  }

  /// Takes the generated file after this number; gives what was printed and the costs with one more.
  private func taken(
    _ sandbox: Sandbox,
    _ number: inout Int,
    refunds: Bool,
    _ costs: [Cost],
    times: Int = 1
  ) throws -> (output: String, costs: [Cost]) {
    number += 1
    let path = sandbox.home + "/files/bench-\(number).csv"
    var feed = BenchFeed(members: 50_000, seed: number)
    let day = "2026-\(number < 10 ? "0" : "")\(number)-09"
    try feed.write(path, rows: scale * times, day: day, sequence: number, refunds: refunds)
    defer { try? FileManager.default.removeItem(atPath: path) }
    var output = ""
    let cost = try Cost.measured(sandbox) {
      let taken = try sandbox.kvitt(
        "ingest",
        "take",
        path,
        "--feed",
        "northbank-cards",
        "--business-date",
        "2026-10-30",
        "--timings"
      )
      #expect(taken.status == 0, "\(taken.errors)")
      output = taken.output
    }
    return (output, costs + [cost])
  }

  /// Transfers that the first file booked, which has refunds: each reward row moves money and units.
  private func transfersBooked(_ sandbox: Sandbox) throws -> Int64 {
    let row = try sandbox.administrator().run(
      "SELECT 2 * rewards FROM kvitt.seal WHERE purchases > 0 ORDER BY seal_no LIMIT 1"
    ).first
    return try row?.int(0) ?? 0
  }

  @Test func `night sixty beside night one`() throws {
    let sandbox = Sandbox("flat")
    defer { try? sandbox.remove() }
    try sandbox.prepareBench(members: 200_000)
    let nights = 60
    let rows = 100_000
    var costs: [Cost] = []
    let start = Date(timeIntervalSince1970: 1_780_272_000)
    for night in 0..<nights {
      let day = ISO8601DateFormatter().string(
        from: start.addingTimeInterval(86_400 * Double(night))
      )
      .prefix(10)
      let path = sandbox.home + "/files/night.csv"
      var feed = BenchFeed(members: 200_000, seed: 100 + night)
      try feed.write(path, rows: rows, day: String(day), sequence: night + 1)
      costs.append(
        try Cost.measured(sandbox) {
          let taken = try sandbox.kvitt(
            "ingest",
            "take",
            path,
            "--feed",
            "northbank-cards",
            "--business-date",
            String(day)
          )
          #expect(taken.status == 0, "\(taken.errors)")
        }
      )
    }
    show("nights 1 to 5", Array(costs[..<5]), rows)
    show("nights 56 to 60", Array(costs[(nights - 5)...]), rows)
    tell(
      "night 60 / night 1 = %.2f in CPU per row (medians of five)",
      median(costs[(nights - 5)...].map(\.cpu)) / median(costs[..<5].map(\.cpu))
    )
  }

  @Test func `parsing alone, beside wc`() throws {
    let sandbox = Sandbox("parse")
    defer { try? sandbox.remove() }
    try shell("mkdir -p \(sandbox.home)/files")
    let csv = sandbox.home + "/files/feed.csv"
    var feed = BenchFeed(members: 50_000, seed: 7)
    try feed.write(csv, rows: scale, day: "2026-05-09", sequence: 1)
    let json = sandbox.home + "/files/feed.ndjson"
    try shell("python3 \(repository)/Tests/NightTests/independent/csv_to_ndjson.py \(csv) \(json)")
    let ipm = sandbox.home + "/files/feed.ipm"
    try shell(
      "\(repository)/.build/python/bin/python \(repository)/Tests/UnitTests/independent/write_ipm.py "
        + "\(ipm) cp500 1 \(scale / 20)"
    )
    let camt = sandbox.home + "/files/feed.xml"
    try shell(
      "python3 \(repository)/Tests/NightTests/independent/csv_to_camt.py \(csv) \(camt) \(scale / 5)"
    )
    let cards = try String(
      contentsOfFile: repository + "/Settlement/feeds/camt-cards.yaml",
      encoding: .utf8
    ).replacing("categories: directory", with: "defaults: {mcc: 5411}")
    let own = try sandbox.write("feed: own\nversion: 1\n", "files/own.yaml")
    let lines = try sandbox.write("feed: own\nversion: 1\nformat: ndjson\n", "files/lines.yaml")
    try sandbox.kvitt("key", "hmac", "create")
    for (name, file, profile) in [
      ("CSV", csv, own), ("NDJSON", json, lines),
      ("IPM", ipm, "\(repository)/Settlement/feeds/mastercard-ipm.yaml"),
      ("camt", camt, try sandbox.write(cards, "files/camt.yaml")),
    ] {
      let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
      let rates = try (0..<5).map { _ in
        let before = Cost.children()
        let read = try sandbox.kvitt("ingest", "feeds", "test", profile, file, "--limit", "0")
        #expect(read.status == 0, "\(read.errors)")
        return Double(size) / 1e6 / (Cost.children() - before)
      }
      let before = Cost.children()
      try shell("for i in 1 2 3 4 5; do wc -l < \(file); done")
      let wc = Double(size) * 5 / 1e6 / (Cost.children() - before)
      tell(
        "%@: %.0f MB a CPU second (wc -l %.0f), %d MB",
        name,
        median(rates),
        wc,
        size / 1_000_000
      )
    }
  }

  private func show(_ name: String, _ costs: [Cost], _ rows: Int) {
    tell(
      "%@: CPU %.2f s (client %.2f, server %.2f), wall %.2f s, %.2f µs CPU a row",
      name,
      median(costs.map(\.cpu)),
      median(costs.map(\.client)),
      median(costs.map(\.server)),
      median(costs.map(\.wall)),
      median(costs.map(\.cpu)) / Double(rows) * 1e6
    )
  }

  /// So many bytes a row must fit, and the server's log.
  private func roomFor(_ rows: Int, bytes: Int) throws {
    let values = try FileManager.default.attributesOfFileSystem(forPath: "/var/tmp")
    let free = (values[.systemFreeSize] as? Int) ?? 0
    try #require(free > rows * bytes + 10_000_000_000, "\(free) bytes are free")
  }

  private func disk(_ sandbox: Sandbox) throws {
    let admin = try sandbox.administrator()
    let row = try admin.run(
      """
      SELECT sum(pg_total_relation_size(i.inhrelid))::bigint,
             (SELECT sum(purchases)::bigint FROM kvitt.seal)
        FROM pg_inherits i
       WHERE i.inhparent IN ('kvitt.purchase'::regclass, 'kvitt.reward'::regclass)
      """
    ).first
    tell(
      "%.0f bytes a transaction with all indexes",
      try Double(row?.int(0) ?? 0) / Double(row?.int(1) ?? 1)
    )
  }

  /// Binary COPY of the rows of the newest file into plain tables with the same live indexes.
  ///
  /// The index of ranges has to be brought up to date at the end: what comes in while it lives is not in it.
  private func copied(_ sandbox: Sandbox, _ round: Int) throws -> Cost {
    let admin = try sandbox.administrator()
    let batch = try admin.run("SELECT max(batch_id) FROM kvitt.file").first?.int(0) ?? 0
    let folder = sandbox.home + "/cluster"
    for part in ["purchase", "reward"] {
      try admin.run(
        Query(
          trusted: "COPY (SELECT * FROM kvitt.\(part) WHERE batch_id = \(batch) ORDER BY seq) "
            + "TO '\(folder)/\(part).bin' (FORMAT binary)"
        )
      )
      try admin.run(Query(trusted: "CREATE TABLE public.\(part)_\(round) (LIKE kvitt.\(part))"))
    }
    let bulk = Flow.bulk.map { String($0.rawValue) }.joined(separator: ", ")
    for index in [
      "UNIQUE INDEX ON public.purchase_\(round) (identity)",
      "INDEX seq_\(round) ON public.purchase_\(round) USING brin (seq) WITH (pages_per_range = 8)",
      "UNIQUE INDEX ON public.reward_\(round) (seq)",
      "INDEX ON public.reward_\(round) (member_id)",
      "INDEX ON public.reward_\(round) (member_id) "
        + "WHERE flow NOT IN (\(bulk)) OR purchase_id >> 32 <> batch_id",
    ] { try admin.run(Query(trusted: "CREATE " + index)) }
    let socket = try sandbox.cluster.socketFolder
    // The tables stay: what follows would find their pages free, and not pay for new ones as these did.
    return try Cost.measured(sandbox) {
      let done = try shell(
        """
        psql -q -o /dev/null -h \(socket) -U kvitt_admin kvitt -v ON_ERROR_STOP=1 <<'X'
        BEGIN;
        \\copy public.purchase_\(round) from '\(folder)/purchase.bin' (format binary)
        \\copy public.reward_\(round) from '\(folder)/reward.bin' (format binary)
        SELECT brin_summarize_new_values('public.seq_\(round)');
        COMMIT;
        X
        """
      )
      #expect(done.status == 0, "\(done.errors)")
    }
  }

  /// One SQL function a transfer, as text books show it, in batches of 64 a transaction.
  private func transfers(_ sandbox: Sandbox, _ count: Int) throws -> Cost {
    let admin = try sandbox.administrator()
    try admin.run(Query(trusted: BenchTests.textbook))
    let socket = try sandbox.cluster.socketFolder
    let path = try sandbox.write(
      (0..<(count / 64)).map { batch in
        "SELECT book.transfer(1 + (\(batch) * 64 + i) % 50000, 50001 + i % 20, 100, 'r' || \(batch) "
          + "|| '-' || i) FROM generate_series(1, 64) AS i;"
      }.joined(separator: "\n"),
      "files/transfers.sql"
    )
    return try Cost.measured(sandbox) {
      let done = try shell(
        "psql -q -o /dev/null -h \(socket) -U kvitt_admin kvitt -v ON_ERROR_STOP=1 -f \(path)"
      )
      #expect(done.status == 0, "\(done.errors)")
    }
  }

  static let textbook = """
    DROP SCHEMA IF EXISTS book CASCADE;
    CREATE SCHEMA book;
    CREATE TABLE book.account (id bigint PRIMARY KEY, balance bigint NOT NULL);
    CREATE TABLE book.transfer (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, reference text NOT NULL UNIQUE,
      debit bigint NOT NULL REFERENCES book.account, credit bigint NOT NULL REFERENCES book.account,
      amount bigint NOT NULL CHECK (amount > 0), at timestamptz NOT NULL DEFAULT now());
    CREATE TABLE book.entry (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      transfer bigint NOT NULL REFERENCES book.transfer,
      account bigint NOT NULL REFERENCES book.account, amount bigint NOT NULL,
      balance_after bigint NOT NULL);
    CREATE INDEX ON book.entry (account, id);
    INSERT INTO book.account SELECT i, 0 FROM generate_series(1, 50020) AS i;
    CREATE FUNCTION book.transfer(p_debit bigint, p_credit bigint, p_amount bigint, p_ref text)
    RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE v_id bigint; v_debit bigint; v_credit bigint;
    BEGIN
      PERFORM FROM book.account WHERE id IN (p_debit, p_credit) ORDER BY id FOR UPDATE;
      UPDATE book.account SET balance = balance - p_amount WHERE id = p_debit
        RETURNING balance INTO v_debit;
      UPDATE book.account SET balance = balance + p_amount WHERE id = p_credit
        RETURNING balance INTO v_credit;
      INSERT INTO book.transfer (reference, debit, credit, amount)
        VALUES (p_ref, p_debit, p_credit, p_amount) RETURNING id INTO v_id;
      INSERT INTO book.entry (transfer, account, amount, balance_after)
        VALUES (v_id, p_debit, -p_amount, v_debit), (v_id, p_credit, p_amount, v_credit);
      RETURN v_id;
    END $$;
    """
}
