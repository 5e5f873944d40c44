import AuditLog
import RefundPolicy
import Storage

/// What a nightly opens that nothing else in it asks for again: on sheets when it is much, else in rows.
struct PlainOpenings {
  private let sheets: SheetWriter
  private let sheetsFrom: Int
  /// So far it is not much.
  private var few: [ItemWithDays] = []
  private var isMuch = false

  /// - Parameter sheetsFrom: The number of items from which they go onto sheets.
  init(_ run: RunID, openedOn: ServiceDay, sheetsFrom: Int, on connection: Connection) throws {
    sheets = try SheetWriter(run, openedOn: openedOn, on: connection)
    self.sheetsFrom = sheetsFrom
  }

  mutating func add(_ item: Item, _ stretches: [ItemStretch]) throws {
    if isMuch { return try sheets.add(item, stretches) }
    few.append(ItemWithDays(item: item, stretches: stretches))
    if few.count < sheetsFrom { return }
    isMuch = true
    for opened in few { try sheets.add(opened.item, opened.stretches) }
    few = []
  }

  /// - Parameter insert: Writes into rows what is not enough for sheets.
  mutating func finish(_ insert: (ItemWithDays) throws -> Void) throws {
    try few.forEach(insert)
    few = []
    try sheets.flush()
  }
}

/// Packs the items that a nightly opens onto sheets, as they come: ascending in item and in order.
final class SheetWriter {
  private let run: RunID
  private let openedOn: ServiceDay
  private let insert: RawStatement
  private let text = SheetText()
  private var count: Int64 = 0
  private var cents = Cents.zero
  private var items: (first: ItemID, last: ItemID)?
  private var orders = (first: "", last: "")
  private var due: (first: ServiceDay, last: ServiceDay)?

  /// A sheet that leaves a page of the database some room: a longer one would take a second page.
  private static let size = 3_850

  init(_ run: RunID, openedOn: ServiceDay, on connection: Connection) throws {
    (self.run, self.openedOn) = (run, openedOn)
    insert = try connection.prepare(
      """
      INSERT INTO sheets (first_item, last_item, run_id, first_order, last_order, opened_on, state, item_count, cents, first_due, last_due, items,
        digest, left_count, left_cents) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'pending', ?7, ?8, ?9, ?10, ?11, ?12, ?7, ?8)
      """)
  }

  /// - Parameter item: As it is opened: pending, not automatic, without address and tag.
  func add(_ item: Item, _ stretches: [ItemStretch]) throws {
    // An order's items stay together, and so do numbers without a gap.
    if text.count > SheetWriter.size - 200, item.orderID != orders.last { try flush() }
    if let items, items.last.number + 1 != item.id.number { try flush() }
    text.add(item, stretches)
    if count == 0 { orders.first = item.orderID }
    orders.last = item.orderID
    count += 1
    cents += item.amount
    items = (items?.first ?? item.id, item.id)
    due = (min(due?.first ?? item.dueOn, item.dueOn), max(due?.last ?? item.dueOn, item.dueOn))
  }

  func flush() throws {
    guard let items, let due else { return }
    text.finish()
    try insert.bind(1, items.first.number)
    try insert.bind(2, items.last.number)
    try insert.bind(3, run.number)
    try insert.bind(4, orders.first)
    try insert.bind(5, orders.last)
    try insert.bind(6, Int64(openedOn.ordinal))
    try insert.bind(7, count)
    try insert.bind(8, cents.count)
    try insert.bind(9, Int64(due.first.ordinal))
    try insert.bind(10, Int64(due.last.ordinal))
    unsafe try insert.bind(11, unchanging: text.bytes)
    unsafe try insert.bind(12, blob: SheetDigest.of(text.bytes))
    try insert.run()
    text.clear()
    (count, cents, self.items, self.due) = (0, .zero, nil, nil)
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
