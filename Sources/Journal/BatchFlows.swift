package import Ledger

extension BatchKind {
  /// Flows that its rows may have.
  ///
  /// What people decide, what a partner says, what a till or a call uses has kinds of its own, so that no
  /// other job writes it: a feed gives nobody goodwill. What follows from facts and terms can come with any
  /// batch that brings or judges facts.
  package var flows: [Flow] {
    guard hasRewards else { return [] }
    return Flow.allCases.filter { flow in
      switch flow.source {
      case .kinds(let kinds): kinds.contains(self)
      case .earning: bringsFacts
      case .earningOrConversion: bringsFacts || self == .redemption
      case .facts: bringsFacts || usesRewards
      }
    }
  }

  /// Whether rewards are earned by what it brings, or given anew by how it judges what was brought before.
  private var bringsFacts: Bool {
    switch self {
    case .feed, .answer, .deadline, .review, .award, .closing: true
    default: false
    }
  }

  /// Whether it moves rewards that stand, with the shares and debts that go with them.
  private var usesRewards: Bool {
    switch self {
    case .till, .expiry, .redemption, .payout, .funding, .amendment, .merge, .redenomination: true
    default: false
    }
  }
}

extension Flow {
  fileprivate enum Source {
    /// These kinds of batches alone.
    case kinds(Set<BatchKind>)
    /// Gives a reward by the rules.
    case earning
    /// The same, and points of a call become it.
    case earningOrConversion
    /// Follows from facts and terms.
    case facts
  }

  fileprivate var source: Source {
    switch self {
    case .goodwillCashback, .goodwillCredit: .kinds([.adjustment])
    case .writeOffDebt: .kinds([.adjustment, .closing])
    case .openCashback, .openCredit, .openDebt: .kinds([.opening])
    case .buyMiles, .reservePrepaid, .freePrepaid: .kinds([.prepaid])
    case .fileSettled: .kinds([.filing])
    case .acceptMiles, .acceptFiled, .rejectMiles, .rejectFiled, .refileMiles, .lapseMiles,
      .takeBackMiles, .acceptPrepaid, .drawPrepaid, .takeBackPrepaid, .returnPrepaid:
      .kinds([.answer, .deadline])
    case .payOutCashback, .restoreCashback: .kinds([.payout])
    case .redeemCredit, .oweCredit, .returnCredit, .returnOwedCredit: .kinds([.till])
    case .confirmCredit: .kinds([.till, .redemption])
    case .captureCredit, .redeemPoints, .chargePoints, .chargeItem, .returnItem, .returnPoints,
      .redeemVoucher, .useBenefit, .chargeBenefit, .convertPoints, .convertedCost:
      .kinds([.redemption])
    case .cheaperCredit, .dearerCredit, .cheaperMiles, .dearerMiles: .kinds([.amendment])
    case .handOver, .receive, .handOverDebt, .receiveDebt: .kinds([.merge, .redenomination])
    case .convertStamps: .kinds([.award])
    case .earnCashback, .earnCredit, .earnPoints, .earnStamps, .earnBonus, .awardVoucher,
      .grantBenefit:
      .earning
    case .earnMiles: .earningOrConversion
    case .sponsorShare, .returnSponsorShare, .clawbackCashback, .debtCashback, .offsetCashback,
      .expireCashback, .clawbackExpiredCashback, .expireCredit, .clawbackExpiredCredit,
      .clawbackCredit, .debtCredit, .offsetCredit, .clawbackPoints, .debtPoints, .offsetPoints,
      .clawbackStamps, .debtStamps, .offsetStamps, .expireStamps, .clawbackExpiredStamps,
      .expireBenefit, .reverseBonus, .debtBonus, .reverseMiles, .dropRejected, .reversalLine,
      .expirePoints, .clawbackExpiredPoints, .breakageShare, .returnBreakageShare:
      .facts
    }
  }
}

extension ReferenceRows {
  static let batchFlows = ReferenceRows(
    table: "batch_flow",
    columns: ["kind", "flow"],
    rows: BatchKind.allCases.flatMap { kind in
      kind.flows.map { [kind.rawValue, "\($0.rawValue)"] }
    }
  )
}
