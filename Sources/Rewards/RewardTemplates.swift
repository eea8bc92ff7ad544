package import Ledger

/// The posting templates of a reward that members hold in lots.
package struct RewardTemplates: Sendable {
  package let clawback: Template
  package let debt: Template
  package let expire: Template
  /// The purchase of an expired lot is refunded.
  package let clawbackExpired: Template
}

extension RewardKind {
  /// Whether a quantity has no decimals.
  package var isWhole: Bool { self != .cashback && self != .credit }

  /// Whether a member can ask to use it.
  package var isUsable: Bool { self != .miles && self != .status && self != .stamps }

  /// The templates of the kind; miles belong to the partner once filed, and move by other rows.
  package var templates: RewardTemplates {
    switch self {
    case .cashback, .miles:
      RewardTemplates(
        clawback: .clawbackCashback,
        debt: .debtCashback,
        expire: .expireCashback,
        clawbackExpired: .clawbackExpiredCashback
      )
    case .credit:
      RewardTemplates(
        clawback: .clawbackCredit,
        debt: .debtCredit,
        expire: .expireCredit,
        clawbackExpired: .clawbackExpiredCredit
      )
    case .points, .status:
      RewardTemplates(
        clawback: .clawbackPoints,
        debt: .debtPoints,
        expire: .expirePoints,
        clawbackExpired: .clawbackExpiredPoints
      )
    case .stamps, .voucher, .benefit:
      RewardTemplates(
        clawback: .clawbackStamps,
        debt: .debtStamps,
        expire: self == .benefit ? .expireBenefit : .expireStamps,
        clawbackExpired: .clawbackExpiredStamps
      )
    }
  }
}
