import Ledger
import RefundPolicy
import Reports

extension UnpaidRow {
  /// An unpaid item as a run that closed `day` reports it.
  init(_ unpaid: UnpaidItem, on day: ServiceDay, _ payees: PayeeCheck) {
    let item = unpaid.item
    self.init(
      item: item.id, orderID: item.orderID, periodID: item.periodID, state: item.state, approvedOn: unpaid.approval.on,
      approvedBy: unpaid.approval.by, dueOn: item.dueOn, amount: item.amount, coin: item.coin, network: item.network ?? "",
      address: item.address ?? "", tag: item.tag ?? "", flags: item.flags.overdue(from: item.dueOn, on: day), reason: unpaid.reason(payees))
  }
}

extension UnpaidItem {
  /// Why it is not paid, and what it waits for: from what the run knew alone, so that the report can be written again.
  ///
  /// Rates are looked at by `payout prepare` alone; what it said of an item that it left behind is told here.
  fileprivate func reason(_ payees: PayeeCheck) -> String {
    if let question { return PayoutObstacle.question(question).sentence }
    switch place {
    case .approved, .takenBack:
      if isNotOwed { return PayoutObstacle.notOwed.sentence }
      if let problem = payees.problem(of: item) { return PayoutObstacle.destination(problem).sentence }
      return item.flags.contains(.unconfirmedAddress) ? PayoutObstacle.unconfirmedAddress(item.id).sentence : unprepared
    case .prepared(let batch, let day, let route):
      let place = "In batch \(batch), prepared on \(day); "
      if let stuck { return place + "stuck: \(stuck)." }
      if isNotOwed { return place + "days of it are not owed any more; take it back, and approve it again if it is to be paid (N5)." }
      return place + (route == .monero ? "it waits to be sent." : "it waits for what the processor did.")
    case .sent(let batch, let day, let txid):
      let place = "Sent on \(day) from batch \(batch) with \(txid); "
      return place + (stuck.map { "stuck: \($0)." } ?? "it waits for 10 blocks.")
    }
  }

  private var unprepared: String {
    switch place {
    case .approved(let leftover?): "\(leftover.reason) \(leftover.batch) of \(leftover.on) left it behind."
    case .takenBack(let former): "It was taken back from \(former.batch) on \(former.on): \(former.reason); the next 'payout prepare' looks at it."
    case .approved(nil), .prepared, .sent: "It is in no batch yet; the next 'payout prepare' looks at it."
    }
  }
}
