import Foundation
import Testing

@testable import Facts

/// One record as a first import brings it and as a later one does; the rest of the files is ``Valid``.
private struct Later: Sendable, CustomTestStringConvertible {
  let name: String
  let table: String
  let before: String
  let after: String
  let isNoted: Bool

  init(_ name: String, _ table: String, _ before: String, _ after: String, noted: Bool) {
    (self.name, self.table, self.before, self.after, isNoted) = (name, table, before, after, noted)
  }

  var testDescription: String { name }
}

/// G5: an import notes each fact that takes an end back, in both of its ways.
@Suite struct `ends that are taken back` {
  // swift-format-ignore
  private static let cases = [
    Later("an order is no longer ended",              "orders", "O-1,+12025550101,Telco,us-east,basic,,,2026-11-20T00:00:00Z,aup,", "O-1,+12025550101,Telco,us-east,basic,,,,,", noted: true),
    Later("an order ended at another time",           "orders", "O-1,+12025550101,Telco,us-east,basic,,,2026-11-20T00:00:00Z,aup,", "O-1,+12025550101,Telco,us-east,basic,,,2026-11-20T00:00:01Z,aup,", noted: false),
    Later("an order ended for another reason",        "orders", "O-1,+12025550101,Telco,us-east,basic,,,2026-11-20T00:00:00Z,aup,", "O-1,+12025550101,Telco,us-east,basic,,,2026-11-20T00:00:00Z,expired,", noted: false),
    Later("an order ends",                            "orders", "O-1,+12025550101,Telco,us-east,basic,,,,,", "O-1,+12025550101,Telco,us-east,basic,,,2026-11-20T00:00:00Z,aup,", noted: false),
    Later("an order that is void ends no more",       "orders", "O-1,+12025550101,Telco,us-east,basic,,,2026-11-20T00:00:00Z,aup,true", "O-1,+12025550101,Telco,us-east,basic,,,,,true", noted: false),
    Later("an order ends no more, and is void",       "orders", "O-1,+12025550101,Telco,us-east,basic,,,2026-11-20T00:00:00Z,aup,", "O-1,+12025550101,Telco,us-east,basic,,,,,true", noted: false),
    Later("an outage that is void goes on",           "outages", "X-1,infrastructure,region,us-east,2026-11-10T06:00:00Z,2026-11-10T08:00:00Z,true", "X-1,infrastructure,region,us-east,2026-11-10T06:00:00Z,,true", noted: false),
    Later("an order is no longer activated",          "orders", "O-1,+12025550101,Telco,us-east,basic,2026-11-19T00:00:00Z,2026-11-20T00:00:00Z,,,", "O-1,+12025550101,Telco,us-east,basic,2026-11-19T00:00:00Z,,,,", noted: true),
    Later("an order is no longer provisioned",        "orders", "O-1,+12025550101,Telco,us-east,basic,2026-11-19T00:00:00Z,,,,", "O-1,+12025550101,Telco,us-east,basic,,,,,", noted: true),
    Later("an order was activated at another time",   "orders", "O-1,+12025550101,Telco,us-east,basic,2026-11-19T00:00:00Z,2026-11-20T00:00:00Z,,,", "O-1,+12025550101,Telco,us-east,basic,2026-11-19T00:00:00Z,2026-11-21T00:00:00Z,,,", noted: false),
    Later("a void order is no longer activated",      "orders", "O-1,+12025550101,Telco,us-east,basic,2026-11-19T00:00:00Z,2026-11-20T00:00:00Z,,,true", "O-1,+12025550101,Telco,us-east,basic,2026-11-19T00:00:00Z,,,,true", noted: false),
    Later("an order counts again",                    "orders", "O-1,+12025550101,Telco,us-east,basic,,,,,true", "O-1,+12025550101,Telco,us-east,basic,,,,,false", noted: true),
    Later("an order counts no more",                  "orders", "O-1,+12025550101,Telco,us-east,basic,,,,,false", "O-1,+12025550101,Telco,us-east,basic,,,,,true", noted: false),
    Later("an order of which something else changes", "orders", "O-1,+12025550101,Telco,us-east,basic,,,2026-11-20T00:00:00Z,aup,", "O-1,+12025550101,Other,us-east,basic,,,2026-11-20T00:00:00Z,aup,", noted: false),
    Later("a period counts again",                    "periods", "P-1,O-1,2026-11-01,2026-12-01,40.00,10.00,XMR,,,,2026-11-01T07:00:00Z,true", "P-1,O-1,2026-11-01,2026-12-01,40.00,10.00,XMR,,,,2026-11-01T07:00:00Z,", noted: true),
    Later("an add-on counts again",                   "addons", "A-1,P-1,ai,3.00,2026-11-02T00:00:00Z,,true", "A-1,P-1,ai,3.00,2026-11-02T00:00:00Z,,", noted: true),
    Later("an add-on is still active",                "addons", "A-1,P-1,ai,3.00,2026-11-02T00:00:00Z,2026-11-03T00:00:00Z,", "A-1,P-1,ai,3.00,2026-11-02T00:00:00Z,,", noted: false),
    Later("usage counts again",                       "usage", "O-1,2026-11-03,1,2,3,true", "O-1,2026-11-03,1,2,3,", noted: true),
    Later("an outage goes on",                        "outages", "X-1,infrastructure,region,us-east,2026-11-10T06:00:00Z,2026-11-10T08:00:00Z,", "X-1,infrastructure,region,us-east,2026-11-10T06:00:00Z,,", noted: true),
    Later("an outage ended later",                    "outages", "X-1,infrastructure,region,us-east,2026-11-10T06:00:00Z,2026-11-10T08:00:00Z,", "X-1,infrastructure,region,us-east,2026-11-10T06:00:00Z,2026-11-11T08:00:00Z,", noted: false),
    Later("an outage was after all",                  "outages", "X-1,infrastructure,region,us-east,2026-11-10T06:00:00Z,,true", "X-1,infrastructure,region,us-east,2026-11-10T06:00:00Z,,", noted: true),
    Later("a withdrawal is not reversed",             "withdrawals", "V-1,carrier,prefix,+1202,2026-11-10T06:00:00Z,2026-11-12T06:00:00Z,", "V-1,carrier,prefix,+1202,2026-11-10T06:00:00Z,,", noted: true),
    Later("a feature is not fixed",                   "feature_faults", "F-1,sms,platform,,2026-11-10T06:00:00Z,2026-11-11T06:00:00Z,", "F-1,sms,platform,,2026-11-10T06:00:00Z,,", noted: true),
    Later("a ticket is open again",                   "restorations", "T-1,O-1,2026-11-10T06:00:00Z,2026-11-12T06:00:00Z,", "T-1,O-1,2026-11-10T06:00:00Z,,", noted: true),
    Later("a ticket is closed",                       "restorations", "T-1,O-1,2026-11-10T06:00:00Z,,", "T-1,O-1,2026-11-10T06:00:00Z,2026-11-12T06:00:00Z,", noted: false),
    Later("a request counts again",                   "requests", "R-1,O-1,,2026-11-10T06:00:00Z,panel,addr,,,true", "R-1,O-1,,2026-11-10T06:00:00Z,panel,addr,,,", noted: true),
    Later("a rate counts again",                      "rates", "XMR,2026-11-10T06:00:00Z,150.5,true", "XMR,2026-11-10T06:00:00Z,150.5,", noted: true),
  ]

  private static func files(_ later: Later, _ row: String) -> [String: String] {
    var files = Valid.headers.mapValues { $0 + ",voided\n" }
    for (table, row) in Valid.rows { files[table]? += row + ",\n" }
    files[later.table] = "\(Valid.headers[later.table] ?? ""),voided\n\(row)\n"
    return files
  }

  @Test(arguments: cases) private func `are noted`(later: Later) throws {
    let (quick, careful) = (try Imports(), try Imports())
    #expect(try quick.quick(Self.files(later, later.before)) != nil)
    _ = try careful.careful(Self.files(later, later.before))
    #expect(try quick.endsTakenBack() == [] && careful.endsTakenBack() == [])
    #expect(try quick.quick(Self.files(later, later.after)) != nil)
    _ = try careful.careful(Self.files(later, later.after))
    let key = ["usage": "O-1 2026-11-03", "rates": "XMR 2026-11-10T06:00:00Z"][later.table] ?? String(later.after.prefix { $0 != "," })
    let expected = later.isNoted ? ["2,\(later.table),\(key)"] : []
    #expect(try quick.endsTakenBack() == expected)
    #expect(try careful.endsTakenBack() == expected)
  }

  @Test func `stay noted, and are noted once more when they come again`() throws {
    let imports = try Imports()
    let later = Self.cases[0]
    for row in [later.before, later.after, later.before, later.after] { _ = try imports.careful(Self.files(later, row)) }
    #expect(try imports.endsTakenBack() == ["2,orders,O-1", "4,orders,O-1"])
    #expect(throws: (any Error).self) { try imports.rows("DELETE FROM ends_taken_back") }
    #expect(throws: (any Error).self) { try imports.rows("UPDATE ends_taken_back SET import_id = 3") }
  }
}

/// G4: what an import contained is known up to its time, also where it has no rows or brings nothing new.
@Suite struct `what an import contained` {
  private static func tables(_ imports: Imports) throws -> [String] {
    try imports.rows(
      "SELECT import_id, table_name, rows_read, rows_new, rows_changed, rows_rejected, imported_at FROM import_tables ORDER BY import_id, table_name")
  }

  @Test func `is kept by table`() throws {
    let imports = try Imports()
    let orders = "\(Valid.headers["orders"] ?? "")\n\(Valid.rows["orders"] ?? "")\n"
    let usage = "\(Valid.headers["usage"] ?? "")\n"
    try imports.take(["orders": orders, "usage": usage])
    try imports.take(["orders": orders])
    try imports.take(["usage": usage + "O-1,2026-11-03,1,2,3\n"])
    try imports.take(["usage": usage])
    #expect(
      try Self.tables(imports) == [
        "1,orders,1,1,0,0,1795500000", "1,usage,0,0,0,0,1795500000", "2,orders,1,0,0,0,1795500000", "3,usage,1,1,0,0,1795500000",
        "4,usage,0,0,0,0,1795500000",
      ])
    #expect(try imports.rows("SELECT import_id, rows_read, rows_new FROM imports") == ["1,1,1", "2,1,0", "3,1,1", "4,0,0"])
  }

  @Test func `tells of rows that were left out`() throws {
    let imports = try Imports()
    let orders = "\(Valid.headers["orders"] ?? "")\n\(Valid.rows["orders"] ?? "")\n"
    let usage = "\(Valid.headers["usage"] ?? "")\nO-1,2026-11-03,1,2,3\nO-1,2026-11-04,many,2,3\nO-2,2026-11-04,1,2,3\n"
    try imports.take(["orders": orders, "usage": usage], rejects: imports.folder.appendingPathComponent("bad.csv").path)
    #expect(try Self.tables(imports) == ["1,orders,1,1,0,0,1795500000", "1,usage,3,1,0,2,1795500000"])
  }

  @Test func `is not kept of a call that was refused`() throws {
    let imports = try Imports()
    #expect(try imports.problems(["usage": "\(Valid.headers["usage"] ?? "")\nO-2,2026-11-04,1,2,3\n"]).count == 1)
    #expect(try Self.tables(imports) == [])
  }
}
