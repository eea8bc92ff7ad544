import Foundation
package import Journal
package import Postgres

/// Root of the repository.
package let repository = String(
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
)

/// A finished process.
package struct Finished: Sendable {
  package let status: Int32
  package let output: String
  package let errors: String
}

/// Runs a program to its end, with its output kept apart.
@discardableResult
package func execute(
  _ program: String,
  _ arguments: [String],
  environment: [String: String] = [:],
  folder: String? = nil
) throws -> Finished {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: program)
  process.arguments = arguments
  process.environment = ProcessInfo.processInfo.environment
    .merging(["SWIFT_BACKTRACE": "enable=no"]) { old, _ in old }
    .merging(environment) { _, new in new }
  if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
  let stamp = UUID().uuidString
  let paths = ["out", "err"].map { "/tmp/kvitt-test-\(stamp).\($0)" }
  for path in paths { _ = FileManager.default.createFile(atPath: path, contents: nil) }
  let handles = try paths.map { path in
    try FileHandle(forWritingTo: URL(fileURLWithPath: path))
  }
  process.standardOutput = handles[0]
  process.standardError = handles[1]
  process.standardInput = FileHandle.nullDevice
  try process.run()
  process.waitUntilExit()
  let texts = try paths.map { path in
    defer { try? FileManager.default.removeItem(atPath: path) }
    return String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
  }
  return Finished(status: process.terminationStatus, output: texts[0], errors: texts[1])
}

/// Runs a shell script to its end.
@discardableResult
package func shell(_ script: String, folder: String? = nil) throws -> Finished {
  try execute("/bin/bash", ["-c", script], folder: folder)
}

/// The built program.
package let program = repository + "/.build/release/kvitt"

/// An installation of its own in a temporary folder, with a private cluster.
package struct Sandbox: Sendable {
  package let home: String

  /// Makes the folder; `remove` ends the server and deletes it.
  package init(_ name: String) {
    home = "/var/tmp/kvitt-test-\(name)-\(ProcessInfo.processInfo.processIdentifier)"
  }

  /// An installation that many tests share: its server ends with the process.
  package static func shared(_ name: String) -> Sandbox {
    let sandbox = Sandbox(name)
    Leftovers.add(sandbox.home)
    return sandbox
  }

  /// Runs the built program in this installation.
  @discardableResult
  package func kvitt(
    _ arguments: String...,
    environment: [String: String] = [:]
  ) throws -> Finished {
    try kvitt(arguments, environment: environment)
  }

  /// Runs the built program in this installation.
  @discardableResult
  package func kvitt(
    _ arguments: [String],
    environment: [String: String] = [:]
  ) throws -> Finished {
    try execute(
      program,
      arguments,
      environment: environment.merging(["KVITT_HOME": home]) { old, _ in old }
    )
  }

  /// Runs a command of which two people decide as both of them.
  ///
  /// - Returns: What the second person was told, or the first where that ended otherwise than with 24.
  @discardableResult
  package func together(_ arguments: String...) throws -> Finished {
    try together(arguments)
  }

  /// Runs a command of which two people decide as both of them.
  @discardableResult
  package func together(_ arguments: [String]) throws -> Finished {
    let first = try kvitt(arguments)
    guard first.status == 24 else { return first }
    return try kvitt(arguments, environment: ["KVITT_LOGIN": "bo"])
  }

  /// The private cluster.
  package var cluster: Cluster {
    get throws { try Cluster(folder: home + "/cluster") }
  }

  /// A connection as the cluster's administrator.
  package func administrator(_ database: String = "kvitt") throws -> Connection {
    let cluster = try cluster
    return try Connection(
      cluster.parameters(user: cluster.superuser, database: database)
    )
  }

  /// The books in a role, as a login.
  package func books(_ role: BookRole, login: String = "kvitt_nightly") throws -> Books {
    try Books(cluster.parameters(user: login, database: "kvitt"), role: role)
  }

  /// Ends the server and deletes the folder.
  package func remove() throws {
    try kvitt("demo", "stop")
    try? FileManager.default.removeItem(atPath: home)
    try? FileManager.default.removeItem(atPath: home + "/cluster.lock")
  }

  /// Writes a file below the home folder; gives its path.
  @discardableResult
  package func write(_ text: String, _ path: String) throws -> String {
    let full = home + "/" + path
    try FileManager.default.createDirectory(
      atPath: (full as NSString).deletingLastPathComponent,
      withIntermediateDirectories: true
    )
    try text.write(toFile: full, atomically: false, encoding: .utf8)
    return full
  }
}

/// Folders of shared installations, removed when the process ends.
private enum Leftovers {
  nonisolated(unsafe) private static var homes: [String] = []
  private static let lock = NSLock()

  static func add(_ home: String) {
    lock.lock()
    defer { lock.unlock() }
    if homes.isEmpty {
      atexit {
        for home in Leftovers.homes { try? Sandbox.remove(home: home) }
      }
    }
    homes.append(home)
  }
}

extension Sandbox {
  fileprivate static func remove(home: String) throws {
    try execute(program, ["demo", "stop"], environment: ["KVITT_HOME": home])
    try? FileManager.default.removeItem(atPath: home)
  }
}
