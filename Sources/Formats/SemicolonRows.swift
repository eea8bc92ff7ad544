/// Hands the rows of a small file of semicolons to a body: fields without quotes, `;` between them, LF or
/// CR LF at the end, empty rows passed over.
///
/// - Parameters:
///   - bytes: The whole file.
///   - name: The file's name, for refusals.
///   - body: Takes the fields of a row and where it stands; the header is line 1.
/// - Throws: `Refusal` with KV-ING-006 where the file is no UTF-8 text, and what the body throws.
func forEachSemicolonRow(
  of bytes: [UInt8],
  in name: String,
  _ body: (_ fields: [String], _ place: Place) throws(Refusal) -> Void
) throws(Refusal) {
  guard String(validating: bytes, as: UTF8.self) != nil, !bytes.contains(0) else {
    throw Refusal(.badText, "the file is no UTF-8 text", at: Place(file: name))
  }
  let rows = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
  for (index, row) in rows.enumerated() where !row.isEmpty {
    let text = String(decoding: row.last == 0x0D ? row.dropLast() : row, as: UTF8.self)
    let fields = text.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
    try body(fields, Place(file: name, line: index + 1))
  }
}

/// Whether text may stand in a file of ours as a card's token: an identifier that is no card number.
func isCardToken(_ text: String) -> Bool {
  isID(text) && !holdsCardNumber(text)
}
