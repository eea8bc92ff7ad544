package import Civil
package import Crypto
package import Formats
package import Journal
import Ledger
import Rewards

/// What taking a feed file did.
package struct FeedReport: Sendable {
  /// How the file ended.
  package enum Outcome: Sendable, Equatable {
    /// Taken now.
    case taken
    /// Taken before, byte for byte; nothing happened.
    case repeated
  }

  package var outcome: Outcome
  package var file: TakenFile
  package var summary: FeedSummary?
  package var rejects: [RejectedRow] = []
  /// Records by which control totals fell short: currency and minor units.
  package var short: [String] = []
  package var rewards: Int64 = 0
  /// Refunds and the like whose purchase is not here yet.
  package var waiting: Int = 0
  /// Refunds without reference whose purchase was found by life cycle or likeness.
  package var linked: Int = 0
  /// Those for which nothing could be found.
  package var unlinked: Int = 0
  package var seal: Seal?
}

/// Takes card feed files: file → record → decision → leaf → seal, in one transaction a file.
package struct FeedIntake {
  let books: Books
  let terms: TermsInForce
  let profile: CardFeedProfile
  let businessDate: CivilDate
  let recordedAt: Instant
  let tokenKeys: [TokenKey]
  /// Counts what each stage costs, where someone wants to know.
  package var stages: Stages?
  /// Purchases that are recomputed together when something is taken back.
  ///
  /// Each such part reads the open leaf once, which has no index of purchases yet, and keeps some two kilobytes a purchase.
  package var takenBackTogether = FeedIntake.takenBackTogether
  static let takenBackTogether = 200_000

  /// Prepares to take files of a feed.
  ///
  /// - Parameters:
  ///   - books: The books, in the role that may ingest.
  ///   - terms: Terms in force.
  ///   - profile: How the feed is written.
  ///   - businessDate: The day that the batch belongs to.
  ///   - recordedAt: When the books learn it.
  ///   - tokenKeys: Keys that turn card numbers into tokens, newest first, for feeds that carry
  ///     card numbers.
  package init(
    books: Books,
    terms: TermsInForce,
    profile: CardFeedProfile,
    businessDate: CivilDate,
    recordedAt: Instant,
    tokenKeys: [TokenKey] = []
  ) {
    self.books = books
    self.terms = terms
    self.profile = profile
    self.businessDate = businessDate
    self.recordedAt = recordedAt
    self.tokenKeys = tokenKeys
  }

  /// Days of which records are taken: ten years to each side of the business date.
  ///
  /// A far year is a fault of whoever wrote the file; taken at its word it would count in months that no
  /// period has.
  var days: ClosedRange<CivilDate> {
    businessDate.adding(days: -3_653)...businessDate.adding(days: 3_653)
  }

  /// Takes one file, or says that it was taken before.
  package func take(path: String, control: String?) throws -> FeedReport {
    let input = try InputFile(path: path)
    let digest = try digest(of: input)
    stages?.end("digest of the file")
    if let known = try books.takenFile(source: profile.name, digest: digest) {
      return FeedReport(outcome: .repeated, file: known)
    }
    return try guarding(name: input.name) { guarded in
      input.rewind()
      let number = try books.reserve(.feed, "\(profile.name)/\(digest)")
      let report = try books.transaction {
        let batch = try FeedBatch(self, number: number, guarded: guarded)
        stages?.end("leaf opened, cards read")
        let hasher = Hasher256()
        let reader = CardFeedReader(
          input,
          profile: profile,
          token: { try batch.token($0) },
          category: { batch.category(of: $0, on: $1) }
        )
        let summary = try reader.read(
          control: control,
          bytes: { hasher.update($0) },
          record: { try batch.take($0) },
          reject: { try batch.reject($0) }
        )
        guard hasher.finish() == digest else {
          throw Refusal(
            .fileUnreadable,
            "the file changed while it was read",
            at: Place(file: input.name)
          )
        }
        stages?.end("rows read, decided, sent")
        try checkPlace(summary)
        return try batch.finish(summary, name: input.name, digest: digest)
      }
      stages?.end("commit")
      return report
    }
  }

  /// Runs a taking once without asking for each record; where one stands already, which is rare,
  /// once more asking before each is posted; where another feed was sealed meanwhile, again.
  func guarding<Value>(name: String, _ body: (_ guarded: Bool) throws -> Value) throws -> Value {
    var guarded = false
    for _ in 0..<5 {
      do {
        return try body(guarded)
      } catch {
        switch BatchVerdict(error) {
        case .repeats where !guarded: guarded = true
        case .overtaken: continue
        default: throw error
        }
      }
    }
    throw Refusal(
      .runHeld,
      "other feeds were sealed each time while this one was decided",
      at: Place(file: name)
    )
  }

  /// The file's own number and key: not taken before, and no gap where the feed must not have one.
  private func checkPlace(_ summary: FeedSummary) throws {
    let sequence = summary.sequence
    if sequence > 0, let other = try books.takenFile(source: profile.name, sequence: sequence) {
      throw Refusal(
        .fileConflict,
        "sequence \(sequence) was taken as \(other.name) with other content",
        at: Place(file: summary.file)
      )
    }
    if let key = summary.key, let other = try books.takenFile(source: profile.name, key: key) {
      throw Refusal(
        .fileConflict,
        "file id \(escaped(key)) was taken as \(other.name) with other content",
        at: Place(file: summary.file)
      )
    }
    guard profile.holdsGaps, sequence > 0 else { return }
    let last = try books.lastSequence(source: profile.name)
    guard last > 0, sequence > last + 1,
      try !books.isReleased(source: profile.name, sequence: sequence)
    else { return }
    throw Refusal(
      .sequenceGap,
      "sequence \(sequence) follows \(last); it is held until \(last + 1) comes",
      hint: "kvitt ingest release --feed \(profile.name) --through \(sequence)",
      at: Place(file: summary.file)
    )
  }

  private func digest(of input: InputFile) throws -> Digest {
    let hasher = Hasher256()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 8)
    defer { buffer.deallocate() }
    while true {
      let count = try input.read(into: buffer)
      if count == 0 { return hasher.finish() }
      hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }
}
