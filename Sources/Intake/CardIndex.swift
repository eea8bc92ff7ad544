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
/// A table of our own: open addressing over one array, at most half full. A dictionary takes as long and twice
/// the memory, and the portfolio is what the memory of a batch depends on.
final class CardIndex {
  private struct Entry {
    let token: ShortID
    let member: Int64
    let place: Int32
    let programme: Int16
  }

  /// Turns every token's place in the table, anew for each batch.
  private let seed = UInt64.random(in: .min ... .max)
  private var entries: [Entry] = []
  /// Numbers in `entries` from 1; 0 where nothing stands.
  private var slots = [Int32](repeating: 0, count: 256)
  private var places: [Int64: Int32] = [:]
  /// Members by place.
  private(set) var members: [Int64] = []

  init(_ books: Books) throws {
    let count = try books.cardCount()
    entries.reserveCapacity(count)
    places.reserveCapacity(count)
    members.reserveCapacity(count)
    try books.forEachCard { token, member, programme in
      add(Entry(token: token, member: member, place: number(of: member), programme: programme))
    }
  }

  /// The card of a token, nil where it is nobody's.
  subscript(_ token: ShortID) -> Card? {
    let number = Int(slots[slot(of: token)])
    guard number > 0 else { return nil }
    let entry = entries[number - 1]
    return Card(member: entry.member, place: Int(entry.place), programme: entry.programme)
  }

  /// The member's place in arrays of this batch.
  func place(of member: Int64) -> Int { Int(number(of: member)) }

  private func number(of member: Int64) -> Int32 {
    if let place = places[member] { return place }
    let place = Int32(members.count)
    places[member] = place
    members.append(member)
    return place
  }

  private func add(_ entry: Entry) {
    if (entries.count + 1) * 2 > slots.count { grow() }
    entries.append(entry)
    slots[slot(of: entry.token)] = Int32(entries.count)
  }

  /// Where a token stands, or would stand.
  private func slot(of token: ShortID) -> Int {
    let mask = slots.count - 1
    let mixed = token.mixed(seed)
    var slot = Int(truncatingIfNeeded: mixed ^ mixed >> 32) & mask
    while slots[slot] != 0, entries[Int(slots[slot]) - 1].token != token {
      slot = (slot + 1) & mask
    }
    return slot
  }

  private func grow() {
    slots = [Int32](repeating: 0, count: slots.count * 2)
    for (index, entry) in entries.enumerated() { slots[slot(of: entry.token)] = Int32(index + 1) }
  }
}
