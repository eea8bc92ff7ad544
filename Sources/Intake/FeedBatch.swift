import Civil
import Crypto
import Formats
import Journal
import Ledger
import Rewards

/// One feed file on its way into the books: records are decided as they come; what takes rewards
/// back waits until all purchases of the file stand, so their order in the file does not matter.
final class FeedBatch {
  private struct Card {
    let member: Int64
    let programme: Int16
  }

  private let intake: FeedIntake
  private let leaf: Leaf
  private let dates: BatchDates
  private let months: MonthSums
  private let hasher = Hasher256()
  private let guarded: Bool
  private let feedName: [UInt8]
  private var cards: [ShortID: Card] = [:]
  private var waiting: [RecordIdentity: [RecordIdentity]]
  private var links: [RecordLink] = []
  private var arrived: [RecordIdentity] = []
  private var rejects: [RejectedRow] = []
  private var buffered: [(record: CardRecord, identity: RecordIdentity, content: UInt64)] = []
  private var bufferedIdentities: Set<RecordIdentity> = []
  private var repeats: Int64 = 0
  private var late: Int64 = 0
  private let rejectsMax = 100_000

  init(_ intake: FeedIntake, number: Int64, guarded: Bool) throws {
    self.intake = intake
    self.guarded = guarded
    feedName = Array(intake.profile.name.utf8)
    let books = intake.books
    leaf = try books.openLeaf(
      number,
      .feed,
      businessDate: intake.businessDate,
      recordedAt: intake.recordedAt,
      guarded: guarded
    )
    guard let openFrom = CivilDate(try books.openFrom()) else {
      throw Refusal(.termsMissing, "the first open period is no day")
    }
    dates = BatchDates(businessDate: intake.businessDate, openFrom: openFrom)
    months = MonthSums(books)
    waiting = try books.waiting()
    var cards: [ShortID: Card] = [:]
    try books.forEachCard { token, member, programme in
      cards[token] = Card(member: member, programme: programme)
    }
    self.cards = cards
  }

  /// Takes a good record.
  func take(_ record: CardRecord) throws {
    let identity = identity(record.reference, record.type, record.reversal)
    let content = contentDigest(record)
    guard guarded else {
      try post(record, identity, content)
      return
    }
    if !bufferedIdentities.insert(identity).inserted { try flushGuarded() }
    bufferedIdentities.insert(identity)
    buffered.append((record, identity, content))
    if buffered.count >= 4_096 { try flushGuarded() }
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

  /// Posts what the guard lets through: a repeat is counted, a conflict is quarantined.
  private func flushGuarded() throws {
    try leaf.flushPurchases()
    let known = try intake.books.contents(
      of: buffered.map(\.identity),
      days: Array(Set(buffered.map(\.record.eventDate))).sorted(),
      openLeaf: leaf.batch
    )
    for (record, identity, content) in buffered {
      switch known[identity] {
      case nil:
        try post(record, identity, content)
      case content:
        repeats += 1
      default:
        try reject(
          rejection(record, .recordConflict, "\(record.reference) stands with other content")
        )
      }
    }
    buffered.removeAll(keepingCapacity: true)
    bufferedIdentities.removeAll(keepingCapacity: true)
  }

  private func post(_ record: CardRecord, _ identity: RecordIdentity, _ content: UInt64) throws {
    guard let card = cards[record.token] else {
      try reject(rejection(record, .unknownCard, "card \(record.token) is not enrolled"))
      return
    }
    guard let agreement = intake.terms.agreement(programme: card.programme, on: record.eventDate),
      agreement.agreement.currency == record.billing.currency
    else {
      try reject(
        rejection(record, .badCurrency, "\(record.billing.currency) is not what the card bills")
      )
      return
    }
    if record.eventDate < dates.openFrom { late += 1 }
    let original = originalIdentity(record)
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
        reference: record.reference
      )
    )
    if waiting[identity] != nil { arrived.append(identity) }
    if record.type == .purchase, !record.reversal {
      try earn(record, id: id, member: card.member, agreement)
    } else if let original {
      links.append(
        RecordLink(
          identity: identity,
          original: original,
          amount: record.amount.minor,
          type: record.type.rawValue,
          reversal: record.reversal,
          eventDate: record.eventDate
        )
      )
    }
  }

  private func earn(
    _ record: CardRecord,
    id: Int64,
    member: Int64,
    _ agreement: BoundAgreement
  ) throws {
    let facts = PurchaseFacts(
      billed: record.billing.minor,
      original: record.amount.minor,
      category: record.category,
      merchant: record.merchant
    )
    guard agreement.agreement.earns(facts) else { return }
    let month = earnMonth(record.eventDate)
    for rule in agreement.rules where rule.rule.admits(facts.merchant) {
      let sum = try months.sum(member, agreement, rule, month)
      let change = try rule.rule.change(
        for: facts,
        remaining: facts.original,
        booked: .nothing,
        monthSum: sum
      )
      guard change.uncapped != 0 else { continue }
      try months.add(change.uncapped, member, agreement, rule, month)
      try leaf.add(
        RewardRow(
          rule.rule.earning,
          agreement,
          rule,
          member: member,
          purchase: id,
          quantity: change.quantity,
          cost: change.cost,
          share: change.share,
          uncapped: change.uncapped,
          event: record.eventDate,
          earnMonth: month,
          dates: dates
        )
      )
    }
  }

  /// Takes rewards back, notes the file and seals the leaf.
  func finish(_ summary: FeedSummary, digest: Digest) throws -> FeedReport {
    try flushGuarded()
    let books = intake.books
    if !guarded, try leaf.repeatsRecords() { throw RepeatedRecord() }
    try leaf.flushPurchases()
    try books.insert(links, batch: leaf.batch)
    let clawback = Clawback(
      books: books,
      terms: intake.terms,
      leaf: leaf,
      dates: dates,
      months: months
    )
    let concerned = links.map(\.original) + arrived.flatMap { [$0] }
    let missing = try clawback.settle(concerned)
    let waits = links.filter { missing.contains($0.original) }
    if !waits.isEmpty { try books.wait(waits, batch: leaf.batch) }
    let done = arrived.flatMap { waiting[$0] ?? [] }
    if !done.isEmpty { try books.endWait(done, batch: leaf.batch) }
    let file = TakenFile(
      batch: leaf.batch,
      source: intake.profile.name,
      name: summary.file,
      sequence: summary.sequence,
      records: summary.records,
      repeats: repeats,
      quarantined: Int64(rejects.count),
      late: late
    )
    try books.insert(file, digest: digest)
    try books.quarantine(rejects, batch: leaf.batch)
    var report = FeedReport(outcome: .taken, file: file, summary: summary, rejects: rejects)
    report.waiting = waits.count
    try openControlBreaks(summary, &report)
    report.rewards = leaf.rewardCount
    report.seal = try leaf.seal(
      bookingDate: intake.businessDate,
      attachments: [Attachment("file", summary.file, digest)]
    )
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

  private func rejection(_ record: CardRecord, _ code: ErrorCode, _ message: String) -> RejectedRow
  {
    RejectedRow(
      line: record.line,
      column: 1,
      length: 1,
      code: code,
      excerpt: "reference \(record.reference)",
      message: message
    )
  }

  /// The identity of a record: its feed, type, reversal flag and reference (D7).
  private func identity(
    _ reference: ShortID,
    _ type: RecordType,
    _ reversal: Bool
  ) -> RecordIdentity {
    feedName.withUnsafeBytes { hasher.update($0) }
    var flags = (UInt8(0), UInt8(type.rawValue), UInt8(reversal ? 1 : 0))
    withUnsafeBytes(of: &flags) { hasher.update($0) }
    reference.withBytes { hasher.update($0) }
    return RecordIdentity(hasher.finishWords())
  }

  /// The identity of the record that a refund or reversal concerns.
  private func originalIdentity(_ record: CardRecord) -> RecordIdentity? {
    if record.reversal {
      // A reversal repeats the reference of what it undoes; a purchase may be named instead.
      let named = record.type == .purchase ? record.original : nil
      return identity(named ?? record.reference, record.type, false)
    }
    guard record.type == .refund, let original = record.original else { return nil }
    return identity(original, .purchase, false)
  }

  private func contentDigest(_ record: CardRecord) -> UInt64 {
    record.token.withBytes { hasher.update($0) }
    record.merchant.withBytes { hasher.update($0) }
    record.original?.withBytes { hasher.update($0) }
    var numbers = (
      record.amount.minor, record.billing.minor, record.occurredAt.microseconds,
      Int64(record.category), Int64(record.amount.currency.rawValue),
      Int64(record.billing.currency.rawValue), Int64(record.token.count),
      Int64(record.merchant.count)
    )
    withUnsafeBytes(of: &numbers) { hasher.update($0) }
    return hasher.finishWords().0
  }
}
