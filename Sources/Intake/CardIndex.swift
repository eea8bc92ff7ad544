internal import CPrefetch
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
/// the memory, and the portfolio is what the memory of a batch depends on. It is plain memory: nothing counts
/// references while records ask for their cards.
final class CardIndex {
  private struct Entry {
    let token: ShortID
    let member: Int64
    let place: Int32
    let programme: Int16
  }

  /// Turns every token's place in the table, anew for each batch.
  private let seed = UInt64.random(in: .min ... .max)
  private var count = 0
  /// Numbers in `entries` from 1; 0 where nothing stands.
  private var slots: UnsafeMutableBufferPointer<Int32>
  /// Room for half as many as there are slots.
  private var entries: UnsafeMutablePointer<Entry>
  private var places: [Int64: Int32] = [:]
  /// Members by place.
  private(set) var members: [Int64] = []

  init(_ books: Books) throws {
    let expected = try books.cardCount()
    slots = .allocate(capacity: 256)
    slots.initialize(repeating: 0)
    entries = .allocate(capacity: slots.count / 2)
    places.reserveCapacity(expected)
    members.reserveCapacity(expected)
    try books.forEachCard { token, member, programme in
      add(Entry(token: token, member: member, place: number(of: member), programme: programme))
    }
  }

  deinit {
    entries.deallocate()
    slots.deallocate()
  }

  /// Begins to fetch the place where the search for a token starts.
  ///
  /// A portfolio is larger than a core's cache: waiting for the two places of a card was a fifth of what a record
  /// costs here.
  @inline(__always)
  func fetchSlot(_ token: ShortID) {
    kvitt_prefetch(slots.baseAddress.map { $0 + home(of: token) })
  }

  /// Begins to fetch the first entry that the search will look at.
  @inline(__always)
  func fetchEntry(_ token: ShortID) {
    let number = Int(slots[home(of: token)])
    guard number > 0 else { return }
    let entry = UnsafeRawPointer(entries + (number - 1))
    kvitt_prefetch(entry)
    // It may end on the next line of memory.
    kvitt_prefetch(entry + MemoryLayout<ShortID>.size)
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
    if count * 2 == slots.count { grow() }
    (entries + count).initialize(to: entry)
    count += 1
    slots[slot(of: entry.token)] = Int32(count)
  }

  /// Where a token stands, or would stand.
  private func slot(of token: ShortID) -> Int {
    let mask = slots.count - 1
    var slot = home(of: token)
    // Written with `==`: `!=` of a type from elsewhere is asked for through its protocol.
    while slots[slot] != 0, !(entries[Int(slots[slot]) - 1].token == token) {
      slot = (slot + 1) & mask
    }
    return slot
  }

  /// Where the search for a token begins.
  @inline(__always)
  private func home(of token: ShortID) -> Int {
    let mixed = token.mixed(seed)
    return Int(truncatingIfNeeded: mixed ^ mixed >> 32) & (slots.count - 1)
  }

  private func grow() {
    let wider = UnsafeMutablePointer<Entry>.allocate(capacity: slots.count)
    wider.moveInitialize(from: entries, count: count)
    entries.deallocate()
    entries = wider
    let size = slots.count * 2
    slots.deallocate()
    slots = .allocate(capacity: size)
    slots.initialize(repeating: 0)
    for index in 0..<count { slots[slot(of: entries[index].token)] = Int32(index + 1) }
  }
}
