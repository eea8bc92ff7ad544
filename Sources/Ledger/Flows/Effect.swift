/// What a row does to what the member holds: lots, debts and what is booked for a purchase.
package enum Effect: String, Sendable, CaseIterable {
  /// The row is a lot.
  case opensLot
  /// Takes from a lot, and from what is booked.
  case takesBack
  /// Raises the debt instead, and takes from what is booked.
  case takesBackAsDebt
  /// Takes from a lot; what is booked stays.
  case takes
  /// Gives back to a lot.
  case givesBack
  /// The same lot at a lower cost.
  case cheapens
  /// The same lot at a higher cost.
  case makesDearer
  /// Raises the debt.
  case owes
  /// Lowers the debt.
  case forgives
  /// Takes from a lot for the debt.
  case offsets
  /// Takes from a lot that is over; a refund of its purchase still finds it.
  case expires
  /// Takes from what had expired, and from what is booked.
  case takesBackExpired
  /// Books a share of a sponsor in a row of its own.
  case shares
  /// Takes such a share back.
  case unshares
  /// The row is a lot of miles.
  case opensMiles
  /// Takes from a lot of miles, and from what is booked.
  case takesMiles
  /// A part of a lot of miles is rejected.
  case rejects
  /// It is so no longer.
  case unrejects
  /// It is so no longer, and gone from its lot.
  case lapses
  /// Settled with a partner alone.
  case nothing

  /// What the row does to the member's balance of the reward: +1, -1 or 0.
  package var balanceSign: Int64 {
    switch self {
    case .opensLot, .opensMiles, .givesBack, .forgives: 1
    case .takesBack, .takesBackAsDebt, .takes, .owes, .expires, .takesMiles, .lapses: -1
    case .cheapens, .makesDearer, .offsets, .takesBackExpired, .shares, .unshares, .rejects,
      .unrejects, .nothing:
      0
    }
  }

  /// What the row does to the lot that it names: -1 takes from it, 1 gives back, 0 neither.
  package var lotSign: Int64 {
    switch self {
    case .takesBack, .takes, .cheapens, .offsets, .expires: -1
    case .givesBack, .makesDearer: 1
    case .opensLot, .takesBackAsDebt, .owes, .forgives, .takesBackExpired, .shares, .unshares,
      .opensMiles, .takesMiles, .rejects, .unrejects, .lapses, .nothing:
      0
    }
  }

  /// What the row does to what the member owes: 1 raises it, -1 lowers it.
  package var debtSign: Int64 {
    switch self {
    case .takesBackAsDebt, .owes: 1
    case .forgives, .offsets: -1
    case .opensLot, .takesBack, .takes, .givesBack, .cheapens, .makesDearer, .expires,
      .takesBackExpired, .shares, .unshares, .opensMiles, .takesMiles, .rejects, .unrejects,
      .lapses, .nothing:
      0
    }
  }

  /// Whether the row is a lot that movements name.
  package var makesLot: Bool { self == .opensLot || self == .opensMiles }

  /// The effect in words, after "a row".
  package var words: String {
    switch self {
    case .opensLot: "is a lot, and what is booked for its purchase"
    case .takesBack: "takes from the lot that it names, and from what is booked for its purchase"
    case .takesBackAsDebt:
      "raises what the member owes, and takes from what is booked for its purchase"
    case .takes: "takes from the lot that it names"
    case .givesBack: "gives back to the lot that it names, for the contract's days of grace"
    case .cheapens: "lowers the cost of the lot that it names"
    case .makesDearer: "raises the cost of the lot that it names"
    case .owes: "raises what the member owes"
    case .forgives: "lowers what the member owes"
    case .offsets: "takes from the lot that it names, and lowers what the member owes"
    case .expires: "ends what is left of the lot that it names; a refund still finds it"
    case .takesBackExpired: "takes from what had expired, and from what is booked for its purchase"
    case .shares: "books a share of a sponsor for its purchase"
    case .unshares: "takes back a share of a sponsor that is booked for its purchase"
    case .opensMiles: "is a lot of miles, and what is booked for its purchase"
    case .takesMiles: "takes from the lot of miles that it names, and from what is booked"
    case .rejects: "marks miles of the lot that it names as rejected"
    case .unrejects: "ends that miles of the lot that it names are rejected"
    case .lapses: "ends rejected miles of the lot that it names for good"
    case .nothing: "changes nothing that the member holds"
    }
  }
}
