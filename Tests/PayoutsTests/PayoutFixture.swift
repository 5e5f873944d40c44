import AuditLog
import Coins
import Facts
import Foundation
import Ledger
import Night
import Payouts
import RefundPolicy
import Reports
import Storage

/// A database of its own with approved refunds in it, and a clock that stands still.
final class PayoutFixture {
  let folder: URL
  private(set) var store: Store
  let now = Instant(seconds: 1_795_406_400)  // 2026-11-23T04:00:00Z

  /// Prices at which periods were paid for: what the tests' rates are measured by (G6).
  static let prices = ["XMR": "150", "BTC": "91234.56", "LTC": "80", "ETH": "2999.5", "USDT": "1", "XRP": "2"]

  /// One refund approved by W1 for each destination: of 29.99 USD, or what is given by its place.
  ///
  /// - Parameter prices: At which the periods were paid for; a coin without one has no amount in the facts.
  convenience init(
    _ destinations: [(coin: String, network: String, address: String, tag: String)], worth: (Int) -> Cents = { _ in Cents(29_99) },
    prices: [String: String] = PayoutFixture.prices
  ) throws {
    try self.init(copying: nil)
    var (orders, periods, requests) = (["order_id,line,carrier,region,plan,provisioned_at,activated_at"], [String](), [String]())
    periods.append("period_id,order_id,starts_on,ends_on,paid_usd,setup_fee_usd,coin,network,paid_amount,paid_at")
    requests.append("request_id,order_id,requested_at,channel,address,tag")
    for (index, to) in destinations.enumerated() {
      let order = "O-\(1000 + index)"
      orders.append("\(order),+1202555\(1000 + index),Telco,us-east,basic,2026-11-15T09:00:00Z,2026-11-15T10:00:00Z")
      let paid = worth(index) + Cents(10_00)
      let amount = prices[to.coin].flatMap { ExchangeRate($0) }.flatMap { CoinAmount(worth: paid, at: $0, decimals: 18)?.brief } ?? ""
      periods.append("P-\(order),\(order),2026-11-15,2026-12-16,\(paid),10.00,\(to.coin),\(to.network),\(amount),2026-11-15T08:00:00Z")
      requests.append("R-\(order),\(order),2026-11-22T09:00:00Z,panel,\(to.address),\(to.tag)")
    }
    // Known, and nothing was used (G4).
    let usage = ["order_id,day,outbound_calls,outbound_sms,verifications"]
    try take([("orders", orders), ("periods", periods), ("requests", requests), ("usage", usage)])
    let lock = try RunLock(database: store.path)
    let night = Night(store, now: now)
    _ = try night.close(try night.datesToClose(.upToYesterday), .kept, holding: lock) { _, _ in }
  }

  /// The same database as another's, as it stands now; an empty one for nil.
  init(copying other: PayoutFixture?) throws {
    let memory = URL(fileURLWithPath: "/dev/shm")
    let parent = FileManager.default.isWritableFile(atPath: memory.path) ? memory : FileManager.default.temporaryDirectory
    folder = parent.appendingPathComponent("makegood-payouts-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let path = folder.appendingPathComponent("makegood.db").path
    if let other {
      try other.store.read { try $0.execute("VACUUM INTO '\(path)'") }
    } else {
      try Store.create(path: path, migrations: PayoutFixture.migrations) { [now] store in
        try store.transaction { (.commit, try $0.stampOrigin(LedgerOrigin(madeAt: now, clock: .real, at: path))) }
      }
    }
    store = try Store(path: path, access: .existing, migrations: PayoutFixture.migrations)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  private static let migrations = [AuditSchema.migration] + FactSchema.migrations + LedgerSchema.migrations + [PayoutSchema.migration]

  func take(_ files: [(name: String, lines: [String])]) throws {
    if files.isEmpty { return }
    let facts = folder.appendingPathComponent("facts-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: facts, withIntermediateDirectories: true)
    for file in files {
      try Data((file.lines.joined(separator: "\n") + "\n").utf8).write(to: facts.appendingPathComponent("\(file.name).csv"))
    }
    let lock = try RunLock(database: store.path)
    _ = try Facts.Import([.path(facts.path)], rejects: nil, now: now).run(on: store, holding: lock)
  }

  /// Closes the date so many days after the first one, on more facts.
  func close(_ days: Int64, after files: [(name: String, lines: [String])]) throws {
    try take(files)
    let lock = try RunLock(database: store.path)
    let night = Night(store, now: now.advanced(bySeconds: days * 86_400))
    _ = try night.close(try night.datesToClose(.upToYesterday), .kept, holding: lock) { _, _ in }
  }

  func prepare(
    _ rates: [String: String] = ["XMR": "150"], age: Int64 = 3600, profiles: [PayoutProfile] = [], at later: Int64 = 0,
    accepting: [String: String] = [:]
  ) throws -> Batches.Prepared {
    let now = now.advanced(bySeconds: later)
    let given = rates.compactMap { coin, usd in
      ExchangeRate(usd).map { GivenRate(coin: coin, rate: $0, quotedAt: now.advanced(bySeconds: -age)) }
    }
    let lock = try RunLock(database: store.path)
    let accepted = accepting.compactMap { coin, usd in ExchangeRate(usd).map { AcceptedRate(coin: coin, rate: $0) } }
    let anchors = try anchors()
    return try Batches.prepare(
      Batches.Request(rates: given, accepted: accepted, side: "mid", profiles: profiles, actor: "ann", now: now), isDryRun: false,
      in: reports, on: store, holding: lock
    ) { try anchors.write(on: $0) }
  }

  var reports: String { folder.appendingPathComponent("reports").path }

  func anchors() throws -> Anchors { try Anchors(reports: reports, of: store) }

  /// Adds a set of settings.
  func set(_ json: String) throws {
    try store.transaction { connection in
      let set = try SettingsDraft(Array(json.utf8)).applied(to: .defaults)
      try connection.add(set, SettingsRecord.Said(at: now, by: "ann", note: "a trial", rewritesHistory: true))
      return (.commit, ())
    }
  }

  /// The reason for which each item stayed behind.
  func reasons(_ prepared: Batches.Prepared) -> [String] { prepared.leftovers.map { "\($0.item): \($0.reason)" } }

  func states() throws -> [ItemState] { try store.read { connection in try connection.payoutStatuses().map(\.state) } }

  /// What `verify` finds.
  func findings() throws -> [Finding] {
    let lock = try RunLock(database: store.path)
    return try Verification(of: store, holding: lock).findings
  }

  func execute(_ sql: String) throws {
    try store.transaction { connection in
      try connection.execute(sql)
      return (.commit, ())
    }
  }

  func column(_ sql: String) throws -> [String] {
    try store.read { connection in
      let rows = try connection.prepare(sql)
      var values: [String] = []
      while try rows.step() { values.append(rows.text(0)) }
      return values
    }
  }

  /// Keeps the database as it is on the disk now: what a killed process would leave.
  func snapshot(as name: String = "killed") throws {
    let copy = folder.appendingPathComponent("\(name).db")
    try? FileManager.default.removeItem(at: copy)
    try store.read { try $0.execute("VACUUM INTO '\(copy.path)'") }
  }

  /// Starts again from what was kept.
  func restore(_ name: String = "killed") throws {
    let main = folder.appendingPathComponent("makegood.db")
    store = try Store.made(at: folder.appendingPathComponent("\(UUID().uuidString).db").path, migrations: [])
    for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: main.path + end) }
    try FileManager.default.moveItem(at: folder.appendingPathComponent("\(name).db"), to: main)
    store = try Store(path: main.path, access: .existing, migrations: PayoutFixture.migrations)
  }
}

/// Addresses that Monero's own tests publish.
enum Addresses {
  static let standard = "42ey1afDFnn4886T7196doS9GPMzexD9gXpsZJDwVjeRVdFCSoHnv7KPbBeGpzJBzHRCAs9UxqeoyFQMYbqSWYTfJJQAWDm"
  static let other = "44Kbx4sJ7JDRDV5aAhLJzQCjDz2ViLRduE3ijDZu3osWKBjMGkV1XPk4pfDUMqt1Aiezvephdqm6YD19GKFD9ZcXVUTp6BW"
  static let integrated = [
    "4BxSHvcgTwu25WooY4BVmgdcKwZu5EksVZSZkDd6ooxSVVqQ4ubxXkhLF6hEqtw96i9cf3cVfLw8UWe95bdDKfRQeYtPwLm1Jiw7AKt2LY",
    "4BQLp56gyqfN8RhW7Zb9nfhitvGJga94saXnKcdHTJgyDW9uMzKsFXKcvhKXfXVCgJ5aT2fbcfHDDXfThSY9sm4xGZua1NfE7bzU2Ap3nw",
  ]

  static let litecoin = [
    "LT2KVaAy1ppRuxRgrS5RNU3vBsy7RibPeA", "MHrYRxAiMNBTku3eoDHwhA1LQGDjUStZW2", "ltc1qhdhvrwe6rgqns8fz28tee0hphr5x7ulw5exv4w",
    "LbfVMz974gbbGFqXF7FZUpSBWSbwBHDwR5",
  ]
  static let tron = ["TYPG8VeuoVAh2hP7Vfw6ww7vK98nvXXXUG", "TMVQGm1qAQYVdetCeGRRkTWYYrLXuHK2HC"]
  static let ethereum = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"

  /// So many destinations, no two the same.
  static func monero(_ count: Int) -> [(coin: String, network: String, address: String, tag: String)] {
    (0..<count).map { ("XMR", "", $0 == 0 ? standard : $0 == 1 ? other : made($0), "") }
  }

  /// A standard address of the main net with keys that nobody has.
  static func made(_ number: Int) -> String {
    // Not every 32 bytes are a point of the curve.
    for trial in 0..<1000 {
      let address = encoded((0..<2).flatMap { Keccak256.hash(Array("key \($0) of \(number), \(trial)".utf8)) })
      if (try? AddressFamily.monero.check(address)) != nil { return address }
    }
    return "none"
  }

  private static func encoded(_ keys: [UInt8]) -> String {
    var data: [UInt8] = [18] + keys
    data += Keccak256.hash(data).prefix(4)
    let alphabet = Array("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")
    let lengths = [0, 2, 3, 5, 6, 7, 9, 10, 11]
    var text = ""
    for start in stride(from: 0, to: data.count, by: 8) {
      let block = data[start..<min(start + 8, data.count)]
      var value = block.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      var digits = ""
      for _ in 0..<lengths[block.count] {
        digits = String(alphabet[Int(value % 58)]) + digits
        value /= 58
      }
      text += digits
    }
    return text
  }
}
