import AuditLog
import Facts
import Hashing
public import Ledger
public import RefundPolicy
public import Storage

/// Closing business dates: facts, faults, entitlement, ledger; the reports follow from the ledger.
public struct Night {
  private let store: Store
  private let now: Instant
  private let scale: Scale

  /// From how much on a night goes another way about it; nothing that it decides depends on them.
  public struct Scale: Sendable {
    /// The number of items from which a nightly opens them on sheets. Each run with sheets costs later ones a search for every order that they look
    /// at, so they are for nights that open many.
    public var sheetsFrom = 4096
    /// The number of blocks of orders from which they are read on threads beside: a thread and its connection cost as much as some hundred blocks.
    public var threadsFrom: Int64 = 1_000
    /// The number of blocks that a thread reads at once.
    public var part = 64
    /// The number of orders that are passed by in about the time that it takes to find those of one line.
    public var ordersPerLine: Int64 = 100

    public init() {}
    public init(sheetsFrom: Int, threadsFrom: Int64, part: Int, ordersPerLine: Int64) {
      (self.sheetsFrom, self.threadsFrom, self.part, self.ordersPerLine) = (sheetsFrom, threadsFrom, part, ordersPerLine)
    }
  }

  /// - Parameter now: The instant of the run: it says which dates are over, and is kept in the ledger, never in a report.
  public init(_ store: Store, now: Instant, scale: Scale = Scale()) { (self.store, self.now, self.scale) = (store, now, scale) }

  /// What a nightly is asked to close.
  public enum Dates: Sendable {
    /// Every date not yet closed, up to yesterday.
    case upToYesterday
    /// This date and, before it, any not closed since the last closed one.
    case through(ServiceDay)
  }

  /// Why a date cannot be closed (64).
  public enum Refusal: Error, Hashable, Sendable {
    /// The date is not over yet.
    case notOver(ServiceDay, today: ServiceDay)
    /// The date lies before the first one that was ever closed.
    case beforeFirst(ServiceDay, first: ServiceDay)
    /// A rerun before the first nightly: nothing is closed yet.
    case nothingClosed
    /// A rerun of days after the last closed date.
    case notClosed(ServiceDay, last: ServiceDay)
    /// What a dry run showed is not what would happen now.
    case changedSince(expected: String, now: String)
    /// G7: today lies too early for what is closed: the clock is or was wrong (78).
    case clockBehind(today: ServiceDay, last: ServiceDay)
    /// G7: more dates would be closed than `catch_up_max_nights` allows: the clock may be ahead (78).
    case tooMany(DayRange, limit: Int)
  }

  /// What is closed and what is not, by the clock.
  public func calendar() throws -> NightCalendar {
    try store.read { try NightCalendar(on: $0, now: now) }
  }

  /// The dates to close now, oldest first; empty when all is closed already.
  ///
  /// The first nightly ever closes one date, whatever lies before it in the facts.
  ///
  /// - Throws: ``Refusal``. Naming the last date overrules ``Refusal/tooMany(_:limit:)``: whoever does so has looked at a calendar (G7).
  public func datesToClose(_ dates: Dates) throws -> [ServiceDay] {
    let calendar = try calendar()
    if let last = calendar.lastClosed, calendar.isClockBehind { throw Refusal.clockBehind(today: calendar.today, last: last) }
    switch dates {
    case .upToYesterday:
      if let missing = calendar.missing, calendar.isTooMany { throw Refusal.tooMany(missing, limit: calendar.limit) }
      return calendar.missing?.days ?? []
    case .through(let day):
      if day >= calendar.today { throw Refusal.notOver(day, today: calendar.today) }
      guard let first = calendar.firstClosed else { return [day] }
      if day < first { throw Refusal.beforeFirst(day, first: first) }
      return calendar.missing.flatMap { DayRange($0.first, upTo: day.advanced(by: 1)) }?.days ?? []
    }
  }

  /// How a night ends.
  public enum Keeping: Sendable {
    case kept
    /// Computed and reported, and nothing of it stays in the database.
    case dryRun
  }

  /// Closes some dates, each as a transaction and run of its own; in a dry run all in one that is rolled back.
  ///
  /// - Parameters:
  ///   - lock: Proof that no other process writes.
  ///   - progress: Called now and then with the date and the number of orders looked at so far.
  ///   - report: Called inside a dry run's transaction, or after each date's, to write the run's reports.
  /// - Throws: ``Damage`` where facts or the ledger were changed behind the program's back: nothing of that date is kept.
  public func close(
    _ days: [ServiceDay], _ keeping: Keeping, holding lock: borrowing RunLock, progress: @escaping (ServiceDay, Int64) -> Void = { _, _ in },
    report: (RecordedRun, Connection) throws -> Void
  ) throws -> [RecordedRun] {
    let check = RepeatedRunCheck()
    switch keeping {
    case .kept:
      return try days.map { day in
        let run = try store.transaction { connection in
          try check.check(connection)
          return (.commit, try decide(asOf: day, on: connection, progress).recorded)
        }
        try store.read { try report(run, $0) }
        return run
      }
    case .dryRun:
      return try store.transaction { connection in
        try check.check(connection)
        let runs = try days.map { day in
          let run = try decide(asOf: day, on: connection, progress).recorded
          try report(run, connection)
          return run
        }
        return (.rollback, runs)
      }
    }
  }

  /// Decides service days again, from what is known now, as of the last closed date (contract 3).
  ///
  /// - Parameters:
  ///   - expected: The fingerprint that a dry run showed; nil asks for none.
  ///   - report: Called inside a dry run's transaction, or after the rerun's, to write its reports.
  /// - Returns: The run, nil when nothing changed; and the fingerprint of the state it started from.
  /// - Throws: ``Refusal``; ``Damage`` where facts or the ledger were changed behind the program's back.
  public func rerun(
    _ days: DayRange, _ keeping: Keeping, expecting expected: String? = nil, holding lock: borrowing RunLock,
    progress: @escaping (ServiceDay, Int64) -> Void = { _, _ in }, report: (RecordedRun, Connection) throws -> Void
  ) throws -> (run: RecordedRun?, fingerprint: String) {
    let (run, fingerprint) = try store.transaction { connection in
      guard let last = try connection.watermark() else { throw Refusal.nothingClosed }
      if days.last > last { throw Refusal.notClosed(days.last, last: last) }
      try RunCheck.check(connection)
      let fingerprint = try RerunFingerprint.of(days, on: connection)
      if let expected, expected != fingerprint { throw Refusal.changedSince(expected: expected, now: fingerprint) }
      let run = try decide(asOf: last, again: days, on: connection, progress)
      if let run, keeping == .dryRun { try report(run, connection) }
      return (run != nil && keeping == .kept ? .commit : .rollback, (run, fingerprint))
    }
    if let run, keeping == .kept { try store.read { try report(run, $0) } }
    return (run, fingerprint)
  }

  /// How much of the facts a run looks at.
  enum Breadth {
    /// Every order, whatever was decided before.
    case everything
    /// What may have to be decided otherwise than the last nightly did.
    case affected
  }

  /// Decides orders as of the end of `day`; in a rerun only service days `again` may change.
  ///
  /// - Returns: Nil for a rerun that changes nothing.
  func decide(
    asOf day: ServiceDay, again days: DayRange? = nil, _ breadth: Breadth = .affected, on connection: Connection,
    _ progress: @escaping (ServiceDay, Int64) -> Void
  ) throws -> RecordedRun? {
    progress(day, 0)
    let settings = try connection.settings()
    let operating = settings.operating(closing: day)
    let classes = LineClasses()
    let faults = try FaultIndex(connection, before: day.end, settings: settings, classes: classes)
    let search =
      switch breadth {
      case .everything: nil as AffectedSearch?
      case .affected:
        try AffectedSearch(store, connection, settings, closing: day, faults: faults, classes: classes, scale)
      }
    let recorder = try RunRecorder(
      closing: day, again: days, isPartial: search != nil || days != nil, sheetsFrom: days == nil ? scale.sheetsFrom : nil, on: connection)
    let moved = try MovedPeriods(connection)
    for (period, order) in moved.former { try recorder.takeOver(period: period, ofOrder: order) }
    let matching = try RequestMatching(connection, asOf: day.end) { if days == nil { try recorder.lookAt(request: $0) } }
    let unmatched: RequestMatching.Unmatched = { requestID, requestedAt, failure in
      // A rerun decides the requests of orders only; what no order can be named for waits for the next night.
      if days == nil { try recorder.recordUnmatched(requestID, requestedAt: requestedAt, failure) }
    }
    let common = PlainSettlement(settings: settings, operating: operating, businessDay: day)
    // Where items stand on sheets, or periods moved, what is known beside an order's rows is asked for with every one; a rerun looks at the days of
    // every item, and so at every order as a whole.
    let isLarge =
      try days == nil && recorder.onSheets.isEmpty && moved.orders.isEmpty
      && OrderBlocks.count(on: connection) >= scale.threadsFrom
    func besideReading(_ outlooks: LineOutlooks) throws -> BesideReading? {
      isLarge ? try BesideReading(store, connection, like: outlooks, common, part: scale.part) : nil
    }
    var affected: AffectedOrders?
    var outlooks = LineOutlooks(faults, affecting: nil)
    var beside: BesideReading?
    defer { beside?.stop() }
    if let search {
      affected = try search.find(matching, unmatched: unmatched)
      outlooks = LineOutlooks(faults, affecting: affected?.affecting)
      if affected?.isScan ?? true { beside = try besideReading(outlooks) }
    } else {
      beside = try besideReading(outlooks)
      try matching.matchAll(unmatched: unmatched)
    }
    let visitor = RunVisitor(
      settlement: OrderSettlement(
        recorder: recorder, window: days,
        drafting: ItemDrafting(common: common, payees: PayeeCheck(operating), usageKnownAt: try connection.usageKnownAt()), moved: moved),
      agenda: days == nil ? try Agenda(connection, asOf: day.end) : nil, progress: { progress(day, $0) })
    let ways = OrderReader.Ways(plain: days == nil ? common : nil, movedTo: moved.orders, onSheets: recorder.onSheets)
    let reader = try OrderReader(connection, faults: faults, classes: classes, asOf: day.end, ways)
    try reader.each(of: affected, outlooks, beside: beside, visitor)
    if days == nil {
      try recorder.noteEndsTakenBack()
      try FactExceptions(recorder, faults: faults, classes: classes, asOf: day.end, on: connection).note()
    } else {
      try recorder.keepExceptions(of: ExceptionKind.ofFacts)
    }
    try matching.seal()
    try visitor.agenda?.seal()
    if let days, recorder.hasChanges { try FactDifferences.note(recorder.run, days, on: connection) }
    return try recorder.finish(operating: operating, ordersDecided: reader.decidedCount, recordedAt: now)
  }
}

/// What a run does with the orders that it comes to.
private struct RunVisitor: OrderReader.Visitor {
  let settlement: OrderSettlement
  /// A nightly's alone.
  let agenda: Agenda?
  let progress: (Int64) -> Void

  func passed(_ count: Int64) { progress(count) }

  func nothingOwed(_ orderID: String) throws {
    guard let agenda else { return }
    try settlement.recorder.lookAt(order: { orderID })
    try agenda.note(orderID, due: nil)
  }

  func open(_ order: SettledOrder, of orders: SettledOrders) throws {
    try settlement.open(order, of: orders)
    unsafe try agenda?.note(orders.openings.bytes(order.orderID), due: order.due)
  }

  func decide(_ order: OrderReader.Candidate) throws {
    let isWaiting = try settlement.settle(order)
    try agenda?.note(order.facts.orderID, due: isWaiting ? settlement.drafting.common.businessDay.end : order.due)
  }
}

/// When time alone may decide an order otherwise: kept from night to night. Orders come in ascending order.
private struct Agenda {
  private let known: FactCursor
  private let put, delete: RawStatement
  private let sum: RowSum
  private let cut: Instant

  init(_ connection: Connection, asOf cut: Instant) throws {
    self.cut = cut
    known = try FactCursor("SELECT order_id, due FROM agenda WHERE order_id >= ?1 ORDER BY order_id", on: connection)
    put = try connection.prepare("INSERT INTO agenda VALUES (?1, ?2) ON CONFLICT DO UPDATE SET due = excluded.due")
    delete = try connection.prepare("DELETE FROM agenda WHERE order_id = ?1")
    sum = try RowSum(.agenda, on: connection)
  }

  /// Notes what the table comes to now, for the seal that ends the run.
  func seal() throws { try sum.finish() }

  private static func row(_ orderID: UnsafeBufferPointer<UInt8>, _ due: Int64) -> Fingerprint {
    var row = Fingerprint()
    unsafe row.add(bytes: orderID)
    row.add(due)
    return row
  }

  /// - Parameter due: From when on; nil where it cannot.
  func note(_ orderID: UnsafeBufferPointer<UInt8>, due: Instant?) throws {
    let known = try unsafe known.has(ByteText(orderID)) ? known.int(1) : nil
    if known == due?.seconds { return }
    // It comes up with the next night either way, as an order with a ticket that counts does each night while that is open.
    if let known, known <= cut.seconds, due == cut { return }
    let change = due == nil ? delete : put
    unsafe try change.bind(1, bytes: orderID)
    if let due { try change.bind(2, due.seconds) }
    try change.run()
    if let known { unsafe sum.remove(Agenda.row(orderID, known)) }
    if let due { unsafe sum.add(Agenda.row(orderID, due.seconds)) }
  }

  func note(_ orderID: String, due: Instant?) throws {
    var orderID = orderID
    try orderID.withUTF8 { unsafe try note($0, due: due) }
  }
}

/// What a rerun starts from, in a word: the last import, run, review and settings, as the chain of seals tells them, and the days asked for.
private enum RerunFingerprint {
  static func of(_ days: DayRange, on connection: Connection) throws -> String {
    var fingerprint = Fingerprint()
    fingerprint.add("\(days.first) \(days.last)")
    fingerprint.add(blob: try connection.sealHead()?.hash ?? [])
    return Array(fingerprint.finish().prefix(6)).hexadecimal
  }
}

extension RecordedRun? {
  /// A nightly's run: it is recorded also when nothing changed.
  fileprivate var recorded: RecordedRun {
    get throws {
      guard let self else { throw StorageError.refused(why: "a night ended without its run") }
      return self
    }
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
