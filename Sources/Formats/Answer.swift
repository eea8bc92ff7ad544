package import Civil
package import Ledger

/// The partner's word on a filed line (formats §4.2).
package enum AnswerStatus: String, Sendable, CaseIterable {
  case accepted = "A"
  case partly = "P"
  case warning = "W"
  case merged = "M"
  case rejected = "X"
}

/// The answer to one filed line (`R`).
package struct AnswerLine: Sendable {
  package var eventID: String
  package var attempt: Int
  package var status: AnswerStatus
  package var acceptedQuantity: Int64
  package var acceptedMinor: Int64
  package var reason: String
  package var partnerRef: String
  package var newMemberRef: String

  package init(
    eventID: String,
    attempt: Int,
    status: AnswerStatus,
    acceptedQuantity: Int64,
    acceptedMinor: Int64,
    reason: String,
    partnerRef: String,
    newMemberRef: String
  ) {
    self.eventID = eventID
    self.attempt = attempt
    self.status = status
    self.acceptedQuantity = acceptedQuantity
    self.acceptedMinor = acceptedMinor
    self.reason = reason
    self.partnerRef = partnerRef
    self.newMemberRef = newMemberRef
  }
}

/// A line that only the partner has (`N`).
package struct PartnerOnlyLine: Sendable {
  package var partnerRef: String
  package var memberRef: String
  package var date: CivilDate
  package var quantity: Int64
  package var unit: String
  package var valueMinor: Int64
  package var direction: Direction

  package init(
    partnerRef: String,
    memberRef: String,
    date: CivilDate,
    quantity: Int64,
    unit: String,
    valueMinor: Int64,
    direction: Direction
  ) {
    self.partnerRef = partnerRef
    self.memberRef = memberRef
    self.date = date
    self.quantity = quantity
    self.unit = unit
    self.valueMinor = valueMinor
    self.direction = direction
  }
}

/// A partner's answer to a statement.
package struct Answer: Sendable {
  package var environment: String
  package var sender: String
  package var receiver: String
  package var number: String
  package var sequence: Int
  package var statementNumber: String
  /// SHA-256 of the whole statement file.
  package var statementDigest: String
  package var created: String
  package var currency: Currency
  package var lines: [AnswerLine]
  package var partnerOnly: [PartnerOnlyLine]
  /// `S` records as they stand: status, currency, unit, direction, lines, filed quantity and
  /// value, accepted quantity and value.
  package var totals: [[String]]

  package init(
    environment: String,
    sender: String,
    receiver: String,
    number: String,
    sequence: Int,
    statementNumber: String,
    statementDigest: String,
    created: String,
    currency: Currency,
    lines: [AnswerLine],
    partnerOnly: [PartnerOnlyLine],
    totals: [[String]]
  ) {
    self.environment = environment
    self.sender = sender
    self.receiver = receiver
    self.number = number
    self.sequence = sequence
    self.statementNumber = statementNumber
    self.statementDigest = statementDigest
    self.created = created
    self.currency = currency
    self.lines = lines
    self.partnerOnly = partnerOnly
    self.totals = totals
  }

  /// Reads an answer; its totals are compared by `totals(of:)` where the filed lines are known.
  ///
  /// - Parameters:
  ///   - bytes: The file.
  ///   - name: Its name, for refusals.
  ///   - numericMembers: Whether the partner's member numbers may read as card numbers.
  ///   - digest: SHA-256 of bytes, in hexadecimal.
  /// - Throws: `Refusal` with the place.
  package init(
    bytes: [UInt8],
    name: String,
    numericMembers: Bool = false,
    digest: ([UInt8]) -> String
  ) throws(Refusal) {
    let file = try RecordFile(
      bytes: bytes,
      name: name,
      format: "kvitt-answer",
      details: ["R", "N"],
      digest: digest
    )
    let head = try file.fields(file.lines[0], count: 10)
    guard let sequence = Int(head.text(6)) else { throw head.bad(6, "no sequence") }
    let totals = file.records("S")
    let code = totals.first?.fields.dropFirst().first ?? "EUR"
    guard let currency = Currency(code: code.utf8) else {
      throw Refusal(.badRecord, "unknown currency in S", at: Place(file: name))
    }
    self.init(
      environment: head.text(2),
      sender: try head.id(3),
      receiver: try head.id(4),
      number: try head.id(5),
      sequence: sequence,
      statementNumber: try head.id(7),
      statementDigest: head.text(8),
      created: head.text(9),
      currency: currency,
      lines: [],
      partnerOnly: [],
      totals: totals.map(\.fields)
    )
    for (index, line) in file.records("R").enumerated() {
      let reader = try file.fields(line, count: 9)
      guard try reader.number(0) == Int64(index + 1) else { throw reader.bad(0, "out of order") }
      guard let attempt = Int(reader.text(2)) else { throw reader.bad(2, "no attempt") }
      // The file is kept as the partner signed it.
      for field in numericMembers ? 6...7 : 6...8 { try reader.refuseCardNumber(field) }
      lines.append(
        AnswerLine(
          eventID: try reader.id(1),
          attempt: attempt,
          status: try reader.choice(3, AnswerStatus.self),
          acceptedQuantity: try reader.number(4),
          acceptedMinor: try reader.number(5),
          reason: reader.text(6),
          partnerRef: reader.text(7),
          newMemberRef: reader.text(8)
        )
      )
    }
    for line in file.records("N") {
      let reader = try file.fields(line, count: 8)
      guard let date = CivilDate(reader.text(2)) else { throw reader.bad(2, "no date") }
      if !numericMembers { try reader.refuseCardNumber(1) }
      partnerOnly.append(
        PartnerOnlyLine(
          partnerRef: try reader.id(0),
          memberRef: reader.text(1),
          date: date,
          quantity: try reader.number(3),
          unit: try reader.id(4),
          valueMinor: try reader.number(5),
          direction: try reader.choice(7, Direction.self)
        )
      )
    }
  }

  /// The `S` records that the lines give, for filed lines by event id and attempt.
  package func totals(of filed: [String: StatementLine]) -> [[String]] {
    var sums: [[String]: [Int64]] = [:]
    for line in lines {
      guard let original = filed["\(line.eventID)/\(line.attempt)"] else { continue }
      let key = [
        line.status.rawValue, currency.code, original.unit, original.direction.rawValue,
      ]
      let parts = [
        1, original.quantity ?? 0, original.valueMinor, line.acceptedQuantity,
        line.acceptedMinor,
      ]
      sums[key] = zip(sums[key] ?? [0, 0, 0, 0, 0], parts).map { $0 + $1 }
    }
    return sums.sorted { $0.key.lexicographicallyPrecedes($1.key) }
      .map { $0.key + $0.value.map { String($0) } }
  }

  /// The file's bytes.
  package func bytes(digest: ([UInt8]) -> String) -> [UInt8] {
    var writer = RecordFileWriter()
    writer.add(
      "H",
      [
        "kvitt-answer", "1", environment, sender, receiver, number, String(sequence),
        statementNumber, statementDigest, created,
      ]
    )
    for (index, line) in lines.enumerated() {
      writer.add(
        "R",
        [
          String(index + 1), line.eventID, String(line.attempt), line.status.rawValue,
          String(line.acceptedQuantity), String(line.acceptedMinor), line.reason,
          line.partnerRef, line.newMemberRef,
        ]
      )
    }
    for line in partnerOnly {
      writer.add(
        "N",
        [
          line.partnerRef, line.memberRef, "\(line.date)", String(line.quantity), line.unit,
          String(line.valueMinor), currency.code, line.direction.rawValue,
        ]
      )
    }
    for total in totals { writer.add("S", total) }
    return writer.finish(details: ["R", "N"], digest: digest)
  }
}
