import CLibXML2

/// Streams an XML document through libxml2's SAX2 push parser, in constant memory.
///
/// Elements are told by local name, so prefixes do not matter; text is trimmed. Any DOCTYPE is
/// refused, so no entity but the five of XML itself can stand; depth and length of text are bounded.
final class XMLStream {
  private static let depthMax = 64
  private static let textMax = 1 << 16

  /// What to call; names are local names.
  struct Handler {
    /// Begins an element; the closure looks its attributes up.
    var start:
      (_ name: String, _ namespace: String, _ attribute: (String) -> String?) throws -> Void
    /// Ends an element whose text, without children's, is given.
    var end: (_ name: String, _ text: String) throws -> Void
  }

  private let input: InputFile
  private let handler: Handler
  private var parser: xmlParserCtxtPtr?
  private var names: [UnsafePointer<xmlChar>: String] = [:]
  private var text: [UInt8] = []
  private var depth = 0
  private var failure: (any Error)?

  init(_ input: InputFile, _ handler: Handler) {
    self.input = input
    self.handler = handler
  }

  /// Reads the whole file.
  ///
  /// - Parameter bytes: Gets every byte, for the digest.
  /// - Throws: A refusal with line and column where the document is not well-formed, cut, has a
  ///   DOCTYPE or is out of bounds, or what the handler throws.
  func read(bytes: (UnsafeRawBufferPointer) -> Void = { _ in }) throws {
    let user = Unmanaged.passUnretained(self).toOpaque()
    guard let parser = kvitt_xml_push(began, ended, characters, doctype, user) else {
      throw Refusal(.badText, "no XML parser", at: Place(file: input.name))
    }
    self.parser = parser
    defer {
      kvitt_xml_free(parser)
      self.parser = nil
    }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 8)
    defer { buffer.deallocate() }
    while true {
      let count = try input.read(into: buffer)
      bytes(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      let code = xmlParseChunk(
        parser,
        buffer.baseAddress?.assumingMemoryBound(to: CChar.self),
        Int32(count),
        count == 0 ? 1 : 0
      )
      if let failure { throw failure }
      guard code == 0 else {
        let message = String(cString: kvitt_xml_message(parser))
        throw refusal("no well-formed XML: \(escaped(message.filter { !$0.isNewline }))")
      }
      if count == 0 { break }
    }
  }

  private func refusal(_ why: String) -> Refusal {
    let line = parser.map { Int(kvitt_xml_line($0)) } ?? 0
    let column = parser.map { Int(kvitt_xml_column($0)) } ?? 0
    return Refusal(.badText, why, at: Place(file: input.name, line: line, column: column))
  }

  private func stop(_ error: any Error) {
    failure = failure ?? error
    if let parser { xmlStopParser(parser) }
  }

  private func name(_ pointer: UnsafePointer<xmlChar>) -> String {
    // Names live in the parser's dictionary: equal names are the same pointer.
    if let known = names[pointer] { return known }
    let name = String(cString: pointer)
    names[pointer] = name
    return name
  }

  fileprivate func start(
    _ local: UnsafePointer<xmlChar>,
    _ namespace: UnsafePointer<xmlChar>?,
    _ count: Int32,
    _ attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?
  ) {
    guard failure == nil else { return }
    depth += 1
    text.removeAll(keepingCapacity: true)
    guard depth <= XMLStream.depthMax else { return stop(refusal("nested too deeply")) }
    do {
      try handler.start(name(local), namespace.map { String(cString: $0) } ?? "") { wanted in
        guard let attributes else { return nil }
        for index in 0..<Int(count) {
          guard let key = attributes[index * 5], self.name(key) == wanted,
            let start = attributes[index * 5 + 3], let end = attributes[index * 5 + 4]
          else { continue }
          return String(
            decoding: UnsafeBufferPointer(start: start, count: end - start),
            as: UTF8.self
          )
        }
        return nil
      }
    } catch { stop(error) }
  }

  fileprivate func end(_ local: UnsafePointer<xmlChar>) {
    guard failure == nil else { return }
    depth -= 1
    do {
      try handler.end(name(local), trimmed())
    } catch { stop(error) }
    text.removeAll(keepingCapacity: true)
  }

  fileprivate func take(_ bytes: UnsafePointer<xmlChar>, _ count: Int32) {
    guard failure == nil else { return }
    guard text.count + Int(count) <= XMLStream.textMax else {
      return stop(refusal("a text is longer than 64 KiB"))
    }
    text.append(contentsOf: UnsafeBufferPointer(start: bytes, count: Int(count)))
  }

  fileprivate func refuseDoctype() {
    stop(refusal("a DOCTYPE is never taken"))
  }

  private func trimmed() -> String {
    var range = text[...]
    while let last = range.last, last <= 0x20 { range.removeLast() }
    while let first = range.first, first <= 0x20 { range.removeFirst() }
    return String(decoding: range, as: UTF8.self)
  }
}

private func stream(_ user: UnsafeMutableRawPointer?) -> XMLStream? {
  user.map { Unmanaged<XMLStream>.fromOpaque($0).takeUnretainedValue() }
}

private let began: startElementNsSAX2Func = { user, name, _, space, _, _, count, _, attributes in
  guard let name else { return }
  stream(user)?.start(name, space, count, attributes)
}

private let ended: endElementNsSAX2Func = { user, name, _, _ in
  guard let name else { return }
  stream(user)?.end(name)
}

private let characters: charactersSAXFunc = { user, bytes, count in
  guard let bytes else { return }
  stream(user)?.take(bytes, count)
}

private let doctype: internalSubsetSAXFunc = { user, _, _, _ in stream(user)?.refuseDoctype() }
