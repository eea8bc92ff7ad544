import Crypto
import Formats
package import Journal
import Signing

/// Proves what partners are said to have answered: every batch of an answer has the partner's bytes, a
/// certificate that two people enrolled signed them, and what became of the lines is what they say.
package struct AnswerAudit {
  private let books: Books

  /// - Parameter books: The books, for reading.
  package init(books: Books) { self.books = books }

  /// Every batch whose answer does not stand behind it.
  ///
  /// - Parameter since: A seal that was proved before; batches up to it are left out.
  /// - Returns: What was found.
  /// - Throws: `DatabaseError`.
  package func faults(since: Int64 = 0) throws -> [LedgerFault] {
    try books.answerBatches(since: since).compactMap { batch in
      try fault(of: batch).map {
        LedgerFault(check: "partners' answers", place: "leaf \(batch)", detail: $0)
      }
    }
  }

  private func fault(of batch: Int64) throws -> String? {
    guard let answer = try books.keptAnswer(batch: batch) else {
      return "no answer stands behind it"
    }
    guard let certificate = answer.certificate else {
      return "nobody enrolled the certificate that is said to have signed \(escaped(answer.number))"
    }
    do {
      _ = try verified(
        content: answer.body,
        signature: answer.signature,
        certificates: [Certificate(bytes: certificate)],
        at: endOfDay(answer.date),
        name: answer.number
      )
      let told = try Answer(bytes: answer.body, name: answer.number) { sha256($0).description }
      guard told.number == answer.number, told.sender == answer.sender else {
        return "its bytes are those of answer \(escaped(told.number)) of \(escaped(told.sender))"
      }
      return try compare(told, batch)
    } catch let refusal as Refusal {
      return "answer \(escaped(answer.number)): \(refusal.message)"
    } catch let failure as SigningFailure {
      return "answer \(escaped(answer.number)): \(failure.description)"
    }
  }

  /// The outcomes of a batch beside the lines of its answer.
  private func compare(_ answer: Answer, _ batch: Int64) throws -> String? {
    let told = answer.lines.map { line in
      [
        line.eventID, "\(line.attempt)", line.status.rawValue, "\(line.acceptedQuantity)",
        "\(line.acceptedMinor)", line.reason, line.partnerRef,
      ]
    }
    let stands = try Set(books.outcomes(batch: batch))
    let different = told.first { !stands.contains($0) }
    if let different {
      return "what became of \(escaped(different[0])) is not what the partner said"
    }
    return stands.count == told.count
      ? nil : "\(stands.count) lines were closed, the partner answered \(told.count)"
  }
}
