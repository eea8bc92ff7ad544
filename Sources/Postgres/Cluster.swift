import Foundation
import Subprocess
import SystemPackage

/// A private PostgreSQL cluster of kvitt's own (D15).
///
/// Unix socket in a 0700 folder, peer
/// authentication with a map to the roles, checksums on, durable settings. As root the server runs
/// as `kvitt` or `postgres`.
package struct Cluster: Sendable {
  /// Folder that holds data and log.
  package let folder: String
  /// Folder of the unix socket; short, since a socket path has at most 107 bytes.
  package let socketFolder: String
  private let binaries: String
  private let account: (user: uid_t, group: gid_t)?

  /// Finds the server's programs and the account that shall run it.
  package init(folder: String) throws(ClusterError) {
    self.folder = folder
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in folder.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    socketFolder = "/tmp/kvitt-\(String(hash, radix: 36))"
    guard let binaries = Cluster.findBinaries() else {
      throw ClusterError("no PostgreSQL server programs found; apt-get install postgresql-15")
    }
    self.binaries = binaries
    if getuid() == 0 {
      guard let entry = getpwnam("kvitt") ?? getpwnam("postgres") else {
        throw ClusterError("as root the server needs an account kvitt or postgres")
      }
      account = (entry.pointee.pw_uid, entry.pointee.pw_gid)
    } else {
      account = nil
    }
  }

  /// Connection parameters for a login and database of this cluster.
  package func parameters(user: String, database: String) -> [String: String] {
    ["host": socketFolder, "user": user, "dbname": database, "application_name": "kvitt"]
  }

  /// Starts the cluster under a file lock, making it first where it is new; leaves it running.
  ///
  /// - Parameters:
  ///   - logins: Database logins that the caller's account may use.
  ///   - settings: Server settings beside the house's own.
  /// - Throws: `ClusterError` with the place of the server's log.
  package func start(logins: [String], settings: [String: String] = [:]) async throws {
    try prepareFolders()
    let lock = open(folder + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0 else { throw ClusterError("cannot write \(folder).lock") }
    defer { close(lock) }
    while flock(lock, LOCK_EX) != 0 {
      guard errno == EINTR else { throw ClusterError("cannot lock \(folder).lock") }
    }
    if isAnswering { return }
    if !isMade {
      try await initialise(logins: logins, settings: settings)
    }
    try await run(
      "pg_ctl",
      [
        "-w", "-t", "120", "-D", folder + "/data", "-l", folder + "/log",
        "-o", "-k \(socketFolder)", "start",
      ]
    )
    guard isAnswering else { throw ClusterError("the server did not start; see \(folder)/log") }
  }

  /// Stops the server, if it runs; true where it did.
  package func stop() async throws -> Bool {
    guard FileManager.default.fileExists(atPath: folder + "/data/postmaster.pid") else {
      return false
    }
    try await run("pg_ctl", ["-w", "-m", "fast", "-D", folder + "/data", "stop"])
    // Only an empty folder goes; the next start makes it anew.
    rmdir(socketFolder)
    return true
  }

  /// Whether the folder holds a cluster, running or not.
  package var isMade: Bool {
    FileManager.default.fileExists(atPath: folder + "/data/PG_VERSION")
  }

  /// Whether a server accepts connections on the socket.
  package var isAnswering: Bool {
    let parameters = parameters(user: superuser, database: "postgres")
    return (try? Connection(parameters)) != nil
  }

  /// The account that made the cluster: administrator of the database.
  package var superuser: String { "kvitt_admin" }

  private func prepareFolders() throws(ClusterError) {
    for path in [folder, socketFolder] {
      do {
        try FileManager.default.createDirectory(
          atPath: path,
          withIntermediateDirectories: true,
          attributes: [.posixPermissions: 0o700]
        )
      } catch {
        throw ClusterError("cannot make \(path)")
      }
      var info = stat()
      guard lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR else {
        throw ClusterError("\(path) is no folder")
      }
      if let account {
        guard info.st_uid == account.user || info.st_uid == 0 else {
          throw ClusterError("\(path) belongs to another account")
        }
        guard chown(path, account.user, account.group) == 0 else {
          throw ClusterError("cannot hand \(path) to the server's account")
        }
      } else if info.st_uid != getuid() {
        throw ClusterError("\(path) belongs to another account")
      }
    }
  }

  private func initialise(logins: [String], settings: [String: String]) async throws {
    let data = folder + "/data"
    try await run(
      "initdb",
      [
        "-D", data, "-U", superuser, "--data-checksums", "--locale=C", "-E", "UTF8",
        "--auth=peer", "--no-instructions",
      ]
    )
    var values = [
      "listen_addresses": "''", "max_wal_size": "8GB", "min_wal_size": "256MB",
      "shared_buffers": "512MB", "wal_compression": "lz4", "jit": "off",
      "max_locks_per_transaction": "2048", "client_connection_check_interval": "1s",
      "maintenance_work_mem": "256MB", "work_mem": "64MB", "timezone": "'UTC'",
      "log_timezone": "'UTC'", "max_parallel_workers_per_gather": "0",
      "max_parallel_maintenance_workers": "0", "checkpoint_timeout": "15min",
    ]
    values.merge(settings) { _, given in given }
    let lines = values.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)\n" }
    try append(lines.joined(), to: data + "/postgresql.conf")
    // Each name is copied at once: getpwuid reuses its buffer.
    let names = Set([getuid(), account?.user ?? getuid()]).compactMap { id in
      getpwuid(id).map { String(cString: $0.pointee.pw_name) }
    }
    let map = names.flatMap { name in
      (logins + [superuser]).map { "kvitt \(name) \($0)\n" }
    }
    try replace("local all all peer map=kvitt\n", at: data + "/pg_hba.conf")
    try replace(map.sorted().joined(), at: data + "/pg_ident.conf")
  }

  private func append(_ text: String, to path: String) throws {
    let old = try String(contentsOfFile: path, encoding: .utf8)
    try replace(old + text, at: path)
  }

  private func replace(_ text: String, at path: String) throws {
    try text.write(toFile: path, atomically: false, encoding: .utf8)
  }

  private func run(_ program: String, _ arguments: [String]) async throws {
    let path = binaries + "/" + program
    // The child changes its account by setpriv, not by Subprocess: its own change of groups runs
    // between fork and exec and can wait for ever for a thread that the child does not have.
    let (executable, words) =
      account.map { account in
        (
          "/usr/bin/setpriv",
          [
            "--reuid=\(account.user)", "--regid=\(account.group)", "--clear-groups", "--", path,
          ] + arguments
        )
      } ?? (path, arguments)
    let result = try await Subprocess.run(
      .path(FilePath(executable)),
      arguments: Arguments(words),
      environment: .inherit.updating(["LC_ALL": "C"]),
      workingDirectory: "/tmp",
      output: .discarded,
      error: .discarded
    )
    guard case .exited(0) = result.terminationStatus else {
      throw ClusterError("\(program) ended with \(result.terminationStatus); see \(folder)/log")
    }
  }

  private static func findBinaries() -> String? {
    let files = FileManager.default
    if let given = ProcessInfo.processInfo.environment["KVITT_PG_BINDIR"] { return given }
    let root = "/usr/lib/postgresql"
    let versions = ((try? files.contentsOfDirectory(atPath: root)) ?? [])
      .compactMap { Int($0) }.sorted(by: >)
    return versions.map { "\(root)/\($0)/bin" }
      .first { files.isExecutableFile(atPath: $0 + "/initdb") }
  }
}

/// The private cluster cannot be made or started.
package struct ClusterError: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) {
    self.description = description
  }
}
