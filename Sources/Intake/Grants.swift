import Civil
import Journal
import Ledger
import Rewards

/// Uses of a benefit that a member is to get.
struct DueGrant {
  let member: Int64
  let agreement: BoundAgreement
  let rule: BoundRule
  /// Where the benefit's period begins.
  let month: Int16
}

/// Finds members who have no uses of a benefit for the period yet (O12).
struct Grants {
  let books: Books
  let terms: TermsInForce
  let businessDate: CivilDate

  /// What agreements grant and members lack.
  func due(_ agreements: [BoundAgreement]) throws -> [DueGrant] {
    let granting = agreements.flatMap { agreement in
      agreement.rules.filter { $0.rule.source == .grant }.map { (agreement, $0) }
    }
    guard !granting.isEmpty else { return [] }
    let cards = try CardIndex(books)
    let months = MonthSums(books, cards, terms)
    let standings = try books.memberStandings()
    var due: [DueGrant] = []
    for (agreement, rule) in granting {
      let month = rule.rule.periodMonth(of: businessDate)
      // A benefit goes on under the next version of its agreement.
      let columns = try terms.allAgreements.filter { $0.programme == agreement.programme }
        .flatMap { version in
          try version.rules.filter { $0.rule.name == rule.rule.name && $0.rule.source == .grant }
            .map { try months.column(version.id, $0.rule.ordinal, month) }
        }
      for member in try books.members(ofProgramme: agreement.programme) {
        let place = cards.place(of: member)
        guard columns.allSatisfy({ $0[place] == 0 }),
          rule.rule.members.admits(standings[member] ?? MemberStanding(), on: businessDate)
        else { continue }
        due.append(DueGrant(member: member, agreement: agreement, rule: rule, month: month))
      }
    }
    return due
  }
}

/// A member with enough stamps for a voucher.
struct FullCard {
  let member: Int64
  let agreement: BoundAgreement
  let stamps: BoundRule
  let voucher: BoundRule
}

/// Finds full stamp cards (O9).
struct StampCards {
  let books: Books
  let terms: TermsInForce

  /// Members whose stamps under an agreement fill a card, of those who got one since a seal.
  func full(_ agreement: BoundAgreement, since seal: Int64) throws -> [FullCard] {
    try agreement.rules.flatMap { voucher -> [FullCard] in
      guard case .stamps(let ordinal, let count) = voucher.rule.source,
        let stamps = agreement.rules.first(where: { $0.rule.ordinal == ordinal })
      else { return [] }
      return try books.members(withUnit: stamps.unit, atLeast: count, since: seal).map {
        FullCard(member: $0, agreement: agreement, stamps: stamps, voucher: voucher)
      }
    }
  }
}
