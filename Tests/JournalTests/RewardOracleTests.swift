import Civil
import Formats
import Foundation
import Intake
import Journal
import Ledger
import Postgres
import Redemption
import TestSupport
import Testing

/// Random purchases, refunds, reversals and pay-outs in random batches under random terms, against an
/// oracle that knows only the whole history and shares no code with the engine.
@Suite(.serialized) struct RewardOracleTests {
  private static let desk = Result { try FeedDesk("oracle") }

  private var isCampaign: Bool {
    ProcessInfo.processInfo.environment["KVITT_CAMPAIGN"] != nil
  }

  @Test func `balances, costs and shares equal the oracle's after every batch`() throws {
    let seed = UInt64(ProcessInfo.processInfo.environment["KVITT_SEED"] ?? "") ?? 20_261_122
    let rounds = isCampaign ? 500 : 5
    print("reward oracle: \(rounds) worlds of 400 events, seed \(seed)")
    var counts = (paid: 0, owing: 0)
    for round in 0..<rounds {
      var random = Dice(seed &+ UInt64(round))
      let history = OracleHistory(&random)
      guard let difference = try replay(history, &counts) else { continue }
      let smallest = try history.shrunk(tries: 150) { try replay($0, &counts) != nil }
      let path = repository + "/.build/oracle-\(seed &+ UInt64(round)).txt"
      try "\(smallest)".write(toFile: path, atomically: true, encoding: .utf8)
      Issue.record("seed \(seed &+ UInt64(round)): \(difference)\nkept in \(path):\n\(smallest)")
      return
    }
    print("reward oracle: \(counts.paid) pay-outs, debts after \(counts.owing) batches")
    #expect(counts.paid > rounds && counts.owing > 0)
  }

  @Test func `a failing history is shrunk to the steps that make it fail`() throws {
    var random = Dice(7)
    let history = OracleHistory(&random)
    let refunds = history.steps.compactMap(\.step.purchase)
    let wanted = try #require(refunds.last)
    var asked = 0
    let smallest = history.shrunk(tries: 1_000) { smaller in
      asked += 1
      return smaller.steps.contains { $0.step.purchase == wanted }
        && smaller.steps.contains { if case .use = $0.step { true } else { false } }
    }
    // The refund, the purchase without which it cannot be, and one use.
    #expect(smallest.steps.count == 3 && smallest.rules.count == 1 && !smallest.hasVersion)
    #expect(asked < 1_000 && "\(smallest)".contains("of: \(wanted)"))
  }

  /// Lets a history happen to the books and to the oracle; what differs first, nil where nothing does.
  private func replay(
    _ history: OracleHistory,
    _ counts: inout (paid: Int, owing: Int)
  ) throws -> String? {
    try RewardOracleTests.desk.get().fresh { plain in
      let yaml = history.rules.map(\.yaml).joined(separator: "\n")
      var copy = try plain.under(programme: "northbank-cashback", rules: yaml)
      if history.hasVersion { copy = try next(copy, history.rules) }
      var world = OracleWorld(rules: history.rules)
      var told = 0
      for batch in 1...8 {
        let steps = history.steps.filter { $0.batch == batch }
        var rows: [(arrival: UInt64, row: FeedRow)] = []
        var changes: [[String]] = []
        var uses: [(key: String, step: OracleStep, member: Int, amount: Int64)] = []
        for place in steps {
          if case .use(let number, let member, let amount) = place.step {
            uses.append(("K-\(number)", place.step, member, Int64(amount)))
            continue
          }
          _ = world.take(place.step)
          if let row = world.row(place.step) { rows.append((place.arrival, row)) }
          if let change = place.step.accountEvent { changes.append(change) }
        }
        if history.early.contains(batch) { try tell(changes, copy, &told) }
        if !rows.isEmpty { try copy.take(rows.sorted { $0.arrival < $1.arrival }.map(\.row)) }
        if !history.early.contains(batch) { try tell(changes, copy, &told) }
        let desk = try PayoutDesk(copy)
        _ = try StandingRun(AwardDesk(copy).day()).run()
        for use in uses {
          let isPaid = try desk.isPaid(use.amount, of: use.member, use.key)
          counts.paid += isPaid ? 1 : 0
          if isPaid != world.take(use.step) { return "batch \(batch): \(use.step) was \(isPaid)" }
        }
        _ = try desk.run()
        let (ours, theirs) = (try Held(copy), world.held)
        counts.owing += theirs.debts.contains { $0 > 0 } ? 1 : 0
        if ours != theirs { return "batch \(batch): the books hold \(ours), not \(theirs)" }
      }
      let check = try copy.sandbox.kvitt("ledger", "check")
      return check.status == 0 ? nil : check.output
    }
  }

  /// The same rules in another order as a version of their own, in the middle of every period.
  private func next(_ copy: FeedCopy, _ rules: [OracleRule]) throws -> FeedCopy {
    let yaml = rules.reversed().map(\.yaml).joined(separator: "\n")
    let text =
      "agreement: NB-CASHBACK\nversion: 3\nprogramme: northbank-cashback\ncurrency: EUR\n"
      + "valid_from: 2026-08-01\nrules:\n" + yaml
    let applied = try copy.sandbox.apply([copy.sandbox.write(text, "files/next.yaml")])
    #expect(applied.status == 0, "\(applied.errors)")
    return try FeedCopy(sandbox: copy.sandbox, date: copy.date)
  }

  /// Hands changes of standing over as the card system's next file.
  private func tell(_ changes: [[String]], _ copy: FeedCopy, _ told: inout Int) throws {
    guard !changes.isEmpty else { return }
    told += 1
    let bytes = accountEvents(changes, sequence: told)
    #expect(try copy.eventIntake().take(bytes: bytes, name: "AE.csv").rejects.isEmpty)
  }
}

extension OracleStep {
  /// The fields of the account event by which the card system tells of a step.
  fileprivate var accountEvent: [String]? {
    guard case .standing(let number, let member, let month, let day, let isOut) = self else {
      return nil
    }
    let date = "2026-0\(month)-\(day < 10 ? "0" : "")\(day)"
    return ["V-\(number)", "good_standing", "ca_\(member)", "", date, isOut ? "out" : "in"]
  }
}

extension PayoutDesk {
  /// Asks for a pay-out that a member may not have the cashback for.
  fileprivate func isPaid(_ minor: Int64, of member: Int, _ key: String) throws -> Bool {
    do {
      _ = try redeemer.hold(
        minor,
        of: Int64(member),
        unit: unit,
        on: copy.date,
        key: key,
        now: now,
        until: nil
      )
      return true
    } catch let refusal as Refusal where refusal.code == .balanceShort {
      return false
    }
  }
}

/// What the books hold, or should: cashback by member net of debts, cost and share in all, and what
/// is open, owed and paid out.
struct Held: Equatable {
  /// Members have cashback or owe some, never both: debts take from every lot, and lots go to debts.
  var balances: [Int64]
  var debts: [Int64]
  var cost: Int64
  var share: Int64
  var open: Int64
  var paid: Int64

  init(balances: [Int64], cost: Int64, share: Int64, paid: Int64) {
    (self.balances, self.cost, self.share, self.paid) = (balances, cost, share, paid)
    debts = balances.map { max(0, -$0) }
    open = balances.map { max(0, $0) }.reduce(0, +)
  }

  init(_ copy: FeedCopy) throws {
    balances = [try copy.balance(1, "CB.EUR"), try copy.balance(2, "CB.EUR")]
    debts = try (1...2).map { member in
      try copy.number(
        "SELECT coalesce(sum(quantity), 0)::bigint FROM kvitt.member_debt WHERE member_id = \(member)"
      )
    }
    let stands = { (account: String) in
      try copy.number(
        "SELECT coalesce(sum(amount), 0)::bigint FROM kvitt.posting WHERE account = '\(account)'"
      )
    }
    (cost, share) = (try stands("5100"), try stands("1110"))
    (open, paid) = (-(try stands("2100")), -(try stands("1020")))
  }
}
