/// How text from outside is shown: what could harm a screen, a spreadsheet or a person is made visible.

/// Whether a character must not reach a screen or a table as it is: it moves the cursor, cannot be seen,
/// or turns the order of what stands around it.
package func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0..<0x20, 0x7F..<0xA0, 0xAD, 0x61C, 0x180E, 0x200B...0x200F, 0x2028...0x202E,
    0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB, 0xE0000...0xE007F:
    true
  default: false
  }
}

/// Text for a place of one line: characters that must not be shown stand as `\u{1b}`.
///
/// What is escaped already stays as it is, so every door may do it again.
package func escaped(_ text: some StringProtocol) -> String {
  guard !isPlain(text) else { return String(text) }
  var out = ""
  for scalar in text.unicodeScalars { append(scalar, to: &out) }
  return out
}

/// Text of several lines for a screen: as `escaped`, but for line ends and tabs, which stay.
package func escapedLines(_ text: String) -> String {
  let isHarmless = text.utf8.allSatisfy { ($0 >= 0x20 && $0 < 0x7F) || $0 == 0x0A || $0 == 0x09 }
  guard !isHarmless else { return text }
  var out = ""
  var isReturn = false
  for scalar in text.unicodeScalars {
    // A carriage return ends a line with the line feed behind it; alone it would write over the line.
    if isReturn { out += scalar == "\n" ? "\r" : "\\u{d}" }
    isReturn = scalar == "\r"
    if scalar == "\n" || scalar == "\t" {
      out.unicodeScalars.append(scalar)
    } else if !isReturn {
      append(scalar, to: &out)
    }
  }
  return isReturn ? out + "\\u{d}" : out
}

/// What stands in a field from outside, for a message: card numbers are masked before anything is cut off,
/// since Luhn's digit cannot be found in a part.
///
/// - Parameters:
///   - text: The whole field.
///   - most: Characters that are shown at most.
/// - Returns: The beginning of the field, masked and escaped.
package func shown(_ text: some StringProtocol, most: Int = 200) -> String {
  String(escaped(maskCardNumbers(String(text))).prefix(most))
}

private func isPlain(_ text: some StringProtocol) -> Bool {
  text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
}

private func append(_ scalar: Unicode.Scalar, to out: inout String) {
  if isUnsafe(scalar) {
    out += "\\u{" + String(scalar.value, radix: 16) + "}"
  } else {
    out.unicodeScalars.append(scalar)
  }
}
