/// How orders lie in a block of about a page: one after the other by their ids, each with all its rows.
///
/// A block begins with what its orders share: the ids they are told against, and the words (carriers, regions, plans, coins, networks) that
/// they name by number. What stands there already never changes, so that an order's bytes can be taken over into a block that goes on from it.
/// Instants and days are differences to the one before; transaction ids in lower-case hexadecimal take half their length.
enum BlockFormat {
  static let version: UInt8 = 1
  /// Bytes of a block at most, unless one order alone needs more: with its other columns it just fills a page of 4096.
  static let size = 3_950
  /// Where instants and days begin to be counted in an order: 2026-01-01.
  static let firstInstant: Int64 = 1_767_225_600
  static let firstDay: Int32 = 20_454

  enum OrderFlags {
    static let voided: UInt8 = 1
    static let reasonShift: UInt8 = 1
    static let reason: UInt8 = 0x7
    static let provisioned: UInt8 = 0x10
    static let activated: UInt8 = 0x20
    static let ended: UInt8 = 0x40
    static let hasTickets: UInt8 = 0x80
  }

  enum PeriodFlags {
    static let voided: UInt8 = 1
    static let network: UInt8 = 2
    static let amount: UInt8 = 4
    static let txid: UInt8 = 8
    static let isHexadecimal: UInt8 = 16
  }

  enum AddonFlags {
    static let voided: UInt8 = 1
    static let other: UInt8 = 2
    static let from: UInt8 = 4
    static let to: UInt8 = 8
  }

  enum TicketFlags {
    static let voided: UInt8 = 1
    static let restored: UInt8 = 2
  }
}

/// The words of a block, by number.
@safe struct BlockWords {
  private(set) var words: [ByteText] = []
  private var slots = [UInt8](repeating: 0, count: 64)

  mutating func clear() {
    words.removeAll(keepingCapacity: true)
    for index in slots.indices { slots[index] = 0 }
  }

  private static func slot(_ word: ByteText) -> Int {
    let bytes = unsafe word.bytes
    guard let first = unsafe bytes.first, let last = unsafe bytes.last else { return 0 }
    return (bytes.count &* 31 &+ Int(first) &* 7 &+ Int(last) &* 3) & 63
  }

  /// The word's number, when it is there.
  func number(of word: ByteText) -> Int? {
    let known = Int(slots[BlockWords.slot(word)])
    if known > 0, words[known - 1] == word { return known - 1 }
    return words.firstIndex { $0 == word }
  }

  /// - Parameter word: Must live as long as these words.
  mutating func append(_ word: ByteText) -> Int {
    words.append(word)
    if words.count <= 255 { slots[BlockWords.slot(word)] = UInt8(words.count) }
    return words.count - 1
  }

  /// Lets the last words go.
  mutating func cut(to count: Int) {
    words.removeLast(words.count - count)
    for index in slots.indices where slots[index] > count { slots[index] = 0 }
  }
}

/// Puts orders together to a block.
final class BlockBuilder {
  private var words = BlockWords()
  private var orderTemplate = ByteText.none
  private var periodTemplate = ByteText.none
  private let arena = Arena()
  private let body = ByteWriter()
  private let scratch = ByteWriter(capacity: 1024)
  private var headerSize = 0
  private(set) var orderCount = 0
  private(set) var firstOrder: [UInt8] = []

  var isEmpty: Bool { orderCount == 0 }
  var size: Int { headerSize + body.count }

  /// Begins an empty block.
  func clear() {
    words.clear()
    arena.reset()
    body.clear()
    (orderTemplate, periodTemplate) = (.none, .none)
    (headerSize, orderCount) = (8, 0)
  }

  /// Begins a block that orders of another one can be taken over into as they are.
  func clear(goingOnFrom block: BlockReader) {
    clear()
    orderTemplate = arena.copy(block.orderTemplate)
    periodTemplate = arena.copy(block.periodTemplate)
    headerSize += orderTemplate.count + periodTemplate.count
    for word in block.words { _ = add(word: word) }
  }

  private func add(word: ByteText) -> Int {
    headerSize += word.count + 1
    return words.append(arena.copy(word))
  }

  private func number(of word: ByteText) -> Int { words.number(of: word) ?? add(word: word) }

  private func begin(_ id: ByteText) {
    if orderCount == 0 {
      firstOrder.removeAll(keepingCapacity: true)
      unsafe firstOrder.append(contentsOf: id.bytes)
    }
    orderCount += 1
  }

  /// Takes over an order as it stands in the block that this one goes on from.
  func take(_ id: ByteText, raw: ByteText) {
    begin(id)
    body.number(raw.count)
    unsafe body.raw(raw.bytes)
  }

  /// - Returns: False where the block would become too long by it; nothing is added then.
  func add(_ file: OrderFile) -> Bool {
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
    body.number(scratch.count)
    unsafe body.raw(scratch.bytes)
    return true
  }

  private func encode(_ file: OrderFile, to out: ByteWriter) {
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
  func finish() -> [UInt8] {
    scratch.clear()
    scratch.byte(BlockFormat.version)
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

/// Lower-case hexadecimal digits, two to a byte.
enum Hexadecimal {
  static func isPackable(_ text: ByteText) -> Bool {
    unsafe text.count % 2 == 0 && text.bytes.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  private static func nibble(_ digit: UInt8) -> UInt8 { digit < 0x3A ? digit & 0xF : (digit & 0xF) + 9 }

  static func pack(_ text: ByteText, to out: ByteWriter) {
    out.number(text.count / 2)
    let bytes = unsafe text.bytes
    for index in stride(from: 0, to: bytes.count, by: 2) { unsafe out.byte(nibble(bytes[index]) << 4 | nibble(bytes[index + 1])) }
  }

  static func unpack(_ packed: ByteText, into arena: Arena) -> ByteText {
    // No text of a fact is longer than 200 bytes: this is a broken block.
    guard packed.count <= 100 else { return .none }
    let place = unsafe arena.take(2 * packed.count)
    let bytes = unsafe packed.bytes
    func digit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 + nibble : 0x57 + nibble }
    for index in bytes.indices {
      let byte = unsafe bytes[index]
      unsafe place[2 * index] = digit(byte >> 4)
      unsafe place[2 * index + 1] = digit(byte & 0xF)
    }
    return unsafe ByteText(place, 2 * packed.count)
  }
}
