package import Formats
package import Ledger

/// By what a line of the bank's was matched.
package enum BankRule: String, Sendable, CaseIterable {
  /// The reference and the amount of an order of ours.
  case orderReference = "order-reference-1"
  /// The reference of a statement of ours.
  case statementReference = "statement-reference-1"
  /// The bank calls it a fee.
  case fee = "bank-fee-1"

  /// What a matched line books, by its kind where that tells; a line without a rule is unknown.
  package static let moves: [(rule: BankRule?, line: BankLineKind?, entry: EntryKind)] = [
    (.orderReference, nil, .paid),
    (.statementReference, .receipt, .received),
    (.statementReference, .return, .returned),
    (.fee, nil, .charged),
    (nil, nil, .unknown),
  ]
}
