package import Civil

/// A card to enrol, and what is known of its member; codes alone, nothing personal.
package struct Enrolment: Sendable {
  package let token: String
  /// The number under which the partner knows the member.
  package let reference: String
  package var joined: CivilDate?
  /// How the member came: `app`, `store` and the like.
  package var channel: String?
  /// The version of the programme's terms that the member accepted.
  package var terms: String?
  /// A card of the member who brought this one.
  package var referrer: String?

  package init(token: String, reference: String) {
    self.token = token
    self.reference = reference
  }
}

/// Cards of a programme: CSV with the header `card_token;member_ref`, which `joined`, `channel`,
/// `terms` and `referrer` may follow in any order.
package struct MemberFile: Sendable {
  package var members: [Enrolment]

  package init(members: [Enrolment]) {
    self.members = members
  }

  /// Reads a member file; every bad row refuses the whole.
  package init(bytes: [UInt8], name: String) throws(Refusal) {
    members = []
    var columns: [String] = []
    let rows = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    for (index, row) in rows.enumerated() where !row.isEmpty {
      let text = String(decoding: row.last == 0x0D ? row.dropLast() : row, as: UTF8.self)
      let fields = text.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
      let place = Place(file: name, line: index + 1)
      if index == 0 {
        columns = fields
        let further = fields.dropFirst(2)
        guard fields.prefix(2) == ["card_token", "member_ref"],
          Set(further).count == further.count,
          further.allSatisfy({ ["joined", "channel", "terms", "referrer"].contains($0) })
        else {
          throw Refusal(
            .headerColumn,
            "the header is not card_token;member_ref, then any of joined, channel, terms, referrer",
            at: place
          )
        }
        continue
      }
      guard fields.count == columns.count, fields.prefix(2).allSatisfy(isID),
        !looksLikeCardNumber(fields[0])
      else {
        throw Refusal(.badToken, "the row is not a card token and a member number", at: place)
      }
      var member = Enrolment(token: fields[0], reference: fields[1])
      for (column, field) in zip(columns, fields).dropFirst(2) where !field.isEmpty {
        try member.set(column, field, place)
      }
      members.append(member)
    }
  }

  /// The file's bytes: tokens and numbers alone.
  package var bytes: [UInt8] {
    var text = "card_token;member_ref\n"
    for member in members { text += "\(member.token);\(member.reference)\n" }
    return Array(text.utf8)
  }
}

extension Enrolment {
  fileprivate mutating func set(
    _ column: String,
    _ field: String,
    _ place: Place
  ) throws(Refusal) {
    if column == "joined" {
      guard let day = CivilDate(field) else {
        throw Refusal(.badTime, "joined is no day yyyy-mm-dd", at: place)
      }
      joined = day
      return
    }
    guard isID(field), field.utf8.count <= 40, !looksLikeCardNumber(field) else {
      throw Refusal(.badToken, "\(column) is no code", at: place)
    }
    switch column {
    case "channel": channel = field
    case "terms": terms = field
    default: referrer = field
    }
  }
}

/// Cards that an offer is made to: CSV with the header `card_token;part`, where `part` is `offer`, or
/// `control` for those who only serve to compare with.
package struct AudienceFile: Sendable {
  package let members: [(token: String, isControl: Bool)]

  /// Reads an audience file; every bad row refuses the whole.
  package init(bytes: [UInt8], name: String) throws(Refusal) {
    var members: [(token: String, isControl: Bool)] = []
    let rows = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    for (index, row) in rows.enumerated() where !row.isEmpty {
      let text = String(decoding: row.last == 0x0D ? row.dropLast() : row, as: UTF8.self)
      let fields = text.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
      let place = Place(file: name, line: index + 1)
      if index == 0 {
        guard fields == ["card_token", "part"] else {
          throw Refusal(.headerColumn, "the header is not card_token;part", at: place)
        }
        continue
      }
      guard fields.count == 2, isID(fields[0]), ["offer", "control"].contains(fields[1]),
        !looksLikeCardNumber(fields[0])
      else {
        throw Refusal(.badToken, "the row is not a card token and offer or control", at: place)
      }
      members.append((fields[0], fields[1] == "control"))
    }
    self.members = members
  }
}

private func looksLikeCardNumber(_ text: String) -> Bool {
  Array(text.utf8).withUnsafeBytes { Formats.looksLikeCardNumber($0) }
}
