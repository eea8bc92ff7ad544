/// What the templates move: money, units, statements, lots and debts.
extension Template {
  /// Money legs; for each measure they sum to zero.
  package var legs: [Leg] {
    switch self {
    case .earnCashback:
      [
        .debit(.cashbackCost), .credit(.cashbackLiability),
        .debit(.receivableAccrued, .share), .credit(.partnerFunding, .share),
      ]
    case .clawbackCashback:
      [
        .debit(.cashbackLiability), .credit(.cashbackCost),
        .debit(.partnerFunding, .share), .credit(.receivableAccrued, .share),
      ]
    case .debtCashback:
      [
        .debit(.clawbackReceivable), .credit(.cashbackCost),
        .debit(.partnerFunding, .share), .credit(.receivableAccrued, .share),
      ]
    case .earnCredit: [.debit(.creditCost), .credit(.creditLiability)]
    case .clawbackCredit: [.debit(.creditLiability), .credit(.creditCost)]
    case .debtCredit: [.debit(.clawbackReceivable), .credit(.creditCost)]
    case .redeemCredit: [.debit(.creditLiability), .credit(.payableConfirmed)]
    case .expireCashback:
      [
        .debit(.cashbackLiability), .credit(.breakageIncome),
        .debit(.partnerFunding, .share), .credit(.receivableAccrued, .share),
      ]
    case .expireCredit:
      [
        .debit(.creditLiability), .credit(.breakageIncome),
        .debit(.breakageIncome, .share), .credit(.breakageShares, .share),
      ]
    case .offsetCashback: [.debit(.cashbackLiability), .credit(.clawbackReceivable)]
    case .offsetCredit: [.debit(.creditLiability), .credit(.clawbackReceivable)]
    case .clawbackExpiredCashback:
      [
        .debit(.breakageIncome), .credit(.cashbackCost),
        .debit(.partnerFunding, .share), .credit(.receivableAccrued, .share),
      ]
    case .clawbackExpiredCredit:
      [
        .debit(.breakageIncome), .credit(.creditCost),
        .debit(.breakageShares, .share), .credit(.breakageIncome, .share),
      ]
    case .captureCredit: [.debit(.creditLiability), .credit(.payableAccrued)]
    case .confirmCredit: [.debit(.payableAccrued), .credit(.payableConfirmed)]
    case .goodwillCashback: [.debit(.goodwill), .credit(.cashbackLiability)]
    case .goodwillCredit: [.debit(.goodwill), .credit(.creditLiability)]
    case .writeOffDebt:
      [
        .debit(.goodwill), .credit(.clawbackReceivable),
        .debit(.receivableAccrued, .share), .credit(.partnerFunding, .share),
      ]
    case .openCashback: [.debit(.migration), .credit(.cashbackLiability)]
    case .openCredit: [.debit(.migration), .credit(.creditLiability)]
    case .openDebt: [.debit(.clawbackReceivable), .credit(.migration)]
    case .earnPoints: [.debit(.pointsCost), .credit(.pointsLiability)]
    case .clawbackPoints, .redeemPoints: [.debit(.pointsLiability), .credit(.pointsCost)]
    case .expirePoints:
      [
        .debit(.pointsLiability), .credit(.pointsCost),
        .debit(.pointsCost, .share), .credit(.breakageAllowance, .share),
      ]
    case .debtPoints: [.debit(.clawbackReceivable), .credit(.pointsCost)]
    case .chargePoints: [.debit(.pointsCost), .credit(.payableAccrued)]
    case .chargeItem: [.debit(.pointsCost), .credit(.payableConfirmed)]
    case .returnItem: [.debit(.payableConfirmed), .credit(.pointsCost)]
    case .returnPoints: [.debit(.pointsCost), .credit(.pointsLiability)]
    case .clawbackExpiredPoints, .handOver, .receive, .handOverDebt, .receiveDebt, .acceptFiled,
      .drawPrepaid, .returnPrepaid:
      []
    case .offsetPoints: [.debit(.pointsLiability), .credit(.clawbackReceivable)]
    case .earnStamps: [.debit(.stampCost), .credit(.stampLiability)]
    case .clawbackStamps, .expireStamps: [.debit(.stampLiability), .credit(.stampCost)]
    case .debtStamps: [.debit(.clawbackReceivable), .credit(.stampCost)]
    case .offsetStamps: [.debit(.stampLiability), .credit(.clawbackReceivable)]
    case .redeemVoucher: [.debit(.stampLiability), .credit(.payableAccrued)]
    case .chargeBenefit: [.debit(.stampCost), .credit(.payableAccrued)]
    case .convertStamps, .awardVoucher, .clawbackExpiredStamps, .grantBenefit, .useBenefit,
      .expireBenefit:
      []
    case .earnBonus: [.debit(.bonusCost), .credit(.cashbackLiability)]
    case .reverseBonus: [.debit(.cashbackLiability), .credit(.bonusCost)]
    case .debtBonus: [.debit(.clawbackReceivable), .credit(.bonusCost)]
    case .sponsorShare: [.debit(.receivableAccrued, .share), .credit(.partnerFunding, .share)]
    case .returnSponsorShare:
      [.debit(.partnerFunding, .share), .credit(.receivableAccrued, .share)]
    case .breakageShare: [.debit(.breakageShares), .credit(.payableConfirmed)]
    case .returnBreakageShare: [.debit(.payableConfirmed), .credit(.breakageShares)]
    case .convertPoints: [.debit(.pointsLiability), .credit(.pointsCost)]
    case .convertedCost: [.debit(.pointsCost), .credit(.milesCost)]
    case .cheaperMiles: [.debit(.payableConfirmed), .credit(.milesCost)]
    case .dearerMiles: [.debit(.milesCost), .credit(.payableConfirmed)]
    case .cheaperCredit: [.debit(.creditLiability), .credit(.creditCost)]
    case .dearerCredit: [.debit(.creditCost), .credit(.creditLiability)]
    case .payOutCashback: [.debit(.cashbackLiability), .credit(.cardSystem)]
    case .restoreCashback: [.debit(.cardSystem), .credit(.cashbackLiability)]
    case .returnCredit: [.debit(.payableConfirmed), .credit(.creditLiability)]
    case .oweCredit: [.debit(.clawbackReceivable), .credit(.payableConfirmed)]
    case .returnOwedCredit: [.debit(.payableConfirmed), .credit(.clawbackReceivable)]
    case .earnMiles: [.debit(.milesCost), .credit(.payableAccrued)]
    case .reverseMiles: [.debit(.payableAccrued), .credit(.milesCost)]
    case .reversalLine: []
    case .acceptMiles, .fileSettled: [.debit(.payableAccrued), .credit(.payableConfirmed)]
    case .rejectFiled: [.debit(.payableConfirmed), .credit(.rejectedAccruals)]
    case .rejectMiles: [.debit(.payableAccrued), .credit(.rejectedAccruals)]
    case .takeBackMiles: [.debit(.payableConfirmed), .credit(.milesCost)]
    case .dropRejected, .lapseMiles: [.debit(.rejectedAccruals), .credit(.milesCost)]
    case .refileMiles: [.debit(.rejectedAccruals), .credit(.payableAccrued)]
    case .buyMiles: [.debit(.prepaidMiles), .credit(.payableConfirmed)]
    case .reservePrepaid: [.debit(.payableAccrued), .credit(.milesCost)]
    case .freePrepaid: [.debit(.milesCost), .credit(.payableAccrued)]
    case .acceptPrepaid: [.debit(.payableAccrued), .credit(.prepaidMiles)]
    case .takeBackPrepaid: [.debit(.prepaidMiles), .credit(.milesCost)]
    }
  }

  /// The unit movement `from → to`, nil where no unit moves.
  package var units: (from: Account, to: Account)? {
    switch self {
    case .earnCashback, .earnCredit, .earnMiles, .goodwillCashback, .goodwillCredit,
      .openCashback, .openCredit, .earnPoints, .earnStamps, .awardVoucher, .grantBenefit,
      .earnBonus:
      (.unitIssued, .unitOpen)
    case .writeOffDebt, .handOverDebt: (.unitIssued, .unitDebt)
    case .receive: (.unitConverted, .unitOpen)
    case .receiveDebt: (.unitDebt, .unitIssued)
    case .clawbackCashback, .clawbackCredit, .clawbackPoints, .reverseMiles, .clawbackStamps,
      .reverseBonus:
      (.unitOpen, .unitIssued)
    case .debtCashback, .debtCredit, .debtPoints, .openDebt, .debtStamps, .debtBonus:
      (.unitDebt, .unitIssued)
    case .redeemCredit, .captureCredit, .payOutCashback, .redeemPoints, .redeemVoucher, .useBenefit:
      (.unitOpen, .unitRedeemed)
    case .convertStamps, .convertPoints, .handOver: (.unitOpen, .unitConverted)
    case .returnCredit, .restoreCashback, .returnPoints: (.unitRedeemed, .unitOpen)
    case .oweCredit: (.unitDebt, .unitRedeemed)
    case .returnOwedCredit: (.unitRedeemed, .unitDebt)
    case .expireCashback, .expireCredit, .expirePoints, .expireStamps, .expireBenefit:
      (.unitOpen, .unitExpired)
    case .offsetCashback, .offsetCredit, .offsetPoints, .offsetStamps: (.unitOpen, .unitDebt)
    case .clawbackExpiredCashback, .clawbackExpiredCredit, .clawbackExpiredPoints,
      .clawbackExpiredStamps:
      (.unitExpired, .unitIssued)
    case .reversalLine, .confirmCredit, .chargePoints, .chargeBenefit, .sponsorShare,
      .returnSponsorShare, .breakageShare, .returnBreakageShare, .convertedCost, .cheaperMiles,
      .dearerMiles, .cheaperCredit, .dearerCredit, .chargeItem, .returnItem,
      .fileSettled, .reservePrepaid, .freePrepaid:
      nil
    case .buyMiles, .returnPrepaid: (.unitPrepaidSource, .unitPrepaid)
    case .drawPrepaid: (.unitPrepaid, .unitPrepaidSource)
    case .acceptMiles, .acceptFiled, .acceptPrepaid: (.unitFiled, .unitDelivered)
    case .rejectMiles, .rejectFiled: (.unitFiled, .unitRejected)
    case .takeBackMiles, .takeBackPrepaid: (.unitDelivered, .unitIssued)
    case .dropRejected: (.unitRejected, .unitIssued)
    case .refileMiles: (.unitRejected, .unitFiled)
    case .lapseMiles: (.unitRejected, .unitConverted)
    }
  }

  /// The line of the statement's `settled` section that a row gives: what it measures and which
  /// side it helps.
  package var settled: (measure: Measure, direction: Direction)? {
    switch self {
    case .earnCashback, .sponsorShare, .writeOffDebt: (.share, .toIssuer)
    case .clawbackCashback, .debtCashback, .expireCashback, .clawbackExpiredCashback,
      .returnSponsorShare:
      (.share, .toPartner)
    case .redeemCredit, .confirmCredit, .oweCredit, .acceptMiles, .fileSettled, .breakageShare,
      .dearerMiles,
      .chargeItem, .buyMiles:
      (.cost, .toPartner)
    case .takeBackMiles, .rejectFiled, .returnCredit, .returnOwedCredit, .returnBreakageShare,
      .cheaperMiles,
      .returnItem:
      (.cost, .toIssuer)
    default: nil
    }
  }

  /// What the row does to the member's balance of the reward: +1, -1 or 0.
  package var balanceSign: Int64 {
    switch self {
    case .earnCashback, .earnCredit, .earnMiles, .returnCredit, .returnOwedCredit,
      .restoreCashback, .goodwillCashback, .goodwillCredit, .writeOffDebt,
      .openCashback, .openCredit, .earnPoints, .earnStamps, .awardVoucher, .grantBenefit,
      .earnBonus, .returnPoints, .receive, .handOverDebt:
      1
    case .clawbackCashback, .debtCashback, .clawbackCredit, .debtCredit, .redeemCredit,
      .openDebt, .clawbackPoints, .debtPoints, .redeemPoints, .expirePoints, .captureCredit,
      .payOutCashback, .oweCredit, .reverseMiles, .reversalLine, .lapseMiles, .expireCashback,
      .expireCredit, .clawbackStamps, .debtStamps, .convertStamps, .redeemVoucher, .expireStamps,
      .useBenefit, .expireBenefit, .reverseBonus, .debtBonus, .convertPoints, .handOver,
      .receiveDebt:
      -1
    default: 0
    }
  }

  /// What the row does to the lot that it names: -1 takes from it, 1 gives back, 0 neither.
  package var lotSign: Int64 {
    switch self {
    case .clawbackCashback, .clawbackCredit, .redeemCredit, .captureCredit, .payOutCashback,
      .expireCashback, .expireCredit, .offsetCashback, .offsetCredit, .clawbackPoints,
      .redeemPoints, .expirePoints, .offsetPoints, .clawbackStamps, .convertStamps, .redeemVoucher,
      .expireStamps, .offsetStamps, .useBenefit, .expireBenefit, .reverseBonus, .convertPoints,
      .cheaperCredit, .handOver:
      -1
    case .returnCredit, .restoreCashback, .dearerCredit, .returnPoints: 1
    default: 0
    }
  }

  /// Whether the row is a lot that movements name.
  package var makesLot: Bool {
    switch self {
    case .earnCashback, .earnCredit, .earnMiles, .goodwillCashback, .goodwillCredit,
      .openCashback, .openCredit, .earnPoints, .earnStamps, .awardVoucher, .grantBenefit,
      .earnBonus, .receive:
      true
    default: false
    }
  }

  /// What the row does to what the member owes: 1 raises it, -1 lowers it.
  package var debtSign: Int64 {
    switch self {
    case .debtCashback, .debtCredit, .debtPoints, .oweCredit, .openDebt, .debtStamps, .debtBonus,
      .receiveDebt:
      1
    case .offsetCashback, .offsetCredit, .returnOwedCredit, .writeOffDebt, .offsetPoints,
      .offsetStamps, .handOverDebt:
      -1
    default: 0
    }
  }
}
