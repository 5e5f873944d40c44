public import Storage

/// The root of one part of the state: what its rows come to, in 16 or 32 bytes.
public struct StateRoot: Hashable, Sendable {
  /// Rows of the table, as the part counts them.
  public var rowCount: Int64
  /// Levels of pages below the root of a ``DigestTree``; 0 where there are none.
  public var levels: Int
  public var digest: [UInt8]

  public static let empty = StateRoot(rowCount: 0, levels: 0, digest: [UInt8](repeating: 0, count: Digest.size))

  public init(rowCount: Int64, levels: Int = 0, digest: [UInt8]) {
    (self.rowCount, self.levels, self.digest) = (rowCount, levels, digest)
  }
}

/// Digests of rows and pages: 16 bytes of a SHA-256.
public enum Digest {
  public static let size = 16
  /// Where nothing is.
  public static let none = [UInt8](repeating: 0, count: size)
}

extension Connection {
  /// What the act at hand makes of roots waits here for its seal: in a table of this connection's own, where nobody else can put anything.
  private func makeNextRoots() throws {
    try execute(
      """
      CREATE TEMP TABLE IF NOT EXISTS next_roots (
        tree INTEGER PRIMARY KEY, name TEXT NOT NULL, row_count INTEGER NOT NULL, levels INTEGER NOT NULL, root BLOB NOT NULL) STRICT
      """)
  }

  /// The root of a part as it is now, with what the act at hand made of it.
  public func root(of tree: StateTree) throws -> StateRoot {
    try makeNextRoots()
    let row = try prepare(
      """
      SELECT row_count, levels, root FROM temp.next_roots WHERE tree = ?1
      UNION ALL SELECT row_count, levels, root FROM main.state_roots WHERE tree = ?1
      """)
    try row.bind(1, tree.rawValue)
    guard try row.step() else { return .empty }
    return StateRoot(rowCount: row.int(0), levels: Int(row.int(1)), digest: row.blob(2))
  }

  /// Notes what the act at hand made of a part; the seal that ends the act takes it over.
  public func setRoot(of tree: StateTree, to root: StateRoot) throws {
    try makeNextRoots()
    let insert = try prepare(
      "INSERT OR REPLACE INTO temp.next_roots (tree, name, row_count, levels, root) VALUES (?1, ?2, ?3, ?4, ?5)")
    try insert.bind(1, tree.rawValue)
    try insert.bind(2, tree.name)
    try insert.bind(3, root.rowCount)
    try insert.bind(4, Int64(root.levels))
    try insert.bind(5, blob: root.digest)
    try insert.run()
  }

  /// One digest of all roots, without what the act at hand made of them.
  func stateDigest() throws -> [UInt8] {
    let rows = try prepare("SELECT tree, name, row_count, levels, root FROM main.state_roots ORDER BY tree")
    var digest = Fingerprint()
    while try rows.step() { digest.add(row: rows) }
    return digest.finish()
  }

  /// Takes over what the act at hand made of the roots.
  func takeOverRoots() throws {
    try makeNextRoots()
    try execute(
      """
      INSERT OR REPLACE INTO main.state_roots (tree, name, row_count, levels, root)
      SELECT tree, name, row_count, levels, root FROM temp.next_roots;
      DELETE FROM temp.next_roots
      """)
  }
}
