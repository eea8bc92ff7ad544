package import Ledger
package import Postgres
import Rewards

/// A partner as the books know it.
package struct PartnerEntry: Sendable {
  package let id: Int16
  package let code: String
  package let name: String
}

/// A reward unit as the books know it.
package struct UnitEntry: Sendable {
  package let id: Int16
  package let code: String
  package let kind: String
  package let currency: Currency

  /// Decimals of a quantity: miles and points are whole, money has its currency's.
  package var exponent: Int {
    ["cashback", "credit"].contains(kind) ? currency.exponent : 0
  }
}

/// Ids of partners, programmes and units.
package struct Directory: Sendable {
  package let entity: String
  package let partners: [PartnerEntry]
  package let programmes: [(id: Int16, code: String)]
  package let units: [UnitEntry]

  /// The partner of a code.
  package func partner(_ code: String) -> PartnerEntry? { partners.first { $0.code == code } }
  /// The partner of an id.
  package func partner(id: Int16) -> PartnerEntry? { partners.first { $0.id == id } }
  /// The unit of a code.
  package func unit(_ code: String) -> UnitEntry? { units.first { $0.code == code } }
  /// The unit of an id.
  package func unit(id: Int16) -> UnitEntry? { units.first { $0.id == id } }
  /// The unit of an id that rows name.
  package func unit(ofRows id: Int16) throws(UnreadableValue) -> UnitEntry {
    guard let unit = unit(id: id) else {
      throw UnreadableValue(
        column: "unit",
        expected: "a unit of the books",
        found: "\(id)",
        place: #fileID
      )
    }
    return unit
  }
}

/// Terms as they were loaded.
package struct StoredTerms: Sendable {
  package let id: Int32
  /// `agreement`, `partner`, `calendar` or `feed`.
  package let kind: String
  package let code: String
  package let version: Int
  /// SHA-256 of the bytes, in hexadecimal.
  package let digest: String
  package let body: [UInt8]
}

/// What loading terms did.
package enum TermsOutcome: String, Sendable {
  /// Exactly these bytes are in force.
  case stands
  /// One person has brought them.
  case proposed
  /// The caller was the second person; they are in force now.
  case applied
}

extension Books {
  /// Reads the ids of partners, programmes and units.
  package func directory() throws -> Directory {
    Directory(
      entity: try connection.run("SELECT entity FROM book").first?.string(0) ?? "",
      partners: try connection.run("SELECT id, code, name FROM partner ORDER BY code").map {
        try PartnerEntry(id: $0.int16(0), code: $0.string(1), name: $0.string(2))
      },
      programmes: try connection.run("SELECT id, code FROM programme ORDER BY code").map {
        try ($0.int16(0), $0.string(1))
      },
      units: try connection.run("SELECT id, code, kind, currency FROM unit ORDER BY code")
        .map { row in
          let kind: RewardKind = try row.known(2)
          return try UnitEntry(
            id: row.int16(0),
            code: row.string(1),
            kind: kind.rawValue,
            currency: row.known(3)
          )
        }
    )
  }

  /// Reads all loaded terms, oldest version first.
  package func storedTerms() throws -> [StoredTerms] {
    try connection.run(
      """
      SELECT id, kind, code, version, encode(digest, 'hex'), body FROM terms
       ORDER BY kind, code, version
      """
    ).map {
      try StoredTerms(
        id: $0.int32(0),
        kind: $0.word(1, of: ["agreement", "partner", "calendar", "feed", "account"]),
        code: $0.string(2),
        version: Int($0.int(3)),
        digest: $0.string(4),
        body: $0.bytes(5)
      )
    }
  }

  /// What members owe, by member and unit, with its cost in minor units.
  package func memberDebts() throws -> [(
    member: Int64, unit: Int16, quantity: Int64, cost: Int64
  )] {
    try connection.run("SELECT member_id, unit, quantity, cost_minor FROM member_debt").map {
      try ($0.int(0), $0.int16(1), $0.int(2), $0.int(3))
    }
  }

  /// Who has brought bytes of terms that are not in force yet.
  package func proposers(digest: String) throws -> [String] {
    try connection.run(
      """
      SELECT proposed_by FROM terms_proposal WHERE digest = decode(\(digest), 'hex')
       ORDER BY proposed_by
      """
    ).map { try $0.string(0) }
  }

  /// Loads terms; they take effect when a second person loads the same bytes.
  package func applyTerms(
    kind: String,
    code: String,
    version: Int,
    body: [UInt8]
  ) throws -> TermsOutcome {
    let word = try connection.run(
      "SELECT apply_terms(\(kind), \(code), \(version), \(bytes: body))"
    ).first
    return try word?.known(0) ?? .proposed
  }

  /// Makes sure that a partner stands in the books.
  package func registerPartner(code: String, name: String, entity: String) throws {
    try connection.run("SELECT register_partner(\(code), \(name), \(entity))")
  }

  /// Makes sure that a programme stands in the books.
  package func registerProgramme(_ code: String) throws {
    try connection.run("SELECT register_programme(\(code))")
  }

  /// Makes sure that a unit stands in the books.
  package func registerUnit(code: String, kind: String, currency: Currency) throws {
    try connection.run("SELECT register_unit(\(code), \(kind), \(currency.rawValue)::smallint)")
  }

  /// How many cards there are.
  package func cardCount() throws -> Int {
    Int(try connection.run("SELECT count(*) FROM card").first?.int(0) ?? 0)
  }

  /// Hands every card to the body: token, member and programme.
  package func forEachCard(
    _ body: (_ token: ShortID, _ member: Int64, _ programme: Int16) -> Void
  ) throws {
    try connection.copyOut(
      """
      COPY (SELECT m.programme, c.member_id, c.token FROM kvitt.card c
              JOIN kvitt.member m ON m.id = c.member_id) TO STDOUT (FORMAT binary)
      """
    ) { chunk in
      var tuple = BinaryTuple(chunk)
      guard tuple.next() else { return }
      guard let programme = tuple.int16(), let member = tuple.int64(),
        let token = tuple.bytes().flatMap({ ShortID($0) })
      else { throw unreadableTuple("card.token", "a card of a member with its programme") }
      body(token, member, programme)
    }
  }

  /// The first day of the earliest period that is open.
  package func openFrom() throws -> String {
    try connection.run(
      """
      SELECT coalesce((max(month) + interval '1 month')::date, '1970-01-01')::text
        FROM period_closed
      """
    ).first?.string(0) ?? "1970-01-01"
  }
}

extension Books {
  /// Member and programme of each known card token.
  package func members(
    ofTokens tokens: [String]
  ) throws -> [String: (member: Int64, programme: Int16)] {
    let rows = try connection.run(
      """
      SELECT c.token, c.member_id, m.programme FROM card c JOIN member m ON m.id = c.member_id
       WHERE c.token = ANY (\(tokens)::text[])
      """
    )
    var out: [String: (member: Int64, programme: Int16)] = [:]
    for row in rows { out[try row.string(0)] = try (row.int(1), row.int16(2)) }
    return out
  }
}
