public import Coins
public import RefundPolicy
public import Storage

/// A quote of a coin's price in USD, as it was imported.
public struct Quote: Hashable, Sendable {
  /// Decimal text.
  public var usd: String
  public var quotedAt: Instant
  /// Where it came from: `import 3`.
  public var source: String
}

extension Connection {
  /// The newest quote of a coin up to an instant; voided ones never count.
  public func newestQuote(of coin: String, upTo instant: Instant) throws -> Quote? {
    let row = try prepare(
      "SELECT usd, quoted_at, import_id FROM rates WHERE coin = ?1 AND quoted_at <= ?2 AND voided = 0 ORDER BY quoted_at DESC LIMIT 1")
    try row.bind(1, coin)
    try row.bind(2, instant.seconds)
    return try row.step() ? Quote(usd: row.text(0), quotedAt: row.instant(1), source: "import \(row.int(2))") : nil
  }

  /// G6: a coin's quotes of the 30 days before a quote, that one left out; voided ones never count. What has more digits than can be used exactly
  /// cannot be paid at and is no measure either.
  public func otherQuotes(of coin: String, before instant: Instant) throws -> [ExchangeRate] {
    let rows = try prepare("SELECT usd FROM rates WHERE coin = ?1 AND quoted_at >= ?2 AND quoted_at < ?3 AND voided = 0")
    try rows.bind(1, coin)
    try rows.bind(2, instant.seconds - RateYardstick.window)
    try rows.bind(3, instant.seconds)
    var quotes: [ExchangeRate] = []
    while try rows.step() { if let rate = ExchangeRate(rows.text(0)) { quotes.append(rate) } }
    return quotes
  }

  /// G6: the rate of a coin's last batch of which a payment was not taken back.
  public func lastBatchRate(of coin: String) throws -> (rate: ExchangeRate, payment: PaymentID)? {
    // A payment stands while its items are as it left them, or once it was settled.
    let row = try prepare(
      """
      SELECT m.rate_usd, m.batch_id, m.payment_no FROM payments AS m
      WHERE m.coin = ?1 AND EXISTS (
        SELECT 1 FROM payouts AS p JOIN items AS i USING (item_id)
        WHERE p.batch_id = m.batch_id AND p.payment_no = m.payment_no
          AND ((i.state IN ('prepared', 'sent') AND p.version = (SELECT max(version) FROM payouts AS o WHERE o.item_id = p.item_id))
            OR EXISTS (SELECT 1 FROM payout_moves AS v WHERE v.item_id = p.item_id AND v.batch_id = p.batch_id AND v.state_after = 'paid')))
      ORDER BY m.batch_id DESC, m.payment_no LIMIT 1
      """)
    try row.bind(1, coin)
    guard try row.step() else { return nil }
    let batch = BatchID(row.int(1))
    guard let rate = ExchangeRate(row.text(0)) else { throw StorageError.refused(why: "\(batch) was paid at the rate '\(row.text(0))'") }
    return (rate, PaymentID(batch, row.int(2)))
  }

  /// The act by which a person has accepted a rate: this value of this quote (G6); nil where nobody has.
  public func acceptance(of rate: ExchangeRate, _ coin: String, quotedAt: Instant) throws -> Int64? {
    let row = try prepare("SELECT act_id FROM rate_acceptances WHERE coin = ?1 AND quoted_at = ?2 AND usd = ?3")
    try row.bind(1, coin)
    try row.bind(2, quotedAt.seconds)
    try row.bind(3, rate.description)
    return try row.step() ? row.int(0) : nil
  }
}

extension PayoutDesk {
  /// Notes that a person lets a doubtful rate pay (G6).
  public func accept(_ acceptance: RateAcceptance) throws {
    let insert = try connection.prepare("INSERT INTO rate_acceptances (coin, quoted_at, usd, act_id, doubt) VALUES (?1, ?2, ?3, ?4, ?5)")
    try insert.bind(1, acceptance.coin)
    try insert.bind(2, acceptance.quotedAt.seconds)
    try insert.bind(3, acceptance.rate.description)
    try insert.bind(4, act)
    try insert.bind(5, acceptance.doubt)
    try insert.run()
  }
}
