import ArgumentParser
import Civil
import Crypto
import Formats
import Intake
import Journal
import Ledger
import Reports
import Rewards
import Terms

extension PartnerCommand.TermsGroup {
  /// What files would change.
  struct Plan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what files of terms would change, and what agreements would have cost.",
      discussion: """
        Example: kvitt partner terms plan draft.yaml
        Lines are compared with the newest version in force. Agreements are replayed over the last
        month that the books know whole. Nothing is written.
        """
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "YAML files.", completion: .file())
    var files: [String]

    func run() async throws {
      let books = try await workplace.books(.read)
      let stored = try books.storedTerms()
      let items = try readTerms(files)
      try checkCurrencies(items, books)
      for item in items {
        let same = stored.filter { $0.kind == item.head.kind && $0.code == item.head.code }
        let digest = sha256(item.bytes).description
        say("\(item.file): \(item.head.kind) \(item.head.code) version \(item.head.version)")
        if let known = same.first(where: { $0.version == item.head.version }) {
          say(
            known.digest == digest ? "  stands already" : "  stands with other content: refused"
          )
          continue
        }
        let people = try books.proposers(digest: digest)
        if !people.isEmpty { say("  brought by \(people.joined(separator: ", "))") }
        tellDifference(from: same.max { $0.version < $1.version }, to: item.bytes)
        if item.head.kind == "agreement" {
          try tellCost(Agreement(yaml: item.bytes, file: item.file), books)
        }
      }
    }

    private func tellDifference(from old: StoredTerms?, to bytes: [UInt8]) {
      guard let old else {
        say("  new, \(bytes.split(separator: 0x0A).count) lines")
        return
      }
      say("  beside version \(old.version):")
      for line in lineDifference(from: old.body, to: bytes) { say("  \(line)") }
    }

    private func tellCost(_ draft: Agreement, _ books: Books) throws {
      let terms = try TermsInForce(books)
      guard let last = try books.lastSettled(),
        terms.directory.programmes.contains(where: { $0.code == draft.programme })
      else { return }
      let (year, month, _) = last.adding(days: 1).components
      guard let first = CivilDate(year: year, month: month, day: 1) else { return }
      let from = first.adding(months: -1)
      let report = try Simulation(books: books, terms: terms, draft: draft)
        .run(from: from, through: from.endOfMonth)
      let currencies = report.currencies.isEmpty ? [draft.currency] : report.currencies
      let costs = currencies.map {
        "\(grouped(report.draft.cost(in: $0), $0.code)) \($0) where the terms in force cost "
          + grouped(report.inForce.cost(in: $0), $0.code)
      }
      say(
        "  \(from) to \(from.endOfMonth), \(report.purchases) purchases: cost "
          + "\(costs.joined(separator: ", ")); \(report.affected.more) members more, "
          + "\(report.affected.less) less"
      )
    }
  }

  /// Loads terms.
  struct Apply: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Load agreements, partner terms, calendars, feed profiles and accounts.",
      discussion: """
        Example: kvitt partner terms apply Settlement/*/*.yaml
        Terms take effect when a second person loads the same bytes; until then this ends with 24.
        The database keeps bytes, digest and both names; a version that stands is never replaced.
        """
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "YAML files.", completion: .file())
    var files: [String]

    func run() async throws {
      let books = try await workplace.books(.finance)
      let outcomes = try applyTerms(readTerms(files), books)
      for (file, outcome) in outcomes {
        switch outcome {
        case .stands: say("\(file): stands already")
        case .applied: say("\(file): applied")
        case .proposed: say("\(file): brought; a second person must load the same file")
        }
      }
      if outcomes.contains(where: { $0.outcome == .proposed }) { throw Ending(.approval) }
    }
  }

  /// What changed from one version to another.
  struct Diff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the lines that differ between two versions of terms.",
      discussion: """
        Example: kvitt partner terms diff NVA-MILES --from 1 --to 2
        Without versions, the newest is shown beside the one before it.
        """
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "Code of an agreement, partner, calendar, feed or account.")
    var code: String

    @Option(help: "Older version; default: the one before the newer.")
    var from: Int?

    @Option(help: "Newer version; default: the newest.")
    var to: Int?

    func run() async throws {
      let stored = try await workplace.books(.read).storedTerms()
      let versions = stored.filter { $0.code == code }.sorted { $0.version < $1.version }
      guard let new = versions.last(where: { $0.version == to ?? $0.version }) else {
        throw unknown("terms", code, Set(stored.map(\.code)).sorted())
      }
      let older = versions.last { terms in
        guard terms.kind == new.kind else { return false }
        if let from { return terms.version == from }
        return terms.version < new.version
      }
      guard let older else {
        throw Refusal(
          .unknownName,
          "\(new.kind) \(code) has no such version beside \(new.version)",
          hint: "versions: \(versions.map { String($0.version) }.joined(separator: ", "))"
        )
      }
      say("\(new.kind) \(code): version \(older.version) to \(new.version)")
      for line in lineDifference(from: older.body, to: new.body) { say(line) }
    }
  }

  /// Prints terms.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print terms as they were loaded.",
      discussion: "Example: kvitt partner terms show NVA-MILES --version 1"
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "Code of an agreement, partner, calendar, feed or account.")
    var code: String

    @Option(help: "Version; default: the newest.")
    var version: Int?

    func run() async throws {
      let stored = try await workplace.books(.read).storedTerms()
      let matching = stored.filter { $0.code == code && $0.version == version ?? $0.version }
      guard let terms = matching.max(by: { $0.version < $1.version }) else {
        throw unknown("terms", code, Set(stored.map(\.code)).sorted())
      }
      say(String(decoding: terms.body, as: UTF8.self), terminator: "")
    }
  }
}

/// Lines that were taken out, `- `, and put in, `+ `, in their order.
private func lineDifference(from old: [UInt8], to new: [UInt8]) -> [String] {
  let lines = { (bytes: [UInt8]) in
    String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }
  let difference = lines(new).difference(from: lines(old))
  return (difference.removals + difference.insertions).map { change in
    switch change {
    case .remove(_, let line, _): "- \(escaped(line))"
    case .insert(_, let line, _): "+ \(escaped(line))"
    }
  }
}

/// A file of terms with its kind, code and version.
struct TermsFile {
  let file: String
  let bytes: [UInt8]
  let head: TermsHead
}

/// Reads files of terms; each is checked whole.
func readTerms(_ files: [String]) throws -> [TermsFile] {
  try readTerms(
    files.map { ($0, try InputFile(path: $0, sizeMax: 1 << 20).contents()) }
  )
}

/// Reads terms, in the order in which they need each other.
func readTerms(_ files: [(file: String, bytes: [UInt8])]) throws -> [TermsFile] {
  let order = ["calendar": 0, "feed": 1, "partner": 2, "agreement": 3]
  return try files.map { file, bytes in
    let head = try TermsHead(yaml: bytes, file: file)
    switch head.kind {
    case "calendar": _ = try BusinessCalendar(yaml: bytes, file: file)
    case "account": _ = try AccountTerms(yaml: bytes, file: file)
    case "feed": _ = try CardFeedProfile(yaml: bytes, file: file)
    case "partner": _ = try PartnerTerms(yaml: bytes, file: file)
    default: _ = try Agreement(yaml: bytes, file: file)
    }
    return TermsFile(file: file, bytes: bytes, head: head)
  }.sorted { (order[$0.head.kind] ?? 9, $0.file) < (order[$1.head.kind] ?? 9, $1.file) }
}

/// Loads terms in one transaction; what takes effect is registered under ids of the books.
func applyTerms(
  _ files: [TermsFile],
  _ books: Books
) throws -> [(file: String, outcome: TermsOutcome)] {
  try books.transaction {
    try checkCurrencies(files, books)
    return try files.map { item in
      let outcome = try books.applyTerms(
        kind: item.head.kind,
        code: item.head.code,
        version: item.head.version,
        body: item.bytes
      )
      if outcome == .applied { try register(item, books) }
      return (item.file, outcome)
    }
  }
}

/// Whoever pays a part of a rule, or is paid for it, settles in the currency of what it costs.
///
/// - Parameters:
///   - files: The terms that are brought; they go before those that the books hold.
///   - books: The books.
/// - Throws: A refusal that names the agreement and the partner.
private func checkCurrencies(_ files: [TermsFile], _ books: Books) throws {
  var newest: [String: (file: String, bytes: [UInt8])] = [:]
  for terms in try books.storedTerms() {
    newest["\(terms.kind) \(terms.code)"] = ("\(terms.kind) \(terms.code)", terms.body)
  }
  for item in files { newest["\(item.head.kind) \(item.head.code)"] = (item.file, item.bytes) }
  var partners: [String: Currency] = [:]
  for (key, item) in newest where key.hasPrefix("partner ") {
    let terms = try PartnerTerms(yaml: item.bytes, file: item.file)
    partners[terms.code] = terms.currency
  }
  for (key, item) in newest.sorted(by: { $0.key < $1.key }) where key.hasPrefix("agreement ") {
    let agreement = try Agreement(yaml: item.bytes, file: item.file)
    let paid =
      agreement.rules.flatMap { rule in
        ([rule.partner].compactMap { $0 } + rule.funding.sponsors.map(\.partner)).map {
          (what: "rule \(rule.name)", partner: $0, currency: rule.currency)
        }
      }
      + agreement.catalogue.map { ("goods \($0.code)", $0.supplier, agreement.currency) }
    for (what, code, currency) in paid {
      guard let other = partners[code], other != currency else { continue }
      throw Refusal(
        .termsInvalid,
        "\(what) costs \(currency), and \(code) settles in \(other)",
        hint: "miles can have a price in it: price: 0.0074 \(other)",
        at: Place(file: item.file)
      )
    }
  }
}

/// Gives partners, programmes and units that terms name their ids.
private func register(_ item: TermsFile, _ books: Books) throws {
  switch item.head.kind {
  case "partner":
    let terms = try PartnerTerms(yaml: item.bytes, file: item.file)
    try books.registerPartner(code: terms.code, name: terms.name, entity: terms.entity)
  case "agreement":
    let agreement = try Agreement(yaml: item.bytes, file: item.file)
    try books.registerProgramme(agreement.programme)
    for rule in agreement.rules {
      try books.registerUnit(
        code: rule.unit,
        kind: rule.kind.rawValue,
        currency: rule.currency
      )
    }
  default: break
  }
}
