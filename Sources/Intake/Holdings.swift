package import Civil
package import Journal
import Ledger
package import Rewards

/// A lot that can change hands, with the day from which its end counts.
struct MovableLot {
  let lot: OpenLot
  let earnedOn: CivilDate
}

/// What one member holds, rebuilt from the rows of the subledger: no state outlives a batch.
package final class Holdings {
  /// A lot of miles with everything that happened to it.
  struct MileLot {
    let id: Int64
    let purchase: Int64
    let rule: Int16
    var quantity: Int64
    var cost: Int64
    /// Taken back before or after its line went out.
    var taken: Int64 = 0
    var lapsed: Int64 = 0
    /// Rejected by the partner and not yet refiled, dropped or lapsed.
    var rejected: Int64 = 0
    var rejectedCost: Int64 = 0

    init(_ row: StoredReward) {
      (id, purchase, rule) = (row.id, row.purchase, row.rule)
      (quantity, cost) = (row.quantity, row.cost)
    }

    /// What a clawback can still take.
    var left: Int64 { quantity - taken - lapsed }
  }

  private struct RuleOfPurchase: Hashable {
    let purchase: Int64
    let rule: Int16
  }

  private struct SponsorOfPurchase: Hashable {
    let purchase: Int64
    let rule: Int16
    let partner: Int16
  }

  private struct UnitOfPurchase: Hashable {
    let purchase: Int64
    let unit: Int16
  }

  private var bookedBy: [RuleOfPurchase: Booked] = [:]
  private var agreements: [Int64: Int32] = [:]
  private var lotsByUnit: [Int16: [OpenLot]] = [:]
  private var purchaseOfLot: [Int64: Int64] = [:]
  private var earnedOn: [Int64: CivilDate] = [:]
  private var miles: [Int64: MileLot] = [:]
  private var debts: [Int16: Int64] = [:]
  /// What expired of the lots of a purchase, by unit, and was not taken back since.
  private var expired: [UnitOfPurchase: (quantity: Int64, cost: Int64, share: Int64)] = [:]
  /// Shares of sponsors beside the rule's own partner.
  private var sponsored: [SponsorOfPurchase: Int64] = [:]
  /// Purchases about which a dispute is open: their lots are frozen (E12).
  private var disputed: Set<Int64> = []
  private let terms: TermsInForce

  /// Rebuilds what the rows of one member say; the terms say when lots are over.
  package init(_ rows: [StoredReward], _ terms: TermsInForce) {
    self.terms = terms
    for row in rows { apply(row) }
  }

  /// Ids of all lots of miles.
  var mileLots: [Int64] { miles.keys.sorted() }

  /// The agreement version under which a purchase earned.
  func agreement(of purchase: Int64) -> Int32? { agreements[purchase] }

  /// What a rule has booked for a purchase.
  func booked(purchase: Int64, rule: Int16) -> Booked {
    bookedBy[RuleOfPurchase(purchase: purchase, rule: rule)] ?? .nothing
  }

  /// Open lots of a unit in the order of redemption: the given purchase's own, and the others.
  func lots(unit: Int16, ownOf purchase: Int64) -> (own: [OpenLot], others: [OpenLot]) {
    let open = (lotsByUnit[unit] ?? []).filter { $0.free > 0 }.sorted(by: redemptionOrder)
    return (
      open.filter { purchaseOfLot[$0.id] == purchase },
      open.filter { purchaseOfLot[$0.id] != purchase }
    )
  }

  /// Open lots of a unit in the order of redemption: the given one, and the others.
  func lots(unit: Int16, lot: Int64) -> (own: [OpenLot], others: [OpenLot]) {
    let open = (lotsByUnit[unit] ?? []).filter { $0.free > 0 }.sorted(by: redemptionOrder)
    return (open.filter { $0.id == lot }, open.filter { $0.id != lot })
  }

  /// What can be taken back of the lots of a purchase: what is left, and what expired.
  func left(unit: Int16, ownOf purchase: Int64) -> Int64 {
    let open = (lotsByUnit[unit] ?? []).filter { purchaseOfLot[$0.id] == purchase }
    return open.map(\.free).reduce(0, +) + expired(unit: unit, ownOf: purchase).quantity
  }

  /// What expired of a purchase's lots and can still be taken back.
  func expired(
    unit: Int16,
    ownOf purchase: Int64
  ) -> (
    quantity: Int64, cost: Int64, share: Int64
  ) {
    expired[UnitOfPurchase(purchase: purchase, unit: unit)] ?? (0, 0, 0)
  }

  /// What a further sponsor was booked with for a purchase.
  func share(purchase: Int64, rule: Int16, _ partner: Int16) -> Int64 {
    sponsored[SponsorOfPurchase(purchase: purchase, rule: rule, partner: partner)] ?? 0
  }

  /// Lots of a unit that nothing keeps, usable already or not.
  func endableLots(unit: Int16) -> [OpenLot] {
    (lotsByUnit[unit] ?? []).filter { $0.free > 0 && !isFrozen(lot: $0.id) }
      .sorted(by: redemptionOrder)
  }

  /// Lots of all units that nothing keeps and that end by their rule alone: they can change hands.
  func movableLots() -> [MovableLot] {
    lotsByUnit.keys.sorted().flatMap(movableLots)
  }

  /// Such lots of one unit.
  func movableLots(unit: Int16) -> [MovableLot] {
    endableLots(unit: unit).compactMap { lot in
      guard let day = earnedOn[lot.id],
        lot.lastDay == terms.lastDay(agreement: lot.agreement, rule: lot.rule, earned: day)
      else { return nil }
      return MovableLot(lot: lot, earnedOn: day)
    }
  }

  /// The purchase that earned a lot; 0 where none did.
  func purchase(ofLot lot: Int64) -> Int64 { purchaseOfLot[lot] ?? 0 }

  /// Purchases that a rule rewarded with lots that can be used on a day.
  func usable(_ agreement: Int32, _ rule: Int16, on date: CivilDate) -> [Int64] {
    let lots = lotsByUnit.values.joined().filter {
      $0.agreement == agreement && $0.rule == rule && $0.availableOn <= date
    }
    return Set(lots.compactMap { purchaseOfLot[$0.id] }).subtracting([0]).sorted()
  }

  /// Lots of miles of a purchase and rule, oldest first.
  func mileLots(purchase: Int64, rule: Int16) -> [MileLot] {
    miles.values.filter { $0.purchase == purchase && $0.rule == rule }.sorted { $0.id < $1.id }
  }

  /// What of a lot is rejected and still open.
  package func rejected(lot: Int64) -> (quantity: Int64, cost: Int64)? {
    miles[lot].map { ($0.rejected, $0.rejectedCost) }
  }

  /// What the member can spend of a unit on a day: available lots less debts.
  package func spendable(unit: Int16, on date: CivilDate) -> Int64 {
    spendableLots(unit: unit, on: date).map(\.free).reduce(0, +) - debts[unit, default: 0]
  }

  /// Keeps for holds what they reserve of the lots that could be used on their day.
  ///
  /// Nothing else may consume it. Older days come first.
  package func reserve(_ holds: [Reservation]) {
    for hold in holds {
      var lots = holdableLots(unit: hold.unit, on: hold.day)
      Rewards.reserve(hold.quantity, in: &lots)
      for lot in lots {
        guard let index = lotsByUnit[hold.unit]?.firstIndex(where: { $0.id == lot.id }) else {
          continue
        }
        lotsByUnit[hold.unit]?[index].reserved = lot.reserved
      }
    }
  }

  /// Freezes the lots of purchases; nothing but a clawback of theirs takes them.
  package func freeze(_ purchases: Set<Int64>) {
    disputed = purchases
  }

  /// Whether a dispute keeps a lot from being used or from expiring.
  func isFrozen(lot: Int64) -> Bool {
    !disputed.isEmpty && purchaseOfLot[lot].map(disputed.contains) == true
  }

  /// What the member has of each unit on a day.
  package func balances(on date: CivilDate) -> [UnitBalance] {
    Set(lotsByUnit.keys).union(debts.keys).sorted().map { unit in
      let lots = (lotsByUnit[unit] ?? []).filter { $0.quantity > 0 }
      let usable = spendableLots(unit: unit, on: date)
      return UnitBalance(
        unit: unit,
        available: usable.map(\.free).reduce(0, +),
        pending: lots.filter { $0.availableOn > date }.map(\.quantity).reduce(0, +),
        held: lots.map(\.reserved).reduce(0, +),
        frozen: lots.filter { isFrozen(lot: $0.id) }.map(\.quantity).reduce(0, +),
        owed: debts[unit, default: 0],
        lastDay: usable.first?.lastDay
      )
    }
  }

  /// Gives up what a hold keeps, so that it can be used.
  package func free(_ hold: StoredHold) {
    var rest = hold.captured ?? hold.quantity
    for lot in (lotsByUnit[hold.unit] ?? []).sorted(by: redemptionOrder) where rest > 0 {
      guard lot.availableOn <= hold.day, lot.lastDay.map({ $0 >= hold.day }) ?? true,
        let index = lotsByUnit[hold.unit]?.firstIndex(where: { $0.id == lot.id })
      else { continue }
      let part = min(rest, lot.reserved)
      lotsByUnit[hold.unit]?[index].reserved -= part
      rest -= part
    }
  }

  /// What holds keep of a lot.
  func reserved(lot: Int64, unit: Int16) -> Int64 {
    lotsByUnit[unit]?.first { $0.id == lot }?.reserved ?? 0
  }

  /// The last day of a lot; nil where there is none, or no such lot.
  func lastDay(lot: Int64, unit: Int16) -> CivilDate? {
    lotsByUnit[unit]?.first { $0.id == lot }?.lastDay
  }

  /// Lots of a unit that can be spent on a day, in the order of redemption.
  package func spendableLots(unit: Int16, on date: CivilDate) -> [OpenLot] {
    usableLots(unit: unit, on: date).filter { !isFrozen(lot: $0.id) }
  }

  /// Lots that a hold of a day may use: what a dispute froze afterwards comes last.
  package func holdableLots(unit: Int16, on date: CivilDate) -> [OpenLot] {
    let lots = usableLots(unit: unit, on: date)
    return lots.filter { !isFrozen(lot: $0.id) } + lots.filter { isFrozen(lot: $0.id) }
  }

  private func usableLots(unit: Int16, on date: CivilDate) -> [OpenLot] {
    (lotsByUnit[unit] ?? []).filter { lot in
      lot.free > 0 && lot.availableOn <= date && (lot.lastDay.map { $0 >= date } ?? true)
    }.sorted(by: redemptionOrder)
  }

  /// What the spendable lots of a unit hold on a day, in the order in which they are used.
  package func spendableQuantities(unit: Int16, on date: CivilDate) -> [Int64] {
    spendableLots(unit: unit, on: date).map(\.quantity)
  }

  /// Takes a row into account that was just written.
  package func note(_ row: RewardRow, id: Int64) {
    apply(StoredReward(row, id: id))
  }

  private func apply(_ row: StoredReward) {
    switch row.flow.effect {
    case .opensLot:
      open(row)
      book(row, sign: 1)
    case .takesBack:
      consume(row)
      book(row, sign: -1)
    case .takesBackAsDebt:
      debts[row.unit, default: 0] += row.quantity
      book(row, sign: -1)
    case .takes: consume(row)
    case .givesBack:
      consume(row, sign: -1)
      prolong(row)
    case .cheapens:
      consume(row)
      book(row, sign: -1)
    case .makesDearer:
      consume(row, sign: -1)
      book(row, sign: 1)
    case .owes: debts[row.unit, default: 0] += row.quantity
    case .forgives: debts[row.unit, default: 0] -= row.quantity
    case .offsets:
      consume(row)
      debts[row.unit, default: 0] -= row.quantity
    case .expires:
      consume(row)
      expire(row, sign: 1)
      // A share that was given back is no longer booked.
      if row.purchase != 0, row.flow.sharesCost { book(share: -row.share, row) }
    case .takesBackExpired:
      expire(row, sign: -1)
      book(row, sign: -1)
    case .shares: fund(row, sign: 1)
    case .unshares: fund(row, sign: -1)
    case .opensMiles:
      miles[row.id] = MileLot(row)
      book(row, sign: 1)
    case .takesMiles:
      miles[row.lot]?.taken += row.quantity
      book(row, sign: -1)
    case .rejects: reject(row, sign: 1)
    case .unrejects: reject(row, sign: -1)
    case .lapses:
      reject(row, sign: -1)
      miles[row.lot]?.lapsed += row.quantity
    case .nothing: break
    }
  }

  private func open(_ row: StoredReward) {
    lotsByUnit[row.unit, default: []].append(
      OpenLot(
        id: row.id,
        availableOn: row.availableOn,
        lastDay: terms.lastDay(agreement: row.agreement, rule: row.rule, earned: row.eventDate),
        rule: row.rule,
        agreement: row.agreement,
        quantity: row.quantity,
        cost: row.cost
      )
    )
    purchaseOfLot[row.id] = row.purchase
    earnedOn[row.id] = row.eventDate
  }

  private func reject(_ row: StoredReward, sign: Int64) {
    miles[row.lot]?.rejected += sign * row.quantity
    miles[row.lot]?.rejectedCost += sign * row.cost
  }

  /// Takes from the lot that a row names, or gives back with sign -1.
  private func consume(_ row: StoredReward, sign: Int64 = 1) {
    guard let index = lotsByUnit[row.unit]?.firstIndex(where: { $0.id == row.lot }) else { return }
    lotsByUnit[row.unit]?[index].quantity -= sign * row.quantity
    lotsByUnit[row.unit]?[index].cost -= sign * row.cost
  }

  /// What comes back late can be used for the contract's days (S6).
  private func prolong(_ row: StoredReward) {
    guard let use = try? terms.bound(agreement: row.agreement, rule: row.rule).rule.rule.use,
      let index = lotsByUnit[row.unit]?.firstIndex(where: { $0.id == row.lot })
    else { return }
    let plain = lotsByUnit[row.unit]?[index].lastDay
    lotsByUnit[row.unit]?[index].lastDay = use.lastDay(plain, restoredOn: row.eventDate)
  }

  private func expire(_ row: StoredReward, sign: Int64) {
    let key = UnitOfPurchase(purchase: row.purchase, unit: row.unit)
    expired[key, default: (0, 0, 0)].quantity += sign * row.quantity
    expired[key, default: (0, 0, 0)].cost += sign * row.cost
    if !row.flow.sharesCost { expired[key]?.share += sign * row.share }
  }

  /// A share in a row of its own: of the rule's partner, or of a further sponsor.
  private func fund(_ row: StoredReward, sign: Int64) {
    let own = try? terms.bound(agreement: row.agreement, rule: row.rule).rule.partner
    if row.partner == own {
      book(share: sign * row.share, row)
    } else {
      let key = SponsorOfPurchase(
        purchase: row.purchase,
        rule: row.rule,
        partner: row.partner
      )
      sponsored[key, default: 0] += sign * row.share
    }
  }

  private func book(_ row: StoredReward, sign: Int64) {
    guard row.purchase != 0 else { return }
    // Cash that a lapsed line gave is not the rule's own reward.
    if row.flow == .earnCashback, row.uncapped == 0, row.quantity > 0 { return }
    agreements[row.purchase] = row.agreement
    let key = RuleOfPurchase(purchase: row.purchase, rule: row.rule)
    bookedBy[key, default: .nothing].uncapped += row.uncapped
    bookedBy[key, default: .nothing].quantity += sign * row.quantity
    bookedBy[key, default: .nothing].cost += sign * row.cost
    if row.flow.sharesCost { book(share: sign * row.share, row) }
  }

  private func book(share: Int64, _ row: StoredReward) {
    let key = RuleOfPurchase(purchase: row.purchase, rule: row.rule)
    bookedBy[key, default: .nothing].share += share
  }
}
