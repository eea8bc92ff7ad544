import Civil
import Formats
import Foundation
import Ledger
import Terms
import TestSupport

/// A feed read from bytes, the way ingest does it.
struct FeedRun {
  var records: [CardRecord] = []
  var rejects: [RejectedRow] = []
  var summary: FeedSummary?

  init(
    _ bytes: [UInt8],
    _ profile: CardFeedProfile,
    control: String? = nil,
    token: @escaping (UnsafeRawBufferPointer) throws -> ShortID = noToken,
    category: @escaping CategoryLookup = testCategory
  ) throws {
    let path = "/tmp/kvitt-feed-\(UUID().uuidString)"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    var run = (records: [CardRecord](), rejects: [RejectedRow]())
    summary = try CardFeedReader(
      InputFile(path: path),
      profile: profile,
      token: token,
      category: category
    ).read(
      control: control,
      bytes: { _ in },
      record: { run.records.append($0) },
      reject: { run.rejects.append($0) }
    )
    (records, rejects) = run
  }

  /// All records, one a line, and the totals.
  var text: String {
    let lines = records.map(\.line_)
    let totals = (summary?.totals ?? [:]).sorted { $0.key.code < $1.key.code }.map {
      "\($0.key) \($0.value.records) \($0.value.debit) \($0.value.credit)"
    }
    let skipped = "skipped \(summary?.skipped ?? 0)"
    return (lines + totals + [skipped]).joined(separator: "\n") + "\n"
  }
}

extension CardRecord {
  /// Every field of a record, for comparison.
  var line_: String {
    var words: [String] = ["\(line)", "\(type)", reversal ? "reversal" : "-", "\(reference)"]
    words.append(original.map { "\($0)" } ?? "-")
    words.append(lifecycle.map { "\($0)" } ?? "-")
    words += ["\(token)", "\(amount.minor)", amount.currency.code, "\(billing.minor)"]
    words += [billing.currency.code, "\(category)", "\(merchant)"]
    words.append(country.map { "\($0)" } ?? "-")
    words += [channel.map { "\($0)" } ?? "-", "\(occurredAt)", "\(eventDate)"]
    return words.joined(separator: " ")
  }
}

/// A merchant directory of two.
func testCategory(_ merchant: ShortID, _ day: CivilDate) -> Int16? {
  ["BUTIK-7": 5_411, "KAFE-2": 5_814]["\(merchant)"]
}

/// A profile that ships.
func shippedProfile(_ name: String) throws -> CardFeedProfile {
  let path = "\(repository)/Settlement/feeds/\(name).yaml"
  return try CardFeedProfile(yaml: Array(Data(contentsOf: URL(fileURLWithPath: path))), file: path)
}

/// A sample of our making.
func sample(_ file: String) throws -> [UInt8] {
  let path = "\(repository)/Tests/UnitTests/Samples/\(file)"
  return try Array(Data(contentsOf: URL(fileURLWithPath: path)))
}

/// Compares with a recorded text, or records it where KVITT_RECORD is set.
func recorded(_ text: String, _ file: String) throws -> Bool {
  let path = "\(repository)/Tests/UnitTests/Samples/\(file)"
  if ProcessInfo.processInfo.environment["KVITT_RECORD"] != nil {
    try text.write(toFile: path, atomically: true, encoding: .utf8)
  }
  return try String(contentsOfFile: path, encoding: .utf8) == text
}

/// kvitt's own CSV with one row of each kind and its totals.
let ownCSV = """
  type;reference;original_ref;lifecycle_id;reversal;card_token;amount_minor;currency;\
  billing_minor;billing_currency;mcc;merchant_id;merchant_name;country;channel;local_time
  purchase;A1;;L1;0;ca_1;1240;EUR;1240;EUR;0742;M-1;Café Öst;SE;pos;2026-09-01T12:00:00+02:00
  refund;A2;A1;;0;ca_1;240;EUR;240;EUR;0742;M-1;"Café; Öst";SE;web;2026-09-02T12:00:00Z
  chargeback;A3;A1;L1;0;ca_1;1000;EUR;1000;EUR;0742;M-1;;;;2026-10-02T12:00:00Z
  #total;EUR;3;1240;1240
  #end;3;7

  """
