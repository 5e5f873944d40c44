import AuditLog
import Dispatch
import Storage
import Threads

/// Writes the pages of a level, from entries in ascending order.
struct LevelWriter {
  private var level: KeyIndex.Level
  private let insert: RawStatement
  private let insertLevel: RawStatement
  private let bytes = ByteWriter()
  private var page: Int64?

  init(_ level: KeyIndex.Level, _ connection: Connection) throws {
    self.level = level
    insert = try connection.prepare("INSERT INTO key_pages (page, entries) VALUES (?1, ?2)")
    insertLevel = try connection.prepare(
      "INSERT INTO key_levels (level, bits, entry_count, page_digests) VALUES (?1, ?2, ?3, ?4)")
  }

  mutating func add(_ entry: KeyIndex.Entry) throws {
    let page = KeyIndex.page(entry.hash, level)
    if page != self.page {
      try flush()
      self.page = page
    }
    bytes.entry(entry)
  }

  private mutating func flush() throws {
    guard let page, bytes.count > 0 else { return }
    let gap = Int(page & 0xFF_FFFF) - level.digests.count / Digest.size
    for _ in 0..<max(0, gap) { level.digests += Digest.none }
    level.digests += unsafe KeyIndex.digest(of: bytes.bytes)
    try insert.bind(1, page)
    unsafe try insert.bind(2, blobBytes: bytes.bytes)
    try insert.run()
    bytes.clear()
  }

  /// - Returns: The level with the digests of its pages.
  consuming func finish() throws -> KeyIndex.Level {
    try flush()
    // What lies behind the last page is empty too: to be told, not left out.
    for _ in level.digests.count / Digest.size..<1 << Int(level.bits) { level.digests += Digest.none }
    try insertLevel.bind(1, level.number)
    try insertLevel.bind(2, Int64(level.bits))
    try insertLevel.bind(3, level.count)
    try insertLevel.bind(4, blob: level.digests)
    try insertLevel.run()
    return level
  }
}

/// Reads the entries of a level in ascending order.
final class LevelReader {
  private let level: KeyIndex.Level
  private let rows: RawStatement
  private var entries: [KeyIndex.Entry] = []
  private var position = 0
  private var count: Int64 = 0

  init(_ level: KeyIndex.Level, _ connection: Connection) throws {
    self.level = level
    rows = try connection.prepare("SELECT entries, page FROM key_pages WHERE page >= ?1 AND page < ?2 ORDER BY page")
    try rows.bind(1, level.number << 24)
    try rows.bind(2, (level.number + 1) << 24)
  }

  /// - Throws: ``Damage`` where a page is not as an import made it.
  func next() throws -> KeyIndex.Entry? {
    while position >= entries.count {
      guard try rows.step() else {
        if count != level.count { throw Damage("key_pages", "a page of level \(level.number) is missing") }
        return nil
      }
      unsafe try level.check(rows.blobBytes(0), ofPage: rows.int(1))
      count += unsafe Int64(rows.blobBytes(0).count / KeyIndex.bytesOfEntry)
      entries.removeAll(keepingCapacity: true)
      position = 0
      unsafe KeyIndex.each(rows.blobBytes(0)) { entries.append($0) }
    }
    defer { position += 1 }
    return entries[position]
  }
}

/// Keys that do not fit into memory, in a temporary table, until the level they make is written.
struct KeySpills {
  private let insert, select: RawStatement
  private let bytes = ByteWriter()

  init(_ connection: Connection) throws {
    try connection.execute(
      """
      CREATE TEMP TABLE IF NOT EXISTS key_spills (spill INTEGER PRIMARY KEY, part INTEGER NOT NULL, entries BLOB NOT NULL) STRICT;
      DELETE FROM key_spills;
      CREATE INDEX IF NOT EXISTS temp.spill_of_part ON key_spills (part);
      """)
    insert = try connection.prepare("INSERT INTO key_spills (part, entries) VALUES (?1, ?2)")
    select = try connection.prepare("SELECT entries FROM key_spills WHERE part = ?1 ORDER BY spill")
  }

  func put(_ entries: [KeyIndex.Entry], _ part: Int) throws {
    bytes.clear()
    for entry in entries { bytes.entry(entry) }
    try insert.bind(1, Int64(part))
    unsafe try insert.bind(2, blobBytes: bytes.bytes)
    try insert.run()
  }

  func take(_ part: Int, _ body: (KeyIndex.Entry) -> Void) throws {
    try select.bind(1, Int64(part))
    while try select.step() { unsafe KeyIndex.each(select.blobBytes(0), body) }
    select.reset()
  }
}

/// Sorts entries by their hashes, which begin with the same byte: into as many stretches as there are entries first, by the bits that follow.
struct KeySorter {
  private var scratch: [KeyIndex.Entry] = []
  private var ends: [Int] = []

  mutating func sort(_ entries: inout [KeyIndex.Entry]) {
    guard entries.count > 32 else { return entries.sort { $0.hash < $1.hash } }
    let bits = UInt64(Int.bitWidth - entries.count.leadingZeroBitCount)
    let shift = 56 - bits
    let mask = UInt64(1) << bits - 1
    func stretch(_ entry: KeyIndex.Entry) -> Int { Int(entry.hash >> shift & mask) }
    ends.removeAll(keepingCapacity: true)
    ends.append(contentsOf: repeatElement(0, count: 1 << Int(bits)))
    for entry in entries { ends[stretch(entry)] += 1 }
    var sum = 0
    for index in ends.indices {
      let count = ends[index]
      ends[index] = sum
      sum += count
    }
    scratch.removeAll(keepingCapacity: true)
    scratch.append(contentsOf: entries)
    for entry in scratch {
      let place = stretch(entry)
      entries[ends[place]] = entry
      ends[place] += 1
    }
    // A stretch holds one or two; where many ids have one hash, they are equal and stay.
    var first = 0
    for end in ends where end > first {
      if end - first > 16 {
        entries[first..<end].sort { $0.hash < $1.hash }
      } else {
        for index in first + 1..<end {
          let entry = entries[index]
          var place = index
          while place > first, entries[place - 1].hash > entry.hash {
            entries[place] = entries[place - 1]
            place -= 1
          }
          entries[place] = entry
        }
      }
      first = end
    }
  }
}

/// Sorts entries on a thread beside, one part after the other.
final class SortingAhead: @unchecked Sendable {
  private let group = DispatchGroup()
  private var sorter = KeySorter()
  /// The thread's between ``begin(_:)`` and ``finish()``.
  private var entries: [KeyIndex.Entry] = []

  /// - Throws: ``WorkThread/NotStarted``.
  func begin(_ entries: [KeyIndex.Entry]) throws(WorkThread.NotStarted) {
    self.entries = entries
    group.enter()
    do {
      try WorkThread.start { [self] in
        sorter.sort(&self.entries)
        group.leave()
      }
    } catch {
      group.leave()
      throw error
    }
  }

  func finish() -> [KeyIndex.Entry] {
    group.wait()
    defer { entries = [] }
    return entries
  }
}

extension ByteWriter {
  func entry(_ entry: KeyIndex.Entry) {
    fixed(entry.hash)
    fixed(entry.block)
  }
}
