import Civil
import Ledger

/// The truth of rewards, computed in the plainest way from the contracts, apart from the engine.
extension World {
  /// Half-up division of non-negative numbers.
  func halfUp(_ dividend: Int64, _ divisor: Int64) -> Int64 {
    (dividend * 2 + divisor) / (divisor * 2)
  }

  /// Base reward of a purchase's remaining amount, before caps.
  func baseReward(_ purchase: WorldPurchase) -> Int64 {
    guard !WorldProgramme.excluded.contains(purchase.category), purchase.amount > 0 else {
      return 0
    }
    let programme = WorldProgramme.all[members[purchase.member].programme]
    let remaining = max(0, purchase.amount - purchase.taken)
    if programme.isMiles {
      return Int64(
        Int128(purchase.billed) * Int128(remaining) / (Int128(purchase.amount) * 10_000)
      ) * 15
    }
    return halfUp(
      purchase.billed * remaining * programme.permille,
      purchase.amount * 1_000
    )
  }

  /// Bonus reward of a purchase's remaining amount.
  func bonusReward(_ purchase: WorldPurchase) -> Int64 {
    let programme = WorldProgramme.all[members[purchase.member].programme]
    guard programme.bonusMerchants.contains(purchase.merchant),
      !WorldProgramme.excluded.contains(purchase.category)
    else { return 0 }
    let remaining = max(0, purchase.amount - purchase.taken)
    return halfUp(
      purchase.billed * remaining * programme.bonusPercent,
      purchase.amount * 100
    )
  }

  /// Books a purchase or what a refund left of it: rewards, shares, lots, miles.
  mutating func restate(_ number: Int) {
    guard var purchase = purchases[number] else { return }
    let index = purchase.member
    let programme = WorldProgramme.all[members[index].programme]
    let base = baseReward(purchase)
    let bonus = bonusReward(purchase)
    let share = halfUp(bonus * 75, 100)
    let change = base - purchase.base
    if programme.isMiles {
      moveMiles(&purchase, change)
    } else if programme.creditPartner.isEmpty {
      members[index].monthSums[month(purchase.day), default: 0] += change
      members[index].bonus += bonus - purchase.bonus
    } else {
      moveCredit(purchase, change)
    }
    settle(programme.bonusPartner, -(share - purchase.share))
    purchase.base = base
    purchase.bonus = bonus
    purchase.share = share
    purchases[number] = purchase
  }

  private mutating func moveCredit(_ purchase: WorldPurchase, _ change: Int64) {
    let index = purchase.member
    if change > 0 {
      earnCredit(purchase, change)
      return
    }
    var wanted = -change
    var cost = halfUp(purchase.base * 80, 100) - halfUp((purchase.base + change) * 80, 100)
    let lots = members[index].lots.indices
    let own = lots.filter { members[index].lots[$0].purchase == purchase.number }
    let others = lots.filter { members[index].lots[$0].purchase != purchase.number }
    for lot in inOrder(own, of: index) + inOrder(others, of: index) where wanted > 0 {
      let part = take(wanted, from: lot, of: index)
      wanted -= part.face
      cost -= part.cost
    }
    members[index].debt += wanted
    if wanted > 0 { members[index].debtCost += max(0, cost) }
  }

  /// A new lot, of which what the member owes is taken off first.
  private mutating func earnCredit(_ purchase: WorldPurchase, _ face: Int64) {
    let index = purchase.member
    var lot = WorldLot(
      purchase: purchase.number,
      day: purchase.day,
      face: face,
      cost: halfUp((purchase.base + face) * 80, 100) - halfUp(purchase.base * 80, 100)
    )
    let part = min(members[index].debt, face)
    if part > 0 {
      let cost = part == face ? lot.cost : min(max(0, members[index].debtCost), lot.cost)
      members[index].debt -= part
      members[index].debtCost -= cost
      lot.face -= part
      lot.cost -= cost
    }
    members[index].lots.append(lot)
  }

  private func inOrder(_ lots: [Int], of index: Int) -> [Int] {
    lots.sorted { (members[index].lots[$0].day, $0) < (members[index].lots[$1].day, $1) }
  }

  /// Takes up to `wanted` face out of a lot; gives what came out.
  private mutating func take(
    _ wanted: Int64,
    from lot: Int,
    of index: Int
  ) -> (face: Int64, cost: Int64) {
    let stands = members[index].lots[lot]
    let face = min(wanted, stands.face)
    guard face > 0 else { return (0, 0) }
    let cost = halfUp(stands.cost * face, stands.face)
    members[index].lots[lot].face -= face
    members[index].lots[lot].cost -= cost
    return (face, cost)
  }

  /// Redeems store credit; gives the reimbursement, nil where the member has too little.
  mutating func redeem(_ face: Int64, member index: Int, on day: Int32) -> Int64? {
    let usable = members[index].lots.indices.filter { members[index].lots[$0].day <= day }
    let total = usable.map { members[index].lots[$0].face }.reduce(0, +)
    guard total - members[index].debt >= face else { return nil }
    var wanted = face
    var cost: Int64 = 0
    for lot in inOrder(Array(usable), of: index) where wanted > 0 {
      let part = take(wanted, from: lot, of: index)
      wanted -= part.face
      cost += part.cost
    }
    return cost
  }

  private mutating func moveMiles(_ purchase: inout WorldPurchase, _ change: Int64) {
    if change >= 0 {
      purchase.milesEarned += change
      members[purchase.member].miles += change
      if purchase.night == 0 {
        purchase.night = night
        milesByNight[night, default: []].append(purchase.number)
      }
      return
    }
    // What lapsed into cash is not taken back.
    let left = purchase.milesEarned - purchase.milesTaken - purchase.lapsed
    let taken = min(-change, left)
    purchase.milesTaken += taken
    members[purchase.member].miles -= taken
    guard purchase.night < night else { return }
    // The line is out: a reversal line follows; of what was rejected it drops a part.
    let standing = purchase.milesEarned - purchase.milesTaken + taken
    var reversal = WorldReversal(
      purchase: purchase.number,
      quantity: taken,
      whole: taken,
      cost: halfUp(standing * 85, 100) - halfUp((standing - taken) * 85, 100)
    )
    if purchase.answered {
      reversal.quantity -= drop(taken, &purchase)
    } else {
      purchase.waiting += taken
    }
    reversals.append(reversal)
  }

  /// Drops up to `wanted` of what stands rejected; gives what was dropped.
  func drop(_ wanted: Int64, _ purchase: inout WorldPurchase) -> Int64 {
    let dropped = min(wanted, purchase.rejected)
    guard dropped > 0 else { return 0 }
    purchase.rejectedCost -= halfUp(purchase.rejectedCost * dropped, purchase.rejected)
    purchase.rejected -= dropped
    return dropped
  }

  /// Adds to what tonight settles with a partner, + we owe.
  mutating func settle(_ partner: String, _ minor: Int64) {
    guard !partner.isEmpty else { return }
    settledTonight[partner, default: 0] += minor
  }

  func month(_ day: Int32) -> Int32 {
    civil(day).monthIndex
  }

  /// What a member truly holds of its programme's reward, net of debts.
  func balance(_ member: WorldMember) -> [String: Int64] {
    let programme = WorldProgramme.all[member.programme]
    var out: [String: Int64] = [:]
    if programme.isMiles {
      out[programme.unit] = member.miles
      if member.lapsedCash != 0 { out["CB.EUR"] = member.lapsedCash }
    } else if programme.creditPartner.isEmpty {
      let base = member.monthSums.values.map { min(programme.monthlyCap ?? .max, $0) }
      out[programme.unit] = base.reduce(0, +) + member.bonus
    } else {
      out[programme.unit] = member.lots.map(\.face).reduce(0, +) - member.debt
    }
    return out
  }

  /// What every member truly holds, by card token and unit; zeros left out.
  package var trueBalances: [String: [String: Int64]] {
    var out: [String: [String: Int64]] = [:]
    for member in members {
      let held = balance(member).filter { $0.value != 0 }
      if !held.isEmpty { out[member.token] = held }
    }
    return out
  }

  /// What is truly owed to each partner after the night, + we owe.
  package var truePositions: [String: Int64] { closings }

  /// Where our files differed from what the world expected; empty when all is well.
  package var surprises: [String] { faults }
}
