import Foundation
import TestSupport
import Testing

/// Compares with a recorded text; `KVITT_RECORD=1` records it anew.
func golden(_ text: String, _ name: String) throws {
  let path = repository + "/Tests/NightTests/Golden/" + name
  if ProcessInfo.processInfo.environment["KVITT_RECORD"] != nil {
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return
  }
  let recorded = try String(contentsOfFile: path, encoding: .utf8)
  #expect(text == recorded, "\(name) differs; KVITT_RECORD=1 records it anew")
}
