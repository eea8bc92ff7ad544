import Civil
import Formats
import Ledger

func civil(_ day: Int32) -> CivilDate { CivilDate(days: day) }

extension World {
  /// One record of tonight's feed.
  private struct Record {
    let type: String
    let reversal: Bool
    let reference: String
    let original: String
    let token: String
    let amount: Int64
    let currency: Currency
    let billed: Int64
    let billedIn: Currency
    let category: String
    let merchant: WorldMerchant
    let day: Int32
    let minute: Int
  }

  /// Writes tonight's card feed and books its truth.
  mutating func feed(_ date: CivilDate) -> [UInt8] {
    var random = randomness(1)
    var merchantRandom = Randomness(seed: seed &+ 17)
    let ranked = WorldMerchant.all(&merchantRandom)
    let merchants = Dictionary(uniqueKeysWithValues: ranked.map { ($0.id, $0) })
    let weights = zipf(ranked.count)
    let peak = (25...27).contains(date.components.day) ? 3 : 2
    let count = recordsPerNight * peak / 2
    var records: [Record] = []
    var restated: [Int] = []
    for purchase in held.removeValue(forKey: night) ?? [] {
      accept(purchase, merchants, &records, &restated)
    }
    for _ in 0..<count {
      let merchant = ranked[random.pick(weights)]
      let purchase = purchase(merchant, date, &random)
      switch random.below(200) {
      case 0:
        // Late: the record comes one to three nights after its day.
        held[night + 1 + random.below(3), default: []].append(purchase)
      case 1:
        // The refund comes a night before its purchase.
        held[night + 1, default: []].append(purchase)
        var early = purchase
        refund(&early, whole: true, date, merchants, &random, &records)
        purchases[early.number] = nil
        pendingRefunds(early)
      default:
        accept(purchase, merchants, &records, &restated)
        if random.once(in: 60) {
          refundStored(purchase.number, date, merchants, &random, &records, &restated)
        }
      }
    }
    for _ in 0..<(count / 40) where !recent.isEmpty {
      refundStored(
        recent[random.below(recent.count)],
        date,
        merchants,
        &random,
        &records,
        &restated
      )
    }
    // Purchases are booked as they come; what refunds leave of them is restated at the end.
    for number in Set(restated).sorted(by: { posted($0) < posted($1) }) { restate(number) }
    recent = recent.filter { (purchases[$0]?.day ?? 0) > date.days - 25 }
    lastDay = date.days
    self.records += records.count
    return encode(mixed(records, &random), date)
  }

  private func posted(_ number: Int) -> Int { purchases[number]?.posted ?? 0 }

  private mutating func pendingRefunds(_ purchase: WorldPurchase) {
    guard let index = held[night + 1]?.firstIndex(where: { $0.number == purchase.number }) else {
      return
    }
    held[night + 1]?[index].taken = purchase.taken
  }

  private mutating func purchase(
    _ merchant: WorldMerchant,
    _ date: CivilDate,
    _ random: inout Randomness
  ) -> WorldPurchase {
    let member = random.below(members.count)
    let programme = WorldProgramme.all[members[member].programme]
    let scale: Int64 = programme.currency == .sek ? 10 : 1
    let size = Int64(300 + random.below(900) + random.below(3_000) * random.below(9))
    let billed = max(1, size * scale)
    // Every thirtieth purchase of a EUR card is made in SEK and billed at a day rate.
    let foreign = programme.currency == .eur && random.once(in: 30)
    let amount = foreign ? billed * Int64(1_120 + random.below(40)) / 100 : billed
    let span = max(1, Int(date.days - (lastDay == 0 ? date.days - 1 : lastDay)))
    defer { nextPurchase += 1 }
    return WorldPurchase(
      number: nextPurchase,
      reference: "ARN\(pad(nextPurchase, 12))",
      member: member,
      day: date.days - Int32(random.below(span)),
      amount: amount,
      currency: (foreign ? Currency.sek : programme.currency).rawValue,
      billed: billed,
      category: merchant.category,
      merchant: merchant.id
    )
  }

  private mutating func accept(
    _ purchase: WorldPurchase,
    _ merchants: [String: WorldMerchant],
    _ records: inout [Record],
    _ restated: inout [Int]
  ) {
    var whole = purchase
    whole.taken = 0
    whole.posted = nextPosted
    nextPosted += 1
    purchases[purchase.number] = whole
    restate(purchase.number)
    purchases[purchase.number]?.taken = purchase.taken
    if purchase.taken > 0 { restated.append(purchase.number) }
    recent.append(purchase.number)
    records.append(
      record(purchase, "purchase", "", purchase.reference, purchase.amount, merchants, 0)
    )
  }

  private mutating func refundStored(
    _ number: Int,
    _ date: CivilDate,
    _ merchants: [String: WorldMerchant],
    _ random: inout Randomness,
    _ records: inout [Record],
    _ restated: inout [Int]
  ) {
    guard var purchase = purchases[number], purchase.taken < purchase.amount else { return }
    refund(
      &purchase,
      whole: random.once(in: 2),
      date,
      merchants,
      &random,
      &records
    )
    purchases[number] = purchase
    restated.append(number)
  }

  /// Refunds all or a part of what stands; once in ten whole refunds it is a reversal instead.
  private mutating func refund(
    _ purchase: inout WorldPurchase,
    whole: Bool,
    _ date: CivilDate,
    _ merchants: [String: WorldMerchant],
    _ random: inout Randomness,
    _ records: inout [Record]
  ) {
    let left = purchase.amount - purchase.taken
    if whole, purchase.taken == 0, random.once(in: 10) {
      purchase.taken = purchase.amount
      records.append(
        record(purchase, "purchase", "", purchase.reference, purchase.amount, merchants, 1)
      )
      return
    }
    let amount = whole ? left : max(1, left * Int64(1 + random.below(3)) / 4)
    purchase.taken += amount
    let reference = "RFD\(pad(nextPurchase, 12))"
    nextPurchase += 1
    records.append(
      record(purchase, "refund", purchase.reference, reference, amount, merchants, 0)
    )
  }

  private func record(
    _ purchase: WorldPurchase,
    _ type: String,
    _ original: String,
    _ reference: String,
    _ amount: Int64,
    _ merchants: [String: WorldMerchant],
    _ reversal: Int
  ) -> Record {
    let member = members[purchase.member]
    let isPurchase = type == "purchase"
    return Record(
      type: type,
      reversal: reversal == 1,
      reference: reference,
      original: original,
      token: member.token,
      amount: amount,
      currency: Currency(rawValue: purchase.currency) ?? .eur,
      billed: isPurchase
        ? purchase.billed
        : Int64(Int128(purchase.billed) * Int128(amount) / Int128(purchase.amount)),
      billedIn: WorldProgramme.all[member.programme].currency,
      category: purchase.category,
      merchant: merchants[purchase.merchant]
        ?? WorldMerchant(id: purchase.merchant, category: purchase.category, name: ""),
      day: isPurchase && reversal == 0 ? purchase.day : max(purchase.day, lastDay),
      minute: purchase.number * 37 % 1_440
    )
  }

  /// Puts refunds and reversals anywhere in the file, before their purchases too.
  private func mixed(_ records: [Record], _ random: inout Randomness) -> [Record] {
    let isPurchase = { (record: Record) in record.type == "purchase" && !record.reversal }
    var others = records.filter { !isPurchase($0) }
    var out: [Record] = []
    out.reserveCapacity(records.count)
    for record in records where isPurchase(record) {
      while !others.isEmpty, random.once(in: 30) { out.append(others.removeLast()) }
      out.append(record)
    }
    return out + others
  }

  private func encode(_ records: [Record], _ date: CivilDate) -> [UInt8] {
    var text = "type;reversal;reference;original_ref;card_token;amount_minor;currency;"
    text += "billing_minor;billing_currency;mcc;merchant_id;merchant_name;local_time\n"
    var totals: [Currency: (count: Int64, debit: Int64, credit: Int64)] = [:]
    for record in records {
      let debit = (record.type == "purchase") != record.reversal
      var total = totals[record.billedIn] ?? (0, 0, 0)
      total.count += 1
      if debit { total.debit += record.billed } else { total.credit += record.billed }
      totals[record.billedIn] = total
      text += "\(record.type);\(record.reversal ? 1 : 0);\(record.reference);\(record.original);"
      text += "\(record.token);\(record.amount);\(record.currency);\(record.billed);"
      text += "\(record.billedIn);\(record.category);\(record.merchant.id);"
      text += "\(record.merchant.name);\(civil(record.day))T\(pad(record.minute / 60, 2)):"
      text += "\(pad(record.minute % 60, 2)):00+02:00\n"
    }
    for (currency, total) in totals.sorted(by: { $0.key.code < $1.key.code }) {
      text += "#total;\(currency);\(total.count);\(total.debit);\(total.credit)\n"
    }
    text += "#end;\(records.count);\(date.compact)\n"
    return Array(text.utf8)
  }
}
