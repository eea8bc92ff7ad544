import Formats
import Foundation
import Ledger
import Terms

/// What a run was given last; used, so that no parser is optimised away.
nonisolated(unsafe) private var sum: Int64 = 0

private let format = ProcessInfo.processInfo.environment["KVITT_FUZZ_FORMAT"] ?? "csv"
private let path = "/dev/shm/kvitt-fuzz-\(ProcessInfo.processInfo.processIdentifier)"

/// Gives one input to one parser: it may refuse, it may not trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  do {
    switch format {
    case "mt940":
      for statement in try MT940Reader(bytes: bytes, name: "fuzz").statements() {
        sum &+= statement.closing
      }
    case "camt-cards": try readFeed(bytes)
    case "partner": try readPartnerFile(bytes)
    case "yaml": sum &+= Int64(try CardFeedProfile(yaml: bytes, file: "fuzz").columns.count)
    case "camt":
      try CamtReader(InputFile(path: written(bytes))).read {
        sum &+= try BankStatement($0, name: "fuzz").closing
      }
    default: try readFeed(bytes)
    }
  } catch {
    sum &+= 1
  }
  return 0
}

private func written(_ bytes: [UInt8]) throws -> String {
  try Data(bytes).write(to: URL(fileURLWithPath: path))
  return path
}

/// Every reader of partners' files; a digest that is known in advance lets mutations get past it.
private func readPartnerFile(_ bytes: [UInt8]) throws {
  let digest = { (_: [UInt8]) in "0" }
  switch bytes.dropFirst(8).first {
  case UInt8(ascii: "a") where bytes.dropFirst(9).first == UInt8(ascii: "c"):
    sum &+= Int64(try AccountEventsFile(bytes: bytes, name: "fuzz", digest: digest).events.count)
  case UInt8(ascii: "a"):
    sum &+= Int64(try Answer(bytes: bytes, name: "fuzz", digest: digest).lines.count)
  case UInt8(ascii: "t"):
    sum &+= try TillFile(bytes: bytes, name: "fuzz", digest: digest).faceMinor
  default:
    sum &+= Int64(try BasketFile(bytes: bytes, name: "fuzz", digest: digest).baskets.count)
  }
}

/// A few profiles of the format, chosen by the first byte.
private func readFeed(_ bytes: [UInt8]) throws {
  var profile = CardFeedProfile(name: "fuzz")
  profile.refusesUnreadableAmounts = false
  profile.format = CardFeedProfile.Format(rawValue: format) ?? .csv
  profile.trailer = .optional
  switch (bytes.first ?? 0) % 4 {
  case 1:
    profile.amounts = .decimal
    profile.sign = .debitNegative
  case 2 where profile.format == .csv:
    profile.hasHeader = false
    for (index, field) in CardField.allCases.enumerated() {
      profile.columns[field] = ["\(index + 1)"]
    }
    profile.zone = "Europe/Athens"
    profile.times = .compact
  case 3 where profile.format != .ipm: profile.encoding = .utf16
  default: break
  }
  if format == "camt-cards" {
    profile.format = .camt
    profile.amounts = .decimal
    profile.zone = "Europe/Zurich"
    for (field, paths) in camtColumns { profile.columns[field] = paths }
  }
  if profile.format == .ipm {
    profile.numericCurrencies = true
    profile.amounts = .paddedMinor
    profile.times = .shortYear
  }
  let reader = CardFeedReader(try InputFile(path: written(bytes)), profile: profile) { card in
    try ShortID("h1_\(card.count)") ?? noToken(card)
  }
  _ = try reader.read(
    control: nil,
    bytes: { sum &+= Int64($0.count) },
    record: { sum &+= $0.amount.minor },
    reject: { sum &+= Int64($0.column) }
  )
}

/// The paths of the shipped camt profile, more or less.
private let camtColumns: [CardField: [String]] = [
  .type: ["Ntry.BkTxCd.Domn.Fmly.SubFmlyCd"],
  .reference: ["Ntry.NtryDtls.TxDtls.Refs.AcctSvcrRef", "Ntry.AcctSvcrRef"],
  .token: ["Acct.Id.Othr.Id"],
  .amount: ["Ntry.NtryDtls.TxDtls.Amt", "Ntry.Amt"],
  .currency: ["Ntry.NtryDtls.TxDtls.Amt.@Ccy", "Ntry.Amt.@Ccy"],
  .billing: ["Ntry.NtryDtls.TxDtls.Amt", "Ntry.Amt"],
  .billingCurrency: ["Ntry.NtryDtls.TxDtls.Amt.@Ccy", "Ntry.Amt.@Ccy"],
  .merchant: ["Ntry.NtryDtls.TxDtls.CardTx.POI.Id.Id"], .time: ["Ntry.BookgDt.Dt"],
]
