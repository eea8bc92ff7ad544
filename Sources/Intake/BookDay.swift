package import Civil
package import Journal

/// What a run of a business day works on: the books, the terms in force, the day, and when the books
/// learn of it.
package struct BookDay {
  package let books: Books
  package let terms: TermsInForce
  package let date: CivilDate
  package let recordedAt: Instant

  package init(books: Books, terms: TermsInForce, date: CivilDate, recordedAt: Instant) {
    self.books = books
    self.terms = terms
    self.date = date
    self.recordedAt = recordedAt
  }
}

extension BookDay {
  /// Decides purchases of a programme again, in a batch that is open, after facts of their members that
  /// reach back.
  func review(
    _ purchases: [StoredRecord],
    programme: Int16,
    _ dates: BatchDates,
    _ leaf: Leaf
  ) throws {
    let cards = try CardIndex(books)
    let budgets = try Budgets(books, terms, date)
    let clawback = Clawback(
      books: books,
      terms: terms,
      leaf: leaf,
      dates: dates,
      months: MonthSums(books, cards, terms),
      cards: cards,
      merchants: terms.asksMerchantDirectory ? try books.merchantDirectory() : MerchantDirectory(),
      debts: try Debts(books),
      standings: try books.memberStandings(),
      budgets: budgets
    )
    try clawback.review(purchases, programme: programme)
    try budgets.store()
  }
}
