/// How a command ends, as `kvitt help exit-codes` lists it.
package enum ExitStatus: Int32, Sendable, CaseIterable {
  case ok = 0
  case failed = 1
  case findings = 10
  case work = 11
  case partial = 12
  case invariant = 20
  case untrusted = 21
  case stale = 22
  case conflict = 23
  case approval = 24
  case usage = 64
  case rejected = 65
  case noInput = 66
  case unavailable = 69
  case cannotWrite = 73
  case tryLater = 75
  case config = 78
}

/// A place in a file: what an engineer's editor can jump to.
package struct Place: Sendable, Equatable {
  package let file: String
  /// Counted from 1; 0 where the whole file is meant.
  package let line: Int
  /// Counted from 1 in bytes; 0 where the whole line is meant.
  package let column: Int
  /// The source line where it may be shown, masked.
  package let source: String?
  /// Bytes from the column on that the message is about.
  package let length: Int

  package init(
    file: String,
    line: Int = 0,
    column: Int = 0,
    source: String? = nil,
    length: Int = 1
  ) {
    self.file = file
    self.line = line
    self.column = column
    self.source = source
    self.length = length
  }
}

/// kvitt refuses on purpose: a stable code, what happened in words, and what to do next.
package struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
  package let code: ErrorCode
  package let message: String
  package let hint: String
  package let place: Place?

  package init(_ code: ErrorCode, _ message: String, hint: String = "", at place: Place? = nil) {
    self.code = code
    self.message = message
    self.hint = hint.isEmpty ? code.fix : hint
    self.place = place
  }

  /// `file:line:col: CODE message`, the source line with carets, and the hint.
  package var description: String {
    var text = ""
    if let place {
      text = escaped(place.file)
      if place.line > 0 { text += ":\(place.line)" }
      if place.column > 0 { text += ":\(place.column)" }
      text += ": "
    }
    text += "\(code.rawValue) \(escaped(message))"
    if let place, let source = place.source.map({ escaped($0) }) {
      let number = String(place.line)
      let margin = String(repeating: " ", count: number.count)
      text += "\n  \(number) | \(source)"
      if place.column > 0 {
        let caret = String(repeating: "^", count: max(1, place.length))
        text += "\n  \(margin) | " + String(repeating: " ", count: place.column - 1) + caret
      }
    }
    return text + "\n  hint: \(escaped(hint))"
  }
}
