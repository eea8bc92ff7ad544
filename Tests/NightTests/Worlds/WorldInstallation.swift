import Foundation
import Postgres
import TestSupport

/// A world beside others in one installation: its tag begins the names of its programme, cards and references.
struct PlacedWorld {
  let tag: String
  let world: World

  func card(_ order: WorldOrder, _ member: Int) -> String { "\(tag)\(order.rawValue)\(member)" }

  func reference(_ order: WorldOrder, _ fact: Int) -> String { "\(tag)\(order.rawValue)-\(fact)" }

  /// The facts that an order has told by a night.
  ///
  /// Behind the random nights everything that stands is refunded.
  func told(_ order: WorldOrder, by night: Int) -> [WorldFact] {
    let files = world.files(order)
    let told = files.prefix(night + 1).flatMap { $0 }
    return night < World.refundNight ? told : told + refunds(told)
  }

  /// The file of a night.
  func file(_ order: WorldOrder, _ night: Int) -> [WorldFact] {
    if night == World.refundNight { return refunds(told(order, by: night - 1)) }
    return night < World.nights ? world.files(order)[night] : []
  }

  /// A refund of all that stands of each purchase.
  private func refunds(_ told: [WorldFact]) -> [WorldFact] {
    let model = WorldModel(world, told: told)
    return model.facts.filter { $0.kind == .purchase && !$0.isUndone }.compactMap { purchase in
      let stands = model.stands(purchase)
      guard stands > 0 else { return nil }
      var refund = purchase
      refund.kind = .refund
      refund.id = 10_000 + purchase.id
      refund.amount = stands
      refund.billed = max(1, purchase.billed * stands / purchase.amount)
      refund.markup = 0
      return refund
    }
  }
}

/// Why the installation could not go on: a night, or a command, that ended with an exit code that stops.
struct WorldStop: Error, CustomStringConvertible {
  let night: Int
  let text: String
  var description: String { "night \(World.date(night)): \(text)" }
}

/// An installation with partners and no agreements, of which each run gets a fresh copy.
final class WorldInstallation: Sendable {
  let sandbox: Sandbox

  init(_ name: String) throws {
    sandbox = Sandbox.shared(name)
    try? sandbox.remove()
    try done("db", "migrate")
    try done("key", "create", "--name", "Worlds", "--from", "2025-01-01", "--to", "2036-01-01")
    try sandbox.write(WorldTermsFiles.calendar, "files/calendar.yaml")
    try sandbox.write(WorldTermsFiles.feed, "files/feed.yaml")
    for partner in WorldTermsFiles.partners {
      try sandbox.write(WorldTermsFiles.partner(partner), "files/\(partner).yaml")
    }
    try apply(
      (["calendar", "feed"] + WorldTermsFiles.partners).map { "\(sandbox.home)/files/\($0).yaml" }
    )
    for (index, partner) in WorldTermsFiles.partners.enumerated() {
      let limits = [
        "--to-partner", "100000000", "--to-issuer", "100000000", "--expires", "2036-01-01",
      ]
      try done(["settle", "standing", "prepare", partner] + limits)
      try done(["settle", "standing", "give", "\(index + 1)"], login: "bo")
    }
    let merchants = WorldTermsFiles.directory.sorted { $0.key < $1.key }
      .map { "\($0.key);2024-01-01;5411;\($0.value)\n" }
    let path = try sandbox.write(
      "merchant;valid_from;mcc;partner\n" + merchants.joined(),
      "files/merchants.csv"
    )
    try decided(["reference", "import", "merchants", path])
    let server = try sandbox.administrator("postgres")
    try server.run("ALTER DATABASE kvitt RENAME TO pristine")
  }

  /// Runs all nights of some worlds; the body sees the books after each.
  func run(
    _ placed: [PlacedWorld],
    through last: Int = World.allNights,
    checking: Bool = true,
    _ body: (Int, WorldBooks) throws -> Void
  ) throws {
    let clock = ContinuousClock()
    let prepared = try clock.measure { try begin(placed) }
    var spent = (nights: Duration.zero, judging: Duration.zero)
    defer {
      let tenths = [prepared, spent.nights, spent.judging].map { "\($0.components.seconds)" }
      print("\(placed.count) worlds: \(tenths.joined(separator: " + ")) s")
    }
    for night in 0..<last {
      try write(placed, night)
      let started = clock.now
      let finished = try sandbox.kvitt("nightly", "--business-date", "\(World.date(night))")
      spent.nights += started.duration(to: clock.now)
      guard [0, 10, 12].contains(finished.status) else {
        throw WorldStop(
          night: night,
          text: "\(finished.status) \(finished.output)\(finished.errors)"
        )
      }
      spent.judging += try clock.measure {
        try body(night, WorldBooks(sandbox, "\(finished.output)"))
      }
      try act(placed, night)
    }
    guard checking else { return }
    let check = try sandbox.kvitt("ledger", "check")
    if check.status != 0 {
      throw WorldStop(night: last, text: "ledger check: \(check.output)\(check.errors)")
    }
  }

  /// A fresh copy with the worlds' terms and members.
  private func begin(_ placed: [PlacedWorld]) throws {
    let server = try sandbox.administrator("postgres")
    try server.run("DROP DATABASE IF EXISTS kvitt WITH (FORCE)")
    try server.run("CREATE DATABASE kvitt TEMPLATE pristine")
    for folder in ["outbox", "inbox", "worlds"] {
      try? FileManager.default.removeItem(atPath: "\(sandbox.home)/\(folder)")
    }
    try FileManager.default.createDirectory(
      atPath: sandbox.home + "/inbox/feeds/cards",
      withIntermediateDirectories: true
    )
    var offers = "card_token;part\n"
    var terms: [String] = []
    for one in placed {
      for (index, version) in one.world.versions.enumerated() {
        terms.append(
          try sandbox.write(
            version.yaml(one.tag, index + 1),
            "worlds/\(one.tag)-\(index + 1).yaml"
          )
        )
      }
    }
    try apply(terms)
    for one in placed {
      var members = "card_token;member_ref;joined;product\n"
      for order in one.world.orders {
        for (index, member) in one.world.members.enumerated() {
          let card = one.card(order, index)
          members += "\(card);M-\(card);\(member.joined ?? "");\(member.product ?? "")\n"
          if member.isInAudience { offers += "\(card);offer\n" }
        }
      }
      let path = try sandbox.write(members, "worlds/\(one.tag).csv")
      try decided(["member", "import", path, "--programme", one.tag])
      try choose(one)
    }
    if offers.contains(";offer") {
      let path = try sandbox.write(offers, "worlds/offers.csv")
      try decided([
        "member", "offer", path, "--audience", "OFFER", "--source", "mail", "--from",
        "2025-01-01", "--through", "2026-12-31", "--business-date", "2025-01-01",
      ])
    }
  }

  private func choose(_ one: PlacedWorld) throws {
    guard one.world.rules.contains(where: { $0.chosen != nil }) else { return }
    for order in one.world.orders {
      for (index, member) in one.world.members.enumerated() {
        guard let choice = member.choice else { continue }
        try decided([
          "member", "choose", one.card(order, index), choice, "--from", "2025-01-01",
          "--business-date", "2025-01-01",
        ])
      }
    }
  }

  private func write(_ placed: [PlacedWorld], _ night: Int) throws {
    var file = WorldFeedFile()
    for one in placed {
      for order in one.world.orders {
        for fact in one.file(order, night) { file.add(fact, one, order) }
      }
    }
    let compact = "\(World.date(night))".replacing("-", with: "")
    guard file.records > 0 else { return }
    try sandbox.write(
      file.text(sequence: compact),
      "inbox/feeds/cards/cards-\(compact).csv"
    )
  }

  private func act(_ placed: [PlacedWorld], _ night: Int) throws {
    for one in placed {
      for (number, act) in one.world.acts.enumerated() where act.night == night {
        switch act {
        case .payout:
          try done([
            "reward", "payout", "--business-date", "\(World.date(night))", "--programme", one.tag,
            "--unit", "CB.EUR", "--from", "0.01",
          ])
        case .use(_, let member, let unit, let quantity):
          for order in one.world.orders {
            let key = "\(one.card(order, member))-\(number)"
            try sandbox.kvitt([
              "reward", "hold", one.card(order, member), "--unit", unit, "--quantity",
              unit.hasPrefix("SC") ? money(quantity) : "\(quantity)", "--key", key, "--minutes",
              "0",
              "--day", "\(World.date(night))",
            ])
          }
        }
      }
    }
  }

  private func apply(_ files: [String]) throws {
    // A second person's yes counts; the first is told to wait for it.
    let first = try sandbox.kvitt(["partner", "terms", "apply"] + files)
    let second = try sandbox.kvitt(
      ["partner", "terms", "apply"] + files,
      environment: ["KVITT_LOGIN": "bo"]
    )
    guard second.status == 0 else {
      throw WorldStop(night: 0, text: "terms: \(first.errors)\(second.errors)")
    }
  }

  private func done(_ words: String...) throws { try done(words) }

  /// Runs a command of which two people decide.
  private func decided(_ words: [String]) throws {
    let finished = try sandbox.together(words)
    guard [0, 10].contains(finished.status) else {
      throw WorldStop(night: 0, text: "\(words): \(finished.output)\(finished.errors)")
    }
  }

  private func done(_ words: [String], login: String? = nil) throws {
    let finished = try sandbox.kvitt(
      words,
      environment: login.map { ["KVITT_LOGIN": $0] } ?? [:]
    )
    guard [0, 10, 24].contains(finished.status) else {
      throw WorldStop(night: 0, text: "\(words): \(finished.output)\(finished.errors)")
    }
  }
}

/// A file of the bank's card feed with its totals.
struct WorldFeedFile {
  private(set) var records = 0
  private var debit = 0
  private var credit = 0
  private var lines = ""

  mutating func add(_ fact: WorldFact, _ one: PlacedWorld, _ order: WorldOrder) {
    let clock = "\(pad(fact.minute / 60)):\(pad(fact.minute % 60)):00"
    let original = fact.kind == .purchase ? "" : one.reference(order, fact.purchase)
    let fields = [
      fact.kind.rawValue, one.reference(order, fact.id), original, fact.isUndone ? "1" : "0",
      one.card(order, fact.member), "\(fact.amount)", fact.currency, "\(fact.billed)", "EUR",
      fact.category, fact.merchant, "\(fact.day)T\(clock)+01:00", "\(fact.markup)", fact.country,
      fact.channel,
    ]
    lines += fields.joined(separator: ";") + "\n"
    records += 1
    switch fact.kind {
    case .disputeOpened, .disputeWon, .disputeLost: break
    case .purchase, .represented:
      if fact.isUndone { credit += fact.billed } else { debit += fact.billed }
    case .refund, .chargeback:
      if fact.isUndone { debit += fact.billed } else { credit += fact.billed }
    }
  }

  private func pad(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  func text(sequence: String) -> String {
    "type;reference;original_ref;reversal;card_token;amount_minor;currency;billing_minor;"
      + "billing_currency;mcc;merchant_id;local_time;markup_minor;country;channel\n" + lines
      + "#total;EUR;\(records);\(debit);\(credit)\n#end;\(records);\(sequence)\n"
  }
}

/// Terms that all worlds share.
enum WorldTermsFiles {
  static let partners = ["FLY", "RET", "SHO"]

  /// Whose shops merchants are.
  static let directory = ["M-1": "RET", "M-2": "SHO"]

  static let feed = """
    feed: cards
    version: 1
    delimiter: ";"
    trailer: required
    unreadable_amount: refuse
    arrival: any

    """

  /// Only Mondays are open, so that few nights cover many weeks.
  static var calendar: String {
    var text =
      "calendar: WORLDS\nversion: 1\nvalid_from: 2025-01-01\nvalid_to: 2026-12-31\nclosed:\n"
    var day = WorldDay(2025, 1, 1)
    while day <= WorldDay(2026, 12, 31) {
      if (1...4).contains(day.weekday) { text += "  - \(day)\n" }
      day = day + 1
    }
    return text
  }

  static func partner(_ code: String) -> String {
    """
    partner: \(code)
    version: 1
    name: Partner \(code)
    entity: \(code)-AB
    currency: EUR
    calendar: WORLDS
    cutoff: 22:00
    zone: Europe/Stockholm
    account: SE3550000000054910000003
    minimum_transfer: 10.00
    pay_after_days: 1
    answer:
      deadline_days: 1
      no_answer: accept
      cure_days: 20
      lapse_to_cashback: 0.0100
      cashback_unit: CB.EUR

    """
  }
}
