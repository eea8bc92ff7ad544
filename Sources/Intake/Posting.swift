package import Civil
import Formats
package import Journal
package import Ledger
import Rewards

/// Dates and ids that every row of a batch shares or derives.
package struct BatchDates {
  package let businessDate: CivilDate
  /// First day of the earliest open period.
  package let openFrom: CivilDate

  package init(businessDate: CivilDate, openFrom: CivilDate) {
    self.businessDate = businessDate
    self.openFrom = openFrom
  }

  /// The booking date of a fact (D4): its own day where that period is open, else the first open.
  package func booking(_ event: CivilDate) -> CivilDate {
    max(event, openFrom)
  }

  /// The settlement date, stamped from the partner's calendar (D5).
  package func settlement(_ rule: BoundRule) throws -> CivilDate {
    try settlement(rule.calendar)
  }

  /// The settlement date by a calendar; the business date where there is none.
  package func settlement(_ calendar: BusinessCalendar?) throws -> CivilDate {
    guard let calendar else { return businessDate }
    return try calendar.open(onOrAfter: businessDate)
  }
}

extension Books {
  /// The dates that the rows of a batch of the day share.
  package func batchDates(_ businessDate: CivilDate) throws -> BatchDates {
    guard let openFrom = CivilDate(try openFrom()) else {
      throw Refusal(.termsMissing, "the first open period is no day")
    }
    return BatchDates(businessDate: businessDate, openFrom: openFrom)
  }
}

extension RewardRow {
  /// A row of a rule, with everything that the rule and the batch determine.
  package init(
    _ flow: Flow,
    _ agreement: BoundAgreement,
    _ rule: BoundRule,
    member: Int64,
    purchase: Int64,
    lot: Int64 = 0,
    quantity: Int64,
    cost: Int64,
    share: Int64 = 0,
    uncapped: Int64 = 0,
    event: CivilDate,
    earnMonth: Int16,
    dates: BatchDates
  ) throws {
    self.init(
      flow: flow,
      member: member,
      purchase: purchase,
      lot: lot,
      quantity: quantity,
      cost: cost,
      share: share,
      uncapped: uncapped,
      agreement: agreement.id,
      rule: rule.rule.ordinal,
      partner: rule.partner,
      programme: agreement.programme,
      unit: rule.unit,
      currency: rule.rule.currency,
      eventDate: event,
      bookingDate: dates.booking(event),
      settlementDate: try dates.settlement(rule),
      availableOn: event.adding(days: rule.rule.pendingDays),
      earnMonth: earnMonth
    )
  }
}

extension Books {
  /// Writes a batch of reward rows that no file brings, in one transaction.
  ///
  /// - Parameters:
  ///   - kind: What the batch is.
  ///   - key: What it takes in; a run that died goes on under the same number.
  ///   - businessDate: The day that it belongs to.
  ///   - recordedAt: When the books learn it.
  ///   - body: Writes the rows.
  /// - Returns: What the body gave, and the seal; nil, and nothing is written, where the leaf is empty.
  /// - Throws: What the body throws, or `DatabaseError`.
  package func batch<Value>(
    _ kind: BatchKind,
    key: String,
    businessDate: CivilDate,
    recordedAt: Instant,
    _ body: (Leaf, BatchDates) throws -> Value
  ) throws -> (value: Value, seal: Seal)? {
    let number = try reserve(kind, key)
    do {
      return try transaction {
        let leaf = try openLeaf(
          number,
          kind,
          businessDate: businessDate,
          recordedAt: recordedAt
        )
        let value = try body(leaf, batchDates(businessDate))
        guard leaf.rewardCount > 0 else { throw NothingToPost() }
        return (value, try leaf.seal(bookingDate: businessDate))
      }
    } catch is NothingToPost {
      return nil
    }
  }
}

/// An empty leaf goes with its transaction.
private struct NothingToPost: Error {}
