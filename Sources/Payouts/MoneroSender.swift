public import AuditLog
import Coins
public import Ledger
public import RefundPolicy
public import Storage

/// Sends the Monero part of batches so that a crash between any two steps neither pays twice nor loses a payout (H4).
///
/// 0. ask: the wallet says what it has sent; a transfer that nobody knows stops the payments that it may have made.
/// 1. plan: the payments of a transaction are written down, each of them whole.
/// 2. build: the wallet makes the transaction and does not send it.
/// 3. commit: its hash, key, inputs and the whole of it are written down, durably.
/// 4. relay: the wallet sends just that; however often, it is the same transaction.
/// 5. confirm: the chain has it ten blocks deep, and its key proves every amount.
///
/// Every start first takes each open attempt up where it stands. What was written down is never built anew: two builds may spend the same
/// inputs, or other ones and pay twice. An error of the wallet never means that nothing was sent; only the chain tells.
public struct MoneroSender<Wallet: MoneroWallet, Daemon: MoneroDaemon> {
  private let wallet: Wallet
  private let daemon: Daemon
  private let store: Store
  private let actor: String
  private let now: Instant
  private let limits: SendLimits
  private let kept: () throws -> Void

  /// - Parameter kept: Called after each commit, before anything that follows from it is done outside of the database: writes its anchor.
  public init(
    _ wallet: Wallet, _ daemon: Daemon, _ limits: SendLimits, by actor: String, at now: Instant, on store: Store, kept: @escaping () throws -> Void
  ) {
    (self.wallet, self.daemon, self.limits) = (wallet, daemon, limits)
    (self.actor, self.now, self.store, self.kept) = (actor, now, store, kept)
  }

  /// Recovers every open attempt, then pays what no attempt holds yet of a batch.
  ///
  /// - Returns: What happened; ``SendReport/stopped`` says why it did not go on to the end.
  /// - Throws: ``StorageError``; ``Damage`` where that on which every payment depends, or what was done since the batch was prepared, was changed
  ///   behind the program's back; ``RehearsalRefusal`` where a rehearsal would be paid on the main net.
  public func send(_ batch: BatchID, holding lock: borrowing RunLock) throws -> SendReport {
    if limits.network == SendLimits.mainNet, try store.read({ try $0.origin() })?.clock != .real { throw RehearsalRefusal() }
    var report = SendReport()
    try store.read { connection in
      let check = try PaymentCheck(connection)
      try check.check(since: [batch] + connection.openAttempts().map(\.batch))
    }
    do {
      try checkReadiness()
      let open = try store.read { try $0.openAttempts() }
      // Nothing of what was only planned exists: its payouts are planned anew.
      for attempt in open where attempt.built == nil { try write { try $0.noteDead(attempt, why: "it was never built") } }
      // Relaying again also reminds a wallet that was killed of what it has spent.
      for attempt in open { try resume(attempt, &report) }
      for group in groups(try explained(try owed(of: batch, &report), &report)) {
        let attempt = try write { try $0.plan(group, of: batch) }
        try buildAndRelay(attempt, &report)
      }
    } catch let error as MoneroError {
      report.stopped = error
    }
    return report
  }

  /// What no attempt holds yet, without payments of which an item turned out not to be owed since it was prepared (N5), and without those of which
  /// anything was changed behind the program's back. Whatever else has to be checked of a payment before it is built belongs here.
  private func owed(of batch: BatchID, _ report: inout SendReport) throws -> [Attempt.Payment] {
    let (owed, notOwed, changed) = try store.read { connection in
      let check = try PaymentCheck(connection)
      var (owed, notOwed, changed): ([Attempt.Payment], [ItemID], [SendReport.ChangedPayment]) = ([], [], [])
      for payment in try connection.unattempted(of: batch) {
        do { try check.check(payment.id) } catch let damage as Damage {
          changed.append(SendReport.ChangedPayment(id: payment.id, damage: damage))
          continue
        }
        let lost = try payment.items.filter(connection.isNotOwed)
        if lost.isEmpty { owed.append(payment) } else { notOwed += lost }
      }
      return (owed, notOwed, changed)
    }
    (report.notOwed, report.changed) = (notOwed, changed)
    return owed
  }

  /// Without payments that the wallet may have made already, unknown to this ledger.
  private func explained(_ payments: [Attempt.Payment], _ report: inout SendReport) throws -> [Attempt.Payment] {
    if payments.isEmpty { return [] }
    let transfers = try wallet.outgoing()
    let unknown = try store.read { try WalletHistory.unexplained(transfers, $0) }
    report.unexplained = WalletHistory.suspects(unknown, of: payments)
    let suspected = Set(report.unexplained.flatMap(\.payments))
    return payments.filter { !suspected.contains($0.id) }
  }

  private func write<Result>(_ body: (PayoutDesk) throws -> Result) throws -> Result {
    let result = try store.transaction { connection in
      let desk = try PayoutDesk(.send, by: actor, at: now, on: connection)
      let result = try body(desk)
      try desk.finish()
      return (.commit, result)
    }
    try kept()
    return result
  }

  /// Chain, wallet and daemon are what they should be, and know the chain up to now.
  private func checkReadiness() throws(MoneroError) {
    let state = try daemon.state()
    guard state.network == limits.network else { throw .wrongNetwork("the daemon is on \(state.network), not on \(limits.network)") }
    if !state.isSynchronized { throw .outOfSync("the daemon is still reading the chain, at block \(state.height)") }
    let address = try wallet.primaryAddress()
    do { _ = try AddressFamily.monero.check(address) } catch { throw .wrongNetwork("the wallet's own address is refused: \(error.words)") }
    try wallet.refresh()
    let height = try wallet.height()
    if height + SendLimits.allowedLag < state.height {
      throw .outOfSync("the wallet has read \(height) blocks, the daemon has \(state.height)")
    }
  }

  /// At most 15 destinations in a transaction. An integrated address goes alone: the wallet encrypts its payment id for one recipient only, and
  /// builds nothing with another beside it.
  private func groups(_ payments: [Attempt.Payment]) -> [[Attempt.Payment]] {
    let isIntegrated = { (payment: Attempt.Payment) in (try? AddressFamily.monero.check(payment.address))?.isIntegrated ?? false }
    let plain = payments.filter { !isIntegrated($0) }
    let groups = stride(from: 0, to: plain.count, by: SendLimits.destinations).map { Array(plain[$0...].prefix(SendLimits.destinations)) }
    return groups + payments.filter(isIntegrated).map { [$0] }
  }

  // 2, 3, 4.

  private func buildAndRelay(_ planned: Attempt, _ report: inout SendReport) throws {
    var attempt = planned
    let outcome: BuildOutcome
    let held = Set(try store.read { try $0.openAttempts() }.flatMap { $0.built?.keyImages ?? [] })
    do throws(MoneroError) { outcome = try build(planned.payments, held) } catch {
      // Nothing of it exists: its payouts are free for another attempt, or to be taken back.
      try write { try $0.noteDead(planned, why: "it could not be built: \(error)") }
      throw error
    }
    attempt.built = outcome.transaction
    try write { try $0.noteBuilt(planned, outcome.transaction) }
    switch outcome {
    case .isReady: try relay(attempt, &report)
    case .mayBeSent(_, let error): throw error
    case .isSent:
      try stop(attempt, "the wallet sent it at once, where it was told only to build it", &report)
      throw MoneroError.badAnswer("the wallet sent what it was told only to build")
    }
  }

  /// What became of a build that must be kept.
  private enum BuildOutcome {
    case isReady(BuiltTransaction)
    /// The node did not say whether the chain has it already: the next start asks again.
    case mayBeSent(BuiltTransaction, MoneroError)
    /// The chain has it, though nobody relayed it.
    case isSent(BuiltTransaction)

    var transaction: BuiltTransaction {
      switch self {
      case .isReady(let built), .mayBeSent(let built, _), .isSent(let built): built
      }
    }
  }

  /// - Parameter held: The inputs of attempts that may still confirm.
  /// - Throws: ``MoneroError`` where the chain has nothing of it.
  private func build(_ payments: [Attempt.Payment], _ held: Set<String>) throws(MoneroError) -> BuildOutcome {
    // Checked again where it goes out (H1).
    for payment in payments {
      do { _ = try AddressFamily.monero.check(payment.address) } catch { throw .badAddress("\(payment.id): \(error.words)") }
    }
    let (built, amount) = try wallet.build(payments)
    guard built.isComplete else { throw .badAnswer("the wallet built a transaction without its hash, key, inputs or data") }
    // A wallet that does not know the word for not sending sends at once.
    let place = Result { () throws(MoneroError) in try daemon.place(of: built.hash) }
    if case .success(let found) = place, found != .missing { return .isSent(built) }
    let sum = payments.reduce(UInt64(0)) { $0 &+ $1.amount }
    guard amount == sum else { throw .badAnswer("the wallet built \(amount) piconero where \(sum) are to be paid") }
    guard built.fee <= limits.fee else {
      throw .feeTooHigh(
        "\(CoinAmount(atomic: UInt128(built.fee), decimals: 12)) XMR, where \(CoinAmount(atomic: UInt128(limits.fee), decimals: 12)) are allowed")
    }
    // A wallet that was killed has forgotten what it sent, and builds on the same inputs again: only one of the two could ever confirm.
    let forgot = MoneroError.outOfSync("the wallet has forgotten what it has sent, and builds on the same money again")
    if built.keyImages.contains(where: held.contains) { throw forgot }
    if case .failure(let error) = place { return .mayBeSent(built, error) }
    if try daemon.isAnySpent(built.keyImages) { throw forgot }
    return .isReady(built)
  }

  /// Sends what is written down, and asks the chain rather than believe the wallet.
  private func relay(_ attempt: Attempt, _ report: inout SendReport) throws {
    guard let built = attempt.built else { return }
    guard let metadata = built.metadata else {
      return try stop(attempt, "the chain does not have it any more, and it was taken back from the wallet, so it cannot be relayed again", &report)
    }
    var answer = Result { () throws(MoneroError) in try wallet.relay(metadata) }
    // The first call after a daemon came back fails on the old connection; the second goes through.
    if case .failure = answer { answer = Result { () throws(MoneroError) in try wallet.relay(metadata) } }
    switch answer {
    case .success(built.hash): break
    case .success(let hash): return try stop(attempt, "the wallet relayed \(hash) where \(built.hash) was built", &report)
    case .failure(let failure):
      switch try daemon.place(of: built.hash) {
      case .inPool, .inBlock: break
      case .missing:
        if try daemon.isAnySpent(built.keyImages), try daemon.place(of: built.hash) == .missing {
          return try stop(attempt, "another transaction spent its inputs", &report)
        }
        throw failure
      }
    }
    if attempt.isRelayed {
      report.waiting += attempt.items.count
    } else {
      try write { try $0.noteRelayed(attempt) }
      report.relayed += attempt.items.count
    }
    // Only then the next: a wallet that is killed before it has written its file forgets what it sent.
    try wallet.store()
  }

  // Recovery, and 5.

  private func resume(_ attempt: Attempt, _ report: inout SendReport) throws {
    guard let built = attempt.built else { return }
    switch try daemon.place(of: built.hash) {
    case .inBlock(let confirmations):
      // What is in a block is never relayed again: the wallet's books would go wrong.
      if !attempt.isRelayed {
        try write { try $0.noteRelayed(attempt) }
        report.relayed += attempt.items.count
      }
      if confirmations >= SendLimits.confirmations { try confirm(attempt, built, &report) } else { report.waiting += attempt.items.count }
    case .inPool:
      if built.metadata == nil { report.waiting += attempt.items.count } else { try relay(attempt, &report) }
    case .missing:
      if try daemon.isAnySpent(built.keyImages), try daemon.place(of: built.hash) == .missing {
        try stop(attempt, "another transaction spent its inputs", &report)
      } else {
        try relay(attempt, &report)
      }
    }
  }

  private func confirm(_ attempt: Attempt, _ built: BuiltTransaction, _ report: inout SendReport) throws {
    let sums = Dictionary(attempt.payments.map { ($0.address, $0.amount) }, uniquingKeysWith: &+)
    for (address, amount) in sums.sorted(by: { $0.key < $1.key }) {
      let received = try wallet.received(address, in: built.hash, key: built.key)
      if received.confirmations < SendLimits.confirmations {
        report.waiting += attempt.items.count
        return
      }
      if received.amount < amount {
        try stop(attempt, "its key proves \(received.amount) piconero for \(address) where \(amount) were paid", &report)
        return
      }
    }
    try write { try $0.noteConfirmed(attempt) }
    report.confirmed += attempt.items.count
  }

  private func stop(_ attempt: Attempt, _ why: String, _ report: inout SendReport) throws {
    if attempt.stuck == nil { try write { try $0.noteStuck(attempt, why: why) } }
    report.stuck.append((attempt, why))
  }
}

/// A ledger that was made under a pretended clock, or whose origin nobody knows, is never paid on the main net (78).
public struct RehearsalRefusal: Error {}

/// What sending is held to.
public struct SendLimits: Sendable {
  /// Where real money is.
  public static let mainNet = "mainnet"

  /// The network that the daemon must be on: ``mainNet``, or `fakechain` for a private chain.
  public var network: String
  /// The most that a transaction may cost, in piconero.
  public var fee: UInt64

  public init(network: String, fee: UInt64) { (self.network, self.fee) = (network, fee) }

  /// Destinations in one transaction, besides the change.
  public static let destinations = 15
  /// Blocks on top of each other, from which on an output can be spent.
  public static let confirmations: UInt64 = 10
  /// Blocks that may come while a wallet reads.
  static let allowedLag: UInt64 = 2
}

/// What a call of `send` did, counted in refunds.
public struct SendReport {
  public var relayed = 0
  public var confirmed = 0
  /// Sent before, and not deep enough in the chain yet.
  public var waiting = 0
  /// Days of them are not owed any more (N5): their payments are left out.
  public var notOwed: [ItemID] = []
  /// They, or refunds in them, were changed behind the program's back: they are left out.
  public var changed: [ChangedPayment] = []
  public var stuck: [(attempt: Attempt, why: String)] = []
  /// Transfers of the wallet that this ledger does not know, to where it was about to pay: those payments are left out until a person has said
  /// what the transfers are.
  public var unexplained: [UnexplainedTransfer] = []
  /// Why it did not go on to the end.
  public var stopped: MoneroError?

  public struct ChangedPayment: Hashable, Sendable {
    public var id: PaymentID
    public var damage: Damage
  }
}

extension BuiltTransaction {
  /// Whether it holds all that recovery needs.
  fileprivate var isComplete: Bool {
    Self.isHash(hash) && !(metadata ?? "").isEmpty && !key.isEmpty && !keyImages.isEmpty && keyImages.allSatisfy(Self.isHash)
  }
}
