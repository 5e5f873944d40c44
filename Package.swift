// swift-tools-version: 6.3
import PackageDescription

/// Held by every target of ours: language mode 6, explicit existentials, imports that do not leak, warnings as errors.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "makegood",
  products: [.executable(name: "makegood", targets: ["makegood"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // What one module lends to another is `public`, not `package`: the compiler makes such calls fast (inlined, specialised) across modules for what is
    // public alone. An import took 1.2 times as long, a heavy night 1.1 times. No product but the program is there to import.
    // One direction: makegood -> MakegoodCommands -> {Night, WalletRPC -> Payouts} -> {Facts, Ledger, Reports} -> AuditLog -> Storage -> RefundPolicy.
    // Texts and numbers of facts, sheets and reports, eight bytes at once.
    .target(name: "EightBytes", swiftSettings: strict),
    // Threads that are an error where the system gives none.
    .target(name: "Threads", swiftSettings: strict),
    .target(name: "RefundPolicy", swiftSettings: strict),
    // SHA-256 of OpenSSL's libcrypto.
    .target(name: "OpenSSLHash", linkerSettings: [.linkedLibrary("crypto")]),
    .target(name: "Hashing", dependencies: ["OpenSSLHash"], swiftSettings: strict),
    // One POST with libcurl.
    .target(name: "CURLPost", linkerSettings: [.linkedLibrary("curl")]),
    // How the system started the process, and signals: what has to be C.
    .target(name: "Host"),
    // SQLite, and the calls to it and to the system that Swift cannot make.
    .target(name: "CSQLite", linkerSettings: [.linkedLibrary("sqlite3")]),
    .target(name: "Storage", dependencies: ["RefundPolicy", "CSQLite"], swiftSettings: strict),
    .target(name: "AuditLog", dependencies: ["RefundPolicy", "Storage", "Hashing"], swiftSettings: strict),
    .target(name: "Coins", dependencies: ["RefundPolicy", "Hashing"], swiftSettings: strict),
    .target(name: "Facts", dependencies: ["EightBytes", "Host", "RefundPolicy", "Storage", "AuditLog", "Threads"], swiftSettings: strict),
    .target(name: "Ledger", dependencies: ["EightBytes", "RefundPolicy", "Coins", "Storage", "AuditLog", "Hashing"], swiftSettings: strict),
    .target(name: "Reports", dependencies: ["EightBytes", "RefundPolicy", "Hashing", "Threads"], swiftSettings: strict),
    .target(
      name: "Night",
      dependencies: ["RefundPolicy", "Coins", "Storage", "AuditLog", "Facts", "Hashing", "Ledger", "Reports", "Threads"],
      swiftSettings: strict),
    // The queue as it comes back from a spreadsheet.
    .target(name: "Review", dependencies: ["RefundPolicy"], swiftSettings: strict),
    // Approved refunds become coin: batches, the protocol that sends Monero once, and what the processor says.
    .target(
      name: "Payouts", dependencies: ["Hashing", "RefundPolicy", "Coins", "Storage", "AuditLog", "Facts", "Ledger", "Reports", "Review"],
      swiftSettings: strict),
    // A Monero wallet and node behind their RPC.
    .target(name: "WalletRPC", dependencies: ["CURLPost", "Payouts", "Ledger"], swiftSettings: strict),
    // The demo's made-up seller, as text; nothing else is in it.
    .target(name: "Demo", swiftSettings: strict),
    .target(
      name: "MakegoodCommands",
      dependencies: [
        "Night", "Payouts", "WalletRPC", "Coins", "Facts", "Ledger", "Reports", "Review", "AuditLog", "Storage", "RefundPolicy", "Demo", "Host",
        "Threads",
        arguments,
      ],
      swiftSettings: strict),
    .executableTarget(name: "makegood", dependencies: ["MakegoodCommands", arguments], swiftSettings: strict),

    // The slow, independent model that the product is compared against; it shares nothing with it.
    .target(name: "ReferenceModel", path: "Tests/ReferenceModel", swiftSettings: strict),
    .testTarget(name: "ReferenceModelTests", dependencies: ["ReferenceModel"], swiftSettings: strict),
    .testTarget(name: "ReportsTests", dependencies: ["Reports", "RefundPolicy", "Hashing", "Threads"], swiftSettings: strict),
    .testTarget(
      name: "NightTests",
      dependencies: ["Night", "Coins", "Facts", "Ledger", "Reports", "AuditLog", "Storage", "RefundPolicy", "ReferenceModel", "Threads"],
      swiftSettings: strict),
    .testTarget(name: "LedgerTests", dependencies: ["Ledger", "Facts", "AuditLog", "Storage", "RefundPolicy"], swiftSettings: strict),
    // The built program, driven from outside; it needs the program to be there, and none of its modules.
    .testTarget(name: "ScenarioTests", dependencies: ["makegood"], exclude: ["Scenarios"], swiftSettings: strict),
    .testTarget(name: "CoinsTests", dependencies: ["Coins", "RefundPolicy"], swiftSettings: strict),
    .testTarget(
      name: "PayoutsTests",
      dependencies: ["Payouts", "Coins", "Night", "Facts", "Ledger", "Reports", "Review", "AuditLog", "Storage", "RefundPolicy"],
      swiftSettings: strict),
    .testTarget(
      name: "WalletRPCTests", dependencies: ["WalletRPC", "Payouts", "Ledger", "RefundPolicy"], swiftSettings: strict),
    .testTarget(name: "StorageTests", dependencies: ["Storage"], swiftSettings: strict),
    .testTarget(
      name: "FactsTests", dependencies: ["EightBytes", "Facts", "AuditLog", "Storage", "RefundPolicy", "ReferenceModel"], swiftSettings: strict),
    .testTarget(name: "ReviewTests", dependencies: ["Review", "RefundPolicy"], swiftSettings: strict),
    .testTarget(name: "RefundPolicyTests", dependencies: ["RefundPolicy"], swiftSettings: strict),
  ]
)
