import Civil
import Crypto
import Formats
import Foundation
import Ledger
import Testing

@Suite struct PartnerFileTests {
  private let sha = { (bytes: [UInt8]) in sha256(bytes).description }

  /// A worked answer, made apart from this code.
  private let answerText = """
    H;kvitt-answer;1;live;NVA;NBANK;NVA-A-0007;7;NVA-2026-0007;a077b9ab32f90c88ff56f373cd49698eab057c3c837345d525758f078c40fc9d;2026-11-20T04:00:00Z
    R;1;L-0877;2;X;0;0;CLOSED;;
    R;2;L-1001;1;A;510;434;;V8102;
    R;3;L-1002;1;P;1000;850;CAP;V8103;
    R;4;L-1003;1;W;300;255;NAME_DIFF;V8104;
    R;5;L-1004;1;M;700;595;;V8105;4799
    R;6;L-1005;1;A;100;85;;V8106;
    N;V8200;4720;2026-11-17;340;NVA;289;EUR;to_partner
    S;A;EUR;NVA;to_issuer;1;100;85;100;85
    S;A;EUR;NVA;to_partner;1;510;434;510;434
    S;M;EUR;NVA;to_partner;1;700;595;700;595
    S;P;EUR;NVA;to_partner;1;1200;1020;1000;850
    S;W;EUR;NVA;to_partner;1;300;255;300;255
    S;X;EUR;NVA;to_partner;1;200;170;0;0
    T;15;6;1;26d718ab9cb4715a36ec8fb2a3debe7a75b1db559e35eb6bad98aa73b21aee55
    """

  /// A worked till file, made apart from this code.
  private let tillText = """
    H;kvitt-till;1;live;LUM;NBANK;LUM-T-0198;198;2026-11-19;2026-11-19T22:00:00Z
    D;1;redeem;K-7001;HOLD-311;t_lum_9;114;S02;T3;2026-11-19T14:02:11Z;5000;EUR;
    D;2;redeem;K-7002;HOLD-312;t_lum_4;115;S02;T3;2026-11-19T14:09:40Z;1200;EUR;
    D;3;void;K-7003;;t_lum_4;116;S02;T3;2026-11-19T14:10:05Z;1200;EUR;K-7002
    D;4;offline;K-7004;;t_lum_7;88;S05;T1;2026-11-19T16:31:00Z;1500;EUR;
    D;5;return;K-7005;;t_lum_9;131;S02;T1;2026-11-19T17:20:30Z;2000;EUR;K-6650
    S;redeem;EUR;2;6200
    S;void;EUR;1;1200
    S;offline;EUR;1;1500
    S;return;EUR;1;2000
    T;11;5;8444e983d218dc997ce8952f1acb013df9ca374542620354d926343f4c3d9ef3
    """

  private func till(_ change: (String) -> String = { $0 }) throws -> TillFile {
    let lines = change(tillText).split(separator: "\n").map(String.init)
    let body = lines.dropLast().map { $0 + "\r\n" }.joined()
    let digest = sha256(Array(body.utf8)).description
    let trailer =
      lines == tillText.split(separator: "\n").map(String.init)
      ? lines.last ?? "" : "T;\(lines.count);5;\(digest)"
    return try TillFile(
      bytes: Array((body + trailer + "\r\n").utf8),
      name: "till.csv",
      digest: sha
    )
  }

  @Test func `a worked till file is read, and written to the same bytes`() throws {
    let file = try till()
    #expect(file.lines.map(\.action) == [.redeem, .redeem, .void, .offline, .return])
    #expect(file.lines.map(\.hold) == ["HOLD-311", "HOLD-312", "", "", ""])
    #expect(file.lines.map(\.originalRef) == ["", "", "K-7002", "", "K-6650"])
    #expect(file.faceMinor == 6_200 - 1_200 + 1_500 - 2_000)
    let bytes = Array((tillText.replacing("\n", with: "\r\n") + "\r\n").utf8)
    #expect(file.bytes(digest: sha) == bytes)
  }

  @Test(arguments: [
    (
      "D;3;void;K-7003;;t_lum_4;116;S02;T3;2026-11-19T14:10:05Z;1200;EUR;K-7002",
      "D;3;void;K-7003;;t_lum_4;116;S02;T3;2026-11-19T14:10:05Z;1200;EUR;"
    ),
    ("redeem;K-7001", "burn;K-7001"), ("1500;EUR;", "1500;SEK;"), ("1500;EUR;", "1500;EUR;K-1"),
    ("S;return;EUR;1;2000", "S;return;EUR;1;2001"), ("S;void;EUR;1;1200\n", ""),
    ("S;void;EUR;1;1200", "S;void;EUR;1;1200\nS;void;EUR;1;1200"),
  ])
  func `a till file that does not add up or says nonsense is refused`(_ old: String, _ new: String)
  {
    #expect(throws: Refusal.self) { try till { $0.replacing(old, with: new) } }
  }

  private var answerBytes: [UInt8] {
    Array((answerText.replacing("\n", with: "\r\n") + "\r\n").utf8)
  }

  @Test func `a worked answer is read, and written to the same bytes`() throws {
    let answer = try Answer(bytes: answerBytes, name: "a.csv", digest: sha)
    #expect(
      answer.lines.map(\.status) == [.rejected, .accepted, .partly, .warning, .merged, .accepted]
    )
    #expect(answer.partnerOnly.map(\.quantity) == [340])
    #expect(answer.bytes(digest: sha) == answerBytes)
  }

  @Test func `every changed byte of an answer is refused`() throws {
    for index in answerBytes.indices {
      var changed = answerBytes
      changed[index] ^= 1
      #expect(throws: Refusal.self, "byte \(index)") {
        try Answer(bytes: changed, name: "a.csv", digest: sha)
      }
    }
  }

  private func statement() throws -> Statement {
    let day = try #require(CivilDate("2026-11-19"))
    let line = { (section: StatementSection, id: String, minor: Int64, direction: Direction) in
      StatementLine(
        section: section,
        eventID: id,
        attempt: 1,
        kind: "earn_base",
        memberRef: "4711",
        eventDate: day,
        bookingDate: day,
        quantity: 100,
        unit: "NVA",
        unitPrice: "0.0085",
        valueMinor: minor,
        direction: direction,
        docNo: "",
        contract: "NVA-MILES",
        originalEventID: ""
      )
    }
    return Statement(
      environment: "live",
      sender: "NBANK",
      receiver: "NVA",
      number: "NVA-2026-0007",
      sequence: 7,
      periodFrom: day,
      periodTo: day,
      cutSeal: 99,
      created: try #require(Instant("2026-11-19T21:00:00Z")),
      currency: .eur,
      lines: [
        line(.filed, "L-1-1", 85, .toPartner), line(.settled, "L-1-2", 1_700, .toPartner),
        line(.settled, "L-1-3", 85, .toIssuer),
      ],
      documents: [],
      opening: 1_000,
      paid: -200,
      ordered: 2_815,
      due: day.adding(days: 1),
      reference: creditorReference("NVA-2026-0007")
    )
  }

  @Test func `a statement is read back from its bytes and carries its arithmetic`() throws {
    let original = try statement()
    #expect(original.net == 2_815 && original.closing == 0)
    let bytes = original.bytes(digest: sha)
    let again = try Statement(bytes: bytes, name: "s.csv", digest: sha)
    #expect(again.bytes(digest: sha) == bytes)
    #expect(again.lines == original.lines)
  }

  @Test func `KV-FMT-003: a total that is not that of the lines is refused, digest or not`() throws
  {
    let text = String(decoding: try statement().bytes(digest: sha), as: UTF8.self)
    let forged = text.replacing("B;EUR;closing;0;", with: "B;EUR;closing;5;")
    let body = forged.components(separatedBy: "T;")[0]
    let count = forged.split(separator: "\r\n").count
    let closed = body + "T;\(count);3;\(sha(Array(body.utf8)))\r\n"
    let error = #expect(throws: Refusal.self) {
      try Statement(bytes: Array(closed.utf8), name: "s.csv", digest: sha)
    }
    #expect(error?.code == .totalsDiffer)
  }

  @Test func `KV-FMT-001 and KV-FMT-002: structure and trailer`() throws {
    let text = String(decoding: answerBytes, as: UTF8.self)
    let cases: [(String, ErrorCode)] = [
      (text.replacing("\r\n", with: "\n"), .badRecord),
      (text.replacing("kvitt-answer;1", with: "kvitt-answer;2"), .badRecord),
      (text.replacing("T;15;6;1", with: "T;14;6;1"), .badTrailer),
      (text.replacing("26d718ab", with: "26d718ac"), .badTrailer),
    ]
    for (bad, code) in cases {
      let error = #expect(throws: Refusal.self) {
        try Answer(bytes: Array(bad.utf8), name: "a.csv", digest: sha)
      }
      #expect(error?.code == code)
    }
  }

  @Test func `references carry their check digits`() {
    #expect(creditorReference("539007547034") == "RF18539007547034")
    for number in ["NVA-2026-0001", "LUM-2026-0198"] {
      let reference = creditorReference(number)
      #expect(mod97(String(reference.dropFirst(4)) + String(reference.prefix(4))) == 1)
    }
  }

  @Test func `a manifest never names a path`() throws {
    let digest = String(repeating: "a", count: 64)
    let head = "# kvitt-manifest 1 X\n# ledger-seal \(digest)\n# previous - -\n"
    #expect(throws: Never.self) {
      try Manifest(bytes: Array((head + "\(digest)  a.csv\n").utf8), name: "m")
    }
    for name in ["../a.csv", "/etc/passwd", ".hidden", "a/b"] {
      #expect(throws: Refusal.self) {
        try Manifest(bytes: Array((head + "\(digest)  \(name)\n").utf8), name: "m")
      }
    }
  }

  @Test func `KV-REC-002: a bank statement must add up`() throws {
    let day = try #require(CivilDate("2026-11-19"))
    let make = { (closing: Int64) in
      BankStatement(
        sender: "BANK",
        receiver: "NBANK",
        account: "NB",
        sequence: 1,
        date: day,
        currency: .eur,
        opening: 100,
        closing: closing,
        lines: [
          BankLine(bankRef: "1", kind: .fee, signedMinor: -30, reference: "", text: "fee")
        ]
      )
    }
    let good = try BankStatement(bytes: make(70).bytes(digest: sha), name: "b", digest: sha)
    #expect(good.lines[0].signedMinor == -30)
    let error = #expect(throws: Refusal.self) {
      try BankStatement(bytes: make(71).bytes(digest: sha), name: "b", digest: sha)
    }
    #expect(error?.code == .bankGap)
  }
}
