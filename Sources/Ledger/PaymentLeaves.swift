import AuditLog
public import Storage

/// The digest of each payment of a batch, with the refunds in it, their steps into the batch, and the batch itself: one that was changed is told from the others of its batch.
final class PaymentLeaves {
  private let connection: Connection
  private let tree: DigestTree
  private let payment, payouts, moves, batch: RawStatement

  /// So many payments have room in a batch, less one.
  private static let room: Int64 = 1 << 20

  init(_ connection: Connection) throws {
    self.connection = connection
    tree = try DigestTree(.payments, on: connection)
    payment = try connection.prepare("SELECT * FROM payments WHERE batch_id = ?1 AND payment_no = ?2")
    payouts = try connection.prepare("SELECT * FROM payouts WHERE batch_id = ?1 AND payment_no = ?2 ORDER BY item_id")
    moves = try connection.prepare(
      """
      SELECT v.* FROM payouts AS p JOIN payout_moves AS v ON v.item_id = p.item_id AND v.version = p.version
      WHERE p.batch_id = ?1 AND p.payment_no = ?2 ORDER BY p.item_id
      """)
    batch = try connection.prepare("SELECT * FROM batches JOIN payout_acts USING (act_id) WHERE batch_id = ?1")
  }

  private static func index(_ id: PaymentID) -> Int64 { id.batch.number * room + id.number }

  private func digest(of id: PaymentID) throws -> [UInt8]? {
    var digest = Fingerprint()
    var isThere = false
    for rows in [payment, payouts, moves] {
      try rows.bind(1, id.batch.number)
      try rows.bind(2, id.number)
      defer { rows.reset() }
      while try rows.step() {
        digest.add(row: rows)
        isThere = true
      }
    }
    try batch.bind(1, id.batch.number)
    defer { batch.reset() }
    while try batch.step() { digest.add(row: batch) }
    return isThere ? digest.short() : nil
  }

  /// Notes the payments that an act wrote, for its seal.
  ///
  /// - Throws: ``StorageError/refused(why:)`` where a batch has no room for them.
  func seal(act: Int64) throws {
    let written = try connection.prepare("SELECT batch_id, payment_no FROM payments WHERE act_id = ?1")
    try written.bind(1, act)
    while try written.step() {
      let id = PaymentID(BatchID(written.int(0)), written.int(1))
      guard id.number < PaymentLeaves.room else {
        throw StorageError.refused(why: "a batch has room for \(PaymentLeaves.room - 1) payments")
      }
      try tree.set(try digest(of: id), at: PaymentLeaves.index(id))
      tree.rowCount += 1
    }
    try tree.finish()
  }

  /// What is wrong with a payment or with the refunds in it; nil where they are as they were prepared.
  func finding(_ id: PaymentID) throws -> Finding? {
    do {
      let isSame = try id.number < PaymentLeaves.room && digest(of: id) == tree.digest(at: PaymentLeaves.index(id))
      return isSame ? nil : Finding("payment \(id)", "it, or the refunds in it, are not as they were prepared")
    } catch let damage as Damage {
      return damage.findings.first
    }
  }

  /// What is wrong with the number of payments.
  func countFindings() throws -> [Finding] {
    let found = try connection.integer("SELECT count(*) FROM payments")
    return found == tree.rowCount ? [] : [Finding("payments", "\(found) rows are there, the program left \(tree.rowCount)")]
  }

  /// Every payment.
  func findings() throws -> [Finding] {
    var findings = try countFindings()
    var known: Set<Int64> = []
    let rows = try connection.prepare("SELECT batch_id, payment_no FROM payments ORDER BY batch_id, payment_no")
    while try rows.step() {
      let id = PaymentID(BatchID(rows.int(0)), rows.int(1))
      known.insert(PaymentLeaves.index(id))
      if let finding = try finding(id) { findings.append(finding) }
    }
    try tree.each { index, _ in
      if !known.contains(index) {
        let id = PaymentID(BatchID(index / PaymentLeaves.room), index % PaymentLeaves.room)
        findings.append(Finding("payment \(id)", "it is missing"))
      }
    }
    return findings
  }
}

extension Connection {
  /// Checks the payments of a batch as they were prepared, and that none is missing.
  ///
  /// - Throws: ``Damage``.
  public func checkPayments(of batch: BatchID) throws {
    let leaves = try PaymentLeaves(self)
    let rows = try prepare("SELECT payment_no FROM payments WHERE batch_id = ?1 ORDER BY payment_no")
    try rows.bind(1, batch.number)
    var findings = try leaves.countFindings()
    while try rows.step() { findings += try [leaves.finding(PaymentID(batch, rows.int(0)))].compactMap(\.self) }
    try findings.mustBeEmpty()
  }
}
