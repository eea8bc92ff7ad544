package import Civil
package import Ledger

/// The sections of a partner statement.
package enum StatementSection: String, Sendable {
  /// New lines sent for the partner's answer; not in the net.
  case filed
  /// Lines confirmed since the last statement: the net.
  case settled
}

/// A line of a partner statement (`D`, formats §4.1).
package struct StatementLine: Sendable, Equatable {
  package var section: StatementSection
  package var eventID: String
  package var attempt: Int
  package var kind: String
  package var memberRef: String
  package var eventDate: CivilDate
  package var bookingDate: CivilDate
  package var quantity: Int64?
  package var unit: String
  package var unitPrice: String
  package var valueMinor: Int64
  package var direction: Direction
  package var docNo: String
  package var contract: String
  package var originalEventID: String

  package init(
    section: StatementSection,
    eventID: String,
    attempt: Int,
    kind: String,
    memberRef: String,
    eventDate: CivilDate,
    bookingDate: CivilDate,
    quantity: Int64?,
    unit: String,
    unitPrice: String,
    valueMinor: Int64,
    direction: Direction,
    docNo: String,
    contract: String,
    originalEventID: String
  ) {
    self.section = section
    self.eventID = eventID
    self.attempt = attempt
    self.kind = kind
    self.memberRef = memberRef
    self.eventDate = eventDate
    self.bookingDate = bookingDate
    self.quantity = quantity
    self.unit = unit
    self.unitPrice = unitPrice
    self.valueMinor = valueMinor
    self.direction = direction
    self.docNo = docNo
    self.contract = contract
    self.originalEventID = originalEventID
  }
}

/// A tax document that the net settles (`I`).
package struct StatementDocument: Sendable, Equatable {
  package let number: String
  /// `self_billed`, `invoice` or `credit_note`.
  package let kind: String
  package let supplier: String
  package let netMinor: Int64
  package let direction: Direction

  package init(
    number: String,
    kind: String,
    supplier: String,
    netMinor: Int64,
    direction: Direction
  ) {
    self.number = number
    self.kind = kind
    self.supplier = supplier
    self.netMinor = netMinor
    self.direction = direction
  }
}

/// A whole partner statement in one currency.
package struct Statement: Sendable {
  package var environment: String
  package var sender: String
  package var receiver: String
  package var number: String
  package var sequence: Int
  package var periodFrom: CivilDate
  package var periodTo: CivilDate
  /// Settlement cut-off: the ledger seal number up to which rows are in.
  package var cutSeal: Int64
  package var created: Instant
  package var currency: Currency
  package var lines: [StatementLine]
  package var documents: [StatementDocument]
  /// Signed, + we owe: balance carried from the statement before.
  package var opening: Int64
  /// Signed, + money to the partner: receipts, refused and returned payments since then.
  package var paid: Int64
  package var ordered: Int64
  package var due: CivilDate
  package var reference: String

  package init(
    environment: String,
    sender: String,
    receiver: String,
    number: String,
    sequence: Int,
    periodFrom: CivilDate,
    periodTo: CivilDate,
    cutSeal: Int64,
    created: Instant,
    currency: Currency,
    lines: [StatementLine],
    documents: [StatementDocument],
    opening: Int64,
    paid: Int64,
    ordered: Int64,
    due: CivilDate,
    reference: String
  ) {
    self.environment = environment
    self.sender = sender
    self.receiver = receiver
    self.number = number
    self.sequence = sequence
    self.periodFrom = periodFrom
    self.periodTo = periodTo
    self.cutSeal = cutSeal
    self.created = created
    self.currency = currency
    self.lines = lines
    self.documents = documents
    self.opening = opening
    self.paid = paid
    self.ordered = ordered
    self.due = due
    self.reference = reference
  }

  /// Signed sum of the `settled` section.
  package var settled: Int64 {
    lines.filter { $0.section == .settled }.map { $0.valueMinor * $0.direction.sign }
      .reduce(0, +)
  }

  /// opening + settled + vat – paid (VAT is 0 in this version of the terms).
  package var net: Int64 { opening + settled - paid }

  /// net – ordered.
  package var closing: Int64 { net - ordered }
}

/// A total of one section, unit and direction (`S`).
package struct StatementTotal: Sendable, Equatable {
  package let section: StatementSection
  package let unit: String
  package let direction: Direction
  package let lines: Int
  package let quantity: Int64
  package let valueMinor: Int64
}

extension Statement {
  /// Totals in the order of the file: `filed` first, then by unit, `to_partner` before `to_issuer`.
  package var totals: [StatementTotal] {
    let groups = Dictionary(grouping: lines) { line in
      [line.section.rawValue, line.unit, line.direction == .toPartner ? "0" : "1"]
    }
    return groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }.compactMap { _, lines in
      guard let first = lines.first else { return nil }
      return StatementTotal(
        section: first.section,
        unit: first.unit,
        direction: first.direction,
        lines: lines.count,
        quantity: lines.compactMap(\.quantity).reduce(0, +),
        valueMinor: lines.map(\.valueMinor).reduce(0, +)
      )
    }
  }

  /// Every record in order: letter, field names and values.
  var records: [(letter: String, names: [String], values: [String])] {
    let money = { (signed: Int64) in [String(signed.magnitude), Direction(of: signed).rawValue] }
    var out: [(String, [String], [String])] = [
      (
        "H", StatementNames.header,
        [
          "kvitt-statement", "1", environment, sender, receiver, number, String(sequence),
          "\(periodFrom)", "\(periodTo)", String(cutSeal), "\(created)",
        ]
      )
    ]
    for (index, line) in lines.enumerated() {
      out.append(("D", StatementNames.line, line.values(number: index + 1, currency: currency)))
    }
    for document in documents {
      let net = String(document.netMinor)
      out.append(
        (
          "I", StatementNames.document,
          [
            document.number, document.kind, document.supplier, "", net, "0", net, currency.code,
            document.direction.rawValue,
          ]
        )
      )
    }
    for total in totals {
      out.append(
        (
          "S", StatementNames.total,
          [
            total.section.rawValue, currency.code, total.unit, total.direction.rawValue,
            String(total.lines), total.unit.isEmpty ? "" : String(total.quantity),
            String(total.valueMinor), "0",
          ]
        )
      )
    }
    let steps: [(String, Int64)] = [
      ("opening", opening), ("settled", settled), ("vat", 0), ("paid", paid), ("net", net),
      ("ordered", ordered), ("closing", closing),
    ]
    for (step, signed) in steps {
      let tail = step == "net" ? ["\(due)", reference] : ["", ""]
      out.append(("B", StatementNames.balance, [currency.code, step] + money(signed) + tail))
    }
    return out
  }

  /// The line file: the same bytes for the same statement, always.
  package func bytes(digest: ([UInt8]) -> String) -> [UInt8] {
    var writer = RecordFileWriter()
    for record in records { writer.add(record.letter, record.values) }
    return writer.finish(details: ["D"], digest: digest)
  }

  /// The same fields as JSON lines, one object a record.
  package func jsonLines() -> [UInt8] {
    var text = ""
    for record in records {
      let fields = zip(["record"] + record.names, [record.letter] + record.values)
      text += JSONValue.members(fields.map { .init(name: $0, value: .text($1)) }).text + "\n"
    }
    return Array(text.utf8)
  }
}

extension StatementLine {
  func values(number: Int, currency: Currency) -> [String] {
    [
      String(number), section.rawValue, eventID, String(attempt), kind, memberRef,
      "\(eventDate)", "\(bookingDate)", quantity.map { String($0) } ?? "", unit, unitPrice,
      String(valueMinor), currency.code, direction.rawValue, "Z0",
      "0", docNo, contract, "", originalEventID, "",
    ]
  }
}

/// Field names of the statement's records, frozen per version.
enum StatementNames {
  static let header = [
    "format", "version", "environment", "sender", "receiver", "statement_no", "sequence",
    "period_from", "period_to", "cutoff_ledger_no", "created_utc",
  ]
  static let line = [
    "line", "section", "event_id", "attempt", "kind", "member_ref", "event_date", "booking_date",
    "quantity", "unit", "unit_price", "value_minor", "currency", "direction", "vat_code",
    "vat_minor", "doc_no", "contract_ref", "merchant_ref", "original_event_id", "network_ref",
  ]
  static let document = [
    "doc_no", "kind", "supplier", "vat_id", "net_minor", "vat_minor", "gross_minor", "currency",
    "direction",
  ]
  static let total = [
    "section", "currency", "unit", "direction", "lines", "quantity", "value_minor", "vat_minor",
  ]
  static let balance = ["currency", "step", "amount_minor", "direction", "date", "reference"]
}
