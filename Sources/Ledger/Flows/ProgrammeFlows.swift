/// What the terms of a programme do afterwards, members that are joined, and going live.
extension FlowFacts {
  static let expirePoints = FlowFacts(
    code: "P7",
    examples: ["P7a", "P7b"],
    name: "Points expire, first against what an estimate had foreseen.",
    verb: "expired:",
    money: [.cost(.pointsLiability, .pointsCost), .share(.pointsCost, .breakageAllowance)],
    units: .from(.unitOpen, to: .unitExpired),
    effect: .expires,
    rollForward: .expired
  )

  static let clawbackExpiredPoints = FlowFacts(
    code: "P7r",
    name: "The purchase of expired points is refunded; their cost was released when they expired.",
    verb: "took back what had expired:",
    units: .from(.unitExpired, to: .unitIssued),
    effect: .takesBackExpired,
    rollForward: .other
  )

  static let cheaperMiles = FlowFacts(
    code: "P13",
    name: "Miles of a stated line cost less by an amendment.",
    verb: "cheaper by an amendment:",
    money: [.cost(.payableConfirmed, .milesCost)],
    effect: .nothing,
    line: .line(.rerate, .toIssuer, original: .lot),
    rollForward: .other
  )

  static let dearerMiles = FlowFacts(
    code: "P13u",
    name: "Miles of a stated line cost more by an amendment.",
    verb: "dearer by an amendment:",
    money: [.cost(.milesCost, .payableConfirmed)],
    effect: .nothing,
    line: .line(.rerate, .toPartner, original: .lot),
    rollForward: .other
  )

  static let breakageShare = FlowFacts(
    code: "P27",
    name: "The partner's part of expired store credit enters its statement.",
    verb: "shared with the partner, having expired",
    money: [.cost(.breakageShares, .payableConfirmed)],
    effect: .nothing,
    line: .line(.breakage, .toPartner),
    rollForward: .other
  )

  static let returnBreakageShare = FlowFacts(
    code: "P27r",
    name:
      "The partner's part of expired store credit leaves its statement, the purchase being refunded.",
    verb: "took the partner's part of breakage back",
    money: [.cost(.payableConfirmed, .breakageShares)],
    effect: .nothing,
    line: .line(.breakage, .toIssuer),
    rollForward: .other
  )

  static let handOver = FlowFacts(
    code: "T1",
    name:
      "A lot goes to the member that its owner was joined to, or becomes other points: no money moves.",
    verb: "handed on, to a joined member or as other points:",
    units: .from(.unitOpen, to: .unitConverted),
    effect: .takes,
    rollForward: .other
  )

  static let receive = FlowFacts(
    code: "T1i",
    name: "A lot as the member has it to whom it went, or as other points, with its day and cost.",
    verb: "received, from a joined member or for other points:",
    units: .from(.unitConverted, to: .unitOpen),
    effect: .opensLot,
    rollForward: .other
  )

  static let handOverDebt = FlowFacts(
    code: "T2",
    name: "A debt goes to the member that its owner was joined to, or becomes one of other points.",
    verb: "handed on, to a joined member or as other points:",
    units: .from(.unitIssued, to: .unitDebt),
    effect: .forgives,
    rollForward: .other
  )

  static let receiveDebt = FlowFacts(
    code: "T2i",
    name: "A debt as the member has it to whom it went, or of other points.",
    verb: "received, from a joined member or for other points:",
    units: .from(.unitDebt, to: .unitIssued),
    effect: .owes,
    rollForward: .other
  )

  static let openCashback = FlowFacts(
    code: "G1",
    name: "Cashback of the old system is brought in.",
    verb: "brought from the old system:",
    money: [.cost(.migration, .cashbackLiability)],
    units: .from(.unitIssued, to: .unitOpen),
    effect: .opensLot,
    rollForward: .earned
  )

  static let openCredit = FlowFacts(
    code: "G1s",
    name: "Store credit of the old system is brought in.",
    verb: "brought from the old system:",
    money: [.cost(.migration, .creditLiability)],
    units: .from(.unitIssued, to: .unitOpen),
    effect: .opensLot,
    rollForward: .earned
  )

  static let openDebt = FlowFacts(
    code: "G2",
    name: "A debt of the old system is brought in.",
    verb: "brought as a debt from the old system:",
    money: [.cost(.clawbackReceivable, .migration)],
    units: .from(.unitDebt, to: .unitIssued),
    effect: .owes,
    rollForward: .other
  )
}
