package import Civil
import Formats
package import Journal
package import Ledger
import Rewards

/// What an opening brings, by account of the general ledger, in minor units; debit positive.
package struct OpeningTotals: Sendable, Equatable {
  package let account: Account
  package let currency: Currency
  package let minor: Int64
}

/// Takes lots and debts of the old system over (G1, G2), against the migration account.
package struct Opening {
  private let books: Books
  private let terms: TermsInForce
  private let file: OpeningFile
  private let name: String
  private let rules: [(agreement: BoundAgreement, rule: BoundRule)]
  private let members: [Int64]

  /// Reads a file and finds the member and the rule of each line.
  ///
  /// The rule is that of the terms in force on the day of earning, or of the oldest terms where the
  /// reward is older; by it the lot expires.
  ///
  /// - Throws: A refusal that names the line, or `DatabaseError`.
  package init(_ books: Books, _ terms: TermsInForce, _ bytes: [UInt8], name: String) throws {
    self.books = books
    self.terms = terms
    self.name = name
    let file = try OpeningFile(bytes: bytes, name: name)
    self.file = file
    var known: [String: (member: Int64, programme: Int16)] = [:]
    for some in chunks(Array(Set(file.lines.map(\.token))).sorted(), of: 5_000) {
      known.merge(try books.members(ofTokens: Array(some))) { old, _ in old }
    }
    var members: [Int64] = []
    rules = try file.lines.map { line in
      let place = Place(file: name, line: line.line)
      guard let owner = known[line.token] else {
        throw Refusal(.unknownCard, "card \(line.token) is not enrolled", at: place)
      }
      members.append(owner.member)
      let agreement =
        terms.agreement(programme: owner.programme, on: line.earnedOn)
        ?? terms.allAgreements.first { $0.programme == owner.programme }
      guard let agreement,
        let rule = agreement.rules.first(where: {
          $0.rule.unit == line.unit && [.cashback, .credit].contains($0.rule.kind)
        })
      else {
        throw Refusal(
          .termsMissing,
          "no rule of the member's programme gives \(line.unit)",
          at: place
        )
      }
      return (agreement, rule)
    }
    self.members = members
  }

  /// What the lines come to on the accounts that the old general ledger has too.
  package func totals() throws -> [OpeningTotals] {
    var sums: [Account: [Currency: Int64]] = [:]
    for (index, line) in file.lines.enumerated() {
      let account: Account =
        line.isDebt
        ? .clawbackReceivable
        : rules[index].rule.rule.kind == .credit ? .creditLiability : .cashbackLiability
      let currency = rules[index].agreement.agreement.currency
      let old = sums[account]?[currency] ?? 0
      sums[account, default: [:]][currency] = try checkedSum(
        old,
        line.isDebt ? line.costMinor : -line.costMinor
      )
    }
    return sums.flatMap { account, byCurrency in
      byCurrency.map { OpeningTotals(account: account, currency: $0.key, minor: $0.value) }
    }.sorted {
      ($0.account.rawValue, $0.currency.code) < ($1.account.rawValue, $1.currency.code)
    }
  }

  /// Posts the lines of an opening that two people decided; gives their number.
  package func post(
    _ decided: DecidedOpening,
    businessDate: CivilDate,
    recordedAt: Instant
  ) throws -> Int {
    let number = try books.reserve(.opening, "\(decided.digest)")
    return try books.transaction {
      let leaf = try books.openLeaf(
        number,
        .opening,
        businessDate: businessDate,
        recordedAt: recordedAt
      )
      for some in chunks(Array(Set(members)).sorted(), of: 10_000) {
        try books.lock(members: Array(some))
      }
      // All of it belongs to the period in which kvitt begins.
      let dates = BatchDates(businessDate: businessDate, openFrom: businessDate)
      for (index, line) in file.lines.enumerated() {
        let (agreement, rule) = rules[index]
        var row = try RewardRow(
          line.isDebt ? .openDebt : rule.rule.kind == .credit ? .openCredit : .openCashback,
          agreement,
          rule,
          member: members[index],
          purchase: 0,
          quantity: line.quantity,
          cost: line.costMinor,
          event: line.earnedOn,
          earnMonth: 0,
          dates: dates
        )
        row.availableOn = line.earnedOn
        try leaf.add(row)
      }
      try books.post(opening: decided.digest, batch: number)
      try leaf.seal(
        bookingDate: businessDate,
        attachments: [Attachment("opening", decided.name, decided.digest)]
      )
      return file.lines.count
    }
  }
}

/// Posts all openings that two people decided; gives the number of lines.
package func postOpenings(
  _ books: Books,
  _ terms: TermsInForce,
  businessDate: CivilDate,
  recordedAt: Instant
) throws -> Int {
  var lines = 0
  for decided in try books.decidedOpenings() {
    lines += try Opening(books, terms, decided.body, name: decided.name)
      .post(decided, businessDate: businessDate, recordedAt: recordedAt)
  }
  return lines
}
