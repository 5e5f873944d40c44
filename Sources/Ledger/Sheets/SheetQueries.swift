import AuditLog
import Glibc
import RefundPolicy
public import Storage

/// One sheet as it is read: its items as they were opened, ascending, without those that were taken over where it is asked for what is left.
final class SheetReader {
  let page = SheetPage()
  private let takenOver: RawStatement

  init(_ connection: Connection) throws {
    takenOver = try connection.prepare("SELECT item_id FROM items WHERE item_id BETWEEN ?1 AND ?2 ORDER BY item_id")
  }

  var items: [SheetItem] { page.items }

  /// Reads the sheet that a row of ``SheetHead/columns`` stands on, where its text is as its run made it.
  ///
  /// - Throws: ``Damage``, and ``StorageError`` where it cannot be read.
  func openProved(_ row: RawStatement) throws {
    if unsafe SheetDigest.of(row.bytes(7)) != row.blob(8) {
      throw Damage("sheet from item \(LedgerCheck.itemName(row.int(0))) on", "it is not as run \(row.int(2)) made it")
    }
    try open(row, onlyLeft: false)
  }

  /// Reads the sheet that a row of ``SheetHead/columns`` stands on.
  func open(_ row: RawStatement, onlyLeft: Bool) throws {
    guard let state = ItemState(rawValue: row.text(4)) else { throw SheetReader.unreadable(row) }
    let head = SheetHead(run: RunID(row.int(2)), openedOn: row.day(3), state: state)
    do { try unsafe page.read(row.bytes(7), head) } catch { throw SheetReader.unreadable(row) }
    if onlyLeft, row.int(6) < row.int(5) { page.remove(try takenOver(from: row.int(0), through: row.int(1))) }
  }

  private func takenOver(from first: Int64, through last: Int64) throws -> Set<ItemID> {
    try takenOver.bind(1, first)
    try takenOver.bind(2, last)
    var taken: Set<ItemID> = []
    while try takenOver.step() { taken.insert(ItemID(takenOver.int(0))) }
    takenOver.reset()
    return taken
  }

  private static func unreadable(_ row: RawStatement) -> StorageError {
    .refused(why: "the sheet from item \(row.int(0)) on cannot be read; 'makegood verify' tells more")
  }
}

/// Finds the items of an order on sheets; quickest where orders are asked for in ascending order.
public final class SheetsOfOrders {
  /// The sheets of one run, and the one of them that was looked at last.
  private final class OneRun {
    let number: Int64
    let reader: SheetReader
    /// The first item that may be of an order asked for next.
    var next = 0
    /// Every order from the one up to the other stands here or nowhere in the run; nil before the first is asked for.
    var orders: (from: [UInt8], through: [UInt8]?)?

    init(_ number: Int64, _ reader: SheetReader) { (self.number, self.reader) = (number, reader) }

    /// - Parameter acts: Proves the run, once.
    func open(_ sheet: RawStatement, _ acts: ActCheck) throws {
      if let finding = try acts.finding(.run, number) { throw Damage([finding]) }
      try reader.openProved(sheet)
      next = 0
    }

    /// An order's items of the sheet; a few steps where orders are asked for in ascending order.
    func items(of orderID: UnsafeBufferPointer<UInt8>) -> ArraySlice<SheetItem> {
      let items = reader.items
      if next > 0, unsafe OneRun.compare(items[next - 1].order, orderID) >= 0 { next = 0 }
      while next < items.count, unsafe OneRun.compare(items[next].order, orderID) < 0 { next += 1 }
      var end = next
      while end < items.count, unsafe OneRun.compare(items[end].order, orderID) == 0 { end += 1 }
      return items[next..<end]
    }

    /// Bytewise, as SQLite compares text.
    private static func compare(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Int {
      guard let one = left.baseAddress, let other = right.baseAddress else { return left.count - right.count }
      let order = unsafe memcmp(one, other, min(left.count, right.count))
      return order == 0 ? left.count - right.count : Int(order)
    }
  }

  private let runs: [OneRun]
  private let sheet, isTaken: RawStatement
  private let acts: ActCheck
  private let onlyLeft: Bool

  /// - Parameter onlyLeft: Whether items that were taken over since are left out.
  public init(_ connection: Connection, onlyLeft: Bool) throws {
    self.onlyLeft = onlyLeft
    acts = try ActCheck(connection)
    sheet = try connection.prepare(
      "SELECT \(SheetHead.columns), last_order FROM sheets WHERE run_id = ?1 AND last_order >= ?2 ORDER BY last_order LIMIT 1")
    isTaken = try connection.prepare("SELECT 1 FROM items WHERE item_id = ?1")
    let next = try connection.prepare("SELECT min(run_id) FROM sheets WHERE run_id > ?1\(onlyLeft ? " AND left_count > 0" : "")")
    var runs: [OneRun] = []
    var last: Int64 = 0
    while true {
      try next.bind(1, last)
      guard try next.step(), let run = next.optionalInt(0) else { break }
      next.reset()
      runs.append(OneRun(run, try SheetReader(connection)))
      last = run
    }
    self.runs = runs
  }

  /// Whether no order stands on any.
  public var isEmpty: Bool { runs.isEmpty }

  /// Whether an order has an item on a sheet.
  public func has(_ orderID: UnsafeBufferPointer<UInt8>) throws -> Bool {
    for run in runs where unsafe try seek(orderID, in: run) {
      for item in unsafe run.items(of: orderID) where try isLeft(item) { return true }
    }
    return false
  }

  /// The items of an order, as they were opened.
  public func items(ofOrder orderID: String) throws -> [ItemWithDays] {
    if runs.isEmpty { return [] }
    var orderID = orderID
    return try orderID.withUTF8 { bytes in
      var found: [ItemWithDays] = []
      for run in runs where unsafe try seek(bytes, in: run) {
        for item in unsafe run.items(of: bytes) where try isLeft(item) { found.append(run.reader.page.value(of: item)) }
      }
      return found
    }
  }

  private func isLeft(_ item: SheetItem) throws -> Bool {
    if !onlyLeft { return true }
    try isTaken.bind(1, item.id.number)
    defer { isTaken.reset() }
    return try !isTaken.step()
  }

  /// Reads the sheet of a run on which an order would stand.
  private func seek(_ orderID: UnsafeBufferPointer<UInt8>, in run: OneRun) throws -> Bool {
    if let orders = run.orders, unsafe !orderID.lexicographicallyPrecedes(orders.from) {
      guard let through = orders.through else { return false }
      if unsafe !through.lexicographicallyPrecedes(orderID) { return true }
    }
    try sheet.bind(1, run.number)
    unsafe try sheet.bind(2, bytes: orderID)
    defer { sheet.reset() }
    guard try sheet.step() else {
      run.orders = unsafe (Array(orderID), nil)
      return false
    }
    try run.open(sheet, acts)
    run.orders = unsafe (Array(orderID), Array(sheet.bytes(9)))
    return true
  }
}

extension Connection {
  /// An item as it was opened on a sheet, whether or not rows have taken it over; nil where none opened it.
  ///
  /// - Throws: ``Damage`` where the text of the sheet is not the one that it has the digest of.
  func openedOnSheet(_ id: ItemID) throws -> ItemWithDays? {
    let sheet = try prepare("SELECT \(SheetHead.columns) FROM sheets WHERE first_item <= ?1 ORDER BY first_item DESC LIMIT 1")
    try sheet.bind(1, id.number)
    guard try sheet.step(), sheet.int(1) >= id.number else { return nil }
    let reader = try SheetReader(self)
    try reader.openProved(sheet)
    let index = Int(id.number - sheet.int(0))
    return reader.items.indices.contains(index) && reader.items[index].id == id ? reader.page.value(of: reader.items[index]) : nil
  }

  /// What is left on sheets, with its amount.
  func leftOnSheets() throws -> Total {
    try total("SELECT coalesce(sum(left_count), 0), coalesce(sum(left_cents), 0) FROM sheets WHERE left_count > 0")
  }
}
