import Civil
import Formats
import Foundation
import Intake
import Journal
import Ledger
import Settlement
import TestSupport
import Testing

/// Miles of a programme in kronor whose partner is paid in euro (M13, M14).
@Suite(.serialized) struct CurrencyTests {
  private static let desk = Result { try FeedDesk("currency") }

  private func bought(_ reference: String, refund: Bool = false) -> FeedRow {
    FeedRow(
      type: refund ? "refund" : "purchase",
      reference: refund ? "R-\(reference)" : reference,
      original: refund ? reference : "",
      card: "nm_1",
      amount: 345_000,
      currency: "SEK",
      billedIn: "SEK"
    )
  }

  @Test func `M13, M13a, M14a: a price in euro, at the day's rate and at the month's end`() throws {
    try CurrencyTests.desk.get().fresh { plain in
      let desk = try MileDesk(
        plain,
        currency: "SEK",
        rule: "rate: 15 per full 100.00, partner: NVA, price: 0.0074 EUR"
      )
      try desk.rates(["2026-09-29": "11.50", "2026-09-30": "11.80"])
      // M13: earned in euro, and its cost in kronor the same night.
      try desk.moved([
        "5120 SEK": 4_336, "1900 SEK": -4_336, "1900 EUR": 377, "2400 EUR": -377,
        "unit.issued NVA": -510, "unit.open NVA": 510,
      ]) {
        try desk.take([bought("P1")])
        try desk.convert("2026-09-29")
      }
      try desk.moved([:]) { try desk.convert("2026-09-29") }
      // A purchase that goes again leaves the cost where it was.
      try desk.moved([:]) {
        try desk.take([bought("P2")])
        try desk.take([bought("P2", refund: true)])
        try desk.convert("2026-09-29")
      }
      // M14a: the last day of the month is another rate.
      try desk.moved(["5500 SEK": 113, "1900 SEK": -113]) { try desk.convert("2026-09-30") }
      try desk.moved([:]) {
        try desk.convert("2026-09-30")
        try desk.convert("2026-10-01")
      }
      try desk.settle("2026-09-30")
      #expect(try desk.lines("filed") == ["earn_base 510 0.0074 377 NVA-MILES"])
      // M13a.
      try desk.moved([
        "2400 EUR": 377, "2410 EUR": -377, "unit.filed NVA": -510, "unit.delivered NVA": 510,
      ]) { try desk.answer("A", on: "2026-10-01") }
      try desk.moved(["2410 EUR": 377, "2490 EUR": -377]) { try desk.settle("2026-10-01") }
      // What it would have cost is told in euro, never added to kronor.
      let simulated = try desk.copy.sandbox.kvitt(
        "reward",
        "simulate",
        desk.copy.sandbox.home + "/files/miles.yaml",
        "--from",
        "2026-09-01",
        "--to",
        "2026-09-30"
      )
      #expect(simulated.output.contains("base (EUR)"), "\(simulated.output)\(simulated.errors)")
      #expect(simulated.output.contains("draft: cost 3.77 EUR, of which partners pay 0.00"))
      try desk.prove("2026-10-01", statements: 2)
      try desk.check()
    }
  }

  @Test func `what has no rate waits for the next night that has one`() throws {
    try CurrencyTests.desk.get().fresh { plain in
      let desk = try MileDesk(
        plain,
        currency: "SEK",
        rule: "rate: 15 per full 100.00, partner: NVA, price: 0.0074 EUR"
      )
      try desk.take([bought("P1")])
      try desk.moved([:]) {
        let report = try desk.convert("2026-09-29")
        #expect(report.missing == ["SEK"])
      }
      try desk.rates(["2026-09-21": "11.40"])
      try desk.moved([:]) { try desk.convert("2026-09-29") }
      try desk.rates(["2026-09-22": "11.50"])
      try desk.moved(["5120 EUR": -377, "1900 EUR": 377, "5120 SEK": 4_336, "1900 SEK": -4_336]) {
        try desk.convert("2026-09-29")
      }
      try desk.check()
    }
  }

  @Test func `a partner that settles in another currency than a rule costs is refused`() throws {
    try CurrencyTests.desk.get().fresh { plain in
      let sandbox = plain.sandbox
      let agreement = try String(
        contentsOfFile: repository + "/Settlement/agreements/miles.yaml",
        encoding: .utf8
      ).replacing("version: 1", with: "version: 9").replacing(
        "currency: EUR",
        with: "currency: SEK"
      )
      let path = try sandbox.write(agreement, "files/kronor.yaml")
      let refused = try sandbox.kvitt("partner", "terms", "apply", path)
      #expect(refused.status == 78, "\(refused.output)")
      #expect(refused.errors.contains("costs SEK, and NVA settles in EUR"), "\(refused.errors)")
    }
  }
}
