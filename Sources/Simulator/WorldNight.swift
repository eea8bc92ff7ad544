package import Civil
import Crypto
import Formats
import Foundation
import Ledger
package import Signing

/// Where a night's files go, and where the bank's own lie.
package struct WorldFolders: Sendable {
  package let inbox: String
  package let outbox: String

  package init(inbox: String, outbox: String) {
    self.inbox = inbox
    self.outbox = outbox
  }
}

/// A file that the world sends.
package struct WorldFile: Sendable {
  /// Path below the inbox.
  package let path: String
  package let bytes: [UInt8]
}

/// Terms of the world's partners.
enum WorldPartner {
  static let all: [(code: String, currency: Currency, minimum: Int64)] = [
    ("BOK", .eur, 5_000), ("KFH", .sek, 50_000), ("LUM", .eur, 5_000), ("NVA", .eur, 5_000),
  ]
}

extension World {
  /// Lives one business day: what the bank, the tills, the partners send until the evening.
  ///
  /// The truth of the day is settled at the same time, in the order in which a night takes the
  /// files: feed, tills, answers, bank, deadlines, settlement.
  ///
  /// - Parameters:
  ///   - date: The business date; dates must rise.
  ///   - following: The day on which tonight's orders are paid.
  ///   - folders: The outbox is read for statements to answer.
  ///   - key: The partners' signing key.
  /// - Returns: The files to put into the inbox, signatures included.
  /// - Throws: A refusal where a statement in the outbox cannot be read, or a signing failure.
  package mutating func live(
    _ date: CivilDate,
    next following: CivilDate,
    folders: WorldFolders,
    key: SigningKey
  ) throws -> [WorldFile] {
    night += 1
    settledTonight = [:]
    cure()
    let sent = { (path: String, bytes: [UInt8]) throws -> [WorldFile] in
      [
        WorldFile(path: path, bytes: bytes),
        WorldFile(path: path + ".p7s", bytes: try key.sign(bytes)),
      ]
    }
    var files = [
      WorldFile(
        path: "feeds/northbank-cards/cards-\(date.compact).csv",
        bytes: feed(date)
      )
    ]
    for partner in ["BOK", "LUM"] {
      files += try sent("partners/\(partner)/till-\(date.compact).csv", till(partner, date))
    }
    for (name, bytes) in try answers(date, folders) {
      files += try sent("partners/NVA/\(name)-\(date.compact).csv", bytes)
    }
    for currency in [Currency.eur, .sek] {
      files.append(
        WorldFile(
          path: "bank/bank-\(currency)-\(date.compact).csv",
          bytes: try bank(currency, date, folders)
        )
      )
    }
    applyDeadlines(date)
    closeNight(date, paysOn: following)
    forget(date)
    return files
  }

  /// Forgets what nothing can concern any more.
  private mutating func forget(_ date: CivilDate) {
    let needed = Set(rejections.map(\.purchase) + reversals.map(\.purchase))
    purchases = purchases.filter { number, purchase in
      purchase.day > date.days - 40 || needed.contains(number)
        || (purchase.milesEarned > 0 && !purchase.answered)
    }
    milesByNight = milesByNight.filter { $0.key > night - 15 }
    for index in members.indices where members[index].lots.count > 20 {
      members[index].lots.removeAll { $0.face == 0 && $0.day < date.days - 40 }
    }
  }

  /// Cures of member numbers that the bank's staff enters on the day, as member files.
  package mutating func cureFiles() -> [(programme: String, bytes: [UInt8])] {
    guard let cured = cures.removeValue(forKey: night), !cured.isEmpty else { return [] }
    let rows = cured.map { index in
      Enrolment(token: members[index].token, reference: members[index].reference)
    }
    return [("nordvik-miles", MemberFile(members: rows, name: "members").bytes)]
  }

  /// The tills of a retailer: credit used during the day, once in a while above the balance.
  private mutating func till(_ partner: String, _ date: CivilDate) -> [UInt8] {
    var random = randomness(partner == "LUM" ? 2 : 3)
    let holders = members.indices.filter {
      WorldProgramme.all[members[$0].programme].creditPartner == partner
    }
    tillSequences[partner, default: 0] += 1
    let sequence = tillSequences[partner] ?? 1
    // A retailer's custom swings: some days hardly any credit is used, some days much.
    let busy = date.weekday >= 4
    let count = partner == "LUM" ? (busy ? 90 : 6) * members.count / World.membersStandard + 1 : 1
    var lines: [TillLine] = []
    for index in 0..<count {
      let member = holders[random.below(holders.count)]
      let held = members[member].lots.map(\.face).reduce(0, +) - members[member].debt
      let above = partner == "LUM" && index == 0 && [22, 51].contains(night)
      let face = above ? max(0, held) + 1_000 : held * Int64(1 + random.below(4)) / 4
      guard face > 0 else { continue }
      let minute = 9 * 60 + random.below(600)
      let instant = Instant(
        microseconds: (Int64(date.days) * 86_400 + Int64(minute) * 60) * 1_000_000
      )
      lines.append(
        TillLine(
          tillRef: "K-\(sequence)-\(index + 1)",
          memberToken: members[member].token,
          receipt: "\(1_000 + index)",
          store: "S\(pad(1 + random.below(9), 2))",
          till: "T1",
          instant: instant,
          faceMinor: face
        )
      )
      if let cost = redeem(face, member: member, on: date.days) {
        settle(partner, cost)
      } else {
        tillRefused[partner, default: []].append(face)
      }
    }
    return TillFile(
      environment: "live",
      sender: partner,
      receiver: "NBANK",
      number: "\(partner)-T-\(pad(sequence, 4))",
      sequence: sequence,
      date: date,
      created: "\(date)T20:00:00Z",
      currency: .eur,
      lines: lines
    ).bytes { sha256($0).description }
  }

  /// Settles the night's truth: statements, orders and claims of every partner.
  private mutating func closeNight(_ date: CivilDate, paysOn following: CivilDate) {
    for partner in WorldPartner.all {
      sequences[partner.code, default: 0] += 1
      let number =
        "\(partner.code)-\(date.components.year)-"
        + pad(sequences[partner.code] ?? 1, 4)
      let net = closings[partner.code, default: 0] + settledTonight[partner.code, default: 0]
      closings[partner.code] = net
      statementDays[number] = date.days
      let reference = creditorReference(number)
      if net >= partner.minimum {
        orders.append(
          WorldPayment(
            partner: partner.code,
            currency: partner.currency.code,
            minor: net,
            reference: reference,
            dueDay: following.days,
            number: number
          )
        )
        closings[partner.code] = 0
      } else if net <= -partner.minimum {
        let coming = receipts.filter { $0.partner == partner.code }.map(\.minor).reduce(0, +)
        guard -net > coming else { continue }
        receipts.append(
          WorldPayment(
            partner: partner.code,
            currency: partner.currency.code,
            minor: -net - coming,
            reference: reference,
            dueDay: following.days + 1,
            number: number
          )
        )
      }
    }
    fileMiles(date)
  }

  /// Miles earned tonight go onto tonight's statement.
  private mutating func fileMiles(_ date: CivilDate) {
    let number = "NVA-\(date.components.year)-" + pad(sequences["NVA"] ?? 1, 4)
    var filed: Int64 = 0
    for number in milesByNight[night] ?? [] {
      guard let purchase = purchases[number] else { continue }
      filed += purchase.milesEarned - purchase.milesTaken
    }
    statementNights[number] = night
    filed += refiledTonight
    refiledCosts[number] = refiledCostTonight
    (refiledTonight, refiledCostTonight) = (0, 0)
    if filed > 0 { unansweredFiled[number] = filed }
    for index in reversals.indices where reversals[index].filedIn == nil {
      let answered = purchases[reversals[index].purchase]?.answered == true
      if answered, reversals[index].quantity > 0 { reversals[index].filedIn = number }
    }
  }

  /// The terms' deadlines: no answer in three open days, rejected lines after twenty days.
  private mutating func applyDeadlines(_ date: CivilDate) {
    for (number, filed) in unansweredFiled.sorted(by: { $0.key < $1.key }) {
      guard let day = statementDays[number], openDays(after: day, through: date.days) > 3 else {
        continue
      }
      unansweredFiled[number] = nil
      let reversed = reversals.filter { $0.filedIn == number }.map(\.quantity).reduce(0, +)
      deadlineFiled[number] = filed - reversed
      answeredStatements.insert(number)
      acceptAll(of: number)
    }
    for rejection in rejections where purchases[rejection.purchase] != nil {
      finish(rejection, date)
    }
  }

  private func openDays(after from: Int32, through to: Int32) -> Int {
    guard to > from else { return 0 }
    return (from + 1...to).count { civil($0).weekday <= 5 }
  }

  /// A rejected line is cured by a new number, or lapses into cash.
  private mutating func finish(_ rejection: WorldRejection, _ date: CivilDate) {
    guard var purchase = purchases[rejection.purchase] else { return }
    let cured = members[purchase.member].reference != rejection.reference
    let due = rejection.day + 20 < date.days
    guard cured || due else { return }
    rejections.removeAll { $0.purchase == rejection.purchase }
    if purchase.rejected > 0 {
      if cured {
        refiledTonight += purchase.rejected
        refiledCostTonight += purchase.rejectedCost
      } else {
        purchase.lapsed += purchase.rejected
        members[purchase.member].miles -= purchase.rejected
        members[purchase.member].lapsedCash += halfUp(purchase.rejected * 50, 100)
      }
      (purchase.rejected, purchase.rejectedCost) = (0, 0)
    }
    purchases[rejection.purchase] = purchase
  }
}
