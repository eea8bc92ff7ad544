package import Civil
package import Formats
import Ledger
import Postgres
package import Rewards

/// A basket that may be a purchase.
package struct BasketMatch: Sendable {
  /// The basket's file and line.
  package let batch: Int64
  package let line: Int32
  package let purchase: Int64
  package let programme: Int16
}

extension Books {
  /// Baskets of a partner that stand, by reference: whether they say the same as these.
  package func knownBaskets(
    partner: Int16,
    _ baskets: [Basket],
    members: [String: Int64]
  ) throws -> [String: Bool] {
    let mine = Dictionary(baskets.map { ($0.reference, $0) }, uniquingKeysWith: { $1 })
    var known: [String: Bool] = [:]
    for row in try connection.run(
      """
      SELECT b.basket_ref, b.member_id, b.merchant, b.day, b.amount_minor, b.currency,
             (SELECT string_agg(l.item || ' ' || l.category || ' ' || l.amount_minor, ';'
                       ORDER BY l.line)
                FROM basket_line l WHERE l.batch_id = b.batch_id AND l.basket = b.line)
        FROM basket b
       WHERE b.partner = \(partner)::smallint
         AND b.basket_ref = ANY (\(Array(mine.keys))::text[])
      """
    ) {
      guard let basket = mine[try row.string(0)] else { continue }
      known[basket.reference] =
        try members[basket.token] == row.int(1) && basket.merchant == row.string(2)
        && "\(basket.date)" == row.string(3) && basket.amountMinor == row.int(4)
        && Int64(basket.currency.rawValue) == row.int(5)
        && basket.lines.map { "\($0.item) \($0.category) \($0.amountMinor)" }
          .joined(separator: ";") == row.optional(6) ?? ""
    }
    return known
  }

  /// Stores baskets with their lines.
  package func insert(
    _ baskets: [Basket],
    partner: Int16,
    members: [String: Int64],
    batch: Int64
  ) throws {
    for some in chunks(baskets, of: 2_000) {
      let lines = some.map { Int64($0.line) }
      let references = some.map(\.reference)
      let owners = some.map { members[$0.token] ?? 0 }
      let merchants = some.map(\.merchant)
      let days = some.map { "\($0.date)" }
      let amounts = some.map(\.amountMinor)
      let currencies = some.map { Int64($0.currency.rawValue) }
      try connection.run(
        """
        INSERT INTO basket (batch_id, line, partner, basket_ref, member_id, merchant, day,
          amount_minor, currency)
        SELECT \(batch)::bigint, l, \(partner)::smallint, r, o, m, d::date, a, c
          FROM unnest(\(lines)::integer[], \(references)::text[], \(owners)::bigint[],
            \(merchants)::text[], \(days)::text[], \(amounts)::bigint[],
            \(currencies)::smallint[]) AS x (l, r, o, m, d, a, c)
        """
      )
      let goods = some.flatMap { basket in basket.lines.map { (Int64(basket.line), $0) } }
      let owning = goods.map(\.0)
      let places = goods.map { Int64($0.1.line) }
      let items = goods.map(\.1.item)
      let categories = goods.map(\.1.category)
      let parts = goods.map(\.1.amountMinor)
      try connection.run(
        """
        INSERT INTO basket_line (batch_id, line, basket, item, category, amount_minor)
        SELECT \(batch)::bigint, l, b, i, c, a
          FROM unnest(\(places)::integer[], \(owning)::integer[], \(items)::text[],
            \(categories)::text[], \(parts)::bigint[]) AS x (l, b, i, c, a)
        """
      )
    }
  }

  /// Baskets since a day that are no purchase yet, with the purchases that they may be: of the same
  /// member, merchant and amount, at most a day apart; the nearest first.
  package func basketMatches(since day: CivilDate) throws -> [BasketMatch] {
    // Asked first, since planning a query over all leaves costs more than most nights' baskets.
    let waits = try connection.run(
      """
      SELECT EXISTS (SELECT FROM basket b WHERE b.day >= \("\(day)")::date
                        AND NOT EXISTS (SELECT FROM basket_purchase k
                                         WHERE k.batch_id = b.batch_id AND k.basket = b.line))
      """
    )
    guard try waits.first?.bool(0) == true else { return [] }
    return try connection.run(
      """
      SELECT b.batch_id, b.line, p.batch_id << 32 | p.seq, m.programme
        FROM basket b JOIN member m ON m.id = b.member_id
        JOIN purchase p ON p.member_id = b.member_id AND p.merchant = b.merchant
         AND p.amount_minor = b.amount_minor AND p.currency = b.currency
         AND p.event_date BETWEEN b.day - 1 AND b.day + 1 AND p.type = 1 AND p.reversal = 0
       WHERE b.day >= \("\(day)")::date
         AND p.batch_id IN (SELECT batch_id FROM leaf_day
                             WHERE day >= (SELECT min(o.day) - 1 FROM basket o
                                            WHERE o.day >= \("\(day)")::date))
         AND NOT EXISTS (SELECT FROM basket_purchase k
                          WHERE k.batch_id = b.batch_id AND k.basket = b.line)
         AND NOT EXISTS (SELECT FROM basket_purchase k
                          WHERE k.purchase_id = p.batch_id << 32 | p.seq)
       ORDER BY abs(p.event_date - b.day), b.batch_id, b.line, 3
      """
    ).map {
      try BasketMatch(
        batch: $0.int(0),
        line: $0.int32(1),
        purchase: $0.int(2),
        programme: $0.int16(3)
      )
    }
  }

  /// Purchases by id, in the order in which they came.
  package func purchases(_ ids: [Int64]) throws -> [StoredRecord] {
    let batches = Array(Set(ids.map { $0 >> 32 })).sorted()
    return try connection.run(
      """
      \(sql: purchaseColumns)
        FROM purchase p
       WHERE p.batch_id = ANY (\(batches)::bigint[])
         AND p.batch_id << 32 | p.seq = ANY (\(ids)::bigint[])
       ORDER BY p.batch_id, p.seq
      """
    ).map(StoredRecord.init)
  }

  /// Notes which purchases baskets are.
  package func note(_ matches: [BasketMatch]) throws {
    let purchases = matches.map(\.purchase)
    let batches = matches.map(\.batch)
    let lines = matches.map { Int64($0.line) }
    try connection.run(
      """
      INSERT INTO basket_purchase (purchase_id, batch_id, basket)
      SELECT p, b, l
        FROM unnest(\(purchases)::bigint[], \(batches)::bigint[], \(lines)::integer[])
          AS x (p, b, l)
      """
    )
  }

  /// What purchases consisted of, as far as it was sent.
  package func baskets(ofPurchases purchases: [Int64]) throws -> [Int64: [Goods]] {
    var out: [Int64: [Goods]] = [:]
    for row in try connection.run(
      """
      SELECT k.purchase_id, l.item, l.category, l.amount_minor
        FROM basket_purchase k
        JOIN basket_line l ON l.batch_id = k.batch_id AND l.basket = k.basket
       WHERE k.purchase_id = ANY (\(purchases)::bigint[]) ORDER BY 1, l.line
      """
    ) {
      out[try row.int(0), default: []].append(
        try Goods(item: row.string(1), category: row.string(2), amountMinor: row.int(3))
      )
    }
    return out
  }
}
