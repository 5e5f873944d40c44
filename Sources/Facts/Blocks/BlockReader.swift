/// Goes through the orders of a block.
///
/// Texts it gives lie in the block or in its arena: good until the next ``open(_:)``.
package final class BlockReader {
  // All in one value: whoever reads asks once for the right to it, and not once for each of its parts.
  private var cursor = BlockCursor()

  package init() {}

  package var words: [ByteText] { cursor.words }
  var orderTemplate: ByteText { cursor.orderTemplate }
  var periodTemplate: ByteText { cursor.periodTemplate }

  /// The row of the order that ``next()`` came to.
  package var order: OrderRow { cursor.order }
  /// Its id.
  package var orderID: ByteText { cursor.order.id }
  /// The place of the order among those of the block, from 0; -1 before the first.
  package var index: Int { cursor.index }
  /// Its carrier, region and plan.
  package var place: LinePlace { cursor.place }
  /// Whether restoration tickets are among its rows.
  package var hasTickets: Bool { cursor.hasTickets }

  /// Whether an order of the block may have been withdrawn, or may have a ticket.
  package var isNotable: Bool { cursor.isNotable }

  /// Begins a block; false where the bytes are none.
  package func open(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool { unsafe cursor.open(bytes) }

  /// Goes to the next order and reads its own row; what belongs to it is read by ``read(into:)``, or passed over.
  package func next() -> Bool { cursor.next() }

  /// Goes to the next order and reads its id alone; nothing else of it may be asked for before ``readRow()``.
  package func nextID() -> Bool { cursor.nextID() }

  /// Reads the row of the order that ``nextID()`` came to; once.
  package func readRow() { cursor.readRow() }

  /// Goes to the next order that is of interest and reads its own row; the others are passed by, with no more of them read than the question needs.
  package func next(where isOfInterest: (OrderHead) throws -> Bool) rethrows -> Bool { try cursor.next(where: isOfInterest) }

  /// Whether something in the block did not fit.
  package var isBroken: Bool { cursor.isBroken }

  /// The order's bytes as they stand.
  var raw: ByteText { cursor.raw }

  /// The bytes of all orders that end by a place.
  func raw(upTo end: Int) -> ByteText { cursor.raw(upTo: end) }

  /// Where the order at hand ends in the block.
  var orderEnd: Int { cursor.orderEnd }

  /// Reads the whole order; once after each ``next()``.
  ///
  /// - Parameter withPayments: Whether to read amounts of coin and transaction ids, which say nothing of what is owed; else they stay empty.
  package func read(into rows: inout OrderRows, withPayments: Bool = true) { cursor.read(into: &rows, withPayments) }
}

/// The numbers of a line's carrier, region and plan among a block's words.
package struct LinePlace {
  package var carrier = 0
  package var region = 0
  package var plan = 0
}

/// What an order begins with.
package struct OrderHead {
  /// The digits of the number, without its `+`.
  package var line: UInt64 = 0
  package var place = LinePlace()
  package var isVoided = false
  package var isWithdrawn = false
  package var hasTickets = false

  package init() {}

  init(line: UInt64, place: LinePlace, isVoided: Bool, isWithdrawn: Bool, hasTickets: Bool) {
    (self.line, self.place, self.isVoided, self.isWithdrawn, self.hasTickets) = (line, place, isVoided, isWithdrawn, hasTickets)
  }

  /// Whether it is none of what only some are.
  package var isOrdinary: Bool { !isVoided && !isWithdrawn && !hasTickets }
}

/// What a ``BlockReader`` stands on.
private struct BlockCursor {
  private(set) var words: [ByteText] = []
  private(set) var orderTemplate = ByteText.none
  private(set) var periodTemplate = ByteText.none
  private var reader = unsafe ByteReader(UnsafeBufferPointer(start: nil, count: 0))
  private let arena = Arena()
  private(set) var index = -1
  private var orderStart = 0
  /// Where the order at hand ends in the block.
  private(set) var orderEnd = 0
  /// Where the first order begins.
  private var bodyStart = 0
  /// Whether an order is said to be longer than the block.
  private var isCut = false
  private var instant: Int64 = 0
  private var day: Int32 = 0

  private(set) var order = OrderRow()
  private(set) var place = LinePlace()
  private(set) var isNotable = false
  private(set) var hasTickets = false

  mutating func open(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    unsafe reader = ByteReader(bytes)
    arena.reset()
    isCut = false
    index = -1
    words.removeAll(keepingCapacity: true)
    guard reader.byte() == BlockFormat.version else { return false }
    isNotable = reader.byte() != 0
    orderTemplate = reader.text()
    periodTemplate = reader.text()
    let count = reader.int()
    guard !reader.isBroken, count >= 0, count <= reader.end else { return false }
    for _ in 0..<count { words.append(reader.text()) }
    orderEnd = reader.position
    bodyStart = orderEnd
    // No text of a fact is longer than 200 bytes.
    return !reader.isBroken && orderTemplate.count <= 200 && periodTemplate.count <= 200 && words.allSatisfy { $0.count <= 200 }
  }

  mutating func next() -> Bool {
    guard nextID() else { return false }
    readRow()
    return true
  }

  mutating func nextID() -> Bool {
    guard begin() else { return false }
    order.id = id(against: orderTemplate)
    return true
  }

  mutating func next(where isOfInterest: (OrderHead) throws -> Bool) rethrows -> Bool {
    while begin() {
      let start = reader.position
      // Its id: how much of the template, and what comes after.
      _ = reader.int()
      reader.skipText()
      let line = reader.number()
      readPlace()
      let flags = reader.byte()
      let head = OrderHead(
        line: line, place: place, isVoided: flags & BlockFormat.OrderFlags.voided != 0,
        isWithdrawn: flags >> BlockFormat.OrderFlags.reasonShift & BlockFormat.OrderFlags.reason == OrderRow.withdrawn,
        hasTickets: flags & BlockFormat.OrderFlags.hasTickets != 0)
      guard try isOfInterest(head) else { continue }
      reader.rewind(to: start)
      order.id = id(against: orderTemplate)
      readRow()
      return true
    }
    return false
  }

  /// Goes to where the next order begins.
  private mutating func begin() -> Bool {
    reader.skip(to: orderEnd)
    if reader.isAtEnd || reader.isBroken { return false }
    let length = reader.int()
    orderStart = reader.position
    guard length > 0, length <= reader.end - orderStart else {
      isCut = true
      return false
    }
    orderEnd = orderStart + length
    index &+= 1
    return true
  }

  private mutating func readPlace() { place = LinePlace(carrier: wordNumber(), region: wordNumber(), plan: wordNumber()) }

  /// What comes behind the id.
  mutating func readRow() {
    (instant, day) = (BlockFormat.firstInstant, BlockFormat.firstDay)
    order.line = reader.number()
    readPlace()
    (order.carrier, order.region, order.plan) = (word(place.carrier), word(place.region), word(place.plan))
    let flags = reader.byte()
    order.isVoided = flags & BlockFormat.OrderFlags.voided != 0
    order.reason = flags >> BlockFormat.OrderFlags.reasonShift & BlockFormat.OrderFlags.reason
    hasTickets = flags & BlockFormat.OrderFlags.hasTickets != 0
    order.sourceHash = reader.fixed()
    order.importID = reader.importID()
    order.provisioned = flags & BlockFormat.OrderFlags.provisioned != 0 ? nextInstant() : nil
    order.activated = flags & BlockFormat.OrderFlags.activated != 0 ? nextInstant() : nil
    order.ended = flags & BlockFormat.OrderFlags.ended != 0 ? nextInstant() : nil
  }

  var isBroken: Bool { reader.isBroken || isCut }

  var raw: ByteText {
    var all = reader
    all.rewind(to: orderStart)
    return all.raw(orderEnd - orderStart)
  }

  /// The bytes of all orders that end by a place.
  func raw(upTo end: Int) -> ByteText {
    var all = reader
    all.rewind(to: bodyStart)
    return all.raw(end - bodyStart)
  }

  private mutating func id(against template: ByteText) -> ByteText {
    let shared = reader.int()
    let suffix = reader.text()
    guard shared >= 0, shared <= template.count, shared + suffix.count <= 1024 else { return .none }
    let place = unsafe arena.take(shared + suffix.count)
    if shared > 0, let from = unsafe template.bytes.baseAddress { unsafe place.update(from: from, count: shared) }
    if let from = unsafe suffix.bytes.baseAddress { unsafe (place + shared).update(from: from, count: suffix.count) }
    return unsafe ByteText(place, shared + suffix.count)
  }

  private mutating func wordNumber() -> Int {
    let number = reader.int()
    return words.indices.contains(number) ? number : 0
  }

  private func word(_ number: Int) -> ByteText { words.indices.contains(number) ? words[number] : .none }

  private mutating func nextInstant() -> Int64 {
    instant = instant &+ reader.signed()
    return instant
  }

  private mutating func nextDay() -> Int32 {
    day = Int32(truncatingIfNeeded: Int64(day) &+ reader.signed())
    return day
  }

  mutating func read(into file: inout OrderRows, _ withPayments: Bool) {
    file.clear()
    file.order = order
    for index in 0..<count() { readPeriod(index, into: &file, withPayments) }
    for _ in 0..<count() {
      var row = UsageRow()
      row.day = nextDay()
      let mark = reader.number()
      row.isVoided = mark & 1 != 0
      row.importID = Int64(mark >> 1)
      row.calls = reader.amount()
      row.sms = reader.amount()
      row.verifications = reader.amount()
      file.usage.append(row)
    }
    for _ in 0..<count() {
      var row = TicketRow()
      row.id = reader.text()
      let flags = reader.byte()
      row.isVoided = flags & BlockFormat.TicketFlags.voided != 0
      row.importID = reader.importID()
      row.opened = nextInstant()
      if flags & BlockFormat.TicketFlags.restored != 0 { row.restored = nextInstant() }
      file.tickets.append(row)
    }
  }

  /// A number of rows: each takes bytes, so there are never more than bytes left.
  private mutating func count() -> Int {
    let count = reader.int()
    return count >= 0 && count <= reader.end - reader.position ? count : 0
  }

  private mutating func text(isWanted: Bool) -> ByteText {
    if isWanted { return reader.text() }
    reader.skipText()
    return .none
  }

  private mutating func readPeriod(_ index: Int, into file: inout OrderRows, _ withPayments: Bool) {
    var row = PeriodRow()
    row.id = id(against: periodTemplate)
    let flags = reader.byte()
    row.isVoided = flags & BlockFormat.PeriodFlags.voided != 0
    row.importID = reader.importID()
    row.starts = nextDay()
    row.ends = Int32(truncatingIfNeeded: Int64(row.starts) &+ reader.amount())
    row.paid = reader.amount()
    row.setupFee = reader.amount()
    row.coin = word(reader.int())
    if flags & BlockFormat.PeriodFlags.network != 0 { row.network = word(reader.int()) }
    if flags & BlockFormat.PeriodFlags.amount != 0 { row.amount = text(isWanted: withPayments) }
    if flags & BlockFormat.PeriodFlags.txid != 0 {
      let text = text(isWanted: withPayments)
      row.txid = flags & BlockFormat.PeriodFlags.isHexadecimal != 0 ? Hexadecimal.unpack(text, into: arena) : text
    }
    row.paidAt = nextInstant()
    file.periods.append(row)
    for _ in 0..<count() {
      var addon = AddonRow()
      addon.period = index
      addon.id = reader.text()
      let flags = reader.byte()
      addon.isVoided = flags & BlockFormat.AddonFlags.voided != 0
      addon.category = flags & BlockFormat.AddonFlags.other != 0 ? 1 : 0
      addon.importID = reader.importID()
      addon.fee = reader.amount()
      if flags & BlockFormat.AddonFlags.from != 0 { addon.from = nextInstant() }
      if flags & BlockFormat.AddonFlags.to != 0 { addon.to = nextInstant() }
      file.addons.append(addon)
    }
  }
}

extension ByteReader {
  mutating func amount() -> Int64 { Int64(bitPattern: number()) }
  mutating func importID() -> Int64 { Int64(bitPattern: number()) }
}
