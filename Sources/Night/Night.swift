package import Ledger
package import RefundPolicy
package import Storage

/// Closing business dates: facts, faults, entitlement, ledger; the reports follow from the ledger.
package struct Night {
  private let store: Store
  private let now: Instant

  /// - Parameter now: The instant of the run: it says which dates are over, and is kept in the ledger, never in a report.
  package init(_ store: Store, now: Instant) {
    (self.store, self.now) = (store, now)
  }

  /// What a nightly is asked to close.
  package enum Dates: Sendable {
    /// Every date not yet closed, up to yesterday.
    case upToYesterday
    /// This date and, before it, any not closed since the last closed one.
    case through(ServiceDay)
  }

  /// Why a date cannot be closed (64).
  package enum Refusal: Error, Hashable, Sendable {
    /// The date is not over yet.
    case notOver(ServiceDay, today: ServiceDay)
    /// The date lies before the first one that was ever closed.
    case beforeFirst(ServiceDay, first: ServiceDay)
  }

  /// The dates to close now, oldest first; empty when all is closed already.
  ///
  /// The first nightly ever closes one date, whatever lies before it in the facts.
  package func datesToClose(_ dates: Dates) throws -> [ServiceDay] {
    let today = now.day
    let last: ServiceDay
    switch dates {
    case .upToYesterday: last = today.advanced(by: -1)
    case .through(let day):
      if day >= today { throw Refusal.notOver(day, today: today) }
      last = day
    }
    let (first, watermark) = try store.read { (try $0.firstClosed(), try $0.watermark()) }
    guard let first, let watermark else { return [last] }
    if last < first {
      if case .through(let day) = dates { throw Refusal.beforeFirst(day, first: first) }
      return []
    }
    var days: [ServiceDay] = []
    var day = watermark.advanced(by: 1)
    while day <= last {
      days.append(day)
      day = day.advanced(by: 1)
    }
    return days
  }

  /// How a night ends.
  package enum Keeping: Sendable {
    case kept
    /// Computed and reported, and nothing of it stays in the database.
    case dryRun
  }

  /// Closes some dates, each as a transaction and run of its own; in a dry run all in one that is rolled back.
  ///
  /// - Parameters:
  ///   - lock: Proof that no other process writes.
  ///   - report: Called inside a dry run's transaction, or after each date's, to write the run's reports.
  ///   - progress: Called now and then with the date and the orders looked at.
  package func close(
    _ days: [ServiceDay], _ keeping: Keeping, holding lock: borrowing RunLock, report: (RecordedRun, Connection) throws -> Void
  ) throws -> [RecordedRun] {
    switch keeping {
    case .kept:
      return try days.map { day in
        let run = try store.transaction { (.commit, try close(day, on: $0)) }
        try store.read { try report(run, $0) }
        return run
      }
    case .dryRun:
      return try store.transaction { connection in
        let runs = try days.map { day in
          let run = try close(day, on: connection)
          try report(run, connection)
          return run
        }
        return (.rollback, runs)
      }
    }
  }

  private func close(_ day: ServiceDay, on connection: Connection) throws -> RecordedRun {
    let settings = try connection.settings()
    let recorder = try RunRecorder(closing: day, on: connection)
    try RequestMatching(connection, asOf: day.end).match { requestID, requestedAt, failure in
      try recorder.recordUnmatched(requestID, requestedAt: requestedAt, failure)
    }
    let faults = try FaultIndex(connection, before: day.end)
    let settlement = OrderSettlement(
      recorder: recorder, settings: settings, operating: settings.operating(closing: day), businessDay: day)
    var orders = try OrderReader(connection, faults: faults, settings: settings, asOf: day.end)
    let count = try orders.each(settlement.settle)
    return try recorder.finish(operating: settings.operating(closing: day), ordersLookedAt: count, recordedAt: now)
  }
}

extension RunRecorder {
  /// Q1: a request that no order can be named for is an exception for a person, never a guess.
  func recordUnmatched(_ requestID: String, requestedAt: Instant, _ failure: RequestDecision.MatchFailure) throws {
    let decision = RequestDecision.unmatched(failure)
    let explanation = Explanation.request(decision)
    try decide(
      RecordedDecision(
        requestID: requestID, orderID: nil, requestedAt: requestedAt, verdict: decision.verdict, clause: decision.clause, items: [],
        explanation: explanation))
    try note(
      RecordedException(
        kind: .unmatchedRequest, subject: requestID, orderID: nil, periodID: nil, amount: .zero, explanation: explanation))
  }
}
