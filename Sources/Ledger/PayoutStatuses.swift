import Coins
public import RefundPolicy
public import Storage

/// What became of a payment as a whole: its items never part.
public enum PaymentStanding: Hashable, Sendable {
  case prepared
  case sent
  case paid(txid: String)
  /// Its items were taken back from it, whatever became of them since.
  case takenBack
}

extension Connection {
  /// Where every payout stands, by batch and item; those of one item where it is named.
  public func payoutStatuses(of item: ItemID? = nil) throws -> [PayoutStatus] {
    let rows = try prepare(
      """
      SELECT \(RawStatement.payoutColumns), i.due_on,
        -- What a payout came to, even where the item went on without it.
        CASE WHEN v.item_id IS NOT NULL THEN 'paid'
          WHEN p.version = (SELECT max(version) FROM payouts AS o WHERE o.item_id = p.item_id) AND i.state IN ('prepared', 'sent') THEN i.state
          ELSE 'approved' END,
        v.txid, coalesce(v.settled_at, a.acted_at), v.fee_cents,
        (SELECT s.note FROM attempt_payments AS t JOIN attempt_steps AS s USING (attempt_id)
         WHERE t.batch_id = p.batch_id AND t.payment_no = p.payment_no AND s.step = 'stuck' AND NOT EXISTS (
           SELECT 1 FROM attempt_steps AS d WHERE d.attempt_id = s.attempt_id AND d.step IN ('dead', 'confirmed'))),
        (SELECT txid FROM payout_moves AS t WHERE t.item_id = p.item_id AND t.batch_id = p.batch_id AND t.state_after = 'sent'),
        (SELECT s.tx_key FROM attempt_payments AS t JOIN attempt_steps AS s USING (attempt_id)
         WHERE t.batch_id = p.batch_id AND t.payment_no = p.payment_no AND s.tx_hash = v.txid),
        w.actor, w.acted_at
      FROM \(RawStatement.payoutTables) JOIN items AS i USING (item_id)
        LEFT JOIN payout_moves AS v ON v.item_id = p.item_id AND v.batch_id = p.batch_id AND v.state_after = 'paid'
        LEFT JOIN payout_acts AS a ON a.act_id = v.act_id
        LEFT JOIN rate_acceptances AS r ON p.is_rate_doubtful = 1 AND r.coin = m.coin AND r.quoted_at = m.rate_quoted_at AND r.usd = m.rate_usd
        LEFT JOIN payout_acts AS w ON w.act_id = r.act_id
      WHERE ?1 IS NULL OR p.item_id = ?1 ORDER BY p.batch_id, p.item_id
      """)
    try rows.bind(1, item?.number)
    let open = Dictionary(grouping: try settlementQuestions().filter { $0.answer == nil }, by: \.payment)
    var statuses: [PayoutStatus] = []
    let first = RawStatement.payoutColumnCount
    while try rows.step() {
      let payout = try rows.payout()
      var stuck = rows.optionalText(first + 5)
      if let question = open[payout.payment]?.first, let payment = try payment(payout.payment) {
        stuck = question.words(locked: "\(payment.amount.brief) \(payout.coin)")
      }
      statuses.append(
        PayoutStatus(
          payout: payout, state: ItemState(rawValue: rows.text(first + 1)) ?? .approved, dueOn: rows.day(first),
          txid: rows.optionalText(first + 2) ?? rows.optionalText(first + 6), paidAt: rows.optionalInstant(first + 3),
          fee: rows.optionalInt(first + 4).map { Cents($0) }, key: rows.optionalText(first + 7), stuck: stuck,
          accepted: rows.optionalText(first + 8).map { .init(name: $0, at: rows.instant(first + 9)) }))
    }
    return statuses
  }

  /// What became of a payment.
  public func standing(of payment: Payment) throws -> PaymentStanding {
    let paid = try prepare(
      """
      SELECT v.txid FROM payouts AS p JOIN payout_moves AS v ON v.item_id = p.item_id AND v.batch_id = p.batch_id
      WHERE p.batch_id = ?1 AND p.payment_no = ?2 AND v.state_after = 'paid' LIMIT 1
      """)
    try paid.bind(1, payment.id.batch.number)
    try paid.bind(2, payment.id.number)
    if try paid.step() { return .paid(txid: paid.text(0)) }
    func isAll(_ state: ItemState, versionsOn: Int64) throws -> Bool {
      try payment.payouts.allSatisfy { payout in
        guard let item = try item(payout.item) else { return false }
        return item.state == state && item.version == payout.version + versionsOn
      }
    }
    if try isAll(.prepared, versionsOn: 1) { return .prepared }
    return try isAll(.sent, versionsOn: 2) ? .sent : .takenBack
  }
}
