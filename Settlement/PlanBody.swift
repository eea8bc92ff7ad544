import Foundation
import Journal
import Ledger

/// The canonical text of a plan: what is digested, approved and compared, and what the database takes
/// the amounts of statements and orders from (`plan_positions`).
struct PlanBody: Codable {
  /// A part of a leaf that one window claims.
  struct Slice: Codable {
    let batch: Int64
    let date: String
  }

  /// One partner's position; amounts in minor units.
  struct Position: Codable {
    let partner: Int16
    let code: String
    let currency: String
    /// Digest of the partner's terms.
    let terms: String
    let sequence: Int
    let opening: Int64
    let toPartner: Int64
    let toIssuer: Int64
    let paid: Int64
    let net: Int64
    let action: String
    let ordered: Int64
    let payOn: String
    let account: String
    let slices: [Slice]

    enum CodingKeys: String, CodingKey {
      case partner, code, currency, terms, sequence, opening, paid, net, action, ordered, account
      case slices
      case toPartner = "to_partner"
      case toIssuer = "to_issuer"
      case payOn = "pay_on"
    }
  }

  let plan: String
  let date: String
  let cut: Int64
  let mode: SettlementPlan.Mode
  let partners: [Position]

  /// The text: keys in the order of the alphabet, so that equal plans give equal bytes.
  var text: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Nothing in it can fail to be written.
    guard let bytes = try? encoder.encode(self) else { preconditionFailure("a plan has a text") }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Reads a stored text; nil where it is none of a plan.
  init?(_ text: String) {
    guard let body = try? JSONDecoder().decode(PlanBody.self, from: Data(text.utf8)) else {
      return nil
    }
    self = body
  }
}

extension PlanBody {
  init(_ planned: SettlementPlan) {
    plan = planned.id
    date = "\(planned.businessDate)"
    cut = planned.cut
    mode = planned.mode
    partners = planned.positions.map { position in
      Position(
        partner: position.partner.id,
        code: position.partner.code,
        currency: position.currency.code,
        terms: position.termsDigest,
        sequence: position.sequence,
        opening: position.opening,
        toPartner: position.toPartner,
        toIssuer: position.toIssuer,
        paid: position.paid,
        net: position.net,
        action: position.action.rawValue,
        ordered: position.ordered,
        payOn: "\(position.payOn)",
        account: position.account,
        slices: position.slices.map { Slice(batch: $0.batch, date: $0.date) }
      )
    }
  }
}
