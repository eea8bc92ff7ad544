import Postgres
import Civil
import Foundation
import Formats
import Intake
import Journal
import Ledger
import Redemption
import TestSupport
import Testing

/// Many redeemers at once: whatever dies or races, nobody uses a unit twice.
@Suite(.serialized) struct RedemptionRaceTests {
  private static let desk = Result { try FeedDesk("races") }
  private static let isCampaign = ProcessInfo.processInfo.environment["KVITT_CAMPAIGN"] != nil

  /// What the parallel callers were told.
  private final class Tally: @unchecked Sendable {
    private let lock = NSLock()
    private(set) var used: Int64 = 0
    private(set) var uses = 0
    private(set) var refused = 0
    private(set) var others: [String] = []

    func note(_ body: () throws -> Int64) {
      do {
        let quantity = try body()
        lock.withLock {
          used += quantity
          uses += 1
        }
      } catch let refusal as Refusal where [.balanceShort, .runHeld].contains(refusal.code) {
        lock.withLock { refused += 1 }
      } catch {
        lock.withLock { others.append("\(error)") }
      }
    }
  }

  /// A member with store credit, and what calls and batches did with it afterwards.
  private func earned(_ face: Int = 6_000, _ body: (RedemptionDesk) throws -> Void) throws {
    try RedemptionRaceTests.desk.get().fresh { copy in
      try copy.take([FeedRow(reference: "P1", card: "lc_1", amount: face * 100 / 3)])
      let desk = try RedemptionDesk(copy)
      #expect(try copy.balance(4, "SC.LUM") == face)
      try body(desk)
      try desk.check()
    }
  }

  private func parallel(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let threads = (0..<count).map { index in
      let done = DispatchSemaphore(value: 0)
      Thread.detachNewThread {
        body(index)
        done.signal()
      }
      return done
    }
    for thread in threads { thread.wait() }
  }

  @Test func `32 redeemers of one balance, 10,000 attempts: not one unit is used twice`() throws {
    try earned { desk in
      let tally = Tally()
      let (sandbox, terms, unit, now) = (desk.copy.sandbox, desk.terms, desk.unit, desk.now)
      let until = desk.later(60)
      let day = try #require(CivilDate("2026-09-30"))
      let attempts = 10_000 / 32 + 1
      parallel(32) { worker in
        tally.note {
          let redeemer = Redeemer(
            books: try sandbox.books(.redeem, login: "kvitt_service"),
            terms: terms
          )
          for attempt in 0..<attempts {
            let key = "W\(worker)-\(attempt)"
            let quantity = Int64(1 + (worker + attempt) % 7)
            tally.note {
              let hold = try redeemer.hold(
                quantity,
                of: 4,
                unit: unit,
                on: day,
                key: key,
                now: now,
                until: attempt % 3 == 0 ? nil : until
              ).hold
              if attempt % 3 == 0 { return quantity }
              if attempt % 3 == 1 {
                return try redeemer.capture(hold, quantity: 1, key: "C-" + key, now: now).quantity
              }
              _ = try redeemer.release(hold, key: "C-" + key, now: now)
              return 0
            }
          }
          return 0
        }
      }
      #expect(tally.others.isEmpty, "\(tally.others.prefix(3))")
      #expect(tally.uses + tally.refused >= 10_000 && tally.refused > 0)
      #expect(tally.used <= 6_000)
      // Everything there was is gone, and not more.
      #expect(tally.used == 6_000 || tally.refused < 9_000)
      let posted = try desk.post(after: 120)
      #expect(posted.breaks == 0)
      #expect(try desk.stands("unit.redeemed") == tally.used)
      #expect(try desk.copy.balance(4, "SC.LUM") == 6_000 - tally.used)
      print(
        "redeemers: \(tally.uses) calls went through, \(tally.refused) refused, \(tally.used) used"
      )
    }
  }

  @Test func `calls that all find no note of the balance forget no use of each other`() throws {
    try earned { desk in
      let (sandbox, terms, unit, now) = (desk.copy.sandbox, desk.terms, desk.unit, desk.now)
      let day = try #require(CivilDate("2026-09-30"))
      let admin = try sandbox.administrator()
      let tally = Tally()
      for round in 0..<40 {
        // As on a day of its own: the first calls must make the note.
        try admin.run("DELETE FROM kvitt.spendable")
        parallel(12) { worker in
          tally.note {
            let redeemer = Redeemer(
              books: try sandbox.books(.redeem, login: "kvitt_service"),
              terms: terms
            )
            for attempt in 0..<4 {
              _ = try redeemer.hold(
                1,
                of: 4,
                unit: unit,
                on: day,
                key: "R\(round)-\(worker)-\(attempt)",
                now: now,
                until: nil
              )
            }
            return 4
          }
        }
        let noted = try admin.run("SELECT quantity FROM kvitt.spendable").first?.int(0)
        #expect(tally.others.isEmpty, "\(tally.others.prefix(3))")
        #expect(noted == 6_000 - Int64(round + 1) * 48, "round \(round)")
      }
    }
  }

  /// The order of steps that parallel calls seldom hit: the note comes between a call's look for it and its
  /// read of it, and another use between that read and the write.
  @Test func `a call that finds the note late writes over no use of another`() throws {
    try earned { desk in
      let sandbox = desk.copy.sandbox
      let admin = try sandbox.administrator()
      _ = try desk.hold(1, "first")
      let note = try #require(try admin.run("SELECT seal_no, quantity FROM kvitt.spendable").first)
      let (seal, quantity) = try (note.int(0), note.int(1))
      try admin.run("DELETE FROM kvitt.spendable")
      // Updates of a session that says so wait for two gates, one after the other.
      try admin.run(
        """
        CREATE FUNCTION public.gate() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE v_gate integer := coalesce(nullif(current_setting('test.gate', true), ''), '9');
        BEGIN
          IF v_gate < 3 THEN
            PERFORM set_config('test.gate', (v_gate + 1)::text, false);
            PERFORM pg_advisory_xact_lock_shared(v_gate);
          END IF;
          RETURN NULL;
        END $$
        """
      )
      try admin.run(
        """
        CREATE TRIGGER gate BEFORE UPDATE ON kvitt.spendable FOR EACH STATEMENT
        EXECUTE FUNCTION public.gate()
        """
      )
      try admin.run("SELECT pg_advisory_lock(1), pg_advisory_lock(2)")
      let call = Query(
        trusted: "SELECT outcome FROM kvitt.hold('late', 4, \(desk.unit)::smallint, \(quantity), "
          + "'2026-09-30', '\(desk.now)', NULL)"
      )
      let answer = Answer()
      let done = DispatchSemaphore(value: 0)
      Thread.detachNewThread {
        answer.take {
          let caller = try sandbox.administrator()
          try caller.run("SET test.gate = '1'")
          return try caller.run(call).first?.string(0) ?? ""
        }
        done.signal()
      }
      try wait(admin, forGate: 1)
      try admin.run(
        """
        INSERT INTO kvitt.spendable (member_id, unit, seal_no, day, quantity)
        VALUES (4, \(desk.unit)::smallint, \(seal)::bigint, '2026-09-30', \(quantity)::bigint)
        """
      )
      try admin.run("SELECT pg_advisory_unlock(1)")
      try wait(admin, forGate: 2)
      // The late call has read the note: nobody else uses it now.
      let other = try sandbox.administrator()
      try other.run("SET lock_timeout = '200ms'")
      let refused = #expect(throws: DatabaseError.self) {
        try other.run("UPDATE kvitt.spendable SET quantity = 0")
      }
      #expect(refused?.sqlState == "55P03")
      try admin.run("SELECT pg_advisory_unlock(2)")
      done.wait()
      #expect(answer.text == "held")
      #expect(try admin.run("SELECT quantity FROM kvitt.spendable").first?.int(0) == 0)
      try admin.run("DROP TRIGGER gate ON kvitt.spendable")
    }
  }

  /// What a call on another thread was answered.
  private final class Answer: @unchecked Sendable {
    private let lock = NSLock()
    private(set) var text = ""

    func take(_ body: () throws -> String) {
      let text: String
      do { text = try body() } catch { text = "\(error)" }
      lock.withLock { self.text = text }
    }
  }

  /// Waits until a call stands before a gate.
  private func wait(_ admin: Connection, forGate gate: Int) throws {
    for _ in 0..<1_000 {
      let waiting = try admin.run(
        "SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = \(gate)::oid AND NOT granted"
      )
      if waiting.count > 0 { return }
      usleep(10_000)
    }
    Issue.record("no call came to gate \(gate)")
  }

  @Test func `refunds, expiry and postings between the calls leave nothing used twice`() throws {
    try earned { desk in
      let tally = Tally()
      let (sandbox, terms, unit, now) = (desk.copy.sandbox, desk.terms, desk.unit, desk.now)
      let day = try #require(CivilDate("2026-09-30"))
      let ended = Tally()
      parallel(5) { worker in
        if worker == 0 {
          // The bank's feed takes the purchase back, a hundredth at a time.
          ended.note {
            for index in 1...40 {
              try desk.copy.take([
                FeedRow(
                  type: "refund",
                  reference: "R\(index)",
                  original: "P1",
                  card: "lc_1",
                  amount: 2_000
                )
              ])
              if index % 8 == 0 { try desk.post(after: 120) }
            }
            return 0
          }
          return
        }
        tally.note {
          let redeemer = Redeemer(
            books: try sandbox.books(.redeem, login: "kvitt_service"),
            terms: terms
          )
          for attempt in 0..<150 {
            tally.note {
              _ = try redeemer.hold(
                9,
                of: 4,
                unit: unit,
                on: day,
                key: "W\(worker)-\(attempt)",
                now: now,
                until: nil
              )
              return 9
            }
          }
          return 0
        }
      }
      #expect(tally.others.isEmpty && ended.others.isEmpty, "\(tally.others) \(ended.others)")
      try desk.post(after: 120)
      // What the refunds could not take is owed: nothing is lost and nothing appears.
      let owed = -(try desk.stands("unit.debt"))
      #expect(try desk.stands("unit.redeemed") == tally.used)
      #expect(try desk.copy.balance(4, "SC.LUM") == 6_000 - 40 * 60 - tally.used)
      #expect(try desk.stands("unit.open") == 6_000 - 40 * 60 - tally.used + owed)
      // Parts of lots carry rounded costs: at most a cent for each refund.
      #expect(try abs(desk.stands("5110") - (4_800 - 40 * 48)) <= 40)
    }
  }

  @Test func `SIGKILL between the calls: what was answered stands, nothing is used twice`() throws {
    try earned(600_000) { desk in
      let rounds = RedemptionRaceTests.isCampaign ? 300 : 20
      let socket = try desk.copy.sandbox.cluster.socketFolder
      var inside = 0
      for round in 0..<rounds {
        // A call of the redeemer notes what the member can use as of the newest seal.
        _ = try desk.hold(1, "K-\(round)")
        let script = (0..<1_500).map {
          "SELECT outcome FROM kvitt.hold('R\(round)-\($0)', 4, \(desk.unit)::smallint, 1, "
            + "'2026-09-30', '\(desk.now)', NULL);"
        }.joined(separator: "\n")
        let path = try desk.copy.sandbox.write(script, "files/calls.sql")
        let before = try desk.copy.number("SELECT count(*) FROM kvitt.hold")
        try shell(
          """
          psql -q -h \(socket) -U kvitt_service kvitt -c 'SET ROLE kvitt_redeem' -f \(path) \
            > /dev/null 2>&1 & pid=$!
          sleep 0.\(["10", "15", "20", "25", "30"][round % 5]); kill -9 $pid; wait $pid 2>/dev/null
          """
        )
        let after = try desk.copy.number("SELECT count(*) FROM kvitt.hold")
        if after > before, after < before + 1_500 { inside += 1 }
        if round % 5 == 4 { try desk.post(after: 1) }
      }
      try desk.post(after: 120)
      let captured = try desk.copy.number(
        "SELECT coalesce(sum(captured), 0)::bigint FROM kvitt.hold"
      )
      #expect(captured > 0 && captured <= 600_000)
      #expect(try desk.stands("unit.redeemed") == captured)
      #expect(try desk.copy.balance(4, "SC.LUM") == 600_000 - captured)
      print("redemption kills: \(rounds), \(100 * inside / rounds) % inside the work")
    }
  }
}
