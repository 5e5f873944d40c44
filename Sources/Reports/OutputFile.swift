import Crypto
import Glibc
import RefundPolicy

/// One file being written: a buffer, its descriptor, and the checksum of what went through.
///
/// Fields are formatted straight into the buffer, which is handed to the system whenever a row leaves 64 KiB or more in it,
/// so memory is bounded by the longest row. Dropping the value closes the descriptor.
struct OutputFile: ~Copyable {
  /// What errors call the file.
  private let path: String
  private var descriptor: Int32
  private var buffer: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private(set) var count = 0
  private var checksum = SHA256()
  private var bytesFlushed = 0
  private(set) var rows = 0

  static let flushSize = 1 << 16

  /// Takes over an open descriptor; `path` is for messages.
  init(descriptor: Int32, path: String) {
    (self.descriptor, self.path) = (descriptor, path)
    capacity = OutputFile.flushSize + 8192
    buffer = .allocate(capacity: capacity)
  }

  deinit {
    if descriptor >= 0 { _ = Glibc.close(descriptor) }
    buffer.deallocate()
  }

  /// Makes room for `extra` more bytes.
  @inline(__always)
  private mutating func reserve(_ extra: Int) {
    if count + extra > capacity { grow(by: extra) }
  }

  @inline(never)
  private mutating func grow(by extra: Int) {
    let larger = max(capacity * 2, count + extra)
    let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    moved.update(from: buffer, count: count)
    buffer.deallocate()
    (buffer, capacity) = (moved, larger)
  }

  mutating func byte(_ value: UInt8) {
    reserve(1)
    buffer[count] = value
    count += 1
  }

  /// The text as it is.
  mutating func raw(_ text: String) {
    let bytes = text.utf8.span
    reserve(bytes.count)
    let target = buffer + count
    bytes.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { target.update(from: start, count: source.count) }
    }
    count += bytes.count
  }

  /// Decimal digits, with zeros in front up to `width`.
  mutating func digits(_ value: UInt64, width: Int = 1) {
    var length = 1
    var rest = value
    while rest >= 10 {
      length += 1
      rest /= 10
    }
    length = max(length, width)
    reserve(length)
    var position = count + length
    rest = value
    while position > count {
      position -= 1
      buffer[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
    count += length
  }

  /// Ends a row: the comma after the last field becomes the line feed.
  mutating func endRow() throws(ReportError) {
    if count > 0 { buffer[count - 1] = UInt8(ascii: "\n") }
    rows += 1
    if count >= OutputFile.flushSize { try flush() }
  }

  /// Hands the buffer to the system.
  mutating func flush() throws(ReportError) {
    checksum.update(bufferPointer: UnsafeRawBufferPointer(start: buffer, count: count))
    var written = 0
    while written < count {
      let step = Glibc.write(descriptor, buffer + written, count - written)
      if step > 0 {
        written += step
      } else {
        let code = errno
        if step < 0 && code == EINTR { continue }
        throw .cannotWrite(path: path, code: step == 0 ? EIO : code)
      }
    }
    bytesFlushed += count
    count = 0
  }

  /// Writes what is left, waits until all of it is on the disk, and closes.
  consuming func finish(as name: String) throws(ReportError) -> WrittenFile {
    try flush()
    guard fsync(descriptor) == 0 else { throw .cannotWrite(path: path, code: errno) }
    let closed = Glibc.close(descriptor)
    descriptor = -1
    guard closed == 0 else { throw .cannotWrite(path: path, code: errno) }
    return WrittenFile(name: name, bytes: bytesFlushed, rows: rows, sha256: checksum.finalize().hexadecimal)
  }
}

/// What is known of a file once it is on the disk.
package struct WrittenFile: Hashable, Sendable {
  /// The name within its folder.
  package let name: String
  package let bytes: Int
  /// Rows of data, the header not counted; 0 for a file that is no table.
  package let rows: Int
  /// 64 lower-case hexadecimal digits.
  package let sha256: String
}

extension SHA256.Digest {
  var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(2 * SHA256.Digest.byteCount)
    for byte in self {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
