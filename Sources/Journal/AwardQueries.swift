package import Civil
import Ledger
import Postgres
package import Rewards

/// A bonus that a member got.
package struct GivenBonus: Sendable {
  /// What makes it one.
  package struct Key: Sendable, Hashable {
    package let member: Int64
    package let rule: String
    package let event: String

    package init(member: Int64, rule: String, event: String) {
      (self.member, self.rule, self.event) = (member, rule, event)
    }
  }

  package let key: Key
  package let programme: Int16
  package let day: CivilDate
  package let lot: Int64

  package init(
    member: Int64,
    rule: String,
    event: String,
    programme: Int16,
    day: CivilDate,
    lot: Int64
  ) {
    key = Key(member: member, rule: rule, event: event)
    self.programme = programme
    self.day = day
    self.lot = lot
  }
}

/// A bonus for a referral that stands.
package struct OpenReferral: Sendable {
  package let member: Int64
  /// Who was brought: the member itself, or the other side.
  package let friend: Int64
  package let lot: Int64
  /// What the rule gave before its period had its say, and where that period begins.
  package let uncapped: Int64
  package let month: Int16
  package let agreement: Int32
  package let rule: Int16
  package let givenOn: CivilDate
  /// When the friend's account was closed; nil while it is open.
  package let closedOn: CivilDate?
}

extension Books {
  /// Members of a programme of whom a fact tells that began in some days, and who did not get a bonus
  /// for it yet.
  package func members(
    ofProgramme programme: Int16,
    withFact kind: MemberFact.Kind,
    value: String?,
    from: CivilDate,
    through: CivilDate,
    withoutBonus rule: String,
    for event: String
  ) throws -> [Int64] {
    try connection.run(
      """
      SELECT DISTINCT f.member_id FROM member_fact f JOIN member m ON m.id = f.member_id
       WHERE m.programme = \(programme)::smallint AND f.kind = \(kind.rawValue)
         AND f.value = coalesce(\(value), f.value)
         AND f.valid_from BETWEEN \("\(from)")::date AND \("\(through)")::date
         AND NOT EXISTS (SELECT FROM bonus b
                          WHERE b.member_id = f.member_id AND b.programme = m.programme
                            AND b.rule = \(rule) AND b.event = \(event))
       ORDER BY 1
      """
    ).map { try $0.int(0) }
  }

  /// Friends who joined in some days, and who brought them; both of one programme.
  package func referrals(
    programme: Int16,
    joinedFrom: CivilDate,
    through: CivilDate
  ) throws -> [(friend: Int64, referrer: Int64, joined: CivilDate)] {
    try connection.run(
      """
      SELECT DISTINCT ON (f.member_id) f.member_id, r.id, j.valid_from
        FROM member_fact f
        JOIN member m ON m.id = f.member_id AND m.programme = \(programme)::smallint
        JOIN member r ON r.id = f.value::bigint AND r.programme = m.programme
        JOIN LATERAL (SELECT valid_from FROM member_fact
                       WHERE member_id = f.member_id AND kind = 'joined'
                       ORDER BY id DESC LIMIT 1) AS j ON true
       WHERE f.kind = 'referrer'
         AND j.valid_from BETWEEN \("\(joinedFrom)")::date AND \("\(through)")::date
       ORDER BY f.member_id, f.id DESC
      """
    ).map { row in
      try (row.int(0), row.int(1), row.day(2))
    }
  }

  /// Bonuses that members of a programme got for some events.
  package func givenBonuses(
    programme: Int16,
    for events: [String],
    members: [Int64]
  ) throws -> Set<GivenBonus.Key> {
    Set(
      try connection.run(
        """
        SELECT member_id, rule, event FROM bonus
         WHERE programme = \(programme)::smallint AND event = ANY (\(events)::text[])
           AND member_id = ANY (\(members)::bigint[])
        """
      ).map { try GivenBonus.Key(member: $0.int(0), rule: $0.string(1), event: $0.string(2)) }
    )
  }

  /// Bonuses for referrals given since a day and not taken back.
  package func openReferralBonuses(since: CivilDate) throws -> [OpenReferral] {
    try connection.run(
      """
      SELECT b.member_id, b.lot_id, r.uncapped, r.agreement, r.rule, b.given_on,
             CASE e.event WHEN 'closed' THEN e.effective_date END,
             split_part(b.event, '/', 2)::bigint, r.earn_month
        FROM bonus b
        JOIN reward r ON r.batch_id = b.lot_id >> 32 AND r.seq = (b.lot_id & 4294967295)::integer
        LEFT JOIN LATERAL (SELECT e.event, e.effective_date
                             FROM card_event e JOIN card c USING (token)
                            WHERE c.member_id = split_part(b.event, '/', 2)::bigint
                              AND e.event IN ('opened', 'closed', 'replaced')
                            ORDER BY e.effective_date DESC, e.batch_id DESC, e.line DESC
                            LIMIT 1) AS e ON true
       WHERE b.event LIKE 'referral/%' AND b.given_on >= \("\(since)")::date
         AND NOT EXISTS (SELECT FROM bonus_undone u WHERE u.lot_id = b.lot_id)
       ORDER BY b.lot_id
      """
    ).map { row in
      try OpenReferral(
        member: row.int(0),
        friend: row.int(7),
        lot: row.int(1),
        uncapped: row.int(2),
        month: row.int16(8),
        agreement: row.int32(3),
        rule: row.int16(4),
        givenOn: row.day(5),
        closedOn: row.optionalDay(6)
      )
    }
  }

  /// Notes bonuses that a batch gives.
  package func insert(bonuses: [GivenBonus]) throws {
    for some in chunks(bonuses, of: 5_000) {
      try connection.run(
        """
        INSERT INTO bonus (member_id, rule, event, programme, given_on, lot_id)
        SELECT m, r, e, p, d, l
          FROM unnest(\(some.map(\.key.member))::bigint[], \(some.map(\.key.rule))::text[],
            \(some.map(\.key.event))::text[], \(some.map(\.programme))::smallint[],
            \(some.map { "\($0.day)" })::date[], \(some.map(\.lot))::bigint[])
            AS x (m, r, e, p, d, l)
        """
      )
    }
  }

  /// Notes bonuses that a batch takes back.
  package func insert(undone lots: [Int64], batch: Int64) throws {
    try connection.run(
      """
      INSERT INTO bonus_undone (lot_id, batch_id)
      SELECT l, \(batch)::bigint FROM unnest(\(lots)::bigint[]) AS x (l)
      """
    )
  }

  /// Members who got something of a unit since a seal and hold at least so much of it.
  package func members(
    withUnit unit: Int16,
    atLeast quantity: Int64,
    since seal: Int64
  ) throws
    -> [Int64]
  {
    try connection.run(
      """
      SELECT r.member_id FROM reward r JOIN flow t ON t.id = r.flow
       WHERE r.unit = \(unit)::smallint AND r.member_id IN (
         SELECT DISTINCT n.member_id FROM reward n
          WHERE n.batch_id IN (SELECT batch_id FROM seal WHERE rewards > 0
                                  AND seal_no > \(seal)::bigint)
            AND n.unit = \(unit)::smallint)
       GROUP BY r.member_id HAVING sum(t.balance_sign * r.quantity) >= \(quantity)::bigint
       ORDER BY 1
      """
    ).map { try $0.int(0) }
  }

  /// Members of a programme who hold or owe some of a unit, of those who got some since a seal, or of
  /// whom a hold or a dispute kept some.
  package func holders(ofUnit unit: Int16, programme: Int16, since seal: Int64) throws -> [Int64] {
    try connection.run(
      """
      WITH candidate AS (
        SELECT member_id FROM reward
         WHERE unit = \(unit)::smallint AND batch_id IN (
           SELECT l.batch_id FROM leaf_total l JOIN seal s ON s.batch_id = l.batch_id
            WHERE l.unit = \(unit)::smallint AND s.seal_no > \(seal)::bigint)
        UNION SELECT member_id FROM hold WHERE unit = \(unit)::smallint
        UNION SELECT member_id FROM dispute_event)
      SELECT r.member_id FROM reward r
        JOIN flow t ON t.id = r.flow JOIN member m ON m.id = r.member_id
       WHERE r.unit = \(unit)::smallint AND m.programme = \(programme)::smallint
         AND r.member_id IN (SELECT member_id FROM candidate)
       GROUP BY 1 HAVING sum(t.balance_sign * r.quantity) > 0
      UNION
      SELECT d.member_id FROM member_debt d JOIN member m ON m.id = d.member_id
       WHERE d.unit = \(unit)::smallint AND d.quantity > 0
         AND m.programme = \(programme)::smallint
       ORDER BY 1
      """
    ).map { try $0.int(0) }
  }

  /// Members of a programme whose account was closed by a day, and who were not dealt with or got rows
  /// since a seal.
  package func closedMembers(
    programme: Int16,
    through: CivilDate,
    since seal: Int64
  ) throws -> [Int64] {
    try connection.run(
      """
      WITH closed AS (
        SELECT member_id FROM (
          SELECT DISTINCT ON (c.member_id) c.member_id, e.event, e.effective_date
            FROM card_event e JOIN card c USING (token)
            JOIN member m ON m.id = c.member_id AND m.programme = \(programme)::smallint
           WHERE e.event IN ('opened', 'closed', 'replaced')
           ORDER BY c.member_id, e.effective_date DESC, e.batch_id DESC, e.line DESC) AS newest
         WHERE event = 'closed' AND effective_date <= \("\(through)")::date
      )
      SELECT member_id FROM closed c
       WHERE NOT EXISTS (SELECT FROM member_fact f
                          WHERE f.member_id = c.member_id AND f.kind = 'closed')
          OR EXISTS (SELECT FROM reward r
                      WHERE r.member_id = c.member_id
                        AND r.batch_id IN (SELECT batch_id FROM seal WHERE rewards > 0
                                              AND seal_no > \(seal)::bigint))
       ORDER BY 1
      """
    ).map { try $0.int(0) }
  }
}
