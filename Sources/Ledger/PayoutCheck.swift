import Coins
import RefundPolicy
import Storage

/// Checks payouts against the items that they pay, and against H2.
struct PayoutCheck {
  private let connection: Connection

  init(_ connection: Connection) { self.connection = connection }

  func findings() throws -> [Finding] {
    var findings: [Finding] = []
    let rows = try connection.prepare("SELECT \(RawStatement.payoutColumns), p.batch_id FROM payouts AS p ORDER BY p.batch_id, p.item_id")
    while try rows.step() {
      let payout = try rows.payout()
      let worth = CoinAmount(worth: payout.usd, at: payout.rate.rate, decimals: payout.amount.decimals)
      if worth != payout.amount {
        let place = "\(BatchID(rows.int(RawStatement.payoutColumnCount))), item \(payout.item)"
        findings.append(Finding(place, "\(payout.amount) \(payout.coin) is not \(payout.usd) USD at \(payout.rate.rate) (H2)"))
      }
    }
    try each(
      """
      SELECT item_id, state FROM items AS i WHERE state IN ('prepared', 'sent', 'paid') AND NOT EXISTS (
        SELECT 1 FROM payouts AS p WHERE p.item_id = i.item_id AND p.amount_cents = i.amount_cents AND p.coin = i.coin
          AND p.version = (SELECT max(version) FROM payouts AS o WHERE o.item_id = i.item_id))
      """, "it is in payout, but no batch pays it so", &findings)
    try each(
      """
      SELECT DISTINCT a.item_id, '' FROM attempt_items AS a JOIN attempt_items AS b ON b.item_id = a.item_id AND b.attempt_id > a.attempt_id
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

  private func each(_ query: String, _ what: String, _ findings: inout [Finding]) throws {
    let rows = try connection.prepare(query)
    while try rows.step() { findings.append(Finding("item R\(rows.int(0))", what)) }
  }
}
