import Ledger
import ReferenceModel
import Storage
import Testing

/// Nights on blocks of orders with patches over them.
@Suite struct `orders in patches` {
  /// Some orders without their days of use and tickets, and some that are not there at all.
  private static func early(_ world: World, seed: UInt64) -> World {
    var random = SplitMix64(seed: seed)
    var early = world
    // Not the first one: the block would begin with another.
    let orders = world.orders.map(\.id).sorted().dropFirst()
    let changed = Set((0..<3).map { _ in random.pick(Array(orders)) })
    let missing = Set([random.pick(Array(orders))])
    let periods = Set(world.periods.filter { missing.contains($0.orderID) }.map(\.id))
    early.orders.removeAll { missing.contains($0.id) }
    early.periods.removeAll { missing.contains($0.orderID) }
    early.addons.removeAll { periods.contains($0.periodID) }
    early.usage.removeAll { missing.contains($0.orderID) || changed.contains($0.orderID) }
    early.restorations.removeAll { missing.contains($0.orderID) || changed.contains($0.orderID) }
    return early
  }

  /// Read one after the other, and on threads beside the one that writes.
  @Test(arguments: [Int.max, 1]) func `are decided as they are where all came at once`(sheetsFrom: Int) throws {
    var patches = 0
    for seed in UInt64(1)...20 {
      let world = randomWorld(seed: seed, orders: 24)
      let (patched, whole) = (try Product(sheetsFrom: sheetsFrom), try Product(sheetsFrom: sheetsFrom))
      try patched.take(Self.early(world, seed: seed))
      try patched.take(world)
      try whole.take(world)
      patches += Int(try patched.store.read { try $0.integer("SELECT count(*) FROM block_patches") })
      for day in 0..<3 {
        for product in [patched, whole] { try product.close(dayOrdinal(2026, 1, 26) + 9 * day) }
        #expect(try patched.items() == whole.items(), "seed \(seed)")
        #expect(try patched.exceptions() == whole.exceptions(), "seed \(seed)")
        #expect(try patched.decisions() == whole.decisions(), "seed \(seed)")
      }
      #expect(try patched.verify() == [], "seed \(seed)")
    }
    #expect(patches > 10, "\(patches)")
  }
}
