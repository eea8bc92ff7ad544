/// What members of a world used, night by night.
///
/// The law: all that is worth something and was not used can be used. A pay-out takes all of it; a till gets what it
/// asks for, or nothing where less is there. What is refunded after it was used is owed, and the next earning pays it.
struct WorldUses {
  private let one: PlacedWorld
  private let order: WorldOrder

  init(_ one: PlacedWorld, _ order: WorldOrder) {
    self.one = one
    self.order = order
  }

  /// What a member had used of a unit when a night judged: a till's use is posted by the night after it.
  func used(_ member: Int, _ unit: String, by night: Int) -> Int {
    var used = 0
    for past in 0..<night {
      for act in one.world.acts where act.night == past {
        let left = worth(member, unit, by: past) - used
        switch act {
        case .payout where unit == "CB.EUR": used += max(0, left)
        case .use(_, member, unit, let quantity) where quantity <= left: used += quantity
        default: break
        }
      }
    }
    return used
  }

  /// What all periods of a member are worth in a unit.
  private func worth(_ member: Int, _ unit: String, by night: Int) -> Int {
    WorldModel(one.world, told: one.told(order, by: night)).periods()
      .filter { $0.member == member && $0.unit == unit }
      .reduce(0) { $0 + $1.worth }
  }
}
