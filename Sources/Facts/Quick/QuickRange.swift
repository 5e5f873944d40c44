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
      var records = unsafe PlainRecords(file.bytes, place..<end)
      guard records.next() == .record, records.fieldCount == columns.count else { return nil }
      return records.field(columns[order])
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

  /// What is known of orders, and where they are put.
  enum Target {
    /// Nothing is known: blocks follow on blocks.
    case new(BlockEditor)
    case known(BlockRewriter)
  }

  /// - Returns: Whether all went well; else the careful import has to look.
  func run(_ merge: inout QuickMerge, into target: Target) throws -> Bool {
    let all = files.all
    func range(_ part: QuickFiles.Part?) -> Range<Int> {
      part.flatMap { part in all.firstIndex { $0.table.name == part.table.name } }.map { ranges[$0] } ?? 0..<0
    }
    var rows = QuickOrderRows(
      files, orders: range(files.orders), periods: range(files.periods), usage: range(files.usage), tickets: range(files.restorations))
    let alone = Arena()
    let known: BlockRewriter? = if case .known(let blocks) = target { blocks } else { nil }
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
      var isKnown = false
      if let known {
        isKnown = try known.find(id)
        let sourceHash = known.sourceHash
        if sourceHash != 0, !isAlone, let same = rows.same(as: sourceHash, of: id, &merge) {
          merge.pass(same)
          try known.keep()
          continue
        }
        if isKnown { known.read(into: &merge.former) }
      }
      guard let sourceHash = rows.take(id, into: &merge) else { return false }
      switch merge.merge(isKnown: isKnown) {
      case .refused: return false
      case .unchanged: try known?.keep()
      case .changed:
        merge.given.order.sourceHash = isAlone ? 0 : sourceHash
        switch target {
        case .known(let blocks): try blocks.put(merge.given, keys: merge.keys)
        case .new(let editor): try editor.put(merge.given, isFormer: false, keys: merge.keys)
        }
      }
    }
    switch target {
    case .known(let blocks): try blocks.end()
    case .new(let editor): try editor.end()
    }
    for (part, range) in zip(all, ranges) { part.file.release(range) }
    merge.addons.release()
    return true
  }
}
