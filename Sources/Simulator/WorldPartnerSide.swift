import Civil
import Crypto
import Formats
import Foundation
import Ledger

extension World {
  /// The airline's answers to statements that lie in the outbox and were not answered.
  mutating func answers(
    _ date: CivilDate,
    _ folders: WorldFolders
  ) throws -> [(name: String, bytes: [UInt8])] {
    var out: [(name: String, bytes: [UInt8])] = []
    for number in statementNights.keys.sorted() where !answeredStatements.contains(number) {
      // One statement is never answered: the terms' deadline decides.
      guard statementNights[number] != 15 else { continue }
      let path = "\(folders.outbox)/NVA/\(number)/\(number)_v1.csv"
      guard FileManager.default.fileExists(atPath: path) else { continue }
      let bytes = try InputFile(path: path).contents()
      let statement = try Statement(bytes: bytes, name: path) { sha256($0).description }
      answeredStatements.insert(number)
      let filed = statement.lines.filter { $0.section == .filed && $0.kind != "reversal" }
        .map { $0.quantity ?? 0 }.reduce(0, +)
      if filed != unansweredFiled[number, default: 0] {
        faults.append(
          "\(number) files \(filed) miles, the world expects \(unansweredFiled[number] ?? 0)"
        )
      }
      unansweredFiled[number] = nil
      answerSequence += 1
      let answer = answer(statement, digest: sha256(bytes).description, date)
      out.append(("answer-\(pad(answerSequence, 4))", answer.bytes { sha256($0).description }))
    }
    return out
  }

  private mutating func answer(
    _ statement: Statement,
    digest: String,
    _ date: CivilDate
  ) -> Answer {
    var random = Randomness(seed: seed &+ UInt64(statement.sequence) &* 131)
    let filed = statement.lines.filter { $0.section == .filed }
    var lines: [AnswerLine] = []
    var rejectable = 0
    for line in filed {
      lines.append(reply(line, statement, &random, &rejectable, date))
    }
    acceptAll(of: statement.number)
    var answer = Answer(
      environment: "live",
      sender: "NVA",
      receiver: "NBANK",
      number: "NVA-A-\(pad(answerSequence, 4))",
      sequence: answerSequence,
      statementNumber: statement.number,
      statementDigest: digest,
      created: "\(date)T04:00:00Z",
      currency: .eur,
      lines: lines,
      partnerOnly: partnerOnlyLines(date),
      totals: []
    )
    var byKey: [String: StatementLine] = [:]
    for line in filed { byKey["\(line.eventID)/\(line.attempt)"] = line }
    answer.totals = answer.totals(of: byKey)
    return answer
  }

  /// The answer to one line; about one earning line in 700 is rejected or cut.
  private mutating func reply(
    _ line: StatementLine,
    _ statement: Statement,
    _ random: inout Randomness,
    _ rejected: inout Int,
    _ date: CivilDate
  ) -> AnswerLine {
    let quantity = line.quantity ?? 0
    var answer = AnswerLine(
      eventID: line.eventID,
      attempt: line.attempt,
      status: .accepted,
      acceptedQuantity: quantity,
      acceptedMinor: line.valueMinor,
      reason: "",
      partnerRef: "V\(answerSequence)-\(line.eventID.dropFirst(2))",
      newMemberRef: ""
    )
    let dice = random.below(1_400)
    guard line.kind != "reversal", line.attempt == 1, dice < 12,
      let number = onlyLot(line, statement), let purchase = purchases[number]
    else { return answer }
    switch dice {
    case 0, 1:
      reject(number, line, accepted: quantity > 30 && dice == 1 ? 15 : 0, date)
      answer.status = quantity > 30 && dice == 1 ? .partly : .rejected
      answer.acceptedQuantity = answer.status == .partly ? 15 : 0
      answer.acceptedMinor = answer.status == .partly ? 13 : 0
      answer.reason = answer.status == .partly ? "CAP" : "NUMBER"
      // Every second bad number is cured by the bank's staff three nights later.
      rejected += 1
      if answer.status == .rejected, number % 2 == 0 {
        cures[night + 3, default: []].append(purchase.member)
      }
    case 2...6:
      answer.status = .warning
      answer.reason = "NAME_DIFF"
    default:
      answer.status = .merged
      let new = "9\(members[purchase.member].reference.suffix(5))\(night)"
      answer.newMemberRef = new
      members[purchase.member].reference = new
    }
    return answer
  }

  /// The purchase behind a line where only one fits; equal lines cannot be told apart.
  private func onlyLot(_ line: StatementLine, _ statement: Statement) -> Int? {
    let posted = milesByNight[statementNights[statement.number] ?? 0] ?? []
    let found = posted.compactMap { purchases[$0] }.filter { purchase in
      purchase.day == line.eventDate.days
        && members[purchase.member].reference == line.memberRef
        && quantityFiled(purchase) == line.quantity && !purchase.answered
    }
    return found.count == 1 ? found.first?.number : nil
  }

  private func quantityFiled(_ purchase: WorldPurchase) -> Int64 {
    purchase.milesEarned - (purchase.milesTaken - purchase.waiting)
  }

  private mutating func reject(
    _ number: Int,
    _ line: StatementLine,
    accepted: Int64,
    _ date: CivilDate
  ) {
    guard var purchase = purchases[number], let quantity = line.quantity else { return }
    let value = halfUp(quantity * 85, 100)
    let kept = accepted == 0 ? 0 : halfUp(value * accepted, quantity)
    settle("NVA", kept)
    purchase.rejected = quantity - accepted
    purchase.rejectedCost = value - kept
    purchase.answered = true
    // Reversal lines that waited are dropped as far as the line was rejected.
    let dropped = drop(min(purchase.waiting, purchase.rejected), &purchase)
    var left = dropped
    for index in reversals.indices
    where reversals[index].purchase == number && reversals[index].filedIn == nil {
      let part = min(left, reversals[index].quantity)
      reversals[index].quantity -= part
      left -= part
    }
    purchases[number] = purchase
    rejections.append(
      WorldRejection(
        purchase: number,
        day: date.days,
        reference: line.memberRef,
        accepted: accepted
      )
    )
  }

  /// Accepts every line of a statement that nothing closed before.
  mutating func acceptAll(of number: String) {
    for key in milesByNight[statementNights[number] ?? 0] ?? [] {
      guard var purchase = purchases[key], !purchase.answered else { continue }
      settle("NVA", halfUp(quantityFiled(purchase) * 85, 100))
      purchase.answered = true
      purchases[key] = purchase
    }
    settle("NVA", refiledCosts[number] ?? 0)
    for reversal in reversals where reversal.filedIn == number {
      settle(
        "NVA",
        -(reversal.quantity == reversal.whole
          ? reversal.cost : halfUp(reversal.cost * reversal.quantity, reversal.whole))
      )
    }
    reversals.removeAll { $0.filedIn == number || $0.quantity == 0 }
  }

  /// Lines that only the airline has, on two nights.
  private mutating func partnerOnlyLines(_ date: CivilDate) -> [PartnerOnlyLine] {
    guard [40, 58].contains(night) else { return [] }
    partnerOnly.append(340)
    return [
      PartnerOnlyLine(
        partnerRef: "V-ONLY-\(night)",
        memberRef: "4720",
        date: date.adding(days: -2),
        quantity: 340,
        unit: "NVA",
        valueMinor: 289,
        direction: .toPartner
      )
    ]
  }

  /// The bank's statement of a day: orders executed, receipts, charges, a payer nobody knows.
  mutating func bank(
    _ currency: Currency,
    _ date: CivilDate,
    _ folders: WorldFolders
  ) throws -> [UInt8] {
    let code = currency.code
    bankSequences[code, default: 0] += 1
    let sequence = bankSequences[code] ?? 1
    let opening = bankBalances[code, default: 0]
    var lines: [BankLine] = []
    func add(_ kind: BankLineKind, _ minor: Int64, _ reference: String, _ text: String) {
      lines.append(
        BankLine(
          bankRef: "\(code)-\(date.compact)-\(lines.count + 1)",
          kind: kind,
          signedMinor: minor,
          reference: reference,
          text: text
        )
      )
    }
    // One day the bank is late with every payment.
    let issued = { (order: WorldPayment) in
      FileManager.default.fileExists(
        atPath: "\(folders.outbox)/\(order.partner)/\(order.number)/\(order.number)_v1.csv"
      )
    }
    let due = orders.filter {
      $0.currency == code && $0.dueDay <= date.days && issued($0) && night != 33
    }
    for order in due { add(.payment, -order.minor, order.reference, order.partner) }
    orders.removeAll { order in due.contains { $0.reference == order.reference } }
    let incoming = receipts.filter {
      $0.currency == code && $0.dueDay <= date.days && issued($0)
    }
    for receipt in incoming {
      add(.receipt, receipt.minor, receipt.reference, receipt.partner)
      closings[receipt.partner, default: 0] += receipt.minor
    }
    receipts.removeAll { receipt in incoming.contains { $0.reference == receipt.reference } }
    if currency == .eur, date.components.day <= 3, sequence > 5 {
      add(.fee, -1_250, "", "account fee")
    }
    if currency == .eur, [45, 57].contains(night) {
      add(.receipt, 9_465 + Int64(night), "", "payer without reference")
      unknownReceipts[code, default: []].append(9_465 + Int64(night))
    }
    let closing = opening + lines.map(\.signedMinor).reduce(0, +)
    bankBalances[code] = closing
    return BankStatement(
      sender: "BANK",
      receiver: "NBANK",
      account: "NB-\(code)",
      sequence: sequence,
      date: date,
      currency: currency,
      opening: opening,
      closing: closing,
      lines: lines
    ).bytes { sha256($0).description }
  }

  /// Breaks that must be open after the night: pair and kind, with count and sum of ours – theirs.
  package var trueBreaks: [String: [Int64]] {
    var out: [String: [Int64]] = [:]
    func add(_ key: String, _ difference: Int64) {
      let old = out[key] ?? [0, 0]
      out[key] = [old[0] + 1, old[1] + difference]
    }
    for filed in unansweredFiled.values { add("NVA timing", filed) }
    for filed in deadlineFiled.values { add("NVA ours-only", filed) }
    for rejection in rejections {
      guard let rejected = purchases[rejection.purchase]?.rejected, rejected > 0 else { continue }
      add(rejection.accepted == 0 ? "NVA ours-only" : "NVA quantity", rejected)
    }
    for quantity in partnerOnly { add("NVA theirs-only", -quantity) }
    for (partner, faces) in tillRefused {
      for face in faces { add("till \(partner) theirs-only", -face) }
    }
    for order in orders { add("bank NB-\(order.currency) timing", -order.minor) }
    for (currency, amounts) in unknownReceipts {
      for amount in amounts { add("bank NB-\(currency) unknown-receipt", -amount) }
    }
    return out
  }

  /// Cures: the bank's staff enters new numbers for rejected members.
  mutating func cure() {
    for index in cures[night] ?? [] {
      members[index].reference = "8\(members[index].reference.suffix(5))\(night)"
    }
  }
}
