import AuditLog
import Foundation
import RefundPolicy
import Storage
import Testing

@testable import Facts

/// A database and a folder of its own for imports.
final class Imports {
  let folder: URL
  let store: Store

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("makegood-import-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    store = try Store.made(at: folder.appendingPathComponent("makegood.db").path, migrations: [AuditSchema.migration] + FactSchema.migrations)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func write(_ name: String, _ text: String) throws -> String {
    let file = folder.appendingPathComponent(name)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    return file.path
  }

  @discardableResult
  func take(_ files: [String: String], rejects: String? = nil) throws -> ImportSummary {
    let inputs = try files.keys.sorted().map { ImportInput.path(try write("\($0).csv", files[$0] ?? "")) }
    return try run(inputs, rejects: rejects)
  }

  @discardableResult
  func run(_ inputs: [ImportInput], rejects: String? = nil) throws -> ImportSummary {
    let lock = try RunLock(database: store.path)
    return try Facts.Import(inputs, rejects: rejects, now: Instant(seconds: 1_795_500_000)).run(on: store, holding: lock)
  }

  /// `file:line:column: what` of every bad row; nothing when all was taken in.
  func problems(_ files: [String: String]) throws -> [String] {
    do {
      try take(files)
      return []
    } catch let failure as ImportFailure {
      return failure.problems.map { "\(URL(fileURLWithPath: $0.place.description).lastPathComponent): \($0.what)" }
    }
  }

  /// The rows of all tables of facts, the corrections, and which of them took an end back.
  func everything() throws -> [String] {
    try store.read { connection in
      try OpenedOrders(connection).openAll()
      return try (FactTable.all.map(\.name) + ["fact_changes"]).flatMap { table in
        try Imports.rows("SELECT * FROM \(table)", on: connection).map { "\(table) \($0)" }
      }
    } + endsTakenBack().map { "ends_taken_back \($0)" }
  }

  /// `import,table,key` of each change that took an end back.
  func endsTakenBack() throws -> [String] {
    try rows("SELECT e.import_id, table_name, key FROM ends_taken_back AS e JOIN fact_changes USING (change_id) ORDER BY table_name, key")
  }

  /// Each row as its columns, `,` between them.
  func rows(_ query: String) throws -> [String] { try store.read { try Imports.rows(query, on: $0) } }

  private static func rows(_ query: String, on connection: Connection) throws -> [String] {
    let rows = try connection.prepare(query)
    var lines: [String] = []
    while try rows.step() { lines.append((0..<rows.columnCount).map { rows.optionalText($0) ?? "-" }.joined(separator: ",")) }
    return lines
  }
}

/// A small seller, every file once: header and one row each, all of it right.
enum Valid {
  static let headers = Dictionary(uniqueKeysWithValues: FactTable.all.map { ($0.name, $0.columns.map(\.name).joined(separator: ",")) })
  // swift-format-ignore
  static let rows = [
    "orders":         "O-1,+12025550101,Telco,us-east,basic,2026-11-01T08:00:00Z,2026-11-01T09:00:00Z,,",
    "periods":        "P-1,O-1,2026-11-01,2026-12-01,40.00,10.00,XMR,,,,2026-11-01T07:00:00Z",
    "addons":         "A-1,P-1,ai,3.00,2026-11-02T00:00:00Z,",
    "usage":          "O-1,2026-11-03,1,2,3",
    "outages":        "X-1,infrastructure,region,us-east,2026-11-10T06:00:00Z,",
    "withdrawals":    "V-1,carrier,prefix,+1202,2026-11-10T06:00:00Z,",
    "feature_faults": "F-1,sms,platform,,2026-11-10T06:00:00Z,2026-11-11T06:00:00Z",
    "plan_features":  "basic,sms",
    "restorations":   "T-1,O-1,2026-11-10T06:00:00Z,",
    "requests":       "R-1,O-1,,2026-11-10T06:00:00Z,panel,addr,,",
    "rates":          "XMR,2026-11-10T06:00:00Z,158.2045",
  ]

  static var files: [String: String] { Dictionary(uniqueKeysWithValues: rows.map { ($0.key, file($0.key, $0.value)) }) }
  static func file(_ table: String, _ row: String) -> String { "\(headers[table] ?? "")\n\(row)\n" }
}

@Suite struct `an import` {
  // swift-format-ignore
  static let rows: [(String, String, String)] = [
    ("orders",         "O-2,12025550102,T,r,b,,,,",                                  "orders.csv:2:5: line '12025550102' is no E.164 number"),
    ("orders",         "O-2,+1202555010212345,T,r,b,,,,",                            "orders.csv:2:5: line '+1202555010212345' is no E.164 number"),
    ("orders",         ",+12025550102,T,r,b,,,,",                                    "orders.csv:2:1: order_id is empty"),
    ("orders",         "O-2,+12025550102,T,r,,,,,",                                  "orders.csv:2:22: plan is empty"),
    ("orders",         "O-2,+12025550102,T,r,b,,2026-11-01T08:00:00Z,,",             "orders.csv:2:25: activated_at is filled, but provisioned_at is empty"),
    ("orders",         "O-2,+12025550102,T,r,b,2026-11-01T08:00:00Z,2026-11-01T07:59:59Z,,", "orders.csv:2:45: activated_at is before provisioned_at"),
    ("orders",         "O-2,+12025550102,T,r,b,,,2026-11-01T08:00:00Z,",             "orders.csv:2:47: ended_at and end_reason are not filled together"),
    ("orders",         "O-2,+12025550102,T,r,b,,,,aup",                              "orders.csv:2:27: ended_at and end_reason are not filled together"),
    ("orders",         "O-2,+12025550102,T,r,b,,,2026-11-01T08:00:00Z,sold",         "orders.csv:2:47: end_reason 'sold' is none of the words there are"),
    ("orders",         "O-2,+12025550102,T,r,b,,",                                   "orders.csv:2:25: the row has 7 fields, the header 9"),
    ("orders",         "O-2,+12025550102,T,r,b,,,,,",                                "orders.csv:2:27: the row has 10 fields, the header 9"),
    ("orders",         "O-2,+12025550102,T\tx,r,b,,,,",                              "orders.csv:2:18: carrier 'T<U+0009>x' holds a control character"),
    ("periods",        "P-2,O-1,2026-12-01,2026-12-01,1,0,XMR,,,,2026-11-01T07:00:00Z", "periods.csv:2:20: ends_on is not after starts_on"),
    ("periods",        "P-2,O-1,2026-12-01,2026-12-32,1,0,XMR,,,,2026-11-01T07:00:00Z", "periods.csv:2:20: ends_on '2026-12-32' is no day"),
    ("periods",        "P-2,O-1,2026-12-01,2027-01-01,1.005,0,XMR,,,,2026-11-01T07:00:00Z", "periods.csv:2:31: paid_usd '1.005' is no amount of dollars"),
    ("periods",        "P-2,O-1,2026-12-01,2027-01-01,-1,0,XMR,,,,2026-11-01T07:00:00Z", "periods.csv:2:31: paid_usd '-1' is no amount of dollars"),
    ("periods",        "P-2,O-1,2026-12-01,2027-01-01,99999999999999999999,0,XMR,,,,2026-11-01T07:00:00Z", "periods.csv:2:31: paid_usd '99999999999999999999' is no amount of dollars"),
    ("periods",        "P-2,O-1,2026-12-01,2027-01-01,1,1.01,XMR,,,,2026-11-01T07:00:00Z", "periods.csv:2:33: setup_fee_usd is above paid_usd"),
    ("periods",        "P-2,O-1,2026-12-01,2027-01-01,1,0,USDT,,,,2026-11-01T07:00:00Z", "periods.csv:2:40: network is empty for a coin that has no chain of its own"),
    ("periods",        "P-2,O-9,2026-12-01,2027-01-01,1,0,XMR,,,,2026-11-01T07:00:00Z", "periods.csv:2:5: there is no order_id 'O-9'"),
    ("periods",        "P-2,O-1,2026-11-30,2027-01-01,1,0,XMR,,,,2026-11-01T07:00:00Z", "periods.csv:2: period 'P-2' overlaps period 'P-1' of order 'O-1'"),
    ("periods",        "P-2,O-1,2026-12-01,2027-01-01,1,0,XMR,,1e3,,2026-11-01T07:00:00Z", "periods.csv:2:40: paid_amount '1e3' is no decimal number"),
    ("addons",         "A-2,P-1,gold,1,,",                                           "addons.csv:2:9: category 'gold' is none of the words there are"),
    ("addons",         "A-2,P-9,ai,1,,",                                             "addons.csv:2:5: there is no period_id 'P-9'"),
    ("addons",         "A-2,P-1,ai,27.01,,",                                         "addons.csv:2: the fees of period 'P-1' are 40.01 USD together, above the 40.00 USD paid"),
    ("addons",         "A-2,P-1,ai,1,,2026-11-02T00:00:00Z",                         "addons.csv:2:15: active_to is filled, but active_from is empty"),
    ("addons",         "A-2,P-1,ai,1,2026-11-02T00:00:01Z,2026-11-02T00:00:00Z",     "addons.csv:2:35: active_to is before active_from"),
    ("usage",          "O-1,2026-11-04,-1,0,0",                                      "usage.csv:2:16: outbound_calls '-1' is no count"),
    ("usage",          "O-1,2026-11-04,0,1000000001,0",                              "usage.csv:2:18: outbound_sms '1000000001' is no count"),
    ("usage",          "O-1,2026-11-04,0,0,1.0",                                     "usage.csv:2:20: verifications '1.0' is no count"),
    ("usage",          "O-9,2026-11-04,0,0,0",                                       "usage.csv:2:1: there is no order_id 'O-9'"),
    ("outages",        "X-2,lightning,platform,,2026-11-10T06:00:00Z,",              "outages.csv:2:5: origin 'lightning' is none of the words there are"),
    ("outages",        "X-2,carrier,platform,x,2026-11-10T06:00:00Z,",               "outages.csv:2:22: scope_value does not fit the scope"),
    ("outages",        "X-2,carrier,region,,2026-11-10T06:00:00Z,",                  "outages.csv:2:20: scope_value does not fit the scope"),
    ("outages",        "X-2,carrier,line,1202,2026-11-10T06:00:00Z,",                "outages.csv:2:18: scope_value '1202' is no E.164 number"),
    ("outages",        "X-2,carrier,prefix,1202,2026-11-10T06:00:00Z,",              "outages.csv:2:20: scope_value '1202' is no prefix of a number"),
    ("outages",        "X-2,carrier,platform,,2026-11-10T06:00:00Z,2026-11-10T05:59:59Z", "outages.csv:2:44: ended_at is before started_at"),
    ("outages",        "X-2,carrier,platform,,2026-11-10 06:00:00,",                 "outages.csv:2:23: started_at '2026-11-10 06:00:00' is no instant"),
    ("outages",        "X-2,carrier,platform,,2026-11-10T24:00:00Z,",                "outages.csv:2:23: started_at '2026-11-10T24:00:00Z' is no instant"),
    ("withdrawals",    "V-2,fire,platform,,2026-11-10T06:00:00Z,",                   "withdrawals.csv:2:5: reason 'fire' is none of the words there are"),
    ("withdrawals",    "V-2,carrier,platform,,,",                                    "withdrawals.csv:2:23: effective_at is empty"),
    ("feature_faults", "F-2,,platform,,2026-11-10T06:00:00Z,",                       "feature_faults.csv:2:5: feature is empty"),
    ("plan_features",  "basic,",                                                     "plan_features.csv:2:7: feature is empty"),
    ("restorations",   "T-2,O-1,2026-11-10T06:00:00Z,2026-11-10T05:00:00Z",          "restorations.csv:2:30: restored_at is before opened_at"),
    ("requests",       "R-2,,,2026-11-10T06:00:00Z,panel,,,",                        "requests.csv:2:5: order_id and txid are both empty"),
    ("requests",       "R-2,O-1,,2026-11-10T06:00:00Z,fax,,,",                       "requests.csv:2:31: channel 'fax' is none of the words there are"),
    ("rates",          "XMR,2026-11-11T06:00:00Z,one",                               "rates.csv:2:26: usd 'one' is no decimal number"),
  ]

  @Test(arguments: rows) func `refuses a bad row, with its place`(table: String, row: String, expected: String) throws {
    let imports = try Imports()
    try imports.take(Valid.files)
    let before = try imports.everything()
    #expect(try imports.problems([table: Valid.file(table, row)]) == [expected])
    #expect(try imports.everything() == before)
  }

  // swift-format-ignore
  static let headers: [(String, String)] = [
    ("order_id,line,carrier,region\n",                     "orders.csv:1: column 'plan' is missing"),
    ("order_id,line,carrier,region,plan,colour\n",         "orders.csv:1:35: unknown column 'colour'"),
    ("order_id,line,carrier,region,plan,plan\n",           "orders.csv:1:35: column 'plan' stands twice"),
    ("",                                                   "orders.csv:1: there is no header line"),
  ]

  @Test(arguments: headers) func `refuses a header that is not the contract's`(text: String, expected: String) throws {
    #expect(try Imports().problems(["orders": text]) == [expected])
  }

  @Test func `takes columns in any order, leaves absent ones as they were, and empties empty ones`() throws {
    let imports = try Imports()
    try imports.take(Valid.files)
    try imports.take(["orders": "plan,region,line,carrier,order_id\nbasic,us-west,+12025550101,Telco,O-1\n"])
    #expect(try imports.everything().first == "orders O-1,+12025550101,Telco,us-west,basic,1793520000,1793523600,-,-,0,2")
    try imports.take(["orders": "plan,region,line,carrier,order_id,activated_at\nbasic,us-west,+12025550101,Telco,O-1,\n"])
    #expect(try imports.everything().first == "orders O-1,+12025550101,Telco,us-west,basic,1793520000,-,-,-,0,3")
  }

  @Test func `keeps what a replaced row was, and does nothing for equal values`() throws {
    let imports = try Imports()
    try imports.take(Valid.files)
    #expect(try imports.take(Valid.files).isEmpty)
    #expect(try imports.take(["periods": Valid.file("periods", "P-1,O-1,2026-11-01,2026-12-01,40.0,10,XMR,,,,2026-11-01T08:00:00+01:00")]).isEmpty)
    try imports.take(["periods": Valid.file("periods", "P-1,O-1,2026-11-01,2026-12-01,41.50,10,XMR,,,,2026-11-01T07:00:00.9Z")])
    let changes = try imports.everything().filter { $0.hasPrefix("fact_changes") }
    #expect(changes == [#"fact_changes 1,4,1,periods,P-1,O-1,{"paid_usd":"40.00"},{"paid_usd":"41.50"}"#])
  }

  @Test func `refuses two rows of one key that disagree, in either order, and takes two that agree`() throws {
    let (same, other) = ("basic,sms", "O-1,2026-11-03,1,2,3\nO-1,2026-11-03,1,2,4")
    let imports = try Imports()
    try imports.take(Valid.files)
    #expect(try imports.problems(["plan_features": Valid.file("plan_features", "\(same)\n\(same)")]) == [])
    let disagree = "another row of this call has the same key and other values"
    #expect(try imports.problems(["usage": Valid.file("usage", other)]) == ["usage.csv:2:1: \(disagree)"])
    let reversed = "O-1,2026-11-03,1,2,4\nO-1,2026-11-03,1,2,3"
    let told = try imports.problems(["usage": Valid.file("usage", reversed)])
    #expect(told == ["usage.csv:3:1: \(disagree)"])
    let new = "O-1,2026-11-05,1,2,4\nO-1,2026-11-05,1,2,3"
    #expect(try imports.problems(["usage": Valid.file("usage", new)]) == ["usage.csv:3:1: \(disagree)"])
  }

  @Test func `lets two periods change places in one call`() throws {
    let imports = try Imports()
    try imports.take(Valid.files)
    let (first, second) = ("2026-11-01,2026-12-01", "2026-12-01,2027-01-01")
    func rows(_ one: String, _ two: String) -> String {
      Valid.file("periods", "P-1,O-1,\(one),40,10,XMR,,,,2026-11-01T07:00:00Z\nP-2,O-1,\(two),40,0,XMR,,,,2026-11-01T07:00:00Z")
    }
    #expect(try imports.problems(["periods": rows(first, second)]) == [])
    #expect(try imports.problems(["periods": rows(second, first)]) == [])
  }

  @Test func `tells the first 20 bad rows and counts the rest; with rejects the good rows go in`() throws {
    let imports = try Imports()
    let rows = (1...30).map { "O-\($0),\($0 % 5 == 0 ? "+1202555\($0)" : "no"),T,r,b,,,," }.joined(separator: "\n")
    let failure = try #require(throws: ImportFailure.self) { try imports.take(["orders": Valid.file("orders", rows)]) }
    #expect(failure.count == 24 && failure.problems.count == 20)
    #expect(try imports.everything() == [])
    let rejects = imports.folder.appendingPathComponent("rejects.csv").path
    let summary = try imports.take(["orders": Valid.file("orders", rows)], rejects: rejects)
    #expect(summary.rejected?.count == 24)
    #expect(try imports.everything().count == 6)
    let text = try String(contentsOfFile: rejects, encoding: .utf8)
    #expect(text.split(separator: "\n").count == 25)
    #expect(text.hasPrefix("place,reason,hint,row\n") && text.contains("O-1,no,T,r,b,,,,"))
  }

  @Test func `takes the same from a SQLite database, tables or views, and refuses money as REAL there`() throws {
    let (files, tables) = (try Imports(), try Imports())
    try files.take(Valid.files)
    let other = tables.folder.appendingPathComponent("panel.db").path
    let panel = try Store.made(at: other, migrations: [])
    try panel.transaction { connection in
      for table in FactTable.all {
        let columns = table.columns.map(\.name)
        let values = (Valid.rows[table.name] ?? "").split(separator: ",", omittingEmptySubsequences: false).map { "'\($0)'" }
        let name = table.name == "outages" ? "raw_outages" : table.name
        try connection.execute(
          "CREATE TABLE \(name) (\(columns.joined(separator: ", "))); INSERT INTO \(name) VALUES (\(values.joined(separator: ", ")))")
      }
      try connection.execute("CREATE VIEW outages AS SELECT * FROM raw_outages")
      return (.commit, ())
    }
    let summary = try tables.run([.path(other)])
    #expect(summary.ignored == ["\(other):raw_outages"])
    #expect(try tables.everything() == files.everything())
    try panel.transaction { connection in
      try connection.execute("UPDATE periods SET paid_usd = 40.5")
      return (.commit, ())
    }
    let failure = try #require(throws: ImportFailure.self) { try tables.run([.path(other)]) }
    #expect(failure.problems.map(\.what) == ["paid_usd is a REAL number"])
  }

  @Test func `survives any damage to its files: it takes them in or tells a place`() throws {
    let imports = try Imports()
    try imports.take(Valid.files)
    var state: UInt64 = 99
    func random(_ below: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(below))
    }
    let (names, valid) = (Valid.files.keys.sorted(), Valid.files)
    var (taken, refused) = (0, 0)
    for _ in 0..<400 {
      let name = names[random(names.count)]
      var bytes = Array((valid[name] ?? "").utf8)
      // Mostly in the row: a damaged header is refused before anything else.
      let start = random(10) == 0 ? 0 : (valid[name] ?? "").utf8.count - (Valid.rows[name] ?? "").utf8.count - 1
      func place() -> Int { start + random(bytes.count - start) }
      for _ in 0...random(2) {
        switch random(3) {
        case 0: bytes[place()] = UInt8(random(128))
        case 1: bytes.insert(Array("\",\n0-9".utf8)[random(6)], at: place())
        default: bytes.remove(at: place())
        }
      }
      let file = imports.folder.appendingPathComponent("\(name).csv")
      try Data(bytes).write(to: file)
      do {
        try imports.run([.path(file.path)])
        taken += 1
      } catch let failure as ImportFailure {
        refused += 1
        #expect(failure.problems.allSatisfy { $0.place.line >= 1 && !$0.what.isEmpty && $0.hint.hasSuffix(".") })
      }
    }
    #expect(taken > 20 && refused > 100)
  }
}
