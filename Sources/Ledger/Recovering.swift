import Hashing
public import RefundPolicy
public import Storage

/// One refund of a published batch, as its folder tells it.
public struct PublishedPayout: Hashable, Sendable {
  public var item: ItemID
  public var orderID: String
  public var amount: Cents
}

/// Why a refund of a published batch cannot be taken back into the ledger.
public enum TakeBackProblem: Hashable, Sendable {
  case noItem(PublishedPayout)
  /// The number is another order's here.
  case otherOrder(PublishedPayout, here: String)
  /// Nobody has approved it here.
  case notApproved(PublishedPayout, ItemState)
  case otherAmount(PublishedPayout, here: Cents)
  /// The folder's text names no refund of the batch.
  case noPayouts
}

extension PayoutDesk {
  /// Puts a published batch back into the ledger as its folder tells it: its items are `prepared` again, for they may have been paid.
  ///
  /// - Parameter text: Its `batch.json`.
  /// - Returns: Its refunds, or what hinders; then nothing of it was written.
  /// - Throws: ``StorageError`` where the rows do not fit the tables; the transaction is not to be kept.
  public func takeBack(_ batch: BatchID, from text: String) throws -> (payouts: [PublishedPayout], problems: [TakeBackProblem]) {
    let payouts = try published(text, batch)
    if payouts.isEmpty { return ([], [.noPayouts]) }
    let problems = try payouts.compactMap(problem)
    if !problems.isEmpty { return (payouts, problems) }
    try StoredRows.insert(StoredRows.ofBatch, from: text, act: number, connection)
    for payment in try connection.payments(of: batch) { try move(payment, from: .approved, to: .prepared) }
    try connection.markPublished(batch)
    return (payouts, [])
  }

  private func published(_ text: String, _ batch: BatchID) throws -> [PublishedPayout] {
    let rows = try connection.prepare(
      """
      SELECT json_extract(value, '$.item_id'), json_extract(value, '$.order_id'), json_extract(value, '$.amount_cents')
      FROM json_each(CASE WHEN json_valid(?1) THEN ?1 ELSE '{}' END, '$.rows.payouts') WHERE json_extract(value, '$.batch_id') = ?2
      ORDER BY 1
      """)
    try rows.bind(1, text)
    try rows.bind(2, batch.number)
    var payouts: [PublishedPayout] = []
    while try rows.step() { payouts.append(PublishedPayout(item: ItemID(rows.int(0)), orderID: rows.text(1), amount: Cents(rows.int(2)))) }
    return payouts
  }

  private func problem(_ payout: PublishedPayout) throws -> TakeBackProblem? {
    guard let item = try connection.item(payout.item) else { return .noItem(payout) }
    if item.orderID != payout.orderID { return .otherOrder(payout, here: item.orderID) }
    if item.amount != payout.amount { return .otherAmount(payout, here: item.amount) }
    return item.state == .approved ? nil : .notApproved(payout, item.state)
  }

  /// Puts a transaction back that was built before the ledger was restored.
  ///
  /// - Parameter text: Its file.
  /// - Returns: Its hash, and whether this ledger did not know it; nil where the text names none.
  /// - Throws: ``StorageError`` where the rows do not fit the tables; the transaction is not to be kept.
  public func takeBackTransaction(from text: String) throws -> (hash: String, isNew: Bool)? {
    let row = try connection.prepare(
      "SELECT json_extract(?1, '$.rows.attempt_steps[0].tx_hash'), json_extract(?1, '$.rows.attempts[0].attempt_id') WHERE json_valid(?1)")
    try row.bind(1, text)
    guard try row.step(), let hash = row.optionalText(0), let number = row.optionalInt(1) else { return nil }
    row.reset()
    let known = try connection.prepare("SELECT 1 FROM attempt_steps WHERE tx_hash = ?1")
    try known.bind(1, hash)
    if try known.step() { return (hash, false) }
    known.reset()
    try noteUnbuiltDead()
    let isTaken = try connection.integer("SELECT EXISTS (SELECT 1 FROM attempts WHERE attempt_id = ?1)", number) == 1
    try StoredRows.insert(StoredRows.ofAttempt, from: text, act: act, attempt: isTaken ? connection.nextAttempt() : nil, connection)
    return (hash, true)
  }

  /// Notes that attempts which are only planned here are none: one that was built after the backup was made is taken back as it was built.
  public func noteUnbuiltDead() throws {
    for attempt in try connection.openAttempts() where attempt.built == nil {
      try noteDead(attempt, why: "it was only planned when the backup was made")
    }
  }

  /// Notes that nothing of a published batch which this ledger does not know was paid or will be.
  public func void(_ batch: BatchID, note: String) throws {
    let insert = try connection.prepare("INSERT INTO void_batches (batch_id, act_id, note) VALUES (?1, ?2, ?3)")
    try insert.bind(1, batch.number)
    try insert.bind(2, act)
    try insert.bind(3, note)
    try insert.run()
  }

  /// Notes that what an anchor tells was taken back, or is not needed.
  public func accept(_ anchor: Anchor, note: String?) throws {
    let insert = try connection.prepare(
      """
      INSERT INTO accepted_anchors (hash, act_id, seal_id, batch_number, attempt_number, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
      ON CONFLICT DO NOTHING
      """)
    try insert.bind(1, blob: anchor.hash.hexadecimalBytes)
    try insert.bind(2, act)
    try insert.bind(3, anchor.seal)
    try insert.bind(4, anchor.batch)
    try insert.bind(5, anchor.attempt)
    try insert.bind(6, note)
    try insert.run()
  }

  /// Notes why an anchor that nobody can read is not needed.
  public func accept(unreadable text: String, note: String) throws {
    let insert = try connection.prepare(
      """
      INSERT INTO accepted_anchors (hash, act_id, seal_id, batch_number, attempt_number, note) VALUES (?1, ?2, 0, 0, 0, ?3)
      ON CONFLICT DO NOTHING
      """)
    try insert.bind(1, blob: SHA256.hash(Array(text.utf8)))
    try insert.bind(2, act)
    try insert.bind(3, note)
    try insert.run()
  }

  /// Notes what a transfer of the wallet is that no attempt made. Said again, the first note stays.
  public func note(otherTransfer hash: String, note: String) throws {
    let insert = try connection.prepare("INSERT INTO other_transfers (tx_hash, act_id, note) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")
    try insert.bind(1, hash)
    try insert.bind(2, act)
    try insert.bind(3, note)
    try insert.run()
  }
}

extension Connection {
  /// Whether an attempt of this ledger made a transfer of the wallet, whatever became of it.
  public func isAttempt(transfer hash: String) throws -> Bool {
    let rows = try prepare("SELECT 1 FROM attempt_steps WHERE step = 'built' AND tx_hash = ?1")
    try rows.bind(1, hash)
    return try rows.step()
  }

  /// Whether an attempt made a transfer of the wallet, or a person has said what it is.
  public func isExplained(transfer hash: String) throws -> Bool {
    if try isAttempt(transfer: hash) { return true }
    let rows = try prepare("SELECT 1 FROM other_transfers WHERE tx_hash = ?1")
    try rows.bind(1, hash)
    return try rows.step()
  }
}
