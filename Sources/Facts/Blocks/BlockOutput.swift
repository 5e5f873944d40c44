import AuditLog
import Storage

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
  var digest: UInt64
  /// Hashes of the ids that are new in it.
  var newKeys: [UInt64]
}

/// What tells a block from one with any bit changed.
enum BlockDigest {
  static func of(_ bytes: [UInt8]) -> UInt64 {
    var fingerprint = Fingerprint()
    fingerprint.add(blob: bytes)
    return fingerprint.number()
  }

  /// Of a whole row of `order_blocks`.
  static func row(block: Int64, firstOrder: String, orderCount: Int64, importID: Int64, splitFrom: Int64?, bytes: UInt64) -> Int64 {
    var fingerprint = Fingerprint()
    fingerprint.add(block)
    fingerprint.add(firstOrder)
    fingerprint.add(orderCount)
    fingerprint.add(importID)
    fingerprint.add(splitFrom)
    fingerprint.add(Int64(bitPattern: bytes))
    return Int64(bitPattern: fingerprint.number())
  }

  /// Of a whole row of `block_patches`.
  static func patch(block: Int64, addedCount: Int64, importID: Int64, bytes: UInt64) -> Int64 {
    var fingerprint = Fingerprint()
    fingerprint.add(block)
    fingerprint.add(addedCount)
    fingerprint.add(importID)
    fingerprint.add(Int64(bitPattern: bytes))
    return Int64(bitPattern: fingerprint.number())
  }
}
