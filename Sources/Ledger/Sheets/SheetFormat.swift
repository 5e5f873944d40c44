import RefundPolicy

/// How items stand on a sheet: a JSON array of arrays, numbers and texts alone, without spaces.
///
///     [[17,"ord-17","per-17","XMR",null,290,2,20381,20382,2999,2999,20370,31,8,20402,[[20381,20382,1,"outage:out-3",290,2999]]],…]
///
/// What all items of a sheet share (run, state, date) or what none of them has (address, tag, review) is not in it.
enum SheetFormat {
  /// The places of an item's values, counted from 0.
  enum Place: Int {
    case item, order, period, coin, network, amount, dayCount, firstDay, lastDay, base, paid, periodFirst, periodDays, flags, due
    /// Arrays of first day, last day, cause, evidence, cents and the base of the shares.
    case stretches
  }
}

/// Writes the text of one sheet.
@safe final class SheetText {
  private var start: UnsafeMutablePointer<UInt8>
  private var capacity = 8192
  private(set) var count = 0

  init() { unsafe start = .allocate(capacity: capacity) }

  deinit { unsafe start.deallocate() }

  var bytes: UnsafeBufferPointer<UInt8> { unsafe UnsafeBufferPointer(start: start, count: count) }

  func clear() { count = 0 }

  func add(_ item: Item, _ stretches: [ItemStretch]) {
    var room = SheetText.room(for: item.orderID) + SheetText.room(for: item.periodID) + SheetText.room(for: item.coin)
    if let network = item.network { room += SheetText.room(for: network) }
    for index in stretches.indices { room += SheetText.room(for: stretches[index].evidence) }
    reserve(room + SheetText.mostOfNumbers * (1 + stretches.count))

    var out = unsafe SheetPen(place: start + count)
    out.byte(UInt8(ascii: count == 0 ? "[" : ","))
    out.byte(UInt8(ascii: "["))
    out.number(item.id.number)
    out.next(item.orderID)
    out.next(item.periodID)
    out.next(item.coin)
    if let network = item.network { out.next(network) } else { out.nextNull() }
    out.next(item.amount.count)
    out.next(Int64(item.dayCount))
    out.next(Int64(item.firstDay?.ordinal ?? 0))
    out.next(Int64(item.lastDay?.ordinal ?? 0))
    out.next(item.base.count)
    out.next(item.paid.count)
    out.next(Int64(item.period.first.ordinal))
    out.next(Int64(item.period.dayCount))
    out.next(Int64(item.flags.rawValue))
    out.next(Int64(item.dueOn.ordinal))
    out.byte(UInt8(ascii: ","))
    for index in stretches.indices {
      out.byte(UInt8(ascii: index == 0 ? "[" : ","))
      out.byte(UInt8(ascii: "["))
      out.number(Int64(stretches[index].days.first.ordinal))
      out.next(Int64(stretches[index].days.last.ordinal))
      out.next(Int64(stretches[index].cause.rawValue))
      out.next(stretches[index].evidence)
      out.next(stretches[index].amount.count)
      out.next(stretches[index].base.count)
      out.byte(UInt8(ascii: "]"))
    }
    out.byte(UInt8(ascii: "]"))
    out.byte(UInt8(ascii: "]"))
    count = unsafe out.place - start
  }

  func finish() {
    reserve(1)
    var out = unsafe SheetPen(place: start + count)
    out.byte(UInt8(ascii: "]"))
    count += 1
  }

  /// Room for twelve numbers, the signs around them, and a `null`.
  private static let mostOfNumbers = 300

  /// Each byte of a text is six at most.
  private static func room(for text: String) -> Int { 6 * text.utf8.count + 3 }

  private func reserve(_ length: Int) {
    guard count + length > capacity else { return }
    capacity = max(2 * capacity, count + length)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    unsafe larger.update(from: start, count: count)
    unsafe start.deallocate()
    unsafe start = larger
  }
}

/// Writes where room was made.
@safe private struct SheetPen {
  private(set) var place: UnsafeMutablePointer<UInt8>

  init(place: UnsafeMutablePointer<UInt8>) { unsafe self.place = place }

  @inline(__always) mutating func byte(_ value: UInt8) {
    unsafe place.pointee = value
    unsafe place += 1
  }

  @inline(__always) mutating func next(_ value: Int64) {
    byte(UInt8(ascii: ","))
    number(value)
  }

  mutating func number(_ value: Int64) {
    if value < 0 { byte(UInt8(ascii: "-")) }
    var rest = value.magnitude
    if rest < 10 { return byte(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest)) }
    var length = 2
    var limit: UInt64 = 100
    while length < 19, rest >= limit { (length, limit) = (length + 1, limit * 10) }
    var back = unsafe place + length
    unsafe place = back
    repeat {
      unsafe back -= 1
      unsafe back.pointee = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    } while rest > 0
  }

  mutating func nextNull() { for byte in ",null".utf8 { self.byte(byte) } }

  mutating func next(_ text: String) {
    byte(UInt8(ascii: ","))
    byte(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { text in
      for index in 0..<text.count {
        let value = unsafe text[index]
        if value < 0x20 || value == UInt8(ascii: "\"") || value == UInt8(ascii: "\\") { escape(value) } else { byte(value) }
      }
    }
    byte(UInt8(ascii: "\""))
  }

  private mutating func escape(_ value: UInt8) {
    byte(UInt8(ascii: "\\"))
    if value >= 0x20 { return byte(value) }
    for byte in "u00".utf8 { self.byte(byte) }
    for digit in [value >> 4, value & 15] { byte(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10) }
  }
}

/// Reads the items of one sheet: what ``SheetText`` wrote, and nothing else.
@safe struct SheetParser {
  private let text: UnsafeBufferPointer<UInt8>
  private var place = 0
  /// Every item of a sheet mostly has the same evidence: one text for all of them.
  private var lastEvidence = ""

  /// - Parameter text: The column `items`, good as long as the row.
  init(_ text: UnsafeBufferPointer<UInt8>) { unsafe self.text = text }

  /// The text is not that of a sheet.
  struct Unreadable: Error {}

  /// - Parameters:
  ///   - sheet: What all items share.
  ///   - items: Takes the items, in the order of ids; what was in it is gone.
  mutating func read(_ sheet: SheetHead, into items: inout [ItemWithDays]) throws(Unreadable) {
    items.removeAll(keepingCapacity: true)
    var separator = UInt8(ascii: "[")
    repeat {
      try expect(separator)
      separator = UInt8(ascii: ",")
      items.append(try item(of: sheet))
    } while peek == UInt8(ascii: ",")
    try expect(UInt8(ascii: "]"))
    if unsafe place != text.count { throw Unreadable() }
  }

  private mutating func item(of sheet: SheetHead) throws(Unreadable) -> ItemWithDays {
    try expect(UInt8(ascii: "["))
    let id = try number()
    let (order, period, coin) = (try nextText(), try nextText(), try nextText())
    try expect(UInt8(ascii: ","))
    let network: String?
    if peek == UInt8(ascii: "n") {
      for byte in "null".utf8 { try expect(byte) }
      network = nil
    } else {
      network = try textValue()
    }
    let (amount, dayCount, firstDay, lastDay) = (try nextNumber(), try nextNumber(), try nextDay(), try nextDay())
    let (base, paid, periodFirst, periodDays) = (try nextNumber(), try nextNumber(), try nextDay(), try nextNumber())
    let (flags, due) = (try nextNumber(), try nextDay())
    guard id >= 1, periodDays >= 1, let days = DayRange(periodFirst, upTo: periodFirst.advanced(by: Int(clamping: periodDays))) else {
      throw Unreadable()
    }
    var causes = CauseSet()
    let stretches = try self.stretches(&causes)
    try expect(UInt8(ascii: "]"))
    var allFlags = FlagSet(rawValue: UInt16(truncatingIfNeeded: flags))
    if sheet.state == .held { allFlags.formUnion(.nightLimit) }
    let item = Item(
      id: ItemID(id), orderID: order, periodID: period, coin: coin, network: network, openedOn: sheet.openedOn, state: sheet.state,
      isAutomatic: false, amount: Cents(amount), dayCount: Int(clamping: dayCount), firstDay: firstDay, lastDay: lastDay, base: Cents(base),
      paid: Cents(paid), period: days, causes: causes, flags: allFlags, dueOn: due, address: nil, tag: nil, run: sheet.run, version: 1, revision: 1,
      reviewID: nil)
    return ItemWithDays(item: item, stretches: stretches)
  }

  private mutating func stretches(_ causes: inout CauseSet) throws(Unreadable) -> [ItemStretch] {
    try expect(UInt8(ascii: ","))
    var stretches: [ItemStretch] = []
    var separator = UInt8(ascii: "[")
    repeat {
      try expect(separator)
      separator = UInt8(ascii: ",")
      try expect(UInt8(ascii: "["))
      let (first, last, causeNumber) = (ServiceDay(ordinal: try day()), try nextDay(), try nextNumber())
      let evidence = try nextEvidence()
      let (amount, base) = (try nextNumber(), try nextNumber())
      try expect(UInt8(ascii: "]"))
      guard let days = DayRange(first, upTo: last.advanced(by: 1)), let cause = Cause(rawValue: Int(clamping: causeNumber)) else {
        throw Unreadable()
      }
      causes.formUnion(CauseSet(cause))
      stretches.append(ItemStretch(days: days, cause: cause, evidence: evidence, amount: Cents(amount), base: Cents(base)))
    } while peek == UInt8(ascii: ",")
    try expect(UInt8(ascii: "]"))
    return stretches
  }

  private var peek: UInt8? { unsafe place < text.count ? text[place] : nil }

  private mutating func expect(_ byte: UInt8) throws(Unreadable) {
    guard unsafe place < text.count && text[place] == byte else { throw Unreadable() }
    place += 1
  }

  private mutating func number() throws(Unreadable) -> Int64 {
    let isNegative = peek == UInt8(ascii: "-")
    if isNegative { place += 1 }
    let start = place
    var value: Int64 = 0
    while unsafe place < text.count {
      let digit = unsafe text[place] &- UInt8(ascii: "0")
      if digit > 9 { break }
      // No number of a ledger has more than 18 digits.
      if place - start >= 18 { throw Unreadable() }
      value = value * 10 + Int64(digit)
      place += 1
    }
    if place == start { throw Unreadable() }
    return isNegative ? -value : value
  }

  private mutating func nextNumber() throws(Unreadable) -> Int64 {
    try expect(UInt8(ascii: ","))
    return try number()
  }

  private mutating func day() throws(Unreadable) -> Int32 {
    guard let ordinal = Int32(exactly: try number()) else { throw Unreadable() }
    return ordinal
  }

  private mutating func nextDay() throws(Unreadable) -> ServiceDay {
    try expect(UInt8(ascii: ","))
    return ServiceDay(ordinal: try day())
  }

  private mutating func nextText() throws(Unreadable) -> String {
    try expect(UInt8(ascii: ","))
    return try textValue()
  }

  private mutating func textValue() throws(Unreadable) -> String {
    let (range, isPlain) = try textRange()
    return isPlain ? unsafe String(decoding: UnsafeBufferPointer(rebasing: text[range]), as: UTF8.self) : try unescaped(range)
  }

  private mutating func nextEvidence() throws(Unreadable) -> String {
    try expect(UInt8(ascii: ","))
    let (range, isPlain) = try textRange()
    let bytes = unsafe UnsafeBufferPointer(rebasing: text[range])
    if isPlain, unsafe lastEvidence.utf8.elementsEqual(bytes) { return lastEvidence }
    lastEvidence = isPlain ? unsafe String(decoding: bytes, as: UTF8.self) : try unescaped(range)
    return lastEvidence
  }

  /// The bytes between quotes, and whether they are the text as it is.
  private mutating func textRange() throws(Unreadable) -> (Range<Int>, isPlain: Bool) {
    try expect(UInt8(ascii: "\""))
    let start = place
    var isPlain = true
    while unsafe place < text.count {
      let byte = unsafe text[place]
      place += 1
      if byte == UInt8(ascii: "\"") { return (start..<place - 1, isPlain) }
      if byte == UInt8(ascii: "\\") {
        isPlain = false
        place += 1
      }
    }
    throw Unreadable()
  }

  private func unescaped(_ range: Range<Int>) throws(Unreadable) -> String {
    var bytes: [UInt8] = []
    var index = range.lowerBound
    while index < range.upperBound {
      let byte = unsafe text[index]
      index += 1
      if byte != UInt8(ascii: "\\") {
        bytes.append(byte)
        continue
      }
      guard index < range.upperBound else { throw Unreadable() }
      let escaped = unsafe text[index]
      index += 1
      switch escaped {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(escaped)
      case UInt8(ascii: "u"):
        guard index + 4 <= range.upperBound,
          let value = unsafe UInt8(String(decoding: UnsafeBufferPointer(rebasing: text[index..<index + 4]), as: UTF8.self), radix: 16)
        else { throw Unreadable() }
        bytes.append(value)
        index += 4
      default: throw Unreadable()
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
