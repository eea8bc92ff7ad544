package import Civil
import Ledger
import Postgres

/// Limits of a standing approval, in minor units of its currency.
package struct StandingLimits: Sendable, Equatable {
  /// On gross movement to the partner in one run, and on what it orders.
  package let toPartner: Int64
  /// On gross movement to the issuer in one run.
  package let toIssuer: Int64
  /// The same over 31 days.
  package let monthToPartner: Int64
  package let monthToIssuer: Int64

  package init(toPartner: Int64, toIssuer: Int64, monthToPartner: Int64, monthToIssuer: Int64) {
    self.toPartner = toPartner
    self.toIssuer = toIssuer
    self.monthToPartner = monthToPartner
    self.monthToIssuer = monthToIssuer
  }
}

/// What became of a standing approval.
package enum StandingState: String, Sendable {
  /// One person prepared it; another one has to give it.
  case prepared
  case inForce = "in force"
  case withdrawn
  /// The partner's terms, or the certificates that may sign for it, changed since.
  case ended
}

/// A standing approval.
package struct Standing: Sendable {
  package let id: Int64
  package let partner: Int16
  package let currency: String
  /// The account to which it lets pay.
  package let account: String
  package let limits: StandingLimits
  package let expiresOn: CivilDate
  package let preparedBy: String
  package let approvedBy: String?
  package let state: StandingState
}

/// A standing approval that lets the runs of a day pay, with what was used of it.
package struct StandingInForce: Sendable {
  package let partner: Int16
  package let currency: String
  package let account: String
  let limits: StandingLimits
  /// What runs that no person approved moved and ordered in the 30 days before.
  let usedToPartner: Int64
  let usedToIssuer: Int64
  let usedOrdered: Int64

  /// Whether it lets a run move and order so much; `begin_settlement` asks the same.
  package func covers(toPartner: Int64, toIssuer: Int64, ordered: Int64) -> Bool {
    func fits(_ used: Int64, _ amount: Int64, _ limit: Int64) -> Bool {
      let (sum, isOver) = used.addingReportingOverflow(amount)
      return !isOver && sum <= limit
    }
    return max(toPartner, ordered) <= limits.toPartner && toIssuer <= limits.toIssuer
      && fits(usedToPartner, toPartner, limits.monthToPartner)
      && fits(usedOrdered, ordered, limits.monthToPartner)
      && fits(usedToIssuer, toIssuer, limits.monthToIssuer)
  }
}

extension Books {
  /// Prepares a standing approval under the partner's present terms and certificates; a second person
  /// gives it.
  ///
  /// - Parameters:
  ///   - partner: The partner.
  ///   - currency: Its currency.
  ///   - account: The account to which it lets pay.
  ///   - limits: Its limits.
  ///   - expires: Its last business date.
  /// - Returns: Its number.
  /// - Throws: `DatabaseError`.
  package func prepareStanding(
    partner: Int16,
    currency: String,
    account: String,
    limits: StandingLimits,
    expires: CivilDate
  ) throws -> Int64 {
    try connection.run(
      """
      SELECT prepare_standing(\(partner)::smallint, \(currency), \(account),
        \(limits.toPartner)::bigint, \(limits.toIssuer)::bigint, \(limits.monthToPartner)::bigint,
        \(limits.monthToIssuer)::bigint, \("\(expires)")::date)
      """
    ).first?.int(0) ?? 0
  }

  /// Gives the second yes to a standing approval.
  package func approveStanding(_ standing: Standing) throws {
    try connection.run(
      """
      INSERT INTO standing_approval (standing_id, prepared_by)
      VALUES (\(standing.id)::bigint, \(standing.preparedBy))
      """
    )
  }

  /// Takes a standing approval back.
  package func withdrawStanding(_ id: Int64, reason: String) throws {
    try connection.run(
      "INSERT INTO standing_withdrawal (standing_id, reason) VALUES (\(id)::bigint, \(reason))"
    )
  }

  /// All standing approvals.
  package func standings() throws -> [Standing] {
    try connection.run(
      """
      SELECT s.id, s.partner, s.currency, s.account, s.to_partner_minor, s.to_issuer_minor,
             s.month_to_partner_minor, s.month_to_issuer_minor, s.expires_on::text, s.prepared_by,
             a.approved_by,
             CASE WHEN EXISTS (SELECT FROM standing_withdrawal w WHERE w.standing_id = s.id)
                  THEN 'withdrawn'
                  WHEN EXISTS (SELECT FROM standing_in_force f WHERE f.id = s.id) THEN 'in force'
                  WHEN a.approved_by IS NULL THEN 'prepared' ELSE 'ended' END
        FROM standing s LEFT JOIN standing_approval a ON a.standing_id = s.id ORDER BY s.id
      """
    ).map { row in
      try Standing(
        id: row.int(0),
        partner: row.int16(1),
        currency: row.currency(2).code,
        account: row.string(3),
        limits: row.limits(4),
        expiresOn: row.day(8),
        preparedBy: row.string(9),
        approvedBy: row.optional(10),
        state: row.known(11)
      )
    }
  }

  /// Standing approvals that let the runs of a day pay.
  package func standingsInForce(on date: CivilDate) throws -> [StandingInForce] {
    try connection.run(
      """
      SELECT s.partner, s.currency, s.account, s.to_partner_minor, s.to_issuer_minor,
             s.month_to_partner_minor, s.month_to_issuer_minor, u.to_partner, u.to_issuer, u.ordered
        FROM standing_in_force s
       CROSS JOIN LATERAL standing_use(s.partner, \("\(date)")::date) AS u
       WHERE s.expires_on >= \("\(date)")::date ORDER BY s.id
      """
    ).map { row in
      try StandingInForce(
        partner: row.int16(0),
        currency: row.currency(1).code,
        account: row.string(2),
        limits: row.limits(3),
        usedToPartner: row.int(7),
        usedToIssuer: row.int(8),
        usedOrdered: row.int(9)
      )
    }
  }
}

extension Row {
  /// Four limits from a column on.
  fileprivate func limits(_ column: Int) throws -> StandingLimits {
    try StandingLimits(
      toPartner: int(column),
      toIssuer: int(column + 1),
      monthToPartner: int(column + 2),
      monthToIssuer: int(column + 3)
    )
  }
}
