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
