import Ledger
import ReferenceModel
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
    #expect(throws: StorageError.refused(why: "a block of orders cannot be read; 'makegood verify' tells more")) { try product.close(Self.first) }
    #expect(try product.store.read { try $0.integer("SELECT count(*) FROM runs") } == 0)
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
