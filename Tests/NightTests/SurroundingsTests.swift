import Foundation
import Postgres
import TestSupport
import Testing

/// What stands around a command: its folder, its connection words, its keys, who may read what it writes,
/// and lists that say where they end.
@Suite(.serialized) struct SurroundingsTests {
  private static let shared = Sandbox.shared("surroundings")
  private static let filled: Result<Void, any Error> = Result {
    try? shared.remove()
    try shared.fill(nights: 3)
  }

  private let sandbox: Sandbox

  init() throws {
    sandbox = SurroundingsTests.shared
    try SurroundingsTests.filled.get()
  }

  @Test func `a folder that holds no installation stays as it is, whatever reads from it`() throws {
    let nowhere = sandbox.home + "-nowhere"
    for command in [
      ["status"], ["ledger", "balance"], ["breaks", "list"], ["report", "members"],
      ["partner", "list"], ["nightly", "--business-date", "2026-09-03"],
      ["partner", "terms", "apply", repository + "/Settlement/partners/NVA.yaml"],
      ["ledger", "check"], ["explain", "ARN1"], ["db", "stop"],
    ] {
      let finished = try execute(program, command, environment: ["KVITT_HOME": nowhere])
      let isStop = command == ["db", "stop"]
      #expect(finished.status == (isStop ? 0 : 69), "\(command): \(finished)")
      #expect(isStop || finished.errors.contains("KV-DB-001"), "\(finished.errors)")
      #expect(!FileManager.default.fileExists(atPath: nowhere), "\(command)")
    }
  }

  @Test func `an installation whose server was stopped is started again`() throws {
    #expect(try sandbox.kvitt("db", "stop").output == "stopped\n")
    #expect(try sandbox.kvitt("status").status == 0)
  }

  @Test(arguments: [
    "postgresql://anna:hunter2@127.0.0.1/kvitt", "postgres://anna:hunter2@h/k?sslmode=require",
    "host=127.0.0.1 password=hunter2", "host=127.0.0.1 sslpassword=hunter2", "hunter2",
    "host=127.0.0.1 password = hunter2", "host=postgresql://anna:hunter2@127.0.0.1/kvitt",
    "dbname=postgresql://anna:hunter2@127.0.0.1/kvitt", "pasword=hunter2", "host=anna:hunter2@h",
    "hunter2=x", "PASSWORD=hunter2",
  ])
  func `no word of a connection is shown, since it may be a password`(_ words: String) throws {
    for finished in [
      try execute(program, ["status", "--db", words]),
      try execute(program, ["status"], environment: ["KVITT_DB": words]),
      try execute(program, ["db", "migrate", "--db", words]),
    ] {
      #expect(finished.status == 64 && finished.errors.contains("KV-CLI-002"), "\(words)")
      #expect(!(finished.output + finished.errors).contains("hunter2"), "\(finished.errors)")
    }
    // An option that is misspelt is shown, with what came behind it.
    let misspelt = try execute(program, ["status", "--bd", words])
    let isShown = misspelt.errors.contains("hunter2")
    #expect(misspelt.status == 64 && !(isShown && words.contains("assword=")), "\(misspelt.errors)")
    #expect(!(isShown && words.contains("://")), "\(misspelt.errors)")
  }

  @Test func `KV-ING-023: what people write is kept, so it holds no card number`() throws {
    for (option, text) in [
      ("--reason", "card 4012 8888 8888 1881"), ("--evidence", "4012888888881881"),
      ("--key", "K-4012888888881881"), ("--key", "4012-8888-8888-1881"),
    ] {
      for words in [[option, text], ["\(option)=\(text)"]] {
        let finished = try sandbox.kvitt(
          ["reward", "adjust", "ca_000001", "--unit", "CB.EUR", "--quantity", "15.00"] + words
        )
        #expect(finished.status == 65 && finished.errors.contains("KV-ING-023"), "\(finished)")
        #expect(!finished.errors.contains("8888"), "\(finished.errors)")
      }
    }
  }

  @Test func `KVITT_LOGIN counts beside connection words, or they are refused`() throws {
    let socket = try sandbox.cluster.socketFolder
    let run = { (words: String, login: String?) in
      try execute(
        program,
        ["settle", "standing", "give", "99"],
        environment: [
          "KVITT_DB": "host=\(socket) dbname=kvitt" + words, "KVITT_LOGIN": login ?? "",
        ]
      )
    }
    let two = try run(" user=anna", "bo")
    #expect(two.status == 64 && two.errors.contains("KVITT_LOGIN"), "\(two.errors)")
    // Known logins come as far as the name of the approval; nobody's does not connect.
    for (words, login) in [(" user=anna", nil), (" user=bo", "bo"), ("", "bo")]
      as [(String, String?)]
    {
      let finished = try run(words, login)
      #expect(finished.status == 64 && finished.errors.contains("KV-CLI-001"), "\(finished.errors)")
    }
    let nobody = try run("", "carl")
    #expect(nobody.status == 69 && nobody.errors.contains("carl"), "\(nobody.errors)")
  }

  @Test func `nobody but owner and group reads what is written, whatever the umask says`() throws {
    let home = sandbox.home
    try shell("rm -rf \(home)/outbox/NVA/NVA-2026-0001 \(home)/outbox/LUM/LUM-2026-0001")
    for (mask, number) in [("000", "NVA-2026-0001"), ("077", "LUM-2026-0001")] {
      let rendered = try shell(
        "umask \(mask); KVITT_HOME=\(home) \(program) statement render \(number)"
      )
      #expect(rendered.status == 0 && rendered.output.contains("written"), "\(rendered.errors)")
    }
    let open = try shell(
      """
      find \(home)/outbox \(home)/inbox \(home)/world -not -path '*partner-keys*' \\( -type d ! -perm 0750 -o -type f ! -perm 0640 \\)
      find \(home)/keys -name '*.key' ! -perm 0600
      find \(home)/keys -maxdepth 0 ! -perm 0700
      """
    )
    #expect(open.output.isEmpty, "\(open.output)")
    // Whoever copies the keys must not be able to make further signers.
    let keys = try FileManager.default.contentsOfDirectory(atPath: home + "/keys").sorted()
    #expect(keys == ["ca.pem", "signer.key", "signer.pem"])
  }

  @Test func `lists that end early say so in every format`() throws {
    for (command, header) in [
      (["ledger", "register"], 1), (["ingest", "list"], 1), (["ingest", "quarantine"], 1),
    ] {
      let all = try sandbox.kvitt(command + ["-O", "csv", "--limit", "1000000"])
      let rows = all.output.split(separator: "\r\n").count - header
      #expect(all.status == 0 && !all.errors.contains("more"), "\(command)")
      guard rows > 1 else { continue }
      for format in ["table", "csv", "json"] {
        let cut = try sandbox.kvitt(command + ["-O", format, "--limit", "\(rows - 1)"])
        let told = format == "table" ? cut.output : cut.errors
        #expect(cut.status == 0 && told.contains("only \(rows - 1) rows"), "\(cut.errors)")
        let whole = try sandbox.kvitt(command + ["-O", format, "--limit", "\(rows)"])
        #expect(whole.status == 0 && whole.errors.isEmpty)
      }
    }
    for limit in ["0", "-1", "9223372036854775807"] {
      let finished = try sandbox.kvitt(["ledger", "register", "--limit=\(limit)"])
      #expect(finished.status == 64 && finished.errors.contains("KV-CLI-002"), "\(finished.errors)")
    }
  }

  @Test func `quantities of money have the decimals of money in the report of members`() throws {
    let report = try sandbox.kvitt("report", "members", "-O", "csv").output
    let rows = report.split(separator: "\r\n").dropFirst().map { $0.split(separator: ",") }
    #expect(rows.count > 100)
    for row in rows {
      let isMoney = row[1].hasPrefix("CB.") || row[1].hasPrefix("SC.")
      let pattern = isMoney ? #/-?[0-9]+\.[0-9]{2}/# : #/-?[0-9]+/#
      #expect(row[2].wholeMatch(of: pattern) != nil, "\(row)")
    }
    let books = try sandbox.administrator().run(
      """
      SELECT c.token, b.quantity FROM kvitt.member_balance b JOIN kvitt.card c USING (member_id)
        JOIN kvitt.unit u ON u.id = b.unit WHERE u.code = 'CB.EUR' AND b.quantity > 100 LIMIT 5
      """
    )
    for row in books {
      let quantity = try row.int(1)
      let cents = String(quantity % 100 + 100).dropFirst()
      #expect(report.contains("\(try row.string(0)),CB.EUR,\(quantity / 100).\(cents)\r\n"))
    }
  }

  @Test func `breaks as of a day are those of that evening, in the state of that evening`() throws {
    let admin = try sandbox.administrator()
    for date in ["2026-08-31", "2026-09-01", "2026-09-02"] {
      let rows = try admin.run(
        """
        SELECT b.id || ' ' || (SELECT e.state FROM kvitt.break_event e WHERE e.break_id = b.id
                                AND e.business_date <= \(date)::date ORDER BY e.seq DESC LIMIT 1)
          FROM kvitt.break_item b WHERE b.opened_on <= \(date)::date
        """
      ).map { try $0.string(0) }
      for all in [true, false] {
        let shown = try sandbox.kvitt(
          ["breaks", "list", "--as-of", date, "-O", "json"] + (all ? ["--all"] : [])
        ).output
        let object = try JSONSerialization.jsonObject(with: Data(shown.utf8)) as? [String: Any]
        let found = (object?["rows"] as? [[String: Any]] ?? []).map {
          "\($0["id"] as? String ?? "") \($0["state"] as? String ?? "")"
        }
        #expect(Set(found) == Set(rows.filter { all || !$0.hasSuffix("cleared") }), "\(date)")
      }
    }
  }

  @Test func `the printed openssl line is quoted as a shell needs it`() throws {
    let folder = sandbox.home + "/it's a $(touch x); copy"
    try? FileManager.default.removeItem(atPath: folder)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for name in ["\(sandbox.home)/outbox/NVA/NVA-2026-0002", "\(sandbox.home)/keys/signer.pem"] {
      let target = folder + "/" + (name as NSString).lastPathComponent
      try FileManager.default.copyItem(atPath: name, toPath: target)
    }
    let file = folder + "/NVA-2026-0002/NVA-2026-0002_v1.csv"
    let verified = try sandbox.kvitt(
      "statement",
      "verify",
      file,
      "--signer",
      folder + "/signer.pem",
      "--at",
      "2026-09-01"
    )
    let line = try #require(verified.output.split(separator: "\n").last)
    #expect(line.hasPrefix("openssl cms -verify") && line.contains("-attime 1788307198"), "\(line)")
    #expect(try shell(String(line), folder: folder).status == 0)
    try shell("printf x >> \"$1\"".replacing("\"$1\"", with: quoted(file)))
    #expect(try shell(String(line), folder: folder).status == 4)
    #expect(!FileManager.default.fileExists(atPath: folder + "/x"))
  }

  private func quoted(_ text: String) -> String {
    "'" + text.replacing("'", with: "'\\''") + "'"
  }

  @Test func `KV-SIG-006: a key signs the business dates of its certificate and no others`() throws
  {
    let home = sandbox.home
    try shell("mv \(home)/keys \(home)/keys-kept")
    defer { _ = try? shell("rm -rf \(home)/keys; mv \(home)/keys-kept \(home)/keys") }
    for (from, to, date, isSigned) in [
      ("2025-01-01", "2026-09-02", "2026-09-03", false),
      ("2026-09-04", "2027-09-02", "2026-09-03", false),
      // To the end of its last day, and from its first.
      ("2025-01-01", "2026-09-03", "2026-09-03", true),
      ("2026-09-03", "2027-09-02", "2026-09-03", true),
    ] {
      try shell("rm -rf \(home)/keys")
      let made = try sandbox.kvitt("key", "create", "--name", "N", "--from", from, "--to", to)
      #expect(made.output.contains("signs business dates from \(from) to \(to)"), "\(made)")
      // Without a feed a night that may sign gets as far as saying so.
      let night = try sandbox.kvitt("nightly", "--business-date", date)
      #expect(night.status == (isSigned ? 75 : 78), "\(from) \(to): \(night.errors)")
      #expect(night.errors.contains(isSigned ? "KV-RUN-002" : "KV-SIG-006"), "\(night.errors)")
      let payout = try sandbox.kvitt("reward", "payout", "--business-date", date)
      #expect(payout.status == (isSigned ? 0 : 78), "\(payout.errors)")
    }
  }
}
