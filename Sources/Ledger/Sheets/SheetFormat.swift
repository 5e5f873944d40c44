import EightBytes
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

/// Reads the items of one sheet: what ``SheetText`` wrote, and nothing else. Texts stay where they are; those with escapes are put right there.
@safe struct SheetParser {
  private let text: UnsafeMutableBufferPointer<UInt8>
  private var place = 0

  /// So many bytes behind the text may be looked at.
  static let padding = 8

  /// - Parameter text: A copy of the column `items` in a longer buffer, which lives as long as what is read of it.
  init(_ text: UnsafeMutableBufferPointer<UInt8>) { unsafe self.text = text }

  /// The text is not that of a sheet.
  struct Unreadable: Error {}

  /// - Parameters:
  ///   - items: Takes the items, in the order of ids; what was in it is gone, as with their stretches.
  mutating func read(_ items: inout [SheetItem], _ stretches: inout [SheetStretch]) throws(Unreadable) {
    items.removeAll(keepingCapacity: true)
    stretches.removeAll(keepingCapacity: true)
    var separator = UInt8(ascii: "[")
    repeat {
      try expect(separator)
      separator = UInt8(ascii: ",")
      items.append(try item(&stretches))
    } while peek == UInt8(ascii: ",")
    try expect(UInt8(ascii: "]"))
    if unsafe place != text.count { throw Unreadable() }
  }

  private mutating func item(_ stretches: inout [SheetStretch]) throws(Unreadable) -> SheetItem {
    try expect(UInt8(ascii: "["))
    let id = try number()
    let (order, period, coin) = unsafe (try nextText(), try nextText(), try nextText())
    let network = unsafe try nextTextOrNull()
    let (amount, dayCount, firstDay, lastDay) = (try nextNumber(), try nextNumber(), try nextDay(), try nextDay())
    let (base, paid, periodFirst, periodDays) = (try nextNumber(), try nextNumber(), try nextDay(), try nextNumber())
    let (flags, due) = (try nextNumber(), try nextDay())
    guard id >= 1, periodDays >= 1, let days = DayRange(periodFirst, upTo: periodFirst.advanced(by: Int(clamping: periodDays))) else {
      throw Unreadable()
    }
    let first = stretches.count
    let causes = try read(&stretches)
    try expect(UInt8(ascii: "]"))
    return unsafe SheetItem(
      id: ItemID(id), order: order, period: period, coin: coin, network: network, amount: Cents(amount), dayCount: Int(clamping: dayCount),
      firstDay: firstDay, lastDay: lastDay, base: Cents(base), paid: Cents(paid), periodDays: days, causes: causes,
      flags: FlagSet(rawValue: UInt16(truncatingIfNeeded: flags)), dueOn: due, stretches: first..<stretches.count)
  }

  /// - Returns: Their causes.
  private mutating func read(_ stretches: inout [SheetStretch]) throws(Unreadable) -> CauseSet {
    try expect(UInt8(ascii: ","))
    var causes = CauseSet()
    var separator = UInt8(ascii: "[")
    repeat {
      try expect(separator)
      separator = UInt8(ascii: ",")
      try expect(UInt8(ascii: "["))
      let (first, last, causeNumber) = (ServiceDay(ordinal: try day()), try nextDay(), try nextNumber())
      let evidence = unsafe try nextText()
      let (amount, base) = (try nextNumber(), try nextNumber())
      try expect(UInt8(ascii: "]"))
      guard let days = DayRange(first, upTo: last.advanced(by: 1)), let cause = Cause(rawValue: Int(clamping: causeNumber)) else {
        throw Unreadable()
      }
      causes.formUnion(CauseSet(cause))
      unsafe stretches.append(SheetStretch(days: days, cause: cause, evidence: evidence, amount: Cents(amount), base: Cents(base)))
    } while peek == UInt8(ascii: ",")
    try expect(UInt8(ascii: "]"))
    return causes
  }

  private var peek: UInt8? { unsafe place < text.count ? text[place] : nil }

  private mutating func expect(_ byte: UInt8) throws(Unreadable) {
    guard unsafe place < text.count && text[place] == byte else { throw Unreadable() }
    place += 1
  }

  private mutating func number() throws(Unreadable) -> Int64 {
    guard unsafe place < text.count, let start = unsafe text.baseAddress else { throw Unreadable() }
    let eight = unsafe UInt64(littleEndian: UnsafeRawPointer(start + place).loadUnaligned(as: UInt64.self))
    let (value, count) = DecimalDigits.number(eight)
    guard unsafe (1...7).contains(count) && place + count <= text.count else { return try longNumber() }
    place += count
    return Int64(value)
  }

  /// One of eight digits or more, or a negative one.
  private mutating func longNumber() throws(Unreadable) -> Int64 {
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

  private mutating func nextTextOrNull() throws(Unreadable) -> UnsafeBufferPointer<UInt8> {
    guard unsafe place + 1 < text.count, unsafe text[place + 1] == UInt8(ascii: "n") else { return unsafe try nextText() }
    for byte in ",null".utf8 { try expect(byte) }
    return unsafe UnsafeBufferPointer(start: nil, count: 0)
  }

  private mutating func nextText() throws(Unreadable) -> UnsafeBufferPointer<UInt8> {
    try expect(UInt8(ascii: ","))
    try expect(UInt8(ascii: "\""))
    let start = place
    while unsafe place < text.count {
      let byte = unsafe text[place]
      if byte == UInt8(ascii: "\"") {
        place += 1
        return unsafe UnsafeBufferPointer(rebasing: text[start..<place - 1])
      }
      if byte == UInt8(ascii: "\\") { return unsafe try escapedText(from: start) }
      place += 1
    }
    throw Unreadable()
  }

  /// Goes on where the first escape stands. A text is never longer than it was with its escapes, so it finds room in their place.
  private mutating func escapedText(from start: Int) throws(Unreadable) -> UnsafeBufferPointer<UInt8> {
    var end = place
    while unsafe place < text.count {
      var byte = unsafe text[place]
      place += 1
      if byte == UInt8(ascii: "\"") { return unsafe UnsafeBufferPointer(rebasing: text[start..<end]) }
      if byte == UInt8(ascii: "\\") { byte = try escaped() }
      unsafe text[end] = byte
      end += 1
    }
    throw Unreadable()
  }

  /// The byte that an escape stands for.
  private mutating func escaped() throws(Unreadable) -> UInt8 {
    guard unsafe place < text.count else { throw Unreadable() }
    let kind = unsafe text[place]
    place += 1
    switch kind {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): return kind
    case UInt8(ascii: "u"):
      guard unsafe place + 4 <= text.count,
        let value = unsafe UInt8(String(decoding: UnsafeBufferPointer(rebasing: text[place..<place + 4]), as: UTF8.self), radix: 16)
      else { throw Unreadable() }
      place += 4
      return value
    default: throw Unreadable()
    }
  }
}
