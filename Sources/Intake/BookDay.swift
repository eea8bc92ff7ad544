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
