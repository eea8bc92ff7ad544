package import Civil

/// One event in the life of a card account.
package struct CardEvent: Sendable {
  /// What happened.
  package enum Kind: String, Sendable, CaseIterable {
    case opened, closed, replaced
    case goodStanding = "good_standing"
  }

  /// Line of the file, from 1.
  package let line: Int
  package let reference: String
  package let kind: Kind
  package let token: String
  /// The card that takes the place of `token`; only of `replaced`.
  package let newToken: String?
  package let effective: CivilDate
  package let detail: String
}

/// The card system's daily file of account events (`formats.md` §7.3).
package struct AccountEventsFile: Sendable {
  package let environment: String
  package let sender: String
  package let number: String
  package let sequence: Int
  package let date: CivilDate
  package let events: [CardEvent]

  /// Reads and checks a file: envelope, digest, counts by event.
  package init(bytes: [UInt8], name: String, digest: ([UInt8]) -> String) throws(Refusal) {
    let file = try RecordFile(
      bytes: bytes,
      name: name,
      format: "kvitt-account-events",
      details: ["D"],
      digest: digest
    )
    let head = try file.head()
    (environment, sender, number) = (head.environment, head.sender, head.number)
    (sequence, date) = (head.sequence, head.date)
    var events: [CardEvent] = []
    for line in file.records("D") {
      let reader = try file.fields(line, count: 7)
      let kind = try reader.choice(2, CardEvent.Kind.self)
      guard let effective = CivilDate(reader.text(5)) else { throw reader.bad(5, "no day") }
      guard (kind == .replaced) == !reader.text(4).isEmpty else {
        throw reader.bad(4, "a new token where none belongs, or none where one does")
      }
      guard kind != .goodStanding || ["in", "out"].contains(reader.text(6)) else {
        throw reader.bad(6, "neither in nor out")
      }
      events.append(
        CardEvent(
          line: line.number,
          reference: try reader.maskedID(1),
          kind: kind,
          token: try reader.id(3),
          newToken: kind == .replaced ? try reader.id(4) : nil,
          effective: effective,
          detail: reader.note(6)
        )
      )
    }
    self.events = events
    for total in file.records("S") {
      let reader = try file.fields(total, count: 2)
      let kind = try reader.choice(0, CardEvent.Kind.self)
      let count = events.filter { $0.kind == kind }.count
      guard try reader.number(1) == Int64(count) else {
        throw Refusal(
          .totalsDiffer,
          "the S record of \(kind.rawValue) says \(reader.text(1)), the lines are \(count)",
          at: Place(file: name, line: total.number)
        )
      }
    }
    guard file.records("S").count == Set(events.map(\.kind)).count else {
      throw Refusal(.totalsDiffer, "an S record is missing or too many", at: Place(file: name))
    }
  }
}
