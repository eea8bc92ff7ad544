import Foundation
import Journal
import Postgres

extension Sandbox {
  /// A small world, so that a night takes well under a second.
  package static let smallWorld = ["--members", "600", "--records", "400", "--seed", "11"]

  /// Fills the installation with nights of the small world.
  @discardableResult
  package func fill(nights: Int) throws -> Finished {
    try sharePartnerKeys()
    return try kvitt(["demo", "start", "--nights", String(nights)] + Sandbox.smallWorld)
  }

  /// What the simulator says is true.
  package func truth() throws -> [String: Any] {
    let data = try Data(contentsOf: URL(fileURLWithPath: home + "/world/truth.json"))
    return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
  }

  /// The newest seal of a business date, and the digests of all data files in the outbox.
  package func state(through date: String) throws -> String {
    let connection = try administrator()
    let seal = try connection.run(
      """
      SELECT s.seal_no || ' ' || encode(s.seal, 'hex') FROM kvitt.seal s JOIN kvitt.batch b ON b.id = s.batch_id
       WHERE b.business_date <= \(date)::date ORDER BY s.seal_no DESC LIMIT 1
      """
    )
    let files = try shell(
      """
      cd \(home)/outbox && find . -type f ! -name '*.p7s' ! -name '*.part' | sort \
        | xargs sha256sum
      """
    )
    return try (seal.first?.string(0) ?? "none") + "\n" + files.output
  }

  /// Prepares an installation by hand, the way an engineer would: terms and keys.
  package func prepare() throws {
    try kvitt("db", "migrate")
    try kvitt("key", "create", "--name", "Northbank", "--from", "2026-01-01", "--to", "2036-01-01")
    let terms = try shell("ls \(repository)/Settlement/*/*.yaml").output.split(separator: "\n")
    try apply(terms.map(String.init))
    try sharePartnerKeys()
  }

  /// Gives standing approvals of two people; a certificate that is enrolled later ends its partner's.
  package func giveStandings() throws {
    for (index, partner) in ["BOK", "KFH", "LUM", "NVA"].enumerated() {
      try kvitt(
        "settle",
        "standing",
        "prepare",
        partner,
        "--to-partner",
        "100000000",
        "--to-issuer",
        "100000000",
        "--month-to-partner",
        "400000000",
        "--month-to-issuer",
        "400000000",
        "--expires",
        "2036-01-01"
      )
      try kvitt("settle", "standing", "give", String(index + 1), environment: ["KVITT_LOGIN": "bo"])
    }
  }

  /// Enrols a partner's certificate as two people.
  @discardableResult
  package func enrolSigner(_ partner: String, _ file: String) throws -> Finished {
    try kvitt("partner", "cert", partner, file)
    return try kvitt("partner", "cert", partner, file, environment: ["KVITT_LOGIN": "bo"])
  }

  /// Gives the simulated partners the keys that all installations of this process give them: which certificates
  /// are enrolled is under the seals.
  package func sharePartnerKeys() throws {
    let keys = try Sandbox.partnerKeys.get()
    try shell("mkdir -p \(home)/world && chmod 750 \(home)/world")
    try shell("rm -rf \(home)/world/partner-keys && cp -a \(keys) \(home)/world/partner-keys")
  }

  private static let partnerKeys: Result<String, any Error> = Result {
    let maker = Sandbox.shared("partners")
    try maker.kvitt(
      "key",
      "create",
      "--name",
      "Partners",
      "--from",
      "2026-01-01",
      "--to",
      "2036-01-01"
    )
    return maker.home + "/keys"
  }

  /// Loads files of terms as two people.
  @discardableResult
  package func apply(_ files: [String]) throws -> Finished {
    try kvitt(["partner", "terms", "apply"] + files)
    return try kvitt(
      ["partner", "terms", "apply"] + files,
      environment: ["KVITT_LOGIN": "bo"]
    )
  }

  /// Enrols the members and the certificate of a simulated world that lives in this home.
  package func enrolWorld() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: home + "/world/members")
    for programme in files.map({ $0.replacing(".csv", with: "") }).sorted() {
      try together(
        "member",
        "import",
        home + "/world/members/\(programme).csv",
        "--programme",
        programme
      )
    }
    for partner in ["NVA", "LUM", "BOK", "KFH"] {
      try enrolSigner(partner, home + "/world/partner-keys/signer.pem")
    }
  }
}
