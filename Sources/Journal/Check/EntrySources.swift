import Formats
import Ledger
import Postgres

extension Books {
  /// Entries that no reward row gives, against what gives them: those of a settlement against its slices,
  /// lines and orders, those of a bank statement against its lines and their matches, those of an estimate
  /// against the change that was noted.
  ///
  /// - Parameters:
  ///   - since: A seal that was proved before; batches up to it are left out.
  ///   - report: Takes what is found.
  /// - Throws: `DatabaseError`.
  func checkEntrySources(since: Int64, _ report: inout LedgerCheckReport) throws {
    for legs in [settlementLegs, bankLegs, estimateLegs] {
      for row in try connection.run(differing(legs, since: since)) {
        try report.tell(
          "entries = sources",
          "leaf \(row.int(0)) entry \(row.string(1)) account \(row.string(2))",
          "\(row.string(3)): what it books gives \(row.string(4)), it says \(row.string(5))"
        )
      }
    }
  }

  /// Compares legs that ought to stand with those that do, for the kinds of entries that they name.
  ///
  /// - Parameters:
  ///   - legs: Gives `batch_id, code, account, commodity, partner, programme, amount`; of a batch in which it
  ///     gives nothing, no entry of its kinds may stand.
  ///   - since: A seal that was proved before.
  /// - Returns: The query that gives what differs.
  private func differing(_ legs: EntryLegs, since: Int64) -> Query {
    let codes = legs.kinds.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    return Query(
      trusted: """
        WITH later AS (SELECT batch_id FROM kvitt.seal WHERE seal_no > \(since)),
        due AS (
          SELECT batch_id, code, account, commodity, partner, programme, sum(amount) AS amount
            FROM (\(legs.sql)) AS leg GROUP BY 1, 2, 3, 4, 5, 6
        ), stands AS (
          SELECT e.batch_id, e.code, p.account, p.commodity, p.partner, p.programme,
                 sum(p.amount) AS amount
            FROM kvitt.entry e JOIN kvitt.posting p ON p.entry_id = e.id JOIN later USING (batch_id)
           WHERE e.code IN (\(codes)) GROUP BY 1, 2, 3, 4, 5, 6
        )
        SELECT batch_id, code, account, commodity, coalesce(d.amount, 0), coalesce(s.amount, 0)
          FROM due d
          FULL JOIN stands s USING (batch_id, code, account, commodity, partner, programme)
         WHERE coalesce(d.amount, 0) <> coalesce(s.amount, 0)
         ORDER BY batch_id, code COLLATE "C", account LIMIT 100
        """
    )
  }
}

/// Legs that entries of some kinds ought to have.
private struct EntryLegs {
  let kinds: [EntryKind]
  /// The query that gives them, over the batches of `later`.
  let sql: String
}

/// The two legs of a kind that moves between two accounts, as SQL: `(code, account, sign)`.
private func transfer(_ kind: EntryKind) -> String {
  kind.accounts.flatMap { [($0.debit, 1), ($0.credit, -1)] }
    .map { "('\(kind.rawValue)', '\($0.rawValue)', \($1))" }.joined(separator: ", ")
}

/// Lines filed for the first time (M2); shares billed (E5) and both sides netted (P14), by the totals of the
/// slices that the run claimed; the payment ordered (B1).
private let settlementLegs = EntryLegs(
  kinds: [.filed, .billed, .netted, .ordered],
  sql: """
    SELECT s.run_batch AS batch_id, g.code, g.account, l.unit AS commodity, s.partner,
           m.programme, g.sign * l.quantity AS amount
      FROM kvitt.statement s JOIN later ON later.batch_id = s.run_batch
      JOIN kvitt.statement_line l ON l.statement_id = s.id JOIN kvitt.member m ON m.id = l.member_id
     CROSS JOIN (VALUES \(transfer(.filed))) AS g (code, account, sign)
     WHERE l.section = 'filed' AND l.attempt = 1 AND l.kind <> 'reversal'
    UNION ALL
    SELECT s.run_batch, g.code, g.account, s.currency, s.partner,
           CASE WHEN g.whole THEN 0 ELSE t.programme END, g.sign * x.signed
      FROM kvitt.statement s JOIN later ON later.batch_id = s.run_batch
      JOIN kvitt.window_claim c ON c.run_batch = s.run_batch AND c.partner = s.partner
      JOIN kvitt.leaf_total t ON t.batch_id = c.batch_id AND t.partner = c.partner
       AND t.settlement_date = c.settlement_date
      JOIN kvitt.flow f ON f.id = t.flow
     CROSS JOIN LATERAL (
       SELECT CASE f.line_direction WHEN 'to_partner' THEN 1 ELSE -1 END
              * CASE f.line_measure WHEN 'cost' THEN t.cost_minor ELSE t.share_minor END AS signed
     ) AS x
      JOIN (VALUES
        ('share', '\(EntryKind.billed.rawValue)', '\(Account.receivableBilled.rawValue)', -1, false),
        ('share', '\(EntryKind.billed.rawValue)', '\(Account.receivableAccrued.rawValue)', 1, false),
        ('share', '\(EntryKind.netted.rawValue)', '\(Account.receivableBilled.rawValue)', 1, false),
        ('cost', '\(EntryKind.netted.rawValue)', '\(Account.payableConfirmed.rawValue)', 1, false),
        ('share', '\(EntryKind.netted.rawValue)', '\(Account.settlementClearing.rawValue)', -1, true),
        ('cost', '\(EntryKind.netted.rawValue)', '\(Account.settlementClearing.rawValue)', -1, true)
      ) AS g (measure, code, account, sign, whole) ON g.measure = f.line_measure
    UNION ALL
    SELECT s.run_batch, g.code, g.account, s.currency, s.partner, 0, g.sign * s.ordered_minor
      FROM kvitt.statement s JOIN later ON later.batch_id = s.run_batch
     CROSS JOIN (VALUES \(transfer(.ordered))) AS g (code, account, sign)
    """
)

/// A line of the bank's by the rule that matched it; what no rule knew stands on the suspense account.
///
/// The sign of a leg is that of money that comes in.
private let bankLegs = EntryLegs(
  kinds: [.paid, .returned, .received, .unknown, .charged],
  sql: """
    SELECT b.batch_id, g.code, g.account, b.currency AS commodity,
           coalesce(o.partner, s.partner, 0) AS partner, 0 AS programme,
           g.sign * b.amount_minor AS amount
      FROM kvitt.bank_line b JOIN later USING (batch_id)
      LEFT JOIN kvitt.match_claim m ON m.side = 'bank' AND m.item = b.id AND m.generation = 1
      LEFT JOIN kvitt.match_claim p ON p.side = 'order' AND p.match_id = m.match_id
       AND p.generation = 1
      LEFT JOIN kvitt.payment_order o ON o.id = p.item
      LEFT JOIN kvitt.statement s ON m.rule = '\(BankRule.statementReference.rawValue)'
       AND s.reference = b.reference
      JOIN (VALUES \(bankMoves)) AS g (rule, kind, code, account, sign)
        ON g.rule = coalesce(m.rule, '') AND g.kind IN ('', b.kind)
    """
)

private let bankMoves = BankRule.moves.flatMap { rule, line, entry in
  entry.accounts.flatMap { [$0.debit, $0.credit] }.map { account in
    "('\(rule?.rawValue ?? "")', '\(line?.rawValue ?? "")', '\(entry.rawValue)', "
      + "'\(account.rawValue)', \(account == .bank ? 1 : -1))"
  }
}.joined(separator: ", ")

/// The change of an allowance that two people estimated (P5, P6).
private let estimateLegs = EntryLegs(
  kinds: [.estimated],
  sql: """
    SELECT e.batch_id, g.code, g.account, c.code AS commodity, 0 AS partner, 0 AS programme,
           g.sign * e.change_minor AS amount
      FROM kvitt.estimate_posted e JOIN later USING (batch_id) JOIN kvitt.unit u ON u.id = e.unit
      JOIN kvitt.currency c ON c.id = u.currency
     CROSS JOIN (VALUES \(transfer(.estimated))) AS g (code, account, sign)
    """
)
