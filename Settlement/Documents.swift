package import Formats
package import Journal
import Ledger
import Terms

/// Series of tax documents; each counts without gap per partner.
enum DocumentSeries: String {
  /// Self-billed invoice for what the partner sold us.
  case selfBilled = "SB"
  /// Our invoice for the partner's share.
  case invoice = "IN"
  /// Credit note that lowers the partner's self-billed sales.
  case partnerCredit = "CP"
  /// Credit note that lowers our invoice.
  case issuerCredit = "CI"

  /// The series that a settled line belongs to.
  init(_ line: StatementLine) {
    switch (line.kind == "cofunding", line.direction) {
    case (true, .toIssuer): self = .invoice
    case (true, .toPartner): self = .issuerCredit
    case (false, .toPartner): self = .selfBilled
    case (false, .toIssuer): self = .partnerCredit
    }
  }

  /// The word in the statement's `I` record.
  var kind: String {
    switch self {
    case .selfBilled: "self_billed"
    case .invoice: "invoice"
    case .partnerCredit, .issuerCredit: "credit_note"
    }
  }

  /// The direction of the document's amount.
  var direction: Direction {
    self == .selfBilled || self == .issuerCredit ? .toPartner : .toIssuer
  }
}

/// A document that a statement issues.
struct NumberedDocument {
  let series: DocumentSeries
  let serial: Int64
  let number: String
  let net: Int64
}

extension SettlementDesk {
  /// Numbers the documents that the settled lines need, one per series.
  func documents(
    for lines: [StatementLine],
    _ statement: StoredStatement,
    _ partner: PartnerEntry,
    _ agreed: PartnerTerms
  ) throws -> [NumberedDocument] {
    let groups = Dictionary(grouping: lines.filter { $0.section == .settled }) {
      DocumentSeries($0)
    }
    return try groups.sorted { $0.key.rawValue < $1.key.rawValue }.map { series, lines in
      let serial = try books.nextDocument(partner: partner.id, series: series.rawValue)
      return NumberedDocument(
        series: series,
        serial: serial,
        number: "\(partner.code)-\(series.rawValue)-\(serial)",
        net: lines.map(\.valueMinor).reduce(0, +)
      )
    }
  }
}

/// Builds the statement value of a stored statement: the same for ever.
package struct StatementRendering {
  private let books: Books
  private let directory: Directory

  package init(books: Books, directory: Directory) {
    self.books = books
    self.directory = directory
  }

  /// A stored statement, its lines and documents read from the books.
  package func statement(_ stored: StoredStatement) throws -> Statement {
    let documents = try books.documents(statement: stored.id).map { row in
      guard let series = DocumentSeries(rawValue: row.series) else {
        throw Refusal(
          .booksUnknown,
          "document \(row.number) is of the series \(escaped(row.series))"
        )
      }
      return NumberedDocument(series: series, serial: 0, number: row.number, net: row.netMinor)
    }
    return try statement(
      stored,
      lines: try books.statementLines(stored.id),
      documents: documents
    )
  }

  func statement(
    _ stored: StoredStatement,
    lines: [StatementLine],
    documents: [NumberedDocument]
  ) throws -> Statement {
    guard let currency = Currency(code: stored.currency.utf8),
      let partner = directory.partner(id: stored.partner)
    else { throw Refusal(.booksBroken, "statement \(stored.number) names no partner") }
    var numbered = lines
    for index in numbered.indices where numbered[index].section == .settled {
      let series = DocumentSeries(numbered[index])
      numbered[index].docNo = documents.first { $0.series == series }?.number ?? ""
    }
    return Statement(
      environment: "live",
      sender: directory.entity,
      receiver: partner.code,
      number: stored.number,
      sequence: stored.sequence,
      periodFrom: stored.businessDate,
      periodTo: stored.businessDate,
      cutSeal: stored.cutSeal,
      created: stored.created,
      currency: currency,
      lines: numbered,
      documents: documents.sorted { $0.number < $1.number }.map { document in
        StatementDocument(
          number: document.number,
          kind: document.series.kind,
          supplier: document.series == .selfBilled || document.series == .partnerCredit
            ? partner.code : directory.entity,
          netMinor: document.net,
          direction: document.series.direction
        )
      },
      opening: stored.opening,
      paid: stored.paid,
      ordered: stored.ordered,
      due: stored.due,
      reference: stored.reference
    )
  }
}
