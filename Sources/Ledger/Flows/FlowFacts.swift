/// Everything that is to be said of one flow; what else the program does with a flow follows from it.
struct FlowFacts: Sendable {
  let flow: Flow
  /// Code of the worked example that it books; unique.
  let code: String
  /// Further worked examples that it books, alone or beside the flow of that code.
  let examples: [String]
  /// What it is, in a sentence.
  let name: String
  /// What `explain` says before the quantity.
  let verb: String
  /// Money that a row moves.
  let money: [MoneyMove]
  /// Units that a row moves, nil where it moves none.
  let units: UnitMove?
  /// What a row does to what the member holds.
  let effect: Effect
  /// The line of the statement's `settled` section that a row gives, nil where it gives none.
  let line: SettledLine?
  /// Column of the liability's roll-forward.
  let rollForward: RollForward
  /// Whether feeds earn it by the million, nearly always in the batch of its own purchase.
  let isBulk: Bool
  /// Whether the row asks for a line of a later statement.
  let waits: Bool
  /// Whether the row is of the bank itself, and of no member.
  let isOfBank: Bool

  init(
    _ flow: Flow,
    code: String,
    examples: [String] = [],
    name: String,
    verb: String,
    money: [MoneyMove] = [],
    units: UnitMove? = nil,
    effect: Effect,
    line: SettledLine? = nil,
    rollForward: RollForward,
    isBulk: Bool = false,
    waits: Bool = false,
    isOfBank: Bool = false
  ) {
    self.flow = flow
    self.code = code
    self.examples = examples
    self.name = name
    self.verb = verb
    self.money = money
    self.units = units
    self.effect = effect
    self.line = line
    self.rollForward = rollForward
    self.isBulk = isBulk
    self.waits = waits
    self.isOfBank = isOfBank
  }
}

/// What a reward row measures for a posting leg.
package enum Measure: String, Sendable {
  case cost, share
}

/// A measure of a row, debited to one account and credited to another: it balances by what it is.
package struct MoneyMove: Sendable, Hashable {
  package let measure: Measure
  package let debit: Account
  package let credit: Account

  /// Moves the row's cost.
  static func cost(_ debit: Account, _ credit: Account) -> MoneyMove {
    MoneyMove(measure: .cost, debit: debit, credit: credit)
  }

  /// Moves the part of the cost that the row calls its share.
  static func share(_ debit: Account, _ credit: Account) -> MoneyMove {
    MoneyMove(measure: .share, debit: debit, credit: credit)
  }

  /// The debit, then the credit.
  var legs: [Leg] {
    [
      Leg(account: debit, sign: 1, measure: measure),
      Leg(account: credit, sign: -1, measure: measure),
    ]
  }
}

/// One leg of a flow: an account, a side and what is posted on it.
package struct Leg: Sendable, Hashable {
  package let account: Account
  /// +1 debits the account, -1 credits it.
  package let sign: Int64
  package let measure: Measure
}

/// The quantity of a row, taken from one state of units and given to another.
package struct UnitMove: Sendable, Hashable {
  package let from: Account
  package let to: Account

  static func from(_ from: Account, to: Account) -> UnitMove {
    UnitMove(from: from, to: to)
  }
}

/// Which column of the liability's roll-forward a flow belongs to.
package enum RollForward: String, Sendable, CaseIterable {
  case earned, reversed, settled, expired, other
}
