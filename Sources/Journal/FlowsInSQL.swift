package import Ledger
package import Postgres

/// Queries name flows, and never write their numbers.
extension Query.Interpolation {
  /// Puts a flow's number into the text.
  package mutating func appendInterpolation(flow: Flow) {
    appendInterpolation(literal: flow.rawValue)
  }

  /// Puts the numbers of some flows into the text, in the order given: `1, 4, 10, 37`.
  ///
  /// A partial index serves a query that says the same as its own condition, which a bound value hides.
  package mutating func appendInterpolation(flows: [Flow]) {
    precondition(!flows.isEmpty, "IN () is no SQL")
    for (index, flow) in flows.enumerated() {
      if index > 0 { appendLiteral(", ") }
      appendInterpolation(flow: flow)
    }
  }
}
