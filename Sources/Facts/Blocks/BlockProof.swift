import AuditLog
public import Storage

/// Proves blocks and what lies over them to be as imports made them, where a connection reads them: nothing is decided by a block that was changed.
///
/// About 10 us a block, most of it for the SHA-256 of its bytes.
public final class BlockProof {
  private let connection: Connection
  private let byNumber: RawStatement
  /// Made when it is first asked for.
  private var leaves: BlockLeaves?

  public init(_ connection: Connection) throws {
    self.connection = connection
    byNumber = try connection.prepare("SELECT \(BlockDigest.Former.columns) FROM \(BlockSchema.patchedBlocks) WHERE block = ?1")
  }

  /// Checks the block that a row stands on, with what lies over it.
  ///
  /// - Parameter row: Of ``BlockSchema/patchedBlocks``, with ``BlockDigest/Former/columns`` from `first` on.
  /// - Throws: ``Damage``.
  public func check(_ row: RawStatement, from first: Int = 0) throws {
    if let finding = try known().finding(BlockDigest.Former(row, from: first)) { throw Damage([finding]) }
  }

  /// The same of a block that was read elsewhere, by its number.
  public func check(block: Int64) throws {
    try byNumber.bind(1, block)
    defer { byNumber.reset() }
    guard try byNumber.step() else { throw Damage("order_blocks", "block \(block) is missing") }
    try check(byNumber)
  }

  /// Checks what lies over a block, alone.
  ///
  /// - Parameter row: Block, number of orders added, import and entries.
  /// - Throws: ``Damage``.
  func check(patch row: RawStatement) throws {
    let block = row.int(0)
    let digest = unsafe BlockDigest.patch(
      block: block, addedCount: row.int(1), importID: row.int(2), bytes: BlockDigest.of(row.blobBytes(3)))
    if try known().patches.digest(at: block) != digest {
      throw Damage("block_patches", "what lies over block \(block) is not as an import made it")
    }
  }

  private func known() throws -> BlockLeaves {
    if let leaves { return leaves }
    let made = try BlockLeaves(connection)
    leaves = made
    return made
  }

  /// What is wrong with the numbers of blocks and of what lies over them: none is ever removed, and each has its leaf.
  static func countFindings(on connection: Connection) throws -> [Finding] {
    var findings: [Finding] = []
    let (count, last) = (try connection.count("SELECT count(*) FROM order_blocks"), try OrderBlocks.count(on: connection))
    if count != last { findings.append(Finding("order_blocks", "\(count) blocks are there, the last one has the number \(last)")) }
    let (patches, expected) = (try connection.count("SELECT count(*) FROM block_patches"), try connection.root(of: .blockPatches).rowCount)
    if patches != expected { findings.append(Finding("block_patches", "\(patches) lie over blocks, imports made \(expected)")) }
    return findings
  }
}

extension BlockDigest.Former {
  /// Where ``columns`` have the orders of a block, and the entries of what lies over it.
  public static let (ordersColumn, entriesColumn) = (5, 8)
}
