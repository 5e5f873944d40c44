import Storage

/// The files of a quick import, by table, with their columns and where their records begin.
struct QuickFiles: @unchecked Sendable {
  struct Part {
    let table: FactTable
    let file: MappedFile
    let columns: QuickColumns
    /// Where the records begin, after the header.
    let start: Int
    /// The column with the order's id.
    let order: Int
    /// Of the table's name and the header's bytes: rows say the same only under the same columns.
    let headerHash: UInt64

    var end: Int { unsafe file.bytes.count }

    /// The order of the record that begins at a place.
    func order(at place: Int) -> ByteText? {
      let ends = UnsafeMutablePointer<Int>.allocate(capacity: PlainRecords.mostFields)
      defer { unsafe ends.deallocate() }
      guard var records = unsafe PlainRecords(file.bytes, place..<end, ends: ends), records.next() == .record, records.fieldCount == columns.count
      else { return nil }
      return records.field(columns.fields[order])
    }

    /// Where the next record after a place begins.
    func recordStart(after place: Int) -> Int {
      let bytes = unsafe file.bytes
      var position = place
      while position < bytes.count, unsafe bytes[position] != 10, unsafe bytes[position] != 13 { position += 1 }
      while position < bytes.count, unsafe bytes[position] == 10 || bytes[position] == 13 { position += 1 }
      return position
    }

    /// Where the first record begins whose order is not before `key`, when the file is sorted.
    func lowerBound(_ key: ByteText) -> Int {
      var (low, high) = (start, end)
      while low < high {
        let middle = low + (high - low) / 2
        // The record that a middle lies in or before.
        let place = middle == start ? start : recordStart(after: middle)
        guard place < high, let order = order(at: place) else {
          // No record begins between the middle and the end: look at those before, one by one.
          var position = low
          while position < high {
            guard let order = self.order(at: position), order < key else { return position }
            position = recordStart(after: position)
          }
          return high
        }
        if order < key { low = recordStart(after: place) } else { high = place }
      }
      return low
    }
  }

  var orders: Part?
  var periods: Part?
  var usage: Part?
  var restorations: Part?

  var all: [Part] { [orders, periods, usage, restorations].compactMap(\.self) }
}

/// One stretch of order ids of a quick import: the records of all files, merged with what is known, into blocks.
struct QuickRange {
  let files: QuickFiles
  /// In the order of ``QuickFiles/all``.
  let ranges: [Range<Int>]
  /// Orders that are looked at for their add-ons alone: those of this stretch.
  let orders: ArraySlice<[UInt8]>

  /// - Returns: Whether all went well; else the careful import has to look.
  func run(_ merge: inout QuickMerge, known: ForeignDatabase?, emit: @escaping (BlockOutput) throws -> Void) throws -> Bool {
    let all = files.all
    func range(_ part: QuickFiles.Part?) -> Range<Int> {
      part.flatMap { part in all.firstIndex { $0.table.name == part.table.name } }.map { ranges[$0] } ?? 0..<0
    }
    let rows = QuickOrderRows(
      files, orders: range(files.orders), periods: range(files.periods), usage: range(files.usage), tickets: range(files.restorations))
    let blocks = try known.map { try BlockRewriter($0, emit: emit) }
    // Nothing is known: blocks follow on blocks.
    let editor = blocks == nil ? BlockEditor(emit: emit) : nil
    let alone = Arena()
    var next = orders.startIndex
    while true {
      alone.reset()
      var id = rows.least
      var isAlone = false
      if next < orders.endIndex {
        let order = unsafe orders[next].withUnsafeBufferPointer { unsafe alone.copy(ByteText($0)) }
        if id.map({ !($0 < order) }) ?? true {
          isAlone = true
          next += 1
          id = order
        }
      }
      if rows.isRefused { return false }
      guard let id else { break }
      let isKnown = try blocks?.find(id) ?? false
      if isKnown, !isAlone, let blocks, blocks.sourceHash != 0, let same = rows.same(as: blocks.sourceHash, of: id, merge.addons) {
        merge.pass(same)
        try blocks.keep()
        continue
      }
      guard let sourceHash = rows.take(id, into: &merge) else { return false }
      switch merge.merge(with: isKnown ? blocks?.known() : nil) {
      case .refused: return false
      case .unchanged: try blocks?.keep()
      case .changed(let keys):
        merge.given.order.sourceHash = isAlone ? 0 : sourceHash
        try blocks?.put(merge.given, keys: keys)
        try editor?.put(merge.given, isFormer: false, keys: keys)
      }
    }
    try blocks?.end()
    try editor?.end()
    for (part, range) in zip(all, ranges) { part.file.release(range) }
    return true
  }
}

/// The rows of all files, order by order.
struct QuickOrderRows {
  private let orders: QuickCursor<OrderRow>?
  private let periods: QuickCursor<PeriodRow>?
  private let usage: QuickCursor<UsageRow>?
  private let tickets: QuickCursor<TicketRow>?

  init(_ files: QuickFiles, orders: Range<Int>, periods: Range<Int>, usage: Range<Int>, tickets: Range<Int>) {
    func cursor<Row>(
      _ part: QuickFiles.Part?, _ range: Range<Int>, _ parse: @escaping (borrowing PlainRecords, QuickColumns) -> Row?
    ) -> QuickCursor<Row>? {
      part.flatMap { unsafe QuickCursor($0.file.bytes, range, $0.columns, order: $0.order, header: $0.headerHash, parse: parse) }
    }
    self.orders = cursor(files.orders, orders, QuickRow.order)
    self.periods = cursor(files.periods, periods, QuickRow.period)
    self.usage = cursor(files.usage, usage, QuickRow.usage)
    self.tickets = cursor(files.restorations, tickets, QuickRow.ticket)
  }

  /// The least order that a row at hand is of.
  var least: ByteText? {
    var least: ByteText?
    func look(_ order: ByteText, _ isAtEnd: Bool) { if !isAtEnd, least.map({ order < $0 }) ?? true { least = order } }
    if let orders { look(orders.order, orders.isAtEnd) }
    if let periods { look(periods.order, periods.isAtEnd) }
    if let usage { look(usage.order, usage.isAtEnd) }
    if let tickets { look(tickets.order, tickets.isAtEnd) }
    return least
  }

  var isRefused: Bool {
    orders?.isRefused ?? false || periods?.isRefused ?? false || usage?.isRefused ?? false || tickets?.isRefused ?? false
  }

  /// How many rows of each table came before, byte by byte, and which add-ons with them.
  struct Same {
    var orders: Int64 = 0
    var periods: Int64 = 0
    var usage: Int64 = 0
    var tickets: Int64 = 0
    var addons: [Int32] = []
  }

  /// Passes the rows of an order by when they are those that made it what it is.
  func same(as known: UInt64, of id: ByteText, _ addons: QuickAddons) -> Same? {
    var same = Same()
    var hash: UInt64 = 0
    var ends: (orders: Int?, periods: Int?, usage: Int?, tickets: Int?)
    func look<Row>(_ cursor: QuickCursor<Row>?, _ count: inout Int64, _ each: (Int) -> Void = { _ in }) -> Int? {
      guard let cursor, cursor.isOn(id) else { return nil }
      let (end, rows) = cursor.rows(of: id, each)
      hash = cursor.hash(cursor.place..<end, after: hash)
      count = rows
      return end
    }
    ends.orders = look(orders, &same.orders)
    ends.periods = look(periods, &same.periods) { place in
      guard let period = periods?.field(0, at: place) else { return }
      addons.each(of: period) { same.addons.append(Int32($0)) }
    }
    for place in same.addons { hash = SourceHash.mixed(hash, addons.hashes[Int(place)]) }
    ends.usage = look(usage, &same.usage)
    ends.tickets = look(tickets, &same.tickets)
    guard hash == known else { return nil }
    if let end = ends.orders { orders?.skip(to: end) }
    if let end = ends.periods { periods?.skip(to: end) }
    if let end = ends.usage { usage?.skip(to: end) }
    if let end = ends.tickets { tickets?.skip(to: end) }
    return same
  }

  /// Reads the rows of an order.
  ///
  /// - Returns: The hash of their bytes; nil where one is not quite right.
  func take(_ id: ByteText, into merge: inout QuickMerge) -> UInt64? {
    let given = merge.given
    given.clear()
    merge.hasOrder = false
    var hash: UInt64 = 0
    func take<Row>(_ cursor: QuickCursor<Row>?, _ append: (Row) -> Void) -> Bool {
      guard let cursor, cursor.isOn(id) else { return true }
      let start = cursor.place
      while cursor.isOn(id) {
        guard let row = cursor.take() else { return false }
        append(row)
      }
      hash = cursor.hash(start..<cursor.place, after: hash)
      return true
    }
    var rows = 0
    guard
      take(
        orders,
        {
          given.order = $0
          rows += 1
        }), rows <= 1
    else { return nil }
    merge.hasOrder = rows == 1
    guard take(periods, { given.periods.append($0) }) else { return nil }
    let addons = merge.addons
    for period in given.periods { addons.each(of: period.id) { hash = SourceHash.mixed(hash, addons.hashes[$0]) } }
    guard take(usage, { given.usage.append($0) }), take(tickets, { given.tickets.append($0) }) else { return nil }
    // 0 is for what is not known.
    return hash == 0 ? 1 : hash
  }
}
