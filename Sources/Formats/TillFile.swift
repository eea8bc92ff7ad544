package import Civil
package import Ledger

/// A use of store credit that the retailer's tills report (formats §7.2).
package struct TillLine: Sendable {
  package var tillRef: String
  package var memberToken: String
  package var receipt: String
  package var store: String
  package var till: String
  package var instant: Instant
  package var faceMinor: Int64

  package init(
    tillRef: String,
    memberToken: String,
    receipt: String,
    store: String,
    till: String,
    instant: Instant,
    faceMinor: Int64
  ) {
    self.tillRef = tillRef
    self.memberToken = memberToken
    self.receipt = receipt
    self.store = store
    self.till = till
    self.instant = instant
    self.faceMinor = faceMinor
  }
}

/// A retailer's daily till file; this version knows the action `redeem` without a hold.
package struct TillFile: Sendable {
  package var environment: String
  package var sender: String
  package var receiver: String
  package var number: String
  package var sequence: Int
  package var date: CivilDate
  package var created: String
  package var currency: Currency
  package var lines: [TillLine]

  package init(
    environment: String,
    sender: String,
    receiver: String,
    number: String,
    sequence: Int,
    date: CivilDate,
    created: String,
    currency: Currency,
    lines: [TillLine]
  ) {
    self.environment = environment
    self.sender = sender
    self.receiver = receiver
    self.number = number
    self.sequence = sequence
    self.date = date
    self.created = created
    self.currency = currency
    self.lines = lines
  }

  /// Face value of all lines, as the file's `S` record states it.
  package var faceMinor: Int64 { lines.map(\.faceMinor).reduce(0, +) }

  /// Reads and checks a till file.
  package init(
    bytes: [UInt8],
    name: String,
    digest: ([UInt8]) -> String
  ) throws(Refusal) {
    let file = try RecordFile(
      bytes: bytes,
      name: name,
      format: "kvitt-till",
      details: ["D"],
      digest: digest
    )
    let head = try file.fields(file.lines[0], count: 9)
    guard let sequence = Int(head.text(6)), let date = CivilDate(head.text(7)) else {
      throw head.bad(6, "no sequence or date")
    }
    guard let total = file.records("S").first, file.records("S").count == 1,
      total.fields.count == 4, let currency = Currency(code: total.fields[1].utf8)
    else {
      throw Refusal(.badRecord, "the file has not one S record", at: Place(file: name))
    }
    self.init(
      environment: head.text(2),
      sender: try head.id(3),
      receiver: try head.id(4),
      number: try head.id(5),
      sequence: sequence,
      date: date,
      created: head.text(8),
      currency: currency,
      lines: []
    )
    for line in file.records("D") {
      let reader = try file.fields(line, count: 12)
      guard reader.text(2) == "redeem" else { throw reader.bad(2, "an action not taken here") }
      guard let instant = Instant(reader.text(8)) else { throw reader.bad(8, "no instant") }
      lines.append(
        TillLine(
          tillRef: try reader.id(1),
          memberToken: try reader.id(4),
          receipt: try reader.id(5),
          store: try reader.id(6),
          till: try reader.id(7),
          instant: instant,
          faceMinor: try reader.number(9)
        )
      )
    }
    guard total.fields == totalFields else {
      throw Refusal(
        .totalsDiffer,
        "the S record differs from the lines",
        at: Place(file: name, line: total.number)
      )
    }
  }

  private var totalFields: [String] {
    ["redeem", currency.code, String(lines.count), String(faceMinor)]
  }

  /// The file's bytes.
  package func bytes(digest: ([UInt8]) -> String) -> [UInt8] {
    var writer = RecordFileWriter()
    writer.add(
      "H",
      [
        "kvitt-till", "1", environment, sender, receiver, number, String(sequence), "\(date)",
        created,
      ]
    )
    for (index, line) in lines.enumerated() {
      writer.add(
        "D",
        [
          String(index + 1), line.tillRef, "redeem", "", line.memberToken, line.receipt,
          line.store, line.till, "\(line.instant)", String(line.faceMinor), currency.code, "",
        ]
      )
    }
    writer.add("S", totalFields)
    return writer.finish(details: ["D"], digest: digest)
  }
}
