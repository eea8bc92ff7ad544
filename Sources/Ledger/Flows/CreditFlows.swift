extension FlowFacts {
  /// Store credit: earned, used at the partner's till, taken back, expired.
  static let credit: [FlowFacts] = [
    FlowFacts(
      .earnCredit,
      code: "S1",
      examples: ["S8"],
      name: "Store credit is earned, at the cost of its reimbursement.",
      verb: "earned",
      money: [.cost(.creditCost, .creditLiability)],
      units: .from(.unitIssued, to: .unitOpen),
      effect: .opensLot,
      rollForward: .earned,
      isBulk: true
    ),

    FlowFacts(
      .redeemCredit,
      code: "S3",
      examples: ["S4", "S3c"],
      name: "Store credit is used: the partner's till file captures and confirms it at once.",
      verb: "redeemed",
      money: [.cost(.creditLiability, .payableConfirmed)],
      units: .from(.unitOpen, to: .unitRedeemed),
      effect: .takes,
      line: .line(.redemption, .toPartner),
      rollForward: .settled
    ),

    FlowFacts(
      .captureCredit,
      code: "S3a",
      name: "A call captures store credit.",
      verb: "redeemed",
      money: [.cost(.creditLiability, .payableAccrued)],
      units: .from(.unitOpen, to: .unitRedeemed),
      effect: .takes,
      rollForward: .settled
    ),

    FlowFacts(
      .confirmCredit,
      code: "S3b",
      name:
        "The partner's till file confirms what a call captured, or a supplier is owed its charge at once.",
      verb: "confirmed for the partner:",
      money: [.cost(.payableAccrued, .payableConfirmed)],
      effect: .nothing,
      line: .line(.redemption, .toPartner),
      rollForward: .settled
    ),

    FlowFacts(
      .oweCredit,
      code: "S3c",
      name: "A till took store credit offline above the balance, and the member owes it.",
      verb: "redeemed offline as a debt",
      money: [.cost(.clawbackReceivable, .payableConfirmed)],
      units: .from(.unitDebt, to: .unitRedeemed),
      effect: .owes,
      line: .line(.redemption, .toPartner),
      rollForward: .settled
    ),

    FlowFacts(
      .expireCredit,
      code: "S5",
      name: "Store credit expires; the partner may have a part of it.",
      verb: "expired:",
      money: [.cost(.creditLiability, .breakageIncome), .share(.breakageIncome, .breakageShares)],
      units: .from(.unitOpen, to: .unitExpired),
      effect: .expires,
      rollForward: .expired
    ),

    FlowFacts(
      .clawbackExpiredCredit,
      code: "S5r",
      name: "The purchase of expired store credit is refunded.",
      verb: "took back what had expired:",
      money: [.cost(.breakageIncome, .creditCost), .share(.breakageShares, .breakageIncome)],
      units: .from(.unitExpired, to: .unitIssued),
      effect: .takesBackExpired,
      rollForward: .other
    ),

    FlowFacts(
      .returnCredit,
      code: "S6",
      name: "Goods bought with store credit come back: the same lots hold it again.",
      verb: "gave back after a return:",
      money: [.cost(.payableConfirmed, .creditLiability)],
      units: .from(.unitRedeemed, to: .unitOpen),
      effect: .givesBack,
      line: .line(.redemptionVoid, .toIssuer),
      rollForward: .settled
    ),

    FlowFacts(
      .returnOwedCredit,
      code: "S6c",
      name: "Goods come back that were bought with credit that the member owes.",
      verb: "gave back after a return:",
      money: [.cost(.payableConfirmed, .clawbackReceivable)],
      units: .from(.unitRedeemed, to: .unitDebt),
      effect: .forgives,
      line: .line(.redemptionVoid, .toIssuer),
      rollForward: .settled
    ),

    FlowFacts(
      .clawbackCredit,
      code: "S7a",
      examples: ["S7"],
      name: "Store credit is taken back from a lot.",
      verb: "took back",
      money: [.cost(.creditLiability, .creditCost)],
      units: .from(.unitOpen, to: .unitIssued),
      effect: .takesBack,
      rollForward: .reversed
    ),

    FlowFacts(
      .debtCredit,
      code: "S7b",
      examples: ["S7"],
      name: "Store credit that is no longer there is taken back as a debt of the member.",
      verb: "took back as a debt",
      money: [.cost(.clawbackReceivable, .creditCost)],
      units: .from(.unitDebt, to: .unitIssued),
      effect: .takesBackAsDebt,
      rollForward: .other
    ),

    FlowFacts(
      .cheaperCredit,
      code: "S9",
      name: "Open store credit costs less by an amendment.",
      verb: "cheaper by an amendment:",
      money: [.cost(.creditLiability, .creditCost)],
      effect: .cheapens,
      rollForward: .reversed
    ),

    FlowFacts(
      .dearerCredit,
      code: "S9u",
      name: "Open store credit costs more by an amendment.",
      verb: "dearer by an amendment:",
      money: [.cost(.creditCost, .creditLiability)],
      effect: .makesDearer,
      rollForward: .earned
    ),

    FlowFacts(
      .offsetCredit,
      code: "S10",
      name: "Store credit just earned offsets what the member owes.",
      verb: "offset a debt:",
      money: [.cost(.creditLiability, .clawbackReceivable)],
      units: .from(.unitOpen, to: .unitDebt),
      effect: .offsets,
      rollForward: .reversed
    ),
  ]
}
