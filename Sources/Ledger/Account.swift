/// An account of the general ledger: money accounts by number, unit accounts by state.
package enum Account: String, Sendable, CaseIterable {
  case bank = "1010"
  case inTransit = "1015"
  case cardSystem = "1020"
  case receivableBilled = "1100"
  case receivableAccrued = "1110"
  case prepaidMiles = "1200"
  case clawbackReceivable = "1300"
  case currencyPosition = "1900"
  case cashbackLiability = "2100"
  case pointsLiability = "2150"
  case stampLiability = "2160"
  case breakageAllowance = "2190"
  case creditLiability = "2200"
  case payableAccrued = "2400"
  case payableConfirmed = "2410"
  case rejectedAccruals = "2440"
  case settlementClearing = "2490"
  case suspense = "2500"
  case breakageShares = "2600"
  case migration = "3900"
  case breakageIncome = "4200"
  case cashbackCost = "5100"
  case creditCost = "5110"
  case milesCost = "5120"
  case pointsCost = "5130"
  case stampCost = "5140"
  case bonusCost = "5150"
  case partnerFunding = "5190"
  case goodwill = "5200"
  case rounding = "5400"
  case currencyResult = "5500"
  case bankCharges = "5700"
  case unitIssued = "unit.issued"
  /// Pending or available: the lot's available date says which, so no posting marks the change.
  case unitOpen = "unit.open"
  case unitFiled = "unit.filed"
  case unitDelivered = "unit.delivered"
  case unitRejected = "unit.rejected"
  case unitRedeemed = "unit.redeemed"
  case unitExpired = "unit.expired"
  case unitConverted = "unit.converted"
  case unitDebt = "unit.debt"
  case unitPrepaidSource = "unit.prepaid_source"
  case unitPrepaid = "unit.prepaid"

  /// The kinds of accounts, as in a trial balance.
  package enum Kind: String, Sendable {
    case asset, liability, income, expense, unit
  }

  package var kind: Kind {
    switch rawValue.utf8.first {
    case UInt8(ascii: "1"): .asset
    case UInt8(ascii: "2"), UInt8(ascii: "3"): .liability
    case UInt8(ascii: "4"): .income
    case UInt8(ascii: "5"): .expense
    default: .unit
    }
  }

  /// Name for people.
  package var title: String {
    switch self {
    case .bank: "Settlement bank"
    case .inTransit: "Payments in transit"
    case .cardSystem: "Card system settlement"
    case .receivableBilled: "Partner receivable, billed"
    case .receivableAccrued: "Partner receivable, accrued"
    case .prepaidMiles: "Prepaid miles"
    case .clawbackReceivable: "Member clawback receivable"
    case .currencyPosition: "Currency position"
    case .cashbackLiability: "Cashback liability"
    case .pointsLiability: "Own-points liability"
    case .stampLiability: "Stamp and voucher liability"
    case .breakageAllowance: "Breakage allowance on points"
    case .creditLiability: "Store-credit liability"
    case .payableAccrued: "Partner payable, accrued"
    case .payableConfirmed: "Partner payable, confirmed"
    case .rejectedAccruals: "Rejected accruals, duty to member open"
    case .settlementClearing: "Net settlement clearing"
    case .suspense: "Unapplied receipts, suspense"
    case .breakageShares: "Breakage shares due"
    case .migration: "Migration"
    case .breakageIncome: "Breakage income"
    case .cashbackCost: "Cashback cost"
    case .creditCost: "Store-credit cost"
    case .milesCost: "Partner-miles cost"
    case .pointsCost: "Own-points cost"
    case .stampCost: "Stamp, voucher and benefit cost"
    case .bonusCost: "Bonus and referral cost"
    case .partnerFunding: "Partner funding (contra-cost)"
    case .goodwill: "Clawback written off, goodwill"
    case .rounding: "Rounding"
    case .currencyResult: "Currency result"
    case .bankCharges: "Bank charges"
    case .unitIssued: "Units issued (counter)"
    case .unitOpen: "Units pending or available"
    case .unitFiled: "Units filed with the partner"
    case .unitDelivered: "Units delivered"
    case .unitRejected: "Units rejected"
    case .unitRedeemed: "Units redeemed"
    case .unitExpired: "Units expired"
    case .unitConverted: "Units converted"
    case .unitDebt: "Units owed by members"
    case .unitPrepaidSource: "Units bought ahead (counter)"
    case .unitPrepaid: "Units bought ahead and not drawn"
    }
  }
}
