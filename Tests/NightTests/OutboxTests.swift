import Foundation
import Postgres
import TestSupport
import Testing

/// The outbox beside the books: what `ledger check` compares, and what a night refuses (KV-OUT-002).
@Suite(.serialized) struct OutboxTests {
  private static let shared = Sandbox.shared("outbox")
  private static let filled: Result<Void, any Error> = Result {
    try? shared.remove()
    let finished = try shared.fill(nights: 2)
    try #require(finished.status == 0, "\(finished.output)\(finished.errors)")
  }

  private let sandbox: Sandbox
  private let folder: String

  init() throws {
    try OutboxTests.filled.get()
    sandbox = OutboxTests.shared
    folder = sandbox.home + "/outbox"
  }

  /// What the check says while a script has changed the outbox, which is put back afterwards.
  private func check(after script: String) throws -> Finished {
    let kept = sandbox.home + "/kept"
    try shell("rm -rf \(kept); cp -a \(folder) \(kept)")
    let changed = try shell("set -e; cd \(folder); \(script)")
    try #require(changed.status == 0, "\(changed.errors)")
    let found = try sandbox.kvitt("ledger", "check")
    try shell("rm -rf \(folder); mv \(kept) \(folder)")
    return found
  }

  @Test func `the check prints how many were compared`() throws {
    let found = try sandbox.kvitt("ledger", "check")
    #expect(found.status == 0, "\(found.output)\(found.errors)")
    let line =
      "Outbox: 8 statements, 2 order files, 0 pay-out files compared; missing 0, unknown 0."
    #expect(found.output.contains(line), "\(found.output)")
    let signer = sandbox.home + "/world/partner-keys/signer.pem"
    let foreign = try sandbox.kvitt("ledger", "check", "--signer", signer)
    #expect(foreign.status == 20 && foreign.output.contains("no certificate"), "\(foreign.output)")
  }

  @Test(arguments: [
    ("printf x >> NVA/NVA-2026-0002/NVA-2026-0002_v1.csv", "NVA-2026-0002_v1.csv", 21),
    ("printf x >> NVA/NVA-2026-0001/NVA-2026-0001_v1.jsonl", "NVA-2026-0001_v1.jsonl", 21),
    ("printf x >> LUM/LUM-2026-0001/LUM-2026-0001_v1.csv.p7s", "LUM-2026-0001_v1.csv.p7s", 21),
    ("sed -i 's/ledger-seal ./ledger-seal 0/' BOK/*/MANIFEST.sha256", "MANIFEST.sha256", 21),
    ("rm LUM/LUM-2026-0002/MANIFEST.sha256.p7s", "MANIFEST.sha256.p7s", 21),
    ("rm -r KFH/KFH-2026-0001", "KFH-2026-0001_v1.csv", 21),
    ("printf x >> bank/orders-20260831.csv", "bank/orders-20260831.csv", 21),
    ("rm bank/orders-20260901.csv", "bank/orders-20260901.csv", 21),
    ("printf x >> bank/orders-20260831.csv.p7s", "bank/orders-20260831.csv.p7s", 21),
    ("rm bank/orders-20260901.csv.p7s", "bank/orders-20260901.csv.p7s", 21),
    ("touch NVA/NVA-2026-0001/more.csv", "NVA/NVA-2026-0001/more.csv", 21),
    ("touch NVA/note bank/note card-system 2>/dev/null; touch stray", "stray", 21),
    ("cp -a NVA/NVA-2026-0002 NVA/NVA-2026-0003", "NVA/NVA-2026-0003", 23),
    ("mkdir -p card-system; touch card-system/CB-0009.csv", "card-system/CB-0009.csv", 23),
    ("touch bank/orders-20260902.csv", "bank/orders-20260902.csv", 23),
  ])
  func `a file that was changed, lost or put there is told by its place`(
    _ script: String,
    _ place: String,
    _ status: Int
  ) throws {
    let found = try check(after: script)
    #expect(found.status == Int32(status), "\(script): \(found.output)\(found.errors)")
    #expect(found.output.contains(place), "\(script): \(found.output)")
  }

  @Test func `orders are signed, and others than were sealed are not written`() throws {
    let orders = folder + "/bank/orders-20260831.csv"
    let verified = try shell(
      """
      openssl cms -verify -binary -inform DER -in \(orders).p7s -content \(orders) -nointern \
        -certfile \(sandbox.home)/keys/signer.pem -noverify -out /dev/null
      """
    )
    #expect(verified.status == 0, "\(verified.errors)")
    let admin = try sandbox.administrator()
    let forged = """
      INSERT INTO kvitt.payment_order
      SELECT 'PO-X', id, partner, currency, 99999900, due, 'DE89', 'RF-X' FROM kvitt.statement
       WHERE business_date = '2026-08-31' ORDER BY id LIMIT 1
      """
    try admin.run(Query(trusted: forged))
    try shell("mv \(orders) \(orders).kept")
    let plan = try admin.run("SELECT id FROM kvitt.plan WHERE business_date = '2026-08-31'")
    let id = try #require(try plan.first?.string(0))
    let run = try sandbox.kvitt("settle", "run", id)
    #expect(run.status == 20 && run.errors.contains("not those that were sealed"), "\(run.errors)")
    #expect(!FileManager.default.fileExists(atPath: orders))
    try shell("mv \(orders).kept \(orders)")
    let check = try sandbox.kvitt("ledger", "check")
    #expect(check.status == 20 && check.output.contains("payment orders"), "\(check.output)")
    try admin.run("DELETE FROM kvitt.payment_order WHERE id = 'PO-X'")
    try admin.run(
      "DELETE FROM kvitt.fact_note WHERE relation = 'payment_order' AND batch_id IS NULL"
    )
  }

  @Test func `books that were put back behind their outbox issue nothing, KV-OUT-002`() throws {
    let date = "2026-09-02"
    let server = try sandbox.administrator("postgres")
    try server.run("CREATE DATABASE evening TEMPLATE kvitt")
    let lived = try sandbox.kvitt(["simulate", "--business-date", date] + Sandbox.smallWorld)
    try #require(lived.status == 0, "\(lived.errors)")
    let inbox = sandbox.home + "/inbox"
    try shell("cp -a \(inbox) \(inbox)-before")
    let night = try sandbox.kvitt("nightly", "--business-date", date)
    #expect([0, 10].contains(night.status), "\(night.errors)")
    let list = "cd \(folder) && find . -type f | sort | xargs sha256sum"
    let issued = try shell(list).output
    try server.run("ALTER DATABASE kvitt RENAME TO morning")
    try server.run("CREATE DATABASE kvitt TEMPLATE evening")
    try shell("rm -rf \(inbox); mv \(inbox)-before \(inbox)")
    let again = try sandbox.kvitt("nightly", "--business-date", date)
    #expect(again.status == 23 && again.errors.contains("KV-OUT-002"), "\(again.errors)")
    #expect(again.errors.contains("2026-0003"), "\(again.errors)")
    #expect(try shell(list).output == issued)
    let paid = try sandbox.kvitt("reward", "payout", "--business-date", date)
    #expect(paid.status == 23, "\(paid.errors)")
    let check = try sandbox.kvitt("ledger", "check")
    #expect(check.status == 23 && check.output.contains("outbox ahead"), "\(check.output)")
    // Newer books go on where they were.
    try server.run("DROP DATABASE kvitt WITH (FORCE)")
    try server.run("ALTER DATABASE morning RENAME TO kvitt")
    try server.run("DROP DATABASE evening")
    let mended = try sandbox.kvitt("ledger", "check")
    #expect(mended.status == 0, "\(mended.output)\(mended.errors)")
  }

  @Test func `an outbox that was moved away is told, and no night goes on without it`() throws {
    try shell("mv \(folder) \(folder)-away")
    let check = try sandbox.kvitt("ledger", "check")
    let night = try sandbox.kvitt("nightly", "--business-date", "2026-09-10")
    try shell("rm -rf \(folder); mv \(folder)-away \(folder)")
    #expect(check.status == 21 && check.output.contains("is not there"), "\(check.output)")
    #expect(night.status == 23 && night.errors.contains("statement render"), "\(night.errors)")
    #expect(try sandbox.kvitt("ledger", "check").status == 0)
  }

  @Test func `a check since a seal reads less and says so`() throws {
    let newest = try sandbox.administrator().run("SELECT seal_no FROM kvitt.book")
    let seal = try #require(try newest.first?.int(0))
    let since = try sandbox.kvitt("ledger", "check", "--since", "\(seal - 3)")
    #expect(since.status == 0, "\(since.output)\(since.errors)")
    #expect(since.output.contains("3 leaves"), "\(since.output)")
    let none = try sandbox.kvitt("ledger", "check", "--since", "\(seal + 3)")
    #expect(none.status == 20 && none.output.contains("no such seal"), "\(none.output)")
  }
}
