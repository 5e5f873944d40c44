import AuditLog
import RefundPolicy
import Storage

/// What a nightly opens that nothing else in it asks for again: on sheets when it is much, else in rows.
final class PlainOpenings {
  private let sheets: SheetWriter
  private let sheetsFrom: Int
  private let head: SheetHead
  /// So far it is not much: ids, orders, and entries.
  private var few: [(id: ItemID, order: Openings.Text, entry: Openings.Entry)] = []
  private let texts = Openings()
  private var isMuch = false

  /// - Parameter sheetsFrom: The number of items from which they go onto sheets.
  init(_ run: RunID, openedOn: ServiceDay, sheetsFrom: Int, on connection: Connection) throws {
    sheets = try SheetWriter(run, openedOn: openedOn, on: connection)
    head = SheetHead(run: run, openedOn: openedOn, state: .pending)
    self.sheetsFrom = sheetsFrom
  }

  func add(_ id: ItemID, _ entry: Openings.Entry, of order: Openings.Text, in openings: Openings) throws {
    if isMuch { return unsafe try sheets.add(id, openings.bytes(entry), of: openings.bytes(order), entry.amount, entry.dueOn) }
    few.append((id, unsafe texts.keep(openings.bytes(order)), unsafe texts.keep(openings.bytes(entry), like: entry)))
    if few.count < sheetsFrom { return }
    isMuch = true
    for (id, order, entry) in few { unsafe try sheets.add(id, texts.bytes(entry), of: texts.bytes(order), entry.amount, entry.dueOn) }
    few = []
    texts.clear()
  }

  /// - Parameter insert: Writes into rows what is not enough for sheets.
  func finish(_ insert: (ItemWithDays) throws -> Void) throws {
    for (id, _, entry) in few { unsafe try insert(PlainOpenings.item(id, texts.bytes(entry), head)) }
    few = []
    try sheets.flush()
  }

  /// The value of an entry.
  static func item(_ id: ItemID, _ entry: UnsafeBufferPointer<UInt8>, _ head: SheetHead) throws -> ItemWithDays {
    let text = SheetText()
    unsafe text.add(id, entry)
    text.finish()
    let page = SheetPage()
    do { try unsafe page.read(text.bytes, head) } catch { throw StorageError.refused(why: "item \(id) cannot be opened") }
    return page.value(of: page.items[0])
  }
}

/// Writes the text of one sheet.
final class SheetText {
  private let text = SheetBytes(capacity: 8192)

  var count: Int { text.count }
  var bytes: UnsafeBufferPointer<UInt8> { unsafe text.bytes }

  func clear() { text.clear() }

  /// - Parameter entry: All of it but the id.
  func add(_ id: ItemID, _ entry: UnsafeBufferPointer<UInt8>) {
    text.write(entry.count + SheetPen.mostOfNumber + 2) { pen in
      pen.byte(UInt8(ascii: text.count == 0 ? "[" : ","))
      pen.byte(UInt8(ascii: "["))
      pen.number(id.number)
      unsafe pen.raw(entry)
    }
  }

  func finish() { text.write(1) { $0.byte(UInt8(ascii: "]")) } }
}

/// Packs the items that a nightly opens onto sheets, as they come: ascending in item and in order.
final class SheetWriter {
  private let run: RunID
  private let openedOn: ServiceDay
  private let insert: RawStatement
  private let text = SheetText()
  private var count: Int64 = 0
  private var cents = Cents.zero
  private var items: (first: Int64, last: Int64) = (0, 0)
  private let firstOrder = SheetBytes(capacity: 256)
  private let lastOrder = SheetBytes(capacity: 256)
  private var due: (first: ServiceDay, last: ServiceDay)

  /// A sheet that leaves a page of the database some room: a longer one would take a second page.
  private static let size = Store.pageSize - 246

  init(_ run: RunID, openedOn: ServiceDay, on connection: Connection) throws {
    (self.run, self.openedOn) = (run, openedOn)
    due = (openedOn, openedOn)
    insert = try connection.prepare(
      """
      INSERT INTO sheets (first_item, last_item, run_id, first_order, last_order, opened_on, state, item_count, cents, first_due, last_due, items,
        digest, left_count, left_cents) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'pending', ?7, ?8, ?9, ?10, ?11, ?12, ?7, ?8)
      """)
  }

  /// - Parameter entry: As the item is opened: pending, not automatic, without address and tag.
  func add(_ id: ItemID, _ entry: UnsafeBufferPointer<UInt8>, of order: UnsafeBufferPointer<UInt8>, _ amount: Cents, _ dueOn: ServiceDay) throws {
    // An order's items stay together, and so do numbers without a gap.
    if count > 0 {
      if unsafe text.count > SheetWriter.size - 200 && !lastOrder.bytes.elementsEqual(order) || items.last + 1 != id.number { try flush() }
    }
    unsafe text.add(id, entry)
    if count == 0 {
      unsafe firstOrder.set(order)
      (items.first, due) = (id.number, (dueOn, dueOn))
    }
    unsafe lastOrder.set(order)
    items.last = id.number
    count += 1
    cents += amount
    due = (min(due.first, dueOn), max(due.last, dueOn))
  }

  func flush() throws {
    if count == 0 { return }
    text.finish()
    try insert.bind(1, items.first)
    try insert.bind(2, items.last)
    try insert.bind(3, run.number)
    unsafe try insert.bind(4, bytes: firstOrder.bytes)
    unsafe try insert.bind(5, bytes: lastOrder.bytes)
    try insert.bind(6, Int64(openedOn.ordinal))
    try insert.bind(7, count)
    try insert.bind(8, cents.count)
    try insert.bind(9, Int64(due.first.ordinal))
    try insert.bind(10, Int64(due.last.ordinal))
    unsafe try insert.bind(11, unchanging: text.bytes)
    unsafe try insert.bind(12, blob: SheetDigest.of(text.bytes))
    try insert.run()
    text.clear()
    (count, cents) = (0, .zero)
  }
}

/// The digest of a sheet's text: its run is sealed over it.
enum SheetDigest {
  static func of(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var digest = Fingerprint()
    unsafe digest.add(bytes: text)
    return digest.short()
  }
}
