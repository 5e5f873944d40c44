import EightBytes
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

  /// The most that a number takes, with what stands before it and what is written behind it to be written over.
  static let mostOfNumber = 28

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

  @inline(__always) mutating func number(_ value: Int64) {
    if value >= 0 && value < 100_000_000 { put(DecimalDigits.text(UInt64(value))) } else { longNumber(value) }
  }

  private mutating func longNumber(_ value: Int64) {
    if value < 0 { byte(UInt8(ascii: "-")) }
    var (rest, width) = (value.magnitude, 1)
    for limit: UInt64 in [10_000_000_000_000_000, 100_000_000] where rest >= limit || width == 8 {
      put(DecimalDigits.text(rest / limit, width: width))
      (rest, width) = (rest % limit, 8)
    }
    put(DecimalDigits.text(rest, width: width))
  }

  /// Eight bytes, of which some count: there is room for more than a number takes.
  @inline(__always) private mutating func put(_ text: (bytes: UInt64, count: Int)) {
    unsafe UnsafeMutableRawPointer(place).storeBytes(of: text.bytes.littleEndian, as: UInt64.self)
    unsafe place += text.count
  }

  mutating func nextNull() { for byte in ",null".utf8 { self.byte(byte) } }

  mutating func text(_ text: String) {
    let isThere: Void? = unsafe text.utf8.withContiguousStorageIfAvailable { unsafe self.text($0) }
    precondition(isThere != nil, "a text of Swift's own lies in one piece")
  }

  mutating func next(_ text: UnsafeBufferPointer<UInt8>) {
    byte(UInt8(ascii: ","))
    unsafe self.text(text)
  }

  mutating func text(_ text: UnsafeBufferPointer<UInt8>) {
    byte(UInt8(ascii: "\""))
    var index = 0
    while index + 8 <= text.count {
      let eight = unsafe UInt64(littleEndian: UnsafeRawBufferPointer(text).loadUnaligned(fromByteOffset: index, as: UInt64.self))
      if SheetPen.hasSpecial(eight) { break }
      put((eight, 8))
      index += 8
    }
    for index in index..<text.count {
      let value = unsafe text[index]
      if value < 0x20 || value == UInt8(ascii: "\"") || value == UInt8(ascii: "\\") { escape(value) } else { byte(value) }
    }
    byte(UInt8(ascii: "\""))
  }

  /// Whether one of eight bytes has to be escaped.
  private static func hasSpecial(_ eight: UInt64) -> Bool {
    let marks = Octets.trace(of: UInt8(ascii: "\""), in: eight) | Octets.trace(of: UInt8(ascii: "\\"), in: eight)
    return marks & Octets.tops | Octets.controls(eight) != 0
  }

  private mutating func escape(_ value: UInt8) {
    byte(UInt8(ascii: "\\"))
    if value >= 0x20 { return byte(value) }
    for byte in "u00".utf8 { self.byte(byte) }
    for digit in [value >> 4, value & 15] { byte(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10) }
  }
}
