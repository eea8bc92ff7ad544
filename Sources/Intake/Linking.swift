import Civil
import Formats
import Journal
import Ledger

/// Brings refunds, chargebacks and reversals to the purchases they concern: by the bank's own
/// reference, by life cycle, by likeness with evidence, or by two people's decision.
final class Linking {
  /// Days before a refund within which a like purchase may be its own.
  static let windowDays = 120
  private let books: Books
  private let leaf: Leaf
  private let waiting: [RecordIdentity: [RecordIdentity]]
  private var links: [RecordLink] = []
  private var arrived: [RecordIdentity] = []
  private var loose: [LooseRecord] = []
  /// Records that nothing could be found for.
  private(set) var unlinked = 0
  /// Records without reference whose purchase was found.
  private(set) var found = 0

  init(_ books: Books, leaf: Leaf) throws {
    self.books = books
    self.leaf = leaf
    waiting = try books.waiting()
  }

  /// Notes that a record others may wait for is here.
  @inline(__always)
  func arrive(_ identity: RecordIdentity) {
    if !waiting.isEmpty, waiting[identity] != nil { arrived.append(identity) }
  }

  /// A record that names what it concerns.
  func link(
    _ record: borrowing CardRecord,
    _ identity: RecordIdentity,
    to original: RecordIdentity
  ) {
    links.append(
      RecordLink(
        identity: identity,
        original: original,
        amount: record.amount.minor,
        currency: record.amount.currency.rawValue,
        billing: record.billing.minor,
        type: record.type.rawValue,
        reversal: record.reversal,
        eventDate: record.eventDate
      )
    )
  }

  /// A record that should concern a purchase and names none.
  func addLoose(
    _ record: borrowing CardRecord,
    _ identity: RecordIdentity,
    id: Int64,
    member: Int64,
    lifecycle: Int64?
  ) {
    loose.append(
      LooseRecord(
        identity: identity,
        row: id,
        member: member,
        amount: record.amount.minor,
        currency: record.amount.currency.rawValue,
        billing: record.billing.minor,
        type: record.type.rawValue,
        merchant: record.merchant,
        lifecycle: lifecycle,
        eventDate: record.eventDate
      )
    )
  }

  /// Stores the links and takes rewards back; gives the number of records that wait.
  func finish(_ clawback: Clawback) throws -> Int {
    let decided = try books.decidedLinks()
    try books.insert(decided, batch: leaf.batch)
    let matched = try matchLoose()
    links += matched
    try books.insert(links, batch: leaf.batch)
    let concerned = (decided + links).map(\.original) + arrived
    if !concerned.isEmpty { try leaf.indexIdentities() }
    let missing = try clawback.settle(concerned)
    let waits = links.filter { missing.contains($0.original) }
    if !waits.isEmpty { try books.wait(waits, batch: leaf.batch) }
    let done = arrived.flatMap { waiting[$0] ?? [] }
    if !done.isEmpty { try books.endWait(done, batch: leaf.batch) }
    return waits.count
  }

  /// Links what has exactly one like purchase; the rest is queued with what speaks for each.
  private func matchLoose() throws -> [RecordLink] {
    let older = try books.openLoose(limit: 1_000)
    guard !loose.isEmpty || !older.isEmpty else { return [] }
    let all = loose + older
    let candidates = Dictionary(
      grouping: try books.earningPurchases(
        ofMembers: Array(Set(all.map(\.member))).sorted(),
        openLeaf: leaf.batch
      ),
      by: \.member
    )
    var refunded = try refundedAmounts(candidates.values.joined().map(\.identity))
    var out: [RecordLink] = []
    var queued: [(LooseRecord, String)] = []
    let known = Set(older.map(\.identity))
    for record in all.sorted(by: { $0.row < $1.row }) {
      let match = like(record, candidates[record.member] ?? [], refunded)
      switch match {
      case .found(let purchase, let evidence):
        out.append(record.link(to: purchase.identity, evidence: evidence))
        refunded[purchase.identity, default: 0] += record.amount
        if !known.contains(record.identity) { found += 1 }
      case .queued(let evidence):
        if !known.contains(record.identity) { queued.append((record, evidence)) }
      }
    }
    unlinked = queued.count
    try books.queue(queued)
    return out
  }

  /// What stands of earlier links to purchases, in the purchases' own currency where it is the same.
  private func refundedAmounts(
    _ identities: [RecordIdentity]
  ) throws -> [RecordIdentity: Int64] {
    guard !identities.isEmpty else { return [:] }
    let standing = try books.links(of: identities) + links
    let undoing = try books.links(of: standing.map(\.identity)) + links
    let undone = Set(undoing.filter(\.reversal).map(\.original))
    var out: [RecordIdentity: Int64] = [:]
    for link in standing where !link.reversal && !undone.contains(link.identity) {
      out[link.original, default: 0] += link.amount
    }
    return out
  }

  private enum Match {
    case found(StoredRecord, evidence: String)
    case queued(evidence: String)
  }

  private func like(
    _ record: LooseRecord,
    _ purchases: [StoredRecord],
    _ refunded: [RecordIdentity: Int64]
  ) -> Match {
    let earlier = purchases.filter {
      $0.eventDate <= record.eventDate
        && $0.eventDate >= record.eventDate.adding(days: -Linking.windowDays)
    }
    if let lifecycle = record.lifecycle {
      let same = purchases.filter { $0.lifecycle == lifecycle }
      let equal = same.filter { $0.amount == record.amount && $0.currency == record.currency }
      if same.count == 1 { return .found(same[0], evidence: "life cycle") }
      if equal.count == 1 { return .found(equal[0], evidence: "life cycle and amount") }
      if same.count > 1 { return .queued(evidence: "\(same.count) captures of one life cycle") }
    }
    let atMerchant = earlier.filter {
      $0.merchant == record.merchant && $0.currency == record.currency
    }
    let equal = atMerchant.filter {
      $0.amount == record.amount
        && $0.amount - (refunded[$0.identity] ?? 0) >= record.amount
    }
    if equal.count == 1 {
      let days = record.eventDate.days - equal[0].eventDate.days
      return .found(equal[0], evidence: "card, merchant and amount, \(days) days before")
    }
    return .queued(
      evidence: equal.isEmpty
        ? "\(atMerchant.count) purchases at the merchant, none of this amount"
        : "\(equal.count) purchases of this amount at the merchant"
    )
  }
}
