import Civil
package import Formats
import Ledger
import Postgres

extension Books {
  /// Statements in the order of their sequence, filtered where asked.
  package func statements(
    partner: Int16? = nil,
    number: String? = nil,
    runBatch: Int64? = nil
  ) throws -> [StoredStatement] {
    try connection.run(
      """
      SELECT id, number, partner, sequence, run_batch, business_date::text, cut_seal,
             to_char(created AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), currency,
             opening_minor, settled_minor, paid_minor, ordered_minor, due::text, reference,
             filed_lines, filed_quantity, settled_lines, encode(line_digest, 'hex'),
             encode(json_digest, 'hex')
        FROM statement s
       WHERE (\(partner.map { String($0) })::smallint IS NULL
              OR partner = \(partner.map { String($0) })::smallint)
         AND (\(number)::text IS NULL OR number = \(number))
         AND (\(runBatch.map { String($0) })::bigint IS NULL
              OR run_batch = \(runBatch.map { String($0) })::bigint)
       ORDER BY business_date, number
      """
    ).map(StoredStatement.init)
  }

  /// The lines of a statement in the order of the file.
  package func statementLines(_ statement: Int64) throws -> [StatementLine] {
    try connection.run(
      """
      SELECT section, event_id, attempt, kind, member_ref, event_date::text, booking_date::text,
             quantity, unit, unit_price, value_minor, direction, contract, original_event_id
        FROM statement_line WHERE statement_id = \(statement)::bigint ORDER BY line
      """
    ).map { row in
      try StatementLine(
        section: row.known(0),
        eventID: row.string(1),
        attempt: Int(row.int(2)),
        kind: row.string(3),
        memberRef: row.string(4),
        eventDate: row.day(5),
        bookingDate: row.day(6),
        quantity: row.optionalInt(7),
        unit: row.string(8),
        unitPrice: row.string(9),
        valueMinor: row.int(10),
        direction: row.known(11),
        docNo: "",
        contract: row.string(12),
        originalEventID: row.string(13)
      )
    }
  }

  /// The seal of a batch, in hexadecimal.
  package func seal(ofBatch batch: Int64) throws -> String {
    try connection.run(
      "SELECT encode(seal, 'hex') FROM seal WHERE batch_id = \(batch)::bigint"
    ).first?.string(0) ?? ""
  }

  /// Payment orders of a business date, or all.
  package func paymentOrders(runBatch: Int64? = nil) throws -> [PaymentOrder] {
    try connection.run(
      """
      SELECT o.id, p.code, o.account, o.amount_minor, o.currency, o.pay_on::text, o.reference
        FROM payment_order o JOIN statement s ON s.id = o.statement_id
        JOIN partner p ON p.id = o.partner
       WHERE \(runBatch.map { String($0) })::bigint IS NULL
          OR s.run_batch = \(runBatch.map { String($0) })::bigint
       ORDER BY o.id
      """
    ).map { row in
      try PaymentOrder(
        id: row.string(0),
        creditor: row.string(1),
        account: row.string(2),
        amount: Amount(minor: row.int(3), currency: row.currency(4)),
        payOn: row.day(5),
        reference: row.string(6)
      )
    }
  }
}

extension StoredStatement {
  init(_ row: Row) throws(UnreadableValue) {
    try self.init(
      id: row.int(0),
      number: row.string(1),
      partner: row.int16(2),
      sequence: Int(row.int(3)),
      runBatch: row.int(4),
      businessDate: row.day(5),
      cutSeal: row.int(6),
      created: row.instant(7),
      currency: row.currency(8).code,
      opening: row.int(9),
      settled: row.int(10),
      paid: row.int(11),
      ordered: row.int(12),
      due: row.day(13),
      reference: row.string(14),
      filedLines: row.int(15),
      filedQuantity: row.int(16),
      settledLines: row.int(17),
      lineDigest: row.string(18),
      jsonDigest: row.string(19)
    )
  }
}
