import Ledger

/// The flows as text: for `kvitt help` and for the document of flows, from the one table.
package enum FlowText {
  /// A fact about a flow: what it is about, and its lines.
  private typealias Fact = (label: String, lines: [String])

  /// Flows by the letters of their codes, in the order of the worked examples.
  private static let subjects: [(letter: Character, title: String)] = [
    ("E", "Cashback"), ("S", "Store credit"), ("O", "Points, stamps, benefits and bonuses"),
    ("M", "Partner miles"), ("P", "What terms do afterwards"), ("T", "Joined members"),
    ("G", "Going live"),
  ]

  /// Worked examples of which no row tells: what happens stands elsewhere.
  private static let rowless: [(code: String, name: String)] = [
    ("E2a", "A pending period ends: a date on the lot, nothing is written."),
    ("E3a", "A pay-out is asked for: a hold."),
    ("E5", "A share is billed: an entry of the settlement."),
    ("E12", "A dispute is opened: it freezes the lots of its purchase."),
    ("E13b", "The merchant wins: the lots are free again."),
    ("S2", "The till asks for credit: a hold."),
    ("S4", "The till times out: the hold ends."),
    ("O2", "A pending period ends: a date on the lot, nothing is written."),
    ("O3", "Points are held for an order: a hold."),
    ("O5", "The order is given up: the hold ends."),
    ("M2", "Lines are filed: an entry of the settlement."),
    ("M8b", "The partner refuses to take miles back: their cost stays."),
    ("M14a", "A month ends with another rate: an entry of the month's end."),
    ("M14b", "A payment in another currency: entries of the settlement and of the bank."),
    ("G3", "The balance of a partner is brought in: an entry."),
  ]

  /// All flows in the order of their codes.
  private static let ordered = Flow.allCases.sorted { place($0.code) < place($1.code) }

  /// Codes that `help` knows.
  package static var codes: [String] {
    ordered.flatMap { [$0.code] + $0.examples } + rowless.map(\.code)
  }

  /// One line a flow: `kvitt help flows`.
  package static var list: String {
    var lines = [
      "A flow says what one row of the subledger moves. kvitt help CODE tells all of it; a code of",
      "a worked example finds the flows that book it.",
    ]
    for subject in subjects {
      lines.append("\(subject.title):")
      lines += flows(subject.letter).map(headline)
    }
    return lines.joined(separator: "\n")
  }

  /// The flows that a code names or that book a worked example, nil where no flow and no example has it.
  package static func text(of word: String) -> String? {
    let code = word.lowercased()
    let named = ordered.filter { flow in
      ([flow.code] + flow.examples).contains { $0.lowercased() == code }
    }
    let others = rowless.filter { $0.code.lowercased() == code }
    guard !named.isEmpty || !others.isEmpty else { return nil }
    var lines = others.map { "\(padded($0.code, 6))\($0.name)" }
    for flow in named {
      lines += [String(headline(flow).dropFirst(2))] + facts(flow).flatMap(column)
    }
    // Parts and variants of the same event have its code and a letter.
    let parts = ordered.filter { flow in
      flow.code.lowercased().hasPrefix(code) && !named.contains(flow)
        && flow.code.dropFirst(code.count).first?.isLetter == true
    }
    if !parts.isEmpty { lines += ["See also:"] + parts.map(headline) }
    return lines.joined(separator: "\n")
  }

  /// The document of flows, as Markdown.
  package static var document: String {
    var lines = [
      "# Flows",
      "",
      "Written from the table in `Sources/Ledger/Flows/`; `KVITT_RECORD=1 swift test --filter FlowTextTests`",
      "writes it anew. A flow says what one row of the reward subledger moves. Its code is that of the",
      "worked example that it books; the others that it books are listed with it.",
    ]
    for subject in subjects {
      lines += ["", "## \(subject.title)"]
      for flow in flows(subject.letter) {
        lines += ["", "### \(flow.code): \(flow.name)", ""]
        lines += facts(flow).map { "- \($0.label): \($0.lines.joined(separator: "; "))" }
      }
    }
    lines += ["", "## Worked examples without a row", ""]
    lines += rowless.map { "- \($0.code): \($0.name)" }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func flows(_ letter: Character) -> [Flow] {
    ordered.filter { $0.code.first == letter }
  }

  private static func headline(_ flow: Flow) -> String {
    "  \(padded(flow.code, 6))\(flow.name)"
  }

  private static func column(_ fact: Fact) -> [String] {
    fact.lines.enumerated().map { index, line in
      "  \(padded(index == 0 ? fact.label : "", 13))\(line)"
    }
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  private static func facts(_ flow: Flow) -> [Fact] {
    var out: [Fact] = []
    if !flow.examples.isEmpty {
      out.append(("also books", [flow.examples.joined(separator: ", ")]))
    }
    out.append(
      ("money", flow.money.isEmpty ? ["none"] : flow.money.map(words))
    )
    out.append(
      ("units", flow.units.map { ["from \(named($0.from))", "to \(named($0.to))"] } ?? ["none"])
    )
    out.append(("a row", [flow.effect.words]))
    out.append(("statement", flow.line.map(words) ?? ["no line"]))
    out.append(("roll-forward", [flow.rollForward.rawValue]))
    out.append(("explain says", ["\"\(flow.verb)\""]))
    return out
  }

  private static func named(_ account: Account) -> String {
    "\(account.rawValue) \(account.title)"
  }

  private static func words(_ move: MoneyMove) -> String {
    "\(move.measure.rawValue): debit \(named(move.debit)), credit \(named(move.credit))"
  }

  private static func words(_ line: SettledLine) -> [String] {
    let kind =
      line.kind == .ofRule ? "of the rule's kind" : "of kind \(line.kind.rawValue)"
    let side = line.direction == .toPartner ? "raises" : "lowers"
    var out = ["a line \(kind); its \(line.measure.rawValue) \(side) what we owe the partner"]
    switch line.id {
    case .ofRow: out.append("its id is \(line.measure == .share ? "C-" : "R-") and the row's")
    case .ofLot: out.append("its id is L- and that of the lot of miles")
    case .ofAnswer: out.append("its id is that of the line that the partner answered")
    }
    if !line.statesQuantity { out.append("it states no quantity") }
    switch line.original {
    case .nothing: break
    case .lot: out.append("it names the line of the lot of miles, L-")
    case .row: out.append("it names the line that it undoes, R-")
    }
    return out
  }

  /// Where a code stands: by subject, number and letters.
  private static func place(_ code: String) -> (Int, Int, String) {
    let subject = subjects.firstIndex { $0.letter == code.first } ?? subjects.count
    let number = code.dropFirst().prefix { $0.isNumber }
    return (subject, Int(number) ?? 0, String(code.dropFirst(1 + number.count)))
  }
}
