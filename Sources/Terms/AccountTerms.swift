package import Formats
import Ledger

/// What must be told of one of our accounts at a bank.
package struct AccountTerms: Sendable {
  /// The account as the bank's statements name it: an IBAN or another id.
  package let account: String
  /// How the bank marks a reversed entry.
  package let reversals: ReversalConvention

  /// Reads the terms of an account.
  package init(yaml bytes: [UInt8], file: String) throws(Refusal) {
    let terms = try TermsDocument(bytes: bytes, file: file)
    try terms.allow(["account", "version", "reversals"])
    account = try terms.text("account")
    guard isID(account) else { throw terms.bad("account", "is no account id") }
    guard let convention = ReversalConvention(rawValue: try terms.text("reversals")) else {
      throw terms.bad("reversals", "is neither own nor original")
    }
    reversals = convention
  }
}
