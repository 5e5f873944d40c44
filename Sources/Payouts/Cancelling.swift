public import Ledger
public import RefundPolicy
public import Storage

/// Why a payout is not taken back.
public enum CancelRefusal: Error, Hashable, Sendable {
  case notPrepared(ItemID, ItemState?)
  /// It is the processor's: what it was told cannot be untold here.
  case isProcessors(ItemID)
  /// A transaction that may confirm holds it.
  case isAttempted(ItemID)
  case noSuchTransaction(String)
  /// The chain has it, or its inputs are free: it may confirm yet.
  case mayConfirm(String)
}

/// Taking payouts back that were prepared, or that can never be paid so.
public enum Cancelling {
  /// Makes prepared Monero payments approved refunds again, each payment whole; all of them, or none.
  ///
  /// - Parameter items: One item of a payment stands for all of it.
  /// - Returns: Every item that was taken back.
  /// - Throws: ``CancelRefusal``.
  @discardableResult
  public static func cancel(
    _ items: [ItemID], note: String, by actor: String, at now: Instant, on store: Store, holding lock: borrowing RunLock
  ) throws -> [ItemID] {
    try store.transaction { connection in
      let desk = try PayoutDesk(.abandon, by: actor, at: now, on: connection)
      let open = try connection.openAttempts()
      for attempt in open where attempt.built == nil && attempt.items.contains(where: items.contains) {
        try desk.noteDead(attempt, why: note)
      }
      var takenBack: [ItemID] = []
      for item in items where !takenBack.contains(item) {
        let state = try connection.item(item)?.state
        guard state == .prepared, let last = try connection.payments(of: item).last, let payment = try connection.payment(last) else {
          throw CancelRefusal.notPrepared(item, state)
        }
        guard payment.payouts.first?.route == .monero else { throw CancelRefusal.isProcessors(item) }
        if open.contains(where: { $0.built != nil && $0.items.contains(item) }) { throw CancelRefusal.isAttempted(item) }
        try desk.move(payment, from: .prepared, to: .approved, note: note)
        takenBack += payment.payouts.map(\.item)
      }
      try desk.finish()
      return (.commit, takenBack)
    }
  }

  /// Gives up a stuck transaction that can never confirm.
  ///
  /// - Throws: ``CancelRefusal`` and ``MoneroError``.
  public static func abandon(
    _ hash: String, network: String, _ daemon: some MoneroDaemon, note: String, by actor: String, at now: Instant, on store: Store,
    holding lock: borrowing RunLock
  ) throws -> Attempt {
    let open = try store.read { try $0.openAttempts() }
    guard let attempt = open.first(where: { $0.built?.hash == hash }), let built = attempt.built else {
      throw CancelRefusal.noSuchTransaction(hash)
    }
    let state = try daemon.state()
    guard state.network == network else { throw MoneroError.wrongNetwork("the daemon is on \(state.network), not on \(network)") }
    if !state.isSynchronized { throw MoneroError.outOfSync("the daemon is still reading the chain, at block \(state.height)") }
    guard attempt.stuck != nil, try daemon.place(of: hash) == .missing, try daemon.isAnySpent(built.keyImages), try daemon.place(of: hash) == .missing
    else { throw CancelRefusal.mayConfirm(hash) }
    try store.transaction { connection in
      let desk = try PayoutDesk(.abandon, by: actor, at: now, on: connection)
      try desk.noteDead(attempt, why: note)
      try desk.move(attempt, from: attempt.isRelayed ? .sent : .prepared, to: .approved, note: note)
      try desk.finish()
      return (.commit, ())
    }
    return attempt
  }
}
