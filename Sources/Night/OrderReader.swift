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
  private let outlooks: LineOutlooks
  private let cut: Instant
  private let choice: Choice
  private let classes: LineClasses
  /// Orders that a correction gave periods to: items of those may be of another order.
  private let movedTo: Set<String>
  private let reader = BlockReader()
  private var rows = OrderRows()

  init(
    _ connection: Connection, faults: FaultIndex, classes: LineClasses, asOf cut: Instant, _ choice: Choice, movedTo: Set<String> = [],
    onSheets: SheetsOfOrders? = nil
  ) throws {
    self.onSheets = onSheets
    (self.connection, self.faults, self.classes, self.cut, self.choice, self.movedTo) = (connection, faults, classes, cut, choice, movedTo)
    if case .affected(let affected) = choice { outlooks = LineOutlooks(faults, affected) } else { outlooks = LineOutlooks(faults, nil) }
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
  ///   - plain: Called instead of `body` with orders of which nothing but their rows is known; nil to have those as all others.
  func each(
    _ looked: (Int64) -> Void = { _ in }, nothingOwed: (String) throws -> Void = { _ in }, plain: ((PlainOrder, [Fault]) throws -> Void)? = nil,
    _ body: (Candidate) throws -> Void
  ) throws {
    switch choice {
    case .one(let orderID):
      _ = try OrderBlocks(connection).find(orderID, reader) { reader in
        classes.begin(reader)
        try body(current())
      }
    case .affected(let affected) where !affected.isScan:
      try affected.each(reader) { if try mayBeOwed() { try body(current()) } else { try nothingOwed(reader.order.id.string) } }
    case .affected(let affected): try scan(looked, affected, nothingOwed, plain, body)
    case .all: try scan(looked, nil, nothingOwed, plain, body)
    }
  }

  /// Reads the orders that something may be the matter with, and passes by the others.
  private func scan(
    _ looked: (Int64) -> Void, _ affected: AffectedOrders?, _ nothingOwed: (String) throws -> Void, _ plain: ((PlainOrder, [Fault]) throws -> Void)?,
    _ body: (Candidate) throws -> Void
  ) throws {
    let blocks = try connection.prepare("SELECT order_count, orders, first_order FROM order_blocks ORDER BY first_order")
    let ends = try connection.prepare("SELECT first_order FROM order_blocks ORDER BY first_order")
    _ = try ends.step()
    var order = PlainOrder()
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
      var (head, classNumber, outlook) = (OrderHead(), 0, LineOutlook())
      let isOfInterest: (OrderHead) -> Bool = { [classes, outlooks] in
        (head, classNumber) = ($0, classes.number($0.place))
        outlook = outlooks.outlook(of: classNumber, line: $0.line)
        if isNamed { return true }
        return outlook.contains(.isAffected) && (mayHaveRows || $0.isWithdrawn || $0.hasTickets || outlook.contains(.mayQualify))
      }
      while reader.next(where: isOfInterest) {
        let isNamed = try isNamed && (affected?.isNamed(reader.orderID) ?? false)
        if !isNamed && !outlook.contains(.isAffected) { continue }
        if let plain, head.isOrdinary, outlook.isOfShared, try !(mayHaveRows && hasRows(reader.orderID)) {
          try order.read(reader)
          try plain(order, faults.faults(of: classNumber, line: head.line).merged)
        } else if try mayBeOwed() {
          try body(current())
        } else if isNamed {
          try nothingOwed(reader.orderID.string)
        }
      }
      if reader.isBroken { throw unreadable }
    }
  }

  private var unreadable: StorageError { .refused(why: "a block of orders cannot be read; 'makegood verify' tells more") }

  // The order that the reader stands on.

  private var line: FaultIndex.ClassFaults { faults.faults(of: classes.number(reader.place), line: reader.order.line) }

  private func current() throws -> Candidate { try candidate(line, hasItems: hasItems(reader.order.id)) }

  private func hasItems(_ orderID: ByteText) throws -> Bool { try unsafe items.has(orderID) || (onSheets?.has(orderID.bytes) ?? false) }

  /// Whether anything is known of it beside its own rows.
  private func hasRows(_ orderID: ByteText) throws -> Bool {
    try hasItems(orderID) || requests.has(orderID) || (!movedTo.isEmpty && movedTo.contains(orderID.string))
  }

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
    reader.read(into: &rows, withPayments: false)
    let order = rows.order
    var own = faults.lineRecords(order.line, in: line)
    for ticket in rows.tickets where !ticket.isVoided && ticket.opened < cut.seconds {
      own.append(
        FaultRecord(
          kind: .restoration, id: ticket.id.string, start: Instant(seconds: ticket.opened), end: ticket.restored.map { Instant(seconds: $0) }))
    }
    let records = own.isEmpty ? line.records : line.records + own
    let periods = try periods()
    var service = ServiceFacts(
      provisionedAt: order.provisioned.map { Instant(seconds: $0) }, activatedAt: order.activated.map { Instant(seconds: $0) },
      ended: try order.ending)
    if !order.isVoided { rows.addUsage(to: &service.usage) }
    let facts = OrderFacts(
      orderID: order.id.string, line: LineFacts(digits: order.line, carrier: line.carrier, region: line.region, plan: line.plan), service: service,
      periods: periods.valid, faults: records, requests: order.isVoided ? [] : try requests(of: order.id))
    return Candidate(
      facts: facts, faults: own.isEmpty ? line.merged : Fault.merged(records, asOf: cut), voidedPeriods: periods.voided,
      isVoided: order.isVoided, hasItems: hasItems, due: rows.due(from: cut))
  }

  /// The periods with their add-ons, those that count by day; a voided order has none that count.
  private func periods() throws -> (valid: [PeriodFacts], voided: [PeriodFacts]) {
    var (valid, voided): ([PeriodFacts], [PeriodFacts]) = ([], [])
    var addon = 0
    for index in rows.periods.indices {
      let first = addon
      while addon < rows.addons.count, rows.addons[addon].period == index { addon += 1 }
      let period = rows.facts(ofPeriod: index, try rows.terms(ofPeriod: index, addons: first..<addon))
      if rows.order.isVoided || rows.periods[index].isVoided { voided.append(period) } else { valid.append(period) }
    }
    if valid.count > 1 { valid.sort { $0.days.first < $1.days.first } }
    return (valid, voided)
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
