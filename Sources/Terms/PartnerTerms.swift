package import Civil
package import Formats
package import Ledger

/// What happens when a partner does not answer in time.
package enum NoAnswer: String, Sendable {
  /// The lines count as accepted.
  case accept
  /// A break stands until the answer comes.
  case openBreak = "break"
}

/// Terms for the answers of a partner that lines are filed with.
package struct AnswerTerms: Sendable {
  /// Open days after the statement's date by which the answer is due.
  package let deadlineDays: Int
  package let noAnswer: NoAnswer
  /// Calendar days in which a rejected line can be cured and filed again.
  package let cureDays: Int
  /// Cashback in major units for each unit that lapses.
  package let lapseRate: ExactDecimal
  /// Code of the unit of that cashback.
  package let lapseUnit: String
}

/// Settlement terms of one partner.
package struct PartnerTerms: Sendable {
  package let code: String
  package let version: Int
  package let name: String
  package let entity: String
  package let currency: Currency
  package let calendar: String
  /// Minutes past midnight in `zone` at which a business day is cut.
  package let cutoffMinutes: Int
  package let zone: String
  /// Account that payments go to.
  package let account: String
  package let minimumTransfer: Int64
  package let payAfterDays: Int
  package let answer: AnswerTerms?
  /// Whether its member numbers follow the standard of card numbers (13 to 19 digits with Luhn's digit), so
  /// that some read as such.
  package let numericMembers: Bool
  /// Whether miles are owed when their line is sent, not when the partner confirms it (M2b).
  package let settlesOnFiling: Bool

  /// Reads a partner's terms.
  package init(yaml bytes: [UInt8], file: String) throws(Refusal) {
    let terms = try TermsDocument(bytes: bytes, file: file)
    try terms.allow([
      "partner", "version", "name", "entity", "currency", "calendar", "cutoff", "zone",
      "account", "minimum_transfer", "pay_after_days", "settle_on", "answer",
      "numeric_members",
    ])
    guard let currency = Currency(code: try terms.text("currency").utf8) else {
      throw terms.bad("currency", "unknown currency")
    }
    self.currency = currency
    code = try terms.text("partner")
    guard code.utf8.allSatisfy({ (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) }),
      (2...12).contains(code.utf8.count)
    else { throw terms.bad("partner", "is not 2 to 12 capital letters and digits") }
    version = try terms.integer("version")
    name = try terms.text("name")
    entity = try terms.text("entity")
    calendar = try terms.text("calendar")
    zone = try terms.text("zone")
    guard let probe = CivilDate("2026-01-01"), Instant(date: probe, minutes: 0, zone: zone) != nil
    else { throw terms.bad("zone", "unknown time zone") }
    let clock = try terms.text("cutoff").split(separator: ":").map(String.init)
    guard clock.count == 2, clock.allSatisfy({ $0.utf8.count == 2 }), let hour = Int(clock[0]),
      let minute = Int(clock[1]), (0...23).contains(hour), (0...59).contains(minute)
    else { throw terms.bad("cutoff", "is no time hh:mm") }
    cutoffMinutes = hour * 60 + minute
    account = try terms.text("account")
    guard isID(account) else { throw terms.bad("account", "is no account id") }
    guard
      let minimum = minorUnits(
        try terms.text("minimum_transfer"),
        exponent: currency.exponent
      )
    else { throw terms.bad("minimum_transfer", "no amount") }
    minimumTransfer = minimum
    payAfterDays = try terms.integer("pay_after_days")
    answer = try terms.section("answer").map { section throws(Refusal) in
      try AnswerTerms(section)
    }
    let settleOn = try terms.optionalText("settle_on") ?? "confirmed"
    guard settleOn == "confirmed" || settleOn == "filed" && answer != nil else {
      throw terms.bad("settle_on", "is neither confirmed nor, with answer, filed")
    }
    settlesOnFiling = settleOn == "filed"
    let numeric = try terms.optionalText("numeric_members") ?? "false"
    guard ["true", "false"].contains(numeric) else {
      throw terms.bad("numeric_members", "is neither true nor false")
    }
    numericMembers = numeric == "true"
  }
}

extension AnswerTerms {
  init(_ terms: TermsDocument) throws(Refusal) {
    try terms.allow([
      "deadline_days", "no_answer", "cure_days", "lapse_to_cashback", "cashback_unit",
    ])
    deadlineDays = try terms.integer("deadline_days")
    guard let noAnswer = NoAnswer(rawValue: try terms.text("no_answer")) else {
      throw terms.bad("no_answer", "is neither accept nor break")
    }
    self.noAnswer = noAnswer
    cureDays = try terms.integer("cure_days")
    guard let rate = ExactDecimal(try terms.text("lapse_to_cashback")) else {
      throw terms.bad("lapse_to_cashback", "no exact decimal")
    }
    lapseRate = rate
    lapseUnit = try terms.text("cashback_unit")
  }
}

extension BusinessCalendar {
  /// Reads a calendar.
  package init(yaml bytes: [UInt8], file: String) throws(Refusal) {
    let terms = try TermsDocument(bytes: bytes, file: file)
    try terms.allow(["calendar", "version", "valid_from", "valid_to", "closed"])
    var closed: Set<CivilDate> = []
    for text in try terms.list("closed") {
      guard let day = CivilDate(text) else {
        throw terms.bad("closed", "\"\(escaped(text))\" is no day yyyy-mm-dd")
      }
      closed.insert(day)
    }
    self.init(
      name: try terms.text("calendar"),
      validFrom: try terms.date("valid_from"),
      validTo: try terms.date("valid_to"),
      closed: closed
    )
  }
}

/// The kind, code and version of a terms file, read before anything else.
package struct TermsHead: Sendable {
  /// `agreement`, `partner`, `calendar`, `feed` or `account`.
  package let kind: String
  package let code: String
  package let version: Int

  package init(yaml bytes: [UInt8], file: String) throws(Refusal) {
    let terms = try TermsDocument(bytes: bytes, file: file)
    for kind in ["agreement", "partner", "feed", "calendar", "account"] {
      guard let code = try terms.optionalText(kind) else { continue }
      guard isID(code) else { throw terms.bad(kind, "is no id") }
      self.kind = kind
      self.code = code
      version = try terms.integer("version")
      guard version > 0 else { throw terms.bad("version", "counts from 1") }
      return
    }
    throw Refusal(
      .termsInvalid,
      "the file names no account, agreement, calendar, feed or partner",
      at: Place(file: file)
    )
  }
}
