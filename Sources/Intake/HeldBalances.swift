package import Civil
package import Journal

extension Books {
  /// What members hold, with the lots that disputes freeze; the members are locked where lots are to
  /// be consumed.
  ///
  /// - Parameters:
  ///   - members: The members.
  ///   - terms: Say when lots are over.
  ///   - openLeaf: The batch that is being written, where it holds rows of these members.
  /// - Returns: Holdings by member; without those who never had anything.
  /// - Throws: `DatabaseError`.
  package func holdings(
    _ members: [Int64],
    _ terms: TermsInForce,
    openLeaf: Int64? = nil
  ) throws -> [Int64: Holdings] {
    try holdings(of: rewards(ofMembers: members, openLeaf: openLeaf), members, terms)
  }

  /// What one member holds, for roles that may not read the rows of all; nil where it never had anything.
  package func holding(of member: Int64, _ terms: TermsInForce) throws -> Holdings? {
    try holdings(of: rewards(ofMember: member), [member], terms)[member]
  }

  private func holdings(
    of rewards: [StoredReward],
    _ members: [Int64],
    _ terms: TermsInForce
  ) throws -> [Int64: Holdings] {
    let disputed = try disputedPurchases(members: members)
    return Dictionary(grouping: rewards, by: \.member).mapValues { rows in
      let holding = Holdings(rows, terms)
      if let purchases = rows.first.flatMap({ disputed[$0.member] }) { holding.freeze(purchases) }
      return holding
    }
  }
}

/// What a member has of a unit, in its smallest parts.
package struct UnitBalance: Sendable {
  package let unit: Int16
  /// Free to be used now.
  package let available: Int64
  /// Earned, and not yet to be used.
  package let pending: Int64
  /// Kept by holds.
  package let held: Int64
  /// Of purchases about which a dispute is open.
  package let frozen: Int64
  package let owed: Int64
  /// The last day of what is used first; nil where nothing expires.
  package let lastDay: CivilDate?
}
