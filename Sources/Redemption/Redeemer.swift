package import Civil
import Formats
package import Intake
package import Journal
import Ledger
package import Rewards

/// Redemption by call: what a till, a shop or an analyst asks for one member (E3a, S2 to S4).
///
/// Each call is one transaction and can be repeated with its key: after a lost answer the same call
/// says what the first one did. Nothing is posted here; the next batch posts what was captured.
package struct Redeemer {
  private let books: Books
  private let terms: TermsInForce
  /// Another member's batch may outdate the cache between looking and asking, never for long.
  private static let attemptsMax = 20

  package init(books: Books, terms: TermsInForce) {
    self.books = books
    self.terms = terms
  }

  /// What a call did.
  package struct Answer: Sendable {
    package let hold: Int64
    /// What the member can still spend, as far as the call knows; nil where it was repeated.
    package let rest: Int64?
    /// Whether the key did exactly this before.
    package let isRepeated: Bool
  }

  /// Reserves a quantity of what a member can spend on a day.
  ///
  /// - Parameters:
  ///   - quantity: What is asked, in the unit's smallest parts.
  ///   - member: The member.
  ///   - unit: Id of the reward unit.
  ///   - day: The day on the member's clock.
  ///   - key: The caller's own name of the call.
  ///   - now: Now.
  ///   - until: When the hold is over by itself; nil uses the quantity at once.
  /// - Returns: The hold.
  /// - Throws: `Refusal` of `balanceShort` or `keyReused`, or `DatabaseError`.
  package func hold(
    _ quantity: Int64,
    of member: Int64,
    unit: Int16,
    on day: CivilDate,
    key: String,
    now: Instant,
    until: Instant?
  ) throws -> Answer {
    let kind = terms.directory.unit(id: unit).flatMap { RewardKind(rawValue: $0.kind) }
    guard kind?.isUsable == true else {
      throw Refusal(.usage, "\(kind?.noun ?? "this unit") cannot be asked for")
    }
    return try asking(quantity, of: member, unit: unit, on: day, key: key) {
      try books.hold(
        key: key,
        member: member,
        unit: unit,
        quantity: quantity,
        day: day,
        at: now,
        until: until
      )
    }
  }

  /// Turns points into miles of a partner at the ratio of the programme's terms (M12).
  ///
  /// The points are used at once; the next batch posts both sides.
  ///
  /// - Parameters:
  ///   - quantity: Points, a multiple of what the ratio takes.
  ///   - member: The member.
  ///   - programme: The member's programme.
  ///   - unit: Code of the points.
  ///   - other: Code of the miles.
  ///   - day: The day on the member's clock.
  ///   - key: The caller's own name of the call.
  ///   - now: Now.
  /// - Returns: The hold, and the miles that it gives.
  /// - Throws: `Refusal` of `usage`, `balanceShort` or `keyReused`, or `DatabaseError`.
  package func convert(
    _ quantity: Int64,
    of member: Int64,
    programme: Int16,
    from unit: String,
    into other: String,
    on day: CivilDate,
    key: String,
    now: Instant
  ) throws -> (answer: Answer, miles: Int64) {
    guard let points = terms.directory.unit(unit), let miles = terms.directory.unit(other),
      let rule = terms.conversion(programme, from: unit, into: miles.id, on: day),
      case .conversion(_, let take, let give) = rule.rule.rule.source
    else { throw Refusal(.usage, "no terms in force turn \(escaped(unit)) into \(escaped(other))") }
    guard quantity > 0, quantity % take == 0 else {
      throw Refusal(.usage, "the terms turn \(take) \(unit) into \(give) \(other) at a time")
    }
    let answer = try asking(quantity, of: member, unit: points.id, on: day, key: key) {
      try books.convert(
        key: key,
        member: member,
        unit: points.id,
        quantity: quantity,
        day: day,
        at: now,
        into: miles.id
      )
    }
    return (answer, try scaled(quantity, by: give, over: take, .down))
  }

  /// Buys goods of the programme's catalogue with points.
  ///
  /// The points are used at once; the next batch posts them and what the supplier charges.
  ///
  /// - Parameters:
  ///   - count: How many.
  ///   - item: Code of the goods.
  ///   - member: The member.
  ///   - programme: The member's programme.
  ///   - day: The day on the member's clock.
  ///   - key: The caller's own name of the call.
  ///   - now: Now.
  /// - Returns: The hold, and the points that it uses.
  /// - Throws: `Refusal` of `unknownName`, `balanceShort` or `keyReused`, `MoneyOverflow`, or
  ///   `DatabaseError`.
  package func order(
    _ count: Int64,
    of item: String,
    for member: Int64,
    programme: Int16,
    on day: CivilDate,
    key: String,
    now: Instant
  ) throws -> (answer: Answer, item: CatalogueItem, points: Int64) {
    let offered =
      terms.agreement(programme: programme, on: day)?.items.filter { $0.item.isOffered(on: day) }
      ?? []
    guard let bound = offered.first(where: { $0.item.code == item }) else {
      let known = offered.map(\.item.code).joined(separator: ", ")
      throw Refusal(
        .unknownName,
        "the catalogue of \(day) has no \"\(escaped(item))\"",
        hint: known.isEmpty ? "the terms in force have no catalogue" : "it has: \(known)"
      )
    }
    guard (1...1_000).contains(count) else {
      throw Refusal(.usage, "an order is for 1 to 1000 of an item")
    }
    let points = try scaled(bound.item.points, by: count, over: 1, .halfUp)
    let answer = try asking(points, of: member, unit: bound.unit, on: day, key: key) {
      try books.order(
        key: key,
        member: member,
        unit: bound.unit,
        quantity: points,
        day: day,
        at: now,
        item: item,
        count: count
      )
    }
    return (answer, bound.item, points)
  }

  /// Asks until the cache of what the member can use is fresh.
  private func asking(
    _ quantity: Int64,
    of member: Int64,
    unit: Int16,
    on day: CivilDate,
    key: String,
    _ ask: () throws -> HoldAnswer
  ) throws -> Answer {
    for _ in 0..<Redeemer.attemptsMax {
      let answer = try ask()
      switch answer.outcome {
      case "held": return Answer(hold: answer.hold, rest: answer.quantity, isRepeated: false)
      case "repeated": return Answer(hold: answer.hold, rest: nil, isRepeated: true)
      case "stale": try refresh(member: member, unit: unit, on: day)
      case "short":
        let exponent = terms.directory.unit(id: unit)?.exponent ?? 0
        throw Refusal(
          .balanceShort,
          "\(decimalText(quantity, exponent: exponent)) is asked, "
            + "\(decimalText(max(0, answer.quantity), exponent: exponent)) can be used"
        )
      default: throw Refusal(.keyReused, "the key \(escaped(key)) held something else before")
      }
    }
    throw Refusal(.runHeld, "the books change too fast to hold anything now")
  }

  /// Uses a hold, in full or in part; the rest of it is free again.
  ///
  /// - Parameters:
  ///   - hold: Its number.
  ///   - quantity: What is used; nil uses all of it.
  ///   - key: The caller's own name of the call.
  ///   - now: Now.
  /// - Returns: The quantity that counts as used.
  /// - Throws: `Refusal` of `holdEnded`, `keyReused` or `unknownName`, or `DatabaseError`.
  package func capture(
    _ hold: Int64,
    quantity: Int64?,
    key: String,
    now: Instant
  ) throws -> (quantity: Int64, isRepeated: Bool) {
    guard quantity != 0 else { throw Refusal(.usage, "nothing is to be captured") }
    return try end(hold, captured: quantity, key: key, now: now)
  }

  /// Gives a hold back.
  package func release(_ hold: Int64, key: String, now: Instant) throws -> Bool {
    try end(hold, captured: 0, key: key, now: now).isRepeated
  }

  private func end(
    _ hold: Int64,
    captured: Int64?,
    key: String,
    now: Instant
  ) throws -> (quantity: Int64, isRepeated: Bool) {
    let answer = try books.endHold(key: key, hold: hold, captured: captured, at: now)
    switch answer.outcome {
    case "ended", "repeated": return (answer.quantity, answer.outcome == "repeated")
    case "conflict":
      throw Refusal(.keyReused, "the key \(escaped(key)) ended something else before")
    case "over": throw Refusal(.balanceShort, "H-\(hold) holds less than is to be captured")
    case "captured", "released":
      throw Refusal(.holdEnded, "H-\(hold) was \(answer.outcome) by another call")
    default: throw Refusal(.unknownName, "no hold H-\(hold)")
    }
  }

  /// Reads what the member's lots give and notes it for the calls that follow.
  ///
  /// The seal is read before the rows: what is sealed in between only outdates the note.
  private func refresh(member: Int64, unit: Int16, on day: CivilDate) throws {
    try books.transaction {
      try books.lock(members: [member])
      let seal = try books.newestSeal()
      let lots = try books.holding(of: member, terms)?.spendable(unit: unit, on: day) ?? 0
      try books.setSpendable(member: member, unit: unit, seal: seal, day: day, lots: lots)
    }
  }
}
