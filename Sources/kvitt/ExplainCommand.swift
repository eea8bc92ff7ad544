import ArgumentParser
import Civil
import Formats
import Intake
import Journal
import Ledger
import Reports
import Rewards

/// Tells where any number comes from.
struct ExplainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract:
      "Tell any id in words: from which line of which file, by which rule, into which statement.",
    discussion: """
      Example: kvitt explain ARN000000000042
      Takes a bank reference, a statement line id (L-, C-, R-) or a row id (batch-seq). The rule's
      text is made from the stored version of the agreement, not from today's file.
      """
  )

  @OptionGroup var workplace: Workplace

  @Argument(help: "Reference, line id or row id.")
  var id: String

  func run() async throws {
    let books = try await workplace.books(.read)
    let terms = try TermsInForce(books)
    if let row = rowNumber {
      let rewards = try books.explainRewards(purchase: nil, row: row)
      guard let first = rewards.first else { throw unknown("id", id, []) }
      for record in try books.explainRecords(reference: nil, id: first.purchase) {
        try tell(record, books)
      }
      for reward in rewards { tell(reward, terms) }
      return
    }
    let records = try books.explainRecords(reference: id, id: nil)
    guard !records.isEmpty else { throw unknown("id", id, []) }
    for record in records {
      try tell(record, books)
      let rewards = try books.explainRewards(purchase: record.id, row: nil)
      for reward in rewards { tell(reward, terms) }
      if rewards.isEmpty, record.type == "purchase" { tellNothing(record, terms) }
    }
  }

  /// `L-12-345`, `C-12-345`, `R-12-345` or `12-345`.
  private var rowNumber: Int64? {
    let words = id.split(separator: "-")
    let parts =
      words.count == 3 && ["L", "C", "R"].contains(words[0]) ? words.dropFirst() : words[...]
    guard parts.count == 2, let batch = Int64(parts[parts.startIndex]),
      let seq = Int32(parts[parts.startIndex + 1])
    else { return nil }
    return rowID(batch: batch, seq: seq)
  }

  private func tell(_ record: ExplainedRecord, _ books: Books) throws {
    var text = "\(record.type) \(record.reference) of \(record.date): "
    text += "\(record.amount.decimal) \(record.amount.currency)"
    if record.amount != record.billing {
      text += ", billed \(record.billing.decimal) \(record.billing.currency)"
    }
    text += " at \(record.merchant), category \(record.category)"
    say("\(text) (\(record.file) line \(record.line))")
    if !record.notes.isEmpty {
      say("  " + record.notes.map { "\($0.name) \($0.text)" }.joined(separator: ", "))
    }
    let goods = try books.baskets(ofPurchases: [record.id])[record.id] ?? []
    for line in goods.prefix(20) {
      let amount = grouped(line.amountMinor, record.amount.currency.code)
      say("  of which \(amount) \(record.amount.currency) for \(line.item) (\(line.category))")
    }
    if goods.count > 20 { say("  and \(goods.count - 20) more goods") }
  }

  /// Why a purchase earned nothing, by the agreement of its day.
  private func tellNothing(_ record: ExplainedRecord, _ terms: TermsInForce) {
    guard let day = CivilDate(record.date),
      let bound = terms.agreement(programme: record.programme, on: day)
    else {
      say("  earned nothing: no agreement was in force")
      return
    }
    let agreement = "\(bound.agreement.code) version \(bound.agreement.version)"
    if let category = Int16(record.category),
      bound.agreement.excludedCategories.contains(category)
    {
      say("  earned nothing: category \(record.category) is excluded by \(agreement)")
    } else {
      say("  earned nothing: the amount is too small for any rule of \(agreement)")
    }
  }

  private func tell(_ reward: ExplainedReward, _ terms: TermsInForce) {
    let exponent =
      ["cashback", "credit"].contains(reward.unitKind) ? reward.currency.exponent : 0
    let quantity = grouped(reward.quantity, exponent: exponent)
    let bound = terms.agreement(id: reward.agreement)
    let rule = bound?.rules.first { $0.rule.ordinal == reward.rule }?.rule
    say(
      "  \(name(reward.id)) \(reward.flow.code) \(reward.flow.verb) \(quantity) "
        + "\(reward.unit), cost \(grouped(reward.cost, reward.currency.code)) \(reward.currency)"
        + (reward.share > 0
          ? ", of which \(reward.partner) pays \(grouped(reward.share, reward.currency.code))" : "")
    )
    if let bound, let rule {
      say(
        "    rule \(rule.name) of \(bound.agreement.code) version \(bound.agreement.version): "
          + rule.sentence(currency: bound.agreement.currency)
      )
      if case .atMost = rule.period?.worth, reward.uncapped > reward.quantity {
        say(
          "    the cap left \(quantity) of \(grouped(reward.uncapped, exponent: exponent))"
        )
      }
      if rule.rate == .spending {
        let currency = bound.agreement.currency
        say("    \(grouped(reward.uncapped, currency.code)) \(currency) toward the period's sum")
      }
    }
    if reward.lot != reward.id { say("    moves lot \(name(reward.lot))") }
    for line in reward.lines { say("    \(line)") }
  }

  private func name(_ id: Int64) -> String {
    "L-\(batch(ofRow: id))-\(id & 0xFFFF_FFFF)"
  }
}
