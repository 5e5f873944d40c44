import AuditLog
public import RefundPolicy
public import Storage

/// What a wallet made of an attempt before anything was sent: kept first, so that a crash after sending finds it again.
public struct BuiltTransaction: Hashable, Sendable {
  /// 64 hexadecimal digits.
  public var hash: String
  /// What the wallet relays: the same transaction however often. Nil where it was sent before the ledger was restored and only the wallet knew of it.
  public var metadata: String?
  public var blob: String
  /// Proves to a recipient what was paid; several keys in one text where subaddresses are paid.
  public var key: String
  public var keyImages: [String]
  public var fee: UInt64

  /// Whether a text is the hash of a transaction: 64 hexadecimal digits, small ones.
  public static func isHash(_ text: String) -> Bool {
    text.utf8.count == 64 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  public init(hash: String, metadata: String?, blob: String, key: String, keyImages: [String], fee: UInt64) {
    (self.hash, self.metadata, self.blob, self.key, self.keyImages, self.fee) = (hash, metadata, blob, key, keyImages, fee)
  }
}

/// One transaction of Monero, from before it is built until it is deep in the chain.
public struct Attempt: Hashable, Sendable {
  public var id: Int64
  public var batch: BatchID
  public var payments: [Payment]
  /// Nil while it is only planned: nothing of it was ever sent.
  public var built: BuiltTransaction?
  public var isRelayed: Bool
  /// Why a person is needed.
  public var stuck: String?

  /// One payment in it, whole: one destination, and one or more refunds (G3).
  public struct Payment: Hashable, Sendable {
    public var id: PaymentID
    public var items: [ItemID]
    public var address: String
    /// In piconero.
    public var amount: UInt64

    public init(id: PaymentID, items: [ItemID], address: String, amount: UInt64) {
      (self.id, self.items, self.address, self.amount) = (id, items, address, amount)
    }
  }

  /// The refunds in it.
  public var items: [ItemID] { payments.flatMap(\.items) }
}

extension PayoutDesk {
  /// Writes down what is about to be built. From here on the items belong to this attempt (H4).
  public func plan(_ payments: [Attempt.Payment], of batch: BatchID) throws -> Attempt {
    let id = try connection.nextAttempt()
    let attempt = try connection.prepare("INSERT INTO attempts (attempt_id, act_id, batch_id) VALUES (?1, ?2, ?3)")
    try attempt.bind(1, id)
    try attempt.bind(2, act)
    try attempt.bind(3, batch.number)
    try attempt.run()
    let insert = try connection.prepare(
      "INSERT INTO attempt_payments (attempt_id, batch_id, payment_no, act_id, address, atomic_amount) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
    for payment in payments {
      try insert.bind(1, id)
      try insert.bind(2, payment.id.batch.number)
      try insert.bind(3, payment.id.number)
      try insert.bind(4, act)
      try insert.bind(5, payment.address)
      try insert.bind(6, String(payment.amount))
      try insert.run()
    }
    return Attempt(id: id, batch: batch, payments: payments, built: nil, isRelayed: false, stuck: nil)
  }

  public func noteBuilt(_ attempt: Attempt, _ built: BuiltTransaction) throws { try step("built", of: attempt, built) }

  /// Takes an attempt back from what the wallet and the chain know of it, after the ledger was restored.
  public func takeBack(_ built: BuiltTransaction, paying payments: [Attempt.Payment], of batch: BatchID) throws {
    try step("built", of: try plan(payments, of: batch), built, note: "taken back from the wallet")
  }

  /// Notes that the network has it; its items are `sent`.
  public func noteRelayed(_ attempt: Attempt) throws {
    try step("relayed", of: attempt)
    try move(attempt, from: .prepared, to: .sent, txid: attempt.built?.hash)
  }

  /// Notes that it is ten blocks deep and that its key proves every amount; its items are `paid`.
  public func noteConfirmed(_ attempt: Attempt) throws {
    try step("confirmed", of: attempt)
    try move(attempt, from: .sent, to: .paid, txid: attempt.built?.hash)
  }

  /// Moves every item of an attempt's payments.
  public func move(_ attempt: Attempt, from: ItemState, to: ItemState, txid: String? = nil, note: String? = nil) throws {
    for payment in attempt.payments {
      guard let whole = try connection.payment(payment.id) else { throw StorageError.refused(why: "there is no payment \(payment.id)") }
      try move(whole, from: from, to: to, txid: txid, note: note)
    }
  }

  /// Notes that it cannot go on without a person.
  public func noteStuck(_ attempt: Attempt, why: String) throws { try step("stuck", of: attempt, note: why) }

  /// Notes that it can never confirm: its items may be tried again, or taken back.
  public func noteDead(_ attempt: Attempt, why: String) throws { try step("dead", of: attempt, note: why) }

  private func step(_ name: String, of attempt: Attempt, _ built: BuiltTransaction? = nil, note: String? = nil) throws {
    let insert = try connection.prepare(
      """
      INSERT INTO attempt_steps (attempt_id, step, act_id, stepped_at, tx_hash, tx_metadata, tx_blob, tx_key, key_images, fee_atomic, note)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
      """)
    try insert.bind(1, attempt.id)
    try insert.bind(2, name)
    try insert.bind(3, act)
    try insert.bind(4, now.seconds)
    try insert.bind(5, built?.hash)
    try insert.bind(6, built?.metadata)
    try insert.bind(7, built?.blob)
    try insert.bind(8, built?.key)
    try insert.bind(9, built?.keyImages.joined(separator: "+"))
    try insert.bind(10, built.map { String($0.fee) })
    try insert.bind(11, note)
    try insert.run()
  }
}

extension Connection {
  /// The attempts that are neither confirmed nor dead, of every batch, oldest first.
  public func openAttempts() throws -> [Attempt] {
    let rows = try prepare(
      """
      SELECT attempt_id, batch_id FROM attempts AS a
      WHERE NOT EXISTS (SELECT 1 FROM attempt_steps AS s WHERE s.attempt_id = a.attempt_id AND s.step IN ('confirmed', 'dead'))
      ORDER BY attempt_id
      """)
    var attempts: [Attempt] = []
    while try rows.step() { attempts.append(try attempt(rows.int(0), of: BatchID(rows.int(1)))) }
    return attempts
  }

  private func attempt(_ id: Int64, of batch: BatchID) throws -> Attempt {
    var attempt = Attempt(id: id, batch: batch, payments: [], built: nil, isRelayed: false, stuck: nil)
    let payments = try prepare(
      "SELECT batch_id, payment_no, address, atomic_amount FROM attempt_payments WHERE attempt_id = ?1 ORDER BY payment_no")
    try payments.bind(1, id)
    while try payments.step() {
      guard let amount = UInt64(payments.text(3)) else { throw Damage("attempt \(id)", "it pays '\(payments.text(3))' piconero") }
      let id = PaymentID(BatchID(payments.int(0)), payments.int(1))
      attempt.payments.append(
        Attempt.Payment(id: id, items: try items(of: id), address: payments.text(2), amount: amount))
    }
    let steps = try prepare(
      "SELECT step, tx_hash, tx_metadata, tx_blob, tx_key, key_images, fee_atomic, note FROM attempt_steps WHERE attempt_id = ?1")
    try steps.bind(1, id)
    while try steps.step() {
      switch steps.text(0) {
      case "built":
        attempt.built = BuiltTransaction(
          hash: steps.text(1), metadata: steps.optionalText(2), blob: steps.text(3), key: steps.text(4),
          keyImages: steps.text(5).split(separator: "+").map(String.init), fee: UInt64(steps.text(6)) ?? 0)
      case "relayed": attempt.isRelayed = true
      case "stuck": attempt.stuck = steps.text(7)
      default: break
      }
    }
    return attempt
  }

  private func items(of payment: PaymentID) throws -> [ItemID] {
    let rows = try prepare("SELECT item_id FROM payouts WHERE batch_id = ?1 AND payment_no = ?2 ORDER BY item_id")
    try rows.bind(1, payment.batch.number)
    try rows.bind(2, payment.number)
    var items: [ItemID] = []
    while try rows.step() { items.append(ItemID(rows.int(0))) }
    return items
  }

  /// Monero payments of a batch that no attempt holds, by number.
  public func unattempted(of batch: BatchID) throws -> [Attempt.Payment] {
    let rows = try prepare(
      """
      SELECT m.payment_no, m.address, m.atomic_amount FROM payments AS m
      WHERE m.batch_id = ?1 AND m.route = 'monero'
        AND NOT EXISTS (SELECT 1 FROM payouts AS p JOIN items AS i USING (item_id) WHERE p.batch_id = m.batch_id AND p.payment_no = m.payment_no
                        AND NOT (i.state = 'prepared' AND i.version = p.version + 1))
        AND NOT EXISTS (SELECT 1 FROM attempt_payments AS a WHERE a.batch_id = m.batch_id AND a.payment_no = m.payment_no
                        AND NOT EXISTS (SELECT 1 FROM attempt_steps AS s WHERE s.attempt_id = a.attempt_id AND s.step = 'dead'))
      ORDER BY m.payment_no
      """)
    try rows.bind(1, batch.number)
    var payments: [Attempt.Payment] = []
    while try rows.step() {
      guard let amount = UInt64(rows.text(2)) else { throw Damage("payment \(PaymentID(batch, rows.int(0)))", "it pays '\(rows.text(2))' piconero") }
      let id = PaymentID(batch, rows.int(0))
      payments.append(Attempt.Payment(id: id, items: try items(of: id), address: rows.text(1), amount: amount))
    }
    return payments
  }
}
