import Foundation

/// Tells whether a write-ahead log belongs to the database that it lies beside: SQLite takes any log of the right name for the database's own, and a
/// backup that is put beside the log of the database it replaces becomes a mixture of both.
///
/// A database's header is the first 100 bytes of page 1. Every transaction of this program writes page 1, with a hash of the header that the
/// file then has (not the log) in the upper three bytes of `user_version`. So a log belongs to a file whose header is that of one of its copies of page 1 (a checkpoint
/// took it into the file), or whose header's hash one of them names (the log began on it).
enum WriteAheadLog {
  static let headerSize = 100

  /// What a transaction writes as `user_version`; its last byte is the number of steps that the schema has taken.
  static func mark(of header: [UInt8], schema version: Int64) -> Int32 {
    Int32(bitPattern: hash(header) << 8 | UInt32(schema(version)))
  }

  static func schema(_ version: Int64) -> Int { Int(version & 0xFF) }

  /// FNV-1a: what is told apart is a handful of states of one file.
  private static func hash(_ header: [UInt8]) -> UInt32 {
    var hash: UInt32 = 0x811C_9DC5
    for byte in header { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
    return (hash >> 24 ^ hash) & 0xFF_FFFF
  }

  /// The header that the database file has now.
  static func header(of descriptor: CInt, _ path: String) throws(StorageError) -> [UInt8] { try read(headerSize, at: 0, of: descriptor, path) }

  /// Refuses a log that is not the database's.
  ///
  /// - Parameter database: The database file, open.
  /// - Throws: ``StorageError/strayLog(path:database:)``, ``StorageError/inputOutput(path:why:)``.
  static func check(beside path: String, _ database: CInt) throws(StorageError) {
    if let journal = try LedgerFile.entry(path + "-journal"), journal.st_size > 0 { throw .strayLog(path: path + "-journal", database: path) }
    // Whatever another process does with the log just now, each state on the way fits; it is looked at twice all the same.
    for pause in [5_000, 0] as [useconds_t] {
      if try isOwn(path + "-wal", header(of: database, path)) { return }
      usleep(pause)
    }
    throw .strayLog(path: path + "-wal", database: path)
  }

  private static func isOwn(_ path: String, _ header: [UInt8]) throws(StorageError) -> Bool {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT { return true }
      throw .system(path, errno)
    }
    defer { close(descriptor) }
    let start = try read(Log.headerSize, at: 0, of: descriptor, path)
    guard let log = Log(start) else {
      // SQLite begins such a log anew.
      return true
    }
    let hash = hash(header)
    var firstCommit: Int?
    var number = 0
    while true {
      let frame = try read(Log.frameHeaderSize + headerSize, at: log.place(of: number), of: descriptor, path)
      guard frame.count == Log.frameHeaderSize + headerSize, frame[8..<16].elementsEqual(log.salts) else { break }
      if word(frame, 0) == 1 {
        let copy = Array(frame[Log.frameHeaderSize...])
        if copy == header || word(copy, 60) >> 8 == hash { return true }
      }
      if firstCommit == nil && word(frame, 4) != 0 { firstCommit = number }
      number += 1
    }
    guard let firstCommit else { return true }
    // A transaction that did not reach the disk as a whole is none.
    return try !isValid(log, through: firstCommit, start, descriptor, path)
  }

  /// Whether the checksums hold up to a frame.
  private static func isValid(_ log: Log, through last: Int, _ start: [UInt8], _ descriptor: CInt, _ path: String) throws(StorageError) -> Bool {
    var sum = log.checksum(start[..<24], after: (0, 0))
    guard sum == (word(start, 24), word(start, 28)) else { return false }
    for number in 0...last {
      let frame = try read(Log.frameHeaderSize + log.pageSize, at: log.place(of: number), of: descriptor, path)
      guard frame.count == Log.frameHeaderSize + log.pageSize else { return false }
      sum = log.checksum(frame[..<8], after: sum)
      sum = log.checksum(frame[Log.frameHeaderSize...], after: sum)
      guard sum == (word(frame, 16), word(frame, 20)) else { return false }
    }
    return true
  }

  /// SQLite's file format, "The Write-Ahead Log": 32 bytes, then frames of 24 bytes and a page.
  private struct Log {
    static let headerSize = 32
    static let frameHeaderSize = 24
    let pageSize: Int
    let salts: ArraySlice<UInt8>
    private let isBigEndian: Bool

    init?(_ header: [UInt8]) {
      guard header.count == Log.headerSize, word(header, 0) & ~1 == 0x377F_0682 else { return nil }
      (pageSize, salts, isBigEndian) = (Int(word(header, 8)), header[16..<24], word(header, 0) & 1 == 1)
      guard (512...65_536).contains(pageSize) else { return nil }
    }

    func place(of frame: Int) -> Int { Log.headerSize + frame * (Log.frameHeaderSize + pageSize) }

    func checksum(_ bytes: ArraySlice<UInt8>, after before: (UInt32, UInt32)) -> (UInt32, UInt32) {
      var (first, second) = before
      for place in stride(from: bytes.startIndex, to: bytes.endIndex - 7, by: 8) {
        first = first &+ number(bytes, place) &+ second
        second = second &+ number(bytes, place + 4) &+ first
      }
      return (first, second)
    }

    private func number(_ bytes: ArraySlice<UInt8>, _ place: Int) -> UInt32 {
      let value = (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(bytes[place + $1]) }
      return isBigEndian ? value : value.byteSwapped
    }
  }

  private static func word(_ bytes: [UInt8], _ place: Int) -> UInt32 { (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(bytes[place + $1]) } }

  /// Bytes of a file, fewer at its end.
  private static func read(_ count: Int, at offset: Int, of descriptor: CInt, _ path: String) throws(StorageError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let step = unsafe bytes[filled...].withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, $0.count, off_t(offset + filled)) }
      if step < 0 && errno == EINTR { continue }
      guard step >= 0 else { throw .system(path, errno) }
      if step == 0 { break }
      filled += step
    }
    return filled == count ? bytes : Array(bytes[..<filled])
  }
}
