import Coins
public import RefundPolicy
public import Storage

extension Connection {
  /// Every approved item, by id.
  public func eachApproved(_ body: (Item) throws -> Void) throws {
    let rows = try prepare("SELECT \(ItemColumns.names) FROM items WHERE state = 'approved' ORDER BY item_id")
    while try rows.step() { try body(ItemColumns.read(rows)) }
  }

  /// N5: whether days of an item turned out not to be owed since it was approved.
  public func isNotOwed(_ item: ItemID) throws -> Bool {
    try integer("SELECT \(PayoutGuards.isNotOwed("?1"))", item.number) == 1
  }

  public func batch(_ id: BatchID) throws -> Batch? {
    let row = try prepare("SELECT prepared_at, profiles, actor FROM batches JOIN payout_acts USING (act_id) WHERE batch_id = ?1")
    try row.bind(1, id.number)
    guard try row.step() else { return nil }
    return Batch(id: id, preparedAt: row.instant(0), preparedBy: row.text(2), profiles: row.text(1).split(separator: "+").map(String.init))
  }

  /// The batches whose folder was never finished, oldest first.
  public func unpublishedBatches() throws -> [BatchID] {
    let rows = try prepare("SELECT batch_id FROM batches WHERE batch_id NOT IN (SELECT batch_id FROM published_batches) ORDER BY batch_id")
    var ids: [BatchID] = []
    while try rows.step() { ids.append(BatchID(rows.int(0))) }
    return ids
  }

  /// The batches with payments from the seller's own wallet, oldest first.
  public func batchesOfMonero() throws -> [BatchID] {
    let rows = try prepare("SELECT DISTINCT batch_id FROM payments WHERE route = 'monero' ORDER BY batch_id")
    var batches: [BatchID] = []
    while try rows.step() { batches.append(BatchID(rows.int(0))) }
    return batches
  }

  public func markPublished(_ batch: BatchID) throws {
    let insert = try prepare("INSERT INTO published_batches (batch_id) VALUES (?1) ON CONFLICT DO NOTHING")
    try insert.bind(1, batch.number)
    try commit { try insert.run() }
  }

  /// The payments of a batch as they were prepared, by number.
  public func payments(of batch: BatchID) throws -> [Payment] {
    let rows = try prepare(
      "SELECT \(RawStatement.payoutColumns), m.chain, m.is_own_chain FROM \(RawStatement.payoutTables) WHERE p.batch_id = ?1 ORDER BY p.payment_no, p.item_id"
    )
    try rows.bind(1, batch.number)
    return try payments(rows)
  }

  /// One payment as it was prepared; nil where there is none.
  public func payment(_ id: PaymentID) throws -> Payment? {
    let rows = try prepare(
      """
      SELECT \(RawStatement.payoutColumns), m.chain, m.is_own_chain FROM \(RawStatement.payoutTables)
      WHERE p.batch_id = ?1 AND p.payment_no = ?2 ORDER BY p.item_id
      """)
    try rows.bind(1, id.batch.number)
    try rows.bind(2, id.number)
    return try payments(rows).first
  }

  private func payments(_ rows: RawStatement) throws -> [Payment] {
    var payments: [Payment] = []
    while try rows.step() {
      let payout = try rows.payout()
      if payments.last?.id == payout.payment {
        payments[payments.count - 1].payouts.append(payout)
      } else {
        let first = RawStatement.payoutColumnCount
        payments.append(Payment(id: payout.payment, chain: rows.text(first), isOnOwnChain: rows.int(first + 1) == 1, payouts: [payout]))
      }
    }
    return payments
  }

  /// The payments that an item ever had a part in, oldest first.
  public func payments(of item: ItemID) throws -> [PaymentID] {
    let rows = try prepare("SELECT batch_id, payment_no FROM payouts WHERE item_id = ?1 ORDER BY batch_id")
    try rows.bind(1, item.number)
    var ids: [PaymentID] = []
    while try rows.step() { ids.append(PaymentID(BatchID(rows.int(0)), rows.int(1))) }
    return ids
  }

  public func leftovers(of batch: BatchID) throws -> [Leftover] {
    let rows = try prepare("SELECT item_id, order_id, coin, network, amount_cents, reason FROM leftovers WHERE batch_id = ?1 ORDER BY item_id")
    try rows.bind(1, batch.number)
    var leftovers: [Leftover] = []
    while try rows.step() {
      leftovers.append(
        Leftover(
          item: ItemID(rows.int(0)), orderID: rows.text(1), coin: rows.text(2), network: rows.optionalText(3), usd: Cents(rows.int(4)),
          reason: rows.text(5)))
    }
    return leftovers
  }

  /// Attempts that need a person, and what the processor said that no person has answered yet.
  public func stuckPayouts() throws -> Int64 {
    try integer(
      """
      SELECT (SELECT count(*) FROM attempt_steps AS s WHERE s.step = 'stuck' AND NOT EXISTS (
                SELECT 1 FROM attempt_steps AS d WHERE d.attempt_id = s.attempt_id AND d.step IN ('dead', 'confirmed')))
        + (SELECT count(*) FROM settlement_questions WHERE question_id NOT IN (SELECT question_id FROM settlement_answers))
      """)
  }
}

extension RawStatement {
  static let payoutTables = "payouts AS p JOIN payments AS m USING (batch_id, payment_no)"
  static let payoutColumns = """
    p.item_id, p.order_id, p.version, m.route, m.coin, p.network, m.address, m.tag, m.decimals, p.atomic_amount, p.amount_cents, m.rate_usd,
    m.rate_quoted_at, m.rate_side, m.rate_source, p.batch_id, p.payment_no, p.rate_check, p.is_rate_doubtful
    """
  static let payoutColumnCount = 19

  func payout() throws -> Payout {
    guard int(0) >= 1, (0...18).contains(int(8)), let route = PayoutRoute(rawValue: text(3)), let atomic = UInt128(text(9)),
      let rate = ExchangeRate(text(11))
    else {
      throw StorageError.refused(why: "the payout of item \(int(0)) cannot be read")
    }
    return Payout(
      item: ItemID(int(0)), orderID: text(1), version: int(2), payment: PaymentID(BatchID(int(15)), int(16)), route: route, coin: text(4),
      network: optionalText(5), address: text(6), tag: optionalText(7), amount: CoinAmount(atomic: atomic, decimals: Int(int(8))),
      usd: Cents(int(10)), rate: QuotedRate(rate: rate, quotedAt: instant(12), side: text(13), source: text(14)),
      rateCheck: RateCheck(isDoubtful: int(18) == 1, words: text(17)))
  }
}
