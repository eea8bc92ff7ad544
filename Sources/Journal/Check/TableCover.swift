/// By what `ledger check` knows that a table still holds what was written.
package enum Cover: Sendable, Equatable {
  /// Its rows are under a seal themselves: in the blocks of a leaf, or in the seal's text.
  case sealed
  /// Its rows were digested as they were written, and a seal covers the digests (`fact_sources`).
  case noted
  /// What it holds follows from other rows and is computed again.
  case derived
  /// Compared with the program's own tables and texts at every connection, and refused with 78.
  case compared
  /// Nothing is decided by it alone: what it lacks is filled again.
  case cache
  /// Nothing is compared, for a reason.
  case outside
}

/// How a table of the books is covered, and which of its columns are not.
package struct TableCover: Sendable {
  package let table: String
  package let cover: Cover
  /// Columns that nothing covers, and why; of a cache or a table outside, all.
  package let outside: [String: String]
  /// Why single rows or all rows can be gone without a word; nil where that is found.
  package let losable: String?

  private init(
    _ table: String,
    _ cover: Cover,
    outside: [String: String] = [:],
    losable: String? = nil
  ) {
    self.table = table
    self.cover = cover
    self.outside = outside
    self.losable = losable
  }
}

extension TableCover {
  private static let clock = "an instant of the server's clock; a seal holds none"
  private static let open = "calls change it until a batch posts it"
  private static let sequence = "a number that a sequence gave, which nothing refers to"

  /// Every table of the books.
  ///
  /// One that is missing here fails the build.
  package static let all: [TableCover] =
    [
      TableCover("purchase", .sealed), TableCover("reward", .sealed),
      TableCover("posting", .sealed), TableCover("attachment", .sealed),
      TableCover("block", .derived), TableCover("leaf_day", .derived),
      TableCover("leaf_month", .derived), TableCover("leaf_total", .derived),
      TableCover("slice", .derived), TableCover("waiting_line", .derived),
      TableCover("member_debt", .derived), TableCover("seal", .derived),
      TableCover("book", .derived), TableCover("statement_line", .derived),
      TableCover("fact_note", .derived, outside: ["id": sequence]),
      TableCover(
        "schema_text",
        .compared,
        outside: [
          "applied_by": "who brought the schema up to date; nothing asks for it",
          "version": "which kvitt did; the text is compared by its digest",
        ]
      ),
      TableCover("schema_object", .compared),
      TableCover("account", .compared), TableCover("currency", .compared),
      TableCover("flow", .compared), TableCover("flow_leg", .compared),
      TableCover("batch_kind", .compared), TableCover("batch_entry", .compared),
      TableCover("batch_attachment", .compared), TableCover("batch_flow", .compared),
      TableCover("spendable", .cache), TableCover("month_sum", .cache),
      TableCover("run", .outside),
      TableCover(
        "batch_number",
        .noted,
        losable: "a number that no batch took; the next try of the same file takes another"
      ),
      TableCover(
        "hold",
        .noted,
        outside: ["held_at": clock, "until": clock, "ended_at": clock],
        losable: open
      ),
      TableCover("conversion", .noted, losable: open),
      TableCover("item_order", .noted, losable: open),
      TableCover("batch", .noted, outside: ["recorded_at": clock]),
      TableCover("member_lookup", .noted, outside: ["noted_at": clock]),
      TableCover("member_search", .noted, outside: ["asked_at": clock]),
      TableCover("member_fact", .noted, outside: ["recorded_at": clock]),
      TableCover(
        "budget",
        .noted,
        outside: ["limit_minor": "taken from the terms by each batch that spends"]
      ),
      TableCover(
        "answer",
        .noted,
        outside: [
          "signer": "proved with the signature, for answers that a batch posted",
          "signature": "proved again, for answers that a batch posted",
        ]
      ),
      TableCover("run_event", .noted),
    ] + noted.map { TableCover($0, .noted) }

  /// Tables of which every column is noted, or compared with what is.
  private static let noted = [
    "partner", "unit", "programme", "terms", "terms_proposal", "reference_set", "fx_rate",
    "currency_fact", "mcc_title", "merchant_entry", "member", "member_ref", "member_merge",
    "member_merge_decision", "member_merge_undone", "card", "card_event", "entry",
    "period_closed", "file", "gap_release", "quarantine", "quarantine_proposal",
    "quarantine_decision", "quarantine_result", "record_link", "waiting_record", "waiting_done",
    "unlinked_record", "unlinked_proposal", "unlinked_decision", "dispute_event",
    "standing_review", "basket", "basket_line", "basket_purchase", "bonus", "bonus_undone",
    "budget_rule", "till_use", "item_return", "item_return_posted", "payout_file", "payout",
    "payout_answer", "payout_outcome", "import", "import_decision",
    "adjustment", "adjustment_decision",
    "adjustment_posted", "opening", "opening_decision", "opening_posted", "partner_opening",
    "estimate", "estimate_decision", "estimate_posted", "plan", "plan_approval", "standing",
    "standing_approval", "settlement_run", "window_claim", "statement", "signature",
    "standing_withdrawal", "payment_order", "document", "signer", "signer_decision",
    "signer_withdrawal",
    "outcome", "rejection_closed", "filing", "prepurchase",
    "prepurchase_decision", "prepaid_lot", "prepaid_move", "bank_statement", "bank_line",
    "match_claim", "match_release", "break_item", "break_event", "proof",
  ]
}
