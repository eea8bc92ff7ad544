/// Why an entry stands in the general ledger beside the sums of reward rows: the code of the worked
/// example that it books.
package enum EntryKind: String, Sendable, CaseIterable {
  case filed = "M2"
  case converted = "M13"
  case remeasured = "M14"
  case billed = "E5"
  case estimated = "P5"
  case netted = "P14"
  case ordered = "B1"
  case paid = "B2"
  case returned = "B4"
  case received = "B6"
  case unknown = "B8"
  case charged = "B11"
  case brought = "G3"

  /// Further worked examples that it books.
  package var examples: [String] {
    switch self {
    case .remeasured: ["M14a"]
    case .estimated: ["P6"]
    case .netted: ["B5"]
    default: []
    }
  }

  /// What it is, in a sentence.
  package var name: String {
    switch self {
    case .filed: "Lines of miles are filed with the partner."
    case .converted: "The cost of miles in another currency is brought into the programme's own."
    case .remeasured: "A position in another currency is brought to the rate of a month's end."
    case .billed: "A partner's shares are billed."
    case .estimated: "The breakage expected on points changes."
    case .netted: "What a statement settles is netted; the balance is to be paid or received."
    case .ordered: "A payment is ordered."
    case .paid: "The bank executed an order."
    case .returned: "A payment came back."
    case .received: "A partner paid."
    case .unknown: "A line of the bank that no rule knows; it is a break."
    case .charged: "The bank took a fee."
    case .brought: "What stood with a partner in the old system."
    }
  }

  /// Accounts that it moves, debit and credit; the other way where the amount is negative.
  package var accounts: [(debit: Account, credit: Account)] {
    switch self {
    case .filed: [(.unitFiled, .unitOpen)]
    case .converted: [(.currencyPosition, .milesCost), (.milesCost, .currencyPosition)]
    case .remeasured: [(.currencyPosition, .currencyResult)]
    case .billed: [(.receivableBilled, .receivableAccrued)]
    case .estimated: [(.breakageAllowance, .pointsCost)]
    case .netted:
      [(.payableConfirmed, .receivableBilled), (.payableConfirmed, .settlementClearing)]
    case .ordered: [(.settlementClearing, .inTransit)]
    case .paid: [(.inTransit, .bank)]
    case .returned, .received: [(.bank, .settlementClearing)]
    case .unknown: [(.bank, .suspense)]
    case .charged: [(.bankCharges, .bank)]
    case .brought: [(.migration, .settlementClearing)]
    }
  }
}
