import Civil
package import Ledger

/// Streams a card feed in kvitt's own CSV: header row, records, `#total` and `#end` rows.
///
/// Memory does not depend on the size of the file. RFC 4180 quoting, LF or CRLF, a byte-order mark
/// is tolerated, unknown columns are ignored.
package struct CardFeedReader {
  private let input: InputFile
  private let profile: CardFeedProfile
  private let rowBytesMax = 65_536

  package init(_ input: InputFile, profile: CardFeedProfile) {
    self.input = input
    self.profile = profile
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
    bytes: (UnsafeRawBufferPointer) -> Void,
    record: (CardRecord) throws -> Void,
    reject: (RejectedRow) throws -> Void
  ) throws -> FeedSummary {
    var summary = FeedSummary(file: input.name)
    if let control { try summary.readControl(control, delimiter: profile.delimiter) }
    let capacity = 1 << 18
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 8)
    defer { buffer.deallocate() }
    var row = CSVRow(delimiter: profile.delimiter)
    var columns: CardColumns?
    var filled = 0
    var line: Int32 = 0
    var atEnd = false
    while !atEnd {
      let free = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      let count = try input.read(into: free)
      bytes(UnsafeRawBufferPointer(rebasing: free[..<count]))
      atEnd = count == 0
      filled += count
      var start = line == 0 && columns == nil && hasMark(buffer, filled) ? 3 : 0
      let window = UnsafeRawBufferPointer(rebasing: buffer[..<filled])
      while let next = try row.split(window, from: start, atEnd: atEnd, line: line, in: input) {
        guard next - start <= rowBytesMax else { throw tooLong(line) }
        line += 1
        start = next
        if row.isBlank { continue }
        if let columns {
          try row.isControl
            ? summary.readControl(row.text, delimiter: profile.delimiter)
            : columns.decode(row, line: line, into: &summary, record: record, reject: reject)
        } else {
          columns = try CardColumns(header: row, file: input.name)
        }
      }
      guard filled - start < rowBytesMax else { throw tooLong(line) }
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<filled]))
      filled -= start
    }
    guard columns != nil else {
      throw Refusal(.headerColumn, "the file is empty", at: Place(file: input.name))
    }
    try summary.checkTotals(profile)
    return summary
  }

  private func tooLong(_ line: Int32) -> Refusal {
    Refusal(
      .badText,
      "a row is longer than 64 KiB",
      at: Place(file: input.name, line: Int(line) + 1)
    )
  }

  private func hasMark(_ buffer: UnsafeMutableRawBufferPointer, _ filled: Int) -> Bool {
    filled >= 3 && buffer[0] == 0xEF && buffer[1] == 0xBB && buffer[2] == 0xBF
  }
}

/// What was read from a feed and what its control totals say.
package struct FeedSummary: Sendable {
  package let file: String
  /// Data rows, good or bad.
  package var records: Int64 = 0
  /// Sums of all rows whose amount could be read, by billing currency.
  package var totals: [Currency: FeedTotal] = [:]
  /// Rows whose amount could not be read.
  package var unreadable: Int64 = 0
  package private(set) var stated: [Currency: FeedTotal] = [:]
  package private(set) var statedRecords: Int64?
  /// Number of the file in its feed, from the `#end` row; 0 where there is none.
  package private(set) var sequence: Int64 = 0

  init(file: String) {
    self.file = file
  }

  /// By currency, what the stated net exceeds the read net by; only where rows were unreadable.
  package var short: [(currency: Currency, minor: Int64)] {
    guard unreadable > 0 else { return [] }
    return stated.compactMap { currency, total in
      let read = totals[currency] ?? FeedTotal()
      let gap = (total.debit - total.credit) - (read.debit - read.credit)
      return gap == 0 ? nil : (currency, gap)
    }.sorted { $0.currency.code < $1.currency.code }
  }

  /// Reads `#total;EUR;records;debit;credit` and `#end;records;sequence` lines.
  mutating func readControl(_ text: String, delimiter: UInt8) throws(Refusal) {
    for line in text.split(whereSeparator: \.isNewline) {
      let fields = line.utf8.split(separator: delimiter, omittingEmptySubsequences: false)
        .map { String(Substring($0)) }
      let numbers = fields.dropFirst(fields.first == "#total" ? 2 : 1).map { strictInteger($0) }
      if fields.first == "#total", numbers.count == 3,
        let currency = Currency(code: fields[1].utf8),
        let records = numbers[0], let debit = numbers[1], let credit = numbers[2]
      {
        var total = FeedTotal()
        (total.records, total.debit, total.credit) = (records, debit, credit)
        stated[currency] = total
      } else if fields.first == "#end", numbers.count == 2, let records = numbers[0],
        let sequence = numbers[1]
      {
        statedRecords = records
        self.sequence = sequence
      } else {
        throw Refusal(
          .trailerMissing,
          "a control row is neither #total;CUR;records;debit;credit nor #end;records;sequence",
          at: Place(file: file)
        )
      }
    }
  }

  func checkTotals(_ profile: CardFeedProfile) throws(Refusal) {
    guard let statedRecords else {
      if !profile.trailerRequired { return }
      throw Refusal(.trailerMissing, "the file has no #end row", at: Place(file: file))
    }
    guard statedRecords == records else {
      throw Refusal(
        .controlTotal,
        "the file holds \(records) records, its trailer says \(statedRecords)",
        at: Place(file: file)
      )
    }
    if unreadable > 0 {
      guard !profile.refusesUnreadableAmounts else {
        throw Refusal(
          .badAmount,
          "\(unreadable) rows have no readable amount; the feed's setting is to refuse",
          at: Place(file: file)
        )
      }
      return
    }
    for currency in Set(stated.keys).union(totals.keys).sorted(by: { $0.code < $1.code }) {
      let (read, said) = (totals[currency] ?? FeedTotal(), stated[currency] ?? FeedTotal())
      for (name, ours, theirs) in [
        ("record count", read.records, said.records), ("debit total", read.debit, said.debit),
        ("credit total", read.credit, said.credit),
      ] where ours != theirs {
        throw Refusal(
          .controlTotal,
          "\(name) \(currency): the rows give \(ours), the trailer says \(theirs)",
          at: Place(file: file)
        )
      }
    }
  }
}
