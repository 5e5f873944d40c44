import Foundation
import Ledger
import Night
import ReferenceModel
import RefundPolicy
import Storage
import Testing

/// Contract 7: what is changed behind the program's back is found.
@Suite struct `verification` {
  /// Every table that holds money or says who decided about it, with its columns that are values.
  static let tables = [
    "items", "former_items", "stretches", "former_stretches", "sheets", "runs", "run_changes", "run_aging", "run_facts", "request_decisions",
    "exceptions", "reviews", "settings", "seals", "imports", "fact_changes", "order_blocks", "block_patches", "key_levels", "key_pages",
    "requests", "outages", "withdrawals", "feature_faults", "plan_features", "matched_requests", "agenda", "state_roots", "digest_pages",
    "seal_head",
  ]

  /// A ledger with nights, corrected facts, decisions of people and a rerun in it.
  private static func ledger(seed: UInt64 = 17) throws -> Product {
    let product = try Product(sheetsFrom: 1)
    let first = dayOrdinal(2026, 1, 1) + 25
    let world = randomWorld(seed: seed, orders: 24)
    let worlds = lateArrivals(world, seed: seed)
    for (night, world) in worlds.enumerated() {
      try product.take(world)
      if night == 1 { _ = try product.rerun(from: first - 25, to: first) }
      try product.close(through: first + night)
      let pending = try product.items().filter { $0.contains("|pending|") }.map { String($0.prefix { $0 != "|" }) }
      for (index, period) in pending.prefix(3).enumerated() {
        let decision: Review.Decision = [.approve, .reject, .hold][index]
        _ = try product.review(Review(decision, ItemPlace(period, 1), by: "ann", note: "why"))
      }
    }
    // One order alone, whose block was written before: it lies in a patch then.
    var late = World()
    late.usage = [Usage(orderID: try #require(world.orders.map(\.id).max()), day: first, calls: 1)]
    try product.take(late)
    try product.close(through: first + worlds.count)
    return product
  }

  private static func findings(_ product: Product) throws -> [String] {
    do { return try product.verify() } catch let error as StorageError { return ["\(error)"] }
  }

  @Test func `finds any single value that is changed, in any row of any table`() throws {
    let product = try Self.ledger()
    #expect(try Self.findings(product) == [])
    // As somebody would who knows SQLite: the guards are taken away first.
    try product.execute(
      "PRAGMA ignore_check_constraints = 1; PRAGMA foreign_keys = 0; "
        + (try product.column("SELECT 'DROP TRIGGER ' || name || ';' FROM sqlite_master WHERE type = 'trigger'").joined()))
    var changes = 0
    for table in Self.tables {
      let columns = try product.column("SELECT name FROM pragma_table_info('\(table)')")
      let keys = try product.column("SELECT name FROM pragma_table_info('\(table)') WHERE pk > 0 ORDER BY pk")
      let rows = Int(try product.column("SELECT count(*) FROM \(table)").first ?? "0") ?? 0
      #expect(rows > 0, "\(table) is empty: nothing is tested of it")
      // The first, a middle and the last row of each table; every column of them.
      for row in Set([0, rows / 2, rows - 1]) where row >= 0 && row < rows {
        let names = keys.joined(separator: ", ")
        let place = "(\(names)) = (SELECT \(names) FROM \(table) ORDER BY \(names) LIMIT 1 OFFSET \(row))"
        for column in columns {
          // The lowest bit of a number or of a text's first character; another blob; nothing becomes something.
          let flipped = """
            CASE typeof(\(column)) WHEN 'integer' THEN (\(column) | 1) - (\(column) & 1)
              WHEN 'text' THEN char((unicode(\(column)) | 1) - (unicode(\(column)) & 1)) || substr(\(column), 2)
              WHEN 'blob' THEN CAST(zeroblob(length(\(column)) - 1) || x'01' AS BLOB)
              ELSE \(["txid", "address", "network", "tag", "note", "paid_amount", "order_id", "period_id", "before", "after"].contains(column) ? "'x'" : "1") END
            """
          let isFound = try product.isFound(changing: table, "UPDATE OR IGNORE \(table) SET \(column) = \(flipped) WHERE \(place)")
          guard let isFound else { continue }
          changes += 1
          #expect(isFound, "\(table).\(column), row \(row)")
        }
      }
    }
    #expect(changes > 300, "\(changes)")
  }

  @Test(arguments: [
    "items", "former_items", "stretches", "former_stretches", "sheets", "run_changes", "request_decisions", "exceptions", "reviews", "seals",
    "fact_changes", "block_patches",
  ])
  func `finds a row that is gone`(table: String) throws {
    let product = try Self.ledger()
    try product.execute(
      "PRAGMA foreign_keys = 0; "
        + (try product.column("SELECT 'DROP TRIGGER ' || name || ';' FROM sqlite_master WHERE type = 'trigger'").joined()))
    let keys = try product.column("SELECT name FROM pragma_table_info('\(table)') WHERE pk > 0 ORDER BY pk").joined(separator: ", ")
    #expect(try product.isFound(changing: table, "DELETE FROM \(table) WHERE (\(keys)) = (SELECT \(keys) FROM \(table) LIMIT 1)") == true)
  }
}

extension Product {
  fileprivate func column(_ sql: String) throws -> [String] {
    try store.read { connection in
      let rows = try connection.prepare(sql)
      var values: [String] = []
      while try rows.step() { values.append(rows.text(0)) }
      return values
    }
  }

  fileprivate func execute(_ sql: String) throws { try store.read { try $0.execute(sql) } }

  /// Whether verification finds a change, which is taken back afterwards; nil where nothing was changed.
  fileprivate func isFound(changing table: String, _ sql: String) throws -> Bool? {
    try execute("CREATE TEMP TABLE kept AS SELECT * FROM \(table)")
    let before = try column("SELECT count(*) FROM kept").first
    try execute(sql)
    let differs = try column("SELECT count(*) FROM (SELECT * FROM kept EXCEPT SELECT * FROM \(table))").first ?? "0"
    var isFound: Bool?
    if differs != "0" {
      do { isFound = try !verify().isEmpty } catch is StorageError { isFound = true }
    }
    try execute("DELETE FROM \(table); INSERT INTO \(table) SELECT * FROM kept; DROP TABLE kept")
    #expect(try column("SELECT count(*) FROM \(table)").first == before)
    return isFound
  }
}
