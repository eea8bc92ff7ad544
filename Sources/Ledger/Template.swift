/// A posting template: how one row of the reward subledger moves money and units.
///
/// The flows are those of the design's worked examples (their codes are the names); the same legs
/// stand as rows in the database, which computes every control posting from them.
package enum Template: Int16, CaseIterable, Sendable {
  /// Cashback earned, perhaps co-funded (E1, E4).
  case earnCashback = 1
  /// Cashback taken back from a lot (E6, E7, E8).
  case clawbackCashback = 2
  /// Cashback taken back as a debt of the member (E9a, E9b).
  case debtCashback = 3
  /// Store credit earned, at the cost of its reimbursement (S1).
  case earnCredit = 4
  /// Store credit taken back from a lot (S7, first part).
  case clawbackCredit = 5
  /// Store credit taken back as a debt (S7, second part).
  case debtCredit = 6
  /// Store credit used: the partner's till file captures and confirms it (S3a, S3b).
  case redeemCredit = 7
  /// Cashback expires; a co-funding partner may get its share back (E17a, E17b).
  case expireCashback = 8
  /// Store credit expires (S5).
  case expireCredit = 9
  /// Partner miles earned (M1).
  case earnMiles = 10
  /// Miles taken back before their line went out (M7a).
  case reverseMiles = 11
  /// Miles to be taken back by a reversal line, which waits for its turn (M7b, M8): no posting.
  case reversalLine = 12
  /// The partner accepted the line, or a part of it (M3, M4).
  case acceptMiles = 13
  /// The partner rejected the line, or a part of it (M4, M5).
  case rejectMiles = 14
  /// The partner took the miles back (M8a).
  case takeBackMiles = 15
  /// A rejected line whose purchase was refunded (M7c).
  case dropRejected = 16
  /// A rejected line goes out again (M6a).
  case refileMiles = 17
  /// A rejected line was not cured in time (M6b); the cash it gives is an `earnCashback` row.
  case lapseMiles = 18
  /// The purchase of expired cashback is refunded: what expired was never due (E17, then E6).
  case clawbackExpiredCashback = 19
  /// Cashback just earned offsets what the member owes (E10).
  case offsetCashback = 21
  /// Store credit just earned offsets what the member owes (as E10).
  case offsetCredit = 22
  /// The purchase of expired store credit is refunded (S5, then S7).
  case clawbackExpiredCredit = 20
  /// A call captured store credit (S3a).
  case captureCredit = 23
  /// The partner's till file confirms what a call captured (S3b).
  case confirmCredit = 24
  /// Cashback goes to the card account by a pay-out file (E3b).
  case payOutCashback = 25
  /// The card system rejects a pay-out: the same lots hold the cashback again (E3c).
  case restoreCashback = 26
  /// Goods bought with store credit come back: the same lots hold it again (S6).
  case returnCredit = 27
  /// Goodwill of two people as cashback (E18).
  case goodwillCashback = 28
  /// Goodwill of two people as store credit (E18).
  case goodwillCredit = 33
  /// What a member owes is written off (E11a).
  case writeOffDebt = 29
  /// Cashback of the old system (G1).
  case openCashback = 34
  /// Store credit of the old system (G1).
  case openCredit = 35
  /// A debt of the old system (G2).
  case openDebt = 36
  /// Own points earned, at their expected cost (O1).
  case earnPoints = 37
  /// Points taken back from a lot (O6).
  case clawbackPoints = 38
  /// Points taken back as a debt (O7).
  case debtPoints = 39
  /// Points used: the lot's cost is released (O4, first part).
  case redeemPoints = 40
  /// What the supplier of the goods charges for points used (O4, second part).
  case chargePoints = 41
  /// Points expire (P7).
  case expirePoints = 43
  /// The purchase of expired points is refunded; their cost was released when they expired.
  case clawbackExpiredPoints = 44
  /// Points just earned offset what the member owes (as E10).
  case offsetPoints = 45
  /// A stamp for a qualifying purchase, at its part of the voucher's cost (O8).
  case earnStamps = 46
  /// A stamp taken back from a lot.
  case clawbackStamps = 47
  /// A stamp taken back as a debt.
  case debtStamps = 48
  /// Stamps of a full card become a voucher (O9): no money moves.
  case convertStamps = 49
  /// The voucher for a full card, at what its stamps cost (O9).
  case awardVoucher = 50
  /// A voucher used at the partner (O10).
  case redeemVoucher = 51
  /// Stamps or vouchers lapse (O11).
  case expireStamps = 52
  /// The purchase of lapsed stamps is refunded; their cost was released when they lapsed.
  case clawbackExpiredStamps = 53
  /// Stamps just earned offset what the member owes (as E10).
  case offsetStamps = 54
  /// Uses of a benefit granted; they cost when they are used (O12).
  case grantBenefit = 55
  /// A benefit used (O13, first part).
  case useBenefit = 56
  /// What the partner charges for the use (O13, second part).
  case chargeBenefit = 57
  /// Uses that nobody took (O14).
  case expireBenefit = 58
  /// A bonus for a referral or another event, as cashback (O15).
  case earnBonus = 59
  /// A bonus taken back from a lot (O16).
  case reverseBonus = 60
  /// A bonus taken back as a debt.
  case debtBonus = 61
  /// The share of a further sponsor, or one that exists only once the reward can be used (E2b).
  case sponsorShare = 62
  /// Such a share taken back.
  case returnSponsorShare = 63
  /// The partner's part of expired store credit enters its statement (P27).
  case breakageShare = 64
  /// The same, the purchase being refunded.
  case returnBreakageShare = 65
  /// Points become another reward: the lot's cost is released (M12, first part).
  case convertPoints = 66
  /// The cost of the miles that points became is that of the points (M12, second part).
  case convertedCost = 67
  /// Miles of a stated line cost less by an amendment (P13).
  case cheaperMiles = 68
  /// Miles of a stated line cost more by an amendment (P13).
  case dearerMiles = 69
  /// Open store credit costs less by an amendment (S9).
  case cheaperCredit = 70
  /// Open store credit costs more by an amendment (S9).
  case dearerCredit = 71
  /// What a supplier charges for goods that points bought, owed at once (O4).
  case chargeItem = 72
  /// Goods that points bought came back: the supplier takes its charge back.
  case returnItem = 73
  /// Goods that points bought came back: the same lots hold the points again.
  case returnPoints = 74
  /// A lot goes to the member that its owner was joined to: no money moves.
  case handOver = 75
  /// The lot as the other member has it, with the same day and cost.
  case receive = 76
  /// A debt goes to the member that its owner was joined to.
  case handOverDebt = 77
  /// The debt as the other member has it.
  case receiveDebt = 78
  /// Miles are owed with the statement that sends their line (M2b).
  case fileSettled = 79
  /// The partner accepted a line that was owed when it was sent: miles move, no money (M3 after M2b).
  case acceptFiled = 80
  /// The partner rejected a line that was owed when it was sent: a credit on the next statement (M5b).
  case rejectFiled = 81
  /// Miles bought ahead of need (M9): of the bank, not of a member.
  case buyMiles = 82
  /// A line of miles draws on a lot that cost less than its contract says (M10a).
  case reservePrepaid = 83
  /// It costs more: the lot is dearer, or the line draws on it no longer (M10a, M10c).
  case freePrepaid = 84
  /// The partner accepted a line that draws on a lot (M10b, first part).
  case acceptPrepaid = 85
  /// The lot gives the miles (M10b, second part).
  case drawPrepaid = 86
  /// The partner took miles back that a lot gave (M11, first part).
  case takeBackPrepaid = 87
  /// They return to the lot (M11, second part).
  case returnPrepaid = 88
  /// A till took store credit offline above the balance, and the member owes it (S3c).
  case oweCredit = 31
  /// Goods come back that were bought with credit that the member owes (S6 after S3c).
  case returnOwedCredit = 32

  /// Code of the worked example.
  package var code: String {
    switch self {
    case .earnCashback: "E1"
    case .clawbackCashback: "E6"
    case .debtCashback: "E9"
    case .earnCredit: "S1"
    case .clawbackCredit: "S7a"
    case .debtCredit: "S7b"
    case .redeemCredit: "S3"
    case .expireCashback: "E17"
    case .expireCredit: "S5"
    case .offsetCashback: "E10"
    case .offsetCredit: "S10"
    case .clawbackExpiredCashback: "E17r"
    case .clawbackExpiredCredit: "S5r"
    case .captureCredit: "S3a"
    case .confirmCredit: "S3b"
    case .payOutCashback: "E3b"
    case .restoreCashback: "E3c"
    case .goodwillCashback: "E18"
    case .goodwillCredit: "E18s"
    case .writeOffDebt: "E11"
    case .openCashback: "G1"
    case .openCredit: "G1s"
    case .openDebt: "G2"
    case .earnPoints: "O1"
    case .clawbackPoints: "O6"
    case .debtPoints: "O7"
    case .redeemPoints: "O4"
    case .chargePoints: "O4c"
    case .expirePoints: "P7"
    case .clawbackExpiredPoints: "P7r"
    case .offsetPoints: "O7o"
    case .earnStamps: "O8"
    case .clawbackStamps: "O8r"
    case .debtStamps: "O8d"
    case .convertStamps: "O9"
    case .awardVoucher: "O9v"
    case .redeemVoucher: "O10"
    case .expireStamps: "O11"
    case .clawbackExpiredStamps: "O11r"
    case .offsetStamps: "O8o"
    case .grantBenefit: "O12"
    case .useBenefit: "O13"
    case .chargeBenefit: "O13c"
    case .expireBenefit: "O14"
    case .earnBonus: "O15"
    case .reverseBonus: "O16"
    case .debtBonus: "O16d"
    case .sponsorShare: "E4s"
    case .returnSponsorShare: "E7s"
    case .breakageShare: "P27"
    case .returnBreakageShare: "P27r"
    case .convertPoints: "M12"
    case .convertedCost: "M12c"
    case .cheaperMiles: "P13"
    case .dearerMiles: "P13u"
    case .cheaperCredit: "S9"
    case .dearerCredit: "S9u"
    case .chargeItem: "O4i"
    case .returnItem: "O4ir"
    case .returnPoints: "O4r"
    case .handOver: "T1"
    case .receive: "T1i"
    case .handOverDebt: "T2"
    case .receiveDebt: "T2i"
    case .returnCredit: "S6"
    case .oweCredit: "S3c"
    case .returnOwedCredit: "S6c"
    case .earnMiles: "M1"
    case .reverseMiles: "M7a"
    case .reversalLine: "M8"
    case .acceptMiles: "M3"
    case .rejectMiles: "M5"
    case .takeBackMiles: "M8a"
    case .dropRejected: "M7c"
    case .refileMiles: "M6a"
    case .lapseMiles: "M6b"
    case .fileSettled: "M2b"
    case .acceptFiled: "M3u"
    case .rejectFiled: "M5b"
    case .buyMiles: "M9"
    case .reservePrepaid: "M10a"
    case .freePrepaid: "M10f"
    case .acceptPrepaid: "M10b"
    case .drawPrepaid: "M10d"
    case .takeBackPrepaid: "M11"
    case .returnPrepaid: "M11d"
    }
  }
}
