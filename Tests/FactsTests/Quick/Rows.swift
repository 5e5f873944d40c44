import ReferenceModel

@testable import Facts

/// Rows of files, to be sorted, shuffled, changed and written in one style or another.
struct Rows {
  /// By table, in no order.
  var tables: [String: [[String]]] = [:]
  /// By table: the header.
  private(set) var headers: [String: [String]] = [:]

  /// The facts of a random world; all its files have the column `voided`.
  init(world: World) {
    for (name, text) in world.csvFiles() {
      let lines = text.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
      headers[String(name.dropLast(4))] = lines[0]
      tables[String(name.dropLast(4))] = Array(lines.dropFirst())
    }
  }

  func column(_ table: String, _ name: String) -> Int { headers[table]?.firstIndex(of: name) ?? 0 }

  /// Takes the column `voided` away, and with it periods that could overlap others without it.
  mutating func removeVoided() {
    let voided = Set((tables["periods"] ?? []).filter { $0.last == "true" }.map { $0[0] })
    tables["periods"]?.removeAll { voided.contains($0[0]) }
    tables["addons"]?.removeAll { voided.contains($0[1]) }
    for table in tables.keys {
      headers[table]?.removeLast()
      tables[table] = tables[table]?.map { Array($0.dropLast()) }
    }
  }

  /// As the panel's export jobs write them: by order.
  mutating func sort() {
    for table in tables.keys {
      let order = column(table, "order_id")
      tables[table]?.sort { $0[order].utf8.lexicographicallyPrecedes($1[order].utf8) || ($0[order] == $1[order] && $0.lexicographicallyPrecedes($1)) }
    }
  }

  mutating func shuffle(_ random: inout SplitMix64) {
    for table in tables.keys.sorted() {
      guard var rows = tables[table] else { continue }
      for index in rows.indices.dropFirst().reversed() { rows.swapAt(index, random.int(0...index)) }
      tables[table] = rows
    }
  }

  enum Style: CaseIterable { case plain, carriageReturns, openEnd, byteOrderMark, blankLines }

  func files(_ style: Style = .plain) -> [String: String] {
    var files: [String: String] = [:]
    for (table, rows) in tables {
      let lines = ([headers[table] ?? []] + rows).map { $0.joined(separator: ",") }
      files[table] =
        switch style {
        case .plain: lines.joined(separator: "\n") + "\n"
        case .carriageReturns: lines.joined(separator: "\r\n") + "\r\n"
        case .openEnd: lines.joined(separator: "\n")
        case .byteOrderMark: "\u{FEFF}" + lines.joined(separator: "\n") + "\n"
        case .blankLines: lines.joined(separator: "\n\n") + "\n\n\n"
        }
    }
    return files
  }
}

extension Rows {
  /// What a later export may say: some rows are absent, some differ, and some are new; nothing that an import would refuse, and nothing that moved.
  mutating func change(_ random: inout SplitMix64, round: Int) {
    for table in tables.keys.sorted() {
      for row in (tables[table] ?? []).indices where random.chance(25) { change(table, row, &random) }
    }
    add(&random, round)
    for table in tables.keys.sorted() where table != "orders" && table != "periods" {
      tables[table] = tables[table]?.filter { _ in !random.chance(20) }
    }
  }

  private mutating func change(_ table: String, _ row: Int, _ random: inout SplitMix64) {
    func set(_ name: String, _ value: String) {
      let place = column(table, name)
      tables[table]?[row][place] = value
    }
    let isVoidable = headers[table]?.last == "voided"
    switch table {
    case "orders":
      set("carrier", random.pick(["Other", "c1"]))
      if random.chance(40) {
        let isOver = random.chance(50)
        set("ended_at", isOver ? "2199-01-01T00:00:00Z" : "")
        set("end_reason", isOver ? "expired" : "")
      }
      if isVoidable, random.chance(30) { set("voided", random.pick(["true", "false", ""])) }
    case "periods":
      if random.chance(50) { set("paid_usd", "\(random.int(3_000_000...4_000_000)).5") }
      if random.chance(50) { set("txid", random.pick(["", "0xABcd\(row)", "new\(row)"])) }
      // Never back from voided: it might overlap.
      if isVoidable, random.chance(20) { set("voided", "true") }
    case "addons":
      set("fee_usd", "0")
      if isVoidable, random.chance(30) { set("voided", "true") }
    case "usage":
      set("outbound_sms", "\(random.int(0...9))")
      if isVoidable, random.chance(30) { set("voided", random.pick(["true", ""])) }
    case "restorations":
      set("restored_at", random.chance(50) ? "" : "2199-01-01T00:00:00+01:00")
      if isVoidable, random.chance(30) { set("voided", random.pick(["true", ""])) }
    default: break
    }
  }

  /// - Parameter round: Makes the new ids and days differ from those of other rounds.
  private mutating func add(_ random: inout SplitMix64, _ round: Int) {
    let orders = (tables["orders"] ?? []).map { $0[0] }
    func put(_ table: String, _ values: [String: String]) {
      tables[table]?.append((headers[table] ?? []).map { values[$0] ?? "" })
    }
    for (number, order) in orders.enumerated() where random.chance(30) {
      let period = "new\(round)-\(number)"
      put(
        "periods",
        [
          "period_id": period, "order_id": order, "starts_on": "\(2100 + round)-01-01", "ends_on": "\(2100 + round)-02-01", "paid_usd": "10",
          "setup_fee_usd": "0.00", "coin": "XMR", "txid": "ab\(number)", "paid_at": "2026-01-01T00:00:00Z",
        ])
      put("addons", ["addon_id": "A\(period)", "period_id": period, "category": "ai", "fee_usd": "9.99", "active_from": "2026-01-01T00:00:00Z"])
      put("restorations", ["ticket_id": "T\(period)", "order_id": order, "opened_at": "2026-01-01T00:00:00Z"])
      put(
        "usage",
        ["order_id": order, "day": "\(2100 + round)-01-02", "outbound_calls": "1", "outbound_sms": "0", "verifications": "0"])
    }
    for number in 0..<random.pick([0, 1, 40]) {
      let id = "\(random.pick(["0", "n", "o", "z"]))-\(round)-\(number)"
      put("orders", ["order_id": id, "line": "+1202\(number + 1)", "carrier": "c1", "region": "eu", "plan": "basic"])
    }
  }
}
