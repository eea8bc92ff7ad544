// swift-tools-version: 6.2
// The manifest is the architecture: a target is a responsibility, and `HouseTests` compares every
// import line with the dependencies below. One section per target, in the order of the layers.
import PackageDescription

let package = Package(
  name: "kvitt",
  products: [.executable(name: "kvitt", targets: ["kvitt"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CLibCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(
      name: "CLibXML2",
      pkgConfig: "libxml-2.0",
      providers: [.apt(["libxml2-dev"])]
    ),
    .systemLibrary(name: "CPrefetch"),
    .target(
      name: "Schemas",
      path: "Schemas",
      exclude: [
        "README.md", "changes", "current.sql", "objects.txt", "functions", "roles.sql", "tables",
        "views",
        "cards.schema.json",
      ],
      cSettings: [.treatAllWarnings(as: .error)]
    ),

    .target(name: "Civil"),
    .target(name: "Ledger", dependencies: ["Civil"]),
    .target(name: "Rewards", dependencies: ["Ledger", "Civil"]),
    .target(name: "Formats", dependencies: ["Ledger", "Civil", "CLibXML2"]),
    .target(
      name: "Terms",
      dependencies: [
        "Ledger", "Civil", "Rewards", "Formats", .product(name: "Yams", package: "Yams"),
      ]
    ),
    .target(name: "Crypto", dependencies: ["CLibCrypto"]),
    .target(name: "Signing", dependencies: ["Crypto", "CLibCrypto"]),
    .target(
      name: "Postgres",
      dependencies: [
        "CLibPQ", .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .target(
      name: "Journal",
      dependencies: ["Ledger", "Civil", "Rewards", "Formats", "Crypto", "Postgres", "Schemas"]
    ),
    .target(
      name: "Intake",
      dependencies: [
        "Ledger", "Civil", "Rewards", "Formats", "Terms", "Crypto", "Journal", "CPrefetch",
      ]
    ),
    .target(
      name: "Redemption",
      dependencies: [
        "Ledger", "Civil", "Rewards", "Formats", "Crypto", "Journal", "Intake",
      ]
    ),
    .target(
      name: "Settlement",
      dependencies: [
        "Ledger", "Civil", "Rewards", "Formats", "Terms", "Crypto", "Signing", "Journal",
        "Intake",
      ],
      path: "Settlement",
      exclude: ["README.md", "accounts", "agreements", "partners", "calendars", "feeds"]
    ),
    .target(
      name: "Reconciliation",
      dependencies: ["Ledger", "Civil", "Formats", "Crypto", "Journal"]
    ),
    .target(name: "Reports", dependencies: ["Ledger", "Civil", "Formats"]),
    .target(
      name: "Simulator",
      dependencies: ["Ledger", "Civil", "Formats", "Signing", "Crypto"]
    ),
    .executableTarget(
      name: "kvitt",
      dependencies: [
        "Ledger", "Civil", "Rewards", "Formats", "Terms", "Crypto", "Signing", "Postgres",
        "Journal", "Intake", "Redemption", "Settlement", "Reconciliation", "Reports", "Simulator",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]
    ),

    .target(
      name: "TestSupport",
      dependencies: ["Journal", "Postgres"],
      path: "Tests/TestSupport"
    ),
    .testTarget(name: "HouseTests", dependencies: ["TestSupport", "Formats"]),
    .testTarget(
      name: "UnitTests",
      dependencies: [
        "TestSupport", "Ledger", "Civil", "Rewards", "Formats", "Terms", "Crypto", "Signing",
        "Reports",
      ],
      exclude: ["Samples", "independent"]
    ),
    .testTarget(
      name: "JournalTests",
      dependencies: [
        "TestSupport", "Ledger", "Civil", "Rewards", "Formats", "Terms", "Crypto", "Journal",
        "Intake", "Redemption", "Settlement", "Reconciliation", "Postgres",
      ]
    ),
    .testTarget(
      name: "NightTests",
      dependencies: [
        "TestSupport", "Ledger", "Civil", "Rewards", "Terms", "Journal", "Postgres", "Formats",
      ],
      exclude: ["Golden", "independent"]
    ),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c2x
)

// Fuzz targets have no main: they are built apart, by `make fuzz`.
if Context.environment["KVITT_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "Fuzz",
      dependencies: ["Formats", "Terms", "Ledger", "Civil"],
      path: "Tests/Fuzz",
      swiftSettings: [.unsafeFlags(["-parse-as-library"])]
    )
  )
}

for target in package.targets where target.type != .system && target.name != "Schemas" {
  target.swiftSettings =
    (target.swiftSettings ?? []) + [
      .treatAllWarnings(as: .error),
      .enableUpcomingFeature("ExistentialAny"),
      .enableUpcomingFeature("InternalImportsByDefault"),
      .enableUpcomingFeature("MemberImportVisibility"),
      // Small functions of one target run in the inner loops of another; checks of exclusive access
      // at run time, once a field of every record, are left to debug builds.
      .unsafeFlags(
        ["-cross-module-optimization", "-enforce-exclusivity=unchecked"],
        .when(configuration: .release)
      ),
    ]
}
