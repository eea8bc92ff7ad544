import Civil
import Crypto
import Formats
import Intake
import Journal
import Ledger
import Redemption
import TestSupport
import Testing

/// Cashback pay-out through the real database: E3a, E3b, E3c.
@Suite(.serialized) struct PayoutMeaningTests {
  private static let desk = Result { try FeedDesk("payout") }

  /// Member 1 earned 10.00 (E1), member 2 earned 0.50.
  private func earned(_ body: (PayoutDesk) throws -> Void) throws {
    try PayoutMeaningTests.desk.get().fresh { copy in
      let rule = "  - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %}"
      let copy = try copy.under(programme: "northbank-cashback", rules: rule)
      try copy.take([
        FeedRow(reference: "P1", amount: 100_000),
        FeedRow(reference: "P2", card: "ca_2", amount: 5_000),
      ])
      let desk = try PayoutDesk(copy)
      #expect(try desk.stands("2100") == -1_050)
      try body(desk)
      let check = try copy.sandbox.kvitt("ledger", "check")
      #expect(check.status == 0, "\(check.output) \(check.errors)")
    }
  }

  @Test func `E3: a pay-out is held, sent and paid; what is rejected is back on its lots`() throws {
    try earned { desk in
      _ = try desk.ask(700, "K-1")
      _ = try desk.ask(300, "K-2")
      #expect(try desk.stands("2100") == -1_050 && desk.stands("1020") == 0)
      let paid = try desk.run()
      #expect(paid.number == "CB-0001" && paid.lines == 2 && paid.amounts == [.eur: 1_000])
      #expect(try desk.stands("2100") == -50 && desk.stands("1020") == -1_000)
      #expect(try desk.stands("unit.redeemed") == 1_000)
      // A second run finds nothing to pay.
      #expect(try desk.run().lines == 0)
      let answer = try desk.answer(1, "CB-0001", rejecting: [1])
      var rejected = 0
      let restored = try desk.copy.moved { rejected = try desk.take(answer).rejected }
      #expect(rejected == 1)
      #expect(
        restored == ["1020": 300, "2100": -300, "unit.redeemed": -300, "unit.open": 300]
      )
      #expect(try desk.take(answer).isRepeated)
      #expect(try desk.stands("1020") == -700 && desk.stands("2100") == -350)
      #expect(try desk.copy.balance(1, "CB.EUR") == 300)
      // What came back can be asked for again.
      _ = try desk.ask(300, "K-3")
      #expect(try desk.run().amounts == [.eur: 300])
    }
  }

  @Test func `E3d: a share comes with the pay-out, goes with its reject and with a refund`() throws
  {
    try PayoutMeaningTests.desk.get().fresh { plain in
      let rule =
        "  - {name: lum, reward: cashback, unit: CB.EUR, rate: 4 %, partner: LUM, "
        + "partner_pays: 60 %, funded_at: redemption, sponsors: [{partner: NVA, pays: 10 %}]}"
      let copy = try plain.under(programme: "northbank-cashback", rules: rule)
      try copy.take([FeedRow(reference: "P1", amount: 100_000)])
      let desk = try PayoutDesk(copy)
      #expect(try desk.stands("2100") == -4_000 && desk.stands("1110") == 0)
      _ = try desk.ask(1_000, "K-1")
      _ = try desk.run()
      #expect(try desk.stands("1110") == 700)
      _ = try desk.ask(3_000, "K-2")
      _ = try desk.run()
      // 24.00 of one sponsor and 4.00 of the other on the 40.00 that were paid.
      #expect(try desk.stands("2100") == 0 && desk.stands("1020") == -4_000)
      #expect(try desk.stands("1110") == 2_800 && desk.stands("5190") == -2_800)
      #expect(try desk.take(desk.answer(1, "CB-0002", rejecting: [0])).rejected == 1)
      #expect(try desk.stands("1110") == 700 && desk.stands("2100") == -3_000)
      _ = try desk.ask(3_000, "K-3")
      _ = try desk.run()
      #expect(try desk.stands("1110") == 2_800)
      // E9b: half of the purchase comes back, and half of each share.
      try copy.take([FeedRow(type: "refund", reference: "R1", original: "P1", amount: 50_000)])
      #expect(try desk.stands("1300") == 2_000 && desk.stands("1110") == 1_400)
      let check = try copy.sandbox.kvitt("ledger", "check")
      #expect(check.status == 0, "\(check.output) \(check.errors)")
    }
  }

  @Test func `E11b: the sponsor bears its part of a debt that is written off, where agreed`() throws
  {
    try PayoutMeaningTests.desk.get().fresh { plain in
      let rule =
        "  - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %}\n"
        + "  - {name: lum, reward: cashback, unit: CB.EUR, rate: 4 %, partner: LUM, "
        + "partner_pays: 60 %, written_off: share}"
      let copy = try plain.under(programme: "northbank-cashback", rules: rule)
      try copy.take([FeedRow(reference: "P1", amount: 100_000)])
      let desk = try PayoutDesk(copy)
      _ = try desk.ask(5_000, "K-1")
      _ = try desk.run()
      try copy.take([FeedRow(type: "refund", reference: "R1", original: "P1", amount: 100_000)])
      // E9a and E9b: 10.00 and 40.00 are owed, and the sponsor got its 24.00 back.
      #expect(try desk.stands("1300") == 5_000 && desk.stands("1110") == 0)
      let ask = [
        "reward", "write-off", "ca_1", "--unit", "CB.EUR", "--key", "WO-1", "--reason",
        "cannot be collected", "--evidence", "case 9",
      ]
      for person in [[:], ["KVITT_LOGIN": "bo"]] {
        #expect([0, 24].contains(try copy.sandbox.kvitt(ask, environment: person).status))
      }
      let day = BookDay(
        books: try copy.sandbox.books(.settle),
        terms: desk.terms,
        date: copy.date,
        recordedAt: desk.now
      )
      var posted = 0
      let written = try copy.moved { posted = try AdjustmentRun(day).run().posted }
      #expect(posted == 1)
      #expect(
        written == [
          "5200": 5_000, "1300": -5_000, "1110": 2_400, "5190": -2_400, "unit.issued": -5_000,
          "unit.debt": 5_000,
        ]
      )
      #expect(try desk.stands("1300") == 0 && desk.stands("5200") == 5_000)
      #expect(try desk.stands("1110") == 2_400 && desk.stands("5190") == -2_400)
      #expect(try copy.balance(1, "CB.EUR") == 0)
      let check = try copy.sandbox.kvitt("ledger", "check")
      #expect(check.status == 0, "\(check.output) \(check.errors)")
    }
  }

  @Test func `everybody is paid what is free, from the least amount on, once`() throws {
    try earned { desk in
      let hold = try desk.ask(400, "K-1", minutes: 15)
      let everyone = try desk.everyone(least: 100)
      #expect(try desk.run(everyone).amounts == [.eur: 600])
      #expect(try desk.run(everyone).lines == 0)
      #expect(try desk.run(desk.everyone(least: 50)).amounts == [.eur: 50])
      _ = try desk.redeemer.release(hold, key: "X-1", now: desk.now)
      #expect(try desk.run(everyone).amounts == [.eur: 400])
      #expect(try desk.stands("2100") == 0 && desk.stands("1020") == -1_050)
      #expect(try desk.copy.books.payoutNumbers() == ["CB-0001", "CB-0002", "CB-0003"])
    }
  }

  @Test func `an answer that does not fit its file line by line is refused whole`() throws {
    try earned { desk in
      _ = try desk.ask(700, "K-1")
      _ = try desk.ask(300, "K-2")
      _ = try desk.run()
      let good = try desk.answer(1, "CB-0001", rejecting: [])
      let worse: [(String, String)] = [
        ("R;1;", "R;1;Y-0;A;700;;CS-1\r\nR;1;"), (";A;700;", ";A;699;"), (";A;700;", ";X;0;"),
        ("S;A;EUR;2;1000", "S;A;EUR;2;1001"), ("S;A;EUR;2;1000\r\n", ""),
        ("live;CARDSYS", "live;NVA"), (";1;CB-0001;", ";3;CB-0001;"), (";CB-0001;", ";CB-0002;"),
      ]
      for (old, new) in worse {
        #expect(throws: Refusal.self, "\(old) → \(new)") {
          try desk.take(desk.closed(good.body.replacing(old, with: new)))
        }
      }
      #expect(try desk.stands("1020") == -1_000)
      #expect(try desk.take(good).paid == 2)
    }
  }

  @Test func `the command writes the file and its signature, the proof waits for the answer`()
    throws
  {
    try earned { desk in
      _ = try desk.ask(700, "K-1")
      let sandbox = desk.copy.sandbox
      let done = try sandbox.kvitt("reward", "payout", "--business-date", "2026-09-30")
      #expect(done.status == 0, "\(done.errors)")
      #expect(done.output.hasPrefix("CB-0001: 1 credits, 7.00 EUR; seal"))
      let folder = sandbox.home + "/outbox/card-system"
      let verified = try shell(
        """
        cd \(folder) && openssl cms -verify -binary -inform DER -in CB-0001.csv.p7s \
          -content CB-0001.csv -certfile \(sandbox.home)/keys/signer.pem -nointern -noverify \
          -out /dev/null
        """
      )
      #expect(verified.status == 0, "\(verified.errors)")
      let reconciled = try sandbox.kvitt("reconcile", "--business-date", "2026-09-30")
      // The file is sent and not answered: a break of timing, which the exit tells.
      #expect(reconciled.status == 10, "\(reconciled.output) \(reconciled.errors)")
      #expect(reconciled.output.contains("card system"), "\(reconciled.output)")
      // A second run writes nothing new; the answer clears the break.
      let again = try sandbox.kvitt("reward", "payout", "--business-date", "2026-09-30")
      #expect(again.output == "nothing to pay out\n", "\(again.output)")
      let answer = try desk.answer(1, "CB-0001", rejecting: [])
      let path = try sandbox.write(String(decoding: answer.bytes, as: UTF8.self), "files/CBA-1.csv")
      let words = ["reward", "payout-answer", path, "--business-date", "2026-10-01"]
      #expect(try sandbox.kvitt(words).output == "CBA-1: 1 paid, 0 rejected\n")
      #expect(try sandbox.kvitt(words).output == "CBA-1: already taken, nothing to do\n")
      let proved = try sandbox.kvitt("reconcile", "--business-date", "2026-10-01")
      #expect(proved.status == 0, "\(proved.output) \(proved.errors)")
    }
  }
}
