/// Cards of a programme with the number under which the partner knows the member:
/// CSV with the header `card_token;member_ref`.
package struct MemberFile: Sendable {
  package var members: [(token: String, reference: String)]

  package init(members: [(token: String, reference: String)]) {
    self.members = members
  }

  /// Reads a member file; every bad row refuses the whole.
  package init(bytes: [UInt8], name: String) throws(Refusal) {
    members = []
    let rows = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    for (index, row) in rows.enumerated() where !row.isEmpty {
      let text = String(decoding: row.last == 0x0D ? row.dropLast() : row, as: UTF8.self)
      let fields = text.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
      if index == 0 {
        guard fields == ["card_token", "member_ref"] else {
          throw Refusal(
            .headerColumn,
            "the header is not card_token;member_ref",
            at: Place(file: name, line: 1)
          )
        }
        continue
      }
      guard fields.count == 2, isID(fields[0]), isID(fields[1]),
        !Array(fields[0].utf8).withUnsafeBytes({ looksLikeCardNumber($0) })
      else {
        throw Refusal(
          .badToken,
          "the row is not a card token and a member number",
          at: Place(file: name, line: index + 1)
        )
      }
      members.append((fields[0], fields[1]))
    }
  }

  /// The file's bytes.
  package var bytes: [UInt8] {
    var text = "card_token;member_ref\n"
    for member in members { text += "\(member.token);\(member.reference)\n" }
    return Array(text.utf8)
  }
}
