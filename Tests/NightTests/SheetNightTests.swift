import Ledger
import Night
import ReferenceModel
import RefundPolicy
import Storage
import Testing

/// What a night opens on sheets is what it would open in rows; the seller's year and the laws of the night compare the two after every step.
@Suite struct `sheets of a night` {
  static let first = dayOrdinal(2026, 1, 1) + 25

  /// Worlds whose first night opens items on sheets, each before its night.
  private static func products(_ body: (UInt64, Product) throws -> Void) throws {
    var count = 0
    for seed in UInt64(1)...400 where count < 6 {
      let world = randomWorld(seed: seed, orders: 24)
      guard world.settings.isEmpty else { continue }
      let trial = try Product(sheetsFrom: 1)
      try trial.take(world)
      try trial.close(first)
      guard try trial.store.read({ try $0.integer("SELECT count(*) FROM sheets") }) > 0 else { continue }
      count += 1
      let product = try Product(sheetsFrom: 1)
      try product.take(world)
      try body(seed, product)
    }
    #expect(count == 6, "too few worlds open items on sheets")
  }

  @Test func `hold a night over its limit, and give each item to the person who releases it (G2)`() throws {
    try Self.products { seed, product in
      try product.store.transaction { connection in
        var operating = OperatingNumbers()
        operating.nightLimitItems = 0
        try connection.add(
          SettingsSet(effectiveFrom: Instant(seconds: 1), policy: PolicyNumbers(), operating: operating),
          SettingsRecord.Said(at: Instant(seconds: 1), by: "ann"))
        return (.commit, ())
      }
      try product.close(Self.first)
      var held: [Item] = []
      try product.store.read { try $0.eachUndecided { held.append($0.item) } }
      #expect(held.allSatisfy { $0.state == .held && $0.flags.contains(.nightLimit) }, "seed \(seed)")
      #expect(try product.store.read { try $0.held(by: .nightLimit) } == Int64(held.count))
      #expect(try product.verify() == [], "seed \(seed)")
      for item in held {
        let outcome = try product.store.transaction { connection in
          let desk = try ReviewDesk(Reviewer("ann"), at: Instant(seconds: 2_000_000_000), on: connection, restating: Reopening.restate)
          let outcome = try desk.decide(.release, item.id, seen: SeenItem(item), note: nil)
          try desk.finish()
          return (.commit, outcome)
        }
        guard case .done(let released) = outcome else {
          Issue.record("seed \(seed): \(outcome)")
          continue
        }
        #expect(released.flags.isDisjoint(with: .nightLimit))
      }
      #expect(try product.store.read { try $0.integer("SELECT sum(left_count) FROM sheets") } == 0)
      #expect(try product.verify() == [], "seed \(seed)")
    }
  }

  @Test func `tell what is overdue as rows do (Q5)`() throws {
    try Self.products { seed, product in
      try product.close(Self.first)
      var items: [Item] = []
      try product.store.read { try $0.eachUndecided { items.append($0.item) } }
      for day in (items.map(\.dueOn).min() ?? ServiceDay(ordinal: 0)).ordinal - 1...(items.map(\.dueOn).max() ?? ServiceDay(ordinal: 0)).ordinal {
        let day = ServiceDay(ordinal: day)
        #expect(try product.store.read { try $0.overdue(on: day) } == Int64(items.count { $0.dueOn <= day }), "seed \(seed), \(day)")
      }
    }
  }
}
