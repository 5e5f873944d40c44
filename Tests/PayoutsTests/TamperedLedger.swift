import AuditLog
import Coins
import Ledger
import Night
import Payouts
import RefundPolicy
import Storage

/// A ledger in which every table holds something: refunds that are waiting, approved, prepared, on their way and taken back, just before a night, a
/// batch and a transaction. What somebody changes in it must stop one of the three, and be named by `verify`.
final class TamperedLedger {
  let fixture: PayoutFixture

  /// The next night, `prepare` and `send`.
  enum Step: String, CaseIterable, Sendable { case send, prepare, run }

  private static let scale = Night.Scale(sheetsFrom: 1, threadsFrom: .max, part: 64, ordersPerLine: 100)
  private static let day: Int64 = 86_400
  /// When it is prepared and sent: three hours after the second night.
  private static let later = day + 3 * 3600

  /// One that nobody has touched.
  static func pristine() throws -> TamperedLedger { try TamperedLedger() }

  init(copying other: TamperedLedger) throws { fixture = try PayoutFixture(copying: other.fixture) }

  private init() throws {
    fixture = try PayoutFixture(copying: nil)
    try fixture.set(#"{"effective_from": "2026-11-01", "second_approval_usd": "500.00"}"#)
    try fixture.take(Self.facts)
    try close(0)
    // W1 approved orders 1, 2, 3, 8 and 10.
    _ = try fixture.prepare([:], at: 3600)
    try cancel("O-3", "O-10")
    try startSending("O-1")
    try approve("O-5", "O-9", "O-11", by: "ann")
    try approve("O-9", by: "bob")
    try fixture.take(Self.corrections)
    try rerun()
    try close(1)
    // O-6 stood on a sheet until a request gave its address.
    try approve("O-4", by: "ann")
    _ = try fixture.prepare([:], at: Self.day + 3600, accepting: ["LTC": "300"])
    _ = try fixture.settle("payment_id,txid,settled_at,status\nP000002-0001,,,failed", later: Self.day + 5400)
    _ = try fixture.settle("payment_id,txid,settled_at\nP000002-0001,tx,2026-11-24T05:20:00Z", later: Self.day + 5400)
    _ = try fixture.answer(.dismiss, 1, batch: 2, later: Self.day + 5500)
    try approve("O-6", by: "ann")
    try recover()
    try fixture.store.transaction { (.commit, _ = try $0.noteSeen(by: "ann", at: fixture.now)) }
    try fixture.take(Self.lateFacts)
  }

  /// - Returns: How many dates were closed.
  @discardableResult private func close(_ days: Int64) throws -> Int {
    let lock = try RunLock(database: fixture.store.path)
    let night = Night(fixture.store, now: fixture.now.advanced(bySeconds: days * Self.day), scale: Self.scale)
    return try night.close(try night.datesToClose(.upToYesterday), .kept, holding: lock) { _, _ in }.count
  }

  private func rerun() throws {
    let lock = try RunLock(database: fixture.store.path)
    let days = try need(DayRange(ServiceDay(ordinal: 20_771), upTo: ServiceDay(ordinal: 20_775)))
    _ = try Night(fixture.store, now: fixture.now, scale: Self.scale).rerun(days, .kept, holding: lock) { _, _ in }
  }

  /// The item of an order, on a sheet or not.
  private func item(_ order: String) throws -> ItemID {
    let rows = try fixture.column(
      """
      SELECT item_id FROM items WHERE order_id = '\(order)' UNION SELECT e.value ->> 0 FROM sheets JOIN json_each(sheets.items) AS e
      ON e.key < item_count WHERE e.value ->> 1 = '\(order)' ORDER BY 1
      """)
    return ItemID(try need(rows.first.flatMap(Int64.init)))
  }

  private func approve(_ orders: String..., by name: String) throws {
    try fixture.store.transaction { connection in
      let desk = try ReviewDesk(Reviewer(name), at: fixture.now, on: connection, restating: Reopening.restate)
      for order in orders { _ = try desk.decide(.approve, item(of: order, connection), note: "looked at") }
      try desk.finish()
      return (.commit, ())
    }
  }

  private func item(of order: String, _ connection: Connection) throws -> ItemID {
    let rows = try connection.prepare("SELECT item_id FROM items WHERE order_id = ?1")
    try rows.bind(1, order)
    return ItemID(try rows.step() ? rows.int(0) : 0)
  }

  private func cancel(_ orders: String...) throws {
    let lock = try RunLock(database: fixture.store.path)
    try Cancelling.cancel(try orders.map(item), note: "why", by: "ann", at: fixture.now, on: fixture.store, holding: lock)
  }

  /// A transaction that is built and not relayed: what a killed `send` leaves.
  private func startSending(_ order: String) throws {
    let id = try item(order)
    try fixture.store.transaction { connection in
      let desk = try PayoutDesk(.send, by: "ann", at: fixture.now, on: connection)
      let payment = try need(connection.unattempted(of: BatchID(1)).first { $0.items == [id] })
      let attempt = try desk.plan([payment], of: BatchID(1))
      try desk.noteBuilt(attempt, StubChain().build([payment]).transaction)
      try desk.finish()
      return (.commit, ())
    }
  }

  private func recover() throws {
    try fixture.store.transaction { connection in
      let desk = try PayoutDesk(.recover, by: "ann", at: fixture.now, on: connection)
      try desk.void(BatchID(900), note: "nothing was paid")
      try desk.accept(unreadable: "torn", note: "torn")
      try desk.note(otherTransfer: String(repeating: "d", count: 64), note: "the seller's own")
      try desk.finish()
      return (.commit, ())
    }
  }

  // What is done with it.

  /// What goes out, as `item coin address tag amount`, and what stopped it: nil where nothing did.
  struct Outcome: Hashable {
    var paid: [String]
    var stopped: String?
  }

  func outcome(of step: Step) -> Outcome {
    do {
      switch step {
      case .run:
        return Outcome(paid: [], stopped: try close(2) == 1 ? nil : "nothing was closed")
      case .prepare:
        let prepared = try fixture.prepare([:], at: Self.later)
        let paid = prepared.payouts.map { "\($0.item) \($0.coin) \($0.address) \($0.tag ?? "") \($0.amount)" }
        return Outcome(paid: paid.sorted(), stopped: prepared.changed.isEmpty ? nil : "\(fixture.reasons(prepared))")
      case .send:
        let chain = StubChain()
        // The wallet knows what it built.
        for attempt in try fixture.store.read({ try $0.openAttempts() }) where attempt.built != nil { _ = try chain.build(attempt.payments) }
        let report = try fixture.send(chain)
        let payments = chain.pool.values.flatMap(\.payments)
        let paid = payments.map { "\($0.id) \($0.address) \($0.amount)" }.sorted()
        if !report.changed.isEmpty { return Outcome(paid: paid, stopped: "\(report.changed)") }
        return Outcome(paid: paid, stopped: report.stopped.map { "\($0)" })
      }
    } catch {
      return Outcome(paid: [], stopped: "\(error)")
    }
  }

  /// What `verify` says, whatever it meets.
  func findings() -> [String] {
    do { return try fixture.findings().map(\.description) } catch { return ["\(error)"] }
  }

  /// Runs SQL as the sqlite3 shell does: statement by statement, outside of the program's transactions.
  func execute(_ sql: String) throws { try fixture.store.read { try $0.execute(sql) } }

  /// Takes every trigger away.
  func dropTriggers() throws {
    try execute(try fixture.column("SELECT 'DROP TRIGGER ' || name || ';' FROM sqlite_master WHERE type = 'trigger'").joined())
  }

  /// Runs SQL without triggers, checks and references, and puts them back: nobody sees that they were gone.
  func execute(behindGuards sql: String) throws {
    let triggers = try fixture.column("SELECT sql FROM sqlite_master WHERE type = 'trigger' ORDER BY rowid")
    try dropTriggers()
    try execute("PRAGMA ignore_check_constraints = 1; PRAGMA foreign_keys = 0")
    defer { try? execute("PRAGMA ignore_check_constraints = 0; PRAGMA foreign_keys = 1") }
    try execute(sql)
    for trigger in triggers { try execute(trigger) }
  }
}

/// Nothing is there that must be.
struct Missing: Error {}

func need<Value>(_ value: Value?) throws -> Value { if let value { value } else { throw Missing() } }

// Facts.

extension TamperedLedger {
  private static func orders() -> [String] {
    ["order_id,line,carrier,region,plan,provisioned_at,activated_at"]
      + (1...12).map { number in
        // The first sold ones are in the window of 7 days.
        let from = [1, 2, 3, 8, 10].contains(number) ? "2026-11-15" : "2026-10-20"
        return "O-\(number),+1202555\(1000 + number),Telco,us-east,basic,\(from)T09:00:00Z,\(from)T10:00:00Z"
      }
  }

  private static func period(_ number: Int, _ coin: String, _ network: String = "", paid: String = "39.99", txid: String = "") -> String {
    let isNew = [1, 2, 3, 8, 10].contains(number)
    let (from, to) = isNew ? ("2026-11-15", "2026-12-16") : ("2026-11-01", "2026-12-01")
    return "P-\(number),O-\(number),\(from),\(to),\(paid),10.00,\(coin),\(network),,\(txid),\(from)T08:00:00Z"
  }

  private static let periodHeader = "period_id,order_id,starts_on,ends_on,paid_usd,setup_fee_usd,coin,network,paid_amount,txid,paid_at"
  private static let requestHeader = "request_id,order_id,txid,requested_at,channel,address,network,tag"

  private static func request(_ number: Int, _ address: String, txid: String? = nil, on day: String = "2026-11-22") -> String {
    "R-\(number),\(txid == nil ? "O-\(number)" : ""),\(txid ?? ""),\(day)T09:00:00Z,panel,\(address),,"
  }

  private static let txid = String(repeating: "ab", count: 32)

  fileprivate static let facts: [(name: String, lines: [String])] = [
    ("orders", orders()),
    (
      "periods",
      [
        periodHeader, period(1, "XMR"), period(2, "XMR"), period(3, "XMR"), period(4, "LTC"), period(5, "USDT", "Tron"), period(6, "XMR"),
        period(7, "XMR"), period(8, "XMR", txid: txid), period(9, "ETH", paid: "7010.00"), period(10, "XMR"), period(11, "ETH"), period(12, "XMR"),
      ]
    ),
    ("addons", ["addon_id,period_id,category,fee_usd,active_from", "A-1,P-5,other,1.00,2026-11-02T00:00:00Z"]),
    ("usage", ["order_id,day,outbound_calls,outbound_sms,verifications", "O-5,2026-11-03,1,0,0"]),
    (
      "outages",
      [
        "outage_id,origin,scope,scope_value,started_at,ended_at", "X-0,third_party,region,eu,2026-10-01T00:00:00Z,2026-10-02T00:00:00Z",
        "X-1,infrastructure,platform,,2026-11-10T00:00:00Z,2026-11-12T12:00:00Z",
      ]
    ),
    (
      "withdrawals",
      [
        "withdrawal_id,reason,scope,scope_value,effective_at,reversed_at",
        "W-1,carrier,line,+12025551012,2026-10-01T00:00:00Z,2026-10-05T00:00:00Z",
      ]
    ),
    (
      "feature_faults",
      [
        "fault_id,feature,scope,scope_value,started_at,fixed_at", "F-1,sms,plan,basic,2026-11-01T00:00:00Z,2026-11-02T00:00:00Z",
      ]
    ),
    ("plan_features", ["plan,feature", "basic,sms"]),
    (
      "restorations",
      ["ticket_id,order_id,opened_at,restored_at", "T-1,O-5,2026-11-05T00:00:00Z,2026-11-06T00:00:00Z", "T-2,O-12,2026-11-21T00:00:00Z,"]
    ),
    (
      "requests",
      [requestHeader]
        + [(1, Addresses.standard), (2, Addresses.other), (3, Addresses.made(3)), (10, Addresses.made(10))].map { request($0, $1) } + [
          request(4, Addresses.litecoin[0]), request(5, Addresses.tron[0]), request(8, Addresses.made(8), txid: txid),
          request(9, Addresses.ethereum), request(11, Addresses.ethereum),
        ]
    ),
    (
      "rates",
      [
        "coin,quoted_at,usd", "XMR,2026-11-22T03:00:00Z,150", "XMR,2026-11-23T03:00:00Z,151", "LTC,2026-11-20T03:00:00Z,80",
        "LTC,2026-11-21T03:00:00Z,81", "ETH,2026-11-20T03:00:00Z,2999.5", "USDT,2026-11-20T03:00:00Z,1",
      ]
    ),
  ]

  /// What comes between the two nights: O-10 was used, O-11 was paid less for, O-6 has an address, O-7 was out alone, and LTC is three times as dear.
  fileprivate static let corrections: [(name: String, lines: [String])] = [
    ("usage", ["order_id,day,outbound_calls,outbound_sms,verifications", "O-10,2026-11-16,1,0,0"]),
    ("periods", [periodHeader, period(11, "ETH", paid: "33.00")]),
    ("requests", [requestHeader, request(6, Addresses.made(6), on: "2026-11-23")]),
    (
      "outages",
      [
        "outage_id,origin,scope,scope_value,started_at,ended_at",
        "X-2,infrastructure,line,+12025551007,2026-11-14T00:00:00Z,2026-11-16T12:00:00Z",
      ]
    ),
    ("rates", ["coin,quoted_at,usd", "LTC,2026-11-24T03:00:00Z,300"]),
  ]

  /// What comes before the next night: rates, an outage of everything, and one that is open again.
  fileprivate static let lateFacts: [(name: String, lines: [String])] = [
    ("usage", ["order_id,day,outbound_calls,outbound_sms,verifications", "O-12,2026-11-20,1,0,0"]),
    (
      "outages",
      [
        "outage_id,origin,scope,scope_value,started_at,ended_at", "X-0,third_party,region,eu,2026-10-01T00:00:00Z,",
        "X-3,infrastructure,platform,,2026-11-23T00:00:00Z,2026-11-24T06:00:00Z",
      ]
    ),
    (
      "rates",
      [
        "coin,quoted_at,usd", "XMR,2026-11-24T05:30:00Z,149", "ETH,2026-11-24T05:30:00Z,3000", "USDT,2026-11-24T05:30:00Z,1",
      ]
    ),
  ]
}
