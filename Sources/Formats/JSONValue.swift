/// A value of JSON (RFC 8259) whose members keep their order, so that the same report gives the same bytes.
///
/// Numbers are whole: amounts go out as minor units and as decimal text, never as a number with a point.
package indirect enum JSONValue: Sendable, Equatable {
  case text(String)
  case integer(Int64)
  /// An array of which each element but the first begins a line.
  case lines([JSONValue])
  case members([Member])
  case null

  /// A name and its value.
  package struct Member: Sendable, Equatable {
    let name: String
    let value: JSONValue
  }

  /// An object of names and values; a name stands once.
  package static func object(_ members: [(String, JSONValue)]) -> JSONValue {
    precondition(Set(members.map(\.0)).count == members.count, "a name stands twice in an object")
    return .members(members.map { Member(name: $0.0, value: $0.1) })
  }

  /// The value as text.
  package var text: String {
    var out = ""
    write(to: &out)
    return out
  }

  private func write(to out: inout String) {
    switch self {
    case .text(let text): JSONValue.write(text, to: &out)
    case .integer(let value): out += String(value)
    case .null: out += "null"
    case .lines(let values):
      out += "["
      for (index, value) in values.enumerated() {
        if index > 0 { out += ",\n" }
        value.write(to: &out)
      }
      out += "]"
    case .members(let members):
      out += "{"
      for (index, member) in members.enumerated() {
        if index > 0 { out += "," }
        JSONValue.write(member.name, to: &out)
        out += ":"
        member.value.write(to: &out)
      }
      out += "}"
    }
  }

  /// Characters that must not be shown are escaped as JSON does it, so that a program reads them and a
  /// screen does not obey them.
  private static func write(_ text: String, to out: inout String) {
    out += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case _ where isUnsafe(scalar):
        for unit in scalar.utf16 {
          let digits = String(unit, radix: 16)
          out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      default: out.unicodeScalars.append(scalar)
      }
    }
    out += "\""
  }
}
