import Civil
import Ledger

extension BankStatement {
  /// The bank's statement of an account as camt.053 tells it, proved by its balances.
  ///
  /// Only booked entries are money. A batch whose transactions add up to it is told by its
  /// transactions.
  ///
  /// - Parameters:
  ///   - camt: The statement.
  ///   - name: File, for messages.
  ///   - reversals: The account's convention for reversed entries.
  /// - Throws: A refusal where a number is none, a control total differs or the balances do not
  ///   prove the entries.
  package init(
    _ camt: CamtStatement,
    name: String,
    reversals: ReversalConvention = .own
  ) throws(Refusal) {
    let reader = CamtMoney(camt: camt, name: name, reversals: reversals)
    guard camt.family == "camt.053" else {
      throw reader.bad("\(camt.family) tells of money but states no balances; send camt.053")
    }
    guard let opening = try reader.balance(["OPBD", "PRCD"]),
      let closing = try reader.balance(["CLBD"])
    else { throw reader.bad("opening (OPBD or PRCD) or closing (CLBD) balance is missing") }
    guard let date = CivilDate(closing.date) else { throw reader.bad("the closing date is no day") }
    try reader.checkSummary()
    self.init(
      sender: "bank",
      receiver: "",
      account: camt.account,
      sequence: camt.sequence,
      date: date,
      currency: closing.currency,
      opening: opening.minor,
      closing: closing.minor,
      lines: try reader.lines(closing.currency)
    )
    try prove(name: name)
  }

  /// Opening plus lines must give closing.
  func prove(name: String) throws(Refusal) {
    var sum = opening
    for line in lines {
      let (next, overflow) = sum.addingReportingOverflow(line.signedMinor)
      guard !overflow else {
        throw Refusal(.bankGap, "the lines leave 64 bits", at: Place(file: name))
      }
      sum = next
    }
    guard sum == closing else {
      throw Refusal(
        .bankGap,
        "statement \(sequence) of \(shown(account)): opening plus lines gives "
          + "\(decimalText(sum, exponent: currency.exponent)), closing says "
          + decimalText(closing, exponent: currency.exponent),
        hint:
          "if the bank marks reversals by the original entry, apply that convention as terms of "
          + "the account (reversals: original)",
        at: Place(file: name)
      )
    }
  }
}

private struct CamtMoney {
  let camt: CamtStatement
  let name: String
  let reversals: ReversalConvention

  func bad(_ why: String) -> Refusal {
    Refusal(.badRecord, "statement \(shown(camt.id)): \(why)", at: Place(file: name))
  }

  func minor(_ amount: CamtAmount) throws(Refusal) -> (minor: Int64, currency: Currency) {
    guard let currency = Currency(code: amount.currency.utf8) else {
      throw bad("\"\(shown(amount.currency))\" is no currency")
    }
    let bytes = Array(amount.text.utf8)
    guard
      let value = bytes.withUnsafeBytes({
        decimalMinor($0, point: 0x2E, exponent: currency.exponent)
      })
    else {
      throw Refusal(
        .badAmount,
        "statement \(shown(camt.id)): \"\(shown(amount.text))\" is no amount of \(currency)",
        at: Place(file: name)
      )
    }
    return (value, currency)
  }

  func signed(_ amount: CamtAmount) throws(Refusal) -> (minor: Int64, currency: Currency) {
    let value = try minor(amount)
    switch amount.mark {
    case "CRDT": return value
    case "DBIT": return (-value.minor, value.currency)
    default: throw bad("\"\(shown(amount.mark))\" is neither CRDT nor DBIT")
    }
  }

  func balance(
    _ codes: [String]
  ) throws(Refusal) -> (minor: Int64, currency: Currency, date: String)? {
    for code in codes {
      guard let found = camt.balances.first(where: { $0.code == code }) else { continue }
      let value = try signed(found.amount)
      return (value.minor, value.currency, found.date)
    }
    return nil
  }

  /// Compares TxsSummry with the entries, count and sum apart.
  func checkSummary() throws(Refusal) {
    for item in camt.summary {
      let parts = item.name.split(separator: "/").map(String.init)
      let mark = ["TtlCdtNtries": "CRDT", "TtlDbtNtries": "DBIT"][parts[0]]
      let entries = camt.entries.filter { mark == nil || $0.amount.mark == mark }
      if parts[1] == "NbOfNtries" {
        guard strictInteger(item.text) == Int64(entries.count) else {
          throw differs(item.name, "\(entries.count)", item.text)
        }
      } else {
        var sum: Int64 = 0
        var exponent = 2
        for entry in entries {
          let value = try minor(entry.amount)
          exponent = value.currency.exponent
          sum += value.minor
        }
        let bytes = Array(item.text.utf8)
        let said = bytes.withUnsafeBytes { decimalMinor($0, point: 0x2E, exponent: exponent) }
        guard said == sum else {
          throw differs(item.name, decimalText(sum, exponent: exponent), item.text)
        }
      }
    }
  }

  private func differs(_ what: String, _ ours: String, _ theirs: String) -> Refusal {
    Refusal(
      .controlTotal,
      "statement \(shown(camt.id)): \(what): the entries give \(ours), the file says "
        + shown(theirs),
      at: Place(file: name)
    )
  }

  func lines(_ currency: Currency) throws(Refusal) -> [BankLine] {
    var out: [BankLine] = []
    for (index, entry) in camt.entries.enumerated() where entry.status == "BOOK" {
      var value = try signed(entry.amount)
      guard value.currency == currency else {
        throw bad("entry \(index + 1) is in \(value.currency), the balance in \(currency)")
      }
      if entry.isReversal, reversals == .original { value.minor = -value.minor }
      out += try split(entry, index + 1, value.minor)
    }
    return out
  }

  private func split(
    _ entry: CamtEntry,
    _ number: Int,
    _ minor: Int64
  ) throws(Refusal) -> [BankLine] {
    if let count = entry.batchCount, entry.details.count > 1,
      strictInteger(count) != Int64(entry.details.count)
    {
      throw differs("Btch/NbOfTxs of entry \(number)", "\(entry.details.count)", count)
    }
    var parts: [Int64] = []
    for detail in entry.details where !detail.amount.text.isEmpty {
      parts.append(try self.minor(detail.amount).minor)
    }
    let isWhole = parts.count == entry.details.count && parts.count > 1
    guard isWhole, parts.reduce(0, &+) == abs(minor) else {
      return [line(entry, entry.details.first, number, 0, minor)]
    }
    return zip(entry.details, parts).enumerated().map { index, pair in
      line(entry, pair.0, number, index + 1, minor < 0 ? -pair.1 : pair.1)
    }
  }

  private func line(
    _ entry: CamtEntry,
    _ detail: CamtDetail?,
    _ number: Int,
    _ part: Int,
    _ minor: Int64
  ) -> BankLine {
    let own = detail?.servicerReference ?? ""
    var reference =
      bankReference(own) ?? bankReference(entry.servicerReference)
      ?? "\(statementReference(camt.id))-\(number)"
    if part > 0, bankReference(own) == nil { reference += "-\(part)" }
    let isFee = ["CHRG", "FEES", "COMM", "COMT"].contains(entry.familyCode)
    let isReturn = detail?.isReturn == true || entry.familyCode == "RRTN" || entry.isReversal
    return BankLine(
      bankRef: reference,
      kind: isFee ? .fee : isReturn ? .return : minor < 0 ? .payment : .receipt,
      signedMinor: minor,
      reference: maskCardNumbers(remittance(detail)),
      text: maskCardNumbers(detail?.free.isEmpty == false ? detail?.free ?? "" : entry.text)
    )
  }

  /// The structured reference, else an RF reference in free text, else the end-to-end id.
  private func remittance(_ detail: CamtDetail?) -> String {
    guard let detail else { return "" }
    if !detail.structured.isEmpty { return detail.structured }
    let words = detail.free.split(whereSeparator: { $0 == " " || $0 == "/" }).map(String.init)
    if let found = words.first(where: { $0.hasPrefix("RF") && $0.utf8.count > 4 && isID($0) }) {
      return found
    }
    return detail.endToEnd == "NOTPROVIDED" ? "" : detail.endToEnd
  }
}
