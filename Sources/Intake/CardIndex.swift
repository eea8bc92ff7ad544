import Journal
import Ledger

/// Who a card's rewards belong to.
struct Card {
  let member: Int64
  /// The member's place in arrays of this batch.
  let place: Int
  let programme: Int16
}

/// All cards by token, read once a batch.
///
/// A table with open addressing, at most half full: every row of a file asks it once, and a
/// dictionary with tokens as keys costs three times as much.
final class CardIndex {
  private var cards: [(token: ShortID, card: Card)] = []
  private let slots: UnsafeMutableBufferPointer<Int32>
  private let mask: Int
  private var places: [Int64: Int] = [:]
  /// Members by place.
  private(set) var members: [Int64] = []

  init(_ books: Books) throws {
    var found: [(token: ShortID, member: Int64, programme: Int16)] = []
    found.reserveCapacity(try books.cardCount())
    try books.forEachCard { found.append(($0, $1, $2)) }
    let capacity = max(1_024, 1 << (Int.bitWidth - (found.count * 2).leadingZeroBitCount))
    mask = capacity - 1
    slots = .allocate(capacity: capacity)
    slots.initialize(repeating: -1)
    cards.reserveCapacity(found.count)
    places.reserveCapacity(found.count)
    for (token, member, programme) in found {
      slots[slot(of: token)] = Int32(cards.count)
      let card = Card(member: member, place: place(of: member), programme: programme)
      cards.append((token, card))
    }
  }

  deinit {
    slots.deallocate()
  }

  /// The slot that holds the token, or the free one where it belongs.
  @inline(__always)
  private func slot(of token: ShortID) -> Int {
    var slot = Int(truncatingIfNeeded: token.mixed &>> 20) & mask
    while slots[slot] >= 0, cards[Int(slots[slot])].token != token { slot = (slot + 1) & mask }
    return slot
  }

  /// The card of a token, nil where it is nobody's.
  @inline(__always)
  subscript(_ token: ShortID) -> Card? {
    let found = slots[slot(of: token)]
    return found < 0 ? nil : cards[Int(found)].card
  }

  /// The member's place in arrays of this batch.
  func place(of member: Int64) -> Int {
    if let place = places[member] { return place }
    places[member] = members.count
    members.append(member)
    return members.count - 1
  }
}
