import Foundation
import Postgres

/// Sends filled buffers by COPY on a thread of its own, so that the next rows are decided while
/// the database takes the last ones.
final class LeafSender: @unchecked Sendable {
  static let bufferBytes = 1 << 22
  private struct Load {
    let table: String
    let buffer: UnsafeMutableRawBufferPointer
    let filled: Int
  }

  private let connection: Connection
  private let state = NSCondition()
  private var waiting: [Load] = []
  private var isSending = false
  private var isClosed = false
  private var failure: (any Error)?
  private var free: [UnsafeMutableRawBufferPointer] = []
  private var hasThread = false

  init(_ connection: Connection) {
    self.connection = connection
  }

  deinit {
    for buffer in free { buffer.deallocate() }
  }

  /// An empty buffer.
  func buffer() -> UnsafeMutableRawBufferPointer {
    state.lock()
    defer { state.unlock() }
    return free.popLast() ?? .allocate(byteCount: LeafSender.bufferBytes, alignment: 8)
  }

  /// Takes a buffer over; waits while two others are on their way.
  func send(_ buffer: UnsafeMutableRawBufferPointer, filled: Int, to table: String) throws {
    state.lock()
    defer { state.unlock() }
    while waiting.count >= 2, failure == nil { state.wait() }
    if let failure {
      free.append(buffer)
      throw failure
    }
    waiting.append(Load(table: table, buffer: buffer, filled: filled))
    if !hasThread {
      hasThread = true
      Thread.detachNewThread { [self] in run() }
    }
    state.broadcast()
  }

  /// Waits until everything is with the database.
  func drain() throws {
    state.lock()
    defer { state.unlock() }
    while isSending || (!waiting.isEmpty && failure == nil) { state.wait() }
    if let failure { throw failure }
  }

  /// Ends the thread; what still waits is dropped.
  func close() {
    state.lock()
    defer { state.unlock() }
    isClosed = true
    state.broadcast()
    while isSending { state.wait() }
    for load in waiting { load.buffer.deallocate() }
    waiting.removeAll()
  }

  private func run() {
    state.lock()
    defer { state.unlock() }
    while true {
      while waiting.isEmpty, !isClosed { state.wait() }
      guard !isClosed, failure == nil else { return }
      let load = waiting.removeFirst()
      isSending = true
      state.unlock()
      let outcome = Result { try copy(load) }
      state.lock()
      isSending = false
      free.append(load.buffer)
      if case .failure(let error) = outcome { failure = error }
      state.broadcast()
    }
  }

  private func copy(_ load: Load) throws {
    let sql = "COPY kvitt.\(load.table) FROM STDIN (FORMAT binary)"
    try connection.copyIn(Query(trusted: sql)) { send in
      let head: [UInt8] =
        Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0] + [UInt8](repeating: 0, count: 8)
      try head.withUnsafeBytes { try send($0) }
      // In pieces, so that the server works on one while the next is on its way.
      var rest = UnsafeRawBufferPointer(rebasing: load.buffer[..<load.filled])
      while !rest.isEmpty {
        try send(UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 17)))
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(1 << 17))
      }
      let tail: [UInt8] = [0xFF, 0xFF]
      try tail.withUnsafeBytes { try send($0) }
    }
  }
}
