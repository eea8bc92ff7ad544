import Postgres

/// What a person's word did where two people decide.
package enum JointDecision: Sendable {
  /// A second person must ask for the same.
  case proposed
  /// The caller was the second person.
  case decided
  /// Two people had decided it before, or it changes nothing.
  case stands
  /// It counts without a second person.
  case alone
}

/// A person may not decide what the same person proposed.
package struct SamePerson: Error {}

/// The name stands for another proposal.
package struct ProposalConflict: Error {}

extension Books {
  /// The exchange by which two people decide.
  ///
  /// Who asks first proposes, who asks for the same as a second person decides; the database compares
  /// the two logins.
  ///
  /// - Parameters:
  ///   - proposal: Stores it; gives a row where its name is new.
  ///   - known: Of the same proposal, where it stands: whether this login made it, and whether it was
  ///     decided.
  ///   - decision: Stores the second yes.
  /// - Returns: What it did.
  /// - Throws: `SamePerson`, `ProposalConflict` or `DatabaseError`.
  func decideJointly(
    proposal: Query,
    known: Query,
    decision: Query
  ) throws -> JointDecision {
    try transaction {
      if try connection.run(proposal).count > 0 { return .proposed }
      guard let known = try connection.run(known).first else { throw ProposalConflict() }
      if try known.bool(1) { return .stands }
      if try known.bool(0) { throw SamePerson() }
      try connection.run(decision)
      return .decided
    }
  }
}
