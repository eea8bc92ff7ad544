extension FlowFacts {
  /// What the terms of a programme do afterwards, members that are joined, and going live.
  static let programme: [FlowFacts] = [
    FlowFacts(
      .expirePoints,
      code: "P7",
      examples: ["P7a", "P7b"],
      name: "Points expire, first against what an estimate had foreseen.",
      verb: "expired:",
      money: [.cost(.pointsLiability, .pointsCost), .share(.pointsCost, .breakageAllowance)],
      units: .from(.unitOpen, to: .unitExpired),
      effect: .expires,
      rollForward: .expired
    ),

    FlowFacts(
      .clawbackExpiredPoints,
      code: "P7r",
      name:
        "The purchase of expired points is refunded; their cost was released when they expired.",
      verb: "took back what had expired:",
      units: .from(.unitExpired, to: .unitIssued),
      effect: .takesBackExpired,
      rollForward: .other
    ),

    FlowFacts(
      .cheaperMiles,
      code: "P13",
      name: "Miles of a stated line cost less by an amendment.",
      verb: "cheaper by an amendment:",
      money: [.cost(.payableConfirmed, .milesCost)],
      effect: .nothing,
      line: .line(.rerate, .toIssuer, original: .lot),
      rollForward: .other
    ),

    FlowFacts(
      .dearerMiles,
      code: "P13u",
      name: "Miles of a stated line cost more by an amendment.",
      verb: "dearer by an amendment:",
      money: [.cost(.milesCost, .payableConfirmed)],
      effect: .nothing,
      line: .line(.rerate, .toPartner, original: .lot),
      rollForward: .other
    ),

    FlowFacts(
      .breakageShare,
      code: "P27",
      name: "The partner's part of expired store credit enters its statement.",
      verb: "shared with the partner, having expired",
      money: [.cost(.breakageShares, .payableConfirmed)],
      effect: .nothing,
      line: .line(.breakage, .toPartner),
      rollForward: .other
    ),

    FlowFacts(
      .returnBreakageShare,
      code: "P27r",
      name:
        "The partner's part of expired store credit leaves its statement, the purchase being refunded.",
      verb: "took the partner's part of breakage back",
      money: [.cost(.payableConfirmed, .breakageShares)],
      effect: .nothing,
      line: .line(.breakage, .toIssuer),
      rollForward: .other
    ),

    FlowFacts(
      .handOver,
      code: "T1",
      name:
        "A lot goes to the member that its owner was joined to, or becomes other points: no money moves.",
      verb: "handed on, to a joined member or as other points:",
      units: .from(.unitOpen, to: .unitConverted),
      effect: .takes,
      rollForward: .other
    ),

    FlowFacts(
      .receive,
      code: "T1i",
      name:
        "A lot as the member has it to whom it went, or as other points, with its day and cost.",
      verb: "received, from a joined member or for other points:",
      units: .from(.unitConverted, to: .unitOpen),
      effect: .opensLot,
      rollForward: .other
    ),

    FlowFacts(
      .handOverDebt,
      code: "T2",
      name:
        "A debt goes to the member that its owner was joined to, or becomes one of other points.",
      verb: "handed on, to a joined member or as other points:",
      units: .from(.unitIssued, to: .unitDebt),
      effect: .forgives,
      rollForward: .other
    ),

    FlowFacts(
      .receiveDebt,
      code: "T2i",
      name: "A debt as the member has it to whom it went, or of other points.",
      verb: "received, from a joined member or for other points:",
      units: .from(.unitDebt, to: .unitIssued),
      effect: .owes,
      rollForward: .other
    ),

    FlowFacts(
      .openCashback,
      code: "G1",
      name: "Cashback of the old system is brought in.",
      verb: "brought from the old system:",
      money: [.cost(.migration, .cashbackLiability)],
      units: .from(.unitIssued, to: .unitOpen),
      effect: .opensLot,
      rollForward: .earned
    ),

    FlowFacts(
      .openCredit,
      code: "G1s",
      name: "Store credit of the old system is brought in.",
      verb: "brought from the old system:",
      money: [.cost(.migration, .creditLiability)],
      units: .from(.unitIssued, to: .unitOpen),
      effect: .opensLot,
      rollForward: .earned
    ),

    FlowFacts(
      .openDebt,
      code: "G2",
      name: "A debt of the old system is brought in.",
      verb: "brought as a debt from the old system:",
      money: [.cost(.clawbackReceivable, .migration)],
      units: .from(.unitDebt, to: .unitIssued),
      effect: .owes,
      rollForward: .other
    ),
  ]
}
