extension FlowFacts {
  /// Own points, stamps, vouchers, benefits and bonuses.
  static let points: [FlowFacts] = [
    FlowFacts(
      .earnPoints,
      code: "O1",
      name: "Own points are earned, at their expected cost.",
      verb: "earned",
      money: [.cost(.pointsCost, .pointsLiability)],
      units: .from(.unitIssued, to: .unitOpen),
      effect: .opensLot,
      rollForward: .earned,
      isBulk: true
    ),

    FlowFacts(
      .redeemPoints,
      code: "O4",
      name: "Points are used: the lot's cost is released.",
      verb: "redeemed",
      money: [.cost(.pointsLiability, .pointsCost)],
      units: .from(.unitOpen, to: .unitRedeemed),
      effect: .takes,
      rollForward: .settled
    ),

    FlowFacts(
      .chargePoints,
      code: "O4c",
      examples: ["O4"],
      name: "The supplier charges for points that were used.",
      verb: "charged by the partner for",
      money: [.cost(.pointsCost, .payableAccrued)],
      effect: .nothing,
      rollForward: .settled
    ),

    FlowFacts(
      .chargeItem,
      code: "O4i",
      name: "The supplier charges for goods that points bought, and is owed it at once.",
      verb: "charged by the supplier of goods:",
      money: [.cost(.pointsCost, .payableConfirmed)],
      effect: .nothing,
      line: .line(.redemption, .toPartner, statesQuantity: false),
      rollForward: .settled
    ),

    FlowFacts(
      .returnItem,
      code: "O4ir",
      name: "Goods that points bought come back: the supplier takes its charge back.",
      verb: "taken back by the supplier of goods:",
      money: [.cost(.payableConfirmed, .pointsCost)],
      effect: .nothing,
      line: .line(.redemptionVoid, .toIssuer, statesQuantity: false, original: .row),
      rollForward: .settled
    ),

    FlowFacts(
      .returnPoints,
      code: "O4r",
      name: "Goods that points bought come back: the same lots hold the points again.",
      verb: "gave back after a return:",
      money: [.cost(.pointsCost, .pointsLiability)],
      units: .from(.unitRedeemed, to: .unitOpen),
      effect: .givesBack,
      rollForward: .settled
    ),

    FlowFacts(
      .clawbackPoints,
      code: "O6",
      name: "Points are taken back from a lot.",
      verb: "took back",
      money: [.cost(.pointsLiability, .pointsCost)],
      units: .from(.unitOpen, to: .unitIssued),
      effect: .takesBack,
      rollForward: .reversed
    ),

    FlowFacts(
      .debtPoints,
      code: "O7",
      name: "Points that are no longer there are taken back as a debt of the member.",
      verb: "took back as a debt",
      money: [.cost(.clawbackReceivable, .pointsCost)],
      units: .from(.unitDebt, to: .unitIssued),
      effect: .takesBackAsDebt,
      rollForward: .other
    ),

    FlowFacts(
      .offsetPoints,
      code: "O7o",
      name: "Points just earned offset what the member owes.",
      verb: "offset a debt:",
      money: [.cost(.pointsLiability, .clawbackReceivable)],
      units: .from(.unitOpen, to: .unitDebt),
      effect: .offsets,
      rollForward: .reversed
    ),

    FlowFacts(
      .earnStamps,
      code: "O8",
      name: "A qualifying purchase gives a stamp, at its part of the voucher's cost.",
      verb: "earned",
      money: [.cost(.stampCost, .stampLiability)],
      units: .from(.unitIssued, to: .unitOpen),
      effect: .opensLot,
      rollForward: .earned
    ),

    FlowFacts(
      .debtStamps,
      code: "O8d",
      name: "A stamp that is no longer there is taken back as a debt of the member.",
      verb: "took back as a debt",
      money: [.cost(.clawbackReceivable, .stampCost)],
      units: .from(.unitDebt, to: .unitIssued),
      effect: .takesBackAsDebt,
      rollForward: .other
    ),

    FlowFacts(
      .offsetStamps,
      code: "O8o",
      name: "Stamps just earned offset what the member owes.",
      verb: "offset a debt:",
      money: [.cost(.stampLiability, .clawbackReceivable)],
      units: .from(.unitOpen, to: .unitDebt),
      effect: .offsets,
      rollForward: .reversed
    ),

    FlowFacts(
      .clawbackStamps,
      code: "O8r",
      name: "A stamp is taken back from a lot.",
      verb: "took back",
      money: [.cost(.stampLiability, .stampCost)],
      units: .from(.unitOpen, to: .unitIssued),
      effect: .takesBack,
      rollForward: .reversed
    ),

    FlowFacts(
      .convertStamps,
      code: "O9",
      name: "The stamps of a full card become a voucher: no money moves.",
      verb: "turned into a voucher:",
      units: .from(.unitOpen, to: .unitConverted),
      effect: .takes,
      rollForward: .other
    ),

    FlowFacts(
      .awardVoucher,
      code: "O9v",
      examples: ["O9"],
      name: "The voucher for a full card, at what its stamps cost.",
      verb: "given for a full card:",
      units: .from(.unitIssued, to: .unitOpen),
      effect: .opensLot,
      rollForward: .other
    ),

    FlowFacts(
      .redeemVoucher,
      code: "O10",
      name: "A voucher is used at the partner.",
      verb: "redeemed",
      money: [.cost(.stampLiability, .payableAccrued)],
      units: .from(.unitOpen, to: .unitRedeemed),
      effect: .takes,
      rollForward: .settled
    ),

    FlowFacts(
      .expireStamps,
      code: "O11",
      name: "Stamps or vouchers lapse.",
      verb: "expired:",
      money: [.cost(.stampLiability, .stampCost)],
      units: .from(.unitOpen, to: .unitExpired),
      effect: .expires,
      rollForward: .expired
    ),

    FlowFacts(
      .clawbackExpiredStamps,
      code: "O11r",
      name: "The purchase of lapsed stamps is refunded; their cost was released when they lapsed.",
      verb: "took back what had expired:",
      units: .from(.unitExpired, to: .unitIssued),
      effect: .takesBackExpired,
      rollForward: .other
    ),

    FlowFacts(
      .grantBenefit,
      code: "O12",
      name: "Uses of a benefit are granted; they cost when they are used.",
      verb: "granted",
      units: .from(.unitIssued, to: .unitOpen),
      effect: .opensLot,
      rollForward: .other
    ),

    FlowFacts(
      .useBenefit,
      code: "O13",
      name: "A benefit is used.",
      verb: "redeemed",
      units: .from(.unitOpen, to: .unitRedeemed),
      effect: .takes,
      rollForward: .other
    ),

    FlowFacts(
      .chargeBenefit,
      code: "O13c",
      examples: ["O13"],
      name: "The partner charges for the use of a benefit.",
      verb: "charged by the partner for",
      money: [.cost(.stampCost, .payableAccrued)],
      effect: .nothing,
      rollForward: .settled
    ),

    FlowFacts(
      .expireBenefit,
      code: "O14",
      name: "Uses of a benefit that nobody took run out.",
      verb: "expired:",
      units: .from(.unitOpen, to: .unitExpired),
      effect: .expires,
      rollForward: .other
    ),

    FlowFacts(
      .earnBonus,
      code: "O15",
      name: "A referral or another event gives a bonus as cashback.",
      verb: "given as a bonus:",
      money: [.cost(.bonusCost, .cashbackLiability)],
      units: .from(.unitIssued, to: .unitOpen),
      effect: .opensLot,
      rollForward: .earned
    ),

    FlowFacts(
      .reverseBonus,
      code: "O16",
      name: "A bonus is taken back from a lot.",
      verb: "took back",
      money: [.cost(.cashbackLiability, .bonusCost)],
      units: .from(.unitOpen, to: .unitIssued),
      effect: .takes,
      rollForward: .reversed
    ),

    FlowFacts(
      .debtBonus,
      code: "O16d",
      name: "A bonus that is no longer there is taken back as a debt of the member.",
      verb: "took back as a debt",
      money: [.cost(.clawbackReceivable, .bonusCost)],
      units: .from(.unitDebt, to: .unitIssued),
      effect: .owes,
      rollForward: .other
    ),
  ]
}
