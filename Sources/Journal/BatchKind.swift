package import Ledger

/// Kinds of batches.
package enum BatchKind: String, Sendable, CaseIterable {
  case feed, till, answer, deadline, settlement, bank, events, expiry, redemption, payout,
    adjustment, opening, review, award, funding, amendment, closing, estimate, merge,
    redenomination, baskets, filing, prepaid, currency

  /// The role that brings such batches.
  package var role: BookRole {
    switch self {
    case .feed, .till, .events, .baskets: .ingest
    default: .settle
    }
  }

  /// Whether such a batch has a leaf of purchases.
  var hasPurchases: Bool { self == .feed }

  /// Whether such a batch has a leaf of reward rows.
  package var hasRewards: Bool {
    switch self {
    case .settlement, .bank, .events, .baskets: false
    default: true
    }
  }

  /// Entries that it may carry beside the sums of its rows.
  package var entries: [EntryKind] {
    switch self {
    case .settlement: [.filed, .billed, .netted, .ordered]
    case .bank: [.paid, .returned, .received, .unknown, .charged]
    case .currency: [.converted, .remeasured]
    case .estimate: [.estimated]
    case .opening: [.brought]
    default: []
    }
  }

  /// What its seal may vouch for.
  package var attachments: [AttachmentKind] {
    switch self {
    case .feed, .till, .events, .baskets: [.file]
    case .answer: [.answer]
    case .bank: [.bankStatement]
    case .opening: [.opening]
    case .payout: [.payout, .payoutAnswer]
    case .settlement: [.statement, .orders, .plan, .approval]
    default: []
    }
  }
}

/// What a seal vouches for beside rows and entries.
package enum AttachmentKind: String, Sendable, CaseIterable {
  case file, answer, opening, payout, statement, orders, plan, approval
  case bankStatement = "bank-statement"
  case payoutAnswer = "payout-answer"
}

extension ReferenceRows {
  static let batchKinds = ReferenceRows(
    table: "batch_kind",
    columns: ["kind", "role", "has_purchases", "has_rewards"],
    rows: BatchKind.allCases.map {
      [$0.rawValue, $0.role.rawValue, "\($0.hasPurchases)", "\($0.hasRewards)"]
    }
  )

  static let batchEntries = ReferenceRows(
    table: "batch_entry",
    columns: ["kind", "code", "account"],
    rows: BatchKind.allCases.flatMap { kind in
      kind.entries.flatMap { entry in
        Set(entry.accounts.flatMap { [$0.debit, $0.credit] }).map(\.rawValue).sorted().map {
          [kind.rawValue, entry.rawValue, $0]
        }
      }
    }
  )

  static let batchAttachments = ReferenceRows(
    table: "batch_attachment",
    columns: ["kind", "attachment"],
    rows: BatchKind.allCases.flatMap { kind in
      kind.attachments.map { [kind.rawValue, $0.rawValue] }
    }
  )
}
