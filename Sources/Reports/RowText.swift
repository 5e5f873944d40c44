import EightBytes
import RefundPolicy

/// Rows of a CSV file as they are put into words: a buffer that grows, and is let go or handed on as a whole.
@safe struct RowText: ~Copyable {
  private(set) var buffer: UnsafeMutablePointer<UInt8>
  private(set) var capacity: Int
  private(set) var count = 0
  private(set) var rows = 0
  private var days = DayTexts()

  /// - Parameter capacity: Bytes for which there is room at first.
  init(capacity: Int = RowText.flushSize + 8192) {
    self.capacity = capacity
    unsafe buffer = .allocate(capacity: capacity)
  }

  deinit { unsafe buffer.deallocate() }

  /// So many bytes are worth a write.
  static let flushSize = 1 << 16

  var bytes: UnsafeBufferPointer<UInt8> { unsafe UnsafeBufferPointer(start: buffer, count: count) }

  /// Takes another buffer, and lets go of what was written into its own.
  mutating func exchange(_ other: UnsafeMutableBufferPointer<UInt8>) {
    if let start = other.baseAddress { unsafe (buffer, capacity) = (start, other.count) }
    clear()
  }

  mutating func clear() { (count, rows) = (0, 0) }

  /// Makes room for `extra` more bytes.
  @inline(__always)
  private mutating func reserve(_ extra: Int) {
    if count + extra > capacity { grow(by: extra) }
  }

  @inline(never)
  private mutating func grow(by extra: Int) {
    let larger = max(capacity * 2, count + extra)
    let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    unsafe moved.update(from: buffer, count: count)
    unsafe buffer.deallocate()
    unsafe (buffer, capacity) = (moved, larger)
  }

  @inline(__always)
  mutating func byte(_ value: UInt8) {
    reserve(1)
    unsafe buffer[count] = value
    count += 1
  }

  /// The text as it is.
  @inline(__always)
  mutating func raw(_ text: String) {
    unsafe text.withBytes { unsafe raw($0) }
  }

  @inline(__always)
  mutating func raw(_ text: UnsafeBufferPointer<UInt8>) {
    guard let start = text.baseAddress else { return }
    reserve(text.count)
    unsafe (buffer + count).update(from: start, count: text.count)
    count += text.count
  }

  /// What stands in another text.
  @inline(__always)
  mutating func copy(_ range: Range<Int>, of other: borrowing RowText) { unsafe raw(UnsafeBufferPointer(rebasing: other.bytes[range])) }

  /// The first `length` of eight bytes, the lowest first.
  @inline(__always)
  private mutating func bytes(_ eight: UInt64, _ length: Int) {
    reserve(8)
    unsafe UnsafeMutableRawPointer(buffer + count).storeBytes(of: eight.littleEndian, as: UInt64.self)
    count += length
  }

  /// Decimal digits, with zeros in front up to `width`.
  @inline(__always)
  mutating func digits(_ value: UInt64, width: Int = 1) {
    if value < 100_000_000 && width <= 8 {
      let digits = DecimalDigits.text(value, width: width)
      bytes(digits.bytes, digits.count)
    } else {
      manyDigits(value, width: width)
    }
  }

  /// Decimal digits, and a byte behind them.
  @inline(__always)
  mutating func digits(_ value: UInt64, then last: UInt8) {
    if value < 10_000_000 {
      let digits = DecimalDigits.text(value)
      bytes(digits.bytes | UInt64(last) << UInt64(8 * digits.count), digits.count + 1)
    } else {
      self.digits(value)
      byte(last)
    }
  }

  /// The two digits of a number below 100, and a byte behind them where there is one.
  @inline(__always)
  mutating func twoDigits(_ value: UInt64, then last: UInt8? = nil) {
    let zero = UInt64(UInt8(ascii: "0"))
    bytes(zero + value / 10 | (zero + value % 10) << 8 | UInt64(last ?? 0) << 16, last == nil ? 2 : 3)
  }

  @inline(never)
  private mutating func manyDigits(_ value: UInt64, width: Int) {
    digits(value / 100_000_000, width: max(1, width - 8))
    digits(value % 100_000_000, width: 8)
  }

  /// `2026-11-22`, and a byte behind it.
  @inline(__always)
  mutating func day(_ day: ServiceDay, then last: UInt8) {
    let text = days[day]
    bytes(text.yearAndMonth, 8)
    bytes(text.date | UInt64(last) << 16, 3)
  }

  /// Makes a text column of what was written since `start`: quoted where it must be (RFC 4180), and with a leading `'` where a spreadsheet
  /// would take it for a formula.
  @inline(__always)
  mutating func endText(from start: Int) {
    guard count > start else { return }
    let isFormula = unsafe RowText.beginsFormula(buffer[start])
    let (hasQuotes, hasBreaks) = findSpecial(from: start)
    if hasQuotes || hasBreaks || isFormula { dress(from: start, isFormula: isFormula, isQuoted: hasQuotes || hasBreaks, hasQuotes: hasQuotes) }
  }

  /// Whether the text since `start` has quotes in it, and whether it has commas or line breaks.
  ///
  /// Looks at eight bytes at once. The bytes behind the text are cleared for the last step.
  @inline(__always)
  private mutating func findSpecial(from start: Int) -> (quotes: Bool, breaks: Bool) {
    reserve(8)
    unsafe UnsafeMutableRawPointer(buffer + count).storeBytes(of: 0, as: UInt64.self)
    var (quotes, breaks) = (UInt64(0), UInt64(0))
    var next = start
    while next < count {
      let eight = unsafe UnsafeRawPointer(buffer + next).loadUnaligned(as: UInt64.self)
      quotes |= Octets.trace(of: RowText.quote, in: eight)
      breaks |= Octets.trace(of: UInt8(ascii: ","), in: eight)
      breaks |= Octets.trace(of: UInt8(ascii: "\n"), in: eight) | Octets.trace(of: UInt8(ascii: "\r"), in: eight)
      next &+= 8
    }
    return (quotes & Octets.tops != 0, breaks & Octets.tops != 0)
  }

  /// Puts the quotes, and the `'` before a formula, to the text since `start`.
  private mutating func dress(from start: Int, isFormula: Bool, isQuoted: Bool, hasQuotes: Bool) {
    let length = count - start
    let before = (isQuoted ? 1 : 0) + (isFormula ? 1 : 0)
    reserve(before + 1)
    unsafe (buffer + start + before).update(from: buffer + start, count: length)
    if isQuoted { unsafe buffer[start] = RowText.quote }
    if isFormula { unsafe buffer[start + before - 1] = UInt8(ascii: "'") }
    count += before
    if hasQuotes { doubleQuotes(from: start + before) }
    if isQuoted { byte(RowText.quote) }
  }

  /// Writes each quote since `start` twice.
  private mutating func doubleQuotes(from start: Int) {
    var inner = 0
    for index in start..<count where unsafe buffer[index] == RowText.quote { inner += 1 }
    reserve(inner)
    // From the last byte to the first: what moves finds its place free.
    var target = count + inner
    for index in (start..<count).reversed() {
      let value = unsafe buffer[index]
      for _ in 0..<(value == RowText.quote ? 2 : 1) {
        target -= 1
        unsafe buffer[target] = value
      }
    }
    count += inner
  }

  static let quote = UInt8(ascii: "\"")

  /// Spreadsheets run what begins so as a formula.
  @inline(__always)
  private static func beginsFormula(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"), UInt8(ascii: "\t"), UInt8(ascii: "\r"): true
    default: false
    }
  }

  /// Ends a row: the comma after the last field becomes the line feed.
  mutating func endRow() {
    if count > 0 { unsafe buffer[count - 1] = UInt8(ascii: "\n") }
    rows += 1
  }
}

/// A row of a CSV file.
protocol CSVRow {
  func write(to text: inout RowText)
}
