import AuditLog
import Storage

/// Where to look for a record by its id: levels of pages of hashes, each with the number of a block.
///
/// An import appends one level, and joins it with those before it that are not much larger; so a small import writes little, and a look-up asks
/// few levels. An entry may be out of date: what it leads to is compared, and asked of the blocks split from it. A level knows the digests of
/// its pages, and each import seals the levels: an id that is there twice is never seen once.
struct KeyIndex {
  private let connection: Connection
  private let pages: RawStatement
  private let levels: [Level]

  struct Level {
    var number: Int64
    var bits: UInt64
    var count: Int64
    /// Of each page, one after the other; see ``digest(of:)``.
    var digests: [UInt8]

    /// The digest of a page of the level by the first bits of its hashes.
    fileprivate func digest(_ prefix: Int) -> ArraySlice<UInt8> {
      let (start, end) = (prefix * Digest.size, (prefix + 1) * Digest.size)
      return end <= digests.count ? digests[start..<end] : []
    }

    /// - Throws: ``Damage`` where the entries of a page are not those that an import wrote; empty stands for a page that is not there.
    func check(_ entries: UnsafeBufferPointer<UInt8>, ofPage page: Int64) throws {
      guard digest(Int(page & 0xFF_FFFF)).elementsEqual(unsafe KeyIndex.digest(of: entries)) else {
        throw Damage("key_pages", "page \(page) is not as an import made it")
      }
    }
  }

  struct Entry {
    var hash: UInt64
    var block: UInt32
  }

  static let bytesOfEntry = 12
  /// Entries of a page, on the average: at this number hardly one in a million pages is longer than a page of the file.
  static let entriesOfPage: Int64 = 256

  /// - Throws: ``Damage`` where the levels are not those that imports made.
  init(_ connection: Connection) throws {
    self.connection = connection
    pages = try connection.prepare("SELECT entries FROM key_pages WHERE page = ?1")
    levels = try KeyIndex.levels(connection)
  }

  static func levels(_ connection: Connection) throws -> [Level] {
    let rows = try connection.prepare("SELECT level, bits, entry_count, page_digests FROM key_levels ORDER BY level")
    var levels: [Level] = []
    while try rows.step() {
      let level = Level(number: rows.int(0), bits: UInt64(clamping: rows.int(1)), count: rows.int(2), digests: rows.blob(3))
      levels.append(level)
    }
    if try root(of: levels) != connection.root(of: .keyLevels) { throw Damage("key_levels", "they are not as imports made them") }
    return levels
  }

  private static func root(of levels: [Level]) -> StateRoot {
    if levels.isEmpty { return .empty }
    var digest = Fingerprint()
    for level in levels {
      digest.add(level.number)
      digest.add(Int64(clamping: level.bits))
      digest.add(level.count)
      digest.add(blob: level.digests)
    }
    return StateRoot(rowCount: levels.reduce(0) { $0 + $1.count }, digest: digest.short())
  }

  /// Notes the levels for the seal that ends the import.
  static func seal(_ levels: [Level], on connection: Connection) throws {
    try connection.setRoot(of: .keyLevels, to: root(of: levels))
  }

  /// The digest of a page's entries; zeros where there are none.
  static func digest(of entries: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    unsafe entries.isEmpty ? Digest.none : BlockDigest.of(entries)
  }

  static func page(_ hash: UInt64, _ level: Level) -> Int64 {
    level.number << 24 | Int64(level.bits == 0 ? 0 : hash >> (64 - level.bits))
  }

  /// The blocks in which something with this hash may be, each once.
  ///
  /// - Throws: ``Damage`` where a page is not as an import made it.
  func blocks(of hash: UInt64) throws -> [Int64] {
    var found: [Int64] = []
    for level in levels {
      let page = KeyIndex.page(hash, level)
      try pages.bind(1, page)
      defer { pages.reset() }
      let entries = try pages.step() ? unsafe pages.blobBytes(0) : unsafe UnsafeBufferPointer(start: nil, count: 0)
      unsafe try level.check(entries, ofPage: page)
      unsafe KeyIndex.each(entries) { entry in
        if entry.hash == hash, !found.contains(Int64(entry.block)) { found.append(Int64(entry.block)) }
      }
    }
    return found
  }

  /// What is wrong with any page.
  func findings() throws -> [Finding] {
    var findings: [Finding] = []
    var count: Int64 = 0
    for level in levels {
      for prefix in 0..<Int64(level.digests.count / Digest.size) {
        let page = level.number << 24 | prefix
        try pages.bind(1, page)
        defer { pages.reset() }
        let isThere = try pages.step()
        if isThere { count += 1 }
        let entries = isThere ? unsafe pages.blobBytes(0) : unsafe UnsafeBufferPointer(start: nil, count: 0)
        do { unsafe try level.check(entries, ofPage: page) } catch let damage as Damage { findings += damage.findings }
        if findings.count >= 20 { return findings }
      }
    }
    if try findings.isEmpty && connection.count("SELECT count(*) FROM key_pages") != count {
      findings.append(Finding("key_pages", "there are pages that are of no level"))
    }
    return findings
  }

  var entryCount: Int64 { levels.reduce(0) { $0 + $1.count } }

  /// Whether a hash is among the entries of a page, which ascend.
  static func holds(_ entries: ByteText, _ hash: UInt64) -> Bool {
    var (low, high) = (0, entries.count / bytesOfEntry)
    while low < high {
      let middle = (low + high) / 2
      let known = entries.octets(at: middle * bytesOfEntry)
      if known == hash { return true }
      if known < hash { low = middle + 1 } else { high = middle }
    }
    return false
  }

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

/// Collects the keys of an import and writes them as a level of the index.
///
/// They are told apart by the first byte of their hashes as they come, so that each part can be sorted by itself: memory stays the same however
/// many there are.
struct KeyCollector {
  /// The entries of each part.
  private var entries = [[KeyIndex.Entry]](repeating: [], count: parts)
  private var count: Int64 = 0
  private let connection: Connection
  private var nextLevel: Int64
  private let former: [KeyIndex.Level]
  /// So many entries of a part are kept in memory before they are put away: 2,048 of each take 8 MB.
  private let limit: Int
  private var spills: KeySpills?

  private static let parts = 256

  init(_ connection: Connection, limit: Int = 2_048) throws {
    (self.connection, self.limit) = (connection, limit)
    former = try KeyIndex.levels(connection)
    nextLevel = (former.last?.number ?? 0) + 1
  }

  /// - Parameter block: Where all of them are to be found.
  mutating func add(_ hashes: [UInt64], block: Int64) throws {
    count += Int64(hashes.count)
    for hash in hashes {
      let part = Int(hash >> 56)
      entries[part].append(KeyIndex.Entry(hash: hash, block: UInt32(truncatingIfNeeded: block)))
      if entries[part].count == limit {
        if spills == nil { spills = try KeySpills(connection) }
        try spills?.put(entries[part], part)
        entries[part].removeAll(keepingCapacity: true)
      }
    }
  }

  /// All entries of a part.
  private func collected(_ part: Int) throws -> [KeyIndex.Entry] {
    var all: [KeyIndex.Entry] = []
    try spills?.take(part) { all.append($0) }
    all.append(contentsOf: entries[part])
    return all
  }

  static func bits(for count: Int64) -> UInt64 {
    var bits: UInt64 = 0
    while count >> Int64(bits) > KeyIndex.entriesOfPage, bits < 24 { bits += 1 }
    return bits
  }

  private mutating func level(of count: Int64) -> KeyIndex.Level {
    defer { nextLevel += 1 }
    return KeyIndex.Level(number: nextLevel, bits: KeyCollector.bits(for: count), count: count, digests: [])
  }

  /// Writes all keys as a level.
  ///
  /// - Returns: Nil where one is there twice and must not be.
  private mutating func write(mayRepeat: Bool) throws -> KeyIndex.Level? {
    var writer = try LevelWriter(level(of: count), connection)
    let sorting = SortingAhead()
    var last: UInt64?
    try sorting.begin(collected(0))
    for part in 0..<KeyCollector.parts {
      let sorted = sorting.finish()
      // The next part is sorted while this one is written.
      if part + 1 < KeyCollector.parts { try sorting.begin(collected(part + 1)) }
      for entry in sorted {
        if !mayRepeat, entry.hash == last, !KeyHash.mayRepeat(entry.hash) { return nil }
        last = entry.hash
        try writer.add(entry)
      }
    }
    return try writer.finish()
  }

  /// Writes the keys, joins small levels, and looks for keys that are there twice.
  ///
  /// - Parameter mayRepeat: Whether a period's, add-on's or ticket's id may be there already.
  /// - Returns: False where an id of this import seems to be there twice: hashes that are equal, which only a careful look can tell apart.
  mutating func finish(mayRepeat: Bool) throws -> Bool {
    if count == 0 { return true }
    guard let new = try write(mayRepeat: mayRepeat) else { return false }
    // What is not much larger than what came is joined with it.
    var joined = [new]
    var all = count
    var rest = former
    while let last = rest.last, last.count <= 2 * all {
      joined.insert(last, at: 0)
      all += last.count
      rest.removeLast()
    }
    // The new ids among those that are left apart; the others meet when they are joined.
    if !mayRepeat, try isAnyKnown(new, in: rest) { return false }
    guard let last = try joined.count == 1 ? new : merge(joined, new: new, mayRepeat: mayRepeat) else { return false }
    try KeyIndex.seal(rest + [last], on: connection)
    return true
  }

  /// Whether an id of a level stands in one of others; all entries ascend, so that each page is read once.
  private func isAnyKnown(_ level: KeyIndex.Level, in others: [KeyIndex.Level]) throws -> Bool {
    let pages = try connection.prepare("SELECT entries FROM key_pages WHERE page = ?1")
    for other in others {
      let reader = try LevelReader(level, connection)
      var page: Int64?
      var known = ByteText.none
      defer { pages.reset() }
      while let entry = try reader.next() {
        if KeyHash.mayRepeat(entry.hash) { continue }
        if KeyIndex.page(entry.hash, other) != page {
          page = KeyIndex.page(entry.hash, other)
          pages.reset()
          try pages.bind(1, page)
          known = try pages.step() ? unsafe ByteText(pages.blobBytes(0)) : .none
          unsafe try other.check(known.bytes, ofPage: KeyIndex.page(entry.hash, other))
        }
        if KeyIndex.holds(known, entry.hash) { return true }
      }
    }
    return false
  }

  /// Joins levels to a new one.
  ///
  /// - Parameter new: The level of this import: an id of it that is there twice is a repeat, an old one is out of date at one place.
  /// - Returns: Nil where an id is repeated and must not be.
  private mutating func merge(_ levels: [KeyIndex.Level], new: KeyIndex.Level, mayRepeat: Bool) throws -> KeyIndex.Level? {
    let isNew = levels.map { $0.number == new.number }
    let readers = try levels.map { try LevelReader($0, connection) }
    var heads = try readers.map { try $0.next() }
    var writer = try LevelWriter(level(of: levels.reduce(0) { $0 + $1.count }), connection)
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
        !KeyHash.mayRepeat(entry.hash)
      {
        return nil
      }
      last = (entry.hash, isNew[least])
      try writer.add(entry)
    }
    let level = try writer.finish()
    for level in levels {
      try connection.execute(
        """
        DELETE FROM key_pages WHERE page >= \(level.number << 24) AND page < \((level.number + 1) << 24);
        DELETE FROM key_levels WHERE level = \(level.number);
        """)
    }
    return level
  }
}
