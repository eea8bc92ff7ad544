package import Civil
import Crypto
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
  package var waiting: Int = 0
  package var seal: Seal?
}

/// Takes card feed files: file → record → decision → leaf → seal, in one transaction a file.
package struct FeedIntake {
  let books: Books
  let terms: TermsInForce
  let profile: CardFeedProfile
  let businessDate: CivilDate
  let recordedAt: Instant

  package init(
    books: Books,
    terms: TermsInForce,
    profile: CardFeedProfile,
    businessDate: CivilDate,
    recordedAt: Instant
  ) {
    self.books = books
    self.terms = terms
    self.profile = profile
    self.businessDate = businessDate
    self.recordedAt = recordedAt
  }

  /// Takes one file, or says that it was taken before.
  package func take(path: String, control: String?) throws -> FeedReport {
    let input = try InputFile(path: path)
    let digest = try digest(of: input)
    if let known = try books.takenFile(source: profile.name, digest: digest) {
      return FeedReport(outcome: .repeated, file: known)
    }
    do {
      return try take(input, digest: digest, control: control, guarded: false)
    } catch is RepeatedRecord {
      // Rare: some record stands already. Once more, asking for every record before it is posted.
      return try take(input, digest: digest, control: control, guarded: true)
    }
  }

  private func take(
    _ input: InputFile,
    digest: Digest,
    control: String?,
    guarded: Bool
  ) throws -> FeedReport {
    input.rewind()
    let number = try books.reserve(.feed, "\(profile.name)/\(digest)")
    return try books.transaction {
      let batch = try FeedBatch(self, number: number, guarded: guarded)
      let hasher = Hasher256()
      let summary = try CardFeedReader(input, profile: profile).read(
        control: control,
        bytes: { hasher.update($0) },
        record: batch.take,
        reject: batch.reject
      )
      guard hasher.finish() == digest else {
        throw Refusal(
          .fileUnreadable,
          "the file changed while it was read",
          at: Place(file: input.name)
        )
      }
      if let other = try books.takenFile(source: profile.name, sequence: summary.sequence) {
        throw Refusal(
          .fileConflict,
          "sequence \(summary.sequence) was taken as \(other.name) with other content",
          at: Place(file: input.name)
        )
      }
      return try batch.finish(summary, digest: digest)
    }
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

/// A record of the file stands already; the file is taken again with a guard.
struct RepeatedRecord: Error {}
