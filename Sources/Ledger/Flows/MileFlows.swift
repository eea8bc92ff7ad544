extension FlowFacts {
  /// Partner miles: earned, filed, answered, taken back, bought ahead.
  static let miles: [FlowFacts] = [
    FlowFacts(
      .earnMiles,
      code: "M1",
      examples: ["M13", "M10a", "M12"],
      name: "Partner miles are earned.",
      verb: "earned",
      money: [.cost(.milesCost, .payableAccrued)],
      units: .from(.unitIssued, to: .unitOpen),
      effect: .opensMiles,
      rollForward: .earned,
      isBulk: true
    ),

    FlowFacts(
      .fileSettled,
      code: "M2b",
      name: "Miles are owed with the statement that sends their line.",
      verb: "owed with the statement that sends it:",
      money: [.cost(.payableAccrued, .payableConfirmed)],
      effect: .nothing,
      line: .line(.ofRule, .toPartner, id: .ofLot),
      rollForward: .settled
    ),

    FlowFacts(
      .acceptMiles,
      code: "M3",
      examples: ["M4", "M13a"],
      name: "The partner accepted the line, or a part of it.",
      verb: "accepted by the partner:",
      money: [.cost(.payableAccrued, .payableConfirmed)],
      units: .from(.unitFiled, to: .unitDelivered),
      effect: .nothing,
      line: .line(.ofRule, .toPartner, id: .ofAnswer),
      rollForward: .settled
    ),

    FlowFacts(
      .acceptFiled,
      code: "M3u",
      name: "The partner accepted a line that was owed when it was sent: miles move, no money.",
      verb: "accepted by the partner:",
      units: .from(.unitFiled, to: .unitDelivered),
      effect: .nothing,
      rollForward: .other
    ),

    FlowFacts(
      .rejectMiles,
      code: "M5",
      examples: ["M4", "M10c"],
      name: "The partner rejected the line, or a part of it.",
      verb: "rejected by the partner:",
      money: [.cost(.payableAccrued, .rejectedAccruals)],
      units: .from(.unitFiled, to: .unitRejected),
      effect: .rejects,
      rollForward: .settled
    ),

    FlowFacts(
      .rejectFiled,
      code: "M5b",
      name:
        "The partner rejected a line that was owed when it was sent: a credit on the next statement.",
      verb: "rejected by the partner:",
      money: [.cost(.payableConfirmed, .rejectedAccruals)],
      units: .from(.unitFiled, to: .unitRejected),
      effect: .rejects,
      line: .line(.reversal, .toIssuer, original: .lot),
      rollForward: .other
    ),

    FlowFacts(
      .refileMiles,
      code: "M6a",
      name: "A rejected line goes out again.",
      verb: "filed again:",
      money: [.cost(.rejectedAccruals, .payableAccrued)],
      units: .from(.unitRejected, to: .unitFiled),
      effect: .unrejects,
      rollForward: .earned,
      waits: true
    ),

    FlowFacts(
      .lapseMiles,
      code: "M6b",
      name: "A rejected line was not cured in time; the cash that it gives is a row of E1.",
      verb: "lapsed:",
      money: [.cost(.rejectedAccruals, .milesCost)],
      units: .from(.unitRejected, to: .unitConverted),
      effect: .lapses,
      rollForward: .other
    ),

    FlowFacts(
      .reverseMiles,
      code: "M7a",
      name: "Miles are taken back before their line went out.",
      verb: "took back",
      money: [.cost(.payableAccrued, .milesCost)],
      units: .from(.unitOpen, to: .unitIssued),
      effect: .takesMiles,
      rollForward: .reversed
    ),

    FlowFacts(
      .dropRejected,
      code: "M7c",
      name: "A rejected line is dropped, since its purchase was refunded.",
      verb: "dropped, being rejected and refunded:",
      money: [.cost(.rejectedAccruals, .milesCost)],
      units: .from(.unitRejected, to: .unitIssued),
      effect: .unrejects,
      rollForward: .other
    ),

    FlowFacts(
      .reversalLine,
      code: "M8",
      examples: ["M7b"],
      name:
        "Miles are to be taken back by a reversal line, which waits for its turn: nothing is posted.",
      verb: "asked the partner to take back",
      effect: .takesMiles,
      rollForward: .other,
      waits: true
    ),

    FlowFacts(
      .takeBackMiles,
      code: "M8a",
      name: "The partner took the miles back.",
      verb: "taken back by the partner:",
      money: [.cost(.payableConfirmed, .milesCost)],
      units: .from(.unitDelivered, to: .unitIssued),
      effect: .nothing,
      line: .line(.reversal, .toIssuer, id: .ofAnswer),
      rollForward: .other
    ),

    FlowFacts(
      .buyMiles,
      code: "M9",
      name: "Miles are bought ahead of need: by the bank, not by a member.",
      verb: "bought ahead:",
      money: [.cost(.prepaidMiles, .payableConfirmed)],
      units: .from(.unitPrepaidSource, to: .unitPrepaid),
      effect: .nothing,
      line: .line(.prepaid, .toPartner),
      rollForward: .other,
      isOfBank: true
    ),

    FlowFacts(
      .reservePrepaid,
      code: "M10a",
      name: "A line of miles draws on a lot bought ahead that cost less than its contract says.",
      verb: "cheaper, being bought ahead:",
      money: [.cost(.payableAccrued, .milesCost)],
      effect: .nothing,
      rollForward: .reversed
    ),

    FlowFacts(
      .acceptPrepaid,
      code: "M10b",
      name: "The partner accepted a line that draws on miles bought ahead.",
      verb: "accepted by the partner, being bought ahead:",
      money: [.cost(.payableAccrued, .prepaidMiles)],
      units: .from(.unitFiled, to: .unitDelivered),
      effect: .nothing,
      rollForward: .settled
    ),

    FlowFacts(
      .drawPrepaid,
      code: "M10d",
      examples: ["M10b"],
      name: "The lot bought ahead gives the miles of an accepted line.",
      verb: "drawn from miles bought ahead:",
      units: .from(.unitPrepaid, to: .unitPrepaidSource),
      effect: .nothing,
      rollForward: .other
    ),

    FlowFacts(
      .freePrepaid,
      code: "M10f",
      examples: ["M10c"],
      name: "A line costs more: its lot bought ahead is dearer, or it draws on it no longer.",
      verb: "dearer than its contract says, or than miles bought ahead:",
      money: [.cost(.milesCost, .payableAccrued)],
      effect: .nothing,
      rollForward: .earned
    ),

    FlowFacts(
      .takeBackPrepaid,
      code: "M11",
      name: "The partner took miles back that a lot bought ahead gave.",
      verb: "taken back by the partner, being bought ahead:",
      money: [.cost(.prepaidMiles, .milesCost)],
      units: .from(.unitDelivered, to: .unitIssued),
      effect: .nothing,
      rollForward: .other
    ),

    FlowFacts(
      .returnPrepaid,
      code: "M11d",
      examples: ["M11"],
      name: "Miles that were taken back return to the lot bought ahead.",
      verb: "given back to miles bought ahead:",
      units: .from(.unitPrepaidSource, to: .unitPrepaid),
      effect: .nothing,
      rollForward: .other
    ),

    FlowFacts(
      .convertPoints,
      code: "M12",
      name: "Points become miles, which are a row of M1: the lot's cost is released.",
      verb: "turned into miles:",
      money: [.cost(.pointsLiability, .pointsCost)],
      units: .from(.unitOpen, to: .unitConverted),
      effect: .takes,
      rollForward: .settled
    ),

    FlowFacts(
      .convertedCost,
      code: "M12c",
      examples: ["M12"],
      name: "The cost of the miles that points became is that of the points.",
      verb: "cost of the miles that points became:",
      money: [.cost(.pointsCost, .milesCost)],
      effect: .nothing,
      rollForward: .other
    ),
  ]
}
