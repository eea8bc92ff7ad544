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
  /// The product of the card, which rules may ask for.
  package var product: String?
  /// The code of whoever brought the member in: of a shop or a desk, never a name.
  package var staff: String?
  /// A card of the member who brought this one.
  package var referrer: String?
  /// Where the row stands in its file, 0 where there is none.
  package let line: Int

  package init(token: String, reference: String, line: Int = 0) {
    self.token = token
    self.reference = reference
    self.line = line
  }

  /// Whether the row says more than who holds the card.
  package var tells: Bool {
    joined != nil || channel != nil || terms != nil || product != nil || staff != nil
      || referrer != nil
  }
}

/// Cards of a programme: CSV with the header `card_token;member_ref`, which `joined`, `channel`,
/// `terms`, `product`, `staff` and `referrer` may follow in any order.
package struct MemberFile: Sendable {
  private static let further = ["joined", "channel", "terms", "product", "staff", "referrer"]

  package let name: String
  package var members: [Enrolment]

  package init(members: [Enrolment], name: String) {
    self.name = name
    self.members = members
  }

  /// Reads a member file; every bad row refuses the whole.
  ///
  /// - Parameters:
  ///   - bytes: The file.
  ///   - name: Its name, for refusals.
  ///   - numericMembers: Whether the partner's member numbers may read as card numbers.
  /// - Throws: `Refusal` with the place.
  package init(bytes: [UInt8], name: String, numericMembers: Bool = false) throws(Refusal) {
    var members: [Enrolment] = []
    var columns: [String] = []
    try forEachSemicolonRow(of: bytes, in: name) { fields, place throws(Refusal) in
      guard place.line > 1 else {
        columns = try MemberFile.columns(fields, place)
        return
      }
      guard fields.count == columns.count, isCardToken(fields[0]), isID(fields[1]) else {
        throw Refusal(.badToken, "the row is not a card token and a member number", at: place)
      }
      guard numericMembers || !holdsCardNumber(fields[1]) else {
        throw Refusal(
          .cardNumber,
          "the member number reads as a card number",
          hint: "numeric_members: true in the terms of a partner whose numbers are such",
          at: place
        )
      }
      var member = Enrolment(token: fields[0], reference: fields[1], line: place.line)
      for (column, field) in zip(columns, fields).dropFirst(2) where !field.isEmpty {
        try member.set(column, field, place)
      }
      members.append(member)
    }
    self.init(members: members, name: name)
  }

  private static func columns(_ fields: [String], _ place: Place) throws(Refusal) -> [String] {
    let further = fields.dropFirst(2)
    guard fields.prefix(2) == ["card_token", "member_ref"],
      Set(further).count == further.count,
      further.allSatisfy(MemberFile.further.contains)
    else {
      throw Refusal(
        .headerColumn,
        "the header is not card_token;member_ref, then any of "
          + MemberFile.further.joined(separator: ", "),
        at: place
      )
    }
    return fields
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
    guard isCardToken(field), field.utf8.count <= 40 else {
      throw Refusal(.badToken, "\(column) is no code", at: place)
    }
    switch column {
    case "channel": channel = field
    case "terms": terms = field
    case "product": product = field
    case "staff": staff = field
    default: referrer = field
    }
  }
}

/// Cards that an offer is made to: CSV with the header `card_token;part`, where `part` is `offer`, or
/// `control` for those who only serve to compare with.
package struct AudienceFile: Sendable {
  package let name: String
  package let members: [(token: String, isControl: Bool, line: Int)]

  /// Reads an audience file; every bad row refuses the whole.
  package init(bytes: [UInt8], name: String) throws(Refusal) {
    var members: [(token: String, isControl: Bool, line: Int)] = []
    try forEachSemicolonRow(of: bytes, in: name) { fields, place throws(Refusal) in
      guard place.line > 1 else {
        guard fields == ["card_token", "part"] else {
          throw Refusal(.headerColumn, "the header is not card_token;part", at: place)
        }
        return
      }
      guard fields.count == 2, isCardToken(fields[0]), ["offer", "control"].contains(fields[1])
      else {
        throw Refusal(.badToken, "the row is not a card token and offer or control", at: place)
      }
      members.append((fields[0], fields[1] == "control", place.line))
    }
    self.name = name
    self.members = members
  }
}
