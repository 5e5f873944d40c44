import Facts
import Ledger
import RefundPolicy
import Storage

/// Reads the facts of the orders that a night may have to decide, block by block in key order.
///
/// Of most orders it reads the first few bytes and no more: those that no fault can qualify for, and that have no request, item or ticket, are owed
/// nothing.
final class OrderReader {
  /// Which orders a night looks at.
  enum Choice {
    /// Every one.
    case all
    /// Those that may have to be decided otherwise than the night before.
    case affected(AffectedOrders)
    /// One order, whatever is the matter with it.
    case one(String)
  }

  /// An order that a night has to decide.
  struct Candidate {
    var facts: OrderFacts
    /// What its fault records make as of the date.
    var faults: [Fault]
    /// The days of its periods that were voided, which items may still hold.
    var voidedPeriods: [PeriodFacts]
    var isVoided: Bool
    var hasItems: Bool
    /// From when on time alone may decide it otherwise; nil where it cannot.
    var due: Instant?
  }

  private let connection: Connection
  private let requests, items: FactCursor
  /// Items that no row is of.
  private let onSheets: SheetsOfOrders?
  private let faults: FaultIndex
  private let cut: Instant
  private let choice: Choice
  private let classes: LineClasses
  /// Orders that a correction gave periods to: items of those may be of another order.
  private let movedTo: Set<String>
  private let reader = BlockReader()
  private var file = OrderRows()

  init(
    _ connection: Connection, faults: FaultIndex, classes: LineClasses, asOf cut: Instant, _ choice: Choice, movedTo: Set<String> = [],
    onSheets: SheetsOfOrders? = nil
  ) throws {
    self.onSheets = onSheets
    (self.connection, self.faults, self.classes, self.cut, self.choice, self.movedTo) = (connection, faults, classes, cut, choice, movedTo)
    requests = try FactCursor(
      "SELECT order_id, request_id, requested_at, address, network, tag FROM matched_requests WHERE order_id >= ?1 ORDER BY order_id, request_id",
      on: connection)
    items = try FactCursor("SELECT order_id FROM items WHERE order_id >= ?1 ORDER BY order_id", on: connection)
  }

  /// Calls `body` with every order to decide, in the order of ids.
  ///
  /// - Parameters:
  ///   - looked: Called with the number of orders passed so far, now and then.
  ///   - nothingOwed: Called with each order that is named as affected, and that nothing can be owed for: what was wrong with it is so no more.
  func each(
    _ looked: (Int64) -> Void = { _ in }, nothingOwed: (String) throws -> Void = { _ in }, _ body: (Candidate) throws -> Void
  ) throws {
    switch choice {
    case .one(let orderID):
      _ = try OrderBlocks(connection).find(orderID, reader) { reader in
        classes.begin(reader)
        try body(current())
      }
    case .affected(let affected) where !affected.isScan:
      try affected.each(reader) { if try mayBeOwed() { try body(current()) } else { try nothingOwed(reader.order.id.string) } }
    case .affected(let affected):
      try scan(looked, affected) {
        let isNamed = try affected.isNamed(reader.order.id)
        guard isNamed || affected.isHit(reader.order.line, classNumber: classes.number(reader.place)) else { return }
        if try mayBeOwed() { try body(current()) } else if isNamed { try nothingOwed(reader.order.id.string) }
      }
    case .all: try scan(looked, nil) { if try mayBeOwed() { try body(current()) } }
    }
  }

  /// Reads the orders that something may be the matter with, and passes by the others.
  private func scan(_ looked: (Int64) -> Void, _ affected: AffectedOrders?, _ body: () throws -> Void) throws {
    let blocks = try connection.prepare("SELECT order_count, orders, first_order FROM order_blocks ORDER BY first_order")
    let ends = try connection.prepare("SELECT first_order FROM order_blocks ORDER BY first_order")
    _ = try ends.step()
    var count: Int64 = 0
    while try blocks.step() {
      let before = count
      count += blocks.int(0)
      if before / 100_000 != count / 100_000 { looked(count) }
      guard unsafe reader.open(blocks.blobBytes(1)) else { throw unreadable }
      // From this block's first order to the next one's. What is told by ids can only be found by reading ids.
      let (first, end) = (ByteText(blocks, 2), try ends.step() ? ByteText(ends, 0) : nil)
      let isNamed = try affected?.areNamed(from: first, before: end) ?? false
      let mayHaveRows =
        try items.has(from: first, before: end) || requests.has(from: first, before: end) || !(onSheets?.isEmpty ?? true) || !movedTo.isEmpty
      if !isNamed && !mayHaveRows && !reader.isNotable && !faults.mayQualify { continue }
      classes.begin(reader)
      let isOfInterest: (OrderHead) -> Bool = { [classes, faults] order in
        if isNamed { return true }
        let classNumber = classes.number(order.place)
        if let affected, !affected.isHit(order.line, classNumber: classNumber) { return false }
        return mayHaveRows || order.isWithdrawn || order.hasTickets || faults.outlook(of: classNumber, line: order.line).contains(.mayQualify)
      }
      while reader.next(where: isOfInterest) { try body() }
      if reader.isBroken { throw unreadable }
    }
  }

  private var unreadable: StorageError { .refused(why: "a block of orders cannot be read; 'makegood verify' tells more") }

  // The order that the reader stands on.

  private var line: FaultIndex.ClassFaults { faults.faults(of: classes.number(reader.place), line: reader.order.line) }

  private func current() throws -> Candidate { try candidate(line, hasItems: hasItems(reader.order.id)) }

  private func hasItems(_ orderID: ByteText) throws -> Bool { try unsafe items.has(orderID) || (onSheets?.has(orderID.bytes) ?? false) }

  /// Whether anything could be owed for it, or could be wrong with it.
  private func mayBeOwed() throws -> Bool {
    let order = reader.order
    if try hasItems(order.id) || (!movedTo.isEmpty && movedTo.contains(order.id.string)) { return true }
    if order.isVoided { return false }
    if order.endReason == .withdrawn || reader.hasTickets { return true }
    let line = line
    if line.mayQualify { return true }
    if faults.hasLineRecords(order.line), faults.mayQualify(line.records + faults.lineRecords(order.line, in: line)) { return true }
    return try requests.has(order.id)
  }

  private func candidate(_ line: FaultIndex.ClassFaults, hasItems: Bool) throws -> Candidate {
    reader.read(into: &file)
    let order = file.order
    var own = faults.lineRecords(order.line, in: line)
    for ticket in file.tickets where !ticket.isVoided && ticket.opened < cut.seconds {
      own.append(
        FaultRecord(
          kind: .restoration, id: ticket.id.string, start: Instant(seconds: ticket.opened), end: ticket.restored.map { Instant(seconds: $0) }))
    }
    let records = own.isEmpty ? line.records : line.records + own
    let periods = try periods()
    let facts = OrderFacts(
      orderID: order.id.string, line: LineFacts(digits: order.line, carrier: line.carrier, region: line.region, plan: line.plan),
      provisionedAt: order.provisioned.map { Instant(seconds: $0) }, activatedAt: order.activated.map { Instant(seconds: $0) },
      ended: try ending(of: order), periods: periods.valid, usage: order.isVoided ? [] : usage(), faults: records,
      requests: order.isVoided ? [] : try requests(of: order.id))
    return Candidate(
      facts: facts, faults: own.isEmpty ? line.merged : Fault.merged(records, asOf: cut), voidedPeriods: periods.voided,
      isVoided: order.isVoided, hasItems: hasItems, due: file.due(from: cut))
  }

  private func ending(of order: OrderRow) throws -> OrderFacts.Ending? {
    guard let at = order.ended else { return nil }
    guard let reason = order.endReason else { throw unreadable }
    return OrderFacts.Ending(at: Instant(seconds: at), reason: reason)
  }

  /// The periods with their add-ons, those that count by day; a voided order has none that count.
  private func periods() throws -> (valid: [PeriodFacts], voided: [PeriodFacts]) {
    var (valid, voided): ([PeriodFacts], [PeriodFacts]) = ([], [])
    let (rows, addons, isVoided) = (file.periods, file.addons, file.order.isVoided)
    valid.reserveCapacity(isVoided ? 0 : rows.count)
    var addon = 0
    for index in rows.indices {
      var period = try rows[index].facts
      while addon < addons.count, addons[addon].period == index {
        if !addons[addon].isVoided { period.addons.append(addons[addon].facts) }
        addon += 1
      }
      if isVoided || rows[index].isVoided { voided.append(period) } else { valid.append(period) }
    }
    if valid.count > 1 { valid.sort { $0.days.first < $1.days.first } }
    return (valid, voided)
  }

  private func usage() -> [UsageDay] {
    let rows = file.usage
    var days: [UsageDay] = []
    days.reserveCapacity(rows.count)
    for row in rows where !row.isVoided {
      days.append(UsageDay(day: ServiceDay(ordinal: row.day), outbound: row.calls + row.sms, verifications: row.verifications))
    }
    return days
  }

  private func requests(of orderID: ByteText) throws -> [RequestFacts] {
    var found: [RequestFacts] = []
    try requests.each(of: orderID) {
      found.append(
        RequestFacts(
          requestID: $0.text(1), requestedAt: $0.instant(2), address: $0.optionalText(3), network: $0.optionalText(4), tag: $0.optionalText(5)))
    }
    return found
  }
}

extension PeriodRow {
  fileprivate var facts: PeriodFacts {
    get throws {
      guard let days = DayRange(ServiceDay(ordinal: starts), upTo: ServiceDay(ordinal: ends)) else {
        throw StorageError.refused(why: "period \(id.string) has no days")
      }
      return PeriodFacts(
        periodID: id.string, days: days, paid: Cents(paid), setupFee: Cents(setupFee), paidAt: Instant(seconds: paidAt), coin: coin.string,
        network: network.optional)
    }
  }
}

extension AddonRow {
  fileprivate var facts: AddonFacts {
    AddonFacts(
      category: AddonCategory.allCases[Int(category)], fee: Cents(fee), activeFrom: from.map { Instant(seconds: $0) },
      activeTo: to.map { Instant(seconds: $0) })
  }
}

extension OrderRows {
  /// The first instant from `cut` on at which something known of the order takes effect; the cut itself while a ticket is open.
  fileprivate func due(from cut: Instant) -> Instant? {
    let now = cut.seconds
    var due = Int64.max
    func note(_ instant: Int64?) { if let instant, instant >= now { due = min(due, instant) } }
    note(order.provisioned)
    note(order.activated)
    note(order.ended)
    for period in periods { note(period.paidAt) }
    for addon in addons {
      note(addon.from)
      note(addon.to)
    }
    for row in usage { note(ServiceDay(ordinal: row.day).start.seconds) }
    for ticket in tickets where !ticket.isVoided {
      note(ticket.opened)
      if ticket.opened < now, ticket.restored.map({ $0 >= now }) ?? true { due = now }
    }
    return due == .max ? nil : Instant(seconds: due)
  }
}

extension SettingsHistory {
  /// The lowest thresholds there ever were, the defaults included.
  var least: PolicyNumbers {
    sets.reduce(into: PolicyNumbers()) { least, set in
      least.outageOverHours = min(least.outageOverHours, set.policy.outageOverHours)
      least.troubleshootingOverHours = min(least.troubleshootingOverHours, set.policy.troubleshootingOverHours)
      least.featureOverDays = min(least.featureOverDays, set.policy.featureOverDays)
    }
  }
}
