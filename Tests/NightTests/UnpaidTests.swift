import Coins
import Foundation
import Ledger
import Night
import ReferenceModel
import RefundPolicy
import Reports
import Storage
import Testing

/// Worlds of random facts in which people decide, and payouts are prepared, sent, paid, fail and are taken back, between nights and reruns.
///
/// What happened is noted here, apart from the ledger, from what items were before and after each step; each run's totals must be that.
@Suite struct `totals from what is pending to what is paid` {
  /// MAKEGOOD_SEEDS asks for more than CI's 60, MAKEGOOD_FIRST_SEED for others.
  static let seedsInAll = ProcessInfo.processInfo.environment["MAKEGOOD_SEEDS"].flatMap { UInt64($0) } ?? 60
  static let first = `laws of the night`.firstSeed
  static let chunks = stride(from: first, through: first + seedsInAll - 1, by: 10).map { $0..<min($0 + 10, first + seedsInAll) }

  @Test(arguments: chunks) func `tie after every step`(seeds: Range<UInt64>) throws {
    for seed in seeds {
      let year = try PaidYear(seed: seed)
      try year.live()
      #expect(try year.product.verify() == [], "seed \(seed)")
    }
  }

  @Test func `are of worlds in which all of it happens`() throws {
    var happened: Set<String> = []
    for seed in UInt64(1)...20 {
      let year = try PaidYear(seed: seed)
      try year.live()
      happened.formUnion(year.happened)
    }
    let wanted: Set = [
      "approved", "reopened", "paid", "corrected", "rerun", "left behind", "approved prepared", "prepared approved", "prepared sent", "sent paid",
      "prepared paid", "sent approved", "changed by cause", "smaller by cause",
    ]
    #expect(happened.isSuperset(of: wanted), "\(wanted.subtracting(happened))")
  }
}

/// One of those worlds.
private final class PaidYear {
  let product: Product
  private let seed: UInt64
  private var random: SplitMix64
  private(set) var happened: Set<String> = []
  private var clock: Int64 = 0

  /// What happened since the last run.
  private var approved = Total(), reopened = Total(), paid = Total()
  /// What the last run closed with, and all that the lines of causes came to so far.
  private var lastClosing = Total()
  private var byCause: [String: (days: Int, cents: Int64)] = [:]
  private var reports: [RunID: String] = [:]

  init(seed: UInt64) throws {
    self.seed = seed
    random = SplitMix64(seed: seed &+ 77)
    product = try Product(sheetsFrom: seed % 2 == 0 ? 1 : .max)
  }

  func live() throws {
    let world = payable(randomWorld(seed: seed, orders: 8))
    let first = `laws of the night`.first
    for (stage, partial) in lateArrivals(world, seed: seed).enumerated() {
      try product.take(partial)
      for date in [first + 2 * stage, first + 2 * stage + 1] {
        clock = Int64(date + 1) * 86_400
        try step { _ = try $0.close(date) }
        try checkLastRun()
        for _ in 0..<10 { try act() }
      }
      if random.chance(40), try step({ try $0.rerun(from: first - 20, to: first + 2 * stage + 1) == .changed }) {
        happened.insert("rerun")
        try checkLastRun()
      }
    }
    try step { _ = try $0.close(first + 10) }
    // Reports of the past are as they were, whatever was done since.
    for (run, text) in reports { #expect(try report(of: run) == text, "seed \(seed), run \(run.number)") }
  }

  /// The same, with addresses that can be paid to.
  private func payable(_ world: World) -> World {
    var world = world
    for place in world.requests.indices {
      guard let period = world.periods.first(where: { $0.orderID == world.requests[place].orderID }),
        let address = payableAddresses(coin: period.coin, network: period.network).first
      else { continue }
      (world.requests[place].address, world.requests[place].network, world.requests[place].tag) = (address, "", "")
    }
    return world
  }

  // Steps.

  private struct Known: Hashable {
    var state: ItemState
    var amount: Cents
  }

  /// Those in rows; what is on sheets is undecided.
  private func known() throws -> [ItemID: Known] {
    try product.store.read { connection in
      var known: [ItemID: Known] = [:]
      let rows = try connection.prepare("SELECT item_id, state, amount_cents FROM items")
      while try rows.step() {
        known[ItemID(rows.int(0))] = Known(state: try #require(ItemState(rawValue: rows.text(1))), amount: Cents(rows.int(2)))
      }
      return known
    }
  }

  /// Does something, and notes what it did to items.
  @discardableResult
  private func step<Result>(_ body: (Product) throws -> Result) throws -> Result {
    let before = try known()
    let result = try body(product)
    for (id, now) in try known() {
      let former = before[id]
      switch (former?.state.isUnpaid ?? false, now.state) {
      case (false, let state) where state.isUnpaid && former?.state != .paid:
        approved.add(now.amount)
        happened.insert("approved")
      // Reopened: restated to what is owed, or to nothing (D2).
      case (true, .pending), (true, .held), (true, .withdrawn):
        reopened.add(former?.amount ?? .zero)
        happened.insert("reopened")
      case (true, .paid):
        paid.add(now.amount)
        happened.insert("paid")
      default: break
      }
      if let former, former.state.isUnpaid, former.state != now.state { happened.insert("\(former.state.rawValue) \(now.state.rawValue)") }
    }
    return result
  }

  private func act() throws {
    clock += 60
    switch random.int(0...9) {
    case 0...4: try step { _ in try review() }
    case 5: try step { _ in try correct() }
    case 6...7: try step { _ in try prepare() }
    default: try step { _ in try goOn() }
    }
  }

  private func items(_ states: [ItemState]) throws -> [Item] {
    try product.store.read { connection in
      let ids = try connection.prepare("SELECT item_id FROM (\(Product.allItems)) ORDER BY item_id")
      var items: [Item] = []
      while try ids.step() { if let item = try connection.item(ItemID(ids.int(0))), states.contains(item.state) { items.append(item) } }
      return items
    }
  }

  private func review() throws {
    let items = try items(ItemState.allCases)
    guard !items.isEmpty else { return }
    let item = random.pick(items)
    let act = random.pick([ReviewAct.approve, .approve, .approve, .reject, .hold, .release, .reopen, .reopen])
    try desk { _ = try $0.decide(act, item.id, note: "why", forCustomer: act == .reject && self.random.chance(50) ? "because" : nil) }
  }

  private func correct() throws {
    let items = try items([.pending])
    guard !items.isEmpty else { return }
    let item = random.pick(items)
    let amount = Cents(Int64(random.int(1...max(1, Int(item.paid.count)))))
    if try desk({ _ = try $0.correct(item.id, to: amount, note: "why") }) { happened.insert("corrected") }
  }

  /// - Returns: Whether it was not refused.
  @discardableResult
  private func desk(_ body: (ReviewDesk) throws -> Void) throws -> Bool {
    let name = random.pick(["ann", "bob"])
    do {
      try product.store.transaction { connection in
        let desk = try ReviewDesk(Reviewer(name), at: Instant(seconds: clock), on: connection, restating: Reopening.restate)
        try body(desk)
        try desk.finish()
        return (.commit, ())
      }
      return true
    } catch is ReviewRefusal {
      return false
    }
  }

  // Payouts.

  private func payouts(_ act: PayoutDesk.Act, _ body: (PayoutDesk, Connection) throws -> Void) throws {
    do {
      try product.store.transaction { connection in
        let desk = try PayoutDesk(act, by: "ann", at: Instant(seconds: clock), on: connection)
        try body(desk, connection)
        try desk.finish()
        return (.commit, ())
      }
    } catch StorageError.refused(let why) where why.contains("not owed any more") {
      // What is not owed any more is not prepared (N5).
    }
  }

  private func prepare() throws {
    let rate = try #require(ExchangeRate("2.5"))
    var (payments, leftovers): ([Payment], [Leftover]) = ([], [])
    let batch = try product.store.read { try $0.nextBatch() }
    for item in try items([.approved]) {
      guard let address = item.address, item.flags.isDisjoint(with: .withoutAddress), random.chance(70),
        let amount = CoinAmount(worth: item.amount, at: rate, decimals: 12)
      else {
        leftovers.append(
          Leftover(
            item: item.id, orderID: item.orderID, coin: item.coin, network: item.network, usd: item.amount, reason: "No address was given (H1)."))
        continue
      }
      // One destination, one payment (G3).
      let same = payments.firstIndex { payment in
        payment.payouts.contains { $0.coin == item.coin && $0.network == item.network && $0.address == address && $0.tag == item.tag }
      }
      let id = same.map { payments[$0].id } ?? PaymentID(batch, Int64(payments.count + 1))
      let payout = Payout(
        item: item.id, orderID: item.orderID, version: item.version, payment: id,
        route: same.flatMap { payments[$0].payouts.first?.route } ?? random.pick(PayoutRoute.allCases), coin: item.coin, network: item.network,
        address: address, tag: item.tag, amount: amount, usd: item.amount,
        rate: QuotedRate(rate: rate, quotedAt: Instant(seconds: clock), side: "mid", source: "the test"),
        rateCheck: RateCheck(isDoubtful: false, words: "as the test has it"))
      if let same {
        payments[same].payouts.append(payout)
      } else {
        payments.append(
          Payment(id: id, chain: item.network ?? item.coin, isOnOwnChain: item.network == nil, payouts: [payout]))
      }
    }
    if payments.isEmpty { return }
    if !leftovers.isEmpty { happened.insert("left behind") }
    try self.payouts(.prepare) { desk, _ in _ = try desk.prepare(payments, leaving: leftovers, profiles: []) }
  }

  /// The next thing that befalls a payout: settled, failed, sent, confirmed, given up.
  private func goOn() throws {
    let items = try items([.prepared, .sent])
    guard !items.isEmpty else { return }
    let item = random.pick(items)
    guard let status = try product.store.read({ try $0.payoutStatuses(of: item.id).last }),
      let whole = try product.store.read({ try $0.payment(status.payout.payment) })
    else { return }
    switch (status.payout.route, item.state) {
    case (.processor, _):
      let result = ProcessorResult(txid: "t\(clock)", settledAt: Instant(seconds: clock), fee: nil)
      let isPaid = random.chance(60)
      try payouts(.settle) { desk, _ in
        if isPaid {
          try desk.move(whole, from: .prepared, to: .paid, settlement: result)
        } else {
          try desk.move(whole, from: .prepared, to: .approved, note: "wallet not activated")
        }
      }
    case (.monero, .prepared):
      let isSent = random.chance(70)
      try payouts(isSent ? .send : .abandon) { desk, connection in
        guard isSent, let payment = try connection.unattempted(of: status.batch).first(where: { $0.items.contains(item.id) }) else {
          return try desk.move(whole, from: .prepared, to: .approved, note: "cancelled")
        }
        let attempt = try desk.plan([payment], of: status.batch)
        let hash = String(repeating: "0", count: 64 - String(clock).count) + String(clock)
        try desk.noteBuilt(attempt, BuiltTransaction(hash: hash, metadata: "m", blob: "b", key: "k", keyImages: [hash], fee: 1))
        try desk.noteRelayed(try #require(try connection.openAttempts().first { $0.id == attempt.id }))
      }
    case (.monero, _):
      let isConfirmed = random.chance(50)
      try payouts(isConfirmed ? .send : .abandon) { desk, connection in
        guard let attempt = try connection.openAttempts().first(where: { $0.items.contains(item.id) }) else { return }
        if isConfirmed { return try desk.noteConfirmed(attempt) }
        try desk.noteStuck(attempt, why: "its inputs are spent")
        try desk.noteDead(attempt, why: "it can never confirm")
        try desk.move(attempt, from: .sent, to: .approved, note: "it can never confirm")
      }
    }
  }

  // What a run says.

  private func checkLastRun() throws {
    let run = try #require(try product.store.read { connection in try connection.lastRun().flatMap { try connection.recordedRun($0) } })
    let (totals, place) = (run.totals, "seed \(seed), run \(run.id.number)")
    #expect(totals.openingUnpaid == lastClosing, "\(place)")
    #expect(totals.approved == approved, "\(place)")
    #expect(totals.reopenedUnpaid == reopened, "\(place)")
    #expect(totals.paid == paid, "\(place)")
    let known = try known()
    func sum(_ states: [ItemState]) -> Total { known.values.filter { states.contains($0.state) }.reduce(into: Total()) { $0.add($1.amount) } }
    #expect(totals.closingUnpaid == sum([.approved, .prepared, .sent]), "\(place)")
    #expect(totals.prepared == sum([.prepared]) && totals.sent == sum([.sent]), "\(place)")
    #expect(totals.paidToDate == sum([.paid]), "\(place)")

    let text = try report(of: run.id)
    let listed = text.split(separator: "\n").filter { $0.hasPrefix("R") }.map { $0.split(separator: ",", omittingEmptySubsequences: false) }
      .map { "\($0[0]) \($0[3]) \($0[8])" }
    let unpaid = known.filter { $0.value.state.isUnpaid }.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.state.rawValue) \($0.value.amount)" }
    #expect(listed == unpaid, "\(place)")
    #expect(text.contains("The totals tie:"), "\(place)")
    try addCauses(text, run, place)
    reports[run.id] = text
    lastClosing = totals.closingUnpaid
    (approved, reopened, paid) = (Total(), Total(), Total())
  }

  /// The lines of causes of all runs so far are what items hold now.
  private func addCauses(_ text: String, _ run: RecordedRun, _ place: String) throws {
    var sum: Int64 = 0
    for line in text.split(separator: "\n") where line.hasPrefix("cause:") {
      let fields = line.dropFirst(6).split(separator: ",")
      let (days, cents) = (try #require(Int(fields[1])), try #require(Int64(fields[2].filter { $0 != "." })))
      byCause[String(fields[0]), default: (0, 0)].days += days
      byCause[String(fields[0]), default: (0, 0)].cents += cents
      sum += cents
      if cents != 0 { happened.insert("changed by cause") }
      if days < 0 { happened.insert("smaller by cause") }
    }
    let totals = run.totals
    #expect(Cents(sum) == totals.opened.amount + totals.increased.amount - totals.reduced.amount - totals.withdrawn.amount, "\(place)")
    var held: [String: (days: Int, cents: Int64)] = [:]
    for item in try items(ItemState.allCases) {
      for stretch in try product.store.read({ try $0.stretches(of: item) }) {
        held[stretch.cause.name, default: (0, 0)].days += stretch.days.dayCount
        held[stretch.cause.name, default: (0, 0)].cents += stretch.amount.count
      }
    }
    func told(_ causes: [String: (days: Int, cents: Int64)]) -> [String] {
      causes.filter { $0.value != (0, 0) }.map { "\($0.key) \($0.value.days) \($0.value.cents)" }.sorted()
    }
    #expect(told(byCause) == told(held), "\(place)")
  }

  /// unpaid.csv, summary.csv and what the page says of the totals.
  private func report(of run: RunID) throws -> String {
    try product.store.read { connection in
      let folder = product.folder.appendingPathComponent("reports-\(UUID().uuidString)").path
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let recorded = try #require(try connection.recordedRun(run))
      let path = try NightReport.write(recorded, from: connection, in: folder, beside: nil).path
      func text(_ file: String) throws -> String { try String(contentsOfFile: path + "/" + file, encoding: .utf8) }
      let page = try text("index.html").split(separator: "\n").filter { $0.contains("The totals") }.joined(separator: "\n")
      return try text("unpaid.csv") + text("summary.csv") + page
    }
  }
}
