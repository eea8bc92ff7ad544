/// Which side an amount on a partner statement helps.
package enum Direction: String, Sendable {
  /// Raises what the issuer owes the partner.
  case toPartner = "to_partner"
  /// Lowers it.
  case toIssuer = "to_issuer"

  /// +1 where we owe the partner.
  package var sign: Int64 { self == .toPartner ? 1 : -1 }

  /// The direction of a signed amount; zero is `to_partner`.
  package init(of signed: Int64) {
    self = signed < 0 ? .toIssuer : .toPartner
  }
}

/// The line of a statement's `settled` section that a row gives.
package struct SettledLine: Sendable, Hashable {
  /// What the line is about, as the statement calls it.
  package enum Kind: String, Sendable, CaseIterable {
    case cofunding, redemption
    case redemptionVoid = "redemption_void"
    case breakage, rerate, prepaid, reversal
    /// What the row's rule is called on statements.
    case ofRule = ""
  }

  /// What the line's id is made of.
  package enum ID: String, Sendable, CaseIterable {
    /// The row itself: C- where a share is billed, else R-.
    case ofRow = "row"
    /// The lot of miles: L-.
    case ofLot = "lot"
    /// The filed line that the partner answered.
    case ofAnswer = "answer"
  }

  /// The earlier line that the line concerns.
  package enum Original: String, Sendable, CaseIterable {
    case nothing
    /// The line that filed the lot of miles: L-.
    case lot
    /// The line of the row that is undone: R-.
    case row
  }

  package let kind: Kind
  package let direction: Direction
  package let id: ID
  package let statesQuantity: Bool
  package let original: Original

  /// What the line's value is: of a co-funding line the share.
  package var measure: Measure { kind == .cofunding ? .share : .cost }

  /// A line; shares, breakage and differences have no quantity, whatever the row has.
  static func line(
    _ kind: Kind,
    _ direction: Direction,
    id: ID = .ofRow,
    statesQuantity: Bool? = nil,
    original: Original = .nothing
  ) -> SettledLine {
    SettledLine(
      kind: kind,
      direction: direction,
      id: id,
      statesQuantity: statesQuantity ?? ![.cofunding, .breakage, .rerate].contains(kind),
      original: original
    )
  }
}
