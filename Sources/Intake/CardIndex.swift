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
final class CardIndex {
  private var cards: [ShortID: Card] = [:]
  private var places: [Int64: Int] = [:]
  /// Members by place.
  private(set) var members: [Int64] = []

  init(_ books: Books) throws {
    try books.forEachCard { token, member, programme in
      cards[token] = Card(member: member, place: place(of: member), programme: programme)
    }
  }

  /// The card of a token, nil where it is nobody's.
  subscript(_ token: ShortID) -> Card? { cards[token] }

  /// The member's place in arrays of this batch.
  func place(of member: Int64) -> Int {
    if let place = places[member] { return place }
    places[member] = members.count
    members.append(member)
    return members.count - 1
  }
}
