import Storage

/// Where to look for a record by its id: levels of pages of hashes, each with the number of a block.
///
/// An import appends one level, and joins it with those before it that are not much larger; so a small import writes little, and a look-up asks few
/// levels. An entry may be out of date: what it leads to is compared, and asked of the blocks split from it.
struct KeyIndex {
  private let connection: Connection
  private let pages: RawStatement
  private let levels: [Level]

  struct Level {
    var number: Int64
    var bits: UInt64
    var count: Int64
  }

  struct Entry {
    var hash: UInt64
    var block: UInt32
  }

  static let bytesOfEntry = 12
  /// Entries of a page, on the average: at this number hardly one in a million pages is longer than a page of the file.
  static let entriesOfPage: Int64 = 256

  init(_ connection: Connection) throws {
    self.connection = connection
    pages = try connection.prepare("SELECT entries FROM key_pages WHERE page = ?1")
    levels = try KeyIndex.levels(connection)
  }

  static func levels(_ connection: Connection) throws -> [Level] {
    let rows = try connection.prepare("SELECT level, bits, entry_count FROM key_levels ORDER BY level")
    var levels: [Level] = []
    while try rows.step() { levels.append(Level(number: rows.int(0), bits: UInt64(rows.int(1)), count: rows.int(2))) }
    return levels
  }

  static func page(_ hash: UInt64, _ level: Level) -> Int64 {
    level.number << 24 | Int64(level.bits == 0 ? 0 : hash >> (64 - level.bits))
  }

  /// The blocks in which something with this hash may be, each once.
  func blocks(of hash: UInt64) throws -> [Int64] {
    var found: [Int64] = []
    for level in levels {
      try pages.bind(1, KeyIndex.page(hash, level))
      if try pages.step() {
        unsafe KeyIndex.each(pages.blobBytes(0)) { entry in
          if entry.hash == hash, !found.contains(Int64(entry.block)) { found.append(Int64(entry.block)) }
        }
      }
      pages.reset()
    }
    return found
  }

  var entryCount: Int64 { levels.reduce(0) { $0 + $1.count } }

  static func each(_ bytes: UnsafeBufferPointer<UInt8>, _ body: (Entry) -> Void) {
    guard let start = unsafe bytes.baseAddress.map({ unsafe UnsafeRawPointer($0) }) else { return }
    for offset in stride(from: 0, to: bytes.count - bytesOfEntry + 1, by: bytesOfEntry) {
      body(
        Entry(
          hash: UInt64(littleEndian: unsafe start.loadUnaligned(fromByteOffset: offset, as: UInt64.self)),
          block: UInt32(littleEndian: unsafe start.loadUnaligned(fromByteOffset: offset + 8, as: UInt32.self))))
    }
  }
}

/// Collects the keys of an import and writes them as levels of the index.
struct KeyCollector {
  private var entries: [KeyIndex.Entry] = []
  private var written: [KeyIndex.Level] = []
  private let connection: Connection
  private var nextLevel: Int64
  private let former: [KeyIndex.Level]
  /// So many entries are kept in memory before they become a level.
  private let limit: Int

  /// - Parameter limit: 1,000,000 entries take 16 MB, and as much again while they are sorted.
  init(_ connection: Connection, limit: Int = 1_000_000) throws {
    (self.connection, self.limit) = (connection, limit)
    former = try KeyIndex.levels(connection)
    nextLevel = (former.last?.number ?? 0) + 1
  }

  mutating func add(_ hash: UInt64, block: Int64) throws {
    entries.append(KeyIndex.Entry(hash: hash, block: UInt32(truncatingIfNeeded: block)))
    if entries.count >= limit { try writeLevel() }
  }

  private mutating func writeLevel() throws {
    if entries.isEmpty { return }
    let level = KeyIndex.Level(number: nextLevel, bits: KeyCollector.bits(for: Int64(entries.count)), count: Int64(entries.count))
    nextLevel += 1
    // By page first, in one pass; then each page by itself.
    let shift = 64 - level.bits
    var ends = [Int](repeating: 0, count: 1 << Int(level.bits))
    for entry in entries { ends[level.bits == 0 ? 0 : Int(entry.hash >> shift)] += 1 }
    var sum = 0
    for page in ends.indices {
      let count = ends[page]
      ends[page] = sum
      sum += count
    }
    var sorted = entries
    for entry in entries {
      let page = level.bits == 0 ? 0 : Int(entry.hash >> shift)
      sorted[ends[page]] = entry
      ends[page] += 1
    }
    entries.removeAll(keepingCapacity: true)
    var writer = try LevelWriter(level, connection)
    var first = 0
    for end in ends where end > first {
      sorted[first..<end].sort { $0.hash < $1.hash }
      for entry in sorted[first..<end] { try writer.add(entry) }
      first = end
    }
    try writer.finish()
    written.append(level)
  }

  static func bits(for count: Int64) -> UInt64 {
    var bits: UInt64 = 0
    while count >> Int64(bits) > KeyIndex.entriesOfPage, bits < 24 { bits += 1 }
    return bits
  }

  /// Writes what is left, joins small levels, and looks for keys that are there twice.
  ///
  /// - Parameter mayRepeat: Whether a period's, add-on's or ticket's id may be there already.
  /// - Returns: False where an id of this import seems to be there twice: hashes that are equal, which only a careful look can tell apart.
  mutating func finish(mayRepeat: Bool) throws -> Bool {
    try writeLevel()
    let added = written.reduce(0) { $0 + $1.count }
    if added == 0 { return true }
    if written.count > 1 {
      guard try merge(written, new: written, mayRepeat: mayRepeat) else { return false }
    } else if !mayRepeat, try hasRepeats(in: written[0]) {
      return false
    }
    // What is not much larger than what came is joined with it.
    var joined = written
    var count = added
    var rest = former
    while let last = rest.last, last.count <= 2 * count {
      joined.insert(last, at: 0)
      count += last.count
      rest.removeLast()
    }
    // The new ids among those that are left apart; the others meet when they are joined.
    if !mayRepeat, try isAnyKnown(written[0], in: rest) { return false }
    if joined.count == 1 { return true }
    return try merge(joined, new: written, mayRepeat: mayRepeat)
  }

  private func hasRepeats(in level: KeyIndex.Level) throws -> Bool {
    let reader = try LevelReader(level, connection)
    var last: UInt64?
    while let entry = try reader.next() {
      if entry.hash == last, entry.hash & 3 != FactKey.Kind.transaction.rawValue { return true }
      last = entry.hash
    }
    return false
  }

  /// Whether an id of a level stands in one of others; its entries ascend, so that each page is read once.
  private func isAnyKnown(_ level: KeyIndex.Level, in others: [KeyIndex.Level]) throws -> Bool {
    let pages = try connection.prepare("SELECT entries FROM key_pages WHERE page = ?1")
    for other in others {
      let reader = try LevelReader(level, connection)
      var page: Int64?
      var known: Set<UInt64> = []
      while let entry = try reader.next() {
        if entry.hash & 3 == FactKey.Kind.transaction.rawValue { continue }
        if KeyIndex.page(entry.hash, other) != page {
          page = KeyIndex.page(entry.hash, other)
          known.removeAll(keepingCapacity: true)
          try pages.bind(1, page)
          if try pages.step() { unsafe KeyIndex.each(pages.blobBytes(0)) { known.insert($0.hash) } }
          pages.reset()
        }
        if known.contains(entry.hash) { return true }
      }
    }
    return false
  }

  /// Joins levels to a new one.
  ///
  /// - Parameter new: The levels of this import: an id of theirs that is there twice is a repeat, an old one is out of date at one place.
  /// - Returns: False where an id is repeated and must not be.
  private mutating func merge(_ levels: [KeyIndex.Level], new: [KeyIndex.Level], mayRepeat: Bool) throws -> Bool {
    let isNew = levels.map { level in new.contains { $0.number == level.number } }
    let count = levels.reduce(0) { $0 + $1.count }
    let level = KeyIndex.Level(number: nextLevel, bits: KeyCollector.bits(for: count), count: count)
    nextLevel += 1
    let readers = try levels.map { try LevelReader($0, connection) }
    var heads = try readers.map { try $0.next() }
    var writer = try LevelWriter(level, connection)
    var last: (hash: UInt64, isNew: Bool)?
    while true {
      var least: Int?
      for (index, head) in heads.enumerated() {
        guard let head else { continue }
        if let known = least, let other = heads[known], other.hash <= head.hash { continue }
        least = index
      }
      guard let least, let entry = heads[least] else { break }
      heads[least] = try readers[least].next()
      if !mayRepeat, let last, entry.hash == last.hash, last.isNew || isNew[least],
        entry.hash & 3 != FactKey.Kind.transaction.rawValue
      {
        return false
      }
      last = (entry.hash, isNew[least])
      try writer.add(entry)
    }
    try writer.finish()
    for level in levels {
      try connection.execute(
        """
        DELETE FROM key_pages WHERE page >= \(level.number << 24) AND page < \((level.number + 1) << 24);
        DELETE FROM key_levels WHERE level = \(level.number);
        """)
    }
    written = [level]
    return true
  }
}

/// Writes the pages of a level, from entries in ascending order.
private struct LevelWriter {
  private let level: KeyIndex.Level
  private let insert: RawStatement
  private let insertLevel: RawStatement
  private let bytes = ByteWriter()
  private var page: Int64?

  init(_ level: KeyIndex.Level, _ connection: Connection) throws {
    self.level = level
    insert = try connection.prepare("INSERT INTO key_pages (page, entries) VALUES (?1, ?2)")
    insertLevel = try connection.prepare("INSERT INTO key_levels (level, bits, entry_count) VALUES (?1, ?2, ?3)")
  }

  mutating func add(_ entry: KeyIndex.Entry) throws {
    let page = KeyIndex.page(entry.hash, level)
    if page != self.page {
      try flush()
      self.page = page
    }
    bytes.fixed(entry.hash)
    bytes.fixed(entry.block)
  }

  private func flush() throws {
    guard let page, bytes.count > 0 else { return }
    try insert.bind(1, page)
    unsafe try insert.bind(2, blobBytes: bytes.bytes)
    try insert.run()
    bytes.clear()
  }

  func finish() throws {
    try flush()
    try insertLevel.bind(1, level.number)
    try insertLevel.bind(2, Int64(level.bits))
    try insertLevel.bind(3, level.count)
    try insertLevel.run()
  }
}

/// Reads the entries of a level in ascending order.
private final class LevelReader {
  private let rows: RawStatement
  private var entries: [KeyIndex.Entry] = []
  private var position = 0

  init(_ level: KeyIndex.Level, _ connection: Connection) throws {
    rows = try connection.prepare("SELECT entries FROM key_pages WHERE page >= ?1 AND page < ?2 ORDER BY page")
    try rows.bind(1, level.number << 24)
    try rows.bind(2, (level.number + 1) << 24)
  }

  func next() throws -> KeyIndex.Entry? {
    while position >= entries.count {
      guard try rows.step() else { return nil }
      entries.removeAll(keepingCapacity: true)
      position = 0
      unsafe KeyIndex.each(rows.blobBytes(0)) { entries.append($0) }
    }
    defer { position += 1 }
    return entries[position]
  }
}
