import Ledger

/// Card feeds in camt.052, 053 or 054: a record for each transaction of an entry, or for an entry
/// without any, in constant memory.
///
/// Columns are paths of local names below the statement, such as `Ntry.NtryDtls.TxDtls.Amt`, or
/// `…Amt.@Ccy` for an attribute; of several paths of a field the first that has a value counts.
/// ISO 20022 orders elements so that an entry's own stand before its transactions. Only booked
/// entries are records; `TxsSummry` and `Btch` are held to, count and sum apart.
struct CardCamt {
  let input: InputFile
  let profile: CardFeedProfile

  /// Reads all entries into the builder.
  func read(
    _ builder: RecordBuilder,
    bytes: @escaping (UnsafeRawBufferPointer) -> Void,
    record: (CardRecord) throws -> Void,
    reject: (RejectedRow) throws -> Void
  ) throws {
    try withoutActuallyEscaping(record) { record in
      try withoutActuallyEscaping(reject) { reject in
        let entries = CamtEntries(profile, file: input.name, builder, record, reject)
        let stream = XMLStream(
          input,
          XMLStream.Handler(
            start: { try entries.start($0, $1, $2) },
            end: { try entries.end($0, $1) }
          )
        )
        try stream.read(bytes: bytes)
        try entries.finish()
      }
    }
  }
}

/// Follows the elements of one file.
private final class CamtEntries {
  /// What is known of the fields at one level of the document.
  private struct Known {
    var texts = [Range<Int>](repeating: 0..<0, count: CardField.allCases.count)
    var ranks = [Int](repeating: Int.max, count: CardField.allCases.count)
    var bytes = 0
    var mark = ""
  }

  private let paths: FieldPaths
  private let profile: CardFeedProfile
  private let file: String
  private let builder: RecordBuilder
  private let record: (CardRecord) throws -> Void
  private let reject: (RejectedRow) throws -> Void
  private var names: [String] = []
  private var nodes: [Int] = []
  private var known = Known()
  private var ofStatement = Known()
  private var ofEntry = Known()
  private var text: [UInt8] = []
  private var totals = CamtTotals()
  private var isReversal = false
  private var status = ""
  private var hasDetails = false
  private var records: Int32 = 0
  private var statements = 0
  private var withoutTotals = 0

  init(
    _ profile: CardFeedProfile,
    file: String,
    _ builder: RecordBuilder,
    _ record: @escaping (CardRecord) throws -> Void,
    _ reject: @escaping (RejectedRow) throws -> Void
  ) {
    paths = FieldPaths(profile)
    self.profile = profile
    self.file = file
    self.builder = builder
    self.record = record
    self.reject = reject
  }

  func start(_ name: String, _ namespace: String, _ attribute: (String) -> String?) throws {
    if names.isEmpty { _ = try camtFamily(name, namespace, file: file) }
    names.append(name)
    switch name {
    case "Stmt", "Rpt", "Ntfctn":
      known = Known()
      text.removeAll(keepingCapacity: true)
      totals = CamtTotals()
      nodes.append(0)
      return
    case "Ntry":
      ofStatement = known
      (isReversal, status, hasDetails) = (false, "", false)
    case "TxDtls":
      ofEntry = known
      hasDetails = true
    default: break
    }
    let node = nodes.last.flatMap { $0 < 0 ? nil : child(of: $0, name) }
    nodes.append(node ?? -1)
    if let node, let inner = child(of: node, "@Ccy"), let value = attribute("Ccy") {
      fill(inner, value)
    }
  }

  func end(_ name: String, _ value: String) throws {
    let node = nodes.popLast() ?? -1
    names.removeLast()
    if node >= 0, !value.isEmpty { fill(node, value) }
    let parent = names.last ?? ""
    switch (parent, name) {
    case ("GrpHdr", "MsgId"): builder.summary.key = value
    case ("Ntry", "CdtDbtInd"), ("TxDtls", "CdtDbtInd"): known.mark = value
    case ("Ntry", "RvslInd"): isReversal = value == "true" || value == "1"
    case ("Ntry", "Sts"), ("Sts", "Cd"), ("Sts", "Prtry"): if !value.isEmpty { status = value }
    case ("Ntry", "Amt"): totals.entry = try minor(value)
    case ("TxDtls", "Amt"): totals.detail = try minor(value)
    case ("Btch", "NbOfTxs"): totals.batchCount = strictInteger(value)
    case ("TtlNtries", _), ("TtlCdtNtries", _), ("TtlDbtNtries", _):
      totals.state(parent, name, value)
    case (_, "TxDtls"):
      try take()
      totals.endDetail()
      known = ofEntry
      text.removeSubrange(known.bytes...)
    case (_, "Ntry"):
      if !hasDetails { try take() }
      try totals.endEntry(known.mark, refusal)
      known = ofStatement
      text.removeSubrange(known.bytes...)
    case (_, "Stmt"), (_, "Rpt"), (_, "Ntfctn"):
      statements += 1
      if !totals.isStated { withoutTotals += 1 }
      try totals.check(refusal)
    default: break
    }
  }

  /// Says that what was read is what the file states.
  func finish() throws(Refusal) {
    guard statements > 0 else {
      throw Refusal(.badRecord, "the file holds no statement", at: Place(file: file))
    }
    guard withoutTotals == 0 else {
      guard profile.trailer == .required else { return }
      throw Refusal(.trailerMissing, "a statement has no TxsSummry", at: Place(file: file))
    }
    builder.summary.state(records: builder.summary.records, sequence: 0)
    builder.summary.stateOwnTotals()
  }

  private func child(of node: Int, _ name: String) -> Int? {
    var name = name
    return name.withUTF8 { paths.child(of: node, UnsafeRawBufferPointer($0), likely: 0) }
  }

  private func fill(_ node: Int, _ value: String) {
    for target in paths.targets(node) where target.rank < known.ranks[target.field.rawValue] {
      known.ranks[target.field.rawValue] = target.rank
      known.texts[target.field.rawValue] = text.count..<(text.count + value.utf8.count)
      text.append(contentsOf: value.utf8)
      known.bytes = text.count
    }
  }

  /// Builds the record of what is known.
  private func take() throws {
    records += 1
    guard status == "BOOK" else {
      // A status that is none would take money away unseen.
      guard ["PDNG", "INFO", "FUTR"].contains(status) else {
        throw Refusal(
          .badRecord,
          "transaction \(records): \"\(escaped(status))\" is none of BOOK, PDNG, INFO, FUTR",
          at: Place(file: file)
        )
      }
      builder.summary.records += 1
      builder.summary.skipped += 1
      return
    }
    // The code of the transaction and which way the money went; of a reversal, which way it went
    // before.
    var mark = known.mark
    if isReversal, profile.reversalMark == .own { mark = mark == "DBIT" ? "CRDT" : "DBIT" }
    let type = Array(text[known.texts[CardField.type.rawValue]]) + Array(" \(mark)".utf8)
    let flag: [UInt8] = isReversal ? [0x31] : [0x30]
    let place = RowPlace(column: 1, excerpt: "transaction \(records)")
    try text.withUnsafeBytes { all in
      try type.withUnsafeBytes { type in
        try flag.withUnsafeBytes { flag in
          for field in CardField.allCases {
            builder.slots[field] = UnsafeRawBufferPointer(
              rebasing: all[known.texts[field.rawValue]]
            )
          }
          builder.slots[.type] = type
          builder.slots[.reversal] = flag
          try builder.build(line: records, place: { _ in place }, record: record, reject: reject)
        }
      }
    }
  }

  /// Any amount in hundred-thousandths of its major unit, so that sums need no currency.
  private func minor(_ text: String) throws -> Int64 {
    let bytes = Array(text.utf8)
    let value = bytes.withUnsafeBytes { decimalMinor($0, point: 0x2E, exponent: 5) }
    guard let value else {
      throw Refusal(.badAmount, "\"\(escaped(text))\" is no amount", at: Place(file: file))
    }
    return value
  }

  private func refusal(_ why: String) -> Refusal {
    Refusal(.controlTotal, "statement \(statements + 1): \(why)", at: Place(file: file))
  }
}

/// Counts and sums of one statement, beside those that it states.
private struct CamtTotals {
  var entry: Int64 = 0
  var detail: Int64?
  var batchCount: Int64?
  private var details: Int64 = 0
  private var detailSum: Int64?
  private var entries: Int64 = 0
  private var stated: [(name: String, text: String)] = []
  private var read: [String: (count: Int64, sum: Int64)] = [:]

  var isStated: Bool { !stated.isEmpty }

  mutating func state(_ parent: String, _ name: String, _ text: String) {
    if name == "NbOfNtries" || name == "Sum" { stated.append(("\(parent)/\(name)", text)) }
  }

  mutating func endDetail() {
    details += 1
    if details == 1 { detailSum = 0 }
    detailSum = detail.flatMap { value in detailSum.map { $0 &+ value } }
    detail = nil
  }

  mutating func endEntry(_ mark: String, _ refusal: (String) -> Refusal) throws(Refusal) {
    entries += 1
    if let batchCount, details > 0, batchCount != details {
      throw refusal(
        "entry \(entries) holds \(details) transactions, Btch/NbOfTxs says \(batchCount)"
      )
    }
    if let detailSum, details > 0, detailSum != entry {
      throw refusal(
        "the transactions of entry \(entries) give \(CamtTotals.text(detailSum)), it says "
          + CamtTotals.text(entry)
      )
    }
    let kind = mark == "CRDT" ? "TtlCdtNtries" : "TtlDbtNtries"
    for name in ["TtlNtries", kind] {
      let old = read[name, default: (0, 0)]
      let (sum, overflow) = old.sum.addingReportingOverflow(entry)
      guard !overflow else { throw refusal("the entries leave 64 bits") }
      read[name] = (old.count + 1, sum)
    }
    (details, detailSum, batchCount, entry) = (0, nil, nil, 0)
  }

  func check(_ refusal: (String) -> Refusal) throws(Refusal) {
    for item in stated {
      let parts = item.name.split(separator: "/").map(String.init)
      let ours = read[parts[0], default: (0, 0)]
      let bytes = Array(item.text.utf8)
      let isSame =
        parts[1] == "Sum"
        ? bytes.withUnsafeBytes { decimalMinor($0, point: 0x2E, exponent: 5) } == ours.sum
        : strictInteger(item.text) == ours.count
      guard isSame else {
        let told = parts[1] == "Sum" ? CamtTotals.text(ours.sum) : "\(ours.count)"
        throw refusal("\(item.name): the entries give \(told), the file says \(escaped(item.text))")
      }
    }
  }

  private static func text(_ value: Int64) -> String {
    let text = decimalText(value, exponent: 5)
    return text.hasSuffix("000") ? String(text.dropLast(3)) : text
  }
}
