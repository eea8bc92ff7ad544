package import Ledger

/// The flows of a reward that members hold in lots.
package struct RewardFlows: Sendable {
  package let clawback: Flow
  package let debt: Flow
  package let expire: Flow
  /// The purchase of an expired lot is refunded.
  package let clawbackExpired: Flow
}

extension RewardKind {
  /// Whether a quantity has no decimals.
  package var isWhole: Bool { self != .cashback && self != .credit }

  /// Whether a member can ask to use it.
  package var isUsable: Bool { self != .miles && self != .status && self != .stamps }

  /// The flows of the kind; miles belong to the partner once filed, and move by other rows.
  package var flows: RewardFlows {
    switch self {
    case .cashback, .miles:
      RewardFlows(
        clawback: .clawbackCashback,
        debt: .debtCashback,
        expire: .expireCashback,
        clawbackExpired: .clawbackExpiredCashback
      )
    case .credit:
      RewardFlows(
        clawback: .clawbackCredit,
        debt: .debtCredit,
        expire: .expireCredit,
        clawbackExpired: .clawbackExpiredCredit
      )
    case .points, .status:
      RewardFlows(
        clawback: .clawbackPoints,
        debt: .debtPoints,
        expire: .expirePoints,
        clawbackExpired: .clawbackExpiredPoints
      )
    case .stamps, .voucher, .benefit:
      RewardFlows(
        clawback: .clawbackStamps,
        debt: .debtStamps,
        expire: self == .benefit ? .expireBenefit : .expireStamps,
        clawbackExpired: .clawbackExpiredStamps
      )
    }
  }
}
