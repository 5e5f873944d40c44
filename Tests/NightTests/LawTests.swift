import Foundation
import ReferenceModel
import RefundPolicy
import Storage
import Testing

@testable import Ledger

/// What must hold of any facts and nights (contract 3), whatever they are.
@Suite struct `laws of the night` {
  static let seedsInAll = ProcessInfo.processInfo.environment["MAKEGOOD_SEEDS"].flatMap { UInt64($0) } ?? 1_000
  /// MAKEGOOD_SEEDS asks for more than CI's 1,000, MAKEGOOD_FIRST_SEED for others.
  static let firstSeed = ProcessInfo.processInfo.environment["MAKEGOOD_FIRST_SEED"].flatMap { UInt64($0) } ?? 1
  static let chunks: [Range<UInt64>] = stride(from: firstSeed, through: firstSeed + seedsInAll - 1, by: 50).map {
    $0..<min($0 + 50, firstSeed + seedsInAll)
  }
  static let first = dayOrdinal(2026, 1, 1) + 25
  static let nights = 5

  @Test(arguments: chunks) func `one catch-up over n nights ends where n runs end`(seeds: Range<UInt64>) throws {
    for seed in seeds {
      let world = randomWorld(seed: seed, orders: 6)
      let (daily, late) = (try Product(), try Product(sheetsFrom: 1))
      for product in [daily, late] {
        try product.take(world)
        try product.close(Self.first)
      }
      for night in 1...Self.nights { try daily.close(Self.first + night) }
      let runs = try late.close(Self.first + Self.nights)
      #expect(runs.count == Self.nights, "seed \(seed)")
      #expect(try daily.everything() == late.everything(), "seed \(seed)")
    }
  }

  @Test(arguments: chunks) func `a second run changes nothing, and neither does importing again`(seeds: Range<UInt64>) throws {
    for seed in seeds {
      let world = randomWorld(seed: seed, orders: 6)
      let product = try Product(sheetsFrom: 1)
      try product.take(world)
      try product.close(Self.first)
      let before = try product.everything()
      try product.take(world)
      #expect(try product.close(Self.first).isEmpty, "seed \(seed)")
      #expect(try product.everything() == before, "seed \(seed)")
    }
  }

  /// Facts come in over several nights. Night by night the ledger is the model's; and in the end, wherever no automatic refund was committed on
  /// the way, what waits is what would wait had everything been known from the start.
  @Test(arguments: chunks) func `late facts end where early ones would`(seeds: Range<UInt64>) throws {
    for seed in seeds {
      let world = randomWorld(seed: seed, orders: 6)
      let (early, late) = (try Product(), try Product(sheetsFrom: 2))
      var model = ModelLedger()
      try early.take(world)
      for (night, partial) in lateArrivals(world, seed: seed).enumerated() {
        try late.take(partial)
        let date = Self.first + night
        try late.close(date)
        try early.close(date)
        model.night(partial, closing: date)
        #expect(try late.items() == model.stretchLines(), "seed \(seed), closing \(dayText(date))")
      }
      let committed = Set(try (early.items() + late.items()).filter { $0.contains("|approved|") }.map { $0.prefix { $0 != "|" } })
      func waiting(_ product: Product) throws -> [String] {
        try product.items().filter { $0.contains("|pending|") && !committed.contains($0.prefix { $0 != "|" }) }
      }
      #expect(try waiting(late) == waiting(early), "seed \(seed)")
    }
  }

  @Test func `the worlds are not empty`() throws {
    var states: Set<String> = []
    var decisions: Set<String> = []
    for seed in 1...30 {
      let world = randomWorld(seed: UInt64(seed), orders: 8)
      let product = try Product()
      for (night, partial) in lateArrivals(world, seed: UInt64(seed)).enumerated() {
        try product.take(partial)
        try product.close(Self.first + 2 * night)
      }
      states.formUnion(try product.items().map { String($0.split(separator: "|")[1]) })
      decisions.formUnion(try product.decisionsEverTold())
    }
    #expect(states == ["pending", "approved", "withdrawn"])
    #expect(decisions == ["granted", "partly_granted", "waiting", "denied", "unmatched"])
  }
}

extension Product {
  /// Every row of the ledger, as text: items and their former versions, days, changes, decisions, exceptions and runs; what stands on sheets as rows
  /// would tell it.
  func everything() throws -> [String] {
    try store.transaction { connection in
      var lines: [String] = []
      func add(_ name: String, _ query: String) throws {
        let rows = try connection.prepare(query)
        while try rows.step() {
          lines.append("\(name)|" + (0..<rows.columnCount).map { rows.optionalText($0) ?? "NULL" }.joined(separator: "|"))
        }
      }
      try add("run_changes", "SELECT run_id, item_id, change, before_cents, after_cents, version FROM run_changes")
      try add(
        "run_changes",
        "SELECT run_id, e.value ->> 0, 'opened', 0, e.value ->> 5, 1 FROM sheets JOIN json_each(sheets.items) AS e ON e.key < item_count")
      let onSheets = try connection.prepare("SELECT e.value ->> 0 FROM sheets JOIN json_each(sheets.items) AS e ON e.key < item_count")
      let versions = try ItemVersions(connection)
      while try onSheets.step() { try versions.takeOver(ItemID(onSheets.int(0))) }
      for table in ["items", "former_items", "stretches", "former_stretches", "request_decisions", "exceptions"] {
        try add(table, "SELECT * FROM \(table)")
      }
      // All but how many orders it decided: which are passed by depends on the way they are gone through.
      try add("runs", "SELECT run_id, business_day, \(ControlTotals.columnNames) FROM runs")
      return (.rollback, lines.sorted())
    }
  }

  func decisionsEverTold() throws -> [String] {
    try store.read { connection in
      var told: [String] = []
      let rows = try connection.prepare("SELECT DISTINCT decision FROM request_decisions")
      while try rows.step() { told.append(rows.text(0)) }
      return told
    }
  }
}
