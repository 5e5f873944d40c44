import AuditLog
import Facts
import Foundation
import Ledger
import Night
import Payouts
import RefundPolicy
import Reports
import Storage
import Testing

/// A few weeks of a seller from a seed, in which people and machines make the mistakes that guards are for: rates that are wrong, usage that comes
/// late, exports that are older than what is known, a clock that jumps, settings with one line, backups that are put back, and rows that somebody
/// edits. What leaves the wallet and the processor is written down apart from the ledger, and judged by what the season itself knows.
final class MistakenSeason {
  private(set) var fixture: PayoutFixture
  private let chain = StubChain(inputs: 400)
  private var random: Luck
  private let seed: UInt64
  /// What happened, so that a season in which nothing does shows.
  private(set) var happened: Set<String> = []
  private(set) var problems: [String] = []

  private var day: Int64 = 0
  private var clock: Instant { fixture.now.advanced(bySeconds: day * 86_400) }

  // Facts, as the panel knows them.

  private struct Facts: Hashable {
    /// Rows by their keys, by file.
    var rows: [String: [String: String]] = [:]
    /// Addresses that customers gave, the latest last.
    var addresses: [String: [(at: Instant, address: String)]] = [:]

    static func == (left: Facts, right: Facts) -> Bool { left.rows == right.rows }
    func hash(into hasher: inout Hasher) { hasher.combine(rows) }
  }

  private var facts = Facts()
  private var exports: [Facts] = []
  /// The days through which usage is known.
  private var usageKnownThrough: Instant = Instant(seconds: 0)
  private var requestsOfW1: [String: Instant] = [:]
  private var orderCount = 0
  private let coins = ["XMR": "150", "LTC": "80"]

  // What left, by what it was prepared as.

  private struct Prepared {
    var coin: String
    var address: String
    var items: [(period: String, days: Set<Int32>)]
  }

  private var prepared: [PaymentID: Prepared] = [:]
  private var isPaid: Set<PaymentID> = []
  private var paidDays: [String: Set<Int32>] = [:]
  private var acceptedRates: Set<String> = []

  init(seed: UInt64) throws {
    self.seed = seed
    random = Luck(state: seed &* 0x9E37_79B9_7F4A_7C15 &+ 1)
    fixture = try PayoutFixture(copying: nil)
  }

  func live(days: Int64) throws {
    for place in 0..<10 { try quote(daysAgo: Int64(10 - place), isWrong: false) }
    while day < days && problems.isEmpty {
      try learn()
      try importFacts()
      if random.chance(10) { try setOneLine() }
      try closeTheNight()
      try checkAutomatic()
      for _ in 0..<6 { try review() }
      if random.chance(25) { try editRows() }
      try payOut()
      day += 1
    }
    let findings = try fixture.findings()
    if !findings.isEmpty { note("verify: \(findings.prefix(3))") }
  }

  private func note(_ problem: String) { problems.append("seed \(seed), day \(day): \(problem)") }

  // Facts.

  private static let headers = [
    "orders": "order_id,line,carrier,region,plan,provisioned_at,activated_at,ended_at,end_reason",
    "periods": "period_id,order_id,starts_on,ends_on,paid_usd,setup_fee_usd,coin,network,paid_amount,paid_at",
    "usage": "order_id,day,outbound_calls,outbound_sms,verifications", "outages": "outage_id,origin,scope,scope_value,started_at,ended_at",
    "requests": "request_id,order_id,requested_at,channel,address", "rates": "coin,quoted_at,usd",
  ]

  private func put(_ file: String, _ key: String, _ row: String) { facts.rows[file, default: [:]][key] = row }

  private func learn() throws {
    let today = clock.day
    for _ in 0..<random.upTo(2) { addOrder(today) }
    for order in 1...max(1, orderCount) where orderCount > 0 && random.chance(15) {
      let start = today.start.advanced(bySeconds: Int64(-random.upTo(60)) * 3600)
      let end = random.chance(60) ? "\(start.advanced(bySeconds: Int64(20 + random.upTo(60)) * 3600))" : ""
      put("outages", "X\(order)-\(day)", "X\(order)-\(day),infrastructure,line,+1202555\(1000 + order),\(start),\(end)")
    }
    for order in 1...max(1, orderCount) where orderCount > 0 && random.chance(25) { ask("O-\(order)", at: clock.advanced(bySeconds: -20_000)) }
    for order in 1...max(1, orderCount) where orderCount > 0 && random.chance(10) {
      let used = today.advanced(by: -random.upTo(4))
      put("usage", "O-\(order),\(used)", "O-\(order),\(used),1,0,0")
    }
    try quote(daysAgo: 0, isWrong: random.chance(25))
  }

  private func addOrder(_ today: ServiceDay) {
    orderCount += 1
    let (order, first) = ("O-\(orderCount)", today.advanced(by: -1))
    let isActivated = random.chance(70)
    let times = "\(first.start.advanced(bySeconds: 3600)),\(isActivated ? "\(first.start.advanced(bySeconds: 7200))" : "")"
    put("orders", order, "\(order),+1202555\(1000 + orderCount),Telco,us-east,basic,\(random.chance(85) ? times : ","),,")
    let coin = random.chance(60) ? "XMR" : "LTC"
    let amount = coin == "XMR" ? "0.4" : "0.75"
    put(
      "periods", "P-\(orderCount)",
      "P-\(orderCount),\(order),\(first),\(first.advanced(by: 30)),60.00,0.00,\(coin),,\(amount),\(first.start.advanced(bySeconds: 600))")
    if random.chance(40) { ask(order, at: clock.advanced(bySeconds: -Int64(random.upTo(90_000)))) }
  }

  private func ask(_ order: String, at instant: Instant) {
    let isMonero = facts.rows["periods"]?["P-\(order.dropFirst(2))"]?.contains(",XMR,") ?? true
    let good = isMonero ? [Addresses.standard, Addresses.other] : Array(Addresses.litecoin.prefix(2))
    let address = random.chance(25) ? "nowhere" : good[random.upTo(2)]
    let id = "Q\(order)-\(day)-\(instant.seconds)"
    put("requests", id, "\(id),\(order),\(instant),panel,\(address)")
    facts.addresses[order, default: []].append((instant, address))
    requestsOfW1[id] = instant
  }

  /// The true price moves within a tenth; a wrong quote is the inverse, a hundred times off, or three times.
  private func quote(daysAgo: Int64, isWrong: Bool) throws {
    for (coin, price) in coins {
      guard let whole = Int(price) else { continue }
      let now = clock.advanced(bySeconds: -daysAgo * 86_400)
      let right = whole * (95 + random.upTo(10)) * 10
      put("rates", "\(coin),\(now.advanced(bySeconds: -7200))", "\(coin),\(now.advanced(bySeconds: -7200)),\(right / 1000).\(right % 1000)")
      if isWrong {
        let wrong = [whole * 100, whole * 3, whole / 3].map(String.init) + ["0.0\(1_000_000 / whole)"]
        happened.insert("wrong quote")
        put("rates", "\(coin),\(now.advanced(bySeconds: -3600))", "\(coin),\(now.advanced(bySeconds: -3600)),\(wrong[random.upTo(4)])")
      }
    }
  }

  private func importFacts() throws {
    exports.append(facts)
    try take(facts, withUsage: !random.chance(25), at: clock.advanced(bySeconds: -1800))
    if exports.count > 3 && random.chance(12) {
      happened.insert("older export")
      try take(exports[exports.count - 2 - random.upTo(2)], withUsage: true, at: clock.advanced(bySeconds: -1200))
    }
  }

  private func take(_ facts: Facts, withUsage: Bool, at instant: Instant) throws {
    let folder = fixture.folder.appendingPathComponent("facts-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (file, header) in Self.headers where file != "usage" || withUsage {
      let rows = (facts.rows[file] ?? [:]).sorted { $0.key < $1.key }.map(\.value)
      try Data(([header] + rows).joined(separator: "\n").appending("\n").utf8).write(to: folder.appendingPathComponent("\(file).csv"))
    }
    let lock = try RunLock(database: fixture.store.path)
    _ = try Import([.path(folder.path)], rejects: nil, now: instant).run(on: fixture.store, holding: lock)
    if withUsage { usageKnownThrough = max(usageKnownThrough, instant) } else { happened.insert("late usage") }
  }

  private func setOneLine() throws {
    let line = random.pick([#""second_approval_usd": "20.00""#, #""window_days": 9"#, #""rate_max_factor": 1.5"#, #""fault_open_max_days": 3"#])
    let from = clock.day.advanced(by: 1)
    try fixture.store.transaction { connection in
      do {
        let draft = try SettingsDraft(Array(#"{"effective_from": "\#(from)", \#(line)}"#.utf8))
        _ = try connection.take(draft, by: try Reviewer("ann"), note: nil, rewritesHistory: false, at: clock)
        return (.commit, ())
      } catch SettingsError.alreadySet { return (.rollback, ()) }
    }
    happened.insert("settings")
  }

  // Nights.

  private func closeTheNight() throws {
    let before = try fixture.store.read { try $0.watermark() }
    for jump in [Int64(40), -3] where before != nil && random.chance(8) {
      happened.insert("clock jump")
      let wrong = Night(fixture.store, now: clock.advanced(bySeconds: jump * 86_400))
      do {
        let dates = try wrong.datesToClose(.upToYesterday)
        note("a clock that is \(jump) days off would close \(dates)")
      } catch is Night.Refusal {}
    }
    let lock = try RunLock(database: fixture.store.path)
    let night = Night(fixture.store, now: clock)
    _ = try night.close(try night.datesToClose(.upToYesterday), .kept, holding: lock) { _, _ in }
  }

  /// G4: nothing is approved by W1 while usage is not known through the day of the request.
  private func checkAutomatic() throws {
    let rows = try fixture.column(
      """
      SELECT order_id || ' ' || item_id FROM items WHERE automatic = 1 AND state IN ('approved', 'prepared', 'sent', 'paid')
        AND item_id NOT IN (SELECT item_id FROM reviews WHERE decision = 'approve')
        AND item_id IN (SELECT item_id FROM stretches WHERE cause = \(Cause.unused.rawValue))
      """)
    for row in rows {
      happened.insert("automatic")
      let order = row.prefix { $0 != " " }
      let asked = requestsOfW1.filter { $0.key.hasPrefix("Q\(order)-") }.map(\.value).min()
      if let asked, usageKnownThrough < asked.day.end { note("\(row) was approved before usage was known") }
    }
  }

  private func review() throws {
    let waiting = try fixture.column("SELECT printf('R%09d', item_id) FROM items WHERE state IN ('pending', 'held', 'approved') ORDER BY item_id")
    guard !waiting.isEmpty, let item = ItemID(waiting[random.upTo(waiting.count)]) else { return }
    let isHeld = try fixture.store.read { try $0.item(item) }?.state == .held
    let act = isHeld ? .release : random.pick([ReviewAct.approve, .approve, .approve, .approve, .reject, .hold, .reopen, .confirmAddress])
    let name = random.pick(["ann", "bob", "policy"])
    do {
      try fixture.store.transaction { connection in
        let desk = try ReviewDesk(try connection.reviewer(named: name, at: clock, as: "ann"), at: clock, on: connection, restating: Reopening.restate)
        _ = try desk.decide(act, item, note: "why")
        try desk.finish()
        return (.commit, ())
      }
      happened.insert(act.rawValue)
    } catch is ReviewRefusal {}
  }

  // Payouts.

  private func payOut() throws {
    let isToBePutBack = random.chance(30)
    if isToBePutBack { try fixture.snapshot(as: "before") }
    try prepare()
    try pay()
    if isToBePutBack {
      happened.insert("backup put back")
      try fixture.restore("before")
      try recover()
    }
    try settle()
  }

  private func prepare() throws {
    // As somebody would who looked: the right rate alone is accepted.
    let right = try coins.keys.reduce(into: [String: String]()) { rates, coin in
      rates[coin] = try fixture.column("SELECT usd FROM rates WHERE coin = '\(coin)' AND quoted_at = \(clock.seconds - 7200)").first
    }
    let newest = try fixture.column(
      "SELECT coin || ' ' || usd FROM rates AS r WHERE quoted_at = (SELECT max(quoted_at) FROM rates WHERE coin = r.coin) ORDER BY coin")
    var accepting: [String: String] = [:]
    for (coin, usd) in right where newest.contains("\(coin) \(usd)") && random.chance(50) { accepting[coin] = usd }
    let batch: Batches.Prepared
    do { batch = try fixture.prepare([:], at: day * 86_400, accepting: accepting) } catch is AcceptanceRefusal {
      batch = try fixture.prepare([:], at: day * 86_400)
    }
    for payment in batch.payments {
      for payout in payment.payouts { try check(payout, isAccepted: accepting[payout.coin] != nil) }
      prepared[payment.id] = try remembered(payment)
    }
    if !batch.payments.isEmpty { happened.insert("prepared") }
    if batch.leftovers.contains(where: { $0.reason.contains("G6") }) { happened.insert("doubtful rate") }
  }

  private func remembered(_ payment: Payment) throws -> Prepared {
    let items = try payment.payouts.map { payout in
      let item = try #require(try fixture.store.read { try $0.item(payout.item) })
      let days = try fixture.store.read { try $0.stretches(of: item) }.flatMap { $0.days.days.map(\.ordinal) }
      return (period: item.periodID, days: Set(days))
    }
    return Prepared(coin: payment.payouts[0].coin, address: payment.payouts[0].address, items: items)
  }

  /// G6 and Q4, by what the season knows.
  private func check(_ payout: Payout, isAccepted: Bool) throws {
    let price = try #require(coins[payout.coin].flatMap { Double($0) })
    let rate = try #require(Double("\(payout.rate.rate)"))
    if !isAccepted && !(price / 2.2...price * 2.2).contains(rate) { note("\(payout.item) is prepared at \(rate), the price is about \(price)") }
    // What was asked since midnight is for the next night.
    let given = (facts.addresses[payout.orderID] ?? []).filter { $0.at.day < clock.day }.sorted { $0.at < $1.at }.map(\.address)
    if given.last == payout.address { return }
    // Another address came after the approval, good or bad: the item keeps the one it was approved with, and says so.
    let item = try #require(try fixture.store.read { try $0.item(payout.item) })
    happened.insert("kept address")
    if !given.contains(payout.address) || !item.flags.has(.newerAddress) {
      note("\(payout.item) is paid to \(payout.address), which was not given last: \(given)")
    }
  }

  /// The wallet sends, the processor pays what was uploaded.
  private func pay() throws {
    let batches = try fixture.column("SELECT DISTINCT printf('B%06d', batch_id) FROM payments").compactMap { BatchID($0) }
    for batch in batches.suffix(4) {
      let lock = try RunLock(database: fixture.store.path)
      let anchors = try fixture.anchors()
      if !anchors.faults.isEmpty { return note("anchors before sending: \(anchors.faults)") }
      _ = try MoneroSender(
        chain, chain, SendLimits(network: "fakechain", fee: 1_000_000_000), by: "ann", at: clock, on: fixture.store, kept: { try anchors.write() }
      ).send(batch, holding: lock)
    }
    let before = Set(chain.customers.keys)
    chain.mine(10)
    for (payment, amounts) in chain.customers {
      if amounts.count > 1 { note("\(payment) left the wallet \(amounts.count) times") }
      if !before.contains(payment) { leave(payment) }
    }
    for (payment, what) in prepared where what.coin == "LTC" && !isPaid.contains(payment) && random.chance(40) {
      if try isUploaded(payment) { leave(payment) }
    }
  }

  /// Whether the payment stands in a folder that somebody uploads, and was not taken back since.
  private func isUploaded(_ payment: PaymentID) throws -> Bool {
    let states = try fixture.store.read { try $0.payment(payment) }.map { payment in
      try fixture.store.read { connection in try payment.payouts.map { try connection.item($0.item)?.state } }
    }
    return states?.allSatisfy { $0 == .prepared } ?? false
  }

  private func leave(_ payment: PaymentID) {
    guard let what = prepared[payment] else { return note("\(payment) left, and nobody prepared it") }
    if !isPaid.insert(payment).inserted { return note("\(payment) was paid twice") }
    happened.insert("paid \(what.coin)")
    for item in what.items {
      if !paidDays[item.period, default: []].isDisjoint(with: item.days) { note("days of \(item.period) were paid twice, with \(payment)") }
      paidDays[item.period, default: []].formUnion(item.days)
    }
    if what.address.contains("evil") { note("\(payment) went to an address that somebody wrote into the database") }
  }

  private func settle() throws {
    let open = isPaid.filter { prepared[$0]?.coin == "LTC" }.sorted()
    if open.isEmpty { return }
    let rows = open.map { "\($0),tx-\($0),\(clock)" }
    let file = try SettlementFile(Array((["payment_id,txid,settled_at"] + rows).joined(separator: "\n").utf8))
    let lock = try RunLock(database: fixture.store.path)
    _ = try Settling.take(file, by: "ann", at: clock.advanced(bySeconds: 60), on: fixture.store, holding: lock)
    try fixture.anchors().write()
  }

  private func recover() throws {
    let lock = try RunLock(database: fixture.store.path)
    let recovery = try Recovery(
      Recovery.Request(actor: "ann", now: clock, note: nil), asking: Recovery.Chain(chain, chain), reports: fixture.reports, on: fixture.store,
      holding: lock)
    if !recovery.problems.isEmpty { note("recover: \(recovery.problems)") }
    let anchors = try fixture.anchors()
    if !anchors.faults.isEmpty { note("anchors after recovering: \(anchors.faults)") }
    try anchors.write()
  }

  // Rows that somebody edits.

  private static let edits = [
    "UPDATE items SET address = 'evil' WHERE state = 'approved'", "UPDATE items SET amount_cents = amount_cents + 1 WHERE state = 'approved'",
    "UPDATE matched_requests SET address = 'evil'", "UPDATE rates SET usd = '15'", "UPDATE stretches SET last_day = last_day - 1",
    "UPDATE items SET state = 'approved' WHERE state IN ('pending', 'held', 'rejected')", "UPDATE outages SET started_at = started_at - 500000",
    "UPDATE requests SET address = 'evil'", "DELETE FROM reviews", "UPDATE payments SET amount_atomic = amount_atomic + 1",
  ]

  /// What was edited is not paid, and `verify` names it; then the backup of before is put back.
  private func editRows() throws {
    try fixture.snapshot(as: "untouched")
    let edit = random.pick(Self.edits)
    let triggers = try fixture.column("SELECT 'DROP TRIGGER ' || name || ';' FROM sqlite_master WHERE type = 'trigger'").joined()
    let changed: Int64
    do {
      try fixture.execute("PRAGMA foreign_keys = 0; PRAGMA ignore_check_constraints = 1;" + triggers)
      changed = try fixture.store.transaction { connection in
        let before = try connection.integer("SELECT total_changes()")
        try connection.execute(edit)
        return (.commit, try connection.integer("SELECT total_changes()") - before)
      }
    } catch is StorageError { return try fixture.restore("untouched") }
    if changed > 0 {
      happened.insert("edit")
      let found: Bool
      do { found = try !fixture.findings().isEmpty } catch is Damage { found = true }
      if !found { note("verify does not see '\(edit)'") }
      do {
        let batch = try fixture.prepare([:], at: day * 86_400)
        for payout in batch.payouts where payout.address == "evil" { note("\(payout.item) is prepared for an address from '\(edit)'") }
        for payout in batch.payouts where "\(payout.rate.rate)" == "15" { note("\(payout.item) is prepared at a rate from '\(edit)'") }
        // What it took is as it was: its folder is removed as the operator would who finds the edit.
        if let folder = batch.folder { try FileManager.default.removeItem(atPath: folder.path) }
      } catch is Damage {}
    }
    try? FileManager.default.removeItem(atPath: "\(fixture.reports)/\(Anchors.fileName)")
    try fixture.restore("untouched")
    try fixture.anchors().write()
  }
}

/// Numbers that a seed makes, the same everywhere.
private struct Luck {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &+ 0x9E37_79B9_7F4A_7C15
    var value = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }

  /// Below `bound`; 0 for a bound of none.
  mutating func upTo(_ bound: Int) -> Int { bound > 0 ? Int(next() % UInt64(bound)) : 0 }
  mutating func chance(_ percent: Int) -> Bool { upTo(100) < percent }
  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[upTo(elements.count)] }
}
