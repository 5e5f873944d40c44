package import RefundPolicy
package import Storage

/// Writes one run into the ledger, inside the run's transaction.
///
/// The run's own row comes last, with its totals; everything else carries its number already.
package final class RunRecorder {
  package let run: RunID
  package let businessDay: ServiceDay
  package private(set) var totals = ControlTotals()
  /// The id that the next item to be opened gets.
  package private(set) var nextID: ItemID

  private let connection: Connection
  private let itemsOfOrder, itemsOfPeriod, stretchesOfItem: RawStatement
  private let insertItem, updateItem, keepItem: RawStatement
  private let insertStretch, keepStretches, deleteStretches: RawStatement
  private let insertChange: RawStatement
  private let lastDecision, insertDecision: RawStatement
  private let insertCurrentException: RawStatement

  package init(closing businessDay: ServiceDay, on connection: Connection) throws {
    self.connection = connection
    self.businessDay = businessDay
    run = RunID(try connection.integer("SELECT coalesce(max(run_id), 0) + 1 FROM runs"))
    nextID = ItemID(try connection.integer("SELECT coalesce(max(item_id), 0) + 1 FROM items"))

    itemsOfOrder = try connection.prepare("SELECT \(ItemColumns.names) FROM items WHERE order_id = ?1 ORDER BY item_id")
    itemsOfPeriod = try connection.prepare(
      "SELECT \(ItemColumns.names) FROM items WHERE item_id IN (SELECT item_id FROM stretches WHERE period_id = ?1) ORDER BY item_id")
    stretchesOfItem = try connection.prepare(
      "SELECT first_day, last_day, cause, evidence, amount_cents FROM stretches WHERE period_id = ?1 AND item_id = ?2 ORDER BY first_day")
    let places = (1...ItemColumns.count).map { "?\($0)" }.joined(separator: ", ")
    insertItem = try connection.prepare("INSERT INTO items (\(ItemColumns.names)) VALUES (\(places))")
    updateItem = try connection.prepare("UPDATE items SET (\(ItemColumns.names)) = (\(places)) WHERE item_id = ?1")
    keepItem = try connection.prepare(
      "INSERT INTO former_items (\(ItemColumns.names), until_run) SELECT \(ItemColumns.names), ?2 FROM items WHERE item_id = ?1")
    insertStretch = try connection.prepare(
      "INSERT INTO stretches (period_id, first_day, last_day, item_id, cause, evidence, amount_cents) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
    keepStretches = try connection.prepare(
      """
      INSERT INTO former_stretches (item_id, version, first_day, last_day, cause, evidence, amount_cents)
      SELECT item_id, ?3, first_day, last_day, cause, evidence, amount_cents FROM stretches WHERE period_id = ?1 AND item_id = ?2
      """)
    deleteStretches = try connection.prepare("DELETE FROM stretches WHERE period_id = ?1 AND item_id = ?2")
    insertChange = try connection.prepare(
      "INSERT INTO run_changes (run_id, item_id, change, before_cents, after_cents) VALUES (?1, ?2, ?3, ?4, ?5)")
    lastDecision = try connection.prepare(
      "SELECT order_id, decision, clause, item_ids, explanation FROM request_decisions WHERE request_id = ?1 ORDER BY run_id DESC LIMIT 1")
    insertDecision = try connection.prepare(
      """
      INSERT INTO request_decisions (run_id, request_id, order_id, requested_at, decision, clause, item_ids, explanation)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
      """)
    try connection.execute(
      """
      CREATE TEMP TABLE IF NOT EXISTS current_exceptions (
        kind TEXT NOT NULL, subject TEXT NOT NULL, order_id TEXT, period_id TEXT, amount_cents INTEGER NOT NULL, explanation TEXT NOT NULL,
        PRIMARY KEY (kind, subject)) STRICT, WITHOUT ROWID;
      DELETE FROM current_exceptions;
      """)
    insertCurrentException = try connection.prepare(
      """
      INSERT INTO current_exceptions (kind, subject, order_id, period_id, amount_cents, explanation) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
      ON CONFLICT DO NOTHING
      """)

    totals.opening = try connection.lastClosing()
  }

  /// Every item of an order, whatever its state, with its days.
  package func items(ofOrder orderID: String) throws -> [(item: Item, stretches: [ItemStretch])] {
    try items(itemsOfOrder, orderID)
  }

  /// The items that hold days of a period, of whatever order: a correction may have moved the period.
  package func items(ofPeriod periodID: String) throws -> [(item: Item, stretches: [ItemStretch])] {
    try items(itemsOfPeriod, periodID)
  }

  private func items(_ statement: RawStatement, _ id: String) throws -> [(item: Item, stretches: [ItemStretch])] {
    try statement.bind(1, id)
    return try statement.items().map { ($0, try stretches(of: $0)) }
  }

  private func stretches(of item: Item) throws -> [ItemStretch] {
    try stretchesOfItem.bind(1, item.periodID)
    try stretchesOfItem.bind(2, item.id.number)
    var found: [ItemStretch] = []
    while try stretchesOfItem.step() { found.append(try stretchesOfItem.stretch(from: 0)) }
    stretchesOfItem.reset()
    return found
  }

  /// Opens an item; its id, run and version are given here.
  package func open(_ draft: Item, days: [ItemStretch]) throws -> ItemID {
    var item = draft
    item.id = nextID
    item.run = run
    item.version = 1
    nextID = ItemID(nextID.number + 1)
    try insert(days, of: item)
    try ItemColumns.bind(item, to: insertItem)
    try insertItem.run()
    try record("opened", item.id, before: .zero, after: item.amount)
    totals.opened.add(item.amount)
    return item.id
  }

  /// Makes a new version of an undecided item with other days, causes or amount.
  package func restate(_ former: Item, as new: Item, days: [ItemStretch]) throws {
    try replace(former, with: new, days: days)
    if new.amount > former.amount { totals.increased.add(new.amount - former.amount) }
    if new.amount < former.amount { totals.reduced.add(former.amount - new.amount) }
    try record("restated", former.id, before: former.amount, after: new.amount)
  }

  /// Restates an undecided item to nothing, for good: what is owed later opens a new one.
  package func withdraw(_ former: Item) throws {
    var new = former
    new.state = .withdrawn
    new.amount = .zero
    new.dayCount = 0
    (new.firstDay, new.lastDay) = (nil, nil)
    new.causes = []
    new.flags = []
    try replace(former, with: new, days: [])
    totals.withdrawn.add(former.amount)
    try record("withdrawn", former.id, before: former.amount, after: .zero)
  }

  /// Makes a new version that differs in what a reviewer sees beside the refund: flags, address, promise.
  package func annotate(_ former: Item, as new: Item) throws { try replace(former, with: new, days: nil) }

  private func replace(_ former: Item, with draft: Item, days: [ItemStretch]?) throws {
    var new = draft
    new.run = run
    new.version = former.version + 1
    try keepItem.bind(1, former.id.number)
    try keepItem.bind(2, run.number)
    try keepItem.run()
    try keepStretches.bind(1, former.periodID)
    try keepStretches.bind(2, former.id.number)
    try keepStretches.bind(3, former.version)
    try keepStretches.run()
    if let days {
      try deleteStretches.bind(1, former.periodID)
      try deleteStretches.bind(2, former.id.number)
      try deleteStretches.run()
      try insert(days, of: new)
    }
    try ItemColumns.bind(new, to: updateItem)
    try updateItem.run()
  }

  private func insert(_ days: [ItemStretch], of item: Item) throws {
    for stretch in days {
      try insertStretch.bind(1, item.periodID)
      try insertStretch.bind(2, Int64(stretch.days.first.ordinal))
      try insertStretch.bind(3, Int64(stretch.days.last.ordinal))
      try insertStretch.bind(4, item.id.number)
      try insertStretch.bind(5, Int64(stretch.cause.rawValue))
      try insertStretch.bind(6, stretch.evidence)
      try insertStretch.bind(7, stretch.amount.count)
      try insertStretch.run()
    }
  }

  private func record(_ change: String, _ item: ItemID, before: Cents, after: Cents) throws {
    try insertChange.bind(1, run.number)
    try insertChange.bind(2, item.number)
    try insertChange.bind(3, change)
    try insertChange.bind(4, before.count)
    try insertChange.bind(5, after.count)
    try insertChange.run()
  }

  /// Records what a request is told, unless it was told just that before.
  package func decide(_ decision: RecordedDecision) throws {
    let items = decision.items.map(\.description).joined(separator: "+")
    try lastDecision.bind(1, decision.requestID)
    let isKnown =
      try lastDecision.step() && lastDecision.optionalText(0) == decision.orderID && lastDecision.text(1) == decision.verdict.rawValue
      && lastDecision.text(2) == decision.clause.rawValue && lastDecision.text(3) == items && lastDecision.text(4) == decision.explanation
    lastDecision.reset()
    if isKnown { return }
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

  /// Notes an exception that stands as of this run.
  package func note(_ exception: RecordedException) throws {
    try insertCurrentException.bind(1, exception.kind.rawValue)
    try insertCurrentException.bind(2, exception.subject)
    try insertCurrentException.bind(3, exception.orderID)
    try insertCurrentException.bind(4, exception.periodID)
    try insertCurrentException.bind(5, exception.amount.count)
    try insertCurrentException.bind(6, exception.explanation)
    try insertCurrentException.run()
  }

  /// Ends the run: night limit, automatic approvals, exceptions, totals and the run's own row.
  ///
  /// - Throws: ``StorageError/refused(why:)`` when the control totals do not tie; nothing of the run is kept then.
  package func finish(operating: OperatingNumbers, ordersLookedAt: Int64, recordedAt: Instant) throws -> RecordedRun {
    if try exceedsNightLimit(operating) { try holdTheNight() }
    try approveAutomaticItems()
    try settleExceptions()
    totals.closing = try connection.undecided()
    try insertRun(ordersLookedAt: ordersLookedAt, recordedAt: recordedAt)
    return RecordedRun(id: run, businessDay: businessDay, ordersLookedAt: ordersLookedAt, totals: totals)
  }

  /// G2: whether the night opened or raised more than it may without a person.
  private func exceedsNightLimit(_ operating: OperatingNumbers) throws -> Bool {
    let raised = try connection.total(
      "SELECT count(*), coalesce(sum(after_cents - before_cents), 0) FROM run_changes WHERE run_id = ?1 AND after_cents > before_cents",
      run.number)
    return operating.nightLimitItems.map { raised.count > Int64($0) } ?? false || operating.nightLimit.map { raised.amount > $0 } ?? false
  }

  private func holdTheNight() throws {
    let raised = """
      state = 'pending' AND item_id IN (SELECT item_id FROM run_changes WHERE run_id = \(run.number) AND after_cents > before_cents)
      """
    try change(itemsWhere: raised, to: "state = 'held', flags = flags | \(FlagSet.nightLimit.rawValue)")
  }

  /// W1, S2: the policy itself approves; what a person or the night limit holds stays held (W4).
  private func approveAutomaticItems() throws {
    let automatic = "state = 'pending' AND automatic = 1"
    totals.approved = try connection.total("SELECT count(*), coalesce(sum(amount_cents), 0) FROM items WHERE \(automatic)")
    try change(itemsWhere: automatic, to: "state = 'approved'")
  }

  /// Changes many items at once. A version that this very run made was never seen by anybody, so only older ones are kept.
  private func change(itemsWhere condition: String, to assignment: String) throws {
    try connection.execute(
      """
      INSERT INTO former_stretches (item_id, version, first_day, last_day, cause, evidence, amount_cents)
      SELECT s.item_id, i.version, s.first_day, s.last_day, s.cause, s.evidence, s.amount_cents
      FROM items AS i JOIN stretches AS s ON s.period_id = i.period_id AND s.item_id = i.item_id
      WHERE i.run_id < \(run.number) AND i.item_id IN (SELECT item_id FROM items WHERE \(condition));
      INSERT INTO former_items (\(ItemColumns.names), until_run)
      SELECT \(ItemColumns.names), \(run.number) FROM items WHERE run_id < \(run.number) AND \(condition);
      UPDATE items SET \(assignment), run_id = \(run.number), version = version + 1 WHERE \(condition);
      """)
  }

  private func settleExceptions() throws {
    try connection.execute(
      """
      UPDATE exceptions SET closed_run = \(run.number) WHERE closed_run IS NULL AND NOT EXISTS (
        SELECT 1 FROM current_exceptions AS c
        WHERE c.kind = exceptions.kind AND c.subject = exceptions.subject AND c.amount_cents = exceptions.amount_cents
          AND c.explanation = exceptions.explanation);
      INSERT INTO exceptions (kind, subject, order_id, period_id, amount_cents, explanation, opened_run)
      SELECT kind, subject, order_id, period_id, amount_cents, explanation, \(run.number) FROM current_exceptions AS c
      WHERE NOT EXISTS (SELECT 1 FROM exceptions AS e WHERE e.closed_run IS NULL AND e.kind = c.kind AND e.subject = c.subject)
      ORDER BY kind, subject;
      DELETE FROM current_exceptions;
      """)
  }

  private func insertRun(ordersLookedAt: Int64, recordedAt: Instant) throws {
    let t = totals
    let all = [t.opening, t.opened, t.increased, t.reduced, t.withdrawn, t.approved, t.rejected, t.reopened, t.closing]
    let names = ["opening", "opened", "increased", "reduced", "withdrawn", "approved", "rejected", "reopened", "closing"]
    let columns = names.map { "\($0)_count, \($0)_cents" }.joined(separator: ", ")
    let insert = try connection.prepare(
      """
      INSERT INTO runs (run_id, kind, business_day, recorded_at, orders_looked_at, \(columns))
      VALUES (?1, 'nightly', ?2, ?3, ?4, \((5..<5 + 2 * names.count).map { "?\($0)" }.joined(separator: ", ")))
      """)
    try insert.bind(1, run.number)
    try insert.bind(2, Int64(businessDay.ordinal))
    try insert.bind(3, recordedAt.seconds)
    try insert.bind(4, ordersLookedAt)
    for (index, total) in all.enumerated() {
      try insert.bind(5 + 2 * index, total.count)
      try insert.bind(6 + 2 * index, total.amount.count)
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
