import RefundPolicy

/// What a row was and what it is now, as the log keeps it: JSON objects with the columns in which the two differ, as the files write them.
final class ChangeText {
  let before = JSONMembers()
  let after = JSONMembers()
  /// G5: whether the row was over (an order: or provisioned, or activated) or void, and is so no more.
  private(set) var isEndTakenBack = false

  private func clear() {
    before.clear()
    after.clear()
    isEndTakenBack = false
  }

  private func text(_ column: String, _ former: ByteText, _ now: ByteText) {
    if former == now { return }
    before.add(column, former)
    after.add(column, now)
  }

  private func words(_ column: String, _ former: String?, _ now: String?) {
    if former == now { return }
    before.add(column, former)
    after.add(column, now)
  }

  private func value<Value: Equatable>(_ column: String, _ former: Value, _ now: Value, _ description: (Value) -> String) {
    if former == now { return }
    before.add(column, description(former))
    after.add(column, description(now))
  }

  private func instant(_ column: String, _ former: Int64?, _ now: Int64?) {
    if former == now { return }
    before.add(column, former.map { Instant(seconds: $0).description })
    after.add(column, now.map { Instant(seconds: $0).description })
  }

  /// When the record was over, or an order's line was provisioned or activated.
  private func end(_ column: String, _ former: Int64?, _ now: Int64?) {
    instant(column, former, now)
    if former != nil && now == nil { isEndTakenBack = true }
  }

  private func day(_ column: String, _ former: Int32, _ now: Int32) {
    value(column, former, now) { ServiceDay(ordinal: $0).description }
  }

  private func cents(_ column: String, _ former: Int64, _ now: Int64) { value(column, former, now) { Cents($0).description } }

  /// Last: what is void is not open again, whatever became of its end.
  private func voided(_ former: Bool, _ now: Bool) {
    value("voided", former, now) { "\($0)" }
    isEndTakenBack = !now && (former || isEndTakenBack)
  }

  func compare(_ former: OrderRow, _ now: OrderRow) {
    clear()
    value("line", former.line, now.line) { "+\($0)" }
    text("carrier", former.carrier, now.carrier)
    text("region", former.region, now.region)
    text("plan", former.plan, now.plan)
    end("provisioned_at", former.provisioned, now.provisioned)
    end("activated_at", former.activated, now.activated)
    end("ended_at", former.ended, now.ended)
    words("end_reason", former.endReason?.rawValue, now.endReason?.rawValue)
    voided(former.isVoided, now.isVoided)
  }

  func compare(_ former: PeriodRow, _ now: PeriodRow) {
    clear()
    day("starts_on", former.starts, now.starts)
    day("ends_on", former.ends, now.ends)
    cents("paid_usd", former.paid, now.paid)
    cents("setup_fee_usd", former.setupFee, now.setupFee)
    text("coin", former.coin, now.coin)
    text("network", former.network, now.network)
    text("paid_amount", former.amount, now.amount)
    text("txid", former.txid, now.txid)
    instant("paid_at", former.paidAt, now.paidAt)
    voided(former.isVoided, now.isVoided)
  }

  func compare(_ former: AddonRow, _ now: AddonRow) {
    clear()
    value("category", former.category, now.category) { AddonCategory.allCases[Int($0)].rawValue }
    cents("fee_usd", former.fee, now.fee)
    instant("active_from", former.from, now.from)
    instant("active_to", former.to, now.to)
    voided(former.isVoided, now.isVoided)
  }

  func compare(_ former: UsageRow, _ now: UsageRow) {
    clear()
    value("outbound_calls", former.calls, now.calls) { "\($0)" }
    value("outbound_sms", former.sms, now.sms) { "\($0)" }
    value("verifications", former.verifications, now.verifications) { "\($0)" }
    voided(former.isVoided, now.isVoided)
  }

  func compare(_ former: TicketRow, _ now: TicketRow) {
    clear()
    instant("opened_at", former.opened, now.opened)
    end("restored_at", former.restored, now.restored)
    voided(former.isVoided, now.isVoided)
  }
}
