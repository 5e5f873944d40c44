import Ledger
import Payouts
import RefundPolicy

/// A made-up chain with a wallet and a node: it keeps the books of a real one, and fails just where it is told to.
final class StubChain: MoneroWallet, MoneroDaemon {
  /// What goes wrong at one call.
  enum Fault: Hashable, CaseIterable, Sendable {
    /// makegood dies before the call reaches the other side, or when it was carried out.
    case killedBefore, killedAfter
    /// No connection; carried out, and the answer is lost; carried out, and no answer in time; carried out twice.
    case refused, dropped, hung, twice
    /// The wallet dies before it, or after it was carried out; and is there again for the next call, without what it did not write to its disk.
    case walletDied, walletDiedAfter
    /// An error that the wallet gives for many reasons.
    case failed
  }

  struct Transaction: Hashable {
    var hash: String
    var payments: [Attempt.Payment]
    var inputs: [String]
    var fee: UInt64
  }

  /// Every call so far, by name.
  private(set) var calls: [String] = []
  /// At which call (from 0) what goes wrong.
  var plan: (call: Int, fault: Fault)?
  /// Called when makegood dies: afterwards nothing answers any more.
  var onKill: () -> Void = {}
  /// Called before each call.
  var onCall: () -> Void = {}
  private(set) var isKilled = false

  var network = "fakechain"
  var isSynchronized = true
  var lag: UInt64 = 0
  var walletIsOpen = true
  var loginIsRight = true
  var feeOfNext: UInt64 = 30_000_000
  var amountIsWrong = false
  var relaysWrongHash = false
  /// Knows no `do_not_relay`, as a wallet that gets the word misspelt.
  var sendsAtOnce = false
  var provesTooLittle = false

  private var free: [String]
  private var built: [String: Transaction] = [:]
  private(set) var pool: [String: Transaction] = [:]
  private(set) var blocks: [(height: UInt64, transaction: Transaction)] = []
  private(set) var top: UInt64 = 100
  /// Inputs that the wallet knows it has spent.
  private var known: Set<String> = []
  private var count = 0

  init(inputs: Int = 100) { free = (0..<inputs).map { StubChain.hash(1_000_000 + $0) } }

  private static func hash(_ number: Int) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "a", count: 64 - digits.utf8.count) + digits
  }

  /// Everything that the chain says customers have received, by payment.
  var customers: [PaymentID: [UInt64]] {
    blocks.reduce(into: [:]) { sums, block in
      for payment in block.transaction.payments { sums[payment.id, default: []].append(payment.amount) }
    }
  }

  /// Mines what is in the pool, where inputs are free yet.
  func mine(_ number: Int = 1) {
    for transaction in pool.values.sorted(by: { $0.hash < $1.hash }) where isFree(transaction) { blocks.append((top, transaction)) }
    pool = [:]
    top += UInt64(number)
  }

  /// Spends an input elsewhere, so that what was built on it can never confirm.
  func sweepInput(of hash: String) {
    guard let transaction = built[hash] else { return }
    pool[hash] = nil
    blocks.append((top, Transaction(hash: StubChain.hash(9_000_000), payments: [], inputs: transaction.inputs, fee: 0)))
    top += 1
  }

  func dropPool() { pool = [:] }

  func startAgain() {
    (isKilled, plan) = (false, nil)
    known = []
  }

  private func isFree(_ transaction: Transaction) -> Bool {
    !blocks.contains { !$0.transaction.inputs.allSatisfy { !transaction.inputs.contains($0) } }
  }

  // Faults.

  private func call<Result>(_ name: String, isWallet: Bool = true, _ body: () throws(MoneroError) -> Result) throws(MoneroError) -> Result {
    if isKilled { throw .unreachable("dead") }
    onCall()
    defer { calls.append(name) }
    guard let plan, plan.call == calls.count else { return try body() }
    switch plan.fault {
    case .killedBefore:
      die()
      throw .unreachable("dead")
    case .killedAfter:
      _ = try? body()
      die()
      throw .unreachable("dead")
    case .refused: throw .unreachable("connection refused")
    case .dropped:
      _ = try body()
      throw .unreachable("connection reset")
    case .hung:
      _ = try body()
      throw .timedOut("no answer")
    case .twice:
      _ = try body()
      return try body()
    case .walletDied:
      if isWallet { known = [] }
      throw .unreachable("connection reset")
    case .walletDiedAfter:
      _ = try body()
      if isWallet { known = [] }
      throw .unreachable("connection reset")
    case .failed: throw .refused(code: -4, "Failed to commit tx.")
    }
  }

  private func die() {
    onKill()
    isKilled = true
  }

  // The wallet.

  func primaryAddress() throws(MoneroError) -> String {
    try call("get_address") { () throws(MoneroError) in
      if !loginIsRight { throw .loginRefused }
      if !walletIsOpen { throw .noWalletOpen }
      return Addresses.standard
    }
  }

  func refresh() throws(MoneroError) {
    try call("refresh") { () throws(MoneroError) in
      for transaction in pool.values { known.formUnion(transaction.inputs) }
      for block in blocks { known.formUnion(block.transaction.inputs) }
    }
  }

  func height() throws(MoneroError) -> UInt64 { try call("get_height") { () throws(MoneroError) in top - lag } }

  func build(_ payments: [Attempt.Payment]) throws(MoneroError) -> (transaction: BuiltTransaction, amount: UInt64) {
    try call("transfer") { () throws(MoneroError) in
      // As the real one does: two builds that are not relayed take the same inputs.
      guard let input = free.first(where: { !known.contains($0) }) else { throw .notEnoughMoney("not enough unlocked money") }
      count += 1
      let transaction = Transaction(hash: StubChain.hash(count), payments: payments, inputs: [input], fee: feeOfNext)
      built[transaction.hash] = transaction
      if sendsAtOnce { (pool[transaction.hash], known) = (transaction, known.union([input])) }
      let sum = payments.reduce(UInt64(0)) { $0 + $1.amount }
      return (
        BuiltTransaction(
          hash: transaction.hash, metadata: "metadata of \(transaction.hash)", blob: "blob", key: "key", keyImages: [input], fee: feeOfNext),
        amountIsWrong ? sum + 1 : sum
      )
    }
  }

  func relay(_ metadata: String) throws(MoneroError) -> String {
    try call("relay_tx") { () throws(MoneroError) in
      guard let transaction = built[String(metadata.dropFirst("metadata of ".count))] else { throw .refused(code: -1, "bad metadata") }
      if blocks.contains(where: { $0.transaction.hash == transaction.hash }) { return transaction.hash }
      guard isFree(transaction), !pool.values.contains(where: { $0.hash != transaction.hash && $0.inputs == transaction.inputs }) else {
        throw .refused(code: -4, "Failed to commit tx.")
      }
      pool[transaction.hash] = transaction
      known.formUnion(transaction.inputs)
      return relaysWrongHash ? StubChain.hash(77) : transaction.hash
    }
  }

  /// What the wallet was made to send by somebody else.
  private var byHand: [OutgoingTransfer] = []
  /// Whether the wallet was restored: it knows that it spent, not whom it paid, and no keys.
  var hasForgotten = false

  /// A person pays from the same wallet.
  @discardableResult
  func payByHand(_ destinations: [(address: String, amount: UInt64)]) -> String {
    count += 1
    let hash = StubChain.hash(5_000_000 + count)
    byHand.append(
      OutgoingTransfer(
        hash: hash, amount: destinations.reduce(0) { $0 + $1.amount }, fee: 1,
        destinations: destinations.map { OutgoingTransfer.Destination(address: $0.address, amount: $0.amount) }))
    return hash
  }

  func outgoing() throws(MoneroError) -> [OutgoingTransfer] {
    try call("get_transfers") { () throws(MoneroError) in
      let sent = (blocks.map(\.transaction) + pool.values).filter { !$0.payments.isEmpty }.map { transaction in
        OutgoingTransfer(
          hash: transaction.hash, amount: transaction.payments.reduce(0) { $0 + $1.amount }, fee: transaction.fee,
          destinations: transaction.payments.map { OutgoingTransfer.Destination(address: $0.address, amount: $0.amount) })
      }
      return (sent + byHand).map { transfer in
        var transfer = transfer
        if hasForgotten { transfer.destinations = [] }
        return transfer
      }
    }
  }

  func key(of hash: String) throws(MoneroError) -> String? {
    try call("get_tx_key") { () throws(MoneroError) in hasForgotten ? nil : "key" }
  }

  func contents(of hash: String) throws(MoneroError) -> ChainTransaction? {
    try call("get_transactions", isWallet: false) { () throws(MoneroError) in
      (blocks.map(\.transaction) + pool.values).first { $0.hash == hash }.map { ChainTransaction(blob: "blob", keyImages: $0.inputs) }
    }
  }

  func store() throws(MoneroError) { try call("store") { () throws(MoneroError) in } }

  func received(_ address: String, in hash: String, key: String) throws(MoneroError) -> (amount: UInt64, confirmations: UInt64) {
    try call("check_tx_key") { () throws(MoneroError) in
      guard let block = blocks.first(where: { $0.transaction.hash == hash }) else { return (0, 0) }
      let sum = block.transaction.payments.filter { $0.address == address }.reduce(UInt64(0)) { $0 + $1.amount }
      return (provesTooLittle ? sum - 1 : sum, top - block.height)
    }
  }

  // The node.

  func state() throws(MoneroError) -> DaemonState {
    try call("get_info", isWallet: false) { () throws(MoneroError) in
      DaemonState(network: network, height: top, isSynchronized: isSynchronized)
    }
  }

  func place(of hash: String) throws(MoneroError) -> ChainPlace {
    try call("get_transactions", isWallet: false) { () throws(MoneroError) in
      if let block = blocks.first(where: { $0.transaction.hash == hash }) { return .inBlock(confirmations: top - block.height) }
      return pool[hash] == nil ? .missing : .inPool
    }
  }

  func isAnySpent(_ keyImages: [String]) throws(MoneroError) -> Bool {
    try call("is_key_image_spent", isWallet: false) { () throws(MoneroError) in
      blocks.contains { $0.transaction.inputs.contains(where: keyImages.contains) }
        || pool.values.contains { $0.inputs.contains(where: keyImages.contains) }
    }
  }
}
