import Coins
public import RefundPolicy
public import Storage

extension Connection {
  /// Every approved item, by id.
  public func eachApproved(_ body: (Item) throws -> Void) throws {
    let rows = try prepare("SELECT \(ItemColumns.names) FROM items WHERE state = 'approved' ORDER BY item_id")
    while try rows.step() { try body(ItemColumns.read(rows)) }
  }

  /// What the processor says it paid of an item that was taken back from it; nil for nothing.
  public func conflict(of item: ItemID) throws -> String? {
    let row = try prepare("SELECT txid FROM payout_conflicts WHERE item_id = ?1 LIMIT 1")
    try row.bind(1, item.number)
    return try row.step() ? row.text(0) : nil
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

  public func markPublished(_ batch: BatchID) throws {
    let insert = try prepare("INSERT INTO published_batches (batch_id) VALUES (?1) ON CONFLICT DO NOTHING")
    try insert.bind(1, batch.number)
    try commit { try insert.run() }
  }

  /// The payouts of a batch as they were prepared, by item.
  public func payouts(of batch: BatchID) throws -> [Payout] {
    let rows = try prepare("SELECT \(RawStatement.payoutColumns) FROM payouts AS p WHERE p.batch_id = ?1 ORDER BY p.item_id")
    try rows.bind(1, batch.number)
    var payouts: [Payout] = []
    while try rows.step() { payouts.append(try rows.payout()) }
    return payouts
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

  /// Where every payout stands, by batch and item; those of one item where it is named.
  public func payoutStatuses(of item: ItemID? = nil) throws -> [PayoutStatus] {
    let rows = try prepare(
      """
      SELECT \(RawStatement.payoutColumns), p.batch_id, i.due_on,
        -- What a payout came to, even where the item went on without it.
        CASE WHEN p.version = (SELECT max(version) FROM payouts AS o WHERE o.item_id = p.item_id) AND i.state IN ('prepared', 'sent', 'paid')
          THEN i.state ELSE 'approved' END,
        m.txid, coalesce(m.settled_at, a.acted_at), m.fee_cents,
        coalesce((SELECT s.note FROM attempt_items AS t JOIN attempt_steps AS s USING (attempt_id)
                  WHERE t.item_id = p.item_id AND s.step = 'stuck' AND NOT EXISTS (
                    SELECT 1 FROM attempt_steps AS d WHERE d.attempt_id = s.attempt_id AND d.step IN ('dead', 'confirmed'))),
                 (SELECT 'the processor says that it paid it with ' || c.txid || ' although it was taken back' FROM payout_conflicts AS c
                  WHERE c.item_id = p.item_id AND c.batch_id = p.batch_id)),
        (SELECT txid FROM payout_moves AS t WHERE t.item_id = p.item_id AND t.batch_id = p.batch_id AND t.state_after = 'sent'),
        (SELECT s.tx_key FROM attempt_items AS t JOIN attempt_steps AS s USING (attempt_id) WHERE t.item_id = p.item_id AND s.tx_hash = m.txid)
      FROM payouts AS p JOIN items AS i USING (item_id)
        LEFT JOIN payout_moves AS m ON m.item_id = p.item_id AND m.batch_id = p.batch_id AND m.state_after = 'paid'
        LEFT JOIN payout_acts AS a ON a.act_id = m.act_id
      WHERE ?1 IS NULL OR p.item_id = ?1 ORDER BY p.batch_id, p.item_id
      """)
    try rows.bind(1, item?.number)
    var statuses: [PayoutStatus] = []
    let first = RawStatement.payoutColumnCount
    while try rows.step() {
      statuses.append(
        PayoutStatus(
          batch: BatchID(rows.int(first)), payout: try rows.payout(), state: ItemState(rawValue: rows.text(first + 2)) ?? .approved,
          dueOn: rows.day(first + 1), txid: rows.optionalText(first + 3) ?? rows.optionalText(first + 7), paidAt: rows.optionalInstant(first + 4),
          fee: rows.optionalInt(first + 5).map { Cents($0) }, key: rows.optionalText(first + 8), stuck: rows.optionalText(first + 6)))
    }
    return statuses
  }

  /// Attempts that need a person, and payouts that the processor made although they were taken back.
  public func stuckPayouts() throws -> Int64 {
    try integer(
      """
      SELECT (SELECT count(*) FROM attempt_steps AS s WHERE s.step = 'stuck' AND NOT EXISTS (
                SELECT 1 FROM attempt_steps AS d WHERE d.attempt_id = s.attempt_id AND d.step IN ('dead', 'confirmed')))
        + (SELECT count(*) FROM payout_conflicts)
      """)
  }

  /// The newest rate of a coin that was quoted up to an instant, and the one before it; voided ones never count.
  public func rates(of coin: String, upTo instant: Instant) throws -> [(usd: String, quotedAt: Instant, source: String)] {
    let rows = try prepare(
      "SELECT usd, quoted_at, import_id FROM rates WHERE coin = ?1 AND quoted_at <= ?2 AND voided = 0 ORDER BY quoted_at DESC LIMIT 2")
    try rows.bind(1, coin)
    try rows.bind(2, instant.seconds)
    var rates: [(usd: String, quotedAt: Instant, source: String)] = []
    while try rows.step() { rates.append((rows.text(0), rows.instant(1), "import \(rows.int(2))")) }
    return rates
  }

  /// The rate at which a coin was last prepared.
  public func lastPreparedRate(of coin: String) throws -> (usd: String, quotedAt: Instant)? {
    let row = try prepare(
      "SELECT rate_usd, rate_quoted_at FROM payouts WHERE coin = ?1 ORDER BY batch_id DESC, rate_quoted_at DESC LIMIT 1")
    try row.bind(1, coin)
    return try row.step() ? (row.text(0), row.instant(1)) : nil
  }
}

extension RawStatement {
  static let payoutColumns = """
    p.item_id, p.order_id, p.version, p.route, p.coin, p.network, p.address, p.tag, p.decimals, p.atomic_amount, p.amount_cents, p.rate_usd,
    p.rate_quoted_at, p.rate_side, p.rate_source
    """
  static let payoutColumnCount = 15

  func payout() throws -> Payout {
    guard int(0) >= 1, (0...18).contains(int(8)), let route = PayoutRoute(rawValue: text(3)), let atomic = UInt128(text(9)),
      let rate = ExchangeRate(text(11))
    else {
      throw StorageError.refused(why: "the payout of item \(int(0)) cannot be read")
    }
    return Payout(
      item: ItemID(int(0)), orderID: text(1), version: int(2), route: route, coin: text(4), network: optionalText(5), address: text(6),
      tag: optionalText(7), amount: CoinAmount(atomic: atomic, decimals: Int(int(8))), usd: Cents(int(10)),
      rate: QuotedRate(rate: rate, quotedAt: instant(12), side: text(13), source: text(14)))
  }
}
