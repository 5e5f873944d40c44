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

  /// One refund approved by W1 for each destination: of 29.99 USD, or what is given by its place.
  convenience init(
    _ destinations: [(coin: String, network: String, address: String, tag: String)], worth: (Int) -> Cents = { _ in Cents(29_99) }
  ) throws {
    try self.init(copying: nil)
    var (orders, periods, requests) = (["order_id,line,carrier,region,plan,provisioned_at,activated_at"], [String](), [String]())
    periods.append("period_id,order_id,starts_on,ends_on,paid_usd,setup_fee_usd,coin,network,paid_at")
    requests.append("request_id,order_id,requested_at,channel,address,tag")
    for (index, to) in destinations.enumerated() {
      let order = "O-\(1000 + index)"
      orders.append("\(order),+1202555\(1000 + index),Telco,us-east,basic,2026-11-15T09:00:00Z,2026-11-15T10:00:00Z")
      periods.append("P-\(order),\(order),2026-11-15,2026-12-16,\(worth(index) + Cents(10_00)),10.00,\(to.coin),\(to.network),2026-11-15T08:00:00Z")
      requests.append("R-\(order),\(order),2026-11-22T09:00:00Z,panel,\(to.address),\(to.tag)")
    }
    try take([("orders", orders), ("periods", periods), ("requests", requests)])
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

  func prepare(_ rates: [String: String] = ["XMR": "150"], age: Int64 = 3600, profiles: [PayoutProfile] = [], at later: Int64 = 0) throws
    -> Batches.Prepared
  {
    let now = now.advanced(bySeconds: later)
    let given = rates.compactMap { coin, usd in
      ExchangeRate(usd).map { GivenRate(coin: coin, rate: $0, quotedAt: now.advanced(bySeconds: -age)) }
    }
    let lock = try RunLock(database: store.path)
    let anchors = try anchors()
    return try Batches.prepare(
      Batches.Request(rates: given, side: "mid", profiles: profiles, actor: "ann", now: now), isDryRun: false, in: reports, on: store,
      holding: lock
    ) { try anchors.write(on: $0) }
  }

  var reports: String { folder.appendingPathComponent("reports").path }

  func anchors() throws -> Anchors { try Anchors(reports: reports, of: store) }

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
  func snapshot() throws {
    let copy = folder.appendingPathComponent("killed.db")
    try? FileManager.default.removeItem(at: copy)
    try store.read { try $0.execute("VACUUM INTO '\(copy.path)'") }
  }

  /// Starts again from what was kept.
  func restore() throws {
    let main = folder.appendingPathComponent("makegood.db")
    store = try Store.made(at: folder.appendingPathComponent("\(UUID().uuidString).db").path, migrations: [])
    for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: main.path + end) }
    try FileManager.default.moveItem(at: folder.appendingPathComponent("killed.db"), to: main)
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

  static func monero(_ count: Int) -> [(coin: String, network: String, address: String, tag: String)] {
    (0..<count).map { ("XMR", "", $0.isMultiple(of: 2) ? standard : other, "") }
  }
}
