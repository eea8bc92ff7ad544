import Civil
import Crypto
import Formats
import Journal
import Ledger
import Rewards

/// One feed file on its way into the books: records are decided as they come; what takes rewards
/// back waits until all purchases of the file stand, so their order in the file does not matter.
final class FeedBatch {
  private let intake: FeedIntake
  private let leaf: Leaf
  private let dates: BatchDates
  private let cards: CardIndex
  private let months: MonthSums
  private let keys: RecordKeys
  private let earning: Earning
  private let guarded: Bool
  private let linking: Linking
  private let merchants: MerchantDirectory
  private let debts: Debts
  private let standings: [Int64: MemberStanding]
  private let budgets: Budgets
  private var rejects: [RejectedRow] = []
  /// Records that were read and wait to be decided together.
  private var group: [Undecided] = []
  private var groupIdentities: Set<RecordIdentity> = []
  private var disputes: [DisputeEvent] = []
  private var repeats: Int64 = 0
  private var late: Int64 = 0
  private var last: (programme: Int16, day: CivilDate?, agreement: BoundAgreement?) = (0, nil, nil)
  private let rejectsMax = 100_000

  private struct Undecided {
    let record: CardRecord
    let identity: RecordIdentity
    let content: UInt64
    var card: Card?
  }

  /// Records of one group: one question to the database a group where each is asked for, else as many as keep a
  /// core busy while what they need comes from memory.
  private var groupSize: Int { guarded ? 4_096 : 32 }

  init(_ intake: FeedIntake, number: Int64, guarded: Bool) throws {
    self.intake = intake
    self.guarded = guarded
    let books = intake.books
    leaf = try books.openLeaf(
      number,
      .feed,
      businessDate: intake.businessDate,
      recordedAt: intake.recordedAt,
      guarded: guarded
    )
    dates = try books.batchDates(intake.businessDate)
    cards = try CardIndex(books)
    months = MonthSums(books, cards, intake.terms)
    keys = RecordKeys(intake.profile)
    merchants =
      intake.profile.takesCategoryFromDirectory || intake.terms.asksMerchantDirectory
      ? try books.merchantDirectory() : MerchantDirectory()
    debts = try Debts(books)
    budgets = try Budgets(books, intake.terms, intake.businessDate)
    standings = intake.terms.asksOfMembers ? try books.memberStandings() : [:]
    earning = Earning(
      leaf: leaf,
      dates: dates,
      months: months,
      merchants: merchants,
      debts: debts,
      standings: standings,
      budgets: budgets
    )
    linking = try Linking(books, leaf: leaf)
  }

  /// The category that the merchant directory gives a merchant on a day.
  func category(of merchant: ShortID, on day: CivilDate) -> Int16? {
    merchants.entry(merchant, on: day)?.category
  }

  /// The token of a card number: of the newest key, or of the older key under which the card is
  /// enrolled.
  func token(_ card: UnsafeRawBufferPointer) throws -> ShortID {
    var newest: ShortID?
    for key in intake.tokenKeys {
      guard let token = ShortID(key.token(card)) else { continue }
      if cards[token] != nil { return token }
      newest = newest ?? token
    }
    return try newest ?? noToken(card)
  }

  /// Takes a good record.
  func take(_ record: borrowing CardRecord) throws {
    guard intake.days.contains(record.eventDate) else {
      try reject(
        copy record,
        .badTime,
        "\(record.eventDate) is not from \(intake.days.lowerBound) to \(intake.days.upperBound)"
      )
      return
    }
    cards.fetchSlot(record.token)
    let identity = keys.identity(record)
    let content = keys.content(record)
    if guarded, !groupIdentities.insert(identity).inserted {
      try decideGroup()
      groupIdentities.insert(identity)
    }
    group.append(Undecided(record: copy record, identity: identity, content: content))
    if group.count >= groupSize { try decideGroup() }
  }

  /// Takes a record that was quarantined before; gives the reject where it fails again.
  func takeAgain(_ record: CardRecord) throws -> RejectedRow? {
    try take(record)
    try decideGroup()
    return rejects.popLast()
  }

  /// Takes a row that cannot be used.
  func reject(_ row: RejectedRow) throws {
    rejects.append(row)
    guard rejects.count <= rejectsMax else {
      throw Refusal(
        .controlTotal,
        "more than \(rejectsMax) rows cannot be used; is this the right feed?"
      )
    }
  }

  /// Posts the records that wait.
  private func decideGroup() throws {
    guard !group.isEmpty else { return }
    // What all of them need is asked for before the first waits for it.
    for index in group.indices { cards.fetchEntry(group[index].record.token) }
    for index in group.indices { group[index].card = cards[group[index].record.token] }
    earning.fetchSums(of: group.indices) { group[$0].card?.place }
    if guarded {
      try postUnknown()
    } else {
      // In place: a record is half a kilobyte.
      try group.withUnsafeBufferPointer { items in
        for index in items.indices {
          try post(
            items[index].record,
            of: items[index].card,
            items[index].identity,
            items[index].content
          )
        }
      }
    }
    group.removeAll(keepingCapacity: true)
    groupIdentities.removeAll(keepingCapacity: true)
  }

  /// Posts what the guard lets through: a repeat is counted, a conflict is quarantined.
  private func postUnknown() throws {
    try leaf.flush()
    let known = try intake.books.contents(
      of: group.map(\.identity),
      days: Array(Set(group.map(\.record.eventDate))).sorted(),
      openLeaf: leaf.batch
    )
    for item in group {
      switch known[item.identity] {
      case nil: try post(item.record, of: item.card, item.identity, item.content)
      case item.content: repeats += 1
      default:
        try reject(
          item.record,
          .recordConflict,
          "\(item.record.reference) stands with other content"
        )
      }
    }
  }

  private func post(
    _ record: borrowing CardRecord,
    of card: Card?,
    _ identity: RecordIdentity,
    _ content: UInt64
  ) throws {
    guard let card else {
      try reject(copy record, .unknownCard, "card \(record.token) is not enrolled")
      return
    }
    guard let agreement = agreement(programme: card.programme, on: record.eventDate),
      agreement.agreement.currency == record.billing.currency
    else {
      let currency = record.billing.currency
      try reject(copy record, .badCurrency, "\(currency) is not what the card bills")
      return
    }
    let original = keys.original(record)
    guard !record.reversal || original != nil else {
      try reject(
        copy record,
        .badReference,
        "nothing says what the reversal undoes: the feed's identity is not its reference"
      )
      return
    }
    if record.eventDate < dates.openFrom { late += 1 }
    let lifecycle = record.lifecycle.map(keys.lifecycle)
    let id = try leaf.add(
      PurchaseRow(
        identity: identity.words,
        original: original?.words,
        content: content,
        member: card.member,
        amount: record.amount,
        billing: record.billing,
        occurredAt: record.occurredAt,
        line: record.line,
        eventDate: record.eventDate,
        bookingDate: dates.booking(record.eventDate),
        type: record.type.rawValue,
        reversal: record.reversal,
        category: record.category,
        merchant: record.merchant,
        reference: record.reference,
        lifecycle: lifecycle,
        markup: record.markup,
        country: record.country,
        channel: record.channel?.rawValue,
        notes: record.notes
      )
    )
    linking.arrive(identity)
    if let opens = record.type.opensDispute, !record.reversal, let about = keys.disputed(record) {
      disputes.append(
        DisputeEvent(identity: identity, purchase: about, member: card.member, opens: opens)
      )
    }
    if record.type == .purchase, !record.reversal {
      try earning.earn(record, id: id, card, agreement)
    } else if let original {
      linking.link(record, identity, to: original)
    } else if record.type.concernsPurchase {
      linking.addLoose(record, identity, id: id, member: card.member, lifecycle: lifecycle)
    }
  }

  /// The agreement of a programme on a day; neighbouring rows mostly ask for the same.
  private func agreement(programme: Int16, on day: CivilDate) -> BoundAgreement? {
    if programme != last.programme || day != last.day {
      last = (programme, day, intake.terms.agreement(programme: programme, on: day))
    }
    return last.agreement
  }

  /// Takes rewards back, notes the file and seals the leaf.
  func finish(_ summary: FeedSummary, name: String, digest: Digest) throws -> FeedReport {
    try decideGroup()
    // Those of the reader stand before those of the group that was read last.
    rejects.sort { $0.line < $1.line }
    let books = intake.books
    try leaf.flush()
    intake.stages?.end("last rows sent")
    let clawback = Clawback(
      books: books,
      terms: intake.terms,
      leaf: leaf,
      dates: dates,
      months: months,
      cards: cards,
      merchants: merchants,
      debts: debts,
      standings: standings,
      budgets: budgets,
      together: intake.takenBackTogether
    )
    let waiting = try linking.finish(clawback)
    intake.stages?.end("links, rewards taken back")
    let file = TakenFile(
      batch: leaf.batch,
      source: intake.profile.name,
      name: name,
      sequence: summary.sequence,
      records: summary.records,
      repeats: repeats,
      quarantined: Int64(rejects.count),
      late: late,
      skipped: summary.skipped,
      key: summary.key,
      hasTotals: summary.hasControl
    )
    try books.insert(file, digest: digest)
    try books.insert(disputes, batch: leaf.batch)
    try books.quarantine(rejects, batch: leaf.batch)
    var report = FeedReport(outcome: .taken, file: file, summary: summary, rejects: rejects)
    report.waiting = waiting
    report.unlinked = linking.unlinked
    report.linked = linking.found
    try openControlBreaks(summary, &report)
    try months.store(batch: leaf.batch, baseSeal: leaf.decidedOn)
    intake.stages?.end("sums toward caps stored")
    try budgets.store()
    report.rewards = leaf.rewardCount
    report.seal = try leaf.seal(
      bookingDate: intake.businessDate,
      attachments: [Attachment(.file, name, digest)]
    )
    intake.stages?.end("checks, indexes, entries, seal")
    return report
  }

  /// A feed that posts the rest opens a break of what its unreadable rows leave missing.
  private func openControlBreaks(_ summary: FeedSummary, _ report: inout FeedReport) throws {
    let breaks = summary.short.map { currency, minor in
      NewBreak(
        fingerprint: "control-total/\(summary.file)/\(currency)",
        kind: "control-total",
        pair: "feed \(intake.profile.name)",
        commodity: currency.code,
        ours: 0,
        theirs: minor,
        valueMinor: abs(minor),
        currency: currency.code,
        pointer: "\(summary.file), \(summary.unreadable) rows",
        advice: "correct the quarantined rows"
      )
    }
    try intake.books.open(breaks, on: intake.businessDate)
    report.short = summary.short.map {
      "\($0.currency) \(decimalText($0.minor, exponent: $0.currency.exponent))"
    }
  }

  private func reject(_ record: CardRecord, _ code: ErrorCode, _ message: String) throws {
    try reject(
      RejectedRow(
        line: record.line,
        column: 1,
        length: 1,
        code: code,
        excerpt: "reference \(record.reference)",
        message: message,
        fields: record.fields,
        isCanonical: true
      )
    )
  }
}

extension CardRecord {
  /// The record in kvitt's own columns, for quarantine.
  fileprivate var fields: [CardField: String] {
    var out: [CardField: String] = [
      .type: "\(type)", .reversal: reversal ? "1" : "0", .reference: "\(reference)",
      .token: "\(token)", .amount: "\(amount.minor)", .currency: amount.currency.code,
      .billing: "\(billing.minor)", .billingCurrency: billing.currency.code,
      .category: pad(Int(category), 4), .merchant: "\(merchant)",
      // The day on the cardholder's clock is kept by writing the time with its offset.
      .time: occurredAt.text(on: eventDate),
    ]
    out[.original] = original?.description
    out[.lifecycle] = lifecycle?.description
    out[.markup] = markup.map { String($0) }
    out[.country] = country.map {
      String(
        decoding: [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)],
        as: UTF8.self
      )
    }
    out[.channel] = channel.map { "\($0)" }
    for (field, text) in [
      (CardField.networkRef, notes.networkRef), (.approval, notes.approval), (.rate, notes.rate),
    ] where text.count > 0 { out[field] = text.description }
    out[.postedDate] = notes.posted?.description
    return out
  }
}
