import Foundation

/// A text whose bytes lie somewhere else: in a mapped file, a block, or an arena. Good as long as those.
/// It may go from one thread to another with what it lies in.
@safe public struct ByteText: @unchecked Sendable {
  private let start: UnsafePointer<UInt8>?
  public let count: Int

  public init(_ bytes: UnsafeBufferPointer<UInt8>) { unsafe (start, count) = (bytes.baseAddress, bytes.count) }

  init(_ start: UnsafePointer<UInt8>?, _ count: Int) { unsafe (self.start, self.count) = (start, count) }

  public static let none = unsafe ByteText(nil as UnsafePointer<UInt8>?, 0)

  public var isEmpty: Bool { count == 0 }
  public var bytes: UnsafeBufferPointer<UInt8> { unsafe UnsafeBufferPointer(start: start, count: count) }
  public var string: String { unsafe String(decoding: bytes, as: UTF8.self) }
  public var optional: String? { isEmpty ? nil : string }

  public static func == (left: ByteText, right: ByteText) -> Bool {
    guard left.count == right.count else { return false }
    guard let one = unsafe left.start, let other = unsafe right.start else { return true }
    if unsafe one == other { return true }
    return left.count < 8 ? left.rest(at: 0) == right.rest(at: 0) : left.shared(with: right) == left.count
  }

  public static func != (left: ByteText, right: ByteText) -> Bool { !(left == right) }

  /// Bytewise, as SQLite compares text.
  public static func < (left: ByteText, right: ByteText) -> Bool { compare(left, right) < 0 }

  public static func compare(_ left: ByteText, _ right: ByteText) -> Int {
    let shared = left.shared(with: right)
    guard shared < min(left.count, right.count), let one = unsafe left.start, let other = unsafe right.start else { return left.count - right.count }
    return unsafe Int(one[shared]) - Int(other[shared])
  }

  /// How many bytes at the beginning are those of another text.
  func shared(with other: ByteText) -> Int {
    guard let one = unsafe start, let two = unsafe other.start else { return 0 }
    let limit = min(count, other.count)
    var length = 0
    while length + 8 <= limit {
      let difference = unsafe octets(one, length) ^ octets(two, length)
      if difference != 0 { return length + difference.trailingZeroBitCount / 8 }
      length += 8
    }
    if limit >= 8, length < limit {
      // Once more some of those that are equal.
      let difference = unsafe octets(one, limit - 8) ^ octets(two, limit - 8)
      return difference == 0 ? limit : limit - 8 + difference.trailingZeroBitCount / 8
    }
    while length < limit, unsafe one[length] == two[length] { length += 1 }
    return length
  }

  private func octets(_ start: UnsafePointer<UInt8>, _ place: Int) -> UInt64 {
    UInt64(littleEndian: unsafe UnsafeRawPointer(start).loadUnaligned(fromByteOffset: place, as: UInt64.self))
  }

  /// Eight bytes, the first one lowest; they must be there.
  func octets(at place: Int) -> UInt64 { unsafe start.map { unsafe octets($0, place) } ?? 0 }

  /// The bytes from a place on, less than eight, the first one lowest and zeros behind the last.
  func rest(at place: Int) -> UInt64 {
    guard place < count, let start = unsafe start else { return 0 }
    if count >= 8 { return unsafe octets(start, count - 8) >> UInt64(8 * (8 - (count - place))) }
    let all: UInt64
    if count >= 4 {
      // Two that overlap.
      let raw = unsafe UnsafeRawPointer(start)
      let (low, high) = unsafe (raw.loadUnaligned(as: UInt32.self), raw.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self))
      all = UInt64(UInt32(littleEndian: low)) | UInt64(UInt32(littleEndian: high)) << UInt64(8 * (count - 4))
    } else {
      let (middle, last) = (count / 2, count - 1)
      all = unsafe UInt64(start[0]) | UInt64(start[middle]) << UInt64(8 * middle) | UInt64(start[last]) << UInt64(8 * last)
    }
    return all >> UInt64(8 * place)
  }

  /// The bytes of a text of up to eight bytes as a number, the first one lowest; nil for a longer one.
  public var short: UInt64? { count < 8 ? rest(at: 0) : count == 8 ? octets(at: 0) : nil }

  func dropFirst(_ length: Int) -> ByteText { unsafe ByteText(start.map { unsafe $0 + length }, count - length) }

  func equals(_ word: StaticString) -> Bool {
    unsafe count == word.utf8CodeUnitCount && (start.map { unsafe memcmp($0, word.utf8Start, count) == 0 } ?? true)
  }
}

/// Memory for texts that have to be put together, given back all at once.
@safe final class Arena {
  private var chunks: [UnsafeMutablePointer<UInt8>] = unsafe []
  private var chunk = -1
  private var rest = unsafe Rest(next: nil, left: 0)
  private static let size = 1 << 16

  /// What is left of the chunk at hand.
  @safe private struct Rest {
    var next: UnsafeMutablePointer<UInt8>?
    var left: Int

    mutating func take(_ length: Int) -> UnsafeMutablePointer<UInt8>? {
      guard length <= left, let place = unsafe next else { return nil }
      unsafe next = place + length
      left -= length
      return unsafe place
    }
  }

  deinit { unsafe chunks.forEach { unsafe $0.deallocate() } }

  /// Everything taken so far may be written over.
  func reset() {
    chunk = -1
    rest = unsafe Rest(next: nil, left: 0)
  }

  /// - Parameter length: At most the size of a chunk.
  func take(_ length: Int) -> UnsafeMutablePointer<UInt8> {
    if let place = unsafe rest.take(length) { return unsafe place }
    precondition(length <= Arena.size)
    chunk += 1
    if unsafe chunk == chunks.count { unsafe chunks.append(.allocate(capacity: Arena.size)) }
    unsafe rest = Rest(next: chunks[chunk] + length, left: Arena.size - length)
    return unsafe chunks[chunk]
  }

  func copy(_ text: ByteText) -> ByteText {
    guard let from = unsafe text.bytes.baseAddress else { return .none }
    let place = unsafe take(text.count)
    unsafe place.update(from: from, count: text.count)
    return unsafe ByteText(place, text.count)
  }
}

/// Bytes being written: numbers in as few of them as they need.
@safe final class ByteWriter {
  private var start: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private(set) var count = 0

  init(capacity: Int = 8192) {
    self.capacity = capacity
    unsafe start = .allocate(capacity: capacity)
  }

  deinit { unsafe start.deallocate() }

  var bytes: UnsafeBufferPointer<UInt8> { unsafe UnsafeBufferPointer(start: start, count: count) }

  func clear() { count = 0 }

  /// Makes room for so many bytes more.
  @inline(__always) private func reserve(_ length: Int) { if count + length > capacity { grow(length) } }

  private func grow(_ length: Int) {
    capacity = max(2 * capacity, count + length)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    unsafe larger.update(from: start, count: count)
    unsafe start.deallocate()
    unsafe start = larger
  }

  @inline(__always) func byte(_ value: UInt8) {
    reserve(1)
    unsafe start[count] = value
    count += 1
  }

  /// Seven bits a byte, the lowest first.
  @inline(__always) func number(_ value: UInt64) {
    if value < 0x80 { byte(UInt8(truncatingIfNeeded: value)) } else { long(value) }
  }

  private func long(_ value: UInt64) {
    reserve(10)
    let place = unsafe start + count
    var length = 0
    var rest = value
    while rest >= 0x80 {
      unsafe place[length] = UInt8(truncatingIfNeeded: rest) | 0x80
      length += 1
      rest >>= 7
    }
    unsafe place[length] = UInt8(truncatingIfNeeded: rest)
    count += length + 1
  }

  func number(_ value: Int) { number(UInt64(bitPattern: Int64(value))) }

  /// Numbers of either sign, small ones short.
  func signed(_ value: Int64) { number(UInt64(bitPattern: (value &<< 1) ^ (value >> 63))) }

  func raw(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let from = bytes.baseAddress, bytes.count > 0 else { return }
    reserve(bytes.count)
    unsafe (start + count).update(from: from, count: bytes.count)
    count += bytes.count
  }

  /// A number of a fixed length, its lowest byte first.
  func fixed<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) {
    reserve(MemoryLayout<Value>.size)
    unsafe UnsafeMutableRawPointer(start + count).storeBytes(of: value.littleEndian, as: Value.self)
    count += MemoryLayout<Value>.size
  }

  func text(_ text: ByteText) {
    number(text.count)
    unsafe raw(text.bytes)
  }
}

/// Reads what a ``ByteWriter`` wrote, and never beyond it: what does not fit reads as 0 or nothing, and ``isBroken`` says so.
@safe struct ByteReader {
  private let start: UnsafePointer<UInt8>?
  private(set) var position = 0
  let end: Int
  private(set) var isBroken = false

  public init(_ bytes: UnsafeBufferPointer<UInt8>) { unsafe (start, end) = (bytes.baseAddress, bytes.count) }

  var isAtEnd: Bool { position >= end }

  /// Everything there is, read or not.
  var all: ByteText { unsafe ByteText(start, end) }

  @inline(__always) mutating func byte() -> UInt8 {
    guard position < end, let start = unsafe start else {
      isBroken = true
      return 0
    }
    let value = unsafe start[position]
    position &+= 1
    return value
  }

  @inline(__always) mutating func number() -> UInt64 {
    let first = byte()
    return first < 0x80 ? UInt64(first) : number(from: first)
  }

  /// What follows a first byte that is not the only one.
  @inline(__always) private mutating func number(from first: UInt8) -> UInt64 {
    guard let start = unsafe start, position &+ 7 <= end else { return longNumber(from: first) }
    // Eight bytes at once, from the first one on: the lowest of those that end a number ends it.
    let eight = UInt64(littleEndian: unsafe UnsafeRawPointer(start).loadUnaligned(fromByteOffset: position &- 1, as: UInt64.self))
    let ends = ~eight & 0x8080_8080_8080_8080
    if ends == 0 { return longNumber(from: first) }
    position &+= ends.trailingZeroBitCount / 8
    // Up to the end, and then the seven bits of each byte together: two by two, four by four, all.
    var value = eight & (ends ^ (ends &- 1)) & 0x7F7F_7F7F_7F7F_7F7F
    value = (value & 0x007F_007F_007F_007F) | (value & 0x7F00_7F00_7F00_7F00) >> 1
    value = (value & 0x0000_3FFF_0000_3FFF) | (value & 0x3FFF_0000_3FFF_0000) >> 2
    return (value & 0x0000_0000_0FFF_FFFF) | (value & 0x0FFF_FFFF_0000_0000) >> 4
  }

  private mutating func longNumber(from first: UInt8) -> UInt64 {
    var value = UInt64(first & 0x7F)
    var shift: UInt64 = 7
    while shift < 64 {
      let next = byte()
      value |= UInt64(next & 0x7F) &<< shift
      if next & 0x80 == 0 { return value }
      shift &+= 7
    }
    isBroken = true
    return value
  }

  /// Passes by a text.
  @inline(__always) mutating func skipText() {
    let length = int()
    if length < 0 || length > end &- position { isBroken = true } else { position &+= length }
  }

  @inline(__always) mutating func int() -> Int { Int(truncatingIfNeeded: number()) }

  /// Eight bytes, the lowest first.
  mutating func fixed() -> UInt64 {
    let bytes = raw(8)
    guard let start = unsafe bytes.bytes.baseAddress else { return 0 }
    return unsafe UInt64(littleEndian: UnsafeRawPointer(start).loadUnaligned(as: UInt64.self))
  }

  @inline(__always) mutating func signed() -> Int64 {
    let value = number()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  @inline(__always) mutating func raw(_ length: Int) -> ByteText {
    guard length >= 0, length <= end &- position, let start = unsafe start else {
      isBroken = true
      return .none
    }
    let text = unsafe ByteText(start + position, length)
    position &+= length
    return text
  }

  @inline(__always) mutating func text() -> ByteText { raw(int()) }

  /// Goes back to where it was before.
  mutating func rewind(to place: Int) { position = min(max(place, 0), end) }

  mutating func skip(to place: Int) {
    if place < position || place > end { isBroken = true } else { position = place }
  }
}
