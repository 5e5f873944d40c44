public import Storage

/// The sum over the SHA-256 of all rows of a table, in any order: for tables that follow from others, so that a change of a few rows need not
/// read the rest. What is decided by a row of theirs is computed again from what it follows from.
public final class RowSum {
  private let connection: Connection
  private let tree: StateTree
  private var words: [UInt64]
  private var rowCount: Int64
  private var hasChanged = false

  /// The sum as it is now, with what the act at hand made of it before.
  public init(_ tree: StateTree, on connection: Connection) throws {
    (self.tree, self.connection) = (tree, connection)
    let root = try connection.root(of: tree)
    (words, rowCount) = (RowSum.words(root.digest), root.rowCount)
  }

  private init(_ tree: StateTree, of rows: RawStatement, on connection: Connection) throws {
    (self.tree, self.connection, words, rowCount) = (tree, connection, [0, 0, 0, 0], 0)
    while try rows.step() {
      var digest = Fingerprint()
      digest.add(row: rows)
      add(digest)
    }
  }

  public func add(_ row: consuming Fingerprint) {
    var carry = false
    let values = RowSum.words(row.finish())
    for index in 0..<4 {
      let (first, firstOver) = words[index].addingReportingOverflow(values[index])
      let (sum, secondOver) = first.addingReportingOverflow(carry ? 1 : 0)
      (words[index], carry) = (sum, firstOver || secondOver)
    }
    rowCount += 1
    hasChanged = true
  }

  public func remove(_ row: consuming Fingerprint) {
    var borrow = false
    let values = RowSum.words(row.finish())
    for index in 0..<4 {
      let (first, firstOver) = words[index].subtractingReportingOverflow(values[index])
      let (difference, secondOver) = first.subtractingReportingOverflow(borrow ? 1 : 0)
      (words[index], borrow) = (difference, firstOver || secondOver)
    }
    rowCount -= 1
    hasChanged = true
  }

  /// Begins anew, for a table that is emptied.
  public func clear() { (words, rowCount, hasChanged) = ([0, 0, 0, 0], 0, true) }

  /// Notes the new sum for the seal that ends the act.
  public func finish() throws {
    if hasChanged { try connection.setRoot(of: tree, to: root) }
    hasChanged = false
  }

  private var root: StateRoot {
    let bytes = words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) } }
    return rowCount == 0 ? .empty : StateRoot(rowCount: rowCount, digest: bytes)
  }

  /// What is wrong with a table, all of whose rows `query` gives in the order of the columns that were added.
  public static func findings(_ tree: StateTree, _ query: String, on connection: Connection) throws -> [Finding] {
    let found = try RowSum(tree, of: connection.prepare(query), on: connection).root
    let expected = try connection.root(of: tree)
    if found.rowCount != expected.rowCount {
      return [Finding(tree.name, "\(found.rowCount) rows are there, the last run left \(expected.rowCount)")]
    }
    return found == expected ? [] : [Finding(tree.name, "a row is not as the last run left it")]
  }

  /// Four words, the lowest first; of fewer bytes the others are 0.
  private static func words(_ bytes: [UInt8]) -> [UInt64] {
    (0..<4).map { word in
      (0..<8).reduce(0) { value, byte in
        let place = 8 * word + byte
        return value | (place < bytes.count ? UInt64(bytes[place]) << UInt64(8 * byte) : 0)
      }
    }
  }
}

/// A small table that is only ever added to: its root is over each row and the root before it.
public enum RowChain {
  /// Goes on with rows that were added.
  ///
  /// - Parameter query: All columns of them, in the order in which all are checked.
  public static func append(_ tree: StateTree, _ query: String, on connection: Connection) throws {
    let rows = try connection.prepare(query)
    var root = try connection.root(of: tree)
    while try rows.step() { root = next(rows, after: root) }
    try connection.setRoot(of: tree, to: root)
  }

  /// What is wrong with a table, all of whose rows `query` gives, oldest first.
  public static func findings(_ tree: StateTree, _ query: String, on connection: Connection) throws -> [Finding] {
    let rows = try connection.prepare(query)
    let expected = try connection.root(of: tree)
    var root = StateRoot.empty
    while try rows.step() { root = next(rows, after: root) }
    if root.rowCount != expected.rowCount {
      return [Finding(tree.name, "\(root.rowCount) rows are there, \(expected.rowCount) were written")]
    }
    return root == expected ? [] : [Finding(tree.name, "a row is not as the program left it")]
  }

  private static func next(_ row: RawStatement, after former: StateRoot) -> StateRoot {
    var digest = Fingerprint()
    digest.add(blob: former.digest)
    digest.add(row: row)
    return StateRoot(rowCount: former.rowCount + 1, digest: digest.short())
  }
}
