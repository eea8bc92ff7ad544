package import Civil

/// What the terms grant to whoever uses a reward, beyond a lot's own days and the member's balance.
package struct UseTerms: Sendable, Hashable {
  /// Whether store credit that a till took offline above the balance becomes a debt (S3c).
  package var owesOffline = false
  /// Days after the end of a hold that ran out in which a till may still say that it was used (S4).
  package var lateDays = 0
  /// Days for which what comes back to a lot after its last day can be used again (S6).
  package var restoredDays = 0

  package init() {}

  /// The last day of a lot to which something came back on a day.
  package func lastDay(_ plain: CivilDate?, restoredOn day: CivilDate) -> CivilDate? {
    plain.map { max($0, restoredDays > 0 ? day.adding(days: restoredDays) : $0) }
  }
}
