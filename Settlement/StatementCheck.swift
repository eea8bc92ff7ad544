package import Crypto
import Foundation
import Formats
package import Signing

/// One line of what `statement verify` found.
package struct StatementFinding: Sendable {
  package let check: String
  package let detail: String
}

/// Verifies a statement by its files alone: signature, pinned signer, digests, totals, continuity.
package struct StatementCheck {
  private let certificates: [Certificate]
  private let seconds: Int64

  /// - Parameters:
  ///   - certificates: The signers that are pinned.
  ///   - seconds: The checked time, since 1970.
  package init(certificates: [Certificate], at seconds: Int64) {
    self.certificates = certificates
    self.seconds = seconds
  }

  /// Checks the line file at a path with what lies beside it; the first bad check is thrown.
  package func verify(path: String) throws -> [StatementFinding] {
    let folder =
      path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]) : "."
    let lineFile = try contents(path)
    let signer = try signed(lineFile, by: path + ".p7s", name: path)
    let manifestPath = folder + "/MANIFEST.sha256"
    let manifestBytes = try contents(manifestPath)
    _ = try signed(manifestBytes, by: manifestPath + ".p7s", name: manifestPath)
    let manifest = try Manifest(bytes: manifestBytes, name: manifestPath)
    for file in manifest.files {
      guard sha256(try contents(folder + "/" + file.name)).description == file.digest else {
        throw Refusal(
          .digestDiffers,
          "\(file.name) is not what the manifest names",
          at: Place(file: path)
        )
      }
    }
    let statement = try Statement(bytes: lineFile, name: path) { sha256($0).description }
    guard statement.number == manifest.statement else {
      throw Refusal(
        .digestDiffers,
        "the manifest is of \(manifest.statement)",
        at: Place(file: path)
      )
    }
    let settled = statement.lines.count { $0.section == .settled }
    return [
      StatementFinding(
        check: "signature, CMS",
        detail: "signer sha256 \(signer.short) pinned"
      ),
      StatementFinding(
        check: "digests in manifest",
        detail: manifest.files.map(\.name).joined(separator: ", ")
      ),
      StatementFinding(
        check: "line counts and totals",
        detail: "settled \(settled) lines, filed \(statement.lines.count - settled) lines; "
          + "totals and trailer agree"
      ),
      StatementFinding(
        check: "opening balance",
        detail: try continuity(statement, manifest, folder: folder)
      ),
    ]
  }

  private func continuity(
    _ statement: Statement,
    _ manifest: Manifest,
    folder: String
  ) throws -> String {
    guard !manifest.previousNumber.isEmpty else {
      // The first of ours may go on from a statement of the bank's system before (G3).
      guard statement.sequence == 1 else {
        return "follows statement \(statement.sequence - 1) of the system before: not checked"
      }
      guard statement.opening == 0 else {
        throw Refusal(.continuityBroken, "a first statement must open with zero")
      }
      return "first statement, opens with zero"
    }
    let before = manifest.previousNumber
    let path = "\(folder)/../\(before)/\(before)_v1.csv"
    guard FileManager.default.fileExists(atPath: path) else {
      return "\(before) is not beside this one: not checked"
    }
    let bytes = try contents(path)
    guard sha256(bytes).description == manifest.previousDigest else {
      throw Refusal(.continuityBroken, "\(before) is not the file that this statement follows")
    }
    let previous = try Statement(bytes: bytes, name: path) { sha256($0).description }
    guard previous.closing == statement.opening, previous.sequence + 1 == statement.sequence else {
      throw Refusal(
        .continuityBroken,
        "opening is not the closing of \(before)"
      )
    }
    return "= closing of \(before)"
  }

  private func signed(_ content: [UInt8], by path: String, name: String) throws -> Digest {
    guard FileManager.default.fileExists(atPath: path) else {
      throw Refusal(.signatureMissing, "no signature beside the file", at: Place(file: name))
    }
    return try verified(
      content: content,
      signature: try contents(path),
      certificates: certificates,
      at: seconds,
      name: name
    )
  }

  private func contents(_ path: String) throws -> [UInt8] {
    try InputFile(path: path, sizeMax: 1 << 30).contents()
  }
}

/// Verifies a detached signature and turns a failure into a refusal that names the file.
package func verified(
  content: [UInt8],
  signature: [UInt8],
  certificates: [Certificate],
  at seconds: Int64,
  name: String
) throws -> Digest {
  do {
    return try verify(
      signature: signature,
      content: content,
      enrolled: certificates,
      at: seconds
    )
  } catch {
    let code: ErrorCode =
      switch error {
      case .unknownSigner, .outsideValidity: .signerUnknown
      default: .signatureBad
      }
    throw Refusal(code, error.description, at: Place(file: name))
  }
}
