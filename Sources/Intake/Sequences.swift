import Formats
package import Journal

extension Books {
  /// Refuses a file that is not the next one of its sender.
  ///
  /// - Parameters:
  ///   - sequence: The file's own number.
  ///   - source: Whose files are counted together.
  ///   - name: For messages.
  ///   - first: The number that the first file must have; nil where it may have any.
  /// - Throws: `KV-ING-020` where the number was taken with other content, `KV-ING-021` after a gap.
  package func requireNext(
    _ sequence: Int,
    of source: String,
    name: String,
    first: Int64? = nil
  ) throws {
    let last = try lastSequence(source: source)
    guard Int64(sequence) > last else {
      throw Refusal(
        .fileConflict,
        "sequence \(sequence) was taken with other content",
        at: Place(file: name, line: 1)
      )
    }
    guard Int64(sequence) == last + 1 || last == 0 && first == nil else {
      throw Refusal(
        .sequenceGap,
        "sequence \(sequence) follows \(last)",
        at: Place(file: name, line: 1)
      )
    }
  }
}

/// Refuses a file of another partner than the one that signed it, and one of a test.
package func requireSender(
  _ partner: String,
  wrote sender: String,
  in environment: String,
  name: String
) throws {
  guard sender == partner, environment == "live" else {
    throw Refusal(
      .badRecord,
      "the file is of \(sender) (\(environment)), not of \(partner)",
      at: Place(file: name, line: 1)
    )
  }
}
