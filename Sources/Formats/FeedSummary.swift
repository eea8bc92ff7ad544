package import Ledger

/// Counts and sums of one billing currency.
package struct FeedTotal: Sendable, Equatable {
  package var records: Int64 = 0
  package var debit: Int64 = 0
  package var credit: Int64 = 0

  package init() {}
}

/// What was read from a feed and what its control totals say.
package struct FeedSummary: Sendable {
  package let file: String
  /// Data rows, good or bad.
  package var records: Int64 = 0
  /// Rows that the profile counts and skips.
  package var skipped: Int64 = 0
  /// Network references, approval codes, rates and days of posting that could not be read.
  package var notesLeftOut: Int64 = 0
  /// Rows whose amount could not be read.
  package var unreadable: Int64 = 0
  /// Stated by the file, by billing currency.
  package private(set) var stated: [Currency: FeedTotal] = [:]
  package private(set) var statedRecords: Int64?
  /// Stated without currency: the plain sums over all rows.
  package private(set) var statedPlain: FeedTotal?
  /// Number of the file in its feed; 0 where there is none.
  package private(set) var sequence: Int64 = 0
  /// What names the file inside it, such as PDS 0105 or a message id; nil where nothing does.
  package var key: String?
  private var sums: [(currency: Currency, total: FeedTotal)] = []
  private var last = 0

  package init(file: String) {
    self.file = file
  }

  /// Sums of all rows whose amount could be read, by billing currency.
  package var totals: [Currency: FeedTotal] {
    Dictionary(uniqueKeysWithValues: sums.map { ($0.currency, $0.total) })
  }

  /// Whether the file brought any control total.
  package var hasControl: Bool {
    statedRecords != nil || statedPlain != nil || !stated.isEmpty
  }

  /// By currency, what the stated net exceeds the read net by; only where rows were unreadable.
  package var short: [(currency: Currency, minor: Int64)] {
    guard unreadable > 0 else { return [] }
    let totals = totals
    return stated.compactMap { currency, total in
      let read = totals[currency] ?? FeedTotal()
      let gap = (total.debit - total.credit) - (read.debit - read.credit)
      return gap == 0 ? nil : (currency, gap)
    }.sorted { $0.currency.code < $1.currency.code }
  }

  /// Adds a row's billed amount: direction 1 to debit, -1 to credit, 0 to the count alone.
  @inline(__always)
  mutating func add(
    _ billed: Int64,
    _ currency: Currency,
    direction: Int
  ) throws(FieldFault) {
    if last >= sums.count || sums[last].currency != currency {
      if let index = sums.firstIndex(where: { $0.currency == currency }) {
        last = index
      } else {
        last = sums.count
        sums.append((currency, FeedTotal()))
      }
    }
    sums[last].total.records += 1
    let old = direction > 0 ? sums[last].total.debit : sums[last].total.credit
    let (sum, overflow) = old.addingReportingOverflow(direction == 0 ? 0 : billed)
    guard !overflow else {
      unreadable += 1
      throw FieldFault(.billing, .badAmount, "takes the feed's total out of 64 bits")
    }
    if direction > 0 {
      sums[last].total.debit = sum
    } else {
      sums[last].total.credit = sum
    }
  }

  /// Notes a total that the file states for a currency.
  mutating func state(_ currency: Currency, _ total: FeedTotal) {
    stated[currency] = total
  }

  /// Notes the stated number of records, and the file's number in its feed.
  mutating func state(records: Int64, sequence: Int64) {
    statedRecords = records
    self.sequence = sequence
  }

  /// Notes totals stated without currency.
  mutating func state(plain total: FeedTotal) {
    statedPlain = total
    statedRecords = total.records
  }

  /// The reader has compared the file's own control totals already.
  mutating func stateOwnTotals() {
    for item in sums { stated[item.currency] = item.total }
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
        state(currency, total)
      } else if fields.first == "#end", numbers.count == 2, let records = numbers[0],
        let sequence = numbers[1]
      {
        state(records: records, sequence: sequence)
      } else {
        throw Refusal(
          .trailerMissing,
          "a control row is neither #total;CUR;records;debit;credit nor #end;records;sequence",
          at: Place(file: file)
        )
      }
    }
  }

  /// Compares what was read with what the file states, each number by its name.
  func checkTotals(_ profile: CardFeedProfile) throws(Refusal) {
    if unreadable > 0, profile.refusesUnreadableAmounts {
      throw Refusal(
        .badAmount,
        "\(unreadable) rows have no readable amount; the feed's setting is to refuse",
        at: Place(file: file)
      )
    }
    guard let statedRecords else {
      guard profile.trailer == .required else { return }
      throw Refusal(
        .trailerMissing,
        "the file has no #end row or trailer",
        at: Place(file: file)
      )
    }
    guard statedRecords == records else {
      throw Refusal(
        .controlTotal,
        "the file holds \(records) records, its trailer says \(statedRecords)",
        at: Place(file: file)
      )
    }
    guard unreadable == 0 else { return }
    if let statedPlain { try checkPlain(statedPlain) } else { try checkByCurrency() }
  }

  private func checkByCurrency() throws(Refusal) {
    let totals = totals
    for currency in Set(stated.keys).union(totals.keys).sorted(by: { $0.code < $1.code }) {
      try compare(
        totals[currency] ?? FeedTotal(),
        stated[currency] ?? FeedTotal(),
        " \(currency)"
      )
    }
  }

  private func checkPlain(_ said: FeedTotal) throws(Refusal) {
    var read = FeedTotal()
    read.records = said.records
    for item in sums {
      let debit = read.debit.addingReportingOverflow(item.total.debit)
      let credit = read.credit.addingReportingOverflow(item.total.credit)
      guard !debit.overflow, !credit.overflow else {
        throw Refusal(.controlTotal, "the plain sums leave 64 bits", at: Place(file: file))
      }
      (read.debit, read.credit) = (debit.partialValue, credit.partialValue)
    }
    try compare(read, said, "")
  }

  private func compare(
    _ read: FeedTotal,
    _ said: FeedTotal,
    _ name: String
  ) throws(Refusal) {
    for (what, ours, theirs) in [
      ("record count", read.records, said.records), ("debit total", read.debit, said.debit),
      ("credit total", read.credit, said.credit),
    ] where ours != theirs {
      throw Refusal(
        .controlTotal,
        "\(what)\(name): the rows give \(ours), the trailer says \(theirs)",
        at: Place(file: file)
      )
    }
  }
}
