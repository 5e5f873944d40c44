import AuditLog
public import Ledger
public import RefundPolicy
public import Reports
public import Storage

/// Writes the report folder of a recorded run from what the ledger keeps of it, so that the bytes are the same tonight and after any number of
/// later runs.
public enum NightReport {
  /// - Parameters:
  ///   - run: A run in the ledger, or in the transaction of a dry run.
  ///   - reports: The folder under which the run's own folder appears.
  ///   - store: Where all of the run is kept, so that other threads can read much of it beside; nil for a dry run's.
  /// - Throws: ``ReportError``, and ``StorageError`` from reading.
  public static func write(
    _ run: RecordedRun, from connection: Connection, in reports: String, _ inTheWay: InTheWay = .isRefused, beside store: Store?,
    scale: Scale = Scale()
  ) throws -> PublishedFolder {
    let kind =
      run.rerunDays.map { RunTitle.Kind.rerun(first: $0.first, last: $0.last, asOf: run.businessDay) } ?? .nightly(run.businessDay)
    let title = RunTitle(kind, run: run.id.number, isRehearsal: try connection.origin()?.clock == .pretended)
    var folder = try ReportFolder(title, in: reports, inTheWay)
    let items = ReportedItems(
      run: run.id, day: run.businessDay, payees: PayeeCheck(try connection.settings(knownTo: run.id).operating(closing: run.businessDay)))
    folder.count(corrections: try connection.corrections(countingIn: run.id))
    folder.count(unseenExceptions: Int(try connection.unseenExceptions(asOf: run.id)))
    for record in try connection.historyRewrites(before: run.id) {
      folder.tell(
        HistoryRewrite(
          effectiveFrom: record.set.effectiveFrom, saidAt: record.said.at, saidBy: record.said.by, note: record.said.note ?? ""))
    }
    if let store, run.rerunDays == nil, try connection.reportedSheets(of: run.id) >= scale.threadsFrom {
      let parts = try connection.parts(ofReported: run.id, items: scale.part)
      let written = Handed<ReportPart>()
      let work = try OrderedWork<ReportPart>(parts: parts.count) { work in
        try store.readBeside { connection in
          while let next = work.begin() {
            let part = written.take() ?? ReportPart(items: Int(scale.part))
            try items.write(parts[next], from: connection, to: part)
            work.give(next, part)
          }
        }
      }
      defer { work.stop() }
      for index in parts.indices {
        let part = try work.result(of: index)
        try folder.write(part)
        written.give(part)
      }
    } else {
      let differences = try run.rerunDays.map { _ in try DifferenceReader(run.id, on: connection) }
      let part = ReportPart()
      try items.write(nil, from: connection, to: part) {
        if part.isLarge { try folder.write(part) }
      } changed: { item, change in
        for row in try differences?.rows(of: item, change: change) ?? [] { try folder.write(row) }
      }
      try folder.write(part)
    }
    try connection.eachDecision(of: run.id) { try folder.write(decided($0)) }
    try connection.eachException(asOf: run.id) { exception in
      try folder.write(
        ExceptionRow(
          kind: exception.kind, orderID: exception.orderID ?? "", periodID: exception.periodID ?? "", subject: exception.subject,
          amount: exception.amount > .zero ? exception.amount : nil, explanation: exception.explanation))
    }
    try connection.eachUnpaid(asOf: run.id) { try folder.write(UnpaidRow($0, on: run.businessDay, items.payees)) }
    for row in summary(of: run) { try folder.write(row) }
    let before = try connection.causesBefore(run.id)
    for cause in Cause.allCases {
      let after = folder.total(of: cause)
      var change = CauseChange(days: after.days, amount: after.amount)
      if let before = before[cause] { change += before }
      try folder.write(SummaryRow(.cause(cause), count: change.days, amount: change.amount))
    }
    for line in try connection.agingLines(of: run.id) {
      try folder.write(SummaryRow(.aging(line.age), count: Int(line.total.count), amount: line.total.amount))
    }
    return try folder.publish()
  }

  /// From how much on reports are written another way; no byte of them depends on it.
  public struct Scale: Sendable {
    /// The number of sheets from which other threads put items into words.
    public var threadsFrom: Int64 = 128
    /// The number of items that one of them puts into words at once.
    public var part: Int64 = 2048

    public init() {}
    public init(threadsFrom: Int64, part: Int64) { (self.threadsFrom, self.part) = (threadsFrom, part) }
  }

  /// Puts items of a run into words.
  private struct ReportedItems: Sendable {
    let run: RunID
    let day: ServiceDay
    let payees: PayeeCheck

    /// - Parameters:
    ///   - ids: Of the items; nil for all.
    ///   - then: Called after each item.
    ///   - changed: Called with each item in rows that the run changed.
    func write(
      _ ids: Range<Int64>?, from connection: Connection, to part: ReportPart, then: () throws -> Void = {},
      changed: (Item, Cents) throws -> Void = { _, _ in }
    ) throws {
      try connection.eachReported(by: run, among: ids) { opened, change in
        part.write(
          ReportedItem(opened, on: day, payees), run: run.number, change: change, waits: opened.item.state.isUndecided)
        if let change {
          for stretch in opened.stretches.joined {
            part.write(ReportedDays(days: stretch.days, cause: stretch.cause, evidence: stretch.evidence, amount: stretch.amount))
          }
          try changed(opened.item, change)
        }
        try then()
      } onSheet: { opened, page, change in
        part.write(ReportedItem(opened, of: page, on: day), run: run.number, change: change, waits: true)
        if change != nil {
          page.eachJoined(opened) { stretch in
            unsafe part.write(
              ReportedDays(days: stretch.days, cause: stretch.cause, evidence: TextBytes(stretch.evidence), amount: stretch.amount))
          }
        }
        try then()
      }
    }
  }

  /// The arithmetic, and why it cannot be paid where that is so.
  public static func explanation(of item: Item, _ payees: PayeeCheck) -> RefundExplanation {
    RefundExplanation(
      amount: item.amount, dayCount: item.dayCount, periodDays: item.period.dayCount, base: item.base, causes: item.causes,
      isCorrected: item.flags.contains(.corrected), obstacle: payees.obstacle(of: item))
  }

  private static func decided(_ decision: RecordedDecision) -> RequestDecisionRow {
    RequestDecisionRow(
      requestID: decision.requestID, orderID: decision.orderID ?? "", requestedAt: decision.requestedAt, verdict: decision.verdict,
      clause: decision.clause, items: decision.items, explanation: decision.explanation)
  }

  private static func summary(of run: RecordedRun) -> [SummaryRow] {
    let totals = run.totals
    let lines: [(SummaryLine, Total)] = [
      (.openingPending, totals.opening), (.opened, totals.opened), (.increased, totals.increased), (.reduced, totals.reduced),
      (.withdrawn, totals.withdrawn), (.approved, totals.approved), (.rejected, totals.rejected), (.reopened, totals.reopened),
      (.closingPending, totals.closing),
      (.openingUnpaid, totals.openingUnpaid), (.becameUnpaid, totals.approved), (.reopenedUnpaid, totals.reopenedUnpaid), (.paid, totals.paid),
      (.closingUnpaid, totals.closingUnpaid),
      (.unpaid(.approved), totals.approvedAtEnd), (.unpaid(.prepared), totals.prepared), (.unpaid(.sent), totals.sent),
      (.paidToDate, totals.paidToDate),
    ]
    return lines.map { SummaryRow($0.0, count: Int($0.1.count), amount: $0.1.amount) }
      + [SummaryRow(.ordersDecided, count: Int(run.ordersDecided), amount: nil)]
  }
}

extension ReportedItem<String> {
  /// An item as it is told on a business date.
  public init(_ opened: ItemWithDays, on day: ServiceDay, _ payees: PayeeCheck) {
    let item = opened.item
    let first = opened.stretches.first?.evidence ?? ""
    self.init(
      id: item.id, orderID: item.orderID, periodID: item.periodID, state: item.state, openedOn: item.openedOn, dueOn: item.dueOn,
      causes: item.causes, evidence: ReportedEvidence(first, others: opened.stretches.dropFirst().map(\.evidence).filter { $0 != first }),
      firstDay: item.firstDay, lastDay: item.lastDay, days: item.dayCount, amount: item.amount, coin: item.coin,
      network: item.network ?? "", address: item.address ?? "", tag: item.tag ?? "", flags: item.flags(on: day),
      explanation: NightReport.explanation(of: item, payees))
  }
}

extension ReportedItem<TextBytes> {
  /// The same of an item on a sheet: nobody has corrected it, and it has no address.
  fileprivate init(_ item: SheetItem, of page: SheetPage, on day: ServiceDay) {
    let none = unsafe TextBytes(UnsafeBufferPointer(start: nil, count: 0))
    let evidence = unsafe page.evidence(of: item)
    unsafe self.init(
      id: item.id, orderID: TextBytes(item.order), periodID: TextBytes(item.period), state: page.head.state, openedOn: page.head.openedOn,
      dueOn: item.dueOn, causes: item.causes,
      evidence: ReportedEvidence(TextBytes(evidence.first), others: evidence.others.map { unsafe TextBytes($0) }),
      firstDay: item.firstDay, lastDay: item.lastDay, days: item.dayCount, amount: item.amount,
      coin: TextBytes(item.coin), network: TextBytes(item.network), address: none, tag: none,
      flags: page.flags(of: item).overdue(from: item.dueOn, on: day),
      explanation: RefundExplanation(
        amount: item.amount, dayCount: item.dayCount, periodDays: item.periodDays.dayCount, base: item.base, causes: item.causes))
  }
}

extension Item {
  /// The item's flags as of a business date.
  public func flags(on day: ServiceDay) -> FlagSet { state.isUndecided ? flags.overdue(from: dueOn, on: day) : flags }
}

extension FlagSet {
  /// Whether an undecided item is overdue depends on the date alone (Q5).
  func overdue(from dueOn: ServiceDay, on day: ServiceDay) -> FlagSet { dueOn <= day ? union(.overdue) : self }
}
