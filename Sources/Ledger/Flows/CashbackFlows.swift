extension FlowFacts {
  /// Cashback: earned, taken back, paid out, expired, given.
  static let cashback: [FlowFacts] = [
    FlowFacts(
      .earnCashback,
      code: "E1",
      examples: ["E4", "E14b", "E14c", "E16", "P1", "P3", "E10", "M6b"],
      name:
        "Cashback is earned, or given back after a re-presentment; a partner may pay a share of it.",
      verb: "earned",
      money: [
        .cost(.cashbackCost, .cashbackLiability), .share(.receivableAccrued, .partnerFunding),
      ],
      units: .from(.unitIssued, to: .unitOpen),
      effect: .opensLot,
      line: .line(.cofunding, .toIssuer),
      rollForward: .earned,
      isBulk: true
    ),

    FlowFacts(
      .payOutCashback,
      code: "E3b",
      examples: ["E3d"],
      name: "Cashback goes to the card account by a pay-out file.",
      verb: "paid out:",
      money: [.cost(.cashbackLiability, .cardSystem)],
      units: .from(.unitOpen, to: .unitRedeemed),
      effect: .takes,
      rollForward: .settled
    ),

    FlowFacts(
      .restoreCashback,
      code: "E3c",
      name: "The card system rejects a pay-out: the same lots hold the cashback again.",
      verb: "gave back, the pay-out being rejected:",
      money: [.cost(.cardSystem, .cashbackLiability)],
      units: .from(.unitRedeemed, to: .unitOpen),
      effect: .givesBack,
      rollForward: .settled
    ),

    FlowFacts(
      .sponsorShare,
      code: "E4s",
      examples: ["E2b", "E3d"],
      name: "A share in a row of its own: of a further sponsor, or one that came after earning.",
      verb: "shared with a sponsor",
      money: [.share(.receivableAccrued, .partnerFunding)],
      effect: .shares,
      line: .line(.cofunding, .toIssuer),
      rollForward: .other
    ),

    FlowFacts(
      .clawbackCashback,
      code: "E6",
      examples: ["E7", "E8", "E13a", "E13c", "E15", "E16", "E19", "P4"],
      name: "Cashback is taken back from a lot, with each funder's share.",
      verb: "took back",
      money: [
        .cost(.cashbackLiability, .cashbackCost), .share(.partnerFunding, .receivableAccrued),
      ],
      units: .from(.unitOpen, to: .unitIssued),
      effect: .takesBack,
      line: .line(.cofunding, .toPartner),
      rollForward: .reversed
    ),

    FlowFacts(
      .returnSponsorShare,
      code: "E7s",
      examples: ["E7"],
      name: "A sponsor's share that has a row of its own is taken back.",
      verb: "gave a sponsor's share back",
      money: [.share(.partnerFunding, .receivableAccrued)],
      effect: .unshares,
      line: .line(.cofunding, .toPartner),
      rollForward: .other
    ),

    FlowFacts(
      .debtCashback,
      code: "E9",
      examples: ["E9a", "E9b", "E14a", "E19"],
      name: "Cashback that is no longer there is taken back as a debt of the member.",
      verb: "took back as a debt",
      money: [
        .cost(.clawbackReceivable, .cashbackCost), .share(.partnerFunding, .receivableAccrued),
      ],
      units: .from(.unitDebt, to: .unitIssued),
      effect: .takesBackAsDebt,
      line: .line(.cofunding, .toPartner),
      rollForward: .other
    ),

    FlowFacts(
      .offsetCashback,
      code: "E10",
      examples: ["E14b", "E14c"],
      name: "Cashback just earned offsets what the member owes.",
      verb: "offset a debt:",
      money: [.cost(.cashbackLiability, .clawbackReceivable)],
      units: .from(.unitOpen, to: .unitDebt),
      effect: .offsets,
      rollForward: .reversed
    ),

    FlowFacts(
      .writeOffDebt,
      code: "E11",
      examples: ["E11a", "E11b"],
      name: "What a member owes is written off; a partner may bear its part.",
      verb: "wrote off of a debt:",
      money: [.cost(.goodwill, .clawbackReceivable), .share(.receivableAccrued, .partnerFunding)],
      units: .from(.unitIssued, to: .unitDebt),
      effect: .forgives,
      line: .line(.cofunding, .toIssuer),
      rollForward: .other
    ),

    FlowFacts(
      .expireCashback,
      code: "E17",
      examples: ["E17a", "E17b"],
      name: "Cashback expires; a partner that paid for it may get its share back.",
      verb: "expired:",
      money: [
        .cost(.cashbackLiability, .breakageIncome), .share(.partnerFunding, .receivableAccrued),
      ],
      units: .from(.unitOpen, to: .unitExpired),
      effect: .expires,
      line: .line(.cofunding, .toPartner),
      rollForward: .expired
    ),

    FlowFacts(
      .clawbackExpiredCashback,
      code: "E17r",
      name: "The purchase of expired cashback is refunded: what expired was never due.",
      verb: "took back what had expired:",
      money: [.cost(.breakageIncome, .cashbackCost), .share(.partnerFunding, .receivableAccrued)],
      units: .from(.unitExpired, to: .unitIssued),
      effect: .takesBackExpired,
      line: .line(.cofunding, .toPartner),
      rollForward: .other
    ),

    FlowFacts(
      .goodwillCashback,
      code: "E18",
      name: "Two people give goodwill as cashback.",
      verb: "given by two people:",
      money: [.cost(.goodwill, .cashbackLiability)],
      units: .from(.unitIssued, to: .unitOpen),
      effect: .opensLot,
      rollForward: .earned
    ),

    FlowFacts(
      .goodwillCredit,
      code: "E18s",
      name: "Two people give goodwill as store credit.",
      verb: "given by two people:",
      money: [.cost(.goodwill, .creditLiability)],
      units: .from(.unitIssued, to: .unitOpen),
      effect: .opensLot,
      rollForward: .earned
    ),
  ]
}
