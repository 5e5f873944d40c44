import AuditLog
import Coins
import RefundPolicy
import Storage

/// Checks payouts against the items that they pay, and against H2.
struct PayoutCheck {
  private let connection: Connection

  init(_ connection: Connection) { self.connection = connection }

  func findings() throws -> [Finding] {
    var findings: [Finding] = []
    for batch in try batches() {
      for payment in try connection.payments(of: batch) { try check(payment, &findings) }
    }
    try checkWholeness(&findings)
    try each(
      """
      SELECT item_id, state FROM items AS i WHERE state IN ('prepared', 'sent', 'paid') AND NOT EXISTS (
        SELECT 1 FROM payouts AS p JOIN payments AS m USING (batch_id, payment_no)
        WHERE p.item_id = i.item_id AND p.amount_cents = i.amount_cents AND m.coin = i.coin AND p.batch_id = (
          -- The batch that paid it, else the last one.
          SELECT coalesce((SELECT v.batch_id FROM payout_moves AS v WHERE v.item_id = i.item_id AND v.state_after = 'paid'), max(o.batch_id))
          FROM payouts AS o WHERE o.item_id = i.item_id))
      """, "it is in payout, but no batch pays it so", &findings)
    try each(
      """
      SELECT DISTINCT p.item_id, '' FROM payouts AS p JOIN payouts AS o ON o.item_id = p.item_id
        JOIN attempt_payments AS a ON a.batch_id = p.batch_id AND a.payment_no = p.payment_no
        JOIN attempt_payments AS b ON b.batch_id = o.batch_id AND b.payment_no = o.payment_no AND b.attempt_id > a.attempt_id
      WHERE NOT EXISTS (SELECT 1 FROM attempt_steps AS s WHERE s.attempt_id = a.attempt_id AND s.step = 'dead')
      """, "two attempts hold it that may both confirm (H4)", &findings)
    for (table, _) in PayoutSchema.tablesOfActs.dropFirst() {
      let lost = try connection.prepare("SELECT DISTINCT act_id FROM \(table) WHERE act_id NOT IN (SELECT act_id FROM payout_acts)")
      while try lost.step() { findings.append(Finding(table, "it names payout act \(lost.int(0)), which is not there")) }
    }
    let lost = try connection.prepare("SELECT batch_id FROM published_batches WHERE batch_id NOT IN (SELECT batch_id FROM batches)")
    while try lost.step() { findings.append(Finding("published_batches", "it names batch \(lost.int(0)), which is not there")) }
    return findings
  }

  private func batches() throws -> [BatchID] {
    let rows = try connection.prepare("SELECT batch_id FROM batches ORDER BY batch_id")
    var ids: [BatchID] = []
    while try rows.step() { ids.append(BatchID(rows.int(0))) }
    return ids
  }

  /// H2, G3: each part is its dollars at the rate, the payment is the sum of its parts, and its items stand together.
  private func check(_ payment: Payment, _ findings: inout [Finding]) throws {
    for payout in payment.payouts {
      let worth = CoinAmount(worth: payout.usd, at: payout.rate.rate, decimals: payout.amount.decimals)
      if worth != payout.amount {
        findings.append(
          Finding(
            "\(payment.id), item \(payout.item)", "\(payout.amount) \(payout.coin) is not \(payout.usd) USD at \(payout.rate.rate) (H2)"))
      }
    }
    let row = try connection.prepare("SELECT atomic_amount FROM payments WHERE batch_id = ?1 AND payment_no = ?2")
    try row.bind(1, payment.id.batch.number)
    try row.bind(2, payment.id.number)
    if try row.step(), row.text(0) != String(payment.amount.atomic) {
      findings.append(Finding("\(payment.id)", "it is not the sum of its items (G3)"))
    }
  }

  /// G3: no payment lacks an item, and no two items of one stand differently.
  private func checkWholeness(_ findings: inout [Finding]) throws {
    let lacking = try connection.prepare(
      """
      SELECT batch_id, payment_no FROM payments AS m
      WHERE item_count <> (SELECT count(*) FROM payouts AS p WHERE p.batch_id = m.batch_id AND p.payment_no = m.payment_no)
      """)
    while try lacking.step() {
      findings.append(Finding("\(PaymentID(BatchID(lacking.int(0)), lacking.int(1)))", "it does not have the items that it was prepared with (G3)"))
    }
    let parted = try connection.prepare(
      """
      SELECT p.batch_id, p.payment_no FROM payouts AS p JOIN items AS i USING (item_id)
        LEFT JOIN payout_moves AS v ON v.item_id = p.item_id AND v.batch_id = p.batch_id AND v.state_after = 'paid'
      GROUP BY p.batch_id, p.payment_no HAVING count(DISTINCT CASE WHEN v.item_id IS NOT NULL THEN 'paid'
        WHEN i.state IN ('prepared', 'sent') AND p.version = (SELECT max(version) FROM payouts AS o WHERE o.item_id = p.item_id) THEN i.state
        ELSE 'taken back' END) > 1
      """)
    while try parted.step() {
      findings.append(Finding("\(PaymentID(BatchID(parted.int(0)), parted.int(1)))", "its items are not all in one state (G3)"))
    }
  }

  private func each(_ query: String, _ what: String, _ findings: inout [Finding]) throws {
    let rows = try connection.prepare(query)
    while try rows.step() { findings.append(Finding("item R\(rows.int(0))", what)) }
  }
}
