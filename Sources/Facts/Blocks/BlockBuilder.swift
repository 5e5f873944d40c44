/// Puts orders together to a block.
struct BlockBuilder {
  private var words = BlockWords()
  private var orderTemplate = ByteText.none
  private var periodTemplate = ByteText.none
  private let arena = Arena()
  private let body = ByteWriter()
  private let scratch = ByteWriter(capacity: 1024)
  private var headerSize = 0
  private(set) var orderCount = 0
  private var isNotable = false
  private(set) var firstOrder: [UInt8] = []

  var isEmpty: Bool { orderCount == 0 }
  var size: Int { headerSize + body.count }

  /// Begins an empty block.
  mutating func clear() {
    words.clear()
    arena.reset()
    body.clear()
    (orderTemplate, periodTemplate) = (.none, .none)
    (headerSize, orderCount, isNotable) = (9, 0, false)
  }

  /// Begins a block that orders of another one can be taken over into as they are.
  mutating func clear(goingOnFrom block: BlockReader) {
    clear()
    orderTemplate = arena.copy(block.orderTemplate)
    periodTemplate = arena.copy(block.periodTemplate)
    headerSize += orderTemplate.count + periodTemplate.count
    isNotable = block.isNotable
    for word in block.words { _ = add(word: word) }
  }

  private mutating func add(word: ByteText) -> Int {
    headerSize += word.count + 1
    return words.append(arena.copy(word))
  }

  private mutating func number(of word: ByteText) -> Int { words.number(of: word) ?? add(word: word) }

  private mutating func begin(_ id: ByteText) {
    if orderCount == 0 {
      firstOrder.removeAll(keepingCapacity: true)
      unsafe firstOrder.append(contentsOf: id.bytes)
    }
    orderCount += 1
  }

  /// Takes over an order as it stands in the block that this one goes on from.
  mutating func take(_ id: ByteText, raw: ByteText) {
    begin(id)
    body.number(raw.count)
    unsafe body.raw(raw.bytes)
  }

  /// Takes over orders that stand one after the other, with the lengths before them.
  mutating func take(_ count: Int, from first: [UInt8], raw: ByteText) {
    (firstOrder, orderCount) = (first, count)
    unsafe body.raw(raw.bytes)
  }

  /// - Returns: False where the block would become too long by it; nothing is added then.
  mutating func add(_ file: OrderRows) -> Bool {
    scratch.clear()
    if orderTemplate.isEmpty {
      orderTemplate = arena.copy(file.order.id)
      headerSize += file.order.id.count
    }
    let (formerWords, formerSize, formerTemplate) = (words.words.count, headerSize, periodTemplate)
    encode(file, to: scratch)
    if orderCount > 0, size + scratch.count + 3 > BlockFormat.size {
      if words.words.count > formerWords { words.cut(to: formerWords) }
      (headerSize, periodTemplate) = (formerSize, formerTemplate)
      return false
    }
    begin(file.order.id)
    if file.order.reason == OrderRow.withdrawn || !file.tickets.isEmpty { isNotable = true }
    body.number(scratch.count)
    unsafe body.raw(scratch.bytes)
    return true
  }

  private mutating func encode(_ file: OrderRows, to out: ByteWriter) {
    var instant = BlockFormat.firstInstant
    var day = BlockFormat.firstDay
    func write(_ value: Int64) {
      out.signed(value &- instant)
      instant = value
    }
    func write(_ value: Int32) {
      out.signed(Int64(value) - Int64(day))
      day = value
    }
    func write(_ id: ByteText, against template: ByteText) {
      let shared = id.shared(with: template)
      out.number(shared)
      out.text(id.dropFirst(shared))
    }

    let order = file.order
    write(order.id, against: orderTemplate)
    out.number(order.line)
    out.number(number(of: order.carrier))
    out.number(number(of: order.region))
    out.number(number(of: order.plan))
    var flags: UInt8 = order.isVoided ? BlockFormat.OrderFlags.voided : 0
    flags |= order.reason << BlockFormat.OrderFlags.reasonShift
    if order.provisioned != nil { flags |= BlockFormat.OrderFlags.provisioned }
    if order.activated != nil { flags |= BlockFormat.OrderFlags.activated }
    if order.ended != nil { flags |= BlockFormat.OrderFlags.ended }
    if !file.tickets.isEmpty { flags |= BlockFormat.OrderFlags.hasTickets }
    out.byte(flags)
    out.fixed(order.sourceHash)
    out.number(UInt64(bitPattern: order.importID))
    if let provisioned = order.provisioned { write(provisioned) }
    if let activated = order.activated { write(activated) }
    if let ended = order.ended { write(ended) }

    out.number(file.periods.count)
    var nextAddon = 0
    for index in file.periods.indices {
      let period = file.periods[index]
      if periodTemplate.isEmpty {
        periodTemplate = arena.copy(period.id)
        headerSize += period.id.count
      }
      write(period.id, against: periodTemplate)
      var flags: UInt8 = period.isVoided ? BlockFormat.PeriodFlags.voided : 0
      if !period.network.isEmpty { flags |= BlockFormat.PeriodFlags.network }
      if !period.amount.isEmpty { flags |= BlockFormat.PeriodFlags.amount }
      if !period.txid.isEmpty { flags |= BlockFormat.PeriodFlags.txid }
      let isHexadecimal = !period.txid.isEmpty && Hexadecimal.isPackable(period.txid)
      if isHexadecimal { flags |= BlockFormat.PeriodFlags.isHexadecimal }
      out.byte(flags)
      out.number(UInt64(bitPattern: period.importID))
      write(period.starts)
      out.number(UInt64(Int64(period.ends) - Int64(period.starts)))
      out.number(UInt64(bitPattern: period.paid))
      out.number(UInt64(bitPattern: period.setupFee))
      out.number(number(of: period.coin))
      if !period.network.isEmpty { out.number(number(of: period.network)) }
      if !period.amount.isEmpty { out.text(period.amount) }
      if isHexadecimal { Hexadecimal.pack(period.txid, to: out) } else if !period.txid.isEmpty { out.text(period.txid) }
      write(period.paidAt)
      var last = nextAddon
      while last < file.addons.count, file.addons[last].period == index { last += 1 }
      out.number(last - nextAddon)
      while nextAddon < last {
        let addon = file.addons[nextAddon]
        nextAddon += 1
        out.text(addon.id)
        var flags: UInt8 = addon.isVoided ? BlockFormat.AddonFlags.voided : 0
        if addon.category != 0 { flags |= BlockFormat.AddonFlags.other }
        if addon.from != nil { flags |= BlockFormat.AddonFlags.from }
        if addon.to != nil { flags |= BlockFormat.AddonFlags.to }
        out.byte(flags)
        out.number(UInt64(bitPattern: addon.importID))
        out.number(UInt64(bitPattern: addon.fee))
        if let from = addon.from { write(from) }
        if let to = addon.to { write(to) }
      }
    }

    out.number(file.usage.count)
    for index in file.usage.indices {
      let usage = file.usage[index]
      write(usage.day)
      out.number(UInt64(bitPattern: usage.importID << 1 | (usage.isVoided ? 1 : 0)))
      out.number(UInt64(bitPattern: usage.calls))
      out.number(UInt64(bitPattern: usage.sms))
      out.number(UInt64(bitPattern: usage.verifications))
    }

    out.number(file.tickets.count)
    for ticket in file.tickets {
      out.text(ticket.id)
      out.byte((ticket.isVoided ? BlockFormat.TicketFlags.voided : 0) | (ticket.restored != nil ? BlockFormat.TicketFlags.restored : 0))
      out.number(UInt64(bitPattern: ticket.importID))
      write(ticket.opened)
      if let restored = ticket.restored { write(restored) }
    }
  }

  /// The whole block.
  mutating func finish() -> [UInt8] {
    scratch.clear()
    scratch.byte(BlockFormat.version)
    scratch.byte(isNotable ? 1 : 0)
    scratch.text(orderTemplate)
    scratch.text(periodTemplate)
    scratch.number(words.words.count)
    for word in words.words { scratch.text(word) }
    return unsafe [UInt8](unsafeUninitializedCapacity: scratch.count + body.count) { buffer, count in
      unsafe _ = buffer.update(fromContentsOf: scratch.bytes)
      unsafe _ = buffer.suffix(from: scratch.count).update(fromContentsOf: body.bytes)
      count = scratch.count + body.count
    }
  }
}
