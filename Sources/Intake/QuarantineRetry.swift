import Civil
import Crypto
package import Formats
package import Journal
import Ledger

/// What retrying quarantined rows did.
package struct RetryReport: Sendable {
  package var posted = 0
  package var failed: [(id: QuarantineID, reject: RejectedRow)] = []
}

extension FeedIntake {
  /// Takes the quarantined rows of this feed whose correction two people decided, as one batch.
  ///
  /// A row that fails again keeps its place in quarantine, with the new reason.
  package func retry() throws -> RetryReport {
    let retries = try books.decidedRetries().filter { $0.row.source == profile.name }
    guard !retries.isEmpty else { return RetryReport() }
    let digest = sha256(
      retries.map { "\($0.row.id) \($0.seq)" }.joined(separator: "\n")
    )
    return try guarding(name: "quarantine") { _ in
      let number = try books.reserve(.feed, "\(profile.name)/retry/\(digest)")
      return try books.transaction { try post(retries, number: number, digest: digest) }
    }
  }

  private func post(
    _ retries: [DecidedRetry],
    number: Int64,
    digest: Digest
  ) throws -> RetryReport {
    let batch = try FeedBatch(self, number: number, guarded: true)
    var report = RetryReport()
    var summary = FeedSummary(file: "quarantine-\(number)")
    for retry in retries {
      let fields = retry.row.fields.merging(retry.correction) { _, new in new }
      let form = retry.row.isCanonical ? profile.canonical : profile
      let line = Int32(clamping: retry.row.id.line)
      let outcome = try readRecord(
        fields,
        line: line,
        profile: form,
        category: { batch.category(of: $0, on: $1) }
      )
      summary.records += 1
      var reject = outcome.reject
      if let record = outcome.record { reject = try batch.takeAgain(record) }
      if let reject {
        report.failed.append((retry.row.id, reject))
      } else {
        report.posted += 1
      }
      try books.note(
        retry,
        batch: number,
        code: reject?.code.rawValue ?? "",
        missed: reject == nil ? try missed(retry, outcome.record, form) : nil
      )
    }
    try books.closeControlBreaks(
      ofFiles: Array(Set(retries.map(\.row.id.batch))).sorted(),
      on: businessDate
    )
    _ = try batch.finish(summary, name: summary.file, digest: digest)
    return report
  }

  /// What a corrected row brings that the control totals of its file missed: nil where the row as
  /// it came had a readable amount.
  private func missed(
    _ retry: DecidedRetry,
    _ record: CardRecord?,
    _ form: CardFeedProfile
  ) throws -> Amount? {
    guard let record, !retry.row.isCanonical,
      try !readRecord(retry.row.fields, line: record.line, profile: form).isSummed
    else { return nil }
    let direction = Int64(record.type.direction * (record.reversal ? -1 : 1))
    return Amount(minor: direction * record.billing.minor, currency: record.billing.currency)
  }
}
