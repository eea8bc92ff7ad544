internal import CLibPQ
import Foundation

/// One connection to PostgreSQL.
///
/// Statements of several threads take turns; one COPY is one turn.
package final class Connection: @unchecked Sendable {
  private let raw: OpaquePointer
  private let turn = NSRecursiveLock()

  /// Connects by libpq keywords such as `host`, `dbname` and `user`.
  package init(_ parameters: [String: String]) throws(DatabaseError) {
    let pairs = parameters.sorted { $0.key < $1.key }
    var keys: [UnsafePointer<CChar>?] = pairs.map { UnsafePointer(duplicate($0.key)) } + [nil]
    var values: [UnsafePointer<CChar>?] = pairs.map { UnsafePointer(duplicate($0.value)) } + [nil]
    defer { for pointer in keys + values { pointer?.deallocate() } }
    guard let raw = PQconnectdbParams(&keys, &values, 1) else {
      throw DatabaseError(.unavailable, sqlState: "", message: "out of memory")
    }
    self.raw = raw
    guard PQstatus(raw) == CONNECTION_OK else {
      let message = trimmed(String(cString: PQerrorMessage(raw)))
      throw DatabaseError(.unavailable, sqlState: "08001", message: message)
    }
    PQsetNoticeProcessor(raw, { _, _ in }, nil)
  }

  deinit {
    PQfinish(raw)
  }

  /// Process id of the server process behind this connection.
  package var backendID: Int32 { PQbackendPID(raw) }

  /// Runs one statement and gives its rows.
  @discardableResult
  package func run(
    _ query: Query,
    file: StaticString = #fileID,
    line: Int = #line
  ) throws(DatabaseError) -> Rows {
    turn.lock()
    defer { turn.unlock() }
    let copies = query.binds.map { $0.map(duplicate) }
    let values: [UnsafePointer<CChar>?] = copies.map { $0.map { UnsafePointer($0) } }
    defer { for copy in copies { copy?.deallocate() } }
    let answer =
      values.isEmpty
      ? PQexec(raw, query.sql)
      : PQexecParams(
        raw,
        query.sql,
        Int32(values.count),
        nil,
        values,
        query.binds.map { $0?.length ?? 0 },
        query.binds.map { $0?.format ?? 0 },
        0
      )
    return Rows(try checked(answer, file: file, line: line), at: (file, line))
  }

  /// Runs the body in a transaction that commits when the body returns.
  ///
  /// A connection that is lost while COMMIT was on its way throws with outcome `unknown`.
  package func transaction<Value>(
    isolation: String = "READ COMMITTED",
    _ body: () throws -> Value
  ) throws -> Value {
    try run(Query(trusted: "BEGIN ISOLATION LEVEL \(isolation)"))
    let value: Value
    do {
      value = try body()
    } catch {
      _ = try? run("ROLLBACK")
      throw error
    }
    do {
      let answer = PQexec(raw, "COMMIT")
      let tag = answer.map { String(cString: PQcmdStatus($0)) }
      PQclear(try checked(answer, file: #fileID, line: #line))
      guard tag == "COMMIT" else {
        throw DatabaseError(.refused, sqlState: "25P02", message: "the transaction was aborted")
      }
    } catch let error as DatabaseError
      where PQstatus(raw) != CONNECTION_OK || error.sqlState.hasPrefix("08")
    {
      throw DatabaseError(.unknown, sqlState: error.sqlState, message: error.message)
    }
    return value
  }

  /// Streams bytes into `COPY … FROM STDIN`; the body calls `send` as often as it likes.
  package func copyIn(
    _ query: Query,
    file: StaticString = #fileID,
    line: Int = #line,
    _ body: (_ send: (UnsafeRawBufferPointer) throws -> Void) throws -> Void
  ) throws {
    turn.lock()
    defer { turn.unlock() }
    try beginCopy(query, expect: PGRES_COPY_IN, file: file, line: line)
    do {
      try body { buffer in
        guard
          PQputCopyData(
            raw,
            buffer.baseAddress?.assumingMemoryBound(to: CChar.self),
            Int32(buffer.count)
          ) == 1
        else { throw failure(nil, file: file, line: line) }
      }
    } catch {
      PQputCopyEnd(raw, "the client gave up")
      drain()
      throw error
    }
    guard PQputCopyEnd(raw, nil) == 1 else { throw failure(nil, file: file, line: line) }
    try finishCopy(file: file, line: line)
  }

  /// Streams the rows of `COPY … TO STDOUT`, one chunk of bytes a row.
  package func copyOut(
    _ query: Query,
    file: StaticString = #fileID,
    line: Int = #line,
    _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    turn.lock()
    defer { turn.unlock() }
    try beginCopy(query, expect: PGRES_COPY_OUT, file: file, line: line)
    var chunk: UnsafeMutablePointer<CChar>?
    while true {
      let count = PQgetCopyData(raw, &chunk, 0)
      guard count > 0 else { break }
      defer { PQfreemem(chunk) }
      try body(UnsafeRawBufferPointer(start: chunk, count: Int(count)))
    }
    try finishCopy(file: file, line: line)
  }

  private func beginCopy(
    _ query: Query,
    expect status: ExecStatusType,
    file: StaticString,
    line: Int
  ) throws(DatabaseError) {
    precondition(query.binds.isEmpty, "COPY takes no parameters")
    let answer = PQexec(raw, query.sql)
    guard PQresultStatus(answer) == status else {
      throw failure(answer, file: file, line: line)
    }
    PQclear(answer)
  }

  private func finishCopy(file: StaticString, line: Int) throws(DatabaseError) {
    let answer = PQgetResult(raw)
    guard PQresultStatus(answer) == PGRES_COMMAND_OK else {
      let error = failure(answer, file: file, line: line)
      drain()
      throw error
    }
    PQclear(answer)
    drain()
  }

  private func drain() {
    while let rest = PQgetResult(raw) { PQclear(rest) }
  }

  private func checked(
    _ answer: OpaquePointer?,
    file: StaticString,
    line: Int
  ) throws(DatabaseError) -> OpaquePointer {
    let status = PQresultStatus(answer)
    guard let answer, status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK else {
      throw failure(answer, file: file, line: line)
    }
    return answer
  }

  private func failure(
    _ answer: OpaquePointer?,
    file: StaticString,
    line: Int
  ) -> DatabaseError {
    defer { PQclear(answer) }
    let field = { (code: Character) -> String? in
      guard let answer, let ascii = code.asciiValue,
        let text = PQresultErrorField(answer, Int32(ascii))
      else { return nil }
      return String(cString: text)
    }
    return DatabaseError(
      .refused,
      sqlState: field("C") ?? "08006",
      message: field("M") ?? trimmed(String(cString: PQerrorMessage(raw))),
      file: file,
      line: line
    )
  }
}

extension BoundValue {
  /// Bytes of a binary value; libpq ignores it for texts.
  fileprivate var length: Int32 {
    switch self {
    case .text: 0
    case .binary(let bytes): Int32(bytes.count)
    }
  }

  /// 0 for text, 1 for binary.
  fileprivate var format: Int32 {
    switch self {
    case .text: 0
    case .binary: 1
    }
  }
}

private func duplicate(_ value: BoundValue) -> UnsafeMutablePointer<CChar> {
  switch value {
  case .text(let text): return duplicate(text)
  case .binary(let bytes):
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
    UnsafeMutableRawBufferPointer(start: copy, count: bytes.count).copyBytes(from: bytes)
    return copy
  }
}

private func duplicate(_ text: String) -> UnsafeMutablePointer<CChar> {
  let bytes = Array(text.utf8CString)
  let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
  copy.initialize(from: bytes, count: bytes.count)
  return copy
}

private func trimmed(_ text: String) -> String {
  String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
}
