/// The records of a Mastercard IPM file: VBS (4-byte length, record, …, zero length), plain or cut
/// into blocks of 1,014 bytes of which the last two are 0x40.
struct IPMFraming {
  static let recordMax = 6_000
  private static let block = 1_014
  private static let payload = 1_012
  let input: InputFile
  let bytes: (UnsafeRawBufferPointer) -> Void

  /// Calls the body with every record; the bytes live until it returns.
  ///
  /// - Parameter body: Gets the record and its number, from 1.
  /// - Throws: A refusal where the framing is broken, or what the body throws.
  func forEachRecord(_ body: (UnsafeRawBufferPointer, _ number: Int32) throws -> Void) throws {
    let capacity = IPMFraming.block * 512
    let raw = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 8)
    let plain = UnsafeMutableRawBufferPointer.allocate(
      byteCount: capacity + IPMFraming.recordMax + 8,
      alignment: 8
    )
    defer {
      raw.deallocate()
      plain.deallocate()
    }
    var waiting = 0
    var kept = 0
    var offset = 0
    var blocked: Bool?
    var ended = false
    var number: Int32 = 0
    while true {
      let count = try input.read(
        into: UnsafeMutableRawBufferPointer(rebasing: raw[waiting..<capacity])
      )
      bytes(UnsafeRawBufferPointer(rebasing: raw[waiting..<(waiting + count)]))
      waiting += count
      if waiting < capacity, count > 0 { continue }
      if waiting == 0 { break }
      let isBlocked = blocked ?? looksBlocked(UnsafeRawBufferPointer(rebasing: raw[..<waiting]))
      blocked = isBlocked
      kept += try unblock(
        UnsafeRawBufferPointer(rebasing: raw[..<waiting]),
        isBlocked,
        at: offset,
        into: UnsafeMutableRawBufferPointer(rebasing: plain[kept...])
      )
      offset += waiting
      waiting = 0
      let window = UnsafeRawBufferPointer(rebasing: plain[..<kept])
      let used = try split(window, isBlocked, &ended, &number, body)
      plain.copyMemory(from: UnsafeRawBufferPointer(rebasing: plain[used..<kept]))
      kept -= used
      if count == 0 { break }
    }
    guard ended else {
      throw refusal("the file ends without its zero length: it is cut", number)
    }
  }

  /// Size and the filler of the first block say whether a file is blocked.
  private func looksBlocked(_ head: UnsafeRawBufferPointer) -> Bool {
    input.size % IPMFraming.block == 0 && head.count >= IPMFraming.block
      && head[IPMFraming.payload] == 0x40 && head[IPMFraming.payload + 1] == 0x40
  }

  private func unblock(
    _ raw: UnsafeRawBufferPointer,
    _ isBlocked: Bool,
    at offset: Int,
    into plain: UnsafeMutableRawBufferPointer
  ) throws(Refusal) -> Int {
    guard isBlocked else {
      plain.copyMemory(from: raw)
      return raw.count
    }
    var out = 0
    for start in stride(from: 0, to: raw.count, by: IPMFraming.block) {
      guard start + IPMFraming.block <= raw.count, raw[start + IPMFraming.payload] == 0x40,
        raw[start + IPMFraming.payload + 1] == 0x40
      else {
        throw Refusal(
          .badFrame,
          "the block at byte \(offset + start) does not end in two bytes 0x40",
          at: Place(file: input.name)
        )
      }
      let payload = raw[start..<(start + IPMFraming.payload)]
      UnsafeMutableRawBufferPointer(rebasing: plain[out...])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: payload))
      out += IPMFraming.payload
    }
    return out
  }

  private func split(
    _ window: UnsafeRawBufferPointer,
    _ isBlocked: Bool,
    _ ended: inout Bool,
    _ number: inout Int32,
    _ body: (UnsafeRawBufferPointer, Int32) throws -> Void
  ) throws -> Int {
    var offset = 0
    while !ended, offset + 4 <= window.count {
      let size = Int(
        UInt32(bigEndian: window.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      )
      if size == 0 {
        ended = true
        offset += 4
        break
      }
      guard size <= IPMFraming.recordMax else {
        throw refusal("a record of \(size) bytes; at most \(IPMFraming.recordMax) are read", number)
      }
      guard offset + 4 + size <= window.count else { break }
      number += 1
      try body(UnsafeRawBufferPointer(rebasing: window[(offset + 4)..<(offset + 4 + size)]), number)
      offset += 4 + size
    }
    if ended {
      // Only the filler of the last block, or one further block of it, may follow.
      guard isBlocked || offset == window.count,
        window[offset...].allSatisfy({ $0 == 0x40 })
      else { throw refusal("bytes follow the zero length", number) }
      return window.count
    }
    return offset
  }

  private func refusal(_ why: String, _ number: Int32) -> Refusal {
    Refusal(.badFrame, "\(why) (after message \(number))", at: Place(file: input.name))
  }
}
