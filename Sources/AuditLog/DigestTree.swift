public import Storage

/// A hash tree over the rows of a table: each row, or bucket of rows, has a leaf with its digest, at a number of its own.
///
/// Leaves lie in pages of 64; the digest of a page is an entry of a page of the next level, up to one page, whose digest is the root. So a row
/// is proved by a few pages, and changing one writes a few. What is read is checked on the way from the root; what is written reaches the
/// table with ``finish()``, and counts from the next seal on.
public final class DigestTree {
  static let fanOut: Int64 = 64
  private static let pageSize = Int(fanOut) * Digest.size
  /// Pages kept in memory before leaves are put away: 8 MB.
  private static let keptPages = 8_192
  /// Numbers of leaves are below it: keys of pages have room for no more.
  private static let limit: Int64 = 1 << 40

  private struct Place: Hashable {
    var level: Int
    var number: Int64
  }

  /// Rows of the table; the caller counts them.
  public var rowCount: Int64 { didSet { hasChanged = true } }

  private let connection: Connection
  private let tree: StateTree
  private var levels: Int
  private var root: [UInt8]
  private var pages: [Place: [UInt8]] = [:]
  private var changed: Set<Place> = []
  private var hasChanged = false
  private let read, write, remove: RawStatement

  /// The tree as it is now, with what the act at hand wrote of it before.
  public init(_ tree: StateTree, on connection: Connection) throws {
    (self.tree, self.connection) = (tree, connection)
    let known = try connection.root(of: tree)
    (rowCount, levels, root) = (known.rowCount, known.levels, known.digest)
    read = try connection.prepare("SELECT digests FROM digest_pages WHERE page = ?1")
    write = try connection.prepare(
      "INSERT INTO digest_pages (page, digests) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET digests = excluded.digests")
    remove = try connection.prepare("DELETE FROM digest_pages WHERE page = ?1")
  }

  public var isEmpty: Bool { levels == 0 }

  /// The digest of a leaf; nil where nothing is.
  ///
  /// - Throws: ``Damage`` where the pages do not lead from the root to it.
  public func digest(at index: Int64) throws -> [UInt8]? {
    guard index >= 0, index < capacity else { return nil }
    let entry = try entry(Int(index % DigestTree.fanOut), of: Place(level: 0, number: index / DigestTree.fanOut))
    return entry == Digest.none ? nil : entry
  }

  /// Sets the digest of a leaf; nil where nothing is any more.
  public func set(_ digest: [UInt8]?, at index: Int64) throws {
    guard (0..<DigestTree.limit).contains(index) else { throw damage("there is no place for number \(index)") }
    while index >= capacity { grow() }
    try set(digest ?? Digest.none, at: Int(index % DigestTree.fanOut), of: Place(level: 0, number: index / DigestTree.fanOut))
    hasChanged = true
    if pages.count > DigestTree.keptPages { try putAwayLeaves() }
  }

  /// Calls `body` with every leaf that is set, ascending.
  public func each(_ body: (_ index: Int64, _ digest: [UInt8]) throws -> Void) throws {
    if levels > 0 { try each(Place(level: levels - 1, number: 0), body) }
  }

  private func each(_ place: Place, _ body: (Int64, [UInt8]) throws -> Void) throws {
    for slot in 0..<Int(DigestTree.fanOut) {
      let entry = try entry(slot, of: place)
      if entry == Digest.none { continue }
      let number = place.number * DigestTree.fanOut + Int64(slot)
      if place.level == 0 { try body(number, entry) } else { try each(Place(level: place.level - 1, number: number), body) }
    }
  }

  /// Writes what was set, and notes the new root for the seal that ends the act.
  public func finish() throws {
    if !hasChanged { return }
    for level in 0..<levels { try putAway(level) }
    try connection.setRoot(of: tree, to: StateRoot(rowCount: rowCount, levels: levels, digest: root))
    hasChanged = false
  }

  // Pages.

  private var capacity: Int64 { levels == 0 ? 0 : (0..<levels).reduce(1) { size, _ in size * DigestTree.fanOut } }

  private func grow() {
    let top = Place(level: levels, number: 0)
    var page = [UInt8](repeating: 0, count: DigestTree.pageSize)
    // The page that was the top so far, as it was before anything was set in it: that comes with putting it away.
    if levels > 0 { page.replaceSubrange(0..<Digest.size, with: root) }
    pages[top] = page
    changed.insert(top)
    levels += 1
  }

  private func entry(_ slot: Int, of place: Place) throws -> [UInt8] {
    Array(try page(place)[slot * Digest.size..<(slot + 1) * Digest.size])
  }

  private func set(_ digest: [UInt8], at slot: Int, of place: Place) throws {
    _ = try page(place)
    pages[place]?.replaceSubrange(slot * Digest.size..<(slot + 1) * Digest.size, with: digest)
    changed.insert(place)
  }

  /// A page, checked against its entry on the level above.
  private func page(_ place: Place) throws -> [UInt8] {
    if let known = pages[place] { return known }
    let expected =
      place.level == levels - 1
      ? root
      : try entry(
        Int(place.number % DigestTree.fanOut), of: Place(level: place.level + 1, number: place.number / DigestTree.fanOut))
    var page = [UInt8](repeating: 0, count: DigestTree.pageSize)
    if expected != Digest.none {
      try read.bind(1, key(place))
      defer { read.reset() }
      guard try read.step() else { throw damage("page \(place.number) of level \(place.level) is missing") }
      page = read.blob(0)
      guard page.count == DigestTree.pageSize, DigestTree.digest(of: page, level: place.level) == expected else {
        throw damage("page \(place.number) of level \(place.level) is not as the program left it")
      }
    }
    pages[place] = page
    return page
  }

  private func damage(_ what: String) -> Damage { Damage("digests of \(tree.name)", what) }

  private func key(_ place: Place) -> Int64 { DigestTree.key(tree, level: place.level, number: place.number) }

  static func key(_ tree: StateTree, level: Int, number: Int64) -> Int64 { tree.rawValue << 40 | Int64(level) << 36 | number }

  static func digest(of page: [UInt8], level: Int) -> [UInt8] {
    if !page.contains(where: { $0 != 0 }) { return Digest.none }
    var digest = Fingerprint()
    digest.add(Int64(level))
    digest.add(blob: page)
    return digest.short()
  }

  /// Writes the changed pages of a level, and their digests to the level above.
  private func putAway(_ level: Int) throws {
    for place in changed.filter({ $0.level == level }).sorted(by: { $0.number < $1.number }) {
      guard let page = pages[place] else { continue }
      let digest = DigestTree.digest(of: page, level: level)
      let statement = digest == Digest.none ? remove : write
      try statement.bind(1, key(place))
      if digest != Digest.none { try statement.bind(2, blob: page) }
      try statement.run()
      changed.remove(place)
      if level == levels - 1 {
        root = digest
      } else {
        try set(
          digest, at: Int(place.number % DigestTree.fanOut), of: Place(level: level + 1, number: place.number / DigestTree.fanOut))
      }
    }
  }

  /// Keeps memory small where many leaves are set: their pages can be read again.
  private func putAwayLeaves() throws {
    if levels < 2 { return }
    try putAway(0)
    pages = pages.filter { $0.key.level > 0 }
  }
}
