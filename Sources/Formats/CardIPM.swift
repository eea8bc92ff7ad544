import Ledger

/// Card feeds in Mastercard IPM clearing: header, messages, trailer with its checks.
///
/// Card numbers become tokens while they are read; no message of this reader shows a source line.
/// Function codes and subelements as in `formats.md` §1.3.
struct CardIPM {
  let input: InputFile
  let profile: CardFeedProfile
  /// The token of a card number.
  let token: (UnsafeRawBufferPointer) throws -> ShortID

  /// Reads all messages into the builder.
  func read(
    _ builder: RecordBuilder,
    bytes: @escaping (UnsafeRawBufferPointer) -> Void,
    record: (CardRecord) throws -> Void,
    reject: (RejectedRow) throws -> Void
  ) throws {
    var message: IPMMessage?
    var file = IPMFile(name: input.name)
    let framing = IPMFraming(input: input, bytes: bytes)
    try framing.forEachRecord { bytes, number in
      let reader = try message ?? IPMMessage(table: table(bytes))
      message = reader
      do {
        try reader.read(bytes)
        try file.count(reader, number)
        guard let kind = try file.kind(reader, number) else { return }
        try take(reader, kind, number, builder, file, record: record, reject: reject)
      } catch let fault as IPMMessage.Fault {
        throw file.refusal("message \(number) \(fault.why)")
      }
    }
    try file.finish(builder)
  }

  /// ASCII or EBCDIC, as the first message type shows.
  private func table(_ bytes: UnsafeRawBufferPointer) throws(Refusal) -> [UInt8]? {
    guard bytes.count >= 4 else {
      throw Refusal(.badFrame, "the first message is cut", at: Place(file: input.name))
    }
    if bytes[..<4].allSatisfy({ $0 &- 0x30 < 10 }) { return nil }
    guard bytes[..<4].allSatisfy({ $0 &- 0xF0 < 10 }) else {
      throw Refusal(
        .badFrame,
        "the first message type is neither ASCII nor EBCDIC",
        at: Place(file: input.name)
      )
    }
    return profile.ebcdic037 ? EBCDIC.cp037 : EBCDIC.cp500
  }

  private func take(
    _ message: IPMMessage,
    _ kind: IPMKind,
    _ number: Int32,
    _ builder: RecordBuilder,
    _ file: IPMFile,
    record: (CardRecord) throws -> Void,
    reject: (RejectedRow) throws -> Void
  ) throws {
    let slots = builder.slots
    slots.clear()
    slots[.type] = kind.name
    slots[.reversal] = IPMWords.flag((try message.subelement(25)?.first == 0x52) != kind.isCredit)
    slots[.reference] = message[31].isEmpty ? message.trimmed(37) : message.trimmed(31)
    if kind.isLater {
      // One acquirer's reference runs through presentment, chargeback and second presentment.
      slots[.original] = slots[.reference]
      slots[.reference] = message.joined(31, 24)
    }
    slots[.lifecycle] = lifecycle(message)
    slots[.approval] = message.trimmed(38)
    slots[.amount] = message[4]
    slots[.currency] = message[49]
    slots[.billing] = message[6].isEmpty ? message[4] : message[6]
    slots[.billingCurrency] = message[51].isEmpty ? message[49] : message[51]
    slots[.rate] = message.rate(10)
    slots[.category] = message[26]
    slots[.merchant] = message.trimmed(42)
    slots[.time] = message[12]
    // The card acceptor's address ends with three letters of its country.
    slots[.country] = Countries.twoLetters(
      of: UnsafeRawBufferPointer(rebasing: message[43].suffix(3))
    )
    let card = message[2]
    guard (12...19).contains(card.count), card.allSatisfy({ $0 &- 0x30 < 10 }) else {
      builder.summary.records += 1
      builder.summary.unreadable += 1
      try reject(
        RejectedRow(
          line: number,
          column: 1,
          length: 1,
          code: .badToken,
          excerpt: "message \(number)",
          message: "DE2 holds no card number"
        )
      )
      return
    }
    try file.checkExponents(message, number)
    let token = try token(card)
    try withExtendedLifetime(token) {
      try token.withBytes { bytes in
        slots[.token] = bytes
        try builder.build(
          line: number,
          place: { _ in RowPlace(column: 1, excerpt: "message \(number)") },
          record: record,
          reject: reject
        )
      }
    }
  }

  /// The life-cycle id, blanks inside taken for absent.
  private func lifecycle(_ message: IPMMessage) -> UnsafeRawBufferPointer {
    let value = message.trimmed(63)
    return value.allSatisfy(isIDByte) ? value : UnsafeRawBufferPointer(start: nil, count: 0)
  }
}

/// What a message means for the feed.
struct IPMKind {
  let name: UnsafeRawBufferPointer
  /// Whether an adjustment is in the cardholder's favour.
  let isCredit: Bool
  /// Whether the message concerns an earlier presentment of the same reference.
  let isLater: Bool

  init(_ type: RecordType, isCredit: Bool = false) {
    name = IPMWords.name(type)
    self.isCredit = isCredit
    isLater = type == .secondPresentment || type == .chargeback
  }
}

/// Words that slots point to; they live as long as the program.
private enum IPMWords {
  nonisolated(unsafe) private static let names: [RecordType: UnsafeRawBufferPointer] =
    Dictionary(uniqueKeysWithValues: RecordType.allCases.map { ($0, kept($0.description)) })
  nonisolated(unsafe) private static let zero = kept("0")
  nonisolated(unsafe) private static let one = kept("1")

  private static func kept(_ text: String) -> UnsafeRawBufferPointer {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 1)
    copy.copyBytes(from: text.utf8)
    return UnsafeRawBufferPointer(copy)
  }

  static func name(_ type: RecordType) -> UnsafeRawBufferPointer {
    names[type] ?? UnsafeRawBufferPointer(start: nil, count: 0)
  }

  static func flag(_ value: Bool) -> UnsafeRawBufferPointer { value ? one : zero }
}

/// The header, the trailer and the sums between them.
struct IPMFile {
  private let name: String
  private var fileID: String?
  private var messages: Int64 = 0
  private var checksum: Int64 = 0
  private var lastNumber: Int64 = 0
  private var stated: (messages: Int64, checksum: Int64)?

  init(name: String) {
    self.name = name
  }

  func refusal(_ why: String, _ code: ErrorCode = .badFrame) -> Refusal {
    Refusal(code, why, at: Place(file: name))
  }

  /// Counts a message: its amount into the checksum, its number one above the last.
  mutating func count(_ message: IPMMessage, _ number: Int32) throws {
    guard stated == nil else { throw refusal("message \(number) follows the trailer") }
    messages += 1
    guard let amount = message[4].isEmpty ? 0 : paddedMinor(message[4]) else {
      throw refusal("message \(number): DE4 is no amount", .badAmount)
    }
    let (sum, overflow) = checksum.addingReportingOverflow(amount)
    guard !overflow else { throw refusal("the sum of DE4 leaves 64 bits", .badAmount) }
    checksum = sum
    guard let own = paddedMinor(message[71]), own == lastNumber + 1 else {
      throw refusal("message \(number): DE71 does not follow \(lastNumber)", .controlTotal)
    }
    lastNumber = own
  }

  /// What a message is; nil for header, trailer and what moves no cardholder money.
  mutating func kind(_ message: IPMMessage, _ number: Int32) throws -> IPMKind? {
    let type = decimalText(message.type)
    let function = decimalText(message[24])
    if type == "1644", function == "697" {
      guard number == 1, let id = try message.subelement(105) else {
        throw refusal(
          "message \(number): a file header that is not the first message or no PDS 0105"
        )
      }
      fileID = String(decoding: id, as: UTF8.self)
      return nil
    }
    guard let fileID else { throw refusal("the file does not begin with a file header (1644/697)") }
    switch (type, function) {
    case ("1644", "695"):
      guard let id = try message.subelement(105), String(decoding: id, as: UTF8.self) == fileID,
        let sum = try message.subelement(301).flatMap(paddedMinor),
        let count = try message.subelement(306).flatMap(paddedMinor)
      else { throw refusal("the trailer has another PDS 0105, or no PDS 0301 or 0306") }
      stated = (count, sum)
      return nil
    case ("1240", "200"): return presentment(message)
    case ("1240", "205"), ("1240", "282"): return IPMKind(.secondPresentment)
    case ("1442", "450"), ("1442", "453"): return IPMKind(.chargeback)
    case ("1740", _): return IPMKind(.fee)
    case ("1644", _): return nil
    default:
      throw refusal("message \(number): \(type)/\(function) is no message kvitt knows")
    }
  }

  /// The first two digits of the processing code.
  private func presentment(_ message: IPMMessage) -> IPMKind {
    switch decimalText(message[3].prefix(2)) {
    case "01", "12", "17", "18": IPMKind(.cash)
    case "20": IPMKind(.refund)
    case "28": IPMKind(.adjustment, isCredit: true)
    default: IPMKind(.purchase)
    }
  }

  /// PDS 0148 must not give a currency other decimals than ISO 4217.
  func checkExponents(_ message: IPMMessage, _ number: Int32) throws {
    guard let list = try message.subelement(148) else { return }
    let digits = decimalText(list)
    var rest = digits[...]
    while rest.count >= 4 {
      let currency = Int16(rest.prefix(3)).flatMap { Currency(rawValue: $0) }
      if let currency, String(currency.exponent) != rest.dropFirst(3).prefix(1) {
        throw refusal(
          "message \(number): PDS 0148 gives \(currency) other decimals than ISO 4217",
          .badCurrency
        )
      }
      rest = rest.dropFirst(4)
    }
  }

  /// Compares the trailer with what was read, each number by its name.
  func finish(_ builder: RecordBuilder) throws(Refusal) {
    guard let stated else { throw refusal("the file has no trailer (1644/695)", .trailerMissing) }
    guard stated.messages == messages else {
      throw refusal("\(messages) messages, PDS 0306 says \(stated.messages)", .controlTotal)
    }
    guard stated.checksum == checksum else {
      throw refusal("DE4 sums to \(checksum), PDS 0301 says \(stated.checksum)", .controlTotal)
    }
    builder.summary.key = fileID
    builder.summary.state(records: builder.summary.records, sequence: 0)
    builder.summary.stateOwnTotals()
  }

  private func decimalText(_ bytes: some Sequence<UInt8>) -> String {
    String(decoding: Array(bytes), as: UTF8.self)
  }
}
