/// How a purchase was made.
package enum Channel: Int16, Sendable, CaseIterable, CustomStringConvertible {
  case pos = 1
  case web = 2
  case app = 3
  case recurring = 4
  case cash = 5

  /// The word that feeds and terms use.
  package var description: String {
    switch self {
    case .pos: "pos"
    case .web: "web"
    case .app: "app"
    case .recurring: "recurring"
    case .cash: "cash"
    }
  }

  /// The channel of a word, nil where there is none.
  package init?(name: String) {
    guard let match = Channel.allCases.first(where: { $0.description == name }) else { return nil }
    self = match
  }
}
