import Civil
import Crypto
import Formats
import Foundation
import Ledger
import Testing

/// Card numbers in files of partners, banks, tills and staff.
@Suite struct CardNumberFileTests {
  private let sha = { (bytes: [UInt8]) in sha256(bytes).description }
  private let card = "4012888888881881"

  /// The bytes of a file of records, with its trailer.
  private func file(_ records: [String], details: [String]) -> [UInt8] {
    var writer = RecordFileWriter()
    for record in records {
      let fields = record.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
      writer.add(fields[0], Array(fields.dropFirst()))
    }
    return writer.finish(details: details, digest: sha)
  }

  private func isRefused(_ read: () throws -> Void, _ place: String) {
    let error = #expect(throws: Refusal.self, "\(place)") { try read() }
    #expect(error?.code == .cardNumber, "\(place): \(error as Any)")
    #expect(error?.description.contains(card) == false)
    #expect((error?.place?.line ?? 0) > 0)
  }

  @Test func `a bank's line is booked whatever its texts hold`() throws {
    let spaced = "4012 8888 8888 1881"
    let bytes = file(
      [
        "H;kvitt-bank;1;BANK;NBANK;NB;7;2026-11-19;EUR",
        "D;1;\(card);receipt;500;in;\(card);from \(spaced)",
        "D;2;B-2;receipt;100;in;RF18539007547034;invoice",
        "B;opening;0;in", "B;closing;600;in",
      ],
      details: ["D"]
    )
    let statement = try BankStatement(bytes: bytes, name: "b.csv", digest: sha)
    #expect(statement.lines.map(\.signedMinor) == [500, 100])
    #expect(statement.lines.map(\.bankRef) == ["7-1", "B-2"])
    #expect(statement.lines[0].reference == "401288******1881")
    #expect(statement.lines[0].text == "from 4012 88** **** 1881")
    #expect(statement.lines[1].reference == "RF18539007547034")
    let swift = """
      :20:X
      :25:SE3550000000054910000003
      :28C:12/1
      :60F:C260929EUR10,00
      :61:2609300930CR12,40NTRF\(card)//\(card)
      :86:/REMI/\(String(repeating: "a", count: 385)) \(card) end
      :62F:C260930EUR22,40
      """
    let page = try #require(
      MT940Reader(bytes: Array(swift.utf8), name: "s.sta").statements().first
    )
    #expect(page.lines.map(\.signedMinor) == [1_240] && page.lines[0].bankRef == "12-1")
    #expect(page.lines[0].reference == "401288******1881")
    #expect(!page.lines[0].text.contains("2888"))
  }

  @Test func `a camt entry is booked under its place where its reference is a card number`() throws
  {
    var statement = CamtStatement()
    statement.family = "camt.053"
    statement.id = card
    statement.sequence = 7
    statement.account = "SE3550000000054910000003"
    let amount = { (text: String) in
      var amount = CamtAmount()
      (amount.text, amount.currency, amount.mark) = (text, "EUR", "CRDT")
      return amount
    }
    statement.balances = [
      ("OPBD", amount("1.00"), "2026-09-30"), ("CLBD", amount("13.40"), "2026-09-30"),
    ]
    var entry = CamtEntry()
    (entry.amount, entry.status, entry.servicerReference) = (amount("12.40"), "BOOK", card)
    var detail = CamtDetail()
    (detail.endToEnd, detail.free) = (card, "paid by 4012-8888-8888-1881")
    entry.details = [detail]
    statement.entries = [entry]
    let line = try #require(BankStatement(statement, name: "c.xml").lines.first)
    #expect(line.signedMinor == 1_240 && line.bankRef == "401288xxxxxx1881-1")
    #expect(line.reference == "401288******1881" && line.text == "paid by 4012-88**-****-1881")
  }

  @Test func `a till's keys are masked and every line stays, so that totals hold`() throws {
    let bytes = file(
      [
        "H;kvitt-till;1;live;LUM;NBANK;T-1;1;2026-11-19;2026-11-19T22:00:00Z",
        "D;1;redeem;\(card);;\(card);4000;S;T;2026-11-19T14:02:11Z;5000;EUR;",
        "D;2;void;K-2;;t_2;\(card);S;T;2026-11-19T14:09:40Z;5000;EUR;\(card)",
        "S;redeem;EUR;1;5000", "S;void;EUR;1;5000",
      ],
      details: ["D"]
    )
    let till = try TillFile(bytes: bytes, name: "t.csv", digest: sha)
    let masked = "401288xxxxxx1881"
    #expect(till.lines.map(\.tillRef) == [masked, "K-2"])
    #expect(till.lines.map(\.memberToken) == [masked, "t_2"])
    // What came back still names what it was.
    #expect(till.lines.map(\.originalRef) == ["", masked])
  }

  @Test func `a basket's keys are masked, and article numbers are none`() throws {
    let article = "4006381333931"
    let bytes = file(
      [
        "H;kvitt-basket;1;live;LUM;NBANK;B-1;1;2026-11-19;2026-11-19T22:00:00Z",
        "D;\(card);t_1;M-1;2026-11-19;9000;EUR", "I;\(card);\(article);organic;5000",
        "I;\(card);\(card);other;4000", "S;EUR;1;2;9000",
      ],
      details: ["D", "I"]
    )
    let basket = try #require(BasketFile(bytes: bytes, name: "b.csv", digest: sha).baskets.first)
    #expect(basket.reference == "401288xxxxxx1881")
    #expect(basket.lines.map(\.item) == [article, "401288xxxxxx1881"])
  }

  @Test func `KV-ING-023: files whose bytes are kept are refused with the place`() throws {
    let answer = { (field: Int, text: String) throws in
      var line = "R;1;L-1;1;X;0;0;CLOSED;;".split(separator: ";", omittingEmptySubsequences: false)
      line[field] = Substring(text)
      let bytes = self.file(
        [
          "H;kvitt-answer;1;live;NVA;NBANK;A-1;1;S-1;0;2026-11-20T04:00:00Z",
          line.joined(separator: ";"), "N;V-1;4720;2026-11-17;340;NVA;289;EUR;to_partner",
          "S;X;EUR;NVA;to_partner;1;1;1;0;0",
        ],
        details: ["R", "N"]
      )
      _ = try Answer(bytes: bytes, name: "a.csv", digest: self.sha)
    }
    for field in 7...9 {
      for text in [card, "4012-8888-8888-1881", "no 4012 8888 8888 1881"] {
        isRefused({ try answer(field, text) }, "field \(field) \(text)")
      }
      #expect(throws: Never.self) { try answer(field, "V8102") }
    }
    let payout = { (reference: String) throws in
      let bytes = self.file(
        [
          "H;kvitt-payout-answer;1;live;CARDSYS;NBANK;C-1;1;CB-1;0;2026-11-20T04:00:00Z",
          "R;1;PO-1;A;100;;\(reference)", "S;A;EUR;1;100",
        ],
        details: ["R"]
      )
      _ = try PayoutAnswer(bytes: bytes, name: "p.csv", digest: self.sha)
    }
    isRefused({ try payout(card) }, "pay-out answer")
    #expect(throws: Never.self) { try payout("CS-1") }
  }

  @Test func `KV-ING-023: no file is opened whose name is a card number`() throws {
    let folder = "/tmp/kvitt-names-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for name in ["\(card).csv", "cards-\(card).csv", "4012-8888-8888-1881", "x\(card)"] {
      try "x".write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
      let error = #expect(throws: Refusal.self) { try InputFile(path: "\(folder)/\(name)") }
      #expect(error?.code == .cardNumber && error?.description.contains("8888") == false)
    }
    for name in ["cards-20261120.csv", "feed_20261120093015.csv", "NVA-2026-0060_v1.csv"] {
      try "x".write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
      #expect(throws: Never.self) { try InputFile(path: "\(folder)/\(name)") }
    }
  }

  @Test func `a bank account that reads as a card number is masked, and an IBAN stays`() throws {
    let statement = { (account: String) in
      let bytes = self.file(
        [
          "H;kvitt-bank;1;BANK;NBANK;\(account);7;2026-11-19;EUR", "B;opening;0;in",
          "B;closing;0;in",
        ],
        details: ["D"]
      )
      return try BankStatement(bytes: bytes, name: "b.csv", digest: self.sha).account
    }
    #expect(try statement(card) == "401288xxxxxx1881")
    #expect(try statement("SE3550000000054910000003") == "SE3550000000054910000003")
    // Check digits 50 and the account's own: 16 digits of Maestro with Luhn's digit, and an IBAN all the same.
    let maestro = try #require(
      (0..<10_000).lazy.map { number -> String in
        let body = "0040" + String(repeating: "0", count: 6) + String(10_000 + number).suffix(4)
        return "DK50" + body
      }.first { isRightIBAN($0) && holdsCardNumber($0) }
    )
    #expect(try statement(maestro) == maestro)
    var camt = CamtStatement()
    (camt.family, camt.id, camt.sequence, camt.account) = ("camt.053", "S-1", 7, card)
    let amount = { (text: String) in
      var amount = CamtAmount()
      (amount.text, amount.currency, amount.mark) = (text, "EUR", "CRDT")
      return amount
    }
    camt.balances = [
      ("OPBD", amount("1.00"), "2026-09-30"), ("CLBD", amount("1.00"), "2026-09-30"),
    ]
    #expect(try BankStatement(camt, name: "c.xml").account == "401288xxxxxx1881")
    let swift = """
      :20:X
      :25:\(card)
      :28C:12/1
      :60F:C260929EUR10,00
      :62F:C260930EUR10,00
      """
    let page = try MT940Reader(bytes: Array(swift.utf8), name: "s.sta").statements().first
    #expect(page?.account == "401288xxxxxx1881")
  }

  /// Mod 97 of an IBAN, digit by digit.
  private func isRightIBAN(_ text: String) -> Bool {
    let digits = (text.dropFirst(4) + text.prefix(4)).flatMap { letter in
      letter.isLetter ? "\(Int(letter.asciiValue ?? 0) - 55)" : String(letter)
    }
    return digits.reduce(0) { ($0 * 10 + ($1.wholeNumberValue ?? 0)) % 97 } == 1
  }

  @Test func `a partner's numbers that follow the card standard are taken where its terms say so`()
    throws
  {
    let members = Array("card_token;member_ref\nca_1;\(card)\n".utf8)
    #expect(
      try MemberFile(bytes: members, name: "m.csv", numericMembers: true).members[0].reference
        == card
    )
    let line = { (reason: String, number: String) in
      self.file(
        [
          "H;kvitt-answer;1;live;NVA;NBANK;A-1;1;S-1;0;2026-11-20T04:00:00Z",
          "R;1;L-1;1;P;0;0;\(reason);;\(number)",
          "N;V-1;\(number);2026-11-17;340;NVA;289;EUR;to_partner",
          "S;P;EUR;NVA;to_partner;1;1;1;0;0",
        ],
        details: ["R", "N"]
      )
    }
    let answer = try Answer(
      bytes: line("MERGED", card),
      name: "a.csv",
      numericMembers: true,
      digest: sha
    )
    #expect(answer.lines[0].newMemberRef == card && answer.partnerOnly[0].memberRef == card)
    // A member's number and nothing else.
    isRefused(
      {
        let bytes = line(card, "M-1")
        _ = try Answer(bytes: bytes, name: "a.csv", numericMembers: true, digest: sha)
      },
      "reason"
    )
    isRefused({ _ = try Answer(bytes: line("X", card), name: "a.csv", digest: sha) }, "number")
  }

  @Test func `KV-ING-023: cards, members and merchants are no card numbers`() throws {
    let events = { (token: String) throws in
      let bytes = self.file(
        [
          "H;kvitt-account-events;1;live;CARDSYS;NBANK;AE-1;1;2026-11-19;2026-11-19T22:00:00Z",
          "D;1;V-1;good_standing;\(token);;2026-11-19;out", "S;good_standing;1",
        ],
        details: ["D"]
      )
      _ = try AccountEventsFile(bytes: bytes, name: "e.csv", digest: self.sha)
    }
    isRefused({ try events(card) }, "account events")
    for number in [card, "NVA-\(card)", "4012-8888-8888-1881"] {
      isRefused(
        {
          let text = "card_token;member_ref\nca_1;\(number)\n"
          _ = try MemberFile(bytes: Array(text.utf8), name: "m.csv")
        },
        "member number \(number)"
      )
      let text = "card_token;member_ref\n\(number);M-1\n"
      let error = #expect(throws: Refusal.self) {
        try MemberFile(bytes: Array(text.utf8), name: "m.csv")
      }
      #expect(error?.code == .badToken && error?.description.contains("8888") == false)
      isRefused(
        {
          let path = "/tmp/kvitt-merchants-\(UUID().uuidString).csv"
          let text = "merchant_id;valid_from;mcc;partner\n\(number);2026-01-01;5411;LUM\n"
          try text.write(toFile: path, atomically: true, encoding: .utf8)
          defer { try? FileManager.default.removeItem(atPath: path) }
          _ = try ReferenceData(InputFile(path: path), .merchants)
        },
        "merchant \(number)"
      )
    }
  }
}
