import Civil
import Journal
import Postgres
import Signing
import TestSupport
import Testing

/// Partners' certificates: two people enrol one, one person withdraws it, and unfit ones are refused.
@Suite(.serialized) struct SignerTests {
  /// Makes a key and a certificate with stock openssl; gives the path of the certificate.
  private func certificate(_ name: String, _ how: String) throws -> String {
    let folder = BookSuite.sandbox.home + "/signers"
    let made = try shell(
      """
      mkdir -p \(folder) && cd \(folder) && openssl req -x509 -nodes -days 400 -subj /CN=\(name) \
        \(how) -keyout \(name).key -out \(name).pem
      """
    )
    try #require(made.status == 0, "\(made.errors)")
    return "\(folder)/\(name).pem"
  }

  private let curve = "-newkey ec -pkeyopt ec_paramgen_curve:P-256"
  private let end = "-addext basicConstraints=critical,CA:FALSE -addext keyUsage=digitalSignature"

  private func kvitt(_ words: String..., login: String, database: String) throws -> Finished {
    let parameters = try BookSuite.sandbox.cluster.parameters(user: login, database: database)
    let connection = ["host", "user", "dbname"].compactMap { key in
      parameters[key].map { "\(key)=\($0)" }
    }
    return try BookSuite.sandbox.kvitt(
      words,
      environment: ["KVITT_DB": connection.joined(separator: " ")]
    )
  }

  @Test func `a certificate counts with the second person, until somebody withdraws it`() throws {
    let admin = try BookSuite.database("signers")
    let file = try certificate("partner", "\(curve) \(end)")
    let today = try #require(
      CivilDate(try admin.run("SELECT current_date::text").first?.string(0) ?? "")
    )
    let books = try BookSuite.books("signers", .read, login: "anna")
    let nva = try #require(try books.directory().partner("NVA")).id
    let before = try books.signers(partner: nva, on: today).count
    let first = try kvitt("partner", "cert", "NVA", file, login: "anna", database: "signers")
    #expect(first.status == 24 && first.output.contains("second person"), "\(first.errors)")
    // The same person again is no second one.
    let again = try kvitt("partner", "cert", "NVA", file, login: "anna", database: "signers")
    #expect(again.status == 24 || again.errors.contains("KV-SET-004"), "\(again.errors)")
    #expect(try books.signers(partner: nva, on: today).count == before)
    let second = try kvitt("partner", "cert", "NVA", file, login: "bo", database: "signers")
    #expect(second.status == 0, "\(second.errors)")
    #expect(try books.signers(partner: nva, on: today).count == before + 1)
    // The database keeps the two apart, whatever a client says.
    let bo = try BookSuite.connection("signers", "kvitt_finance", login: "bo")
    let alone = """
      INSERT INTO signer (partner, fingerprint, certificate, valid_from, valid_to)
      VALUES (1, sha256('x'), 'x', '2020-01-01', '2040-01-01')
      """
    try bo.run(Query(trusted: alone))
    let error = #expect(throws: DatabaseError.self) {
      try bo.run(
        "INSERT INTO signer_decision (partner, fingerprint, proposed_by) VALUES (1, sha256('x'), 'bo')"
      )
    }
    #expect(error?.sqlState == "23514")
    let own = try books.signers().last { $0.partner == nva && $0.decidedBy == "bo" }
    let print = try #require(own).fingerprint
    let gone = try kvitt(
      "partner",
      "withdraw-cert",
      "NVA",
      print,
      "--reason",
      "lost",
      login: "anna",
      database: "signers"
    )
    #expect(gone.status == 0 && gone.output.contains("withdrawn by anna"), "\(gone.errors)")
    #expect(try books.signers(partner: nva, on: today).count == before)
    let back = try kvitt("partner", "cert", "NVA", file, login: "bo", database: "signers")
    #expect(back.status != 0 && back.errors.contains("does not come back"), "\(back.errors)")
  }

  @Test(arguments: [
    ("rsa1024", "-newkey rsa:1024", "a key of 1024 bits"),
    ("authority", "-newkey ec -pkeyopt ec_paramgen_curve:P-256", "an authority's"),
    ("small", "-newkey ec -pkeyopt ec_paramgen_curve:prime192v1", "a key of 192 bits"),
    ("server", "-newkey rsa:2048 -addext extendedKeyUsage=serverAuth,clientAuth", "for TLS alone"),
    ("cipher", "-newkey rsa:2048 -addext keyUsage=keyEncipherment", "not for signatures"),
  ])
  func `a certificate that is not fit to sign is refused at enrolment`(
    _ name: String,
    _ how: String,
    _ told: String
  ) throws {
    _ = try BookSuite.database("unfit")
    let isEnd = name == "authority" ? "" : "-addext basicConstraints=critical,CA:FALSE"
    let file = try certificate(name, "\(how) \(isEnd)")
    let said = try kvitt("partner", "cert", "NVA", file, login: "anna", database: "unfit")
    #expect(said.status != 0 && said.errors.contains(told), "\(said.status) \(said.errors)")
    #expect(said.errors.contains("KV-SIG-006"))
  }
}
