import Coins
import Ledger
import Payouts
import RefundPolicy
import Storage
import Testing

extension PayoutFixture {
  /// One call of `payout send`.
  @discardableResult
  func send(_ chain: StubChain, fee: UInt64 = 1_000_000_000) throws -> SendReport {
    let lock = try RunLock(database: store.path)
    let anchors = try anchors()
    return try MoneroSender(chain, chain, SendLimits(network: "fakechain", fee: fee), by: "ann", at: now, on: store) { try anchors.write() }
      .send(BatchID(1), holding: lock)
  }

  /// Sends and mines until everything is paid.
  func finish(_ chain: StubChain) throws {
    for _ in 0..<6 {
      try send(chain)
      if try states().allSatisfy({ $0 == .paid }) { return }
      chain.mine(10)
    }
  }

  /// What the ledger says was paid, by payment, in piconero.
  func ledger() throws -> [PaymentID: [UInt64]] {
    try store.read { connection in
      let paid = try connection.payoutStatuses().filter { $0.state == .paid }
      return Dictionary(grouping: paid, by: \.payout.payment).mapValues { payouts in
        [payouts.reduce(UInt64(0)) { $0 + UInt64($1.payout.amount.atomic) }]
      }
    }
  }
}

@Suite struct `sending Monero once (H4)` {
  @Test func `forty refunds go out in three transactions, and are paid when they are ten blocks deep`() throws {
    let fixture = try PayoutFixture(Addresses.monero(40))
    let chain = StubChain()
    #expect(try fixture.prepare().payouts.count == 40)
    var report = try fixture.send(chain)
    #expect((report.relayed, report.confirmed, report.waiting) == (40, 0, 0))
    #expect(chain.pool.count == 3)
    #expect(chain.pool.values.allSatisfy { $0.payments.count <= 15 })
    chain.mine(9)
    report = try fixture.send(chain)
    #expect((report.relayed, report.confirmed, report.waiting) == (0, 0, 40))
    #expect(try fixture.states().allSatisfy { $0 == .sent })
    chain.mine()
    report = try fixture.send(chain)
    #expect((report.relayed, report.confirmed, report.waiting) == (0, 40, 0))
    #expect(try fixture.ledger() == chain.customers)
    #expect(try fixture.findings() == [])
    // Nothing is left to do.
    let calls = chain.calls.count
    try fixture.send(chain)
    #expect(!chain.calls[calls...].contains("transfer") && !chain.calls[calls...].contains("relay_tx"))
  }

  @Test func `an integrated address has a transaction of its own`() throws {
    let fixture = try PayoutFixture(
      [Addresses.integrated[0], Addresses.standard, Addresses.integrated[1], Addresses.other].map { ("XMR", "", $0, "") })
    let chain = StubChain()
    _ = try fixture.prepare()
    try fixture.send(chain)
    #expect(chain.pool.values.map { $0.payments.flatMap(\.items).map(\.number) }.sorted { $0[0] < $1[0] } == [[1], [2, 4], [3]])
  }

  /// Each fault at each call of a plain run of two transactions; then everything is started again, and again until all is paid. Never twice, never
  /// lost, and the ledger says what the chain says.
  @Test(arguments: StubChain.Fault.allCases) func `whatever fails at whatever call, each refund is paid once`(fault: StubChain.Fault) throws {
    let plain = StubChain()
    let prepared = try PayoutFixture([Addresses.standard, Addresses.other, Addresses.integrated[0]].map { ("XMR", "", $0, "") })
    _ = try prepared.prepare()
    try PayoutFixture(copying: prepared).finish(plain)
    let calls = plain.calls.count
    #expect(Set(plain.calls).count == 11)
    for call in 0..<calls {
      // What is in the pool is mined before the second start, is still there, or was dropped.
      let isKill = fault == .killedBefore || fault == .killedAfter
      for between in isKill ? ["mined", "pool", "dropped"] : ["pool"] {
        let fixture = try PayoutFixture(copying: prepared)
        let chain = StubChain()
        chain.plan = (call, fault)
        var kept: (any Error)?
        chain.onKill = { do { try fixture.snapshot() } catch { kept = error } }
        // The plain run's rhythm, so that later calls are reached too.
        for _ in 0..<2 where !chain.isKilled {
          try fixture.send(chain)
          if !chain.isKilled { chain.mine(10) }
        }
        #expect(kept == nil)
        if chain.isKilled { try fixture.restore() }
        chain.startAgain()
        switch between {
        case "mined": chain.mine(10)
        case "dropped": chain.dropPool()
        default: break
        }
        try fixture.finish(chain)
        let place = "\(fault) at call \(call) (\(plain.calls[call])), \(between)"
        #expect(try fixture.states() == Array(repeating: .paid, count: 3), "\(place)")
        #expect(chain.customers.values.allSatisfy { $0.count == 1 }, "\(place)")
        #expect(try fixture.ledger() == chain.customers, "\(place)")
        if call.isMultiple(of: 5) { #expect(try fixture.findings() == [], "\(place)") }
      }
    }
  }

  /// What a plain transfer does when its answer is lost and the first payment was mined: it pays again. Here it cannot.
  @Test func `an answer that is lost, and mined before the second start, is not paid again`() throws {
    let fixture = try PayoutFixture(Addresses.monero(1))
    let chain = StubChain()
    _ = try fixture.prepare()
    let plain = StubChain()
    let other = try PayoutFixture(Addresses.monero(1))
    _ = try other.prepare()
    try other.send(plain)
    chain.plan = (try #require(plain.calls.firstIndex(of: "relay_tx")), .killedAfter)
    chain.onKill = { try? fixture.snapshot() }
    try fixture.send(chain)
    #expect(chain.calls.last == "relay_tx")
    try fixture.restore()
    chain.startAgain()
    chain.mine(10)
    try fixture.finish(chain)
    #expect(chain.customers.count == 1 && chain.customers.values.allSatisfy { $0.count == 1 })
    #expect(try fixture.states() == [.paid])
  }

  @Test func `what was built is never built anew while it may confirm`() throws {
    let fixture = try PayoutFixture(Addresses.monero(1))
    let chain = StubChain()
    _ = try fixture.prepare()
    for _ in 0..<3 {
      try fixture.send(chain)
      chain.dropPool()
    }
    #expect(chain.calls.count { $0 == "transfer" } == 1)
    #expect(chain.calls.count { $0 == "relay_tx" } == 3)
  }

  @Test func `a transaction that can never confirm waits for a person, who gives it up`() throws {
    let fixture = try PayoutFixture(Addresses.monero(2))
    let chain = StubChain()
    _ = try fixture.prepare()
    try fixture.send(chain)
    let hash = try #require(chain.pool.keys.first)
    func abandon() throws {
      let lock = try RunLock(database: fixture.store.path)
      _ = try Cancelling.abandon(hash, network: "fakechain", chain, note: "swept", by: "ann", at: fixture.now, on: fixture.store, holding: lock)
    }
    #expect(throws: CancelRefusal.mayConfirm(hash)) { try abandon() }
    chain.sweepInput(of: hash)
    for _ in 0..<2 {
      let report = try fixture.send(chain)
      #expect(report.stuck.map(\.why) == ["another transaction spent its inputs"])
    }
    #expect(chain.calls.count { $0 == "transfer" } == 1)
    #expect(try fixture.store.read { try $0.stuckPayouts() } == 1)
    try abandon()
    #expect(try fixture.store.read { try $0.stuckPayouts() } == 0)
    // They are approved again, go into another batch, and are paid once.
    #expect(try fixture.prepare().payouts.count == 2)
    let lock = try RunLock(database: fixture.store.path)
    let anchors = try fixture.anchors()
    let sender = MoneroSender(chain, chain, SendLimits(network: "fakechain", fee: 1_000_000_000), by: "ann", at: fixture.now, on: fixture.store) {
      try anchors.write()
    }
    _ = try sender.send(BatchID(2), holding: lock)
    chain.mine(10)
    #expect(try sender.send(BatchID(2), holding: lock).confirmed == 2)
    #expect(chain.customers.values.allSatisfy { $0.count == 1 })
    _ = consume lock
    #expect(try fixture.findings() == [])
  }

  @Test func `a wallet or node that is not as it should be is told as what it is, and nothing is built`() throws {
    func stop(_ change: (StubChain) -> Void, fee: UInt64 = 1_000_000_000) throws -> MoneroError? {
      let fixture = try PayoutFixture(Addresses.monero(1))
      let chain = StubChain()
      _ = try fixture.prepare()
      change(chain)
      let report = try fixture.send(chain, fee: fee)
      #expect(chain.pool.isEmpty)
      #expect(try fixture.states() == [.prepared])
      #expect(try fixture.findings() == [])
      return report.stopped
    }
    #expect(try stop { $0.network = "stagenet" } == .wrongNetwork("the daemon is on stagenet, not on fakechain"))
    #expect(try stop { $0.isSynchronized = false } == .outOfSync("the daemon is still reading the chain, at block 100"))
    #expect(try stop { $0.lag = 3 } == .outOfSync("the wallet has read 97 blocks, the daemon has 100"))
    #expect(try stop { $0.walletIsOpen = false } == .noWalletOpen)
    #expect(try stop { $0.loginIsRight = false } == .loginRefused)
    #expect(try stop { $0.amountIsWrong = true } == .badAnswer("the wallet built 199933333334 piconero where 199933333333 are to be paid"))
    #expect(try stop({ $0.feeOfNext = 30_000_001 }, fee: 30_000_000) == .feeTooHigh("0.000030000001 XMR, where 0.000030000000 are allowed"))
    #expect(try stop { $0.plan = (0, .refused) } == .unreachable("connection refused"))
    #expect(try stop { $0.plan = (4, .hung) } == .timedOut("no answer"))
  }

  @Test func `a wallet may be two blocks behind: they come while it reads`() throws {
    let fixture = try PayoutFixture(Addresses.monero(1))
    let chain = StubChain()
    _ = try fixture.prepare()
    chain.lag = 2
    #expect(try fixture.send(chain).relayed == 1)
  }

  @Test func `short of money: what can be paid is paid, the rest waits`() throws {
    let fixture = try PayoutFixture(Addresses.monero(20))
    let chain = StubChain(inputs: 1)
    _ = try fixture.prepare()
    let report = try fixture.send(chain)
    #expect(report.relayed == 15)
    #expect(report.stopped == .notEnoughMoney("not enough unlocked money"))
    #expect(try fixture.states().count { $0 == .prepared } == 5)
    #expect(try fixture.findings() == [])
  }

  @Test func `a wallet that lies is not believed`() throws {
    var fixture = try PayoutFixture(Addresses.monero(1))
    var chain = StubChain()
    _ = try fixture.prepare()
    chain.relaysWrongHash = true
    #expect(try fixture.send(chain).stuck.count == 1)
    fixture = try PayoutFixture(Addresses.monero(1))
    chain = StubChain()
    _ = try fixture.prepare()
    try fixture.send(chain)
    chain.mine(10)
    chain.provesTooLittle = true
    #expect(
      try fixture.send(chain).stuck.map(\.why) == ["its key proves 199933333332 piconero for \(Addresses.standard) where 199933333333 were paid"])
    #expect(try fixture.states() == [.sent])
  }
  /// Of a wallet that sends what it was told only to build nothing more is asked, and what it sent is not paid again.
  @Test(arguments: [false, true]) func `a wallet that sends at once pays once`(nodeDies: Bool) throws {
    let fixture = try PayoutFixture(Addresses.monero(17))
    let chain = StubChain()
    _ = try fixture.prepare()
    chain.sendsAtOnce = true
    if nodeDies { chain.plan = (5, .refused) }
    let report = try fixture.send(chain)
    #expect(report.stuck.count == (nodeDies ? 0 : 1))
    #expect(report.stopped == (nodeDies ? .unreachable("connection refused") : .badAnswer("the wallet sent what it was told only to build")))
    #expect(chain.calls.count { $0 == "transfer" } == 1)
    chain.sendsAtOnce = false
    chain.mine(10)
    try fixture.finish(chain)
    #expect(try fixture.states().allSatisfy { $0 == .paid })
    #expect(try fixture.ledger() == chain.customers)
    #expect(try fixture.findings() == [])
  }
}
