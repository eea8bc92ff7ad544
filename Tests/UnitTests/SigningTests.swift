import Crypto
import Foundation
import Signing
import TestSupport
import Testing

@Suite struct SigningTests {
  private let now: Int64 = 1_795_000_000
  private let content = Array("H;one\r\nT;2\r\n".utf8)

  private func keys(_ name: String = "Test") throws -> (TrialKeys, SigningKey) {
    let keys = try TrialKeys(name: name, validFrom: now - 1_000, validTo: now + 1_000)
    return (keys, try SigningKey(keyPEM: keys.key, certificatePEM: keys.signer))
  }

  @Test func `a signature holds for its bytes and its pinned signer`() throws {
    let (_, key) = try keys()
    let signature = try key.sign(content)
    let signer = try verify(
      signature: signature,
      content: content,
      enrolled: [key.certificate],
      at: now
    )
    #expect(signer == key.certificate.fingerprint)
  }

  @Test func `a certificate counts from its first second to the last but one`() throws {
    let (_, key) = try keys()
    let signature = try key.sign(content)
    for (moment, counts) in [
      (now - 1_001, false), (now - 1_000, true), (now + 999, true), (now + 1_000, false),
    ] {
      let check = {
        try verify(
          signature: signature,
          content: content,
          enrolled: [key.certificate],
          at: moment
        )
      }
      if counts {
        #expect(try check() == key.certificate.fingerprint)
      } else {
        #expect(throws: SigningFailure.outsideValidity) { try check() }
      }
    }
  }

  @Test func `each fault has a word of its own`() throws {
    let (_, key) = try keys()
    let (_, other) = try keys("Other")
    let signature = try key.sign(content)
    let fault = { (signature: [UInt8], content: [UInt8], enrolled: [Certificate], at: Int64) in
      #expect(throws: SigningFailure.self) {
        try verify(signature: signature, content: content, enrolled: enrolled, at: at)
      }
    }
    let pinned = [key.certificate]
    #expect(fault(signature, content + [1], pinned, now) == .mismatch(textMode: false))
    let unix = content.filter { $0 != 0x0D }
    #expect(fault(signature, unix, pinned, now) == .mismatch(textMode: true))
    #expect(fault(signature, content, pinned, now + 2_000) == .outsideValidity)
    #expect(fault(signature + [0], content, pinned, now) == .malformed)
    #expect(fault([], content, pinned, now) == .malformed)
    guard case .unknownSigner = fault(signature, content, [other.certificate], now) else {
      Issue.record("another signer is not named")
      return
    }
    guard case .unknownSigner = fault(signature, content, [], now) else {
      Issue.record("nobody enrolled is not named")
      return
    }
  }

  @Test func `a key of another certificate is refused`() throws {
    let (one, _) = try keys()
    let (two, _) = try keys()
    #expect(throws: SigningFailure.self) {
      try SigningKey(keyPEM: one.key, certificatePEM: two.signer)
    }
  }

  @Test func `no flipped bit of a signature is accepted for other content`() throws {
    let (_, key) = try keys()
    let signature = try key.sign(content)
    for index in stride(from: 0, to: signature.count, by: 3) {
      var changed = signature
      changed[index] ^= 0x10
      let taken = try? verify(
        signature: changed,
        content: content + [1],
        enrolled: [key.certificate],
        at: now
      )
      #expect(taken == nil)
    }
  }

  @Test func `a signature of another form is told by its name`() throws {
    let (_, key) = try keys()
    for (head, form) in [
      ("-----BEGIN CMS-----\n", "PEM"), ("-----BEGIN PKCS7-----\n", "PEM"),
      ("MIME-Version: 1.0\n", "S/MIME"), ("Content-Type: application/pkcs7-mime\n", "S/MIME"),
    ] {
      let error = #expect(throws: SigningFailure.self) {
        try verify(
          signature: Array((head + "AAAA\n").utf8),
          content: content,
          enrolled: [key.certificate],
          at: now
        )
      }
      #expect(error == .text(form) && error?.description.contains("outform DER") == true)
    }
  }

  /// A partner with stock openssl: what it signs, how, and what the house's policy and the pinned line say.
  @Test(
    arguments: [
      ("ec", "-md sha256", nil, true), ("rsa2048", "-md sha512", nil, true),
      ("ec", "-md sha256 -nocerts", .noCertificate, true),
      // openssl cannot be told to refuse a digest; kvitt does, and the manual says so.
      ("ec", "-md sha1", .weak("digest algorithm SHA1"), true),
      ("rsa2048", "-md md5", .weak("digest algorithm MD5"), true),
      ("rsa1024", "-md sha256", .weak("a key of 1024 bits"), false),
      ("issued", "-md sha256", .unknownSigner(fingerprint: ""), false),
    ] as [(String, String, SigningFailure?, Bool)]
  )
  func `policy and pinned line on what stock openssl signs`(
    _ signer: String,
    _ how: String,
    _ failure: SigningFailure?,
    _ isTakenByLine: Bool
  ) throws {
    let folder = "/tmp/kvitt-cms-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let pinned = signer == "issued" ? "ec" : signer
    let made = try shell(
      """
      set -e
      printf 'H;one\\r\\nT;2\\r\\n' > S.csv
      usage="-addext keyUsage=digitalSignature,keyCertSign"
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ec.key \
        -subj /CN=ec -days 2 $usage -out ec.pem 2>/dev/null
      for bits in 1024 2048; do
        openssl req -x509 -newkey rsa:$bits -nodes -keyout rsa$bits.key -subj /CN=rsa$bits -days 2 \
          $usage -out rsa$bits.pem 2>/dev/null
      done
      openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout issued.key \
        -subj /CN=issued -out issued.csr 2>/dev/null
      openssl x509 -req -in issued.csr -CA ec.pem -CAkey ec.key -CAcreateserial -days 1 \
        -out issued.pem 2>/dev/null
      openssl cms -sign -binary -in S.csv -signer \(signer).pem -inkey \(signer).key -outform DER \
        \(how) -out S.csv.p7s
      """,
      folder: folder
    )
    #expect(made.status == 0, "\(made.errors)")
    let read = { (name: String) in
      Array(try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)))
    }
    let certificate = try Certificate(bytes: read(pinned + ".pem"))
    let moment = try certificate.validity().from + 60
    var said: SigningFailure?
    do throws(SigningFailure) {
      _ = try verify(
        signature: (try? read("S.csv.p7s")) ?? [],
        content: content,
        enrolled: [certificate],
        at: moment
      )
    } catch {
      said = error
    }
    if case .unknownSigner = failure, case .unknownSigner = said {
    } else {
      #expect(said == failure)
    }
    let line = pinnedLine(signer: pinned + ".pem", at: moment)
    #expect((try shell(line, folder: folder).status == 0) == isTakenByLine)
    // After its last day nobody takes it.
    let late = pinnedLine(signer: pinned + ".pem", at: moment + 10 * 86_400)
    #expect(try shell(late, folder: folder).status != 0)
  }

  /// The line that `kvitt statement verify` prints.
  private func pinnedLine(signer: String, at seconds: Int64) -> String {
    "openssl cms -verify -binary -inform DER -in S.csv.p7s -content S.csv -certfile \(signer) "
      + "-nointern -CAfile \(signer) -partial_chain -no-CApath -no-CAstore -purpose any "
      + "-auth_level 2 -attime \(seconds) -out /dev/null"
  }

  /// The partner's one line, with stock openssl: good, tampered, another signer under the same CA.
  @Test func `stock openssl takes the signature by the pinned line and nothing else`() throws {
    let seconds = Int64(Date().timeIntervalSince1970)
    let keys = try TrialKeys(name: "Pin", validFrom: seconds - 10, validTo: seconds + 1_000)
    let key = try SigningKey(keyPEM: keys.key, certificatePEM: keys.signer)
    let folder = "/tmp/kvitt-cms-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (name, bytes) in [
      ("S.csv", content), ("S.csv.p7s", try key.sign(content)), ("signer.pem", keys.signer),
      ("ca.pem", keys.authority), ("ca.key", keys.authorityKey),
    ] { try Data(bytes).write(to: URL(fileURLWithPath: folder + "/" + name)) }
    let line = pinnedLine(signer: "signer.pem", at: seconds)
    #expect(try shell(line, folder: folder).status == 0)
    let other = """
      openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout o.key \
        -subj /CN=other -out o.csr 2>/dev/null
      openssl x509 -req -in o.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 1 -out o.pem
      openssl cms -sign -binary -in S.csv -signer o.pem -inkey o.key -outform DER -out S.csv.p7s
      """
    #expect(try shell("printf x >> S.csv; \(line)", folder: folder).status == 4)
    try Data(content).write(to: URL(fileURLWithPath: folder + "/S.csv"))
    #expect(try shell("\(other)\n\(line)", folder: folder).status == 4)
  }
}
