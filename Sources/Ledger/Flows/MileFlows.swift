/// Partner miles: earned, filed, answered, taken back, bought ahead.
extension FlowFacts {
  static let earnMiles = FlowFacts(
    code: "M1",
    examples: ["M13"],
    name: "Partner miles are earned.",
    verb: "earned",
    money: [.cost(.milesCost, .payableAccrued)],
    units: .from(.unitIssued, to: .unitOpen),
    effect: .opensMiles,
    rollForward: .earned
  )

  static let fileSettled = FlowFacts(
    code: "M2b",
    name: "Miles are owed with the statement that sends their line.",
    verb: "owed with the statement that sends it:",
    money: [.cost(.payableAccrued, .payableConfirmed)],
    effect: .nothing,
    line: .line(.ofRule, .toPartner, id: .ofLot),
    rollForward: .settled
  )

  static let acceptMiles = FlowFacts(
    code: "M3",
    examples: ["M4", "M13a"],
    name: "The partner accepted the line, or a part of it.",
    verb: "accepted by the partner:",
    money: [.cost(.payableAccrued, .payableConfirmed)],
    units: .from(.unitFiled, to: .unitDelivered),
    effect: .nothing,
    line: .line(.ofRule, .toPartner, id: .ofAnswer),
    rollForward: .settled
  )

  static let acceptFiled = FlowFacts(
    code: "M3u",
    name: "The partner accepted a line that was owed when it was sent: miles move, no money.",
    verb: "accepted by the partner:",
    units: .from(.unitFiled, to: .unitDelivered),
    effect: .nothing,
    rollForward: .other
  )

  static let rejectMiles = FlowFacts(
    code: "M5",
    examples: ["M4", "M10c"],
    name: "The partner rejected the line, or a part of it.",
    verb: "rejected by the partner:",
    money: [.cost(.payableAccrued, .rejectedAccruals)],
    units: .from(.unitFiled, to: .unitRejected),
    effect: .rejects,
    rollForward: .settled
  )

  static let rejectFiled = FlowFacts(
    code: "M5b",
    name:
      "The partner rejected a line that was owed when it was sent: a credit on the next statement.",
    verb: "rejected by the partner:",
    money: [.cost(.payableConfirmed, .rejectedAccruals)],
    units: .from(.unitFiled, to: .unitRejected),
    effect: .rejects,
    line: .line(.reversal, .toIssuer, original: .lot),
    rollForward: .other
  )

  static let refileMiles = FlowFacts(
    code: "M6a",
    name: "A rejected line goes out again.",
    verb: "filed again:",
    money: [.cost(.rejectedAccruals, .payableAccrued)],
    units: .from(.unitRejected, to: .unitFiled),
    effect: .unrejects,
    rollForward: .earned
  )

  static let lapseMiles = FlowFacts(
    code: "M6b",
    name: "A rejected line was not cured in time; the cash that it gives is a row of E1.",
    verb: "lapsed:",
    money: [.cost(.rejectedAccruals, .milesCost)],
    units: .from(.unitRejected, to: .unitConverted),
    effect: .lapses,
    rollForward: .other
  )

  static let reverseMiles = FlowFacts(
    code: "M7a",
    name: "Miles are taken back before their line went out.",
    verb: "took back",
    money: [.cost(.payableAccrued, .milesCost)],
    units: .from(.unitOpen, to: .unitIssued),
    effect: .takesMiles,
    rollForward: .reversed
  )

  static let dropRejected = FlowFacts(
    code: "M7c",
    name: "A rejected line is dropped, since its purchase was refunded.",
    verb: "dropped, being rejected and refunded:",
    money: [.cost(.rejectedAccruals, .milesCost)],
    units: .from(.unitRejected, to: .unitIssued),
    effect: .unrejects,
    rollForward: .other
  )

  static let reversalLine = FlowFacts(
    code: "M8",
    examples: ["M7b"],
    name:
      "Miles are to be taken back by a reversal line, which waits for its turn: nothing is posted.",
    verb: "asked the partner to take back",
    effect: .takesMiles,
    rollForward: .other
  )

  static let takeBackMiles = FlowFacts(
    code: "M8a",
    name: "The partner took the miles back.",
    verb: "taken back by the partner:",
    money: [.cost(.payableConfirmed, .milesCost)],
    units: .from(.unitDelivered, to: .unitIssued),
    effect: .nothing,
    line: .line(.reversal, .toIssuer, id: .ofAnswer),
    rollForward: .other
  )

  static let buyMiles = FlowFacts(
    code: "M9",
    name: "Miles are bought ahead of need: by the bank, not by a member.",
    verb: "bought ahead:",
    money: [.cost(.prepaidMiles, .payableConfirmed)],
    units: .from(.unitPrepaidSource, to: .unitPrepaid),
    effect: .nothing,
    line: .line(.prepaid, .toPartner),
    rollForward: .other
  )

  static let reservePrepaid = FlowFacts(
    code: "M10a",
    name: "A line of miles draws on a lot bought ahead that cost less than its contract says.",
    verb: "cheaper, being bought ahead:",
    money: [.cost(.payableAccrued, .milesCost)],
    effect: .nothing,
    rollForward: .reversed
  )

  static let acceptPrepaid = FlowFacts(
    code: "M10b",
    name: "The partner accepted a line that draws on miles bought ahead.",
    verb: "accepted by the partner, being bought ahead:",
    money: [.cost(.payableAccrued, .prepaidMiles)],
    units: .from(.unitFiled, to: .unitDelivered),
    effect: .nothing,
    rollForward: .settled
  )

  static let drawPrepaid = FlowFacts(
    code: "M10d",
    name: "The lot bought ahead gives the miles of an accepted line.",
    verb: "drawn from miles bought ahead:",
    units: .from(.unitPrepaid, to: .unitPrepaidSource),
    effect: .nothing,
    rollForward: .other
  )

  static let freePrepaid = FlowFacts(
    code: "M10f",
    examples: ["M10c"],
    name: "A line costs more: its lot bought ahead is dearer, or it draws on it no longer.",
    verb: "dearer than its contract says, or than miles bought ahead:",
    money: [.cost(.milesCost, .payableAccrued)],
    effect: .nothing,
    rollForward: .earned
  )

  static let takeBackPrepaid = FlowFacts(
    code: "M11",
    name: "The partner took miles back that a lot bought ahead gave.",
    verb: "taken back by the partner, being bought ahead:",
    money: [.cost(.prepaidMiles, .milesCost)],
    units: .from(.unitDelivered, to: .unitIssued),
    effect: .nothing,
    rollForward: .other
  )

  static let returnPrepaid = FlowFacts(
    code: "M11d",
    name: "Miles that were taken back return to the lot bought ahead.",
    verb: "given back to miles bought ahead:",
    units: .from(.unitPrepaidSource, to: .unitPrepaid),
    effect: .nothing,
    rollForward: .other
  )

  static let convertPoints = FlowFacts(
    code: "M12",
    name: "Points become miles, which are a row of M1: the lot's cost is released.",
    verb: "turned into miles:",
    money: [.cost(.pointsLiability, .pointsCost)],
    units: .from(.unitOpen, to: .unitConverted),
    effect: .takes,
    rollForward: .settled
  )

  static let convertedCost = FlowFacts(
    code: "M12c",
    name: "The cost of the miles that points became is that of the points.",
    verb: "cost of the miles that points became:",
    money: [.cost(.pointsCost, .milesCost)],
    effect: .nothing,
    rollForward: .other
  )
}
