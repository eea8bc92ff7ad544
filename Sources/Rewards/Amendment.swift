package import Civil

/// How a version of an agreement reaches back over what older versions booked (term 32).
package struct Amendment: Sendable, Hashable {
  /// First day of purchases whose miles are charged at this version's prices; nil where it does not
  /// reach back (P13).
  package let pricesFrom: CivilDate?
  /// Whether open store credit of older versions is reimbursed at this version's percentage (S9).
  package let movesOpenLots: Bool

  package init(pricesFrom: CivilDate? = nil, movesOpenLots: Bool = false) {
    self.pricesFrom = pricesFrom
    self.movesOpenLots = movesOpenLots
  }
}
