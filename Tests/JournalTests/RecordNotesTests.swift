import Formats
import Foundation
import Intake
import Journal
import Postgres
import TestSupport
import Testing

/// What a bank says of a record beside what rules decide on is kept, sealed and told.
@Suite(.serialized) struct RecordNotesTests {
  private static let desk = Result { try FeedDesk("notes") }

  private let text = """
    type;reference;network_ref;approval_code;card_token;amount_minor;currency;billing_minor;billing_currency;\
    rate;mcc;merchant_id;local_time;posted_date
    purchase;P1;74010001;A1B2C3;ca_1;1000;SEK;87;EUR;0.087;5411;M-1;2026-09-05T12:00:00+02:00;2026-09-07
    purchase;P2;;no code;ca_1;1000;EUR;1000;EUR;;5411;M-1;2026-09-05T12:00:00+02:00;soon
    purchase;P3;;;ca_1;1000;EUR;1000;EUR;1,5;5411;M-1;2026-09-05T12:00:00+02:00;
    #total;EUR;3;2087;0
    #end;3;1

    """

  @Test func `notes of a record are stored, told by explain, found by, and under the seal`() throws
  {
    try RecordNotesTests.desk.get().fresh { copy in
      let path = try copy.sandbox.write(text, "files/notes.csv")
      let report = try copy.intake().take(path: path, control: nil)
      // What cannot be read is no reason to refuse a purchase, and is not lost without a word.
      #expect(report.rejects.isEmpty && report.summary?.notesLeftOut == 3)
      let admin = try copy.sandbox.administrator()
      let rows = try admin.run(
        "SELECT concat_ws('|', reference, network_ref, approval_code, rate, posted_date) FROM kvitt.purchase ORDER BY seq"
      ).map { try $0.string(0) }
      #expect(rows == ["P1|74010001|A1B2C3|0.087|2026-09-07", "P2", "P3"])
      for name in ["P1", "74010001"] {
        let told = try copy.sandbox.kvitt("explain", name).output
        #expect(told.contains("purchase P1 of 2026-09-05: 10.00 SEK, billed 0.87 EUR"), "\(told)")
        #expect(
          told.contains(
            "network reference 74010001, approval code A1B2C3, rate 0.087, posted 2026-09-07"
          )
        )
      }
      #expect(try !copy.sandbox.kvitt("explain", "P2").output.contains("approval"))
      #expect(try copy.sandbox.kvitt("ledger", "check").status == 0)
      try admin.run("UPDATE kvitt.purchase SET approval_code = 'A1B2C4' WHERE reference = 'P1'")
      #expect(try copy.sandbox.kvitt("ledger", "check").status != 0)
    }
  }

  @Test func `a quarantined row keeps its notes, and a feed may name them in its identity`() throws
  {
    try RecordNotesTests.desk.get().fresh { copy in
      let head =
        "type;reference;approval_code;card_token;amount_minor;currency;billing_minor;"
        + "billing_currency;mcc;merchant_id;local_time;posted_date\n"
      func row(_ code: String, card: String = "ca_1") -> String {
        "purchase;P1;\(code);\(card);1000;EUR;1000;EUR;5411;M-1;2026-09-05T12:00:00+02:00;2026-09-07\n"
      }
      let rows = [row("A1"), row("A2"), row("A3", card: "nobody")]
      let path = try copy.sandbox.write(
        head + rows.joined() + "#total;EUR;3;3000;0\n#end;3;1\n",
        "files/codes.csv"
      )
      let intake = try copy.intake { $0.identity = [.reference, .approval] }
      let report = try intake.take(path: path, control: nil)
      #expect(try copy.number("SELECT count(*) FROM kvitt.purchase") == 2)
      let kept = try #require(report.rejects.first)
      #expect(kept.fields[.approval] == "A3" && kept.fields[.postedDate] == "2026-09-07")
    }
  }
}
