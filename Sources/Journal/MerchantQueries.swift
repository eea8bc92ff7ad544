package import Civil
package import Ledger
import Postgres

/// Merchants as the imported directory tells them: category and partner from a day on.
///
/// What is in force on a day is the newest entry from before it, of sets with equal days the newest
/// set.
package struct MerchantDirectory: Sendable {
  /// What stands of a merchant from a day on.
  package struct Entry: Sendable {
    package let from: CivilDate
    package let category: Int16
    /// Code of the partner that the merchant belongs to, empty where to none.
    package let partner: String
  }

  private var entries: [ShortID: [Entry]] = [:]
  /// The newest set that was read, 0 where none was ever imported.
  package private(set) var newestSet: Int64 = 0

  /// An empty directory.
  package init() {}

  fileprivate init(_ rows: Rows) throws(UnreadableValue) {
    for row in rows {
      let entry = try Entry(from: row.day(1), category: row.int16(2), partner: row.string(3))
      entries[try row.shortID(0), default: []].append(entry)
      newestSet = max(newestSet, try row.int(4))
    }
  }

  /// Code of the partner that a merchant belongs to on a day, empty where to none.
  @inline(__always)
  package func partner(of merchant: ShortID, on day: CivilDate) -> String {
    entries.isEmpty ? "" : entry(merchant, on: day)?.partner ?? ""
  }

  /// What is in force of a merchant on a day.
  package func entry(_ merchant: ShortID, on day: CivilDate) -> Entry? {
    entries[merchant]?.last { $0.from <= day }
  }
}

extension Books {
  /// All merchants of the directory.
  package func merchantDirectory() throws -> MerchantDirectory {
    try MerchantDirectory(
      connection.run(
        """
        SELECT merchant, valid_from, mcc, partner, set_id FROM merchant_entry
         ORDER BY merchant, valid_from, set_id
        """
      )
    )
  }
}
