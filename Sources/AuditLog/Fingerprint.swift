import Hashing
public import Storage

/// A SHA-256 over values in an unambiguous form: every value carries its type, every text its length.
///
/// What is taken from values when they are written and from a row when they are checked gives the same hash, and no bit of a stored value can
/// change without changing it.
public struct Fingerprint {
  private var hash = SHA256()
  private var buffer: [UInt8] = []

  public init() { buffer.reserveCapacity(500) }

  private static let chunk = 16_384

  public mutating func add(_ value: Int64) {
    buffer.append(UInt8(ascii: "i"))
    append(value)
  }

  public mutating func add(_ value: Int64?) {
    if let value { add(value) } else { addNull() }
  }

  public mutating func add(_ text: String) {
    buffer.append(UInt8(ascii: "t"))
    append(Int64(text.utf8.count))
    buffer.append(contentsOf: text.utf8)
    drain()
  }

  public mutating func add(_ text: String?) {
    if let text { add(text) } else { addNull() }
  }

  public mutating func add(blob: [UInt8]) {
    buffer.append(UInt8(ascii: "b"))
    append(Int64(blob.count))
    buffer.append(contentsOf: blob)
    drain()
  }

  /// The bytes of a text.
  public mutating func add(bytes: UnsafeBufferPointer<UInt8>) {
    buffer.append(UInt8(ascii: "t"))
    append(Int64(bytes.count))
    unsafe buffer.append(contentsOf: bytes)
    drain()
  }

  public mutating func addNull() { buffer.append(UInt8(ascii: "n")) }

  /// Every column of a row, or those of a range, as they are stored.
  public mutating func add(row: RawStatement, columns: Range<Int>? = nil) {
    for column in columns ?? 0..<row.columnCount {
      switch row.type(column) {
      case .integer: add(row.int(column))
      case .null: addNull()
      case .blob: add(blob: row.blob(column))
      case .text, .real: unsafe add(bytes: row.bytes(column))
      }
    }
  }

  private mutating func append(_ value: Int64) {
    for shift in stride(from: 0, to: 64, by: 8) { buffer.append(UInt8(truncatingIfNeeded: value >> Int64(shift))) }
  }

  private mutating func drain() {
    if buffer.count < Fingerprint.chunk { return }
    hash.update(buffer)
    buffer.removeAll(keepingCapacity: true)
  }

  /// The 32 bytes; nothing is added afterwards.
  public consuming func finish() -> [UInt8] {
    hash.update(buffer)
    return hash.finish()
  }

  /// The first 16 bytes: enough to find a row that changed, where a seal over all of them proves it.
  public consuming func short() -> [UInt8] { Array(finish().prefix(16)) }
}

extension Fingerprint {
  /// The first 8 bytes as a number, for sums over many rows in any order.
  public consuming func number() -> UInt64 { finish().prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }
}
