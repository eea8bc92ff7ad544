import Civil
import Crypto
import Formats
import Journal
import Ledger

/// Identities and contents of a feed's records (D7): the identity is the tuple of fields that the
/// profile names; amounts are content.
final class RecordKeys {
  private let profile: CardFeedProfile
  private let feedName: [UInt8]
  private let hasher = Hasher256()
  private let isPlain: Bool
  private var equalRows: [RecordIdentity: Int64] = [:]

  init(_ profile: CardFeedProfile) {
    self.profile = profile
    feedName = Array(profile.name.utf8)
    isPlain = profile.identity == [.reference, .type, .reversal] && !profile.countsEqualRows
  }

  /// The identity of a record; equal rows of a feed that counts them get one each.
  func identity(_ record: borrowing CardRecord) -> RecordIdentity {
    guard !isPlain else { return identity(record.reference, record.type, record.reversal) }
    let tuple = tupleIdentity(record, occurrence: 0)
    guard profile.countsEqualRows else { return tuple }
    let occurrence = equalRows[tuple, default: 0]
    equalRows[tuple] = occurrence + 1
    return occurrence == 0 ? tuple : tupleIdentity(record, occurrence: occurrence)
  }

  /// The identity of the record with a reference; right only for feeds whose identity is that.
  func identity(
    _ reference: ShortID,
    _ type: RecordType,
    _ reversal: Bool
  ) -> RecordIdentity {
    feedName.withUnsafeBytes { hasher.update($0) }
    var flags = (UInt8(0), UInt8(type.rawValue), UInt8(reversal ? 1 : 0))
    withUnsafeBytes(of: &flags) { hasher.update($0) }
    reference.withBytes { hasher.update($0) }
    return RecordIdentity(hasher.finishWords())
  }

  private func tupleIdentity(
    _ record: borrowing CardRecord,
    occurrence: Int64
  ) -> RecordIdentity {
    feedName.withUnsafeBytes { hasher.update($0) }
    hasher.update([1])
    for field in profile.identity {
      let text = record.text(of: field)
      hasher.update("\(field.name)=\(text.utf8.count):\(text);")
    }
    hasher.update("\(occurrence)")
    return RecordIdentity(hasher.finishWords())
  }

  /// The identity of the record that a refund, chargeback or reversal concerns; nil where nothing
  /// names it.
  func original(_ record: borrowing CardRecord) -> RecordIdentity? {
    guard isPlain else { return nil }
    if record.reversal {
      // A reversal repeats the reference of what it undoes, or names it, as the profile says; a
      // purchase may be named in either case.
      let isNamed = record.type == .purchase || profile.reversalNamesOriginal
      if isNamed, let named = record.original { return identity(named, record.type, false) }
      return identity(record.reference, record.type, false)
    }
    guard record.type.concernsPurchase else { return nil }
    if let original = record.original { return identity(original, .purchase, false) }
    // The scheme's reference runs through presentment, chargeback and second presentment.
    return record.type == .refund ? nil : identity(record.reference, .purchase, false)
  }

  /// The identity of the purchase that a record disputes; nil where nothing names it.
  func disputed(_ record: borrowing CardRecord) -> RecordIdentity? {
    guard isPlain else { return nil }
    if let original = record.original { return identity(original, .purchase, false) }
    return identity(record.reference, .purchase, false)
  }

  /// First 8 bytes of the digest of all content that identity leaves out.
  func content(_ record: borrowing CardRecord) -> UInt64 {
    record.token.withBytes { hasher.update($0) }
    record.merchant.withBytes { hasher.update($0) }
    record.original?.withBytes { hasher.update($0) }
    var numbers = (
      record.amount.minor, record.billing.minor, record.occurredAt.microseconds,
      Int64(record.category), Int64(record.amount.currency.rawValue),
      Int64(record.billing.currency.rawValue), Int64(record.token.count),
      Int64(record.merchant.count)
    )
    withUnsafeBytes(of: &numbers) { hasher.update($0) }
    return hasher.finishWords().0
  }

  /// First 8 bytes of the digest of a life-cycle id.
  func lifecycle(_ id: ShortID) -> Int64 {
    id.withBytes { hasher.update($0) }
    return Int64(bitPattern: hasher.finishWords().0)
  }
}

extension CardRecord {
  /// The text of a field, as identity tuples take it.
  fileprivate func text(of field: CardField) -> String {
    switch field {
    case .type: "\(type)"
    case .reversal: reversal ? "1" : "0"
    case .reference: reference.description
    case .original: original?.description ?? ""
    case .lifecycle: lifecycle?.description ?? ""
    case .token: token.description
    case .amount: "\(amount.minor)"
    case .currency: amount.currency.code
    case .billing: "\(billing.minor)"
    case .billingCurrency: billing.currency.code
    case .category: "\(category)"
    case .merchant: merchant.description
    case .time: occurredAt.description
    case .networkRef: notes.networkRef.description
    case .approval: notes.approval.description
    case .rate: notes.rate.description
    case .postedDate: notes.posted?.description ?? ""
    case .markup: markup.map { String($0) } ?? ""
    case .country: country.map { String($0) } ?? ""
    case .channel: channel.map { "\($0)" } ?? ""
    // Free text is kept nowhere.
    case .merchantName: ""
    }
  }
}
