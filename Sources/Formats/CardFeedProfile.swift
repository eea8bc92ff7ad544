import Ledger

/// What a type code of a feed means.
package enum TypeMeaning: Sendable, Equatable {
  case record(RecordType, reversal: Bool)
  /// The row is counted and has no effect, such as an authorisation.
  case skipped
}

/// How a bank's card feed is written: all that a reader must be told.
package struct CardFeedProfile: Sendable {
  /// The container.
  package enum Format: String, Sendable, CaseIterable {
    case csv, ndjson, ipm, camt
  }

  /// The characters of a text feed.
  package enum Encoding: String, Sendable, CaseIterable {
    case utf8 = "utf-8"
    case latin1 = "latin-1"
    case utf16 = "utf-16"
  }

  /// How amounts are written.
  package enum Amounts: String, Sendable, CaseIterable {
    /// Whole minor units, without leading zeros.
    case minor
    /// Whole minor units, filled with zeros to a width.
    case paddedMinor = "padded-minor"
    /// Decimals of the major unit with a point.
    case decimal
    /// Decimals of the major unit with a comma.
    case decimalComma = "decimal-comma"
  }

  /// What the sign of an amount says.
  package enum Sign: String, Sendable, CaseIterable {
    case unsigned
    case debitNegative = "debit-negative"
    case debitPositive = "debit-positive"
  }

  /// How times are written.
  package enum Times: String, Sendable, CaseIterable {
    /// `yyyy-mm-ddThh:mm:ss` with `Z` or an offset; fractions of a second are cut.
    case iso
    /// Seconds since 1970.
    case unix
    /// `yyyymmddhhmmss` on the zone's wall clock.
    case compact
    /// `yyyy-mm-dd hh:mm:ss` on the zone's wall clock.
    case local
    /// `dd.mm.yyyy hh:mm:ss` on the zone's wall clock.
    case european
    /// `yymmddhhmmss` on the zone's wall clock.
    case shortYear = "short-year"
  }

  /// Whether control totals must come.
  package enum Trailer: String, Sendable, CaseIterable {
    case required, optional, none
  }

  /// The first field of rows in a file without header row, and where its trailer holds the totals.
  package struct Marks: Sendable, Equatable {
    package var head: String?
    package var row: String?
    package var trailer: String?
    /// Fields of the trailer, from 1.
    package var records: Int?
    package var debit: Int?
    package var credit: Int?

    package init() {}
  }

  package var name: String
  package var format = Format.csv
  package var encoding = Encoding.utf8
  package var delimiter: UInt8 = 0x3B
  /// Whether the first row of a CSV file names its columns; else columns are numbers from 1.
  package var hasHeader = true
  package var marks = Marks()
  /// Names, paths or numbers of columns by field, the first that a file has is used.
  package var columns: [CardField: [String]] = [:]
  /// Values of fields that a feed does not carry.
  package var defaults: [CardField: String] = [:]
  /// Path of the array whose elements are the records, for NDJSON.
  package var rows: String?
  package var types: [String: TypeMeaning] = [:]
  package var amounts = Amounts.minor
  package var sign = Sign.unsigned
  package var numericCurrencies = false
  package var lowerCaseCurrencies = false
  package var times = Times.iso
  /// Zone of wall-clock times, and of the event date where times are UTC.
  package var zone: String?
  /// Fields that make a record the same record (D7); amounts are never among them.
  package var identity: [CardField] = [.reference, .type, .reversal]
  /// Whether equal rows of a day are counted, for feeds without references.
  package var countsEqualRows = false
  /// Whether references and merchant ids are numbers by design, which are not looked at for card numbers.
  package var numericReferences = false
  /// Whether EBCDIC is code page 037, not 500.
  package var ebcdic037 = false
  /// What the mark of a reversed camt entry says.
  package var reversalMark = ReversalConvention.own
  /// Whether the category comes from the merchant directory, for feeds that carry none.
  package var takesCategoryFromDirectory = false
  /// Whether `original_ref` of a reversal names what it undoes; else its own reference does.
  package var reversalNamesOriginal = false
  /// Whether a night without a file of its date is refused; the file's number is then its date.
  package var isExpectedNightly = true
  /// Whether files of a later sequence wait until the one before was taken.
  package var holdsGaps = false
  package var trailer = Trailer.required
  /// Whether rows with an unreadable amount refuse the file, or the rest is posted and a break
  /// of the missing amount opened.
  package var refusesUnreadableAmounts = true

  /// The profile of kvitt's own CSV.
  package init(name: String) {
    self.name = name
    types = Dictionary(
      uniqueKeysWithValues: RecordType.allCases.map {
        ($0.description, .record($0, reversal: false))
      }
    )
    for field in CardField.allCases { columns[field] = [field.name] }
  }
}

extension CardFeedProfile {
  /// The profile of the feed's records once they are written as in kvitt's own CSV.
  package var canonical: CardFeedProfile {
    var form = CardFeedProfile(name: name)
    form.numericReferences = numericReferences
    return form
  }

  /// Whether a feed must carry a field.
  package func requires(_ field: CardField) -> Bool {
    field.isRequired && !(field == .category && takesCategoryFromDirectory)
  }
}
