import Ledger

/// Elements that a card feed in camt reads by name.
enum CamtElement: String, CaseIterable {
  case other, Ccy, GrpHdr, MsgId, Stmt, Rpt, Ntfctn, Ntry, TxDtls, Amt, CdtDbtInd, RvslInd, Sts, Cd
  case Prtry, Btch, NbOfTxs, TtlNtries, TtlCdtNtries, TtlDbtNtries, NbOfNtries, Sum
  /// The attribute of an amount, as paths write it.
  case attribute = "@Ccy"

  private static let all = allCases
  /// The numbers of the attribute, and of its name in paths.
  static let currency = allCases.firstIndex(of: .Ccy) ?? 0
  static let currencyPath = allCases.firstIndex(of: .attribute) ?? 0

  /// The element of a name's number in `XMLNames`.
  init(number: Int) {
    self = number < CamtElement.all.count ? CamtElement.all[number] : .other
  }
}

/// Counts and sums of one statement, beside those that it states.
struct CamtTotals {
  /// What entries of one direction, or all, come to.
  private struct Total {
    var count: Int64 = 0
    /// Hundred-thousandths of a major unit, so that sums need no currency.
    var sum: Int64 = 0
  }

  var entry: Int64 = 0
  var detail: Int64?
  var batchCount: Int64?
  private var details: Int64 = 0
  private var detailSum: Int64?
  private var entries: Int64 = 0
  private var stated: [(total: CamtElement, measure: CamtElement, text: String)] = []
  private var (all, credit, debit) = (Total(), Total(), Total())

  var isStated: Bool { !stated.isEmpty }

  /// Keeps what `TxsSummry` says.
  mutating func state(_ total: CamtElement, _ measure: CamtElement, _ text: UnsafeRawBufferPointer)
  {
    guard measure == .NbOfNtries || measure == .Sum else { return }
    stated.append((total, measure, String(decoding: text, as: UTF8.self)))
  }

  /// Counts a transaction.
  mutating func endDetail() {
    details += 1
    if details == 1 { detailSum = 0 }
    detailSum = detail.flatMap { value in detailSum.map { $0 &+ value } }
    detail = nil
  }

  /// Counts an entry, and holds its transactions to it.
  mutating func endEntry(isCredit: Bool, _ refusal: (String) -> Refusal) throws(Refusal) {
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
    try add(&all, refusal)
    if isCredit { try add(&credit, refusal) } else { try add(&debit, refusal) }
    (details, detailSum, batchCount, entry) = (0, nil, nil, 0)
  }

  private func add(_ total: inout Total, _ refusal: (String) -> Refusal) throws(Refusal) {
    let (sum, overflow) = total.sum.addingReportingOverflow(entry)
    guard !overflow else { throw refusal("the entries leave 64 bits") }
    total.sum = sum
    total.count += 1
  }

  /// Holds the entries to what the statement says of them, count and sum apart.
  func check(_ refusal: (String) -> Refusal) throws(Refusal) {
    for item in stated {
      let ours =
        item.total == .TtlNtries ? all : item.total == .TtlCdtNtries ? credit : debit
      let bytes = Array(item.text.utf8)
      let isSame =
        item.measure == .Sum
        ? bytes.withUnsafeBytes { decimalMinor($0, point: 0x2E, exponent: 5) } == ours.sum
        : strictInteger(item.text) == ours.count
      guard isSame else {
        let told = item.measure == .Sum ? CamtTotals.text(ours.sum) : "\(ours.count)"
        throw refusal(
          "\(item.total.rawValue)/\(item.measure.rawValue): the entries give \(told), the file says "
            + shown(item.text)
        )
      }
    }
  }

  private static func text(_ value: Int64) -> String {
    let text = decimalText(value, exponent: 5)
    return text.hasSuffix("000") ? String(text.dropLast(3)) : text
  }
}
