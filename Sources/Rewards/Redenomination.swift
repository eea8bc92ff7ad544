/// Points that become others for every member: one of the old is so many of the new (§7, edge case 32).
package struct Redenomination: Sendable, Hashable {
  /// Code of the old points.
  package let from: String
  /// Code of the new ones.
  package let into: String
  /// New points for one old.
  package let give: Int64

  package init(from: String, into: String, give: Int64) {
    self.from = from
    self.into = into
    self.give = give
  }
}
