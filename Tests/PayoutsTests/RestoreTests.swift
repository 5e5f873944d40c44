import Foundation
import Ledger
import Payouts
import RefundPolicy
import Storage
import Testing

extension PayoutFixture {
  /// One call of `recover`.
  func recover(asking chain: StubChain? = nil, note: String? = nil, others: [String] = []) throws -> Recovery {
    let lock = try RunLock(database: store.path)
    let recovery = try Recovery(
      Recovery.Request(actor: "ann", now: now, note: note, others: others), asking: chain.map { Recovery.Chain($0, $0) }, reports: reports, on: store,
      holding: lock)
    try anchors().write()
    return recovery
  }

  /// Removes what the folder of the first batch tells of transactions.
  func loseTransactionFiles() throws {
    let folder = "\(reports)/payouts/B000001"
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasPrefix("transaction-") {
      try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
    }
  }
}

/// A ledger that is put back to what it was before a payment left must not let it leave again (H4).
@Suite struct `a backup that is put back (H4)` {
  private static let refunds = [Addresses.standard, Addresses.other, Addresses.integrated[0]].map { ("XMR", "", $0, "") }

  /// A ledger whose backups were made before each call of two sendings, of which the second stopped before a call.
  ///
  /// - Returns: The names of the backups.
  private func run(_ fixture: PayoutFixture, _ chain: StubChain, stopsBefore last: Int) throws -> [String] {
    var backups = ["approved"]
    try fixture.snapshot(as: "approved")
    _ = try fixture.prepare()
    var failure: (any Error)?
    var calls = 0
    chain.plan = (last, .killedBefore)
    chain.onCall = {
      do { try fixture.snapshot(as: "call-\(calls)") } catch { failure = error }
      backups.append("call-\(calls)")
      calls += 1
    }
    for _ in 0..<2 where !chain.isKilled {
      try fixture.send(chain)
      if !chain.isKilled { chain.mine(10) }
    }
    if let failure { throw failure }
    chain.onCall = {}
    return backups
  }

  private func callsOfAPlainRun() throws -> Int {
    let fixture = try PayoutFixture(Self.refunds)
    let chain = StubChain()
    _ = try fixture.prepare()
    try fixture.finish(chain)
    return chain.calls.count
  }

  /// Backups of four ages are put back where sending may have stopped, and at its end; the wallet is the one that sent, or an old copy
  /// of its own.
  @Test(arguments: [false, true]) func `of whatever step, at whatever step: each refund is paid once`(isWalletOld: Bool) throws {
    let calls = try callsOfAPlainRun()
    let approved = try PayoutFixture(Self.refunds)
    var tried = 0
    for last in Array(stride(from: 1, to: calls, by: isWalletOld ? 5 : 2)) + [calls] {
      // The newest backups are where it stopped; older ones lose more.
      for age in 0..<4 {
        let fixture = try PayoutFixture(copying: approved)
        let chain = StubChain()
        let backups = try run(fixture, chain, stopsBefore: last)
        let backup = [backups[0], backups[1], backups[backups.count / 2], backups[backups.count - 1]][age]
        try fixture.restore(backup)
        chain.startAgain()
        chain.hasForgotten = isWalletOld
        let place = "stopped before call \(last), \(backup) put back"
        let recovery = try fixture.recover()
        #expect(recovery.problems == [], "\(place)")
        #expect(try fixture.anchors().faults == [], "\(place)")
        try fixture.finish(chain)
        #expect(try fixture.states() == Array(repeating: .paid, count: 3), "\(place)")
        #expect(chain.customers.count == 3 && chain.customers.values.allSatisfy { $0.count == 1 }, "\(place)")
        #expect(try fixture.findings() == [], "\(place)")
        tried += 1
      }
    }
    #expect(tried > (isWalletOld ? 20 : 40))
  }

  @Test func `what no file tells of is taken back from the wallet`() throws {
    let fixture = try PayoutFixture(Self.refunds)
    let chain = StubChain()
    _ = try fixture.prepare()
    try fixture.snapshot(as: "prepared")
    try fixture.send(chain)
    chain.mine(10)
    try fixture.restore("prepared")
    try fixture.loseTransactionFiles()
    let recovery = try fixture.recover(asking: chain)
    #expect(recovery.transactions.count == 2)
    #expect(recovery.problems == [])
    #expect(try fixture.anchors().faults == [])
    try fixture.finish(chain)
    #expect(try fixture.states() == Array(repeating: .paid, count: 3))
    #expect(chain.customers.values.allSatisfy { $0.count == 1 })
    #expect(try fixture.findings() == [])
  }

  @Test func `what is in the pool is waited for, and one that the chain lost is for a person`() throws {
    let fixture = try PayoutFixture([Self.refunds[0]])
    let chain = StubChain()
    _ = try fixture.prepare()
    try fixture.snapshot(as: "prepared")
    try fixture.send(chain)
    try fixture.restore("prepared")
    try fixture.loseTransactionFiles()
    #expect(try fixture.recover(asking: chain).transactions.count == 1)
    #expect(try fixture.send(chain).waiting == 1)
    chain.dropPool()
    #expect(try fixture.send(chain).stuck.count == 1)
    #expect(chain.calls.filter { $0 == "transfer" }.count == 1)
  }

  /// The files are lost and the wallet does not know any more whom it paid: nothing that it may have paid is built.
  @Test func `a wallet that has forgotten whom it paid stops every payment that is not larger`() throws {
    let fixture = try PayoutFixture([Self.refunds[0], Self.refunds[1]], worth: { $0 == 0 ? Cents(29_99) : Cents(80_00) })
    let chain = StubChain()
    _ = try fixture.prepare()
    let first = try fixture.store.read { try $0.unattempted(of: BatchID(1)) }[0]
    chain.hasForgotten = true
    let hash = chain.payByHand([(first.address, first.amount)])
    let report = try fixture.send(chain)
    #expect(report.unexplained.map(\.transfer.hash) == [hash])
    #expect(report.unexplained.flatMap(\.payments) == [first.id])
    #expect(report.relayed == 1)
    #expect(try fixture.recover(asking: chain).problems.count == 1)
  }
}

/// Somebody paid from the same wallet by hand (H4).
@Suite struct `transfers of the wallet that no attempt made (H4)` {
  /// What was sent to whom, beside a payment of 0.199933333333 XMR to the first address, and whether that stops it.
  struct Case: CustomTestStringConvertible {
    var name: String
    var sent: [(address: String, amount: UInt64)]
    var stops: Bool
    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "nothing", sent: [], stops: false),
    Case(name: "the same address and amount", sent: [(Addresses.standard, 199_933_333_333)], stops: true),
    Case(name: "the same address, another amount: another rate of the same refund", sent: [(Addresses.standard, 1)], stops: true),
    Case(name: "the same amount to another address", sent: [(Addresses.other, 199_933_333_333)], stops: false),
    Case(name: "one of several destinations", sent: [(Addresses.other, 5), (Addresses.standard, 7)], stops: true),
  ]

  @Test(arguments: cases) func `stop the payment that they may have been, until somebody says what they are`(trial: Case) throws {
    let fixture = try PayoutFixture([("XMR", "", Addresses.standard, "")])
    let chain = StubChain()
    _ = try fixture.prepare()
    let hash = trial.sent.isEmpty ? nil : chain.payByHand(trial.sent)
    let report = try fixture.send(chain)
    #expect(report.unexplained.map(\.transfer.hash) == (trial.stops ? [try #require(hash)] : []))
    #expect(report.relayed == (trial.stops ? 0 : 1))
    guard trial.stops, let hash else { return }
    #expect(!chain.calls.contains("transfer"))
    // Again: it is not forgotten.
    #expect(try fixture.send(chain).unexplained.count == 1)
    #expect(try fixture.recover(note: "A gift.", others: [hash]).others == [hash])
    try fixture.finish(chain)
    #expect(chain.customers.values.allSatisfy { $0.count == 1 })
    #expect(try fixture.findings() == [])
  }

  @Test func `a transfer of this ledger cannot be explained away`() throws {
    let fixture = try PayoutFixture([("XMR", "", Addresses.standard, "")])
    let chain = StubChain()
    _ = try fixture.prepare()
    try fixture.send(chain)
    let hash = try #require(chain.pool.keys.first)
    #expect(try fixture.recover(note: "A gift.", others: [hash]).problems == [.isAttempt(hash)])
    #expect(try fixture.column("SELECT tx_hash FROM other_transfers") == [])
  }

  /// One amount differs by the smallest unit: it is not taken for the payment, and stops it.
  @Test func `nothing is taken back that is not just what was prepared`() throws {
    let fixture = try PayoutFixture([("XMR", "", Addresses.standard, "")])
    let chain = StubChain()
    _ = try fixture.prepare()
    let payment = try fixture.store.read { try $0.unattempted(of: BatchID(1)) }[0]
    let hash = chain.payByHand([(payment.address, payment.amount + 1)])
    let recovery = try fixture.recover(asking: chain)
    #expect(recovery.transactions.isEmpty)
    #expect(recovery.problems == [.unexplained(UnexplainedTransfer(transfer: try chain.outgoing()[0], payments: [payment.id]))])
    #expect(try fixture.send(chain).unexplained.map(\.transfer.hash) == [hash])
  }
}
