package import Civil
package import Ledger

/// Finds the category that the merchant directory gives a merchant on a day.
package typealias CategoryLookup = (_ merchant: ShortID, _ day: CivilDate) -> Int16?

/// Streams a card feed in the format that its profile names; memory does not depend on its size.
package struct CardFeedReader {
  private let input: InputFile
  private let profile: CardFeedProfile
  private let token: (UnsafeRawBufferPointer) throws -> ShortID
  private let category: CategoryLookup

  /// Reads a file by a profile.
  ///
  /// - Parameters:
  ///   - input: The file.
  ///   - profile: How the feed is written.
  ///   - token: Turns a card number into the token that the books know; only IPM carries any.
  ///   - category: Finds a merchant's category, for feeds that take it from the directory.
  package init(
    _ input: InputFile,
    profile: CardFeedProfile,
    token: @escaping (UnsafeRawBufferPointer) throws -> ShortID = noToken,
    category: @escaping CategoryLookup = { _, _ in nil }
  ) {
    self.input = input
    self.profile = profile
    self.token = token
    self.category = category
  }

  /// Reads the whole file and checks its control totals.
  ///
  /// - Parameters:
  ///   - control: Text of the control file, nil where the totals stand in the feed itself.
  ///   - bytes: Gets every byte that is read, for the digest.
  ///   - record: Gets every good record in the order of the file.
  ///   - reject: Gets every row that cannot be used.
  /// - Returns: What was read, and whether rows without readable amount leave a total short.
  /// - Throws: A refusal of the whole file, or what the closures throw.
  package func read(
    control: String?,
    bytes: @escaping (UnsafeRawBufferPointer) -> Void,
    record: (CardRecord) throws -> Void,
    reject: (RejectedRow) throws -> Void
  ) throws -> FeedSummary {
    let builder = try RecordBuilder(profile, file: input.name, category: category)
    if let control { try builder.summary.readControl(control, delimiter: profile.delimiter) }
    switch profile.format {
    case .csv:
      try CardCSV(input: input, profile: profile)
        .read(builder, bytes: bytes, record: record, reject: reject)
    case .ndjson:
      try CardNDJSON(input: input, profile: profile)
        .read(builder, bytes: bytes, record: record, reject: reject)
    case .camt:
      try CardCamt(input: input, profile: profile)
        .read(builder, bytes: bytes, record: record, reject: reject)
    case .ipm:
      try CardIPM(input: input, profile: profile, token: token)
        .read(builder, bytes: bytes, record: record, reject: reject)
    }
    try builder.summary.checkTotals(profile)
    return builder.summary
  }
}

/// Reads one record from texts of its fields, as a retry of a quarantined row brings them.
///
/// - Parameters:
///   - fields: The texts, by field.
///   - line: Line of the record in its file.
///   - profile: How the texts are written.
///   - category: Finds a merchant's category, for feeds that take it from the directory.
/// - Returns: The record, or the reject that says why there is none; neither for a skipped type.
///   And whether its billed amount could be read, so that a control total holds it.
/// - Throws: Nothing but what a broken profile causes.
package func readRecord(
  _ fields: [CardField: String],
  line: Int32,
  profile: CardFeedProfile,
  category: @escaping CategoryLookup = { _, _ in nil }
) throws -> (record: CardRecord?, reject: RejectedRow?, isSummed: Bool) {
  let builder = try RecordBuilder(profile, file: "quarantine", category: category)
  var texts: [UnsafeMutableRawBufferPointer] = []
  defer { for text in texts { text.deallocate() } }
  for (field, text) in fields where !text.isEmpty {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 1)
    copy.copyBytes(from: text.utf8)
    texts.append(copy)
    builder.slots[field] = UnsafeRawBufferPointer(copy)
  }
  var out: (record: CardRecord?, reject: RejectedRow?, isSummed: Bool) = (nil, nil, true)
  try builder.build(
    line: line,
    place: { _ in RowPlace(column: 1, excerpt: "") },
    record: { out.record = $0 },
    reject: { out.reject = $0 }
  )
  out.isSummed = builder.summary.unreadable == 0
  return out
}

/// For feeds that carry no card numbers: refuses.
package func noToken(_ card: UnsafeRawBufferPointer) throws -> ShortID {
  throw Refusal(.keyProblem, "this feed needs a token key", hint: "kvitt key hmac create")
}
