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
        let names = XMLNames(CamtElement.allCases.map(\.rawValue))
        let entries = CamtEntries(profile, file: input.name, names, builder, record, reject)
        let stream = XMLStream(
          input,
          names,
          XMLStream.Handler(
            root: { name, space in _ = try camtFamily(name, space, file: input.name) },
            start: { entries.start($0, $1) },
            end: { try entries.end($0, $1) }
          )
        )
        try stream.read(bytes: bytes)
        try entries.finish()
      }
    }
  }
}

/// Which way an entry's money went.
private enum CamtMark {
  case unknown, credit, debit

  init(_ text: UnsafeRawBufferPointer) {
    self = isText(text, "CRDT") ? .credit : isText(text, "DBIT") ? .debit : .unknown
  }
}

/// What is known of the fields at one level of the document.
private struct CamtKnown {
  /// Where the field's text stands, and the rank of the path that gave it.
  struct Value {
    var range = 0..<0
    var rank = Int.max
  }

  static let count = CardField.allCases.count
  let values = UnsafeMutablePointer<Value>.allocate(capacity: count)
  var bytes = 0
  var mark = CamtMark.unknown

  init() { values.initialize(repeating: Value(), count: CamtKnown.count) }

  /// Takes over what is known at another level.
  mutating func copy(_ other: CamtKnown) {
    values.update(from: other.values, count: CamtKnown.count)
    (bytes, mark) = (other.bytes, other.mark)
  }

  /// Knows nothing any more.
  mutating func clear() {
    values.update(repeating: Value(), count: CamtKnown.count)
    (bytes, mark) = (0, .unknown)
  }
}

/// Follows the elements of one file.
private final class CamtEntries {
  private let paths: FieldPaths
  private let profile: CardFeedProfile
  private let file: String
  private let names: XMLNames
  private let builder: RecordBuilder
  private let record: (CardRecord) throws -> Void
  private let reject: (RejectedRow) throws -> Void
  private var elements: [CamtElement] = []
  private var nodes: [Int] = []
  /// The child of a node by the number of a name, as far as it was asked for; -2 where it was not.
  private var children: [[Int]]
  private var known = CamtKnown()
  private var ofStatement = CamtKnown()
  private var ofEntry = CamtKnown()
  private var text: [UInt8] = []
  private var type: [UInt8] = []
  private var totals = CamtTotals()
  private var isReversal = false
  private var status = ""
  private var isBooked = false
  private var hasDetails = false
  private var records: Int32 = 0
  private var statements = 0
  private var withoutTotals = 0

  init(
    _ profile: CardFeedProfile,
    file: String,
    _ names: XMLNames,
    _ builder: RecordBuilder,
    _ record: @escaping (CardRecord) throws -> Void,
    _ reject: @escaping (RejectedRow) throws -> Void
  ) {
    paths = FieldPaths(profile)
    children = Array(repeating: [], count: paths.count)
    self.profile = profile
    self.file = file
    self.names = names
    self.builder = builder
    self.record = record
    self.reject = reject
  }

  deinit {
    for level in [known, ofStatement, ofEntry] { level.values.deallocate() }
  }

  func start(_ name: Int, _ attribute: (Int) -> UnsafeRawBufferPointer?) {
    let element = CamtElement(number: name)
    elements.append(element)
    switch element {
    case .Stmt, .Rpt, .Ntfctn:
      known.clear()
      text.removeAll(keepingCapacity: true)
      totals = CamtTotals()
      nodes.append(0)
      return
    case .Ntry:
      ofStatement.copy(known)
      (isReversal, isBooked, hasDetails) = (false, false, false)
      status = ""
    case .TxDtls:
      ofEntry.copy(known)
      hasDetails = true
    default: break
    }
    let parent = nodes.last ?? -1
    let node = parent < 0 ? -1 : child(of: parent, name)
    nodes.append(node)
    guard node >= 0, !paths[node].children.isEmpty else { return }
    let inner = currency(of: node)
    if inner >= 0, let value = attribute(CamtElement.currency) { fill(inner, value) }
  }

  func end(_ name: Int, _ value: UnsafeRawBufferPointer) throws {
    let node = nodes.popLast() ?? -1
    let element = elements.removeLast()
    if node >= 0, !value.isEmpty { fill(node, value) }
    let parent = elements.last ?? .other
    switch (parent, element) {
    case (.GrpHdr, .MsgId): builder.summary.key = String(decoding: value, as: UTF8.self)
    case (.Ntry, .CdtDbtInd), (.TxDtls, .CdtDbtInd): known.mark = CamtMark(value)
    case (.Ntry, .RvslInd): isReversal = isText(value, "true") || isText(value, "1")
    case (.Ntry, .Sts), (.Sts, .Cd), (.Sts, .Prtry):
      guard !value.isEmpty else { break }
      isBooked = isText(value, "BOOK")
      if !isBooked { status = String(decoding: value, as: UTF8.self) }
    case (.Ntry, .Amt): totals.entry = try minor(value)
    case (.TxDtls, .Amt): totals.detail = try minor(value)
    case (.Btch, .NbOfTxs):
      totals.batchCount = strictInteger(String(decoding: value, as: UTF8.self))
    case (.TtlNtries, _), (.TtlCdtNtries, _), (.TtlDbtNtries, _):
      totals.state(parent, element, value)
    case (_, .TxDtls):
      try take()
      totals.endDetail()
      known.copy(ofEntry)
      text.removeSubrange(known.bytes...)
    case (_, .Ntry):
      if !hasDetails { try take() }
      try totals.endEntry(isCredit: known.mark == .credit, refusal)
      known.copy(ofStatement)
      text.removeSubrange(known.bytes...)
    case (_, .Stmt), (_, .Rpt), (_, .Ntfctn):
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

  /// The node of an element below a node; -1 where no field lies there.
  private func child(of node: Int, _ name: Int) -> Int {
    if name < children[node].count, children[node][name] != -2 { return children[node][name] }
    let missing = name + 1 - children[node].count
    if missing > 0 { children[node] += Array(repeating: -2, count: missing) }
    let text = Array(names.texts[name].utf8)
    // Eight bytes past the name may be read.
    let found = (text + Array(repeating: 0, count: 8)).withUnsafeBytes {
      paths.child(of: node, UnsafeRawBufferPointer(rebasing: $0[..<text.count])) ?? -1
    }
    children[node][name] = found
    return found
  }

  /// The node of an element's attribute `Ccy`; its name `@Ccy` is that of no element.
  private func currency(of node: Int) -> Int {
    child(of: node, CamtElement.currencyPath)
  }

  private func fill(_ node: Int, _ value: UnsafeRawBufferPointer) {
    for target in paths.targets(node)
    where target.rank < known.values[target.field.rawValue].rank {
      known.values[target.field.rawValue] = CamtKnown.Value(
        range: text.count..<(text.count + value.count),
        rank: target.rank
      )
      text.append(contentsOf: value)
      known.bytes = text.count
    }
  }

  /// Builds the record of what is known.
  private func take() throws {
    records += 1
    guard isBooked else {
      // A status that is none would take money away unseen.
      guard ["PDNG", "INFO", "FUTR"].contains(status) else {
        throw Refusal(
          .badRecord,
          "transaction \(records): \"\(shown(status))\" is none of BOOK, PDNG, INFO, FUTR",
          at: Place(file: file)
        )
      }
      builder.summary.records += 1
      builder.summary.skipped += 1
      return
    }
    // The code of the transaction and which way the money went; of a reversal, which way it went
    // before.
    var isDebit = known.mark == .debit
    if isReversal, profile.reversalMark == .own { isDebit.toggle() }
    type.removeAll(keepingCapacity: true)
    type.append(contentsOf: text[known.values[CardField.type.rawValue].range])
    type.append(contentsOf: (isDebit ? " DBIT" : known.mark == .unknown ? " " : " CRDT").utf8)
    // One digit more, for the mark of a reversal.
    type.append(isReversal ? 0x31 : 0x30)
    try text.withUnsafeBytes { all in
      try type.withUnsafeBytes { type in
        for field in CardField.allCases {
          builder.slots[field] = UnsafeRawBufferPointer(
            rebasing: all[known.values[field.rawValue].range]
          )
        }
        builder.slots[.type] = UnsafeRawBufferPointer(rebasing: type.dropLast())
        builder.slots[.reversal] = UnsafeRawBufferPointer(rebasing: type.suffix(1))
        try builder.build(
          line: records,
          place: { _ in RowPlace(column: 1, excerpt: "transaction \(self.records)") },
          record: record,
          reject: reject
        )
      }
    }
  }

  /// Any amount in hundred-thousandths of its major unit, so that sums need no currency.
  private func minor(_ text: UnsafeRawBufferPointer) throws -> Int64 {
    guard let value = decimalMinor(text, point: 0x2E, exponent: 5) else {
      let found = shown(String(decoding: text, as: UTF8.self), most: 40)
      throw Refusal(.badAmount, "\"\(found)\" is no amount", at: Place(file: file))
    }
    return value
  }

  private func refusal(_ why: String) -> Refusal {
    Refusal(.controlTotal, "statement \(statements + 1): \(why)", at: Place(file: file))
  }
}

/// Whether a text is a word.
private func isText(_ text: UnsafeRawBufferPointer, _ word: StaticString) -> Bool {
  word.withUTF8Buffer { sameBytes(UnsafeRawBufferPointer($0), text) }
}
