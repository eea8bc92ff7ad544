package import Civil
import Ledger

/// What a member brings from the old system.
package struct OpeningLine: Sendable {
  package let line: Int
  /// Whether it is owed by the member, not to the member.
  package let isDebt: Bool
  package let token: String
  package let unit: String
  /// In the unit's smallest parts.
  package let quantity: Int64
  package let costMinor: Int64
  /// The day from which its expiry counts.
  package let earnedOn: CivilDate
}

/// Where the old system's last statement to a partner ended.
package struct PartnerOpeningLine: Sendable {
  package let line: Int
  package let partner: String
  package let currency: String
  /// Number of the old system's last statement in its sequence.
  package let sequence: Int64
  /// Positive where the partner is owed, in minor units.
  package let closingMinor: Int64
  package let closedOn: CivilDate
}

/// What the old system leaves: CSV with the header `kind;card_token;unit;quantity;cost_minor;earned_on`.
///
/// Kinds are `lot` and `debt` of a card; of a partner `owed` where it is owed and `owes` where it owes,
/// with its code, the currency, the number of the last statement, what stood and that statement's day.
/// Control rows are `#total;KIND;UNIT;rows;quantity;cost_minor`, one for each kind and unit.
package struct OpeningFile: Sendable {
  package private(set) var lines: [OpeningLine] = []
  package private(set) var partners: [PartnerOpeningLine] = []

  private struct Total: Equatable {
    var rows: Int64 = 0
    var quantity: Int64 = 0
    var cost: Int64 = 0

    mutating func add(quantity: Int64, cost: Int64) throws(MoneyOverflow) {
      rows += 1
      self.quantity = try checkedSum(self.quantity, quantity)
      self.cost = try checkedSum(self.cost, cost)
    }
  }

  private static let header = ["kind", "card_token", "unit", "quantity", "cost_minor", "earned_on"]

  /// Reads an opening file; every bad row refuses the whole.
  package init(bytes: [UInt8], name: String) throws(Refusal) {
    var sums: [String: Total] = [:]
    var stated: [String: Total] = [:]
    try forEachSemicolonRow(of: bytes, in: name) { fields, place throws(Refusal) in
      if place.line == 1 {
        guard fields == OpeningFile.header else {
          throw Refusal(
            .headerColumn,
            "the header is not \(OpeningFile.header.joined(separator: ";"))",
            at: place
          )
        }
      } else if fields[0] == "#total" {
        let numbers = fields.dropFirst(3).compactMap { strictInteger($0) }
        guard fields.count == 6, numbers.count == 3,
          stated.updateValue(
            Total(rows: numbers[0], quantity: numbers[1], cost: numbers[2]),
            forKey: "\(fields[1]) \(fields[2])"
          ) == nil
        else { throw Refusal(.trailerMissing, "no #total row, or its second", at: place) }
      } else {
        let row = try OpeningRow(fields, place)
        do {
          try sums["\(fields[0]) \(fields[2])", default: Total()]
            .add(quantity: row.quantity, cost: row.minor)
        } catch {
          throw Refusal(.badAmount, "the sum leaves 64 bits", at: place)
        }
        try add(row, place)
      }
    }
    for key in Set(sums.keys).union(stated.keys).sorted() where sums[key] != stated[key] {
      let (ours, said) = (sums[key] ?? Total(), stated[key] ?? Total())
      throw Refusal(
        .controlTotal,
        "\(key): the rows give \(ours.rows) rows, \(ours.quantity) and cost \(ours.cost), #total "
          + "says \(said.rows), \(said.quantity) and \(said.cost)",
        at: Place(file: name)
      )
    }
  }

  private mutating func add(_ row: OpeningRow, _ place: Place) throws(Refusal) {
    guard row.kind == "owed" || row.kind == "owes" else {
      lines.append(
        OpeningLine(
          line: place.line,
          isDebt: row.kind == "debt",
          token: row.owner,
          unit: row.unit,
          quantity: row.quantity,
          costMinor: row.minor,
          earnedOn: row.day
        )
      )
      return
    }
    guard !partners.contains(where: { $0.partner == row.owner }), row.quantity < 1_000_000_000
    else {
      throw Refusal(.badRecord, "a second row of a partner, or no statement's number", at: place)
    }
    partners.append(
      PartnerOpeningLine(
        line: place.line,
        partner: row.owner,
        currency: row.unit,
        sequence: row.quantity,
        closingMinor: row.kind == "owed" ? row.minor : -row.minor,
        closedOn: row.day
      )
    )
  }
}

/// The fields of a row, read strictly.
private struct OpeningRow {
  let kind: String
  let owner: String
  let unit: String
  let quantity: Int64
  let minor: Int64
  let day: CivilDate

  init(_ fields: [String], _ place: Place) throws(Refusal) {
    guard fields.count == 6, ["lot", "debt", "owed", "owes"].contains(fields[0]),
      isCardToken(fields[1]), isID(fields[2]), let quantity = strictInteger(fields[3]),
      quantity > 0, let minor = strictInteger(fields[4]), let day = CivilDate(fields[5])
    else {
      throw Refusal(
        .badRecord,
        "no lot, debt or partner's balance with its owner, unit and amounts",
        at: place
      )
    }
    (kind, owner, unit) = (fields[0], fields[1], fields[2])
    (self.quantity, self.minor, self.day) = (quantity, minor, day)
  }
}
