import Postgres
import TestSupport

/// What partners' statements say, against what is booked.
///
/// The law: the value of a line is its quantity times its price, rounded as its rule says; all shares that exist by a night are
/// billed by its statement; miles that the partner has are what settled lines say.
struct WorldStatements {
  private struct Line {
    let contract: String
    let partner: String
    let section: String
    let kind: String
    let quantity: Int?
    let price: String
    let value: Int
  }

  private let lines: [Line]

  init(_ sandbox: Sandbox) throws {
    lines = try sandbox.administrator().run(
      """
      SELECT l.contract, k.code, l.section, l.kind, l.unit_price, l.direction = 'to_partner',
             l.quantity, l.value_minor
        FROM kvitt.statement_line l
        JOIN kvitt.statement s ON s.id = l.statement_id
        JOIN kvitt.partner k ON k.id = s.partner
      """
    ).map { row in
      let sign = try row.bool(5) ? 1 : -1
      return Line(
        contract: try row.string(0),
        partner: try row.string(1),
        section: try row.string(2),
        kind: try row.string(3),
        quantity: try row.isNull(6) ? nil : Int(row.int(6)) * sign,
        price: try row.string(4),
        value: Int(try row.int(7)) * sign
      )
    }
  }

  /// What differs for a world.
  func differences(_ one: PlacedWorld, _ books: [WorldBooks.Line]) -> [String] {
    let contract = one.tag.uppercased()
    let own = lines.filter { $0.contract == contract }
    var differences: [String] = []
    for line in own where line.kind.hasPrefix("earn") || line.kind == "reversal" {
      guard let quantity = line.quantity else { continue }
      let exact = Exact(abs(quantity)) * Exact(decimal: line.price) * Exact(100)
      // By the rounding of its rule; a line does not tell the rule.
      let roundings = one.world.rules.filter { $0.kind == .miles }.map { $0.rounding ?? .halfUp }
      let right = exact.rounded(roundings.first ?? .halfUp)
      if !roundings.contains(where: { exact.rounded($0) == abs(line.value) }) {
        differences.append(
          "line of \(quantity) at \(line.price): kvitt \(line.value), right \(right)"
        )
      }
    }
    let booked = books.filter { $0.agreement == contract }
    for partner in WorldTermsFiles.partners {
      let billed = own.filter { $0.partner == partner && $0.kind == "cofunding" }
        .reduce(0) { $0 - $1.value }
      let shares = booked.filter { $0.partner == partner && $0.account == "5190" }
        .reduce(0) { $0 - $1.amount }
      if billed != shares {
        differences.append("shares of \(partner): lines \(billed), booked \(shares)")
      }
      let settled = own.filter {
        $0.partner == partner && $0.section == "settled"
          && ($0.kind.hasPrefix("earn") || $0.kind == "reversal")
      }
      let delivered = booked.filter { $0.partner == partner && $0.account == "unit.delivered" }
        .reduce(0) { $0 + $1.amount }
      let stated = settled.reduce(0) { $0 + ($1.quantity ?? 0) }
      if stated != delivered {
        differences.append("units of \(partner): lines \(stated), delivered \(delivered)")
      }
      let confirmed = booked.filter { $0.partner == partner && $0.account == "2410" }
        .reduce(0) { $0 - $1.amount }
      let value = settled.reduce(0) { $0 + $1.value }
      if booked.allSatisfy({ $0.unit == partner }) && value != confirmed {
        differences.append("value of \(partner): lines \(value), confirmed \(confirmed)")
      }
    }
    return differences
  }
}
