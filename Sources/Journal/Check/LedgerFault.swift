package import Formats

/// A defect that `ledger check` found, with its place.
package struct LedgerFault: Sendable, Equatable {
  /// Which proof failed.
  package let check: String
  /// Leaf, block, entry or account.
  package let place: String
  package let detail: String
  /// What kind of defect it is: of the books, unless a file or the outbox is at fault.
  package let code: ErrorCode

  package init(
    check: String,
    place: String,
    detail: String,
    code: ErrorCode = .booksBroken
  ) {
    self.check = check
    self.place = place
    self.detail = detail
    self.code = code
  }
}
