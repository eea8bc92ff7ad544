import Foundation
import Postgres
import TestSupport
import Testing

/// Answers written by an independent writer and signed with stock openssl.
@Suite(.serialized) struct AnswerTests {
  @Test func `an outside answer is taken, its replay, gap, forgery and mismatch are refused`()
    throws
  {
    let sandbox = Sandbox("answer")
    try? sandbox.remove()
    defer { try? sandbox.remove() }
    try sandbox.prepare()
    try sandbox.kvitt([
      "simulate", "--business-date", "2026-08-31", "--members", "240", "--records", "300",
    ])
    try sandbox.enrolWorld()
    #expect([0, 10].contains(try sandbox.kvitt("nightly", "--business-date", "2026-08-31").status))
    let partner = try OutsidePartner(sandbox, "NVA")
    try sandbox.giveStandings()
    let night = { (date: String) in
      // The world's own answers are taken away: this partner writes for itself.
      try sandbox.kvitt(["simulate", "--business-date", date])
      try shell("rm -f \(sandbox.home)/inbox/partners/NVA/answer-*")
    }
    try night("2026-09-01")
    let statement = sandbox.home + "/outbox/NVA/NVA-2026-0001/NVA-2026-0001_v1.csv"
    let inbox = sandbox.home + "/inbox/partners/NVA"
    // Refused one after another; each night finishes and leaves the file where it is.
    for (arguments, code) in [
      ("--sequence 2", "KV-ING-021"), ("--digest wrong", "KV-ANS-002"),
      ("--unsigned", "KV-SIG-001"), ("--key other", "KV-SIG-003"), ("--flip", "KV-SIG-002"),
      ("--totals wrong", "KV-FMT-003"),
    ] {
      try partner.answer(statement, inbox + "/answer-x.csv", arguments)
      let run = try sandbox.kvitt("nightly", "--business-date", "2026-09-01")
      #expect(run.status == 12, "\(arguments): \(run.output)\(run.errors)")
      #expect(run.errors.contains(code), "\(arguments): \(run.errors)")
      #expect(FileManager.default.fileExists(atPath: inbox + "/answer-x.csv"))
      try shell("rm -f \(inbox)/answer-x.csv*")
      try reopen(sandbox, "2026-09-01")
    }
    try partner.answer(statement, inbox + "/answer-1.csv", "")
    let taken = try sandbox.kvitt("nightly", "--business-date", "2026-09-01")
    #expect([0, 10].contains(taken.status) && taken.output.contains("answer NVA-A-0001"))
    let admin = try sandbox.administrator()
    let outcomes = try admin.run("SELECT status, count(*) FROM kvitt.outcome GROUP BY 1 ORDER BY 1")
      .map { try $0.string(0) }
    #expect(outcomes == ["A", "M", "P", "W", "X"])
    let rejected =
      try admin.run(
        "SELECT -sum(amount) FROM kvitt.posting WHERE account = '2440'"
      ).first?.int(0) ?? 0
    #expect(rejected > 0)
    // The same sequence with other content, on the next night.
    try night("2026-09-02")
    try partner.answer(statement, inbox + "/answer-2.csv", "--accept-all")
    let replay = try sandbox.kvitt("nightly", "--business-date", "2026-09-02")
    #expect(replay.status == 12 && replay.errors.contains("KV-ANS-001"), "\(replay.errors)")
    #expect(try sandbox.kvitt("ledger", "check").status == 0)
    try changedEvidence(sandbox)
    let proof = try sandbox.kvitt("reconcile", "--business-date", "2026-09-02", "-O", "csv")
    #expect(proof.status == 10, "\(proof.errors)")
  }

  /// A superuser changes who signed, or what: neither is under a seal, and the signature tells.
  private func changedEvidence(_ sandbox: Sandbox) throws {
    let admin = try sandbox.administrator()
    try admin.run(
      "CREATE TABLE public.kept AS SELECT batch_id, signer, signature FROM kvitt.answer"
    )
    for (change, told) in [
      ("signer = sha256(signer)", "nobody enrolled the certificate"),
      ("signature = substr(signature, 1, 200)", "answer NVA-A-0001: "),
    ] {
      try admin.run(Query(trusted: "UPDATE kvitt.answer SET \(change) WHERE number = 'NVA-A-0001'"))
      let found = try sandbox.kvitt("ledger", "check")
      #expect(found.status == 20 && found.output.contains(told), "\(found.output)")
      try admin.run(
        """
        UPDATE kvitt.answer a SET signer = k.signer, signature = k.signature
          FROM public.kept k WHERE k.batch_id = a.batch_id
        """
      )
    }
    #expect(try sandbox.kvitt("ledger", "check").status == 0)
  }

  /// Takes the finished mark off the last night, as superuser, so that the test can run it once more.
  private func reopen(_ sandbox: Sandbox, _ date: String) throws {
    try sandbox.administrator().run(
      "DELETE FROM kvitt.run_event WHERE business_date = \(date)::date"
    )
    // And its note, which no seal has taken.
    try sandbox.administrator().run(
      "DELETE FROM kvitt.fact_note WHERE relation = 'run_event' AND batch_id IS NULL"
    )
  }
}
