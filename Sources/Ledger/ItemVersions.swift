import AuditLog
import RefundPolicy
import Storage

/// Writes versions of items: the new one in place, the former one kept with its days; and the digest of each item as it is now.
///
/// One at a time on a connection: digests reach the database with ``seal()``.
struct ItemVersions {
  private let connection: Connection
  private let leaves: DigestTree
  private let left: LeftOnSheets
  private let acts: ActCheck
  private let stretchesOfItem, insertItem, updateItem, keepItem, hasRow: RawStatement
  private let insertStretch, keepStretches, deleteStretches: RawStatement

  init(_ connection: Connection) throws {
    self.connection = connection
    leaves = try DigestTree(.items, on: connection)
    (left, acts) = (try LeftOnSheets(connection), try ActCheck(connection))
    hasRow = try connection.prepare("SELECT 1 FROM items WHERE item_id = ?1")
    let days = RawStatement.stretchColumns
    stretchesOfItem = try connection.prepare("SELECT \(days) FROM stretches WHERE period_id = ?1 AND item_id = ?2 ORDER BY first_day")
    let places = (1...ItemColumns.count).map { "?\($0)" }.joined(separator: ", ")
    insertItem = try connection.prepare("INSERT INTO items (\(ItemColumns.names)) VALUES (\(places))")
    updateItem = try connection.prepare("UPDATE items SET (\(ItemColumns.names)) = (\(places)) WHERE item_id = ?1")
    keepItem = try connection.prepare(
      "INSERT INTO former_items (\(ItemColumns.names), until_run) SELECT \(ItemColumns.names), ?2 FROM items WHERE item_id = ?1")
    insertStretch = try connection.prepare(
      "INSERT INTO stretches (period_id, item_id, \(days)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
    keepStretches = try connection.prepare(
      """
      INSERT INTO former_stretches (item_id, version, \(days)) SELECT item_id, ?3, \(days) FROM stretches
      WHERE period_id = ?1 AND item_id = ?2
      """)
    deleteStretches = try connection.prepare("DELETE FROM stretches WHERE period_id = ?1 AND item_id = ?2")
  }

  func days(of item: Item) throws -> [ItemStretch] {
    try stretchesOfItem.bind(1, item.periodID)
    try stretchesOfItem.bind(2, item.id.number)
    var found: [ItemStretch] = []
    while try stretchesOfItem.step() { found.append(try stretchesOfItem.stretch(from: 0)) }
    stretchesOfItem.reset()
    return found
  }

  /// - Throws: ``Damage`` where an item is not as the program left it: nothing may be decided by it, or written over it.
  func check(_ item: Item, _ days: [ItemStretch]) throws {
    if try leaves.digest(at: item.id.number) != ItemColumns.digest(item, days) {
      throw Damage("item \(item.id)", "it, or its days, are not as the program left them")
    }
  }

  /// The same of an item that no row has taken over from its sheet.
  func checkIsOnSheet(_ id: ItemID) throws {
    if try leaves.digest(at: id.number) != nil { throw Damage("item \(id)", "it is missing") }
  }

  /// - Returns: The digest of the item and its days.
  @discardableResult func insert(_ item: Item, days: [ItemStretch]) throws -> [UInt8] {
    try checkIsOnSheet(item.id)
    // Days first: an item opens with the sum of them.
    try insert(days, of: item)
    try ItemColumns.bind(item, to: insertItem)
    try insertItem.run()
    let digest = ItemColumns.digest(item, days)
    try leaves.set(digest, at: item.id.number)
    leaves.rowCount += 1
    return digest
  }

  /// Takes an item over from its sheet, just as it was opened; nothing happens where rows hold it already.
  ///
  /// An item has to be in rows before a review or another version of it can be written.
  ///
  /// - Parameter known: The item as its sheet tells it, where that was read and proved already.
  /// - Throws: ``Damage`` where its sheet is not as its run made it.
  func takeOver(_ id: ItemID, _ known: ItemWithDays? = nil) throws {
    try hasRow.bind(1, id.number)
    defer { hasRow.reset() }
    if try hasRow.step() { return }
    guard let opened = try known ?? connection.openedOnSheet(id) else { throw StorageError.refused(why: "there is no item \(id)") }
    if known == nil, let finding = try acts.finding(.run, opened.item.run.number) { throw Damage([finding]) }
    try insert(opened.item, days: opened.stretches)
    left.takeOver(opened.item.amount)
  }

  /// Puts `new` into the place of `former`, which is kept as it stood until run `run`.
  ///
  /// - Parameters:
  ///   - days: The new days; nil leaves them as they are.
  ///   - digest: Of the new version and its days.
  func replace(_ former: Item, with new: Item, days: [ItemStretch]?, until run: RunID, _ digest: [UInt8]) throws {
    try keepItem.bind(1, former.id.number)
    try keepItem.bind(2, run.number)
    try keepItem.run()
    try keepStretches.bind(1, former.periodID)
    try keepStretches.bind(2, former.id.number)
    try keepStretches.bind(3, former.version)
    try keepStretches.run()
    if let days {
      try deleteStretches.bind(1, former.periodID)
      try deleteStretches.bind(2, former.id.number)
      try deleteStretches.run()
      try insert(days, of: new)
    }
    try finish(new, digest)
  }

  /// Writes an item over itself, for a version that nobody has seen yet.
  ///
  /// - Parameter digest: Of the item and its days.
  func finish(_ item: Item, _ digest: [UInt8]) throws {
    try ItemColumns.bind(item, to: updateItem)
    try updateItem.run()
    try leaves.set(digest, at: item.id.number)
  }

  /// Notes what a run opened on sheets.
  func noteSheets(of run: RunID) throws {
    left.add(try connection.total("SELECT coalesce(sum(item_count), 0), coalesce(sum(cents), 0) FROM sheets WHERE run_id = ?1", run.number))
  }

  /// Writes the digests, for the seal that ends the act.
  func seal() throws {
    try leaves.finish()
    try left.finish()
  }

  private func insert(_ days: [ItemStretch], of item: Item) throws {
    for stretch in days {
      try insertStretch.bind(1, item.periodID)
      try insertStretch.bind(2, item.id.number)
      try insertStretch.bind(3, Int64(stretch.days.first.ordinal))
      try insertStretch.bind(4, Int64(stretch.days.last.ordinal))
      try insertStretch.bind(5, Int64(stretch.cause.rawValue))
      try insertStretch.bind(6, stretch.evidence)
      try insertStretch.bind(7, stretch.amount.count)
      try insertStretch.bind(8, stretch.base.count)
      try insertStretch.run()
    }
  }
}

/// What is left on sheets, told by what was opened there and what was taken over: a root under each seal.
final class LeftOnSheets {
  private let connection: Connection
  private var left: Total
  private var hasChanged = false

  init(_ connection: Connection) throws {
    self.connection = connection
    let root = try connection.root(of: .sheetsLeft)
    left = Total(count: root.rowCount, amount: Cents(root.digest.prefix(8).reversed().reduce(0) { $0 << 8 | Int64($1) }))
  }

  func add(_ opened: Total) {
    if opened.count == 0 { return }
    left.count += opened.count
    left.amount += opened.amount
    hasChanged = true
  }

  func takeOver(_ amount: Cents) {
    left.count -= 1
    left.amount = left.amount - amount
    hasChanged = true
  }

  func finish() throws {
    if hasChanged { try connection.setRoot(of: .sheetsLeft, to: LeftOnSheets.root(of: left)) }
    hasChanged = false
  }

  static func root(of left: Total) -> StateRoot {
    if left.count == 0 { return .empty }
    let bytes = (0..<8).map { UInt8(truncatingIfNeeded: left.amount.count >> Int64(8 * $0)) }
    return StateRoot(rowCount: left.count, digest: bytes + [UInt8](repeating: 0, count: Digest.size - bytes.count))
  }
}
