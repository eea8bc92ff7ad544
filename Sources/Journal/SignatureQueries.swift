package import Crypto
import Formats
import Postgres

/// A signature of a file of the outbox, made once and kept.
package struct KeptSignature: Sendable {
  /// Of the bytes that it signs, in hexadecimal.
  package let content: String
  /// Fingerprint of the certificate whose key made it, in hexadecimal.
  package let signer: String
  /// DER.
  package let body: [UInt8]
}

extension Books {
  /// Kept signatures of files, by the places of these in the outbox.
  ///
  /// - Throws: `DatabaseError`.
  package func signatures(of files: [String]) throws -> [String: KeptSignature] {
    let rows = try connection.run(
      """
      SELECT file, encode(digest, 'hex'), signer, body FROM signature
       WHERE file = ANY (\(files)::text[])
      """
    )
    return try Dictionary(
      uniqueKeysWithValues: rows.map { row in
        try (
          row.string(0),
          KeptSignature(content: row.string(1), signer: row.string(2), body: row.bytes(3))
        )
      }
    )
  }

  /// The kept signature of a file; where there is none it is made and kept.
  ///
  /// - Parameters:
  ///   - file: Place of the file in the outbox.
  ///   - content: Of the bytes to sign.
  ///   - signer: Fingerprint of the certificate whose key signs, in hexadecimal.
  ///   - make: Signs.
  /// - Returns: The signature that stands: where another process was first, its own.
  /// - Throws: `Refusal` where the kept one was made over other bytes; what `make` throws; `DatabaseError`.
  package func signature(
    of file: String,
    content: Digest,
    signer: String,
    make: () throws -> [UInt8]
  ) throws -> KeptSignature {
    var kept = try signatures(of: [file])[file]
    if kept == nil {
      let body = try make()
      _ = try transaction {
        try connection.run(
          """
          INSERT INTO signature (file, digest, signer, body)
          VALUES (\(file), \(bytes: content.bytes), \(signer), \(bytes: body))
          ON CONFLICT DO NOTHING
          """
        )
      }
      kept = try signatures(of: [file])[file]
    }
    guard let kept, kept.content == content.description else {
      throw Refusal(.booksBroken, "the kept signature of \(file) was made over other bytes")
    }
    return kept
  }
}
