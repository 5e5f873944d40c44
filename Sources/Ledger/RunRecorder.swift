import AuditLog
public import RefundPolicy
public import Storage

/// Writes one run into the ledger, inside the run's transaction.
///
/// The run's own row comes last, with its totals; everything else carries its number already.
public final class RunRecorder {
  public let run: RunID
  /// The date that is closed; the last closed one for a rerun.
  public let businessDay: ServiceDay
  /// The service days that a rerun decides again; nil for a nightly.
  public let rerunDays: DayRange?
  /// Whether anything was written: a rerun that changes nothing is no run.
  public private(set) var hasChanges = false
  public private(set) var totals = ControlTotals()
  /// The id that the next item to be opened gets.
  public private(set) var nextID: ItemID

  private let connection: Connection
  private let exceptions: ExceptionBook
  private let versions: ItemVersions
  private let itemsOfOrder, itemsOfPeriod: RawStatement
  /// Items of the orders as they stand on sheets of earlier runs.
  public let onSheets: SheetsOfOrders
  /// Nil where every item is opened in rows.
  private let plainOpenings: PlainOpenings?
  private let texts = Openings()
  private let insertChange: RawStatement
  private let lastDecision, insertDecision: RawStatement
  /// Whether a request was told anything before this run.
  private let hasDecisions: Bool
  private let lastBase, insertBase: RawStatement
  private let endTakenBack: RawStatement
  /// Whether an import ever took an end back.
  private let hasEnds: Bool

  /// - Parameters:
  ///   - isPartial: Whether only some orders are looked at: what is known of the others stays as it is.
  ///   - sheetsFrom: The number of items opened from which they go onto sheets; nil for never.
  public init(
    closing businessDay: ServiceDay, again rerunDays: DayRange? = nil, isPartial: Bool, sheetsFrom: Int? = nil, on connection: Connection
  ) throws {
    self.connection = connection
    exceptions = try ExceptionBook(isPartial: isPartial, on: connection)
    self.businessDay = businessDay
    self.rerunDays = rerunDays
    run = RunID(try connection.integer("SELECT coalesce(max(run_id), 0) + 1 FROM runs"))
    nextID = ItemID(
      1
        + max(
          try connection.integer("SELECT max(item_id) FROM items"),
          try connection.integer("SELECT last_item FROM sheets ORDER BY first_item DESC LIMIT 1")))
    onSheets = try SheetsOfOrders(connection, onlyLeft: true)
    plainOpenings = try sheetsFrom.map { [run] in try PlainOpenings(run, openedOn: businessDay, sheetsFrom: $0, on: connection) }

    itemsOfOrder = try connection.prepare("SELECT \(ItemColumns.names) FROM items WHERE order_id = ?1 ORDER BY item_id")
    itemsOfPeriod = try connection.prepare(
      "SELECT \(ItemColumns.names) FROM items WHERE item_id IN (SELECT item_id FROM stretches WHERE period_id = ?1) ORDER BY item_id")
    versions = try ItemVersions(connection)
    insertChange = try connection.prepare(
      """
      INSERT INTO run_changes (run_id, item_id, change, before_cents, after_cents, version, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
      """)
    lastDecision = try connection.prepare(
      "SELECT order_id, decision, clause, item_ids, explanation FROM request_decisions WHERE request_id = ?1 ORDER BY run_id DESC LIMIT 1")
    hasDecisions = try connection.integer("SELECT EXISTS (SELECT 1 FROM request_decisions)") == 1
    insertDecision = try connection.prepare(
      """
      INSERT INTO request_decisions (run_id, request_id, order_id, requested_at, decision, clause, item_ids, explanation)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
      """)
    lastBase = try connection.prepare("SELECT base_cents FROM period_bases WHERE period_id = ?1 ORDER BY run_id DESC LIMIT 1")
    insertBase = try connection.prepare("INSERT INTO period_bases (period_id, run_id, base_cents) VALUES (?1, ?2, ?3)")
    endTakenBack = try connection.prepare("SELECT \(AutomaticApproval.hasEndTakenBack(order: "?1"))")
    hasEnds = try connection.integer("SELECT EXISTS (SELECT 1 FROM ends_taken_back)") == 1

    totals = try connection.totals(before: run)
  }

  /// Every item of an order, whatever its state.
  ///
  /// - Throws: ``Damage`` where one is not as the program left it.
  public func items(ofOrder orderID: String) throws -> [ItemWithDays] {
    try items(itemsOfOrder, orderID, and: onSheets.items(ofOrder: orderID))
  }

  /// The items that hold days of a period, of whatever order: a correction may have moved the period. What moved stands on no sheet.
  public func items(ofPeriod periodID: String, ofOrder orderID: String) throws -> [ItemWithDays] {
    try items(itemsOfPeriod, periodID, and: onSheets.items(ofOrder: orderID).filter { $0.item.periodID == periodID })
  }

  /// Takes the item of a period over from its sheet: a correction gave the period to another order, where rows alone are looked for.
  public func takeOver(period periodID: String, ofOrder orderID: String) throws {
    for opened in try onSheets.items(ofOrder: orderID) where opened.item.periodID == periodID { try versions.takeOver(opened.item.id, opened) }
  }

  private func items(_ statement: RawStatement, _ id: String, and onSheets: [ItemWithDays]) throws -> [ItemWithDays] {
    try statement.bind(1, id)
    let rows = try statement.items().map { ItemWithDays(item: $0, stretches: try versions.days(of: $0)) }
    for row in rows { try versions.check(row.item, row.stretches) }
    for opened in onSheets { try versions.checkIsOnSheet(opened.item.id) }
    return onSheets.isEmpty ? rows : (rows + onSheets).sorted { $0.item.id < $1.item.id }
  }

  /// Opens an item; its id, run and version are given here. W1, S2: the policy itself approves its own.
  ///
  /// - Parameter isPlain: Whether its order has no request and no other item, so that nobody asks for it again in this run. Such items go onto
  ///   sheets; they are opened in the order of their orders.
  /// - Returns: The item as it was opened.
  @discardableResult public func open(_ item: consuming Item, days: [ItemStretch], isPlain: Bool = false) throws -> ItemWithDays {
    item.id = nextID
    item.run = run
    item.version = 1
    item.revision = 1
    item.reviewID = nil
    try approveByPolicy(&item)
    nextID = ItemID(nextID.number + 1)
    totals.opened.add(item.amount)
    hasChanges = true
    let opened = ItemWithDays(item: item, stretches: days)
    if isPlain && opened.item.state == .pending, let plainOpenings {
      texts.clear()
      var orderID = opened.item.orderID
      let order = orderID.withUTF8 { unsafe texts.keep($0) }
      try plainOpenings.add(opened.item.id, texts.add(opened.item, days), of: order, in: texts)
    } else {
      try insert(opened)
    }
    return opened
  }

  /// Opens an item of a plain order; items are opened in the order of their orders.
  public func open(_ entry: Openings.Entry, of order: Openings.Text, in openings: Openings) throws {
    let id = nextID
    nextID = ItemID(id.number + 1)
    totals.opened.add(entry.amount)
    hasChanges = true
    if let plainOpenings {
      try plainOpenings.add(id, entry, of: order, in: openings)
    } else {
      try insert(PlainOpenings.item(id, entry, in: openings, SheetHead(run: run, openedOn: businessDay, state: .pending)))
    }
  }

  private func insert(_ opened: ItemWithDays) throws {
    let digest = try versions.insert(opened.item, days: opened.stretches)
    try record("opened", opened.item, digest, before: .zero)
  }

  /// Makes a new version of an undecided item with other days, causes or amount.
  public func restate(_ former: Item, as draft: Item, days: [ItemStretch]) throws {
    var new = draft
    try approveByPolicy(&new)
    try replace(former, with: new, days: days, "restated")
    if new.amount > former.amount { totals.increased.add(new.amount - former.amount) }
    if new.amount < former.amount { totals.reduced.add(former.amount - new.amount) }
  }

  /// What a person or the night limit holds stays held (W4).
  private func approveByPolicy(_ item: inout Item) throws {
    guard item.isAutomatic, item.state == .pending, try !connection.isCorrectedAboveOwed(item) else { return }
    item.state = .approved
    totals.approved.add(item.amount)
  }

  /// Restates an undecided item to nothing, for good: what is owed later opens a new one.
  public func withdraw(_ former: Item) throws {
    try replace(former, with: former.withdrawn, days: [], "withdrawn")
    totals.withdrawn.add(former.amount)
  }

  /// Makes a new version that is the same refund, and differs in what stands beside it: evidence, flags, address, promise.
  ///
  /// - Parameter areKept: Whether the days are the former ones to the letter: they need not be written again.
  public func annotate(_ former: Item, as draft: Item, days: [ItemStretch], areKept: Bool) throws {
    var new = draft
    try approveByPolicy(&new)
    // One that the policy may not approve stays as it is.
    if areKept && new == former { return }
    try replace(former, with: new, days: days, areKept: areKept, "annotated")
  }

  private func replace(_ former: Item, with draft: Item, days: [ItemStretch], areKept: Bool = false, _ change: String) throws {
    var new = draft
    new.run = run
    new.version = former.version + 1
    new.reviewID = nil
    let isSameToReviewers =
      change == "annotated" && new.address == former.address && new.tag == former.tag && new.coin == former.coin && new.network == former.network
    new.revision = isSameToReviewers ? former.revision : former.revision + 1
    if !isSameToReviewers { new.flags.subtract(.oneApproval) }
    if former.version == 1 {
      try versions.takeOver(former.id, onSheets.items(ofOrder: former.orderID).first { $0.item.id == former.id })
    }
    let digest = ItemColumns.digest(new, days)
    try versions.replace(former, with: new, days: areKept ? nil : days, until: run, digest)
    try record(change, new, digest, before: former.amount)
  }

  private func record(_ change: String, _ item: Item, _ digest: [UInt8], before: Cents) throws {
    hasChanges = true
    try insertChange.bind(1, run.number)
    try insertChange.bind(2, item.id.number)
    try insertChange.bind(3, change)
    try insertChange.bind(4, before.count)
    try insertChange.bind(5, item.amount.count)
    try insertChange.bind(6, item.version)
    try insertChange.bind(7, blob: digest)
    try insertChange.run()
  }

  /// Records what a request is told, unless it was told just that before.
  public func decide(_ decision: RecordedDecision) throws {
    let items = decision.items.map(\.description).joined(separator: "+")
    try lastDecision.bind(1, decision.requestID)
    let isKnown =
      try hasDecisions && lastDecision.step() && lastDecision.optionalText(0) == decision.orderID && lastDecision.text(1) == decision.verdict.rawValue
      && lastDecision.text(2) == decision.clause.rawValue && lastDecision.text(3) == items && lastDecision.text(4) == decision.explanation
    lastDecision.reset()
    try lookAt(request: decision.requestID)
    if isKnown { return }
    hasChanges = true
    try insertDecision.bind(1, run.number)
    try insertDecision.bind(2, decision.requestID)
    try insertDecision.bind(3, decision.orderID)
    try insertDecision.bind(4, decision.requestedAt.seconds)
    try insertDecision.bind(5, decision.verdict.rawValue)
    try insertDecision.bind(6, decision.clause.rawValue)
    try insertDecision.bind(7, items)
    try insertDecision.bind(8, decision.explanation)
    try insertDecision.run()
  }

  /// Notes the base of a period: what is committed later must fit it (contract 7). An item tells its own base, so only a base is noted
  /// that is other than an item's, or than the one noted last: it may have come back to what it was.
  public func noteBase(_ base: Cents, ofPeriod periodID: String, isOtherThanDecided: Bool) throws {
    try lastBase.bind(1, periodID)
    let noted = try lastBase.step() ? Cents(lastBase.int(0)) : nil
    lastBase.reset()
    if noted == base || (noted == nil && !isOtherThanDecided) { return }
    try insertBase.bind(1, periodID)
    try insertBase.bind(2, run.number)
    try insertBase.bind(3, base.count)
    try insertBase.run()
  }

  /// Notes that a run which looks at some orders only looked at this one: the exceptions of the others stay as they are.
  public func lookAt(order orderID: () -> String) throws { try exceptions.lookAt(order: orderID) }

  /// Notes that a run looked at a request that counts no more: it is no exception either.
  public func lookAt(request requestID: String) throws { try exceptions.lookAt(request: requestID) }

  /// G5: notes the ends that imports took back since the last nightly, and those of before that nobody gave back or released.
  public func noteEndsTakenBack() throws {
    let last = try connection.integer("SELECT coalesce(max(import_id), 0) FROM runs WHERE kind = 'nightly'")
    try EndsTakenBack.eachException(since: last, on: connection) { try exceptions.note($0) }
  }

  /// Leaves exceptions of some kinds of ``ExceptionKind/ofFacts`` as they are: nothing came that could change them, or a rerun leaves them to the night.
  public func keepExceptions(of kinds: Set<ExceptionKind>) throws { try exceptions.keep(kinds) }

  /// G5: whether the policy's own approval of what an order is granted waits, because an end was taken back.
  public func hasEndTakenBack(order orderID: String) throws -> Bool {
    if !hasEnds { return false }
    try endTakenBack.bind(1, orderID)
    defer { endTakenBack.reset() }
    return try endTakenBack.step() && endTakenBack.int(0) == 1
  }

  /// Notes an exception that stands as of this run.
  public func note(_ exception: RecordedException) throws { try exceptions.note(exception) }

  /// Ends the run: night limit, exceptions, totals, the run's own row, and the seal over all of it.
  ///
  /// - Returns: Nil for a rerun that changed nothing: it is no run, and its transaction is to be rolled back.
  /// - Throws: ``StorageError/refused(why:)`` when the control totals do not tie; nothing of the run is kept then.
  public func finish(operating: OperatingNumbers, ordersDecided: Int64, recordedAt: Instant) throws -> RecordedRun? {
    try plainOpenings?.finish(insert)
    try versions.noteSheets(of: run)
    if try exceedsNightLimit(operating) { try holdTheNight() }
    if try exceptions.settle(run) { hasChanges = true }
    if rerunDays != nil && !hasChanges { return nil }
    try connection.close(&totals)
    try recordAging(BusinessCalendar(holidays: operating.holidays))
    try insertRun(ordersDecided: ordersDecided, recordedAt: recordedAt)
    try versions.seal()
    try LedgerState.noteRun(run, on: connection)
    try connection.seal(.run, run.number, by: "makegood", at: recordedAt) { try RunContent.add(run, from: connection, to: &$0) }
    return RecordedRun(id: run, businessDay: businessDay, rerunDays: rerunDays, ordersDecided: ordersDecided, totals: totals)
  }

  /// G2: whether the night opened or raised more than it may without a person.
  private func exceedsNightLimit(_ operating: OperatingNumbers) throws -> Bool {
    if operating.nightLimitItems == nil && operating.nightLimit == nil { return false }
    let raised = try connection.total(
      """
      SELECT coalesce(sum(count), 0), coalesce(sum(cents), 0) FROM (
        SELECT 1 AS count, after_cents - before_cents AS cents FROM run_changes WHERE run_id = ?1 AND after_cents > before_cents
        UNION ALL SELECT item_count, cents FROM sheets WHERE run_id = ?1)
      """, run.number)
    return operating.nightLimitItems.map { raised.count > Int64($0) } ?? false || operating.nightLimit.map { raised.amount > $0 } ?? false
  }

  /// Holds what this run opened or raised. Nobody has seen these versions yet, so they are finished in place.
  private func holdTheNight() throws {
    let sheets = try connection.prepare("UPDATE sheets SET state = 'held' WHERE run_id = ?1")
    try sheets.bind(1, run.number)
    try sheets.run()
    let raised = try connection.prepare(
      """
      SELECT \(ItemColumns.names) FROM items WHERE state IN ('pending', 'held', 'approved')
        AND item_id IN (SELECT item_id FROM run_changes WHERE run_id = ?1 AND after_cents > before_cents)
      """)
    let sealed = try connection.prepare("UPDATE run_changes SET digest = ?3 WHERE run_id = ?1 AND item_id = ?2")
    try raised.bind(1, run.number)
    for item in try raised.items() {
      var held = item
      held.state = .held
      held.flags.formUnion(.nightLimit)
      if item.state == .approved {
        totals.approved.count -= 1
        totals.approved.amount = totals.approved.amount - item.amount
      }
      let digest = ItemColumns.digest(held, try versions.days(of: held))
      try versions.finish(held, digest)
      try sealed.bind(1, run.number)
      try sealed.bind(2, held.id.number)
      try sealed.bind(3, blob: digest)
      try sealed.run()
    }
  }

  private func recordAging(_ calendar: BusinessCalendar) throws {
    var totals = Dictionary(uniqueKeysWithValues: Aging.allCases.map { ($0, Total()) })
    let waiting = try connection.prepare(
      """
      SELECT opened_on, count(*), sum(amount_cents) FROM items WHERE state IN ('pending', 'held') GROUP BY opened_on
      UNION ALL SELECT opened_on, sum(left_count), sum(left_cents) FROM sheets WHERE left_count > 0 GROUP BY opened_on
      """)
    while try waiting.step() {
      let age = Aging(businessDays: calendar.count(after: waiting.day(0), through: businessDay))
      totals[age, default: Total()].count += waiting.int(1)
      totals[age, default: Total()].amount += Cents(waiting.int(2))
    }
    let insert = try connection.prepare("INSERT INTO run_aging (run_id, age, count, cents) VALUES (?1, ?2, ?3, ?4)")
    for (age, total) in totals {
      try insert.bind(1, run.number)
      try insert.bind(2, age.rawValue)
      try insert.bind(3, total.count)
      try insert.bind(4, total.amount.count)
      try insert.run()
    }
  }

  private func insertRun(ordersDecided: Int64, recordedAt: Instant) throws {
    let columns = ControlTotals.columns
    let insert = try connection.prepare(
      """
      INSERT INTO runs (run_id, kind, business_day, recorded_at, orders_decided, first_day, last_day, import_id, \(ControlTotals.columnNames))
      VALUES (?1, ?5, ?2, ?3, ?4, ?6, ?7, (SELECT coalesce(max(import_id), 0) FROM imports),
        \((8..<8 + 2 * columns.count).map { "?\($0)" }.joined(separator: ", ")))
      """)
    try insert.bind(1, run.number)
    try insert.bind(2, Int64(businessDay.ordinal))
    try insert.bind(3, recordedAt.seconds)
    try insert.bind(4, ordersDecided)
    try insert.bind(5, rerunDays == nil ? "nightly" : "rerun")
    try insert.bind(6, rerunDays.map { Int64($0.first.ordinal) })
    try insert.bind(7, rerunDays.map { Int64($0.last.ordinal) })
    for (index, column) in columns.enumerated() {
      try insert.bind(8 + 2 * index, totals[keyPath: column.total].count)
      try insert.bind(9 + 2 * index, totals[keyPath: column.total].amount.count)
    }
    try insert.run()
  }
}

extension RawStatement {
  func items() throws -> [Item] {
    var found: [Item] = []
    while try step() { found.append(try ItemColumns.read(self)) }
    reset()
    return found
  }
}
