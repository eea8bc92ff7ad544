import Civil
import Crypto
import Foundation
import Formats
package import Journal
package import Signing

/// Puts statements into the outbox: line file, JSON lines, manifest, two signatures.
///
/// The data files are made anew from the books and give the same bytes every time; a signature is
/// made once and kept in the books, so a second writing repeats the first (D9).
package struct StatementFiles {
  private let books: Books
  private let rendering: StatementRendering
  private let directory: Directory
  private let outbox: String

  package init(books: Books, directory: Directory, outbox: String) {
    self.books = books
    self.directory = directory
    self.outbox = outbox
    rendering = StatementRendering(books: books, directory: directory)
  }

  /// Folder of a statement's files below the outbox.
  func place(_ statement: StoredStatement) -> String {
    "\(directory.partner(id: statement.partner)?.code ?? "-")/\(statement.number)"
  }

  /// Folder of a statement's files.
  package func folder(_ statement: StoredStatement) -> String {
    "\(outbox)/\(place(statement))"
  }

  /// Names of a statement's files, in the order in which they are written.
  func names(_ statement: StoredStatement) -> [String] {
    let name = "\(statement.number)_v1"
    return [
      "\(name).jsonl", "\(name).csv", "\(name).csv.p7s", "MANIFEST.sha256", "MANIFEST.sha256.p7s",
    ]
  }

  /// Writes what is missing of a statement; complete files are left alone.
  ///
  /// - Returns: Whether anything was written.
  @discardableResult
  package func write(_ statement: StoredStatement, key: SigningKey) throws -> Bool {
    let folder = folder(statement)
    let names = names(statement)
    if names.allSatisfy({ FileManager.default.fileExists(atPath: "\(folder)/\($0)") }) {
      return false
    }
    let rendered = try rendering.statement(statement)
    let lineFile = rendered.bytes { sha256($0).description }
    let jsonFile = rendered.jsonLines()
    guard sha256(lineFile).description == statement.lineDigest,
      sha256(jsonFile).description == statement.jsonDigest
    else {
      throw Refusal(
        .booksBroken,
        "the lines of \(statement.number) no longer give the bytes that were sealed"
      )
    }
    let earlier = try books.statements(partner: statement.partner)
      .last { $0.sequence == statement.sequence - 1 }
    let manifest = try manifest(statement, after: earlier)
    let signatures = try signatures(
      statement,
      key: key,
      [(names[1], lineFile), (names[3], manifest.bytes)]
    )
    try makeFolder(folder)
    try writeFile(jsonFile, at: "\(folder)/\(names[0])")
    try writeFile(lineFile, at: "\(folder)/\(names[1])")
    try writeFile(signatures[0], at: "\(folder)/\(names[2])")
    try writeFile(manifest.bytes, at: "\(folder)/\(names[3])")
    try writeFile(signatures[1], at: "\(folder)/\(names[4])")
    return true
  }

  /// The manifest of a statement.
  ///
  /// - Parameters:
  ///   - statement: What it lists.
  ///   - earlier: The partner's statement before, nil for the first of ours.
  /// - Returns: What was signed, where the books still say the same.
  /// - Throws: `DatabaseError`.
  func manifest(
    _ statement: StoredStatement,
    after earlier: StoredStatement?
  ) throws -> Manifest {
    let names = names(statement)
    return Manifest(
      statement: statement.number,
      seal: try books.seal(ofBatch: statement.runBatch),
      previousNumber: earlier?.number ?? "",
      previousDigest: earlier?.lineDigest ?? "",
      files: [
        (names[1], statement.lineDigest), (names[0], statement.jsonDigest),
      ]
    )
  }

  /// The kept signatures, made now where they are missing.
  private func signatures(
    _ statement: StoredStatement,
    key: SigningKey,
    _ files: [(name: String, bytes: [UInt8])]
  ) throws -> [[UInt8]] {
    let kept = try books.signatures(statement.id)
    for file in files where !kept.contains(where: { $0.file == file.name }) {
      let body: [UInt8]
      do {
        body = try key.sign(file.bytes)
      } catch {
        throw Refusal(.keyProblem, error.description)
      }
      try books.transaction {
        try books.keep(
          StoredSignature(
            file: file.name,
            digest: sha256(file.bytes).description,
            signer: key.certificate.fingerprint.description,
            body: body
          ),
          statement: statement.id
        )
      }
    }
    // Read back: where another process was first, its signature is the one that stands.
    let standing = try books.signatures(statement.id)
    return try files.map { file in
      guard let signature = standing.first(where: { $0.file == file.name }),
        signature.digest == sha256(file.bytes).description
      else {
        throw Refusal(
          .booksBroken,
          "the kept signature of \(file.name) was made over other bytes"
        )
      }
      return signature.body
    }
  }

  /// Name of the file of payment orders of a business date.
  func ordersName(_ date: CivilDate) -> String { "orders-\(date.compact).csv" }

  /// The bytes of the payment orders of a settlement run.
  func orders(runBatch: Int64, date: CivilDate) throws -> [UInt8] {
    PaymentOrders(
      sender: directory.entity,
      date: date,
      orders: try books.paymentOrders(runBatch: runBatch)
    ).bytes { sha256($0).description }
  }

  /// Writes the payment orders of a settlement run.
  package func writeOrders(_ statements: [StoredStatement]) throws {
    guard let first = statements.first else { return }
    let folder = "\(outbox)/\(OutboxListing.bank)"
    try makeFolder(folder)
    let path = "\(folder)/\(ordersName(first.businessDate))"
    if !FileManager.default.fileExists(atPath: path) {
      try writeFile(orders(runBatch: first.runBatch, date: first.businessDate), at: path)
    }
  }
}
