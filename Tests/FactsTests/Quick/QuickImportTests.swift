import AuditLog
import Facts
import Foundation
import ReferenceModel
import RefundPolicy
import Storage
import Testing

@testable import Facts

extension Imports {
  private func resolve(_ files: [String: String]) throws -> (call: Facts.Import, parts: [ImportPart]) {
    let inputs = try files.keys.sorted().map { ImportInput.path(try write("\($0).csv", files[$0] ?? "")) }
    let call = Facts.Import(inputs, rejects: nil, now: Instant(seconds: 1_795_500_000))
    return (call, try call.resolve().parts)
  }

  /// The quick import alone; nil where it leaves the files to the careful one.
  func quick(_ files: [String: String], stretch: Int = 4 << 20) throws -> ImportSummary? {
    let (call, parts) = try resolve(files)
    return try call.quick(parts, on: store, stretch: stretch)
  }

  /// The careful import alone.
  func careful(_ files: [String: String]) throws -> ImportSummary {
    let (call, parts) = try resolve(files)
    return try call.careful(parts, on: store)
  }

  /// Everything that imports left, but for the order in which changes were logged.
  func outcome() throws -> [String] {
    try everything().map { line in
      line.hasPrefix("fact_changes") ? "fact_changes " + line.drop { $0 != "," } : line
    }.sorted()
  }

  func faults() throws -> [String] { try store.read { try FactState.findings(on: $0) }.map(\.description) }

  func found(_ key: String, _ kind: FactKey.Kind) throws -> [String] { try store.read { try OrderBlocks($0).orders(with: FactKey(key), kind) } }
}

@Suite struct `a quick import` {
  private static func expectSame(_ quick: Imports, _ careful: Imports, _ comment: Comment) throws {
    #expect(try quick.outcome() == careful.outcome(), comment)
    #expect(try quick.faults() == [] && careful.faults() == [], comment)
  }

  /// First imports and later ones, of sorted files in every style and with or without `voided`; in one stretch and in many.
  @Test(arguments: 1...UInt64(20)) func `leaves what the careful one leaves of the same rows in any order`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let (quick, pieces, careful) = (try Imports(), try Imports(), try Imports())
    var rows = Rows(world: randomWorld(seed: seed, orders: random.pick([1, 8, 150])))
    if random.chance(30) { rows.removeVoided() }
    for round in 0..<4 {
      let comment: Comment = "seed \(seed), import \(round + 1)"
      var (sorted, shuffled) = (rows, rows)
      sorted.sort()
      shuffled.shuffle(&random)
      let files = sorted.files(random.pick(Rows.Style.allCases))
      let summary = try #require(try quick.quick(files), comment)
      #expect(try pieces.quick(files, stretch: 300) == summary, comment)
      #expect(try careful.careful(shuffled.files()) == summary, comment)
      try Self.expectSame(quick, careful, comment)
      try Self.expectSame(pieces, careful, comment)
      // The same once more is nothing new.
      for imports in [quick, pieces, careful] { #expect(try imports.quick(files)?.isEmpty == true, comment) }
      try Self.expectSame(quick, careful, comment)
      rows.change(&random, round: round)
    }
    for kind in FactKey.Kind.allCases {
      let (table, column) = [("periods", "period_id"), ("addons", "addon_id"), ("restorations", "ticket_id"), ("periods", "txid")][Int(kind.rawValue)]
      for row in rows.tables[table] ?? [] {
        let key = row[rows.column(table, column)]
        #expect(try quick.found(key, kind) == careful.found(key, kind) && pieces.found(key, kind) == careful.found(key, kind), "\(key)")
      }
    }
  }

  /// What the export jobs leave out stays as it was: files of some tables only, on what is known.
  @Test func `takes some of the files alone`() throws {
    let (quick, careful) = (try Imports(), try Imports())
    var rows = Rows(world: randomWorld(seed: 3, orders: 60))
    rows.sort()
    for imports in [quick, careful] { _ = try imports.careful(rows.files()) }
    var random = SplitMix64(seed: 3)
    rows.change(&random, round: 0)
    // In the first of these calls add-ons of orders that it says nothing else of.
    rows.tables["addons"]?.removeAll { $0[1].hasPrefix("new") }
    rows.sort()
    let files = rows.files()
    for tables in [["orders", "addons"], ["orders"], ["periods", "addons"], ["usage"], ["restorations"], ["usage", "restorations", "requests"]] {
      let some = files.filter { tables.contains($0.key) }
      let summary = try quick.quick(some)
      #expect(try careful.careful(some) == summary, "\(tables)")
    }
    try Self.expectSame(quick, careful, "some of the files")
  }

  /// Files of today, of days ago, all of them or some: rows that came before, byte by byte, are passed by only where they say nothing new.
  @Test(arguments: 1...UInt64(12)) func `leaves what the careful one leaves when old files come again, or some of the files`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let (quick, careful) = (try Imports(), try Imports())
    var states = [Rows(world: randomWorld(seed: seed, orders: 25))]
    for round in 0..<4 {
      states[round].sort()
      states.append(states[round])
      states[round + 1].change(&random, round: round)
    }
    states[4].sort()
    let packed = ["orders", "periods", "addons", "usage", "restorations"]
    var quickOnes = 0
    for step in 0..<20 {
      let comment: Comment = "seed \(seed), import \(step + 1)"
      let all = states[step == 0 ? 0 : random.int(0...4)].files(random.pick([.plain, .plain, .plain, .carriageReturns]))
      let files = all.filter { step == 0 || !packed.contains($0.key) || random.chance(75) }
      func refusal(_ imports: Imports) -> ImportFailure? {
        do {
          _ = try imports.careful(files)
          return nil
        } catch { return error as? ImportFailure }
      }
      if let summary = try quick.quick(files) {
        quickOnes += 1
        #expect(try careful.careful(files) == summary, comment)
      } else {
        #expect(refusal(quick)?.count == refusal(careful)?.count, comment)
      }
      try Self.expectSame(quick, careful, comment)
    }
    #expect(quickOnes > 5, "seed \(seed)")
  }

  private static let orders = [
    "O-0,+12025550100,Telco,us-east,basic,,,,", "O-1,+12025550101,Telco,us-east,basic,2026-11-01T08:00:00Z,2026-11-01T09:00:00Z,,",
    "O-2,+12025550102,Telco,us-east,basic,,,,",
  ]

  private static func file(_ table: String, _ rows: String...) -> [String: String] { [table: Valid.file(table, rows.joined(separator: "\n"))] }

  /// Whatever is not quite right, on top of ``Valid`` and two more orders; `isTaken` tells what the careful import does with it.
  // swift-format-ignore
  static let refused: [(what: String, files: [String: String], isTaken: Bool)] = [
    ("a bad field",                     file("usage", "O-1,2026-11-04,-1,0,0"), false),
    ("a bad day",                       file("usage", "O-1,2026-02-29,1,0,0"), false),
    ("an empty field",                  file("orders", "O-3,+12025550103,,us-east,basic,,,,"), false),
    ("a missing field",                 file("usage", "O-1,2026-11-04,1,0"), false),
    ("one field too many",              file("usage", "O-1,2026-11-04,1,0,0,"), false),
    ("a control character",             file("orders", "O-3,+12025550103,T\u{1},us-east,basic,,,,"), false),
    ("a row before the last one",       file("usage", "O-2,2026-11-04,1,0,0", "O-1,2026-11-04,1,0,0"), true),
    ("an order twice, the same",        file("orders", orders[2], orders[2]), true),
    ("an order twice",                  file("orders", orders[2], orders[2].replacing("Telco", with: "Other")), false),
    ("usage twice",                     file("usage", "O-1,2026-11-04,1,0,0", "O-1,2026-11-04,2,0,0"), false),
    ("a period twice",                  file("periods", period("P-2", "O-1", "2026-12", "1"), period("P-2", "O-1", "2026-12", "2")), false),
    ("a ticket twice",                  file("restorations", "T-2,O-1,2026-11-10T06:00:00Z,", "T-2,O-1,2026-11-10T07:00:00Z,"), false),
    ("an add-on twice",                 file("addons", "A-2,P-1,ai,1,,", "A-2,P-1,ai,2,,").merging(file("orders", orders[1])) { $1 }, false),
    ("an unknown order",                file("usage", "O-9,2026-11-04,1,0,0"), false),
    ("an unknown period",               file("addons", "A-2,P-9,ai,1,,").merging(file("orders", orders[1])) { $1 }, false),
    ("an overlap with a known period",  file("periods", period("P-2", "O-1", "2026-11", "1")), false),
    ("an overlap in the file",          file("periods", period("P-2", "O-1", "2026-12", "1"), period("P-3", "O-1", "2026-12", "1")), false),
    ("fees above what was paid",        file("addons", "A-2,P-1,ai,27.01,,").merging(file("orders", orders[1])) { $1 }, false),
    ("less paid than the fees",         file("periods", "P-1,O-1,2026-11-01,2026-12-01,12.99,10.00,XMR,,,,2026-11-01T07:00:00Z"), false),
    ("a period that moved",             file("periods", period("P-1", "O-2", "2026-11", "40")), true),
    ("a period in two orders",          file("periods", period("P-7", "O-1", "2026-12", "1"), period("P-7", "O-2", "2026-12", "1")), false),
    ("a ticket that moved",             file("restorations", "T-1,O-2,2026-11-10T06:00:00Z,"), true),
    ("a ticket in two orders",          file("restorations", "T-7,O-1,2026-11-10T06:00:00Z,", "T-7,O-2,2026-11-10T06:00:00Z,"), false),
    ("an add-on that moved",            file("periods", period("P-2", "O-2", "2026-12", "9")).merging(file("addons", "A-1,P-2,ai,3.00,,")) { $1 }, true),
    ("add-ons alone",                   file("addons", "A-1,P-1,ai,2.00,,"), true),
    ("quotes",                          file("orders", orders[2].replacing("Telco", with: "\"Telco\"")), true),
    ("a column that is absent",         ["orders": "order_id,line,carrier,region,plan\nO-2,+12025550102,Other,us-east,basic\n"], true),
    ("a column that is unknown",        ["orders": "order_id,line,carrier,region,plan,colour\nO-2,+12025550102,Other,us-east,basic,red\n"], false),
    ("a bad row of another file",       file("orders", orders[2].replacing("Telco", with: "Other")).merging(file("rates", "XMR,2026-11-11T06:00:00Z,one")) { $1 }, false),
    ("rates that disagree",             file("orders", orders[2].replacing("Telco", with: "Other")).merging(file("rates", "XMR,2026-11-12T06:00:00Z,1", "XMR,2026-11-12T06:00:00Z,2")) { $1 }, false),
  ]

  private static func period(_ id: String, _ order: String, _ month: String, _ paid: String) -> String {
    "\(id),\(order),\(month)-01,\(month)-28,\(paid),0,XMR,,,,2026-11-01T07:00:00Z"
  }

  @Test(arguments: refused.indices) func `leaves to the careful one what is not quite right`(index: Int) throws {
    let (what, files, isTaken) = Self.refused[index]
    let imports = try Imports()
    var known = Valid.files
    known["orders"] = Valid.file("orders", Self.orders.joined(separator: "\n"))
    #expect(try imports.quick(known) != nil)
    let before = try imports.everything()
    #expect(try imports.quick(files) == nil, "\(what)")
    #expect(try imports.everything() == before, "\(what)")
    #expect(try imports.problems(files).isEmpty == isTaken, "\(what)")
    #expect(try imports.faults() == [], "\(what)")
  }

  /// A cut never falls so that a row out of its order is overlooked: the halves of a sorted file, one after the other, and any two rows swapped.
  @Test(arguments: 1...UInt64(15)) func `sees a row out of its order wherever stretches are cut`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var rows = Rows(world: randomWorld(seed: seed, orders: 40))
    rows.sort()
    let imports = try Imports()
    if random.chance(50) { _ = try imports.quick(rows.files()) }
    let before = try imports.everything()
    for table in ["orders", "periods", "usage"] {
      var wrong = rows
      guard var lines = wrong.tables[table], let first = lines.first, let last = lines.last else { continue }
      let order = rows.column(table, "order_id")
      if first[order] == last[order] { continue }
      if random.chance(50) {
        let half = random.int(1...(lines.count - 1))
        if lines[half - 1][order] == last[order] || first[order] == lines[half][order] { continue }
        lines = Array(lines[half...] + lines[..<half])
      } else {
        lines.swapAt(0, lines.count - 1)
      }
      wrong.tables[table] = lines
      for stretch in [40, 300, 1_500, 1 << 20] {
        #expect(try imports.quick(wrong.files(), stretch: stretch) == nil, "seed \(seed) \(table) \(stretch)")
      }
    }
    #expect(try imports.everything() == before)
  }
}
