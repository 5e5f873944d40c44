import AuditLog
import Facts
import Ledger
import RefundPolicy
import Storage

/// Reads the facts of the orders that a night may have to decide, block by block in key order.
///
/// Of most orders it reads the first few bytes and no more: those that no fault can qualify for, and that have no request, item or ticket, are owed
/// nothing.
final class OrderReader {
  /// An order that a night has to decide.
  struct Candidate {
    var facts: OrderFacts
    /// What its fault records make as of the date.
    var faults: LineFaults
    /// The days of its periods that were voided, which items may still hold.
    var voidedPeriods: [PeriodFacts]
    var isVoided: Bool
    var hasItems: Bool
    /// From when on time alone may decide it otherwise; nil where it cannot.
    var due: Instant?
  }

  /// What is done with the orders that a night comes to.
  protocol Visitor {
    /// So many orders were passed so far; told now and then.
    func passed(_ count: Int64)
    /// An order that is named as affected, and that nothing can be owed for: what was wrong with it is so no more.
    func nothingOwed(_ orderID: String) throws
    /// An order of which nothing is known but its rows.
    func open(_ order: SettledOrder, of orders: SettledOrders) throws
    func decide(_ order: Candidate) throws
  }

  /// How the orders are gone through.
  struct Ways {
    /// Settles plain orders; nil where each is to be decided as all others are.
    var plain: PlainSettlement?
    /// Orders that a correction gave periods to: items of those may be of another order.
    var movedTo: Set<String> = []
    /// Items that no row is of.
    var onSheets: SheetsOfOrders?
    /// Where the orders of requests are: as the last run matched them, or ``RequestMatching/ofOne``.
    var requests = RequestMatching.ofAll
  }

  private let connection: Connection
  private let requests, items: FactCursor
  private let proof: BlockProof
  private let facts: FactCheck
  private let faults: FaultIndex
  private let cut: Instant
  private let classes: LineClasses
  private let ways: Ways
  private let reader = BlockReader()
  private var rows = OrderRows()
  private var heads: [OrderHead] = []
  private var order = PlainOrder()
  private var settled = SettledOrders()
  /// To how many orders the policy was applied.
  private(set) var decidedCount: Int64 = 0

  init(_ connection: Connection, faults: FaultIndex, classes: LineClasses, asOf cut: Instant, _ ways: Ways = Ways()) throws {
    (self.connection, self.faults, self.classes, self.cut, self.ways) = (connection, faults, classes, cut, ways)
    (proof, facts) = (try BlockProof(connection), try FactCheck(connection))
    requests = try FactCursor(
      """
      SELECT order_id, request_id, requested_at, address, network, tag FROM \(ways.requests) WHERE order_id >= ?1 ORDER BY order_id, request_id
      """, on: connection)
    items = try FactCursor("SELECT order_id FROM items WHERE order_id >= ?1 ORDER BY order_id", on: connection)
  }

  /// One order, whatever is the matter with it; nil where there is none.
  func find(_ orderID: String) throws -> Candidate? {
    var found: Candidate?
    _ = try OrderBlocks(connection).find(orderID, reader) { reader in
      classes.begin(reader)
      found = try current()
    }
    return found
  }

  /// Goes to every order to decide, in the order of ids.
  ///
  /// - Parameters:
  ///   - affected: Those that may have to be decided otherwise than the night before; nil for every one.
  ///   - outlooks: Of the same orders.
  ///   - beside: Reads the same orders on other threads.
  func each(of affected: AffectedOrders?, _ outlooks: LineOutlooks, beside: BesideReading?, _ visitor: some Visitor) throws {
    var outlooks = outlooks
    if let affected, !affected.isScan {
      try affected.each(reader) { try visit(isNamed: true, visitor) }
    } else if let beside {
      try scan(&outlooks, affected, beside, visitor)
    } else {
      try scan(&outlooks, affected, visitor)
    }
  }

  /// Decides the order that the reader stands on.
  private func visit(isNamed: Bool, _ visitor: some Visitor) throws {
    let isDecided = try mayBeOwed()
    if isDecided || isNamed { decidedCount += 1 }
    if isDecided { try visitor.decide(current()) } else if isNamed { try visitor.nothingOwed(reader.orderID.string) }
  }

  /// What is told by ids of a block's orders, and can only be found by reading ids.
  private struct Known {
    /// Whether orders of it are named as affected.
    var isNamed: Bool
    /// Whether items or requests of its orders may be known.
    var hasRows: Bool
  }

  private func known(from first: ByteText, before end: ByteText?, _ affected: AffectedOrders?) throws -> Known {
    Known(
      isNamed: try affected?.named.has(from: first, before: end) ?? false,
      hasRows: try items.has(from: first, before: end) || requests.has(from: first, before: end) || !(ways.onSheets?.isEmpty ?? true)
        || !ways.movedTo.isEmpty)
  }

  /// Reads the orders that something may be the matter with, and passes by the others.
  private func scan(_ outlooks: inout LineOutlooks, _ affected: AffectedOrders?, _ visitor: some Visitor) throws {
    let blocks = try connection.prepare("SELECT \(BlockScan.columns) FROM \(BlockSchema.patchedBlocks) ORDER BY first_order")
    let ends = try connection.prepare("SELECT first_order FROM order_blocks ORDER BY first_order")
    _ = try ends.step()
    var count: Int64 = 0
    while try blocks.step() {
      tell(visitor, &count, blocks.int(0))
      guard unsafe reader.open(blocks.blobBytes(1), patch: blocks.blobBytes(3)) else { throw OrderReader.unreadable }
      // From this block's first order to the next one's.
      let known = try known(from: ByteText(blocks, 2), before: ends.step() ? ByteText(ends, 0) : nil, affected)
      if !known.isNamed && !known.hasRows && !reader.isNotable && !faults.mayQualify { continue }
      try proof.check(blocks, from: BlockScan.former)
      try scan(known, &outlooks, affected, visitor)
    }
  }

  private func tell(_ visitor: some Visitor, _ count: inout Int64, _ more: Int64) {
    let before = count
    count += more
    if before / 100_000 != count / 100_000 { visitor.passed(count) }
  }

  /// Looks at the block that the reader has opened.
  private func scan(_ known: Known, _ outlooks: inout LineOutlooks, _ affected: AffectedOrders?, _ visitor: some Visitor) throws {
    classes.begin(reader)
    heads.removeAll(keepingCapacity: true)
    reader.readHeads(into: &heads)
    if reader.isBroken { throw OrderReader.unreadable }
    for head in heads {
      let classNumber = classes.number(head.place)
      let outlook = outlooks.outlook(of: classNumber, line: head.line)
      if !known.isNamed && !outlook.isOfInterest(head, hasRows: known.hasRows) { continue }
      reader.go(to: head.offset)
      let isNamed = try known.isNamed && (affected?.named.has(reader.orderID) ?? false)
      if try !isNamed && !isAffected(outlook) { continue }
      reader.readRow()
      if let plain = ways.plain, head.isOrdinary, outlook.isOfShared, try !(known.hasRows && hasRows(reader.orderID)) {
        let line = outlooks.faults(of: classNumber, line: head.line, outlook)
        let lineFaults = outlooks.faults.faults(line, ofOrderProvisioned: reader.order.provisioned).lineFaults
        try order.read(reader, lineFaults)
        settled.clear()
        decidedCount += 1
        if let order = plain.settle(&order, lineFaults, into: &settled) {
          try visitor.open(order, of: settled)
        } else if isNamed {
          try visitor.nothingOwed(order.orderID)
        }
      } else {
        try visit(isNamed: isNamed, visitor)
      }
    }
    if reader.isBroken { throw OrderReader.unreadable }
  }

  /// The same with blocks that other threads have looked through. What is known beside the rows of orders is known here alone: such orders are
  /// looked at again.
  private func scan(_ outlooks: inout LineOutlooks, _ affected: AffectedOrders?, _ beside: BesideReading, _ visitor: some Visitor) throws {
    let ends = try connection.prepare("SELECT first_order FROM order_blocks ORDER BY first_order")
    _ = try ends.step()
    var count: Int64 = 0
    try beside.each { scanned in
      for block in scanned.blocks {
        tell(visitor, &count, block.orderCount)
        decidedCount += block.settledCount
        let texts = scanned.settled.openings
        let (first, end) = try unsafe (ByteText(texts.bytes(block.first)), ends.step() ? ByteText(ends, 0) : nil)
        let known = try known(from: first, before: end, affected)
        if !known.isNamed && !known.hasRows && block.isPlain {
          for finding in scanned.findings(in: block) { if let order = finding.settled { try visitor.open(order, of: scanned.settled) } }
          continue
        }
        if !block.isProved { try proof.check(block: block.number) }
        guard unsafe reader.open(texts.bytes(block.orders), patch: texts.bytes(block.patch)) else { throw OrderReader.unreadable }
        classes.begin(reader)
        try look(at: block, of: scanned, from: first, before: end, &outlooks, affected, visitor)
        if reader.isBroken { throw OrderReader.unreadable }
      }
    }
  }

  /// Goes to those orders of the block that the reader has opened of which something is known, and to those that were found by their rows.
  private func look(
    at block: ScannedBlocks.Block, of scanned: ScannedBlocks, from first: ByteText, before end: ByteText?, _ outlooks: inout LineOutlooks,
    _ affected: AffectedOrders?, _ visitor: some Visitor
  ) throws {
    let heads = heads(of: block, in: scanned)
    var findings = scanned.findings(in: block)
    func visitFound(before index: Int) throws {
      while let finding = findings.first, finding.index < index {
        findings.removeFirst()
        if let order = finding.settled {
          try visitor.open(order, of: scanned.settled)
        } else {
          reader.go(to: heads[heads.startIndex + finding.index].offset)
          reader.readRow()
          try visit(isNamed: false, visitor)
        }
      }
    }
    var (index, from) = (0, first)
    while let id = try firstKnown(from: from, before: end, affected) {
      index = find(id, among: heads, from: index)
      if index == heads.count { break }
      try visitFound(before: index)
      let head = heads[heads.startIndex + index]
      reader.go(to: head.offset)
      from = reader.orderID
      if from != id { continue }
      if findings.first?.index == index { findings.removeFirst() }
      let isNamed = try affected?.named.has(from) ?? false
      let outlook = outlooks.outlook(of: classes.number(head.place), line: head.line)
      // It was settled by its rows alone, and counted; here it is decided.
      if outlook.isSettledAlone(head) { decidedCount -= 1 }
      if try isNamed || isAffected(outlook) {
        reader.readRow()
        try visit(isNamed: isNamed, visitor)
      }
      try affected?.named.pass(from)
      try items.pass(from)
      try requests.pass(from)
      index += 1
    }
    try visitFound(before: heads.count)
  }

  /// The first order from one on and before another that is named, or that items or requests are known of.
  private func firstKnown(from first: ByteText, before end: ByteText?, _ affected: AffectedOrders?) throws -> ByteText? {
    var found: ByteText?
    func look(_ cursor: FactCursor) throws {
      if let id = try cursor.first(from: first, before: end), found.map({ id < $0 }) ?? true { found = id }
    }
    if let named = affected?.named { try look(named) }
    try look(items)
    try look(requests)
    return found
  }

  /// The place of the first order of the block, from a place on, whose id is not before another.
  private func find(_ id: ByteText, among heads: ArraySlice<OrderHead>, from index: Int) -> Int {
    var (first, end) = (index, heads.count)
    while first < end {
      let middle = (first + end) / 2
      reader.go(to: heads[heads.startIndex + middle].offset)
      if reader.orderID < id { first = middle + 1 } else { end = middle }
    }
    return first
  }

  /// The heads of the orders of the block that the reader has opened.
  private func heads(of block: ScannedBlocks.Block, in scanned: ScannedBlocks) -> ArraySlice<OrderHead> {
    let known = scanned.heads(in: block)
    if !known.isEmpty { return known }
    var heads: [OrderHead] = []
    reader.readHeads(into: &heads)
    return heads[...]
  }

  static var unreadable: Damage { Damage("order_blocks", "a block of orders cannot be read") }

  // The order that the reader stands on.

  private var line: FaultIndex.ClassFaults {
    faults.faults(faults.faults(of: classes.number(reader.place), line: reader.order.line), ofOrderProvisioned: reader.order.provisioned)
  }

  private func current() throws -> Candidate { try candidate(line, hasItems: hasItems(reader.order.id)) }

  private func hasItems(_ orderID: ByteText) throws -> Bool { try unsafe items.has(orderID) || (ways.onSheets?.has(orderID.bytes) ?? false) }

  /// Whether it has items, or was given a period that may have some of another order.
  private func mayHaveItems(_ orderID: ByteText) throws -> Bool {
    try hasItems(orderID) || (!ways.movedTo.isEmpty && ways.movedTo.contains(orderID.string))
  }

  /// Whether it may have to be decided otherwise, by the outlook of its line.
  private func isAffected(_ outlook: LineOutlook) throws -> Bool {
    try outlook.contains(.isAffected) || (outlook.contains(.isTold) && requests.has(reader.orderID))
  }

  /// Whether anything is known of it beside its own rows.
  private func hasRows(_ orderID: ByteText) throws -> Bool { try mayHaveItems(orderID) || requests.has(orderID) }

  /// Whether anything could be owed for it, or could be wrong with it.
  private func mayBeOwed() throws -> Bool {
    let order = reader.order
    if try mayHaveItems(order.id) { return true }
    if order.isVoided { return false }
    if order.endReason == .withdrawn || reader.hasTickets { return true }
    let line = line
    if line.mayQualify { return true }
    if faults.hasLineRecords(order.line), faults.mayQualify(line.records + faults.lineRecords(order.line, in: line)) { return true }
    return try requests.has(order.id)
  }

  private func candidate(_ line: FaultIndex.ClassFaults, hasItems: Bool) throws -> Candidate {
    reader.read(into: &rows, withPayments: false)
    // Once: each use of the property would count who holds each of its parts.
    let rows = rows
    let order = rows.order
    let provisioned = order.provisioned.map { Instant(seconds: $0) }
    var own = faults.lineRecords(order.line, in: line).filter { $0.hits(orderProvisionedAt: provisioned) }
    for ticket in rows.tickets where !ticket.isVoided && ticket.opened < cut.seconds {
      own.append(
        FaultRecord(
          kind: .restoration, id: ticket.id.string, start: Instant(seconds: ticket.opened), end: ticket.restored.map { Instant(seconds: $0) }))
    }
    let records = own.isEmpty ? line.records : line.records + own
    let periods = try rows.periodFacts()
    var service = ServiceFacts()
    try rows.read(into: &service)
    if order.isVoided { service.usage = [] }
    let requests = order.isVoided ? [] : try requests(of: order.id)
    let known = own.isEmpty ? line.lineFaults : faults.faults(of: records)
    let facts = OrderFacts(
      orderID: order.id.string, line: LineFacts(digits: order.line, carrier: line.carrier, region: line.region, plan: line.plan), service: service,
      periods: periods.valid, faults: records, requests: requests)
    return Candidate(
      facts: facts, faults: known, voidedPeriods: periods.voided,
      isVoided: order.isVoided, hasItems: hasItems,
      due: rows.due(from: cut, known, ticketsDue: faults.ticketsDue(known), hasRequests: !requests.isEmpty))
  }

  /// - Throws: ``Damage`` where one is not as its customer made it, or is missing.
  private func requests(of orderID: ByteText) throws -> [RequestFacts] {
    var found: [RequestFacts] = []
    let order = orderID.string
    try requests.each(of: orderID) {
      let request = RequestFacts(
        requestID: $0.text(1), requestedAt: $0.instant(2), address: $0.optionalText(3), network: $0.optionalText(4), tag: $0.optionalText(5))
      found.append(request)
      try facts.matched(FactCheck.Matched(request, of: order)).mustBeEmpty()
    }
    try facts.requests(ofOrder: order, matched: Set(found.map(\.requestID)), before: cut).mustBeEmpty()
    return found
  }
}

extension FactCheck.Matched {
  init(_ request: RequestFacts, of orderID: String) {
    self.init(
      requestID: request.requestID, orderID: orderID, requestedAt: request.requestedAt, address: request.address, network: request.network,
      tag: request.tag)
  }
}
