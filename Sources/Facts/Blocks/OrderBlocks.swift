import AuditLog
public import Storage

/// The blocks of orders in the database.
public struct OrderBlocks {
  let connection: Connection
  private let at, byNumber, splits: RawStatement
  private let proof: BlockProof
  private let keys: KnownKeys

  /// The index of keys, read when it is first asked for; no import goes on meanwhile.
  private final class KnownKeys { var index: KeyIndex? }

  public init(_ connection: Connection) throws {
    self.connection = connection
    (proof, keys) = (try BlockProof(connection), KnownKeys())
    at = try connection.prepare("SELECT \(OrderBlocks.columns) WHERE first_order <= ?1 ORDER BY first_order DESC LIMIT 1")
    byNumber = try connection.prepare("SELECT \(OrderBlocks.columns) WHERE block = ?1")
    splits = try connection.prepare("SELECT block FROM order_blocks WHERE split_from = ?1")
  }

  /// How many blocks there are, without counting them: none is ever removed, so that it is the number of the last.
  public static func count(on connection: Connection) throws -> Int64 { try connection.count("SELECT max(block) FROM order_blocks") }

  private static let columns = "\(BlockDigest.Former.columns) FROM \(BlockSchema.patchedBlocks)"

  /// - Parameter row: Of ``columns``.
  /// - Throws: ``Damage`` where the block, or what lies over it, is not as an import made it.
  private func open(_ reader: BlockReader, _ row: RawStatement) throws {
    try proof.check(row)
    guard unsafe reader.open(row.blobBytes(BlockDigest.Former.ordersColumn), patch: row.blobBytes(BlockDigest.Former.entriesColumn)) else {
      throw OrderBlocks.broken
    }
  }

  /// Calls `body` with every order, in the order of their ids, each read whole.
  static func each(on connection: Connection, _ body: (OrderRows) throws -> Void) throws {
    try OrderBlocks(connection).each("ORDER BY first_order", nil, body)
  }

  /// The same with the orders of some blocks, or in another order of them.
  ///
  /// - Parameter parameter: What `?1` is in `clause`.
  fileprivate func each(_ clause: String, _ parameter: Int64?, _ body: (OrderRows) throws -> Void) throws {
    let reader = BlockReader()
    var file = OrderRows()
    try eachBlock(clause, parameter, reader) {
      while reader.next() {
        reader.read(into: &file)
        try body(file)
      }
      return .on
    }
  }

  /// Has a reader open some blocks, one after the other, until `body` answers that it has seen enough.
  func eachBlock(_ clause: String, _ parameter: Int64?, _ reader: BlockReader, _ body: () throws -> Pass) throws {
    let rows = try connection.prepare("SELECT \(OrderBlocks.columns) \(clause)")
    if let parameter { try rows.bind(1, parameter) }
    while try rows.step() {
      try open(reader, rows)
      let pass = try body()
      if reader.isBroken { throw OrderBlocks.broken }
      if pass == .enough { return }
    }
  }

  /// Calls `body` with the orders of the patches in rows of block, number of orders, import and entries; see ``BlockReader/open(patchAlone:)`` for
  /// what of them can be told.
  fileprivate func eachPatched(in rows: RawStatement, _ body: (OrderRows) throws -> Void) throws {
    let reader = BlockReader()
    var file = OrderRows()
    while try rows.step() {
      try proof.check(patch: rows)
      if unsafe !reader.open(patchAlone: rows.blobBytes(3)) {
        // It was written before patches told of themselves what ids are told against.
        byNumber.reset()
        try byNumber.bind(1, rows.int(0))
        guard try byNumber.step() else { throw OrderBlocks.broken }
        try open(reader, byNumber)
      }
      while reader.nextPatched() {
        reader.read(into: &file)
        try body(file)
      }
      if reader.isBroken { throw OrderBlocks.broken }
    }
    byNumber.reset()
  }

  static let broken = Damage("order_blocks", "a block of orders cannot be read")

  /// Calls `body` with a reader that stands on the order; false where there is no such order.
  public func find(_ orderID: String, _ reader: BlockReader, _ body: (BlockReader) throws -> Void) throws -> Bool {
    try at.bind(1, orderID)
    defer { at.reset() }
    guard try at.step() else { return false }
    try open(reader, at)
    var isThere = false
    try unsafe orderID.utf8.withContiguousStorageIfAvailable { wanted in
      let wanted = unsafe ByteText(wanted)
      while reader.nextID() {
        if reader.orderID == wanted {
          reader.readRow()
          isThere = true
          try body(reader)
          return
        }
      }
    }
    return isThere
  }

  /// Calls `body` on every order of the blocks that may hold what the block of this number once held.
  func eachOrder(ofBlock block: Int64, _ reader: BlockReader, _ body: (BlockReader) throws -> Void) throws {
    try eachBlock(from: block, reader) { while reader.next() { try body(reader) } }
  }

  /// Has a reader open the blocks, one after the other, that may hold what the block of this number once held.
  private func eachBlock(from block: Int64, _ reader: BlockReader, _ body: () throws -> Void) throws {
    var blocks = [block]
    while let next = blocks.popLast() {
      try byNumber.bind(1, next)
      if try byNumber.step() {
        try open(reader, byNumber)
        try body()
        if reader.isBroken { throw OrderBlocks.broken }
      }
      byNumber.reset()
      try splits.bind(1, next)
      while try splits.step() { blocks.append(splits.int(0)) }
      splits.reset()
    }
  }

  /// The orders that have a record of this key, by their ids.
  public func orders(with key: FactKey, _ kind: FactKey.Kind) throws -> [String] {
    let reader = BlockReader()
    var file = OrderRows()
    var found: Set<String> = []
    for block in try index().blocks(of: key.hash(kind)) {
      try eachOrder(ofBlock: block, reader) { reader in
        reader.read(into: &file)
        if file.holds(key, kind) { found.insert(file.order.id.string) }
      }
    }
    return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}

extension OrderBlocks {
  private func index() throws -> KeyIndex {
    if let known = keys.index { return known }
    let index = try KeyIndex(connection)
    keys.index = index
    return index
  }

  /// The ids of the orders that have one of these lines, in no order and some perhaps twice; a line is told by its digits.
  public func orders(ofLines lines: Set<UInt64>) throws -> [String] {
    var found: [String] = []
    try eachHead(ofLines: lines) { reader, head in
      reader.go(to: head.offset)
      found.append(reader.orderID.string)
    }
    return found
  }

  /// Those of some lines that an order has which is not void.
  public func held(_ lines: Set<UInt64>) throws -> Set<UInt64> {
    var held: Set<UInt64> = []
    try eachHead(ofLines: lines) { _, head in if !head.isVoided { held.insert(head.line) } }
    return held
  }

  private func eachHead(ofLines lines: Set<UInt64>, _ body: (BlockReader, OrderHead) -> Void) throws {
    if lines.isEmpty { return }
    let (keys, reader) = (try index(), BlockReader())
    // Each block is read once, however many of the lines may be in it.
    var blocks: Set<Int64> = []
    for line in lines { blocks.formUnion(try keys.blocks(of: KeyHash.hash(line: line))) }
    var heads: [OrderHead] = []
    for block in blocks.sorted() {
      try eachBlock(from: block, reader) {
        heads.removeAll(keepingCapacity: true)
        reader.readHeads(into: &heads)
        for head in heads where lines.contains(head.line) { body(reader, head) }
      }
    }
  }
}

/// An id by which a record is looked for, in the form in which two of them are compared.
public struct FactKey {
  let text: [UInt8]

  public enum Kind: UInt64, CaseIterable { case period, addon, ticket, transaction }

  public init(_ text: String) { self.text = Array(text.utf8) }

  func hash(_ kind: Kind) -> UInt64 {
    unsafe text.withUnsafeBufferPointer { unsafe KeyHash.hash(ByteText($0), kind) }
  }
}

extension OrderRows {
  func holds(_ key: FactKey, _ kind: FactKey.Kind) -> Bool {
    unsafe key.text.withUnsafeBufferPointer { bytes in
      let text = unsafe ByteText(bytes)
      return switch kind {
      case .period: periods.contains { $0.id == text }
      case .addon: addons.contains { $0.id == text }
      case .ticket: tickets.contains { $0.id == text }
      case .transaction: periods.contains { !$0.txid.isEmpty && KeyHash.isSameTransaction($0.txid, text) }
      }
    }
  }
}

extension OrderRows {
  /// The hashes of everything in it that can be looked for.
  func eachKey(_ body: (UInt64) throws -> Void) rethrows {
    try body(KeyHash.hash(line: order.line))
    for period in periods {
      try body(KeyHash.hash(period.id, .period))
      if !period.txid.isEmpty { try body(KeyHash.hash(period.txid, .transaction)) }
    }
    for addon in addons { try body(KeyHash.hash(addon.id, .addon)) }
    for ticket in tickets { try body(KeyHash.hash(ticket.id, .ticket)) }
  }
}

/// Goes to orders by their ids, in ascending order; those of one block cost one look-up together.
public final class OrderWalk {
  public let reader: BlockReader
  private let block, next: RawStatement
  private var isOpen = false
  private var isOn = false
  /// Whether more than its id was read of the order that the reader stands on.
  private var isRead = false
  private var end: [UInt8]?
  private let bytes = ByteWriter()
  private let patch = ByteWriter()
  private let proof: BlockProof
  /// Called for each block that the reader opens.
  private let opened: (BlockReader) -> Void

  public init(_ connection: Connection, _ reader: BlockReader, opened: @escaping (BlockReader) -> Void = { _ in }) throws {
    (self.reader, self.opened, proof) = (reader, opened, try BlockProof(connection))
    block = try connection.prepare(
      "SELECT \(BlockDigest.Former.columns) FROM \(BlockSchema.patchedBlocks) "
        + "WHERE first_order = (SELECT max(first_order) FROM order_blocks WHERE first_order <= ?1)")
    next = try connection.prepare("SELECT min(first_order) FROM order_blocks WHERE first_order > ?1")
  }

  /// - Returns: Whether the order is there, and the reader on it.
  /// - Throws: ``Damage`` where its block is not as an import made it.
  public func go(to orderID: ByteText) throws -> Bool {
    if isOpen, let end, unsafe end.withUnsafeBufferPointer({ unsafe !(orderID < ByteText($0)) }) { isOpen = false }
    if !isOpen {
      unsafe try block.bind(1, bytes: orderID.bytes)
      defer { block.reset() }
      guard try block.step() else { return false }
      try proof.check(block)
      bytes.clear()
      unsafe bytes.raw(block.blobBytes(BlockDigest.Former.ordersColumn))
      patch.clear()
      unsafe patch.raw(block.blobBytes(BlockDigest.Former.entriesColumn))
      guard unsafe reader.open(bytes.bytes, patch: patch.bytes) else { throw OrderBlocks.broken }
      unsafe try next.bind(1, bytes: block.bytes(1))
      end = try next.step() && !next.isNull(0) ? unsafe Array(next.bytes(0)) : nil
      next.reset()
      isOpen = true
      (isOn, isRead) = (reader.nextID(), false)
      opened(reader)
    }
    while isOn, reader.orderID < orderID { (isOn, isRead) = (reader.nextID(), false) }
    guard isOn, reader.orderID == orderID else { return false }
    if !isRead { reader.readRow() }
    isRead = true
    return true
  }
}

/// The orders that imports changed.
public enum ChangedOrders {
  /// How much imports after `importID` changed: blocks, of all that there are, and bytes of patches over others.
  public static func extent(since importID: Int64, on connection: Connection) throws -> (blocks: Int64, all: Int64, patchBytes: Int64) {
    let row = try connection.prepare(
      """
      SELECT (SELECT count(*) FROM order_blocks WHERE import_id > ?1),
        (SELECT coalesce(sum(length(entries)), 0) FROM block_patches WHERE import_id > ?1)
      """)
    try row.bind(1, importID)
    _ = try row.step()
    return (row.int(0), try OrderBlocks.count(on: connection), row.int(1))
  }

  /// Calls `body` with every order of which a row came or changed after an import; nothing but their ids and transactions may be asked of them.
  public static func each(since importID: Int64, on connection: Connection, _ body: (OrderRows) throws -> Void) throws {
    func tell(_ file: OrderRows) throws { if file.lastImport > importID { try body(file) } }
    let blocks = try OrderBlocks(connection)
    // In no order of ids: SQLite would go through all blocks for it.
    try blocks.each("WHERE order_blocks.import_id > ?1", importID, tell)
    // Blocks that did not change are not read for what lies over them.
    let patches = try connection.prepare(
      """
      SELECT block, added_count, import_id, entries FROM block_patches
      WHERE import_id > ?1 AND block NOT IN (SELECT block FROM order_blocks WHERE import_id > ?1)
      """)
    try patches.bind(1, importID)
    try blocks.eachPatched(in: patches, tell)
  }
}

extension OrderRows {
  /// The last import that brought or changed one of its rows.
  var lastImport: Int64 {
    var last = order.importID
    for row in periods { last = max(last, row.importID) }
    for row in addons { last = max(last, row.importID) }
    for row in usage { last = max(last, row.importID) }
    for row in tickets { last = max(last, row.importID) }
    return last
  }

  /// The hashes of the transactions that paid its periods.
  public var transactions: [UInt64] { periods.filter { !$0.txid.isEmpty }.map { KeyHash.hash($0.txid, .transaction) } }
}

extension FactKey {
  /// The hash by which a transaction is found.
  public var transactionHash: UInt64 { hash(.transaction) }
}
