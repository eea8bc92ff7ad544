import Civil
import Ledger

extension Statement {
  /// Reads a statement file and checks everything that the file can prove by itself: envelope,
  /// digest, totals, the steps from opening to closing.
  package init(
    bytes: [UInt8],
    name: String,
    digest: ([UInt8]) -> String
  ) throws(Refusal) {
    let file = try RecordFile(
      bytes: bytes,
      name: name,
      format: "kvitt-statement",
      details: ["D"],
      digest: digest
    )
    let head = try file.fields(file.lines[0], count: 11)
    let balances = file.records("B")
    guard balances.count == 7, let currency = Currency(code: balances[0].fields[0].utf8) else {
      throw Refusal(.badRecord, "the file has not the seven B records", at: Place(file: name))
    }
    var steps: [String: Int64] = [:]
    for line in balances {
      let reader = try file.fields(line, count: 6)
      let direction = try reader.choice(3, Direction.self)
      steps[reader.text(1)] = try reader.number(2) * direction.sign
    }
    let net = balances[4].fields
    guard let sequence = Int(head.text(6)), let from = CivilDate(head.text(7)),
      let to = CivilDate(head.text(8)), let created = Instant(head.text(10)),
      let due = CivilDate(net[4])
    else { throw head.bad(6, "no sequence, date or instant") }
    self.init(
      environment: head.text(2),
      sender: try head.id(3),
      receiver: try head.id(4),
      number: try head.id(5),
      sequence: sequence,
      periodFrom: from,
      periodTo: to,
      cutSeal: try head.number(9),
      created: created,
      currency: currency,
      lines: [],
      documents: [],
      opening: steps["opening"] ?? 0,
      paid: steps["paid"] ?? 0,
      ordered: steps["ordered"] ?? 0,
      due: due,
      reference: net[5]
    )
    for (index, line) in file.records("D").enumerated() {
      let reader = try file.fields(line, count: 21)
      guard try reader.number(0) == Int64(index + 1) else { throw reader.bad(0, "out of order") }
      lines.append(try StatementLine(reader))
    }
    for line in file.records("I") {
      let reader = try file.fields(line, count: 9)
      documents.append(
        StatementDocument(
          number: try reader.id(0),
          kind: reader.text(1),
          supplier: try reader.id(2),
          netMinor: try reader.number(4),
          direction: try reader.choice(8, Direction.self)
        )
      )
    }
    try checkTotals(of: file, steps: steps)
  }

  private func checkTotals(of file: RecordFile, steps: [String: Int64]) throws(Refusal) {
    let stated = file.records("S").map(\.fields)
    let computed = records.filter { $0.letter == "S" }.map(\.values)
    guard stated == computed else {
      throw Refusal(
        .totalsDiffer,
        "the S records differ from the lines",
        at: Place(file: file.name)
      )
    }
    let expected: [(String, Int64)] = [
      ("settled", settled), ("vat", 0), ("net", net), ("closing", closing),
    ]
    for (step, value) in expected where steps[step] != value {
      throw Refusal(
        .totalsDiffer,
        "step \(step) is \(steps[step] ?? 0), the lines give \(value)",
        at: Place(file: file.name)
      )
    }
  }
}

extension StatementLine {
  fileprivate init(_ reader: FieldReader) throws(Refusal) {
    guard let attempt = Int(reader.text(3)), let eventDate = CivilDate(reader.text(6)),
      let bookingDate = CivilDate(reader.text(7))
    else { throw reader.bad(3, "no attempt or date") }
    self.init(
      section: try reader.choice(1, StatementSection.self),
      eventID: try reader.id(2),
      attempt: attempt,
      kind: try reader.id(4),
      memberRef: reader.text(5),
      eventDate: eventDate,
      bookingDate: bookingDate,
      quantity: try reader.optionalNumber(8),
      unit: reader.text(9),
      unitPrice: reader.text(10),
      valueMinor: try reader.number(11),
      direction: try reader.choice(13, Direction.self),
      docNo: reader.text(16),
      contract: reader.text(17),
      originalEventID: reader.text(19)
    )
  }
}
