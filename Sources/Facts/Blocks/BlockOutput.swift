public import AuditLog
public import Storage

/// A block or a patch as it is to be written.
struct BlockOutput {
  enum Place {
    /// One more block; the block that some of its orders lay in before.
    case new(splitFrom: Int64?)
    /// The place of a block and of the patch over it.
    case block(Int64, hasPatch: Bool)
    /// Over a block, and in the place of a patch over it.
    case patch(over: Int64, hasPatch: Bool)
  }

  var place: Place
  /// Empty for a patch, which never changes it.
  var firstOrder: [UInt8]
  /// For a patch, how many orders it adds to its block's.
  var orderCount: Int
  var bytes: [UInt8]
  /// Of the bytes.
  var digest: [UInt8]
  /// Hashes of the ids that are new in it.
  var newKeys: [UInt64]
  /// What was read of the place before, where it was there.
  var former: BlockDigest.Former?
}

/// What tells a block from one with any bit changed: 16 bytes, over every column of its row.
public enum BlockDigest {
  static func of(_ bytes: [UInt8]) -> [UInt8] { unsafe bytes.withUnsafeBufferPointer { unsafe of($0) } }

  static func of(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var fingerprint = Fingerprint()
    unsafe fingerprint.add(bytes: bytes)
    return fingerprint.short()
  }

  /// Of a row of `order_blocks`.
  ///
  /// - Parameter bytes: The digest of its orders.
  static func row(block: Int64, firstOrder: String, orderCount: Int64, importID: Int64, splitFrom: Int64?, bytes: [UInt8]) -> [UInt8] {
    var fingerprint = Fingerprint()
    fingerprint.add(block)
    fingerprint.add(firstOrder)
    fingerprint.add(orderCount)
    fingerprint.add(importID)
    fingerprint.add(splitFrom)
    fingerprint.add(blob: bytes)
    return fingerprint.short()
  }

  /// Of a row of `block_patches`.
  ///
  /// - Parameter bytes: The digest of its entries.
  static func patch(block: Int64, addedCount: Int64, importID: Int64, bytes: [UInt8]) -> [UInt8] {
    var fingerprint = Fingerprint()
    fingerprint.add(block)
    fingerprint.add(addedCount)
    fingerprint.add(importID)
    fingerprint.add(blob: bytes)
    return fingerprint.short()
  }

  /// A block and what lies over it, as they were read.
  public struct Former: Sendable, Hashable {
    public var block: Int64
    var orderCount: Int64
    var row: [UInt8]
    var addedCount: Int64
    /// Nil where nothing lies over it.
    var patch: [UInt8]?
    var firstOrder: String

    var place: String { "block \(block), from order '\(firstOrder)' on," }
  }
}

extension BlockDigest.Former {
  /// The columns that ``init(_:from:)`` reads.
  public static let columns = """
    block, first_order, order_count, order_blocks.import_id, split_from, orders, added_count, block_patches.import_id, entries
    """

  /// - Parameter row: Of ``BlockSchema/patchedBlocks``, with ``columns`` from `first` on.
  public init(_ row: RawStatement, from first: Int = 0) {
    let (block, firstOrder, orderCount) = (row.int(first), row.text(first + 1), row.int(first + 2))
    let addedCount = row.int(first + 6)
    self.init(
      block: block, orderCount: orderCount,
      row: unsafe BlockDigest.row(
        block: block, firstOrder: firstOrder, orderCount: orderCount, importID: row.int(first + 3),
        splitFrom: row.optionalInt(first + 4), bytes: BlockDigest.of(row.blobBytes(first + 5))),
      addedCount: addedCount,
      patch: row.isNull(first + 8)
        ? nil
        : unsafe BlockDigest.patch(
          block: block, addedCount: addedCount, importID: row.int(first + 7), bytes: BlockDigest.of(row.blobBytes(first + 8))),
      firstOrder: firstOrder)
  }
}

/// The leaves of all blocks and of what lies over them, by the blocks' numbers.
public final class BlockLeaves {
  let blocks, patches: DigestTree

  public init(_ connection: Connection) throws {
    blocks = try DigestTree(.orderBlocks, on: connection)
    patches = try DigestTree(.blockPatches, on: connection)
  }

  /// What is wrong with a block, or with what lies over it, as it was read; nil where both are as imports made them.
  public func finding(_ read: BlockDigest.Former) throws -> Finding? {
    do {
      if try blocks.digest(at: read.block) != read.row { return Finding("order_blocks", "\(read.place) is not as an import made it") }
      if try patches.digest(at: read.block) != read.patch {
        return Finding("block_patches", "what lies over \(read.place) is not as an import made it")
      }
      return nil
    } catch let damage as Damage {
      return damage.findings.first
    }
  }

  func finish() throws {
    try blocks.finish()
    try patches.finish()
  }
}
