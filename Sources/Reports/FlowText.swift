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

  /// Worked examples that nothing is written for, and what there is instead.
  private static let unwritten: [(code: String, name: String)] = [
    ("E2a", "A pending period ends: a date on the lot, nothing is written."),
    ("E3a", "A pay-out is asked for: a hold."),
    ("E12", "A dispute is opened: it freezes the lots of its purchase."),
    ("E13b", "The merchant wins: the lots are free again."),
    ("S2", "The till asks for credit: a hold."),
    ("S4", "The till times out: the hold ends."),
    ("O2", "A pending period ends: a date on the lot, nothing is written."),
    ("O3", "Points are held for an order: a hold."),
    ("O5", "The order is given up: the hold ends."),
    ("M8b", "The partner refuses to take miles back: their cost stays."),
  ]

  /// All flows in the order of their codes.
  private static let ordered = Flow.allCases.sorted { place($0.code) < place($1.code) }

  /// Codes that `help` knows.
  package static var codes: [String] {
    ordered.flatMap { [$0.code] + $0.examples }
      + EntryKind.allCases.flatMap { [$0.rawValue] + $0.examples } + unwritten.map(\.code)
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
    lines.append("Entries beside the rows:")
    lines += EntryKind.allCases.map { "  \(padded($0.rawValue, 6))\($0.name)" }
    return lines.joined(separator: "\n")
  }

  /// The flows that a code names or that book a worked example, nil where no flow and no example has it.
  package static func text(of word: String) -> String? {
    let code = word.lowercased()
    let isMeant = { (codes: [String]) in codes.contains { $0.lowercased() == code } }
    let named =
      ordered.filter { $0.code.lowercased() == code } + ordered.filter { isMeant($0.examples) }
    let entries = EntryKind.allCases.filter { isMeant([$0.rawValue] + $0.examples) }
    let others = unwritten.filter { isMeant([$0.code]) }
    guard !named.isEmpty || !entries.isEmpty || !others.isEmpty else { return nil }
    var lines = others.map { "\(padded($0.code, 6))\($0.name)" }
    let isOwn = isMeant(named.map(\.code) + entries.map(\.rawValue) + others.map(\.code))
    if !isOwn {
      lines.append(
        "The worked example \(code.prefix(1).uppercased())\(code.dropFirst()) is booked by:"
      )
    }
    for flow in named {
      lines += [String(headline(flow).dropFirst(2))] + facts(flow).flatMap(column)
    }
    for entry in entries {
      lines += ["\(padded(entry.rawValue, 6))\(entry.name)"] + facts(entry).flatMap(column)
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
    lines += ["", "## Entries beside the rows"]
    for entry in EntryKind.allCases {
      lines += ["", "### \(entry.rawValue): \(entry.name)", ""]
      lines += facts(entry).map { "- \($0.label): \($0.lines.joined(separator: "; "))" }
    }
    lines += ["", "## Worked examples that nothing is written for", ""]
    lines += unwritten.map { "- \($0.code): \($0.name)" }
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
    out.append(("settled", flow.line.map(words) ?? ["no line in that section of a statement"]))
    out.append(("roll-forward", [flow.rollForward.rawValue]))
    out.append(("explain says", ["\"\(flow.verb)\""]))
    return out
  }

  private static func facts(_ entry: EntryKind) -> [Fact] {
    let moves = entry.accounts.map { "debit \(named($0.debit)), credit \(named($0.credit))" }
    let also =
      entry.examples.isEmpty ? [] : [("also books", [entry.examples.joined(separator: ", ")])]
    return also + [("moves", moves), ("a row", ["none: an entry of the general ledger"])]
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
