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

  /// - Returns: Nil where the careful import has to look.
  func run(_ merge: inout QuickMerge, known: ForeignDatabase?, emit: @escaping (BlockOutput) throws -> Void) throws -> Bool {
    let all = files.all
    func range(_ part: QuickFiles.Part?) -> Range<Int> {
      part.flatMap { part in all.firstIndex { $0.table.name == part.table.name } }.map { ranges[$0] } ?? 0..<0
    }
    func cursor<Row>(_ part: QuickFiles.Part?, _ parse: @escaping (borrowing PlainRecords, QuickColumns) -> Row?) -> QuickCursor<Row>? {
      part.flatMap { unsafe QuickCursor($0.file.bytes, range($0), $0.columns, order: $0.order, parse: parse) }
    }
    let orders = cursor(files.orders, QuickRow.order)
    let periods = cursor(files.periods, QuickRow.period)
    let usage = cursor(files.usage, QuickRow.usage)
    let tickets = cursor(files.restorations, QuickRow.ticket)
    let blocks = try known.map { try BlockRewriter($0, emit: emit) }
    // Nothing is known: blocks follow on blocks.
    let editor = blocks == nil ? BlockEditor(emit: emit) : nil
    let given = merge.given
    while true {
      var least: ByteText?
      func look(_ order: ByteText, _ isAtEnd: Bool) { if !isAtEnd, least.map({ order < $0 }) ?? true { least = order } }
      if let orders { look(orders.order, orders.isAtEnd) }
      if let periods { look(periods.order, periods.isAtEnd) }
      if let usage { look(usage.order, usage.isAtEnd) }
      if let tickets { look(tickets.order, tickets.isAtEnd) }
      if orders?.isRefused ?? false || periods?.isRefused ?? false || usage?.isRefused ?? false || tickets?.isRefused ?? false { return false }
      guard let id = least else { break }
      given.clear()
      merge.hasOrder = false
      if let orders, !orders.isAtEnd, orders.order == id {
        guard let row = orders.take(), orders.isAtEnd || orders.order != id else { return false }
        given.order = row
        merge.hasOrder = true
      }
      if let periods {
        while !periods.isAtEnd, periods.order == id {
          guard let row = periods.take() else { return false }
          given.periods.append(row)
        }
      }
      if let usage {
        while !usage.isAtEnd, usage.order == id {
          guard let row = usage.take() else { return false }
          given.usage.append(row)
        }
      }
      if let tickets {
        while !tickets.isAtEnd, tickets.order == id {
          guard let row = tickets.take() else { return false }
          given.tickets.append(row)
        }
      }
      switch merge.merge(with: try blocks?.go(to: id)) {
      case .refused: return false
      case .unchanged: try blocks?.keep()
      case .changed(let keys):
        try blocks?.put(given, keys: keys)
        try editor?.put(given, isFormer: false, keys: keys)
      }
    }
    try blocks?.end()
    try editor?.end()
    for (part, range) in zip(all, ranges) { part.file.release(range) }
    return true
  }
}
