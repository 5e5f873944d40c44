import RefundPolicy

/// Bytes being put together, and let go all at once.
@safe final class SheetBytes {
  private var start: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private(set) var count = 0

  init(capacity: Int) {
    self.capacity = capacity
    unsafe start = .allocate(capacity: capacity)
  }

  deinit { unsafe start.deallocate() }

  var bytes: UnsafeBufferPointer<UInt8> { unsafe UnsafeBufferPointer(start: start, count: count) }

  /// Good until more is written.
  subscript(range: Range<Int>) -> UnsafeBufferPointer<UInt8> { unsafe UnsafeBufferPointer(rebasing: bytes[range]) }

  func clear() { count = 0 }

  /// Makes it these bytes alone.
  func set(_ bytes: UnsafeBufferPointer<UInt8>) {
    clear()
    write(bytes.count) { unsafe $0.raw(bytes) }
  }

  /// Has a pen write behind what is there, in no more than so many bytes.
  func write(_ most: Int, _ body: (inout SheetPen) -> Void) {
    if count + most > capacity { grow(by: most) }
    var pen = unsafe SheetPen(place: start + count)
    body(&pen)
    count = unsafe pen.place - start
  }

  private func grow(by length: Int) {
    capacity = max(2 * capacity, count + length)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    unsafe larger.update(from: start, count: count)
    unsafe start.deallocate()
    unsafe start = larger
  }
}

/// Writes JSON where room was made.
@safe struct SheetPen {
  private(set) var place: UnsafeMutablePointer<UInt8>

  init(place: UnsafeMutablePointer<UInt8>) { unsafe self.place = place }

  /// The most that a number takes, with what stands before it.
  static let mostOfNumber = 21

  /// The most that a text takes, with what stands around it: each byte is six at most.
  static func most(of count: Int) -> Int { 6 * count + 3 }

  @inline(__always) mutating func byte(_ value: UInt8) {
    unsafe place.pointee = value
    unsafe place += 1
  }

  mutating func raw(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let from = bytes.baseAddress else { return }
    unsafe place.update(from: from, count: bytes.count)
    unsafe place += bytes.count
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
    var text = text
    text.withUTF8 { unsafe next($0) }
  }

  mutating func next(_ text: UnsafeBufferPointer<UInt8>) {
    byte(UInt8(ascii: ","))
    byte(UInt8(ascii: "\""))
    for index in 0..<text.count {
      let value = unsafe text[index]
      if value < 0x20 || value == UInt8(ascii: "\"") || value == UInt8(ascii: "\\") { escape(value) } else { byte(value) }
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
