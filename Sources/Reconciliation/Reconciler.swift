package import Civil
import Crypto
import Formats
package import Journal
import Ledger

/// Compares our account balances with what the other side states in total, names every difference
/// as a break, and stores a proof that leaves nothing unexplained (D14).
package struct Reconciler {
  private let books: Books
  private let directory: Directory
  private let businessDate: CivilDate

  package init(books: Books, directory: Directory, businessDate: CivilDate) {
    self.books = books
    self.directory = directory
    self.businessDate = businessDate
  }

  /// Reconciles every pair that has two sides; a second time on the same day changes nothing.
  package func run() throws -> [StoredProof] {
    try books.transaction {
      var proofs: [StoredProof] = []
      proofs += try cardProofs()
      for partner in directory.partners {
        for unit in try units(of: partner) {
          proofs.append(
            unit.kind == "miles"
              ? try partnerProof(partner, unit) : try tillProof(partner, unit)
          )
        }
      }
      for account in try books.bankAccounts() {
        proofs.append(try bankProof(account.account, account.currency, closing: account.closing))
      }
      return proofs
    }
  }

  /// Units that a partner's files speak of: its miles, or its store credit.
  private func units(of partner: PartnerEntry) throws -> [UnitEntry] {
    try books.unitsSettled(with: partner.id).map { try directory.unit(ofRows: $0) }
      .filter { ["miles", "credit"].contains($0.kind) }
  }

  /// Lines filed against the partner's answers, in units.
  ///
  /// Ours is what stands as filed, delivered or rejected; theirs is what their answers state.
  private func partnerProof(_ partner: PartnerEntry, _ unit: UnitEntry) throws -> StoredProof {
    try sync(try partnerBreaks(partner, unit), pair: partner.code, prefix: "partner/")
    let ours = try books.balance(
      accounts: [
        Account.unitFiled.rawValue, Account.unitDelivered.rawValue,
        Account.unitRejected.rawValue,
      ],
      commodity: unit.code,
      partner: partner.id
    )
    let exact = try books.exactSet(partner: partner.id, on: businessDate)
    return try proof(
      pair: partner.code,
      commodity: unit.code,
      ours: ours,
      theirs: try books.statedByPartner(partner.id),
      exact: exact
    )
  }

  private func partnerBreaks(_ partner: PartnerEntry, _ unit: UnitEntry) throws -> [NewBreak] {
    let maker = PartnerBreak(partner: partner.code, unit: unit.code, currency: unit.currency.code)
    var breaks: [NewBreak] = []
    for open in try books.unanswered(partner: partner.id) {
      breaks.append(
        maker.make(
          "unanswered/\(open.statement)/\(open.quantity)",
          "timing",
          ours: open.quantity,
          value: open.valueMinor,
          at: "\(open.statement), \(open.lines) lines",
          "the answer is due; nothing to do before"
        )
      )
    }
    for lot in try books.rejectedLots(partner: partner.id) {
      breaks.append(
        maker.make(
          "rejected/\(lot.event)/\(lot.attempt)/\(lot.quantity)",
          lot.accepted == 0 ? "ours-only" : "quantity",
          ours: lot.accepted + lot.quantity,
          theirs: lot.accepted,
          value: lot.costMinor,
          at: lot.event,
          "\(partner.code) says \(lot.reason): cure it or let it lapse"
        )
      )
    }
    for late in try books.acceptedByDeadline(partner: partner.id) {
      breaks.append(
        maker.make(
          "deadline/\(late.statement)",
          "ours-only",
          ours: late.quantity,
          value: late.valueMinor,
          at: late.statement,
          "accepted by the terms; the partner never answered: ask"
        )
      )
    }
    return try breaks + theirsOnly(partner, maker)
  }

  private func theirsOnly(_ partner: PartnerEntry, _ maker: PartnerBreak) throws -> [NewBreak] {
    try books.answerBodies(partner: partner.id).flatMap { stored in
      // Taken under the terms of its day.
      let answer = try Answer(bytes: stored.body, name: stored.number, numericMembers: true) {
        sha256($0).description
      }
      return answer.partnerOnly.map { line in
        maker.make(
          "theirs/\(line.partnerRef)",
          "theirs-only",
          theirs: line.quantity * line.direction.sign,
          value: line.valueMinor,
          at: "\(answer.number) \(line.partnerRef)",
          "a line that only \(partner.code) has: ask for its source"
        )
      }
    }
  }

  /// Cashback paid out, by our books and by the card system's answers.
  private func cardProofs() throws -> [StoredProof] {
    try books.payoutTotals().map { currency, paid, open in
      let pair = "card system"
      try sync(
        open.map { file, minor in
          NewBreak(
            fingerprint: "payout-file/\(file)/\(currency)",
            kind: "timing",
            pair: pair,
            commodity: currency,
            ours: minor,
            theirs: 0,
            valueMinor: minor,
            currency: currency,
            pointer: file,
            advice: "sent, not yet answered by the card system"
          )
        },
        pair: pair,
        prefix: "payout-file/"
      )
      let ours = try books.balance(accounts: [Account.cardSystem.rawValue], commodity: currency)
      return try proof(
        pair: pair,
        commodity: currency,
        ours: -ours,
        theirs: paid,
        exact: (0, sha256("").description)
      )
    }
  }

  /// Store credit used, by our lots and by the retailer's till files.
  private func tillProof(_ partner: PartnerEntry, _ unit: UnitEntry) throws -> StoredProof {
    let source = "till \(partner.code)"
    try sync(
      try books.unconfirmedCaptures(unit: unit.id).map { capture in
        NewBreak(
          fingerprint: "capture/\(capture.hold)",
          kind: "ours-only",
          pair: source,
          commodity: unit.currency.code,
          ours: capture.quantity,
          theirs: 0,
          valueMinor: capture.costMinor,
          currency: unit.currency.code,
          pointer: "H-\(capture.hold) of \(capture.day)",
          advice: "captured by a call; the till file has not confirmed it"
        )
      },
      pair: source,
      prefix: "capture/"
    )
    let ours = try books.balance(
      accounts: [Account.unitRedeemed.rawValue],
      commodity: unit.code,
      partner: partner.id
    )
    return try proof(
      pair: source,
      commodity: unit.currency.code,
      ours: ours,
      theirs: try books.statedByTill(source: source),
      exact: (0, sha256("").description)
    )
  }

  /// Cash by our books, orders counted and unknown money set aside, against the bank's closing.
  private func bankProof(
    _ account: String,
    _ currency: String,
    closing: Int64
  ) throws
    -> StoredProof
  {
    let pair = "bank \(account)"
    let orders = try books.ordersOpen().filter { $0.currency == currency }
    try sync(
      orders.map { order in
        NewBreak(
          fingerprint: "transit/\(order.id)",
          kind: "timing",
          pair: pair,
          commodity: currency,
          ours: -order.amountMinor,
          theirs: 0,
          valueMinor: order.amountMinor,
          currency: currency,
          pointer: order.id,
          advice: "ordered, not yet on the bank's statement"
        )
      },
      pair: pair,
      prefix: "transit/"
    )
    let ours = try books.balance(
      accounts: [
        Account.bank.rawValue, Account.inTransit.rawValue, Account.suspense.rawValue,
      ],
      commodity: currency
    )
    return try proof(
      pair: pair,
      commodity: currency,
      ours: ours,
      theirs: closing,
      exact: (0, sha256("").description)
    )
  }

  /// Opens what should be open, clears what should not; the rest keeps its id and age.
  private func sync(_ wanted: [NewBreak], pair: String, prefix: String) throws {
    let standing = Set(try books.openFingerprints(pair: pair, prefix: prefix))
    let keys = Set(wanted.map(\.fingerprint))
    try books.open(wanted.filter { !standing.contains($0.fingerprint) }, on: businessDate)
    try books.clear(
      fingerprints: standing.subtracting(keys).sorted(),
      on: businessDate,
      note: "cleared by itself"
    )
  }

  private func proof(
    pair: String,
    commodity: String,
    ours: Int64,
    theirs: Int64,
    exact: (count: Int64, digest: String)
  ) throws -> StoredProof {
    let known = try books.proofs(through: businessDate)
      .first { $0.pair == pair && $0.commodity == commodity }
    let moved = try books.breakMovement(pair: pair, commodity: commodity, since: known)
    // Nothing happened since the last proof of this day: it stands.
    if let known, known.date == businessDate, known.ours == ours, known.theirs == theirs,
      known.openBreaks == moved.open
    {
      return known
    }
    let proof = StoredProof(
      pair: pair,
      commodity: commodity,
      date: businessDate,
      ours: ours,
      theirs: theirs,
      breaks: moved.sum,
      rounding: 0,
      openedBefore: known?.breaks ?? 0,
      newToday: moved.new,
      clearedToday: moved.cleared,
      exactCount: exact.count,
      exactDigest: exact.digest,
      lastBreak: moved.last,
      openBreaks: moved.open
    )
    guard proof.unexplained == 0 else {
      throw Refusal(
        .proofOpen,
        "\(pair) \(commodity): ours \(ours) - theirs \(theirs) leaves \(proof.unexplained) "
          + "beside breaks of \(moved.sum)"
      )
    }
    try books.insert(proof)
    return proof
  }
}

/// Makes breaks of one partner and unit.
private struct PartnerBreak {
  let partner: String
  let unit: String
  let currency: String

  func make(
    _ key: String,
    _ kind: String,
    ours: Int64 = 0,
    theirs: Int64 = 0,
    value: Int64,
    at pointer: String,
    _ advice: String
  ) -> NewBreak {
    NewBreak(
      fingerprint: "partner/\(partner)/\(key)",
      kind: kind,
      pair: partner,
      commodity: unit,
      ours: ours,
      theirs: theirs,
      valueMinor: value,
      currency: currency,
      pointer: pointer,
      advice: advice
    )
  }
}
