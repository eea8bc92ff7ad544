import Civil
import Crypto
import Foundation
import Formats
package import Journal
package import Signing

/// Compares the files of the outbox with the books: statements with their manifests and signatures,
/// payment orders, pay-out files.
///
/// Both sides can have been changed. A file that our signature does not cover any more was changed
/// itself; where the signature still covers it, the books were.
package struct OutboxAudit {
  private let books: Books
  private let directory: Directory
  private let files: StatementFiles
  private let orders: OrderFiles
  private let outbox: String
  private let listing: OutboxListing
  private let certificates: [Certificate]

  /// - Parameters:
  ///   - books: The books, for reading.
  ///   - outbox: Folder of the files.
  ///   - certificates: The signers of this bank, now and before.
  /// - Throws: `DatabaseError`.
  package init(books: Books, outbox: String, certificates: [Certificate]) throws {
    self.books = books
    self.outbox = outbox
    self.certificates = certificates
    directory = try books.directory()
    files = StatementFiles(books: books, directory: directory, outbox: outbox)
    orders = OrderFiles(books: books, directory: directory, outbox: outbox)
    listing = OutboxListing(path: outbox)
  }

  /// Every difference with its place, and how much was compared.
  ///
  /// - Parameter since: A seal that was proved before; files of statements that were cut before it are not
  ///   read again.
  /// - Returns: What was found.
  /// - Throws: `DatabaseError`.
  package func report(since: Int64 = 0) throws -> OutboxReport {
    var report = OutboxReport()
    report.isVerified = !certificates.isEmpty
    let statements = try books.statements()
    var newest: [Int16: StoredStatement] = [:]
    for statement in statements {
      if statement.cutSeal >= since {
        try compare(statement, after: newest[statement.partner], &report)
      }
      newest[statement.partner] = statement
    }
    try compareOrders(statements.filter { $0.cutSeal >= since }, &report)
    try comparePayouts(&report)
    for name in try OutboxGuard(books: books, outbox: outbox).unknown() {
      report.unknown += 1
      report.tell(
        "outbox ahead",
        name,
        "these books never issued it",
        .outboxDiffers
      )
    }
    for name in listing.strangers { report.tell(stranger: name) }
    return report
  }

  // MARK: Statements

  private func compare(
    _ statement: StoredStatement,
    after earlier: StoredStatement?,
    _ report: inout OutboxReport
  ) throws {
    let folder = files.place(statement)
    let names = files.names(statement)
    let kept = try books.signatures(of: [names[1], names[3]].map { "\(folder)/\($0)" })
    guard !kept.isEmpty || listing.has(folder) else {
      report.unwritten += 1
      return
    }
    report.statements += 1
    for (place, signature) in kept { compare(signer: signature.signer, place, &report) }
    let manifest = try files.manifest(statement, after: earlier)
    let signed = signedManifest(folder)
    try compare(manifest, with: signed, statement, &report)
    let digests = [
      names[0]: statement.jsonDigest, names[1]: statement.lineDigest,
      names[3]: sha256(manifest.bytes).description,
    ].merging(
      kept.map { ("\($0.dropFirst(folder.utf8.count + 1)).p7s", sha256($1.body).description) }
    ) { first, _ in first }
    for name in names {
      try compare(folder, name, digests[name], signed: signed, &report)
    }
    for name in listing.names(folder) where !names.contains(name) {
      report.tell(stranger: "\(folder)/\(name)")
    }
  }

  /// The manifest on the disk where our signature covers it, nil otherwise.
  private func signedManifest(_ folder: String) -> Manifest? {
    let path = "\(outbox)/\(folder)/MANIFEST.sha256"
    guard let bytes = try? InputFile(path: path, sizeMax: 1 << 20).contents(),
      let signature = try? InputFile(path: path + ".p7s", sizeMax: 65_536).contents()
    else { return nil }
    // Whether the key was good on that day is asked when it signs; here, whose signature it is.
    let isOurs = certificates.contains { certificate in
      guard let first = try? certificate.validity().from else { return false }
      let signer = try? verify(
        signature: signature,
        content: bytes,
        enrolled: [certificate],
        at: first
      )
      return signer != nil
    }
    return isOurs ? try? Manifest(bytes: bytes, name: path) : nil
  }

  /// The manifest that the books would write now, beside the one that was signed and handed over.
  private func compare(
    _ manifest: Manifest,
    with signed: Manifest?,
    _ statement: StoredStatement,
    _ report: inout OutboxReport
  ) throws {
    let folder = files.place(statement)
    guard let signed else {
      guard !certificates.isEmpty, listing.has(folder + "/MANIFEST.sha256"),
        listing.has(folder + "/MANIFEST.sha256.p7s")
      else { return }
      report.tell(
        "manifest",
        "\(folder)/MANIFEST.sha256",
        "no signature of ours covers it",
        .signatureBad
      )
      return
    }
    guard signed != manifest else { return }
    let differsInSeal = signed.seal != manifest.seal
    report.tell(
      differsInSeal ? "published seal" : "published manifest",
      differsInSeal ? "leaf \(statement.runBatch)" : "statement \(statement.number)",
      differsInSeal
        ? "the manifest of \(statement.number) names another seal"
        : "the manifest that was signed names other digests, or another statement before"
    )
  }

  /// One file of a statement: there, and byte for byte what the books issued.
  private func compare(
    _ folder: String,
    _ name: String,
    _ digest: String?,
    signed: Manifest?,
    _ report: inout OutboxReport
  ) throws {
    let place = "\(folder)/\(name)"
    guard listing.has(place) else { return report.tell(missing: place) }
    let found = digestOfFile(place)
    guard let digest else {
      report.tell(
        "signatures",
        place,
        "the books keep no signature of this file"
      )
      return
    }
    guard found != digest else { return }
    let isSigned = signed?.files.contains { $0.name == name && $0.digest == found } == true
    report.tell(
      "outbox files",
      place,
      isSigned
        ? "signed as it is, and the books tell something else"
        : "its bytes are not those that were issued",
      isSigned ? .booksBroken : .digestDiffers
    )
  }

  // MARK: Orders and pay-outs

  private func compareOrders(
    _ statements: [StoredStatement],
    _ report: inout OutboxReport
  ) throws {
    for (batch, group) in Dictionary(grouping: statements, by: \.runBatch)
      .sorted(by: { $0.key < $1.key })
    {
      guard let first = group.first else { continue }
      let digest = sha256(try orders.bytes(runBatch: batch, date: first.businessDate)).description
      if try digest != books.sealedOrders(batch: batch) {
        report.tell("payment orders", "leaf \(batch)", "they are not those that were sealed")
      }
      if try compareSigned(orders.place(first.businessDate), digest, &report) { report.orders += 1 }
    }
    let known = Set(listing.orders.flatMap { [$0, $0 + ".p7s"] })
    for name in listing.names(OutboxListing.bank) where !known.contains(name) {
      report.tell(stranger: "\(OutboxListing.bank)/\(name)")
    }
  }

  private func comparePayouts(_ report: inout OutboxReport) throws {
    var known: Set<String> = []
    for file in try books.payoutDigests() {
      let name = "\(file.number).csv"
      known.formUnion([name, name + ".p7s"])
      let place = "\(OutboxListing.cardSystem)/\(name)"
      if try compareSigned(place, file.digest, &report) { report.payouts += 1 }
    }
    for name in listing.names(OutboxListing.cardSystem)
    where !known.contains(name) && !name.hasSuffix(".csv") {
      report.tell(stranger: "\(OutboxListing.cardSystem)/\(name)")
    }
  }

  /// A file and its signature beside it; false where neither was written yet.
  private func compareSigned(
    _ place: String,
    _ digest: String,
    _ report: inout OutboxReport
  ) throws -> Bool {
    let kept = try books.signatures(of: [place])[place]
    guard kept != nil || listing.has(place) else {
      report.unwritten += 1
      return false
    }
    if let kept { compare(signer: kept.signer, place, &report) }
    let signature = kept.map { sha256($0.body).description } ?? ""
    for (path, digest) in [(place, digest), (place + ".p7s", signature)] {
      guard listing.has(path) else {
        report.tell(missing: path)
        continue
      }
      compare(path, digest, &report)
    }
    return true
  }

  private func compare(_ name: String, _ digest: String, _ report: inout OutboxReport) {
    guard digestOfFile(name) != digest else { return }
    report.tell(
      "outbox files",
      name,
      "its bytes are not those that the books give",
      .digestDiffers
    )
  }

  /// A kept signature names a signer of this bank.
  private func compare(signer: String, _ name: String, _ report: inout OutboxReport) {
    guard !certificates.isEmpty,
      !certificates.contains(where: { $0.fingerprint.description == signer })
    else { return }
    report.tell(
      "signatures",
      name,
      "signed by \(signer.prefix(16)), of which no certificate is at hand"
    )
  }

  /// SHA-256 of a file in pieces of constant size; nil where it cannot be read as a regular file.
  private func digestOfFile(_ name: String) -> String? {
    guard let file = try? InputFile(path: "\(outbox)/\(name)") else { return nil }
    let hasher = Hasher256()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { buffer.deallocate() }
    while let count = try? file.read(into: buffer) {
      if count == 0 { return hasher.finish().description }
      hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
    return nil
  }
}

extension OutboxReport {
  fileprivate mutating func tell(
    _ check: String,
    _ place: String,
    _ detail: String,
    _ code: ErrorCode = .booksBroken
  ) {
    faults.append(LedgerFault(check: check, place: place, detail: detail, code: code))
  }

  fileprivate mutating func tell(missing place: String) {
    missing += 1
    tell("outbox files", place, "it was issued and is not there", .digestDiffers)
  }

  fileprivate mutating func tell(stranger place: String) {
    unknown += 1
    tell("outbox files", place, "nothing of these books belongs there", .digestDiffers)
  }
}
