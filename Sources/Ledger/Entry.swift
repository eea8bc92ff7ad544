/// One leg of an entry: a signed amount on an account, debit positive.
package struct Posting: Sendable, Hashable {
  package let account: Account
  /// Currency code, or the code of a reward unit.
  package let commodity: String
  /// Partner id, 0 where the posting concerns none.
  package let partner: Int16
  /// Programme id, 0 where the posting concerns none.
  package let programme: Int16
  /// Minor units, or the smallest part of the unit; debit positive.
  package let amount: Int64

  package init(
    _ account: Account,
    _ commodity: String,
    partner: Int16,
    programme: Int16 = 0,
    amount: Int64
  ) {
    self.account = account
    self.commodity = commodity
    self.partner = partner
    self.programme = programme
    self.amount = amount
  }
}

/// A balanced set of postings, written once.
package struct Entry: Sendable {
  /// Why the entry stands.
  package let kind: EntryKind
  /// A sentence for people, without personal data.
  package let text: String
  /// Non-zero postings that sum to zero per commodity.
  package let postings: [Posting]

  /// Makes an entry; legs of zero are left out, nil where it does not balance.
  package init?(_ kind: EntryKind, text: String, postings: [Posting]) {
    var sums: [String: Int64] = [:]
    for posting in postings {
      let (sum, overflow) = sums[posting.commodity, default: 0]
        .addingReportingOverflow(posting.amount)
      if overflow { return nil }
      sums[posting.commodity] = sum
    }
    guard sums.values.allSatisfy({ $0 == 0 }) else { return nil }
    self.kind = kind
    self.text = text
    self.postings = postings.filter { $0.amount != 0 }
  }

  /// Moves an amount of money, for kinds of two accounts: from the account that the kind credits to the one that it debits; a
  /// negative amount moves the other way.
  package static func transfer(
    _ kind: EntryKind,
    text: String,
    _ amount: Amount,
    partner: Int16
  ) -> Entry {
    precondition(kind.accounts.count == 1, "\(kind) moves between more than two accounts")
    let postings = kind.accounts.flatMap { move in
      [
        Posting(move.debit, amount.currency.code, partner: partner, amount: amount.minor),
        Posting(move.credit, amount.currency.code, partner: partner, amount: -amount.minor),
      ]
    }
    return Entry(unchecked: kind, text, postings.filter { $0.amount != 0 })
  }

  private init(unchecked kind: EntryKind, _ text: String, _ postings: [Posting]) {
    self.kind = kind
    self.text = text
    self.postings = postings
  }
}
