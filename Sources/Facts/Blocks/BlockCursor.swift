/// What a ``BlockReader`` stands on.
struct BlockCursor {
  private(set) var words: [ByteText] = []
  private(set) var orderTemplate = ByteText.none
  private(set) var periodTemplate = ByteText.none
  /// Of the block or, where the order at hand lies there, of the patch.
  private var reader = unsafe ByteReader(UnsafeBufferPointer(start: nil, count: 0))
  private let arena = Arena()
  private(set) var index = -1
  private var orderStart = 0
  /// Where the order at hand ends in what it lies in.
  private var orderEnd = 0
  /// Whether an order is said to be longer than the block, or an entry of the patch to belong where no order of the block is.
  private var isCut = false

  /// Whether the last order has been passed.
  private var isPast = false
  private(set) var blockWordCount = 0

  // The patch: what follows says nothing where there is none.
  private(set) var hasPatch = false
  /// Which of the two goes on where the other one's order is at hand.
  private var aside = unsafe ByteReader(UnsafeBufferPointer(start: nil, count: 0))
  /// Where the order at hand lies, once there is one.
  private var hand = Hand.nowhere
  /// How many of the block's own orders come before the order at hand, replaced ones included.
  private var passedCount = 0
  /// Where the first entry begins, and the first one that is not before the order at hand.
  private var entriesStart = 0
  private var entryStart = 0

  private enum Hand { case nowhere, block, added, replacing }

  private var instant: Int64 = 0
  private var day: Int32 = 0

  private(set) var order = OrderRow()
  private(set) var place = LinePlace()
  private(set) var isNotable = false
  private(set) var hasTickets = false

  mutating func open(_ bytes: UnsafeBufferPointer<UInt8>, _ patch: UnsafeBufferPointer<UInt8>) -> Bool {
    begin(isPatched: !patch.isEmpty)
    unsafe reader = ByteReader(bytes)
    guard reader.byte() == BlockFormat.version else { return false }
    isNotable = reader.byte() != 0
    orderTemplate = reader.text()
    periodTemplate = reader.text()
    guard readWords() else { return false }
    orderEnd = reader.position
    blockWordCount = words.count
    if hasPatch, unsafe !lay(patch) { return false }
    // No text of a fact is longer than 200 bytes.
    return orderTemplate.count <= 200 && periodTemplate.count <= 200 && words.allSatisfy { $0.count <= 200 }
  }

  /// Lets go of what was opened before.
  private mutating func begin(isPatched: Bool) {
    arena.reset()
    (isCut, isPast) = (false, false)
    (index, blockWordCount) = (-1, 0)
    words.removeAll(keepingCapacity: true)
    (isNotable, hasPatch) = (false, isPatched)
  }

  private mutating func readWords() -> Bool {
    let count = reader.int()
    guard !reader.isBroken, count >= 0, count <= reader.end else { return false }
    for _ in 0..<count { words.append(reader.text()) }
    return !reader.isBroken
  }

  /// Lays a patch over the block, whose beginning has been read.
  private mutating func lay(_ patch: UnsafeBufferPointer<UInt8>) -> Bool {
    aside = reader
    guard unsafe beginPatch(patch) != nil else { return false }
    swap(&reader, &aside)
    return true
  }

  /// - Returns: What ids are told against, empty where the patch does not say so; nil where the bytes are none.
  private mutating func beginPatch(_ patch: UnsafeBufferPointer<UInt8>) -> ByteText? {
    (hand, passedCount) = (.nowhere, 0)
    unsafe reader = ByteReader(patch)
    let version = reader.byte()
    guard version == BlockFormat.patchVersion || version == BlockFormat.formerPatchVersion else { return nil }
    if reader.byte() != 0 { isNotable = true }
    let template = version == BlockFormat.patchVersion ? reader.text() : .none
    guard readWords() else { return nil }
    (entriesStart, entryStart) = (reader.position, reader.position)
    return template
  }

  mutating func open(patchAlone patch: UnsafeBufferPointer<UInt8>) -> Bool {
    begin(isPatched: true)
    guard let template = unsafe beginPatch(patch), !template.isEmpty, template.count <= 200 else { return false }
    (orderTemplate, periodTemplate) = (template, .none)
    aside = reader
    unsafe reader = ByteReader(UnsafeBufferPointer(start: nil, count: 0))
    return true
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

  mutating func readHeads(into heads: inout [OrderHead]) {
    let withdrawn = OrderRow.withdrawn
    while begin() {
      // Of a copy, which stays in the processor's registers.
      var ahead = reader
      // Its id: how much of the template, and what comes after.
      _ = ahead.number()
      ahead.skipText()
      let line = ahead.number()
      let place = BlockCursor.readPlace(&ahead, among: words.count)
      let flags = ahead.byte()
      if ahead.isBroken { isCut = true }
      heads.append(
        OrderHead(
          line: line, offset: OrderOffset(orderStart, isPatched: isPatched), place: place,
          isVoided: flags & BlockFormat.OrderFlags.voided != 0,
          isWithdrawn: flags >> BlockFormat.OrderFlags.reasonShift & BlockFormat.OrderFlags.reason == withdrawn,
          hasTickets: flags & BlockFormat.OrderFlags.hasTickets != 0))
    }
  }

  /// Goes to where the next order begins.
  private mutating func begin() -> Bool {
    reader.skip(to: orderEnd)
    if hasPatch { turn() }
    if reader.isAtEnd || isBroken {
      isPast = true
      return false
    }
    return enter()
  }

  /// Reads how long the order is that begins here.
  @inline(__always) private mutating func enter() -> Bool {
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

  /// Goes from the end of the order at hand to where the next one begins, in the block or in the patch.
  private mutating func turn() {
    // What is broken stays at hand, and is seen.
    if isBroken { return }
    leave()
    entryStart = aside.position
    if aside.isAtEnd {
      hand = reader.isAtEnd ? .nowhere : .block
      return
    }
    let place = PatchPlace(number: aside.int())
    if place.index > passedCount, !reader.isAtEnd {
      aside.rewind(to: entryStart)
      hand = .block
    } else if place.index == passedCount, !place.replaces || passOrder() {
      swap(&reader, &aside)
      hand = place.replaces ? .replacing : .added
      if reader.isAtEnd { isCut = true }
    } else {
      isCut = true
    }
  }

  /// Leaves the order at hand behind: the block's reader is at hand then.
  private mutating func leave() {
    switch hand {
    case .nowhere: break
    case .block: passedCount &+= 1
    case .added, .replacing:
      if hand == .replacing { passedCount &+= 1 }
      swap(&reader, &aside)
    }
    orderEnd = reader.position
    hand = .nowhere
  }

  /// Passes by an order of the block that the patch replaces.
  private mutating func passOrder() -> Bool {
    if reader.isAtEnd { return false }
    reader.skipText()
    return !reader.isBroken
  }

  mutating func nextPatched() -> Bool {
    guard hasPatch else { return false }
    if isPatched { reader.skip(to: orderEnd) } else { swap(&reader, &aside) }
    if reader.isAtEnd || isBroken { return false }
    hand = PatchPlace(number: reader.int()).replaces ? .replacing : .added
    guard enter() else { return false }
    order.id = id(against: orderTemplate)
    readRow()
    return true
  }

  mutating func go(to offset: OrderOffset) {
    if offset.isPatched != isPatched { swap(&reader, &aside) }
    if hasPatch { hand = offset.isPatched ? .replacing : .block }
    reader.rewind(to: offset.start)
    order.id = id(against: orderTemplate)
  }

  /// - Parameter count: The number of words: where one is named that is not there, it is the first.
  @inline(__always) private static func readPlace(_ reader: inout ByteReader, among count: Int) -> LinePlace {
    let (carrier, region, plan, end) = (reader.number(), reader.number(), reader.number(), UInt64(count))
    return LinePlace(
      carrier: carrier < end ? UInt32(truncatingIfNeeded: carrier) : 0, region: region < end ? UInt32(truncatingIfNeeded: region) : 0,
      plan: plan < end ? UInt32(truncatingIfNeeded: plan) : 0)
  }

  /// What comes behind the id.
  mutating func readRow() {
    (instant, day) = (BlockFormat.firstInstant, BlockFormat.firstDay)
    order.line = reader.number()
    place = BlockCursor.readPlace(&reader, among: words.count)
    (order.carrier, order.region, order.plan) = (word(Int(place.carrier)), word(Int(place.region)), word(Int(place.plan)))
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

  mutating func nextHead() -> (id: ByteText, sourceHash: UInt64)? {
    guard nextID() else { return nil }
    var ahead = reader
    // The line, the carrier, the region and the plan.
    for _ in 0..<4 { _ = ahead.number() }
    _ = ahead.byte()
    return (order.id, ahead.fixed())
  }

  var isBroken: Bool { reader.isBroken || isCut }

  var raw: ByteText {
    var all = reader
    all.rewind(to: orderStart)
    return all.raw(orderEnd - orderStart)
  }

  var isPatched: Bool { hasPatch && (hand == .added || hand == .replacing) }

  var passed: Int { hasPatch ? passedCount : isPast ? index + 1 : index }

  var patchPlace: PatchPlace { PatchPlace(index: passed, replaces: !hasPatch || hand != .added) }

  var block: ByteText { (isPatched ? aside : reader).all }

  var patch: ByteText { hasPatch ? (isPatched ? reader : aside).all : .none }

  var entriesBefore: ByteText { entries(entriesStart, entryStart) }

  var entriesLeft: ByteText { entries(entryStart, nil) }

  private func entries(_ start: Int, _ end: Int?) -> ByteText {
    guard hasPatch else { return .none }
    var all = isPatched ? reader : aside
    all.rewind(to: start)
    return all.raw((end ?? all.end) - start)
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
