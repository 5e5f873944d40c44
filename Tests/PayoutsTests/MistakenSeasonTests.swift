import Foundation
import Testing

/// Whatever goes wrong around it: no payment at a doubtful rate without an acceptance, none to an address that was not the latest, nothing automatic on
/// unknown usage, no payment twice after a backup is put back, no edited row paid.
@Suite struct `a season of mistakes` {
  /// MAKEGOOD_SEEDS asks for more than CI's.
  static let seeds = 1...(ProcessInfo.processInfo.environment["MAKEGOOD_SEEDS"].flatMap { UInt64($0) } ?? 24)

  @Test(arguments: seeds) func `pays only what is owed, once, and to whom`(seed: UInt64) throws {
    let season = try MistakenSeason(seed: seed)
    try season.live(days: 18)
    #expect(season.problems == [])
  }

  @Test func `is one in which all of it happens`() throws {
    var happened: Set<String> = []
    for seed in UInt64(1)...12 {
      let season = try MistakenSeason(seed: seed)
      try season.live(days: 18)
      happened.formUnion(season.happened)
    }
    let wanted: Set = [
      "wrong quote", "doubtful rate", "older export", "late usage", "settings", "clock jump", "automatic", "approve", "release", "prepared",
      "kept address", "paid XMR", "paid LTC", "backup put back", "edit",
    ]
    #expect(wanted.subtracting(happened) == [])
  }
}
