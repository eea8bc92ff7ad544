import Civil
import Formats
import Journal
import Ledger
import Rewards

/// Dates and ids that every row of a batch shares or derives.
struct BatchDates {
  let businessDate: CivilDate
  /// First day of the earliest open period.
  let openFrom: CivilDate

  /// The booking date of a fact (D4): its own day where that period is open, else the first open.
  func booking(_ event: CivilDate) -> CivilDate {
    max(event, openFrom)
  }

  /// The settlement date, stamped from the partner's calendar (D5).
  func settlement(_ rule: BoundRule) throws -> CivilDate {
    guard let calendar = rule.calendar else { return businessDate }
    return try calendar.open(onOrAfter: businessDate)
  }
}

/// Uncapped sums by member, rule and month, read once a month is first needed.
final class MonthSums {
  private struct Key: Hashable {
    let member: Int64
    let agreement: Int32
    let rule: Int16
    let month: Int16
  }

  private var sums: [Key: Int64] = [:]
  private var months: Set<Int16> = []
  private let books: Books

  init(_ books: Books) {
    self.books = books
  }

  /// The member's uncapped sum so far; 0 for rules without cap, which need none.
  func sum(
    _ member: Int64,
    _ agreement: BoundAgreement,
    _ rule: BoundRule,
    _ month: Int16
  ) throws
    -> Int64
  {
    guard rule.rule.monthlyCap != nil else { return 0 }
    if months.insert(month).inserted {
      try books.forEachMonthSum(month) { member, agreement, rule, sum in
        sums[Key(member: member, agreement: agreement, rule: rule, month: month)] = sum
      }
    }
    return sums[key(member, agreement, rule, month), default: 0]
  }

  /// Adds a change that was booked.
  func add(
    _ change: Int64,
    _ member: Int64,
    _ agreement: BoundAgreement,
    _ rule: BoundRule,
    _ month: Int16
  ) throws {
    guard rule.rule.monthlyCap != nil else { return }
    let key = key(member, agreement, rule, month)
    sums[key] = try checkedSum(sums[key, default: 0], change)
  }

  private func key(
    _ member: Int64,
    _ agreement: BoundAgreement,
    _ rule: BoundRule,
    _ month: Int16
  ) -> Key {
    Key(member: member, agreement: agreement.id, rule: rule.rule.ordinal, month: month)
  }
}

extension RewardRow {
  /// A row of a rule, with everything that the rule and the batch determine.
  init(
    _ template: Template,
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
      template: template,
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
      currency: agreement.agreement.currency,
      eventDate: event,
      bookingDate: dates.booking(event),
      settlementDate: try dates.settlement(rule),
      availableOn: event.adding(days: rule.rule.pendingDays),
      earnMonth: earnMonth
    )
  }
}

/// The month that caps count a day in.
func earnMonth(_ date: CivilDate) -> Int16 {
  Int16(date.monthIndex)
}
