/// Lines to compare with the product's: without item ids, sorted bytewise.
extension ModelLedger {
  /// `period|state|2026-01-03=97:outage:outage:o1+outage:o2,…`, one line for each item ever opened; a withdrawn one has no days.
  public func canonicalItems() -> [String] {
    items.map { "\($0.periodID)|\($0.state.rawValue)|\(daysText($0))" }.sorted(by: bytewise)
  }

  /// The same with the business date of the opening run in front of the days: `period|state|2026-02-01|…`.
  public func canonicalItemsWithOpening() -> [String] {
    items.map { "\($0.periodID)|\($0.state.rawValue)|\(dayText($0.openedOn))|\(daysText($0))" }.sorted(by: bytewise)
  }

  /// `request|decision|clause|order`, the order empty when unmatched.
  public func canonicalDecisions() -> [String] {
    decisions.map { "\($0.key)|\($0.value.decision.rawValue)|\($0.value.clause.rawValue)|\($0.value.orderID ?? "")" }
      .sorted(by: bytewise)
  }

  /// `kind|subject|amount`: the subject is the order, the request, or for `not_owed`, `overpaid` and `underpaid` the period.
  public func canonicalExceptions() -> [String] {
    exceptions.map { "\($0.kind.rawValue)|\($0.subject)|\(dollarsText($0.cents))" }.sorted(by: bytewise)
  }

  /// `period|flags`, a line for each undecided item: what G8 says of it.
  public func doubtLines() -> [String] {
    items.filter(\.state.isUndecided).map { "\($0.periodID)|\($0.doubts.map(\.rawValue).sorted().joined(separator: "+"))" }.sorted(by: bytewise)
  }

  private func daysText(_ item: Item) -> String {
    item.days.sorted { $0.key < $1.key }
      .map { "\(dayText($0.key))=\($0.value.cents):\($0.value.cause.rawValue):\($0.value.evidence.joined(separator: "+"))" }
      .joined(separator: ",")
  }
}
