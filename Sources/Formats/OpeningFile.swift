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

/// Lots and debts of the old system: CSV with the header
/// `kind;card_token;unit;quantity;cost_minor;earned_on`, kinds `lot` and `debt`, and control rows
/// `#total;KIND;UNIT;rows;quantity;cost_minor`, one for each kind and unit.
package struct OpeningFile: Sendable {
  package let lines: [OpeningLine]

  private struct Total: Equatable {
    var rows: Int64 = 0
    var quantity: Int64 = 0
    var cost: Int64 = 0
  }

  private static let header = ["kind", "card_token", "unit", "quantity", "cost_minor", "earned_on"]

  /// Reads an opening file; every bad row refuses the whole.
  package init(bytes: [UInt8], name: String) throws(Refusal) {
    var lines: [OpeningLine] = []
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
        guard let line = OpeningLine(fields, line: place.line) else {
          throw Refusal(.badRecord, "no lot or debt with its token, unit and amounts", at: place)
        }
        let key = "\(line.isDebt ? "debt" : "lot") \(line.unit)"
        var sum = sums[key] ?? Total()
        sum.rows += 1
        let quantity = sum.quantity.addingReportingOverflow(line.quantity)
        let cost = sum.cost.addingReportingOverflow(line.costMinor)
        guard !quantity.overflow, !cost.overflow else {
          throw Refusal(.badAmount, "the sum leaves 64 bits", at: place)
        }
        (sum.quantity, sum.cost) = (quantity.partialValue, cost.partialValue)
        sums[key] = sum
        lines.append(line)
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
    self.lines = lines
  }
}

extension OpeningLine {
  fileprivate init?(_ fields: [String], line: Int) {
    guard fields.count == 6, ["lot", "debt"].contains(fields[0]), isCardToken(fields[1]),
      isID(fields[2]),
      let quantity = strictInteger(fields[3]), quantity > 0,
      let cost = strictInteger(fields[4]), let day = CivilDate(fields[5])
    else { return nil }
    self.init(
      line: line,
      isDebt: fields[0] == "debt",
      token: fields[1],
      unit: fields[2],
      quantity: quantity,
      costMinor: cost,
      earnedOn: day
    )
  }
}
