/// Card feeds in CSV: rows with a header row or with numbered columns, in constant memory.
struct CardCSV {
  let input: InputFile
  let profile: CardFeedProfile

  /// Reads all rows into the builder.
  func read(
    _ builder: RecordBuilder,
    bytes: @escaping (UnsafeRawBufferPointer) -> Void,
    record: (CardRecord) throws -> Void,
    reject: (RejectedRow) throws -> Void
  ) throws {
    let row = CSVRow(delimiter: profile.delimiter)
    var columns = profile.hasHeader ? nil : try CardColumns(profile, file: input.name)
    var line: Int32 = 0
    var ended = false
    let reader = LineReader(
      source: TextSource(input, profile.encoding, bytes: bytes),
      name: input.name
    )
    let isWhole = try reader.forEachWindow { window, atEnd in
      var start = 0
      row.begin(window)
      while let next = try row.split(window, from: start, atEnd: atEnd, line: line, in: input) {
        guard next - start <= LineReader.rowBytesMax else {
          throw Refusal(
            .badText,
            "a row is longer than 64 KiB",
            at: Place(file: input.name, line: Int(line) + 1)
          )
        }
        start = next
        line += 1
        if row.isBlank { continue }
        guard !ended else { throw afterEnd(line) }
        guard let known = columns else {
          columns = try CardColumns(profile, header: row, file: input.name)
          continue
        }
        if row.isControl, profile.marks.trailer == nil {
          try builder.summary.readControl(row.text, delimiter: profile.delimiter)
        } else if try known.isRecord(row, builder, line: line, ended: &ended) {
          try known.take(row, builder, line: line, record: record, reject: reject)
        }
      }
      return start
    }
    try reader.checkEnd(isWhole, lines: columns == nil ? 0 : line, builder.summary)
  }

  private func afterEnd(_ line: Int32) -> Refusal {
    Refusal(
      .controlTotal,
      "rows follow the trailer",
      at: Place(file: input.name, line: Int(line))
    )
  }
}

/// Where the columns of a card feed stand.
private final class CardColumns {
  private let profile: CardFeedProfile
  private let file: String
  private let count: Int?
  /// Plain memory: each row asks for it.
  private let places: UnsafeMutableBufferPointer<(field: CardField, index: Int)>

  deinit {
    places.deallocate()
  }

  private static func kept(
    _ places: [(field: CardField, index: Int)]
  ) -> UnsafeMutableBufferPointer<(field: CardField, index: Int)> {
    let kept = UnsafeMutableBufferPointer<(field: CardField, index: Int)>.allocate(
      capacity: places.count
    )
    _ = kept.initialize(from: places)
    return kept
  }

  /// Columns by the names of a header row.
  init(_ profile: CardFeedProfile, header: CSVRow, file: String) throws(Refusal) {
    let names = header.fields.texts
    func refusal(_ why: String) -> Refusal {
      Refusal(
        .headerColumn,
        why,
        at: Place(file: file, line: 1, column: 1, source: header.text, length: header.text.count)
      )
    }
    for (index, name) in names.enumerated() where names[..<index].contains(name) {
      throw refusal("the header names \(shown(name)) twice")
    }
    self.profile = profile
    self.file = file
    count = names.count
    var places: [(field: CardField, index: Int)] = []
    for field in CardField.allCases {
      let aliases = profile.columns[field] ?? []
      if let name = aliases.first(where: names.contains), let index = names.firstIndex(of: name) {
        places.append((field, index))
      } else if profile.requires(field), profile.defaults[field] == nil {
        throw refusal("the header has no column \(aliases.first ?? field.name)")
      }
    }
    self.places = CardColumns.kept(places)
  }

  /// Columns by number.
  init(_ profile: CardFeedProfile, file: String) throws(Refusal) {
    self.profile = profile
    self.file = file
    count = nil
    var places: [(field: CardField, index: Int)] = []
    for (field, names) in profile.columns {
      guard let number = names.first.flatMap({ strictInteger($0) }), number > 0 else { continue }
      places.append((field, Int(number) - 1))
    }
    self.places = CardColumns.kept(places)
  }

  /// Whether a row is a record; head and trailer rows are read here.
  func isRecord(
    _ row: CSVRow,
    _ builder: RecordBuilder,
    line: Int32,
    ended: inout Bool
  ) throws(Refusal) -> Bool {
    let marks = profile.marks
    guard marks.row != nil || marks.trailer != nil else { return true }
    let mark = String(decoding: row.fields[0].prefix(40), as: UTF8.self)
    if mark == marks.row { return true }
    if mark == marks.head, line == 1 { return false }
    guard mark == marks.trailer else {
      guard marks.row != nil else { return true }
      throw bad("begins with \"\(shown(mark))\", none of the feed's record letters", row, line)
    }
    func number(_ field: Int?) throws(Refusal) -> Int64? {
      guard let field else { return nil }
      guard field <= row.fields.count, let value = paddedMinor(row.fields[field - 1]) else {
        throw bad("field \(field) of the trailer is no number", row, line)
      }
      return value
    }
    var total = FeedTotal()
    guard let records = try number(marks.records) else { throw bad("no record count", row, line) }
    total.records = records
    if let debit = try number(marks.debit), let credit = try number(marks.credit) {
      (total.debit, total.credit) = (debit, credit)
      builder.summary.state(plain: total)
    } else {
      builder.summary.state(records: records, sequence: 0)
    }
    ended = true
    return false
  }

  private func bad(_ why: String, _ row: CSVRow, _ line: Int32) -> Refusal {
    Refusal(
      .trailerMissing,
      why,
      at: Place(file: file, line: Int(line), column: 1, source: row.text)
    )
  }

  /// Hands a row's fields to the builder.
  @inline(__always)
  func take(
    _ row: CSVRow,
    _ builder: RecordBuilder,
    line: Int32,
    record: (CardRecord) throws -> Void,
    reject: (RejectedRow) throws -> Void
  ) throws {
    guard row.fields.count == count ?? row.fields.count else {
      builder.summary.records += 1
      builder.summary.unreadable += 1
      try reject(
        RejectedRow(
          line: line,
          column: 1,
          length: row.text.count,
          code: .fieldCount,
          excerpt: row.text,
          message: "\(row.fields.count) fields where the header has \(count ?? 0)"
        )
      )
      return
    }
    let slots = builder.slots
    if count == nil {
      slots.clear()
      for place in places where place.index < row.fields.count {
        slots[place.field] = row.fields[place.index]
      }
    } else {
      // A header of so many names was read with the same row: its fields are all there.
      for place in places { slots[place.field] = row.fields.known(place.index) }
    }
    try builder.build(
      line: line,
      place: { RowPlace(column: row.column(of: slots[$0]), excerpt: row.text) },
      record: record,
      reject: reject
    )
  }
}
