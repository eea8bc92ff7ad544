import Ledger

/// The simulator's own copy of the contracts, written apart from the engine: its truth is its own.
struct WorldProgramme: Sendable {
  let code: String
  let prefix: String
  let currency: Currency
  let unit: String
  /// Tenths of a percent of base reward; 0 for miles.
  let permille: Int64
  let monthlyCap: Int64?
  /// Merchants of the bonus, its percentage and its partner.
  let bonusMerchants: [String]
  let bonusPercent: Int64
  let bonusPartner: String
  let isMiles: Bool
  /// Partner that redeems store credit.
  let creditPartner: String

  static let all: [WorldProgramme] = [
    WorldProgramme(
      code: "northbank-cashback",
      prefix: "ca",
      currency: .eur,
      unit: "CB.EUR",
      permille: 10,
      monthlyCap: 2_500,
      bonusMerchants: (1...5).map { "LUM-000\($0)" },
      bonusPercent: 4,
      bonusPartner: "LUM",
      isMiles: false,
      creditPartner: ""
    ),
    WorldProgramme(
      code: "northbank-cashback-se",
      prefix: "cs",
      currency: .sek,
      unit: "CB.SEK",
      permille: 10,
      monthlyCap: 25_000,
      bonusMerchants: (1...3).map { "KFH-000\($0)" },
      bonusPercent: 5,
      bonusPartner: "KFH",
      isMiles: false,
      creditPartner: ""
    ),
    WorldProgramme(
      code: "lumen-credit",
      prefix: "lc",
      currency: .eur,
      unit: "SC.LUM",
      permille: 30,
      monthlyCap: nil,
      bonusMerchants: [],
      bonusPercent: 0,
      bonusPartner: "",
      isMiles: false,
      creditPartner: "LUM"
    ),
    WorldProgramme(
      code: "bokbio-credit",
      prefix: "bc",
      currency: .eur,
      unit: "SC.BOK",
      permille: 30,
      monthlyCap: nil,
      bonusMerchants: [],
      bonusPercent: 0,
      bonusPartner: "",
      isMiles: false,
      creditPartner: "BOK"
    ),
    WorldProgramme(
      code: "nordvik-miles",
      prefix: "nm",
      currency: .eur,
      unit: "NVA",
      permille: 0,
      monthlyCap: nil,
      bonusMerchants: [],
      bonusPercent: 0,
      bonusPartner: "",
      isMiles: true,
      creditPartner: ""
    ),
  ]

  /// Categories that never earn.
  static let excluded: Set<String> = ["6011", "7995", "4829"]
}

/// A merchant of the world.
struct WorldMerchant: Sendable {
  let id: String
  let category: String
  let name: String

  /// Shops of the partners first, then everyday merchants by descending custom.
  static func all(_ random: inout Randomness) -> [WorldMerchant] {
    let kinds: [(String, String)] = [
      ("5411", "Matbutik"), ("5812", "Krog"), ("5541", "Bensin"), ("5912", "Apotek"),
      ("4111", "Tag"), ("5651", "Klader"), ("5732", "Elektronik"), ("7011", "Hotell"),
      ("4511", "Flyg"), ("5942", "Bokhandel"), ("0742", "Djurklinik"), ("6011", "Uttag"),
      ("7995", "Spel"), ("5814", "Gatukok"), ("8011", "Lakare"), ("4121", "Taxi"),
    ]
    var out: [WorldMerchant] = []
    for index in 1...400 {
      let kind = kinds[random.below(kinds.count)]
      out.append(
        WorldMerchant(
          id: "M-\(10_000 + index)",
          category: kind.0,
          name: "\(kind.1) \(index)"
        )
      )
    }
    for index in 1...5 {
      out.insert(
        WorldMerchant(id: "LUM-000\(index)", category: "5311", name: "Lumen Stores \(index)"),
        at: index * 2
      )
    }
    for index in 1...3 {
      out.insert(
        WorldMerchant(id: "KFH-000\(index)", category: "5814", name: "Kaffehuset \(index)"),
        at: index * 3
      )
    }
    return out
  }
}
