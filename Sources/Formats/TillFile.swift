package import Civil
package import Ledger

/// What a till did with store credit (formats §7.2).
package enum TillAction: String, Sendable, CaseIterable {
  /// Credit was used, perhaps under a hold.
  case redeem
  /// A use of the file's day that did not happen after all.
  case void
  /// Credit was used while the till could not ask.
  case offline
  /// Goods that were bought with credit came back.
  case `return`

  /// 1 uses credit, -1 gives it back.
  package var sign: Int64 { self == .redeem || self == .offline ? 1 : -1 }
}

/// A line of a retailer's till file.
package struct TillLine: Sendable {
  package var tillRef: String
  package var action: TillAction
  /// Number of the hold, `H-12`; empty where there was none.
  package var hold: String
  package var memberToken: String
  package var receipt: String
  package var store: String
  package var till: String
  package var instant: Instant
  package var faceMinor: Int64
  /// The use that is undone or that goods come back of; empty otherwise.
  package var originalRef: String

  package init(
    tillRef: String,
    action: TillAction = .redeem,
    hold: String = "",
    memberToken: String,
    receipt: String,
    store: String,
    till: String,
    instant: Instant,
    faceMinor: Int64,
    originalRef: String = ""
  ) {
    self.tillRef = tillRef
    self.action = action
    self.hold = hold
    self.memberToken = memberToken
    self.receipt = receipt
    self.store = store
    self.till = till
    self.instant = instant
    self.faceMinor = faceMinor
    self.originalRef = originalRef
  }
}

/// A retailer's daily till file.
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

  /// Face value of all lines, what came back taken off.
  package var faceMinor: Int64 {
    lines.map { $0.action.sign * $0.faceMinor }.reduce(0, +)
  }

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
    let head = try file.head()
    let totals = file.records("S")
    guard let first = totals.first, totals.allSatisfy({ $0.fields.count == 4 }),
      let currency = Currency(code: first.fields[1].utf8)
    else {
      throw Refusal(.badRecord, "the file has no S record", at: Place(file: name))
    }
    self.init(
      environment: head.environment,
      sender: head.sender,
      receiver: head.receiver,
      number: head.number,
      sequence: head.sequence,
      date: head.date,
      created: head.created,
      currency: currency,
      lines: []
    )
    var sum: Int64 = 0
    for line in file.records("D") {
      let record = try TillLine(file.fields(line, count: 12), currency)
      // Sums of any order and sign must stay within 64 bits.
      let (next, over) = sum.addingReportingOverflow(record.faceMinor)
      guard !over else {
        throw Refusal(.badAmount, "the sum leaves 64 bits", at: Place(file: name))
      }
      sum = next
      lines.append(record)
    }
    // An action without lines may have a total of nothing, or none.
    let stated = Set(totals.map(\.fields))
    guard stated.count == totals.count,
      stated.subtracting(TillAction.allCases.map { total($0, count: 0, face: 0) })
        == Set(totalFields(all: false))
    else {
      throw Refusal(
        .totalsDiffer,
        "the S records differ from the lines",
        at: Place(file: name, line: first.number)
      )
    }
  }

  private func total(_ action: TillAction, count: Int, face: Int64) -> [String] {
    [action.rawValue, currency.code, String(count), String(face)]
  }

  private func totalFields(all: Bool) -> [[String]] {
    TillAction.allCases.compactMap { action in
      let mine = lines.filter { $0.action == action }
      guard !mine.isEmpty || (all && action == .redeem) else { return nil }
      return total(action, count: mine.count, face: mine.map(\.faceMinor).reduce(0, +))
    }
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
          String(index + 1), line.action.rawValue, line.tillRef, line.hold, line.memberToken,
          line.receipt, line.store, line.till, "\(line.instant)", String(line.faceMinor),
          currency.code, line.originalRef,
        ]
      )
    }
    for fields in totalFields(all: true) { writer.add("S", fields) }
    return writer.finish(details: ["D"], digest: digest)
  }
}

extension TillLine {
  fileprivate init(_ reader: FieldReader, _ currency: Currency) throws(Refusal) {
    guard let action = TillAction(rawValue: reader.text(1)) else {
      throw reader.bad(1, "none of redeem, void, offline, return")
    }
    guard let instant = Instant(reader.text(8)) else { throw reader.bad(8, "no instant") }
    guard reader.text(10) == currency.code else { throw reader.bad(10, "another currency") }
    let isUse = action.sign == 1
    guard isUse == reader.text(11).isEmpty else {
      throw reader.bad(11, "an original goes with void and return, and with them alone")
    }
    self.init(
      tillRef: try reader.maskedID(2),
      action: action,
      hold: reader.text(3).isEmpty ? "" : try reader.id(3),
      memberToken: try reader.maskedID(4),
      receipt: try reader.plainID(5),
      store: try reader.plainID(6),
      till: try reader.plainID(7),
      instant: instant,
      faceMinor: try reader.number(9),
      originalRef: isUse ? "" : try reader.maskedID(11)
    )
  }
}
