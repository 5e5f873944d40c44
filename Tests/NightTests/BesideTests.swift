import AuditLog
import Ledger
import Night
import ReferenceModel
import RefundPolicy
import Storage
import Testing

/// Nights whose blocks of orders other threads read; the seller's year and the model's worlds go through them too.
@Suite struct `orders read on other threads` {
  private static let first = dayOrdinal(2026, 1, 1) + 25

  /// Whoever finds it says the same, and nothing of the night is kept.
  @Test(arguments: [Int.max, 1]) func `stop a night at a block that cannot be read`(sheetsFrom: Int) throws {
    let product = try Product(sheetsFrom: sheetsFrom)
    try product.take(randomWorld(seed: 3, orders: 24))
    try product.store.transaction { connection in
      // The end of each block's last order is missing.
      try connection.execute("UPDATE order_blocks SET orders = substr(orders, 1, length(orders) - 1)")
      return (.commit, ())
    }
    #expect(throws: Damage.self) { try product.close(Self.first) }
    #expect(try product.store.read { try $0.integer("SELECT count(*) FROM runs") } == 0)
  }

  /// Whoever reads the blocks, as many orders are decided; and only those that may have changed, once a night has seen all.
  @Test func `are counted once where they are decided`() throws {
    var (scanned, all, later, decidedLater) = (0, Int64(0), Int64(0), Int64(0))
    for seed in UInt64(1)...40 {
      let world = randomWorld(seed: seed, orders: 24)
      let (beside, alone) = (try Product(), try Product())
      for (night, partial) in lateArrivals(world, seed: seed).enumerated() {
        try beside.take(partial)
        try alone.take(partial)
        let counts = [
          try beside.close(Self.first + night).map(\.ordersDecided), try alone.closeAlone(Self.first + night).map(\.ordersDecided),
        ]
        #expect(counts[0] == counts[1], "seed \(seed), night \(night)")
        scanned += 1
        if night == 0 { all += counts[0][0] } else { (later, decidedLater) = (later + 24, decidedLater + counts[0][0]) }
      }
      // Nothing came, and time alone may change a few.
      let quiet = try beside.close(Self.first + 20)
      #expect(quiet.allSatisfy { $0.ordersDecided <= 24 }, "seed \(seed)")
    }
    #expect(scanned > 80 && all > 0 && decidedLater > 0 && decidedLater < later)
  }

  /// What the reports of a run tell of is cut into ranges that have no gap and never part a sheet.
  @Test(arguments: [Int64(1), 2, 7, 1_000]) func `have their items cut between sheets`(most: Int64) throws {
    var (sheets, cuts) = (Int64(0), 0)
    for seed in UInt64(1)...12 {
      let product = try Product(sheetsFrom: 1)
      try product.take(randomWorld(seed: seed, orders: 24))
      for day in 0..<12 { try product.close(Self.first + day) }
      try product.store.read { connection in
        let run = try #require(try connection.lastRun())
        let parts = try connection.parts(ofReported: run, items: most)
        #expect(parts.first?.lowerBound == 0 && parts.last?.upperBound == .max)
        for (part, next) in zip(parts, parts.dropFirst()) { #expect(part.upperBound == next.lowerBound) }
        for part in parts.dropFirst() {
          let around = "SELECT count(*) FROM sheets WHERE left_count > 0 AND first_item < ?1 AND last_item >= ?1"
          #expect(try connection.integer(around, part.lowerBound) == 0)
        }
        sheets += try connection.reportedSheets(of: run)
        cuts += parts.count - 1
      }
    }
    #expect(sheets > 0 && (cuts > 0 || most == 1_000))
  }
}

extension Product {
  /// Closes a date as ``close(_:)`` does, on the calling thread alone.
  fileprivate func closeAlone(_ day: Int) throws -> [RecordedRun] {
    let date = ServiceDay(ordinal: Int32(day))
    let scale = Night.Scale(sheetsFrom: .max, threadsFrom: .max, part: 1, ordersPerLine: 1_000_000)
    let night = Night(store, now: date.end.advanced(bySeconds: 4 * 3600), scale: scale)
    let lock = try RunLock(database: store.path)
    return try night.close(try night.datesToClose(.through(date)), .kept, holding: lock) { _, _ in }
  }
}
