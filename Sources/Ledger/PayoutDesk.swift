import AuditLog
import Coins
public import RefundPolicy
public import Storage

/// Writes one act of payouts, inside one transaction that ends with ``finish()``.
public final class PayoutDesk {
  public enum Act: String, Sendable { case prepare, send, settle, abandon, recover }

  public let now: Instant
  /// Of the act, counted from 1.
  public var number: Int64 { act }
  let connection: Connection
  let act: Int64
  private let actor: String
  private let run: RunID
  private let versions: ItemVersions
  private let insertMove: RawStatement

  public convenience init(_ kind: Act, by actor: String, at now: Instant, on connection: Connection) throws {
    try self.init(kind, by: actor, at: now, ItemVersions(connection), on: connection)
  }

  /// - Parameter versions: Those of the review that this act is a part of: there is one at a time on a connection.
  init(_ kind: Act, by actor: String, at now: Instant, _ versions: ItemVersions, on connection: Connection) throws {
    (self.actor, self.now, self.connection) = (actor, now, connection)
    act = try connection.integer("SELECT coalesce(max(act_id), 0) + 1 FROM payout_acts")
    run = RunID(try connection.integer("SELECT coalesce(max(run_id), 0) + 1 FROM runs"))
    self.versions = versions
    insertMove = try connection.prepare(
      """
      INSERT INTO payout_moves (act_id, run_id, batch_id, item_id, version, state_before, state_after, txid, settled_at, fee_cents, note, digest)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
      """)
    let insert = try connection.prepare("INSERT INTO payout_acts (act_id, act, acted_at, actor, run_id) VALUES (?1, ?2, ?3, ?4, ?5)")
    try insert.bind(1, act)
    try insert.bind(2, kind.rawValue)
    try insert.bind(3, now.seconds)
    try insert.bind(4, actor)
    try insert.bind(5, run.number)
    try insert.run()
  }

  /// Seals the act; without it the transaction is not to be kept.
  public func finish() throws {
    try versions.seal()
    try PaymentLeaves(connection).seal(act: act)
    try connection.seal(.payout, act, by: actor, at: now) { try PayoutContent.add(act, from: connection, to: &$0) }
  }

  /// Puts approved items into a new batch: their amounts are locked, and they are `prepared`.
  ///
  /// - Parameter payments: Numbered for ``Connection/nextBatch()``.
  public func prepare(_ payments: [Payment], leaving leftovers: [Leftover], profiles: [String]) throws -> Batch {
    let batch = Batch(id: try connection.nextBatch(), preparedAt: now, preparedBy: actor, profiles: profiles)
    let insert = try connection.prepare("INSERT INTO batches (batch_id, act_id, prepared_at, profiles) VALUES (?1, ?2, ?3, ?4)")
    try insert.bind(1, batch.id.number)
    try insert.bind(2, act)
    try insert.bind(3, now.seconds)
    try insert.bind(4, profiles.joined(separator: "+"))
    try insert.run()
    for payment in payments { try add(payment) }
    try add(payments.flatMap(\.payouts))
    try add(leftovers, to: batch.id)
    for payment in payments { try move(payment, from: .approved, to: .prepared) }
    return batch
  }

  private func add(_ payment: Payment) throws {
    guard let first = payment.payouts.first else { return }
    let insert = try connection.prepare(
      """
      INSERT INTO payments (batch_id, payment_no, act_id, route, coin, chain, is_own_chain, address, tag, decimals, atomic_amount, item_count,
        rate_usd, rate_quoted_at, rate_side, rate_source)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
      """)
    try insert.bind(1, payment.id.batch.number)
    try insert.bind(2, payment.id.number)
    try insert.bind(3, act)
    try insert.bind(4, first.route.rawValue)
    try insert.bind(5, first.coin)
    try insert.bind(6, payment.chain)
    try insert.bind(7, payment.isOnOwnChain ? 1 : 0)
    try insert.bind(8, first.address)
    try insert.bind(9, first.tag)
    try insert.bind(10, Int64(first.amount.decimals))
    try insert.bind(11, String(payment.amount.atomic))
    try insert.bind(12, Int64(payment.payouts.count))
    try insert.bind(13, first.rate.rate.description)
    try insert.bind(14, first.rate.quotedAt.seconds)
    try insert.bind(15, first.rate.side)
    try insert.bind(16, first.rate.source)
    try insert.run()
  }

  private func add(_ payouts: [Payout]) throws {
    let insert = try connection.prepare(
      """
      INSERT INTO payouts (batch_id, item_id, act_id, payment_no, version, order_id, network, atomic_amount, amount_cents, rate_check,
        is_rate_doubtful)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
      """)
    for payout in payouts {
      try insert.bind(1, payout.payment.batch.number)
      try insert.bind(2, payout.item.number)
      try insert.bind(3, act)
      try insert.bind(4, payout.payment.number)
      try insert.bind(5, payout.version)
      try insert.bind(6, payout.orderID)
      try insert.bind(7, payout.network)
      try insert.bind(8, String(payout.amount.atomic))
      try insert.bind(9, payout.usd.count)
      try insert.bind(10, payout.rateCheck.words)
      try insert.bind(11, payout.rateCheck.isDoubtful ? 1 : 0)
      try insert.run()
    }
  }

  private func add(_ leftovers: [Leftover], to batch: BatchID) throws {
    let insert = try connection.prepare(
      """
      INSERT INTO leftovers (batch_id, item_id, act_id, order_id, coin, network, amount_cents, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
      """)
    for leftover in leftovers {
      try insert.bind(1, batch.number)
      try insert.bind(2, leftover.item.number)
      try insert.bind(3, act)
      try insert.bind(4, leftover.orderID)
      try insert.bind(5, leftover.coin)
      try insert.bind(6, leftover.network)
      try insert.bind(7, leftover.usd.count)
      try insert.bind(8, leftover.reason)
      try insert.run()
    }
  }

  /// Moves every item of a payment on, or back to `approved`: they never part (G3). The processor's fee stands with the first of them.
  ///
  /// - Throws: ``StorageError/refused(why:)`` when the database does not find what must be there before.
  public func move(
    _ payment: Payment, from: ItemState, to: ItemState, settlement: ProcessorResult? = nil, txid: String? = nil, note: String? = nil
  ) throws {
    for (place, payout) in payment.payouts.enumerated() {
      guard let item = try connection.item(payout.item), item.state == from else {
        throw StorageError.refused(why: "item \(payout.item) is not \(from.rawValue)")
      }
      let days = try versions.days(of: item)
      try versions.check(item, days)
      var new = item
      new.state = to
      new.run = run
      new.version += 1
      new.reviewID = nil
      try insertMove.bind(1, act)
      try insertMove.bind(2, run.number)
      try insertMove.bind(3, payment.id.batch.number)
      try insertMove.bind(4, payout.item.number)
      try insertMove.bind(5, item.version)
      try insertMove.bind(6, from.rawValue)
      try insertMove.bind(7, to.rawValue)
      try insertMove.bind(8, settlement?.txid ?? txid)
      try insertMove.bind(9, settlement?.settledAt.seconds)
      try insertMove.bind(10, place == 0 ? settlement?.fee?.count : nil)
      try insertMove.bind(11, note)
      let digest = ItemColumns.digest(new, days)
      try insertMove.bind(12, blob: digest)
      try insertMove.run()
      try versions.replace(item, with: new, days: nil, until: run, digest)
    }
  }
}
