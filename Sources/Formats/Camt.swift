import Civil
import Ledger

/// How a bank marks a reversed entry: an account setting that the balances prove.
package enum ReversalConvention: String, Sendable, CaseIterable {
  /// The entry's own mark says which way the money went (ISO 20022).
  case own
  /// The mark is that of the entry it undoes.
  case original
}

/// A statement, report or notification of ISO 20022 as it stands in a file.
package struct CamtStatement: Sendable {
  /// `camt.052`, `camt.053` or `camt.054`.
  package var family = ""
  /// Two digits of the version.
  package var version = ""
  package var id = ""
  /// 0 where the file has none.
  package var sequence = 0
  package var account = ""
  package var currency = ""
  package var servicer = ""
  package var balances: [(code: String, amount: CamtAmount, date: String)] = []
  package var entries: [CamtEntry] = []
  package var summary: [(name: String, text: String)] = []

  package init() {}
}

/// An amount with its currency as text and which way it goes.
package struct CamtAmount: Sendable {
  package var text = ""
  package var currency = ""
  /// `CRDT` or `DBIT`.
  package var mark = ""

  package init() {}
}

/// An entry.
package struct CamtEntry: Sendable {
  package var amount = CamtAmount()
  package var isReversal = false
  /// `BOOK`, `PDNG`, `INFO` or `FUTR`.
  package var status = ""
  package var bookingDate = ""
  package var servicerReference = ""
  package var familyCode = ""
  package var details: [CamtDetail] = []
  package var text = ""
  package var batchCount: String?
  package var batchTotal: String?

  package init() {}
}

/// A transaction inside an entry.
package struct CamtDetail: Sendable {
  package var amount = CamtAmount()
  package var endToEnd = ""
  package var servicerReference = ""
  package var structured = ""
  package var free = ""
  package var isReturn = false

  package init() {}
}

/// Reads camt.052, 053 and 054, versions 01 to 14, by local names: prefixes and layout do not matter.
package struct CamtReader {
  private let input: InputFile

  package init(_ input: InputFile) {
    self.input = input
  }

  /// Hands every statement of the file to the body.
  package func read(_ body: (CamtStatement) throws -> Void) throws {
    try withoutActuallyEscaping(body) { body in
      let builder = CamtBuilder(file: input.name, body)
      let stream = XMLStream(
        input,
        root: { try builder.begin($0, $1) },
        start: { name, attribute in builder.start(name) { attribute("Ccy") ?? "" } },
        end: { try builder.end($0, $1) }
      )
      try stream.read()
      guard builder.count > 0 else {
        throw Refusal(.badRecord, "the file holds no statement", at: Place(file: input.name))
      }
    }
  }
}

/// Builds statements from elements; what it needs is found by the path of local names.
private final class CamtBuilder {
  private let file: String
  private let body: (CamtStatement) throws -> Void
  private var path: [String] = []
  private var family = ""
  private var version = ""
  private var statement: CamtStatement?
  private var entry: CamtEntry?
  private var detail: CamtDetail?
  private var balance: (code: String, amount: CamtAmount, date: String)?
  private var attribute = ""
  private(set) var count = 0

  init(file: String, _ body: @escaping (CamtStatement) throws -> Void) {
    self.file = file
    self.body = body
  }

  func start(_ name: String, _ currency: () -> String) {
    path.append(name)
    switch name {
    case "Stmt", "Rpt", "Ntfctn":
      var new = CamtStatement()
      (new.family, new.version) = (family, version)
      statement = new
    case "Bal" where statement != nil: balance = ("", CamtAmount(), "")
    case "Ntry": entry = CamtEntry()
    case "TxDtls": detail = CamtDetail()
    case "RtrInf": detail?.isReturn = true
    case "Amt", "TtlAmt": attribute = currency()
    default: break
    }
  }

  /// The root element: its namespace says what the file is.
  func begin(_ name: String, _ namespace: String) throws {
    (family, version) = try camtFamily(name, namespace, file: file)
  }

  func end(_ name: String, _ text: String) throws {
    let parent = path.count > 1 ? path[path.count - 2] : ""
    defer { path.removeLast() }
    switch name {
    case "Stmt", "Rpt", "Ntfctn":
      if let statement {
        count += 1
        try body(statement)
      }
      statement = nil
    case "Bal":
      if let balance { statement?.balances.append(balance) }
      balance = nil
    case "Ntry":
      if let entry { statement?.entries.append(entry) }
      entry = nil
    case "TxDtls":
      if let detail { entry?.details.append(detail) }
      detail = nil
    default:
      if detail != nil {
        endInDetail(name, parent, text)
      } else if entry != nil {
        endInEntry(name, parent, text)
      } else if balance != nil {
        endInBalance(name, parent, text)
      } else {
        endInStatement(name, parent, text)
      }
    }
  }

  private func endInDetail(_ name: String, _ parent: String, _ text: String) {
    switch (parent, name) {
    case ("TxDtls", "Amt"), ("TxAmt", "Amt"):
      // The amount of the transaction itself goes before the one it was made with.
      if detail?.amount.text.isEmpty == true || parent == "TxDtls" {
        detail?.amount.text = text
        detail?.amount.currency = attribute
      }
    case ("TxDtls", "CdtDbtInd"): detail?.amount.mark = text
    case ("Refs", "EndToEndId"): detail?.endToEnd = text
    case ("Refs", "AcctSvcrRef"): detail?.servicerReference = text
    case ("CdtrRefInf", "Ref"): detail?.structured = text
    case ("RmtInf", "Ustrd"):
      let before = detail?.free ?? ""
      detail?.free = before.isEmpty ? text : before + " " + text
    default: break
    }
  }

  private func endInEntry(_ name: String, _ parent: String, _ text: String) {
    switch (parent, name) {
    case ("Ntry", "Amt"):
      entry?.amount.text = text
      entry?.amount.currency = attribute
    case ("Ntry", "CdtDbtInd"): entry?.amount.mark = text
    case ("Ntry", "RvslInd"): entry?.isReversal = text == "true" || text == "1"
    case ("Ntry", "Sts"), ("Sts", "Cd"), ("Sts", "Prtry"):
      if !text.isEmpty { entry?.status = text }
    case ("Ntry", "AcctSvcrRef"): entry?.servicerReference = text
    case ("BookgDt", "Dt"), ("BookgDt", "DtTm"): entry?.bookingDate = String(text.prefix(10))
    case ("Fmly", "SubFmlyCd"): entry?.familyCode = text
    case ("Btch", "NbOfTxs"): entry?.batchCount = text
    case ("Btch", "TtlAmt"): entry?.batchTotal = text
    case ("Ntry", "AddtlNtryInf"): entry?.text = text
    default: break
    }
  }

  private func endInBalance(_ name: String, _ parent: String, _ text: String) {
    switch (parent, name) {
    case ("CdOrPrtry", "Cd"): balance?.code = text
    case ("Bal", "Amt"):
      balance?.amount.text = text
      balance?.amount.currency = attribute
    case ("Bal", "CdtDbtInd"): balance?.amount.mark = text
    case ("Dt", "Dt"), ("Dt", "DtTm"): balance?.date = String(text.prefix(10))
    default: break
    }
  }

  private func endInStatement(_ name: String, _ parent: String, _ text: String) {
    switch (parent, name) {
    case ("Stmt", "Id"), ("Rpt", "Id"), ("Ntfctn", "Id"): statement?.id = text
    case (_, "ElctrncSeqNb"): statement?.sequence = strictInteger(text).map { Int($0) } ?? 0
    case (_, "LglSeqNb"):
      if statement?.sequence == 0 { statement?.sequence = strictInteger(text).map { Int($0) } ?? 0 }
    case ("Id", "IBAN"), ("Othr", "Id"):
      if path.contains("Acct"), statement?.account.isEmpty == true { statement?.account = text }
    case ("Acct", "Ccy"): statement?.currency = text
    case ("TtlNtries", _), ("TtlCdtNtries", _), ("TtlDbtNtries", _):
      if name == "NbOfNtries" || name == "Sum" {
        statement?.summary.append(("\(parent)/\(name)", text))
      }
    default: break
    }
  }
}

/// The family and version of a document by its root element; anything but camt.052, 053 and 054 of
/// version 01 to 14 is refused.
func camtFamily(
  _ name: String,
  _ namespace: String,
  file: String
) throws(Refusal) -> (family: String, version: String) {
  let parts = namespace.split(separator: ":").last.map { $0.split(separator: ".") } ?? []
  guard name == "Document", parts.count == 4, parts[0] == "camt",
    ["052", "053", "054"].contains(parts[1]), parts[2] == "001", let number = Int(parts[3]),
    (1...14).contains(number)
  else {
    throw Refusal(
      .badRecord,
      "\(shown(name)) in \"\(shown(namespace))\" is no camt.052, 053 or 054 of version 01 to 14",
      at: Place(file: file)
    )
  }
  return ("camt." + parts[1], String(parts[3]))
}
