import EightBytes
import RefundPolicy

/// How items stand on a sheet: a JSON array of arrays, numbers and texts alone, without spaces; the last one is of words.
///
///     [[17,"ord-17","per-17","XMR",null,290,2,20381,20382,2999,2999,20370,31,8,20402,[[1,0]]],…,["outage:out-3"]]
///
/// Days that are all of an item's are told by its figures: only their cause stands with them, and which of the words is their evidence. Days of an
/// item that has others too stand with their first and last day and their cents, and with the base of their shares where it is not the item's:
///
///     [[20381,20382,1,0,290],[20390,20390,3,1,145,2000]]
///
/// Sheets of before have no words, and all of it with the days:
///
///     [[20381,20382,1,"outage:out-3",290,2999]]
///
/// What all items of a sheet share (run, state, date) or what none of them has (address, tag, review) is not in it.
enum SheetFormat {
  /// The places of an item's values, counted from 0.
  enum Place: Int {
    case item, order, period, coin, network, amount, dayCount, firstDay, lastDay, base, paid, periodFirst, periodDays, flags, due
    /// Arrays of first day, last day, cause, evidence, cents and base; or one of cause and evidence.
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
  ///   - items: Takes the items, in the order of ids; what was in it is gone, as with their stretches and the words.
  mutating func read(
    _ items: inout [SheetItem], _ stretches: inout [SheetStretch], _ words: inout [UnsafeBufferPointer<UInt8>]
  ) throws(Unreadable) {
    items.removeAll(keepingCapacity: true)
    stretches.removeAll(keepingCapacity: true)
    unsafe words.removeAll(keepingCapacity: true)
    try expect(UInt8(ascii: "["))
    items.append(try item(&stretches))
    while peek == UInt8(ascii: ",") {
      place += 1
      if unsafe place + 1 < text.count, unsafe text[place + 1] == UInt8(ascii: "\"") {
        unsafe try read(&words)
        break
      }
      items.append(try item(&stretches))
    }
    try expect(UInt8(ascii: "]"))
    if unsafe place != text.count { throw Unreadable() }
    for index in stretches.indices where stretches[index].word >= 0 {
      guard unsafe stretches[index].word < words.count else { throw Unreadable() }
      unsafe stretches[index].evidence = words[stretches[index].word]
    }
  }

  private mutating func read(_ words: inout [UnsafeBufferPointer<UInt8>]) throws(Unreadable) {
    try expect(UInt8(ascii: "["))
    unsafe words.append(try readText())
    while peek == UInt8(ascii: ",") { unsafe words.append(try nextText()) }
    try expect(UInt8(ascii: "]"))
  }

  private mutating func item(_ stretches: inout [SheetStretch]) throws(Unreadable) -> SheetItem {
    try expect(UInt8(ascii: "["))
    let id = try number()
    let (order, period, coin) = unsafe (try nextText(), try nextText(), try nextText())
    let network = unsafe try nextTextOrNull()
    let (amount, dayCount, firstDay, lastDay) = (try nextNumber(), try nextNumber(), try nextDay(), try nextDay())
    let (base, paid, periodFirst, periodDays) = (try nextNumber(), try nextNumber(), try nextDay(), try nextNumber())
    let (flags, due) = (try nextNumber(), try nextDay())
    let days = try days(from: Int64(periodFirst.ordinal), periodDays)
    if id < 1 { throw Unreadable() }
    let first = stretches.count
    try expect(UInt8(ascii: ","))
    let sole = (first: firstDay, last: lastDay, amount: Cents(amount), base: Cents(base))
    var causes = CauseSet()
    var separator = UInt8(ascii: "[")
    repeat {
      try expect(separator)
      separator = UInt8(ascii: ",")
      let (stretch, isSole) = try stretch(sole)
      causes.formUnion(CauseSet(stretch.cause))
      stretches.append(stretch)
      if isSole && (stretches.count > first + 1 || peek != UInt8(ascii: "]")) { throw Unreadable() }
    } while peek == UInt8(ascii: ",")
    try expect(UInt8(ascii: "]"))
    try expect(UInt8(ascii: "]"))
    return unsafe SheetItem(
      id: ItemID(id), order: order, period: period, coin: coin, network: network, amount: Cents(amount), dayCount: Int(clamping: dayCount),
      firstDay: firstDay, lastDay: lastDay, base: Cents(base), paid: Cents(paid), periodDays: days, causes: causes,
      flags: FlagSet(rawValue: UInt16(truncatingIfNeeded: flags)), dueOn: due, stretches: first..<stretches.count)
  }

  /// - Parameter sole: What the item's figures tell of its days, where these are all of them.
  /// - Returns: And whether they are.
  private mutating func stretch(
    _ sole: (first: ServiceDay, last: ServiceDay, amount: Cents, base: Cents)
  ) throws(Unreadable) -> (SheetStretch, Bool) {
    try expect(UInt8(ascii: "["))
    let (first, second) = (try number(), try nextNumber())
    if peek == UInt8(ascii: "]") {
      place += 1
      let days = try days(from: Int64(sole.first.ordinal), through: Int64(sole.last.ordinal))
      guard let cause = Cause(rawValue: Int(clamping: first)), second >= 0 else { throw Unreadable() }
      let none = unsafe UnsafeBufferPointer<UInt8>(start: nil, count: 0)
      return unsafe (SheetStretch(days: days, cause: cause, evidence: none, word: Int(second), amount: sole.amount, base: sole.base), true)
    }
    let cause = try nextNumber()
    var (evidence, word) = unsafe (UnsafeBufferPointer<UInt8>(start: nil, count: 0), Int64(-1))
    if unsafe place + 1 < text.count, unsafe text[place + 1] == UInt8(ascii: "\"") {
      unsafe evidence = try nextText()
    } else {
      word = try nextNumber()
      if word < 0 { throw Unreadable() }
    }
    let amount = try nextNumber()
    let base = peek == UInt8(ascii: "]") ? sole.base.count : try nextNumber()
    try expect(UInt8(ascii: "]"))
    let days = try days(from: first, through: second)
    guard let cause = Cause(rawValue: Int(clamping: cause)) else { throw Unreadable() }
    return unsafe (SheetStretch(days: days, cause: cause, evidence: evidence, word: Int(word), amount: Cents(amount), base: Cents(base)), false)
  }

  /// Numbers of a sheet have 18 digits at most.
  private func days(from first: Int64, through last: Int64) throws(Unreadable) -> DayRange { try days(from: first, last - first + 1) }

  private func days(from first: Int64, _ count: Int64) throws(Unreadable) -> DayRange {
    guard let start = Int32(exactly: first), let end = Int32(exactly: first + count),
      let days = DayRange(ServiceDay(ordinal: start), upTo: ServiceDay(ordinal: end))
    else { throw Unreadable() }
    return days
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
    return unsafe try readText()
  }

  private mutating func readText() throws(Unreadable) -> UnsafeBufferPointer<UInt8> {
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
