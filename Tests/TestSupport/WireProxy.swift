import Foundation

/// Stands between kvitt and PostgreSQL on a unix socket and cuts the line where it is told.
package final class WireProxy: @unchecked Sendable {
  /// Where to cut the next connection that does so much.
  package enum Cut: Sendable {
    case never
    /// After so many bytes from the client.
    case afterBytes(Int)
    /// Before the first COMMIT that follows a COPY reaches the server.
    case beforeCommit
    /// After it reached the server and before its answer comes back.
    case afterCommit
  }

  private let target: String
  private let listener: Int32
  private let lock = NSLock()
  private var planned = Cut.never

  /// What to do with connections from now on.
  package var cut: Cut {
    get { lock.withLock { planned } }
    set { lock.withLock { planned = newValue } }
  }

  /// Listens in a folder of its own under the name that libpq expects.
  package init(target: String, folder: String) throws {
    self.target = target
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = WireProxy.address(folder + "/.s.PGSQL.5432")
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard bound == 0, listen(listener, 16) == 0 else { throw CocoaError(.fileWriteUnknown) }
    Thread.detachNewThread { [self] in accept() }
  }

  /// Stops listening.
  package func close() {
    shutdown(listener, Int32(SHUT_RDWR))
    Foundation.close(listener)
  }

  private static func address(_ path: String) -> sockaddr_un {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
    return address
  }

  private func accept() {
    while true {
      let client = Foundation.accept(listener, nil, nil)
      guard client >= 0 else { return }
      let server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      var address = WireProxy.address(target)
      let connected = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(server, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      guard connected == 0 else {
        Foundation.close(client)
        continue
      }
      let cut = self.cut
      Thread.detachNewThread { [self] in carry(client, server, cut) }
    }
  }

  /// Carries bytes both ways until one side ends or the cut is due.
  private func carry(_ client: Int32, _ server: Int32, _ cut: Cut) {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var sent = 0
    var hasCopied = false
    var muted = false
    let commit = Array("COMMIT\0".utf8)
    let copy = Array("COPY ".utf8)
    defer {
      Foundation.close(client)
      Foundation.close(server)
    }
    while true {
      var sockets = [
        pollfd(fd: client, events: Int16(POLLIN), revents: 0),
        pollfd(fd: server, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&sockets, 2, -1) > 0 else { return }
      if sockets[0].revents != 0 {
        let count = read(client, &buffer, buffer.count)
        guard count > 0 else { return }
        sent += count
        let bytes = buffer[..<count]
        hasCopied = hasCopied || bytes.starts(with: [0x51]) && WireProxy.holds(bytes, copy)
        let commits = hasCopied && count < 64 && WireProxy.holds(bytes, commit)
        if case .afterBytes(let limit) = cut, sent > limit { return }
        if case .beforeCommit = cut, commits { return }
        guard write(server, &buffer, count) == count else { return }
        if case .afterCommit = cut, commits { muted = true }
      }
      if sockets[1].revents != 0 {
        let count = read(server, &buffer, buffer.count)
        guard count > 0, !muted else { return }
        guard write(client, &buffer, count) == count else { return }
      }
    }
  }

  private static func holds(_ bytes: ArraySlice<UInt8>, _ wanted: [UInt8]) -> Bool {
    guard bytes.count >= wanted.count else { return false }
    return (bytes.startIndex...(bytes.endIndex - wanted.count)).contains {
      bytes[$0] == wanted[0] && bytes[$0..<($0 + wanted.count)].elementsEqual(wanted)
    }
  }
}
