package import Ledger
package import RefundPolicy
package import Reports
package import Storage

/// Writes the report folder of a recorded run from what the ledger keeps of it, so that the bytes are the same tonight and after any number of
/// later runs.
package enum NightReport {
  /// - Parameters:
  ///   - run: A run in the ledger, or in the transaction of a dry run.
  ///   - reports: The folder under which the run's own folder appears.
  /// - Throws: ``ReportError``, and ``StorageError`` from reading.
  package static func write(_ run: RecordedRun, from connection: Connection, in reports: String) throws -> PublishedFolder {
    let kind =
      run.rerunDays.map { RunTitle.Kind.rerun(first: $0.first, last: $0.last, asOf: run.businessDay) } ?? .nightly(run.businessDay)
    var folder = try ReportFolder(RunTitle(kind, run: run.id.number), in: reports)
    var causes = CauseTotals()
    let payees = PayeeCheck(try connection.settings(knownTo: run.id).operating(closing: run.businessDay))
    let differences = try run.rerunDays.map { _ in try DifferenceReader(run.id, on: connection) }
    folder.count(corrections: try connection.corrections(countingIn: run.id))
    try connection.eachReported(by: run.id) { opened, change in
      let item = opened.item
      if let change {
        try folder.write(refund(item, change: change, on: run.businessDay, run: run.id, payees))
        for row in try differences?.rows(of: item, change: change) ?? [] { try folder.write(row) }
        for stretch in opened.stretches.joined {
          try folder.write(
            RefundDaysRow(
              item: item.id, orderID: item.orderID, periodID: item.periodID, cause: stretch.cause, evidence: stretch.evidence,
              days: stretch.days, amount: stretch.amount))
          causes.add(stretch)
        }
      }
      if item.state.isUndecided { try folder.write(queued(item, on: run.businessDay, payees)) }
    }
    try connection.eachDecision(of: run.id) { try folder.write(decided($0)) }
    try connection.eachException(asOf: run.id) { exception in
      try folder.write(
        ExceptionRow(
          kind: exception.kind, orderID: exception.orderID ?? "", periodID: exception.periodID ?? "", subject: exception.subject,
          amount: exception.amount > .zero ? exception.amount : nil, explanation: exception.explanation))
    }
    for row in summary(of: run, causes: causes) { try folder.write(row) }
    for line in try connection.agingLines(of: run.id) {
      try folder.write(SummaryRow(.aging(line.age), count: Int(line.total.count), amount: line.total.amount))
    }
    return try folder.publish()
  }

  /// Days and amounts by cause, of the items that the run changed, as the run left them.
  private struct CauseTotals {
    private(set) var days = [Int64](repeating: 0, count: Cause.allCases.count)
    private(set) var amounts = [Cents](repeating: .zero, count: Cause.allCases.count)

    mutating func add(_ stretch: ItemStretch) {
      days[stretch.cause.rawValue] += Int64(stretch.days.dayCount)
      amounts[stretch.cause.rawValue] += stretch.amount
    }
  }

  /// The arithmetic, and why it cannot be paid where that is so.
  package static func explanation(of item: Item, _ payees: PayeeCheck) -> RefundExplanation {
    RefundExplanation(
      amount: item.amount, dayCount: item.dayCount, periodDays: item.period.dayCount, base: item.base, causes: item.causes,
      isCorrected: item.flags.contains(.corrected), obstacle: item.flags.contains(.invalidAddress) ? payees.words(for: item) : nil)
  }

  private static func refund(_ item: Item, change: Cents, on day: ServiceDay, run: RunID, _ payees: PayeeCheck) -> RefundRow {
    RefundRow(
      run: run.number, item: item.id, orderID: item.orderID, periodID: item.periodID, state: item.state, causes: item.causes,
      firstDay: item.firstDay, lastDay: item.lastDay, days: item.dayCount, amount: item.amount, change: change, coin: item.coin,
      network: item.network ?? "", flags: item.flags(on: day), explanation: explanation(of: item, payees))
  }

  package static func queued(_ item: Item, on day: ServiceDay, _ payees: PayeeCheck) -> QueueRow {
    QueueRow(
      item: item.id, orderID: item.orderID, periodID: item.periodID, state: item.state, openedOn: item.openedOn, dueOn: item.dueOn,
      causes: item.causes, firstDay: item.firstDay, lastDay: item.lastDay, days: item.dayCount, amount: item.amount, coin: item.coin,
      network: item.network ?? "", address: item.address ?? "", tag: item.tag ?? "", flags: item.flags(on: day),
      explanation: explanation(of: item, payees))
  }

  private static func decided(_ decision: RecordedDecision) -> RequestDecisionRow {
    RequestDecisionRow(
      requestID: decision.requestID, orderID: decision.orderID ?? "", requestedAt: decision.requestedAt, verdict: decision.verdict,
      clause: decision.clause, items: decision.items, explanation: decision.explanation)
  }

  private static func summary(of run: RecordedRun, causes: CauseTotals) -> [SummaryRow] {
    let totals = run.totals
    let lines: [(SummaryLine, Total)] = [
      (.openingPending, totals.opening), (.opened, totals.opened), (.increased, totals.increased), (.reduced, totals.reduced),
      (.withdrawn, totals.withdrawn), (.approved, totals.approved), (.rejected, totals.rejected), (.reopened, totals.reopened),
      (.closingPending, totals.closing),
    ]
    return lines.map { SummaryRow($0.0, count: Int($0.1.count), amount: $0.1.amount) }
      + [SummaryRow(.ordersLookedAt, count: Int(run.ordersLookedAt), amount: nil)]
      + Cause.allCases.map { SummaryRow(.cause($0), count: Int(causes.days[$0.rawValue]), amount: causes.amounts[$0.rawValue]) }
  }
}

extension Item {
  /// The item's flags as of a business date: whether it is overdue depends on the date alone (Q5).
  package func flags(on day: ServiceDay) -> FlagSet {
    state.isUndecided && dueOn <= day ? flags.union(.overdue) : flags
  }
}
