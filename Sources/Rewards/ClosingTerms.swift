/// What becomes of rewards and debts when an account is closed.
package struct ClosingTerms: Sendable, Hashable {
  /// Days from closing until what is left ends.
  package let afterDays: Int
  /// Codes of cashback that is paid out to the account once more.
  package let paysOut: Set<String>
  /// Codes of units that are forfeited.
  package let forfeits: Set<String>
  /// Whether what the member owes is written off (E11a).
  package let writesOff: Bool

  package init(
    afterDays: Int,
    paysOut: Set<String> = [],
    forfeits: Set<String>,
    writesOff: Bool
  ) {
    self.afterDays = afterDays
    self.paysOut = paysOut
    self.forfeits = forfeits
    self.writesOff = writesOff
  }
}
