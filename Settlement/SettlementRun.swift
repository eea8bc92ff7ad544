import Rewards
package import Civil
import Crypto
import Formats
import Intake
package import Journal
import Ledger
import Terms

/// What a run did.
package struct RunReport: Sendable {
  package let statements: [StoredStatement]
  /// False where the plan was run before and nothing happened.
  package let isNew: Bool
}

extension SettlementDesk {
  /// Settles exactly the stored plan, in one transaction; run before, it does nothing.
  package func run(_ stored: StoredPlan, recordedAt: Instant) throws -> RunReport {
    if let batch = stored.batch {
      return RunReport(
        statements: try books.statements(runBatch: batch),
        isNew: false
      )
    }
    let number = try books.reserve(.settlement, "\(stored.businessDate)")
    return try books.transaction {
      let plan = try recompute(stored)
      let leaf = try books.openLeaf(
        number,
        .settlement,
        businessDate: plan.businessDate,
        recordedAt: recordedAt
      )
      try books.beginSettlement(plan: plan.id, batch: leaf.batch)
      var entries: [Entry] = []
      var attachments: [Attachment] = []
      var statements: [StoredStatement] = []
      for (index, position) in plan.positions.enumerated() {
        let issued = try issue(position, plan, batch: leaf.batch, index: index)
        entries += try self.entries(position, statement: issued.id)
        for (name, digest) in [
          ("\(issued.number)_v1.csv", issued.lineDigest),
          ("\(issued.number)_v1.jsonl", issued.jsonDigest),
        ] {
          guard let digest = Digest(hex: digest) else { continue }
          attachments.append(Attachment(.statement, name, digest))
        }
        statements.append(issued)
      }
      if !statements.isEmpty {
        let orders = try OrderFiles(books: books, directory: terms.directory, outbox: "")
          .bytes(runBatch: leaf.batch, date: plan.businessDate)
        attachments.append(Attachment(.orders, OrderFiles.name(plan.businessDate), sha256(orders)))
      }
      attachments.append(Attachment(.plan, plan.id, sha256(plan.body)))
      if let person = stored.approvedBy {
        attachments.append(Attachment(.approval, person, sha256(plan.id + person)))
      }
      try leaf.seal(
        entries: entries,
        bookingDate: plan.businessDate,
        attachments: attachments
      )
      return RunReport(statements: statements, isNew: true)
    }
  }

  /// Stores the lines of the partner's statement and issues it with its documents and order.
  private func issue(
    _ position: PartnerPosition,
    _ plan: SettlementPlan,
    batch: Int64,
    index: Int
  ) throws -> StoredStatement {
    let partner = position.partner
    guard let agreed = terms.partners[partner.id] else {
      throw Refusal(.termsMissing, "partner \(partner.code) has no terms")
    }
    let id = batch << 16 | Int64(index + 1)
    try books.writeLines(
      statement: id,
      partner: partner.id,
      slices: position.slices,
      cut: plan.cut,
      wording: terms.wording
    )
    guard
      let created = Instant(
        date: plan.businessDate,
        minutes: agreed.cutoffMinutes,
        zone: agreed.zone
      )
    else { throw Refusal(.termsInvalid, "zone of \(partner.code) is unknown") }
    let number = position.number(plan.businessDate)
    var stored = StoredStatement(
      id: id,
      number: number,
      partner: partner.id,
      sequence: position.sequence,
      runBatch: batch,
      businessDate: plan.businessDate,
      cutSeal: plan.cut,
      created: created,
      currency: position.currency.code,
      opening: position.opening,
      settled: position.toPartner - position.toIssuer,
      paid: position.paid,
      ordered: position.ordered,
      due: position.payOn,
      reference: creditorReference(number),
      filedLines: 0,
      filedQuantity: 0,
      settledLines: 0,
      lineDigest: "",
      jsonDigest: ""
    )
    let lines = try books.statementLines(id)
    let documents = try documents(for: lines, stored, partner, agreed)
    try store(&stored, plan, lines: lines, documents: documents)
    return stored
  }

  /// Renders the statement once, keeps its digests and stores it with its documents.
  private func store(
    _ stored: inout StoredStatement,
    _ plan: SettlementPlan,
    lines: [StatementLine],
    documents: [NumberedDocument]
  ) throws {
    let rendered = try StatementRendering(books: books, directory: terms.directory)
      .statement(stored, lines: lines, documents: documents)
    guard rendered.settled == stored.settled else {
      throw Refusal(
        .booksBroken,
        "the lines of \(stored.number) give \(rendered.settled), the plan \(stored.settled)"
      )
    }
    stored.filedLines = Int64(lines.count { $0.section == .filed })
    stored.filedQuantity = lines.filter { $0.section == .filed }
      .map { ($0.quantity ?? 0) * $0.direction.sign }.reduce(0, +)
    stored.settledLines = Int64(lines.count) - stored.filedLines
    stored.lineDigest = sha256(rendered.bytes { sha256($0).description }).description
    stored.jsonDigest = sha256(rendered.jsonLines()).description
    try books.issue(stored, plan: plan.id)
    for document in documents {
      try books.insertDocument(
        number: document.number,
        statement: stored.id,
        partner: stored.partner,
        series: document.series.rawValue,
        serial: document.serial,
        netMinor: document.net
      )
    }
  }

  /// The entries of one partner: lines filed (M2), shares billed (E5), both sides netted (P14),
  /// the payment ordered (B1).
  private func entries(_ position: PartnerPosition, statement: Int64) throws -> [Entry] {
    let partner = position.partner
    let currency = position.currency.code
    var filed: [Posting] = []
    for sum in try books.filedSums(statement: statement) {
      filed.append(
        Posting(
          .unitOpen,
          sum.unit,
          partner: partner.id,
          programme: sum.programme,
          amount: -sum.quantity
        )
      )
      filed.append(
        Posting(
          .unitFiled,
          sum.unit,
          partner: partner.id,
          programme: sum.programme,
          amount: sum.quantity
        )
      )
    }
    var billed: [Posting] = []
    var netted: [Posting] = []
    for (programme, sums) in Dictionary(grouping: position.sums, by: \.programme)
      .sorted(by: { $0.key < $1.key })
    {
      let signed = { (measure: Measure) in
        sums.filter { $0.measure == measure }.map { $0.minor * $0.direction.sign }.reduce(0, +)
      }
      let post = { (account: Account, amount: Int64) in
        Posting(account, currency, partner: partner.id, programme: programme, amount: amount)
      }
      let (owed, share) = (signed(.cost), -signed(.share))
      billed += [post(.receivableBilled, share), post(.receivableAccrued, -share)]
      netted += [post(.payableConfirmed, owed), post(.receivableBilled, -share)]
    }
    netted.append(
      Posting(
        .settlementClearing,
        currency,
        partner: partner.id,
        amount: position.toIssuer - position.toPartner
      )
    )
    let ordered = Amount(minor: position.ordered, currency: position.currency)
    let candidates = [
      Entry(.filed, text: "lines filed with \(partner.code)", postings: filed),
      Entry(.billed, text: "co-funding billed to \(partner.code)", postings: billed),
      Entry(.netted, text: "netting with \(partner.code)", postings: netted),
      Entry.transfer(
        .ordered,
        text: "payment ordered to \(partner.code)",
        ordered,
        partner: partner.id
      ),
    ]
    return try candidates.compactMap { entry in
      guard let entry else {
        throw Refusal(.booksBroken, "an entry of \(partner.code) does not balance")
      }
      return entry.postings.isEmpty ? nil : entry
    }
  }
}

extension TermsInForce {
  /// Contract, price and kind of every rule of every agreement version.
  var wording: [RuleWording] {
    allAgreements.flatMap { bound in
      bound.rules.map { rule in
        let price =
          rule.rule.price?.description
          ?? rule.rule.reimbursedAt.map { percent in
            decimalText(percent.units, exponent: percent.scale + 2)
          } ?? ""
        return RuleWording(
          agreement: bound.id,
          rule: rule.rule.ordinal,
          contract: bound.agreement.code,
          price: price,
          kind: rule.rule.ordinal == 1 ? "earn_base" : "earn_bonus"
        )
      }
    }
  }
}
