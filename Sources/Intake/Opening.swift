import Terms
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

/// What posting openings did.
package struct OpeningReport: Sendable {
  package var lots = 0
  package var partners = 0
  package var breaks = 0
}

/// Takes lots and debts of members and balances of partners over from the old system (G1 to G3),
/// against the migration account.
package struct Opening {
  private typealias PartnerBalance = (
    entry: PartnerEntry, currency: Currency, line: PartnerOpeningLine
  )

  private let books: Books
  private let terms: TermsInForce
  private let file: OpeningFile
  private let name: String
  private let rules: [(agreement: BoundAgreement, rule: BoundRule)]
  private let members: [Int64]
  private let partners: [PartnerBalance]

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
    partners = try file.partners.map { line in
      let place = Place(file: name, line: line.line)
      guard let entry = terms.directory.partner(line.partner),
        let currency = terms.partners[entry.id]?.currency
      else { throw Refusal(.unknownName, "no terms of a partner \(line.partner)", at: place) }
      guard currency.code == line.currency else {
        throw Refusal(
          .badCurrency,
          "the contract with \(line.partner) is in \(currency)",
          at: place
        )
      }
      return (entry, currency, line)
    }
  }

  /// Refuses balances of partners of whom statements of ours, or an opening before, tell what stands.
  package func checkPartners() throws {
    for (entry, _, line) in partners where try books.lastStatement(partner: entry.id) != nil {
      throw Refusal(
        .fileConflict,
        "statements of this system, or an opening before, tell the balance of \(entry.code)",
        at: Place(file: name, line: line.line)
      )
    }
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
    for (_, currency, line) in partners {
      let old = sums[.settlementClearing]?[currency] ?? 0
      sums[.settlementClearing, default: [:]][currency] = try checkedSum(old, -line.closingMinor)
    }
    return sums.flatMap { account, byCurrency in
      byCurrency.map { OpeningTotals(account: account, currency: $0.key, minor: $0.value) }
    }.sorted {
      ($0.account.rawValue, $0.currency.code) < ($1.account.rawValue, $1.currency.code)
    }
  }

  /// Posts what two people decided.
  ///
  /// Balances of partners that got a statement meanwhile, or were opened by another file, are no longer
  /// the last word: where they differ they become breaks, so that somebody looks and the night goes on.
  package func post(
    _ decided: DecidedOpening,
    businessDate: CivilDate,
    recordedAt: Instant
  ) throws -> OpeningReport {
    let number = try books.reserve(.opening, "\(decided.digest)")
    return try books.transaction {
      let leaf = try books.openLeaf(
        number,
        .opening,
        businessDate: businessDate,
        recordedAt: recordedAt
      )
      var report = OpeningReport(lots: file.lines.count)
      try add(to: leaf, businessDate)
      var taken: [PartnerBalance] = []
      var late: [NewBreak] = []
      for partner in partners {
        if let last = try books.lastStatement(partner: partner.entry.id) {
          if last.closing != partner.line.closingMinor { late.append(tooLate(partner, last)) }
        } else {
          taken.append(partner)
        }
      }
      report.breaks = try books.open(late, on: businessDate)
      report.partners = taken.count
      for (entry, currency, line) in taken {
        try books.open(
          partner: entry.id,
          currency: currency,
          sequence: line.sequence,
          closing: line.closingMinor,
          on: line.closedOn,
          batch: number
        )
      }
      try books.post(opening: decided.digest, batch: number)
      try leaf.seal(
        // A partner may come with a number and nothing owed.
        entries: taken.map { Opening.entry($0.entry, $0.currency, $0.line) }
          .filter { !$0.postings.isEmpty },
        bookingDate: businessDate,
        attachments: [Attachment(.opening, decided.name, decided.digest)]
      )
      return report
    }
  }

  private func add(to leaf: Leaf, _ businessDate: CivilDate) throws {
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
  }

  /// G3: what stood with a partner, against the migration account.
  private static func entry(
    _ partner: PartnerEntry,
    _ currency: Currency,
    _ line: PartnerOpeningLine
  ) -> Entry {
    Entry.transfer(
      .brought,
      text: "\(partner.code) after statement \(line.sequence) of the old system",
      Amount(minor: line.closingMinor, currency: currency),
      partner: partner.id
    )
  }

  private func tooLate(_ partner: PartnerBalance, _ last: LastStatement) -> NewBreak {
    NewBreak(
      fingerprint: "opening/\(partner.entry.code)",
      kind: "theirs-only",
      pair: "opening",
      commodity: partner.currency.code,
      ours: last.closing,
      theirs: partner.line.closingMinor,
      valueMinor: abs(partner.line.closingMinor - last.closing),
      currency: partner.currency.code,
      pointer: "\(name):\(partner.line.line)",
      advice:
        "\(partner.entry.code) got a statement, or another opening, before this balance was posted"
    )
  }
}

/// Posts all openings that two people decided.
package func postOpenings(_ day: BookDay) throws -> OpeningReport {
  var report = OpeningReport()
  for decided in try day.books.decidedOpenings() {
    let done = try Opening(day.books, day.terms, decided.body, name: decided.name)
      .post(decided, businessDate: day.date, recordedAt: day.recordedAt)
    report.lots += done.lots
    report.partners += done.partners
    report.breaks += done.breaks
  }
  return report
}

extension OpeningReport {
  /// What a run did, for screens; empty where it did nothing.
  package var text: String {
    var words: [String] = []
    if lots > 0 { words.append("\(lots) lots and debts") }
    if partners > 0 { words.append("\(partners) partners' balances") }
    if breaks > 0 { words.append("\(breaks) breaks") }
    return words.joined(separator: ", ")
  }
}
