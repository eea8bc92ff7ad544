import CLibXML2

/// Streams an XML document through libxml2's SAX2 push parser, in constant memory.
///
/// Elements are told by local name, so prefixes do not matter; text is trimmed. Any DOCTYPE is
/// refused, so no entity but the five of XML itself can stand; depth and length of text are bounded.
final class XMLStream {
  private static let depthMax = 64
  private static let textMax = 1 << 16
  /// The schemas of ISO 20022 have about a thousand.
  private static let namesMax = 10_000
  private static let attributesMax = 100

  /// What to call; names are numbers of `XMLNames`, texts live until the call ends.
  struct Handler {
    /// Looks at the root element before it begins.
    var root: (_ name: String, _ namespace: String) throws -> Void
    /// Begins an element; the closure looks its attributes up.
    var start: (_ name: Int, _ attribute: (Int) -> UnsafeRawBufferPointer?) throws -> Void
    /// Ends an element whose text, without children's, is given.
    var end: (_ name: Int, _ text: UnsafeRawBufferPointer) throws -> Void
  }

  private let input: InputFile
  private let names: XMLNames
  private let handler: Handler
  private var parser: xmlParserCtxtPtr?
  private let text = UnsafeMutableRawBufferPointer.allocate(byteCount: textMax, alignment: 8)
  private var filled = 0
  private var depth = 0
  private var failure: (any Error)?

  init(_ input: InputFile, _ names: XMLNames, _ handler: Handler) {
    self.input = input
    self.names = names
    self.handler = handler
  }

  /// A stream for small files, whose readers take names and texts as texts.
  convenience init(
    _ input: InputFile,
    root: @escaping (_ name: String, _ namespace: String) throws -> Void = { _, _ in },
    start: @escaping (_ name: String, _ attribute: (String) -> String?) throws -> Void,
    end: @escaping (_ name: String, _ text: String) throws -> Void
  ) {
    let names = XMLNames([])
    self.init(
      input,
      names,
      Handler(
        root: root,
        start: { name, attribute in
          try start(names.texts[name]) { wanted in
            attribute(names.number(of: wanted)).map { String(decoding: $0, as: UTF8.self) }
          }
        },
        end: { try end(names.texts[$0], String(decoding: $1, as: UTF8.self)) }
      )
    )
  }

  deinit {
    text.deallocate()
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

  fileprivate func start(
    _ local: UnsafePointer<xmlChar>,
    _ namespace: UnsafePointer<xmlChar>?,
    _ count: Int32,
    _ attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?
  ) {
    guard failure == nil else { return }
    depth += 1
    filled = 0
    guard depth <= XMLStream.depthMax else { return stop(refusal("nested too deeply")) }
    guard names.texts.count <= XMLStream.namesMax, count <= XMLStream.attributesMax else {
      return stop(refusal("more names of elements, or attributes of one, than any schema has"))
    }
    do {
      if depth == 1 {
        let space = namespace.map { String(cString: $0) } ?? ""
        try handler.root(String(cString: local), space)
      }
      try handler.start(names.number(local)) { wanted in
        guard let attributes else { return nil }
        for index in 0..<Int(count) {
          guard let key = attributes[index * 5], self.names.number(key) == wanted,
            let start = attributes[index * 5 + 3], let end = attributes[index * 5 + 4]
          else { continue }
          return UnsafeRawBufferPointer(start: start, count: end - start)
        }
        return nil
      }
    } catch { stop(error) }
  }

  fileprivate func end(_ local: UnsafePointer<xmlChar>) {
    guard failure == nil else { return }
    depth -= 1
    do {
      try handler.end(names.number(local), trimmed())
    } catch { stop(error) }
    filled = 0
  }

  fileprivate func take(_ bytes: UnsafePointer<xmlChar>, _ count: Int32) {
    guard failure == nil, let base = text.baseAddress else { return }
    guard filled + Int(count) <= XMLStream.textMax else {
      return stop(refusal("a text is longer than 64 KiB"))
    }
    (base + filled).copyMemory(from: bytes, byteCount: Int(count))
    filled += Int(count)
  }

  fileprivate func refuseDoctype() {
    stop(refusal("a DOCTYPE is never taken"))
  }

  private func trimmed() -> UnsafeRawBufferPointer {
    var (start, end) = (0, filled)
    while start < end, text[end - 1] <= 0x20 { end -= 1 }
    while start < end, text[start] <= 0x20 { start += 1 }
    return UnsafeRawBufferPointer(rebasing: text[start..<end])
  }
}

/// Local names as small numbers: those that a reader knows come first, in its own order, others as they
/// are met.
///
/// The parser keeps each name once, so that equal names are the same pointer: after its first time a
/// name is found by its address alone.
final class XMLNames {
  private(set) var texts: [String]
  private var numbers: [String: Int] = [:]
  private var places: [UnsafePointer<xmlChar>: Int] = [:]
  /// The names that were asked for last, by the lowest bits of their address.
  private let recent = UnsafeMutablePointer<(pointer: UnsafePointer<xmlChar>?, number: Int)>
    .allocate(capacity: 256)

  init(_ known: [String]) {
    texts = known
    for (number, name) in known.enumerated() { numbers[name] = number }
    recent.initialize(repeating: (nil, 0), count: 256)
  }

  deinit {
    recent.deallocate()
  }

  /// The number of a name that the parser holds.
  @inline(__always)
  func number(_ pointer: UnsafePointer<xmlChar>) -> Int {
    let slot = (Int(bitPattern: pointer) &* 0x9E37_79B9) >> 16 & 255
    if recent[slot].pointer == pointer { return recent[slot].number }
    let number = known(pointer)
    recent[slot] = (pointer, number)
    return number
  }

  private func known(_ pointer: UnsafePointer<xmlChar>) -> Int {
    if let number = places[pointer] { return number }
    let number = number(of: String(cString: pointer))
    places[pointer] = number
    return number
  }

  /// The number of a name.
  func number(of name: String) -> Int {
    if let number = numbers[name] { return number }
    texts.append(name)
    numbers[name] = texts.count - 1
    return texts.count - 1
  }
}

/// Lends the stream of a parse, which outlives every call of the parser: no count is kept of who holds it.
@inline(__always)
private func lend(_ user: UnsafeMutableRawPointer?, _ body: (XMLStream) -> Void) {
  if let user { Unmanaged<XMLStream>.fromOpaque(user)._withUnsafeGuaranteedRef(body) }
}

private let began: startElementNsSAX2Func = { user, name, _, space, _, _, count, _, attributes in
  guard let name else { return }
  lend(user) { $0.start(name, space, count, attributes) }
}

private let ended: endElementNsSAX2Func = { user, name, _, _ in
  guard let name else { return }
  lend(user) { $0.end(name) }
}

private let characters: charactersSAXFunc = { user, bytes, count in
  guard let bytes else { return }
  lend(user) { $0.take(bytes, count) }
}

private let doctype: internalSubsetSAXFunc = { user, _, _, _ in lend(user) { $0.refuseDoctype() } }
