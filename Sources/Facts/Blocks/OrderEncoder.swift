/// Writes orders as they lie in a block, in its words and against its templates; words that are missing are added to them.
struct OrderEncoder {
  private var known = BlockWords()
  private(set) var orderTemplate = ByteText.none
  private(set) var periodTemplate = ByteText.none
  /// Whether ids are told against the first ones that come, where the block has none to tell them against.
  private var makesTemplates = true
  private let arena = Arena()
  /// Bytes that the words and the templates take in a header.
  private(set) var headerSize = 0

  var words: [ByteText] { known.words }

  /// Begins with no words and no templates.
  mutating func clear() {
    known.clear()
    arena.reset()
    (orderTemplate, periodTemplate, headerSize, makesTemplates) = (.none, .none, 0, true)
  }

  /// Begins with the words and the templates of a block and its patch.
  ///
  /// - Parameter makesTemplates: Whether a template that the block has not may be added too.
  mutating func clear(goingOnFrom block: BlockReader, makesTemplates: Bool) {
    clear()
    orderTemplate = arena.copy(block.orderTemplate)
    periodTemplate = arena.copy(block.periodTemplate)
    headerSize = orderTemplate.count + periodTemplate.count
    self.makesTemplates = makesTemplates
    for word in block.words { _ = add(word: word) }
  }

  /// What there was before an order that is not kept.
  struct Mark {
    fileprivate let words: Int
    fileprivate let orderTemplate, periodTemplate: ByteText
    fileprivate let headerSize: Int
  }

  var mark: Mark { Mark(words: known.words.count, orderTemplate: orderTemplate, periodTemplate: periodTemplate, headerSize: headerSize) }

  mutating func goBack(to mark: Mark) {
    if known.words.count > mark.words { known.cut(to: mark.words) }
    (orderTemplate, periodTemplate, headerSize) = (mark.orderTemplate, mark.periodTemplate, mark.headerSize)
  }

  private mutating func add(word: ByteText) -> Int {
    headerSize += word.count + 1
    return known.append(arena.copy(word))
  }

  private mutating func number(of word: ByteText) -> Int { known.number(of: word) ?? add(word: word) }

  /// The template to tell an id against: itself where there was none and one may be made.
  private mutating func template(_ template: ByteText, or id: ByteText) -> ByteText {
    guard template.isEmpty, makesTemplates else { return template }
    headerSize += id.count
    return arena.copy(id)
  }

  mutating func encode(_ file: OrderRows, to out: ByteWriter) {
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
    orderTemplate = template(orderTemplate, or: order.id)
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
      periodTemplate = template(periodTemplate, or: period.id)
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
}
