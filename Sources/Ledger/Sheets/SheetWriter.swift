import AuditLog
import Glibc
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
    if isMuch { return try sheets.add(id, entry, of: order, in: openings) }
    few.append((id, unsafe texts.keep(openings.bytes(order)), texts.keep(entry, of: openings)))
    if few.count < sheetsFrom { return }
    isMuch = true
    for (id, order, entry) in few { try sheets.add(id, entry, of: order, in: texts) }
    few = []
    texts.clear()
  }

  /// - Parameter insert: Writes into rows what is not enough for sheets.
  func finish(_ insert: (ItemWithDays) throws -> Void) throws {
    for (id, _, entry) in few { try insert(PlainOpenings.item(id, entry, in: texts, head)) }
    few = []
    try sheets.flush()
  }

  /// The value of an entry.
  static func item(_ id: ItemID, _ entry: Openings.Entry, in openings: Openings, _ head: SheetHead) throws -> ItemWithDays {
    let text = SheetText()
    text.add(id, entry, in: openings)
    text.finish()
    let page = SheetPage()
    do { try unsafe page.read(text.bytes, head) } catch { throw StorageError.refused(why: "item \(id) cannot be opened") }
    return page.value(of: page.items[0])
  }
}

/// Writes the text of one sheet.
final class SheetText {
  private let text = SheetBytes(capacity: 8192)
  /// One after the other, with their commas.
  private let words = SheetBytes(capacity: 1024)
  private var places: [Range<Int>] = []

  var count: Int { text.count + words.count }
  var bytes: UnsafeBufferPointer<UInt8> { unsafe text.bytes }

  func clear() {
    text.clear()
    words.clear()
    places.removeAll(keepingCapacity: true)
  }

  func add(_ id: ItemID, _ entry: Openings.Entry, in openings: Openings) {
    text.write(openings.most(of: entry) + 2 * SheetPen.mostOfNumber) { pen in
      pen.byte(UInt8(ascii: text.count == 0 ? "[" : ","))
      pen.byte(UInt8(ascii: "["))
      pen.number(id.number)
      unsafe openings.eachPiece(of: entry) { bytes, word in
        unsafe pen.raw(bytes)
        if let word = unsafe word { pen.number(Int64(unsafe number(of: word))) }
      }
    }
  }

  /// Most items have the words of the one before.
  private func number(of word: UnsafeBufferPointer<UInt8>) -> Int {
    for index in places.indices.reversed() where unsafe SheetText.isSame(words[places[index]], word) { return index }
    words.write(word.count + 1) { pen in
      pen.byte(UInt8(ascii: places.isEmpty ? "[" : ","))
      unsafe pen.raw(word)
    }
    places.append(words.count - word.count..<words.count)
    return places.count - 1
  }

  private static func isSame(_ one: UnsafeBufferPointer<UInt8>, _ other: UnsafeBufferPointer<UInt8>) -> Bool {
    guard one.count == other.count, let start = one.baseAddress, let otherStart = other.baseAddress else { return false }
    return unsafe memcmp(start, otherStart, one.count) == 0
  }

  func finish() {
    text.write(words.count + 3) { pen in
      if words.count > 0 {
        pen.byte(UInt8(ascii: ","))
        unsafe pen.raw(words.bytes)
        pen.byte(UInt8(ascii: "]"))
      }
      pen.byte(UInt8(ascii: "]"))
    }
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
  func add(_ id: ItemID, _ entry: Openings.Entry, of order: Openings.Text, in openings: Openings) throws {
    let order = unsafe openings.bytes(order)
    // An order's items stay together, and so do numbers without a gap.
    if count > 0 {
      if unsafe text.count > SheetWriter.size - 200 && !lastOrder.bytes.elementsEqual(order) || items.last + 1 != id.number { try flush() }
    }
    text.add(id, entry, in: openings)
    if count == 0 {
      unsafe firstOrder.set(order)
      (items.first, due) = (id.number, (entry.dueOn, entry.dueOn))
    }
    unsafe lastOrder.set(order)
    items.last = id.number
    count += 1
    cents += entry.amount
    due = (min(due.first, entry.dueOn), max(due.last, entry.dueOn))
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
