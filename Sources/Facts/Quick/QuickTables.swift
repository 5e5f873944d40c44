import RefundPolicy

/// Where a file's columns are, for the quick reader: every column of its table, in any order, and `voided` where there is one.
struct QuickColumns {
  /// For each column of the table its field.
  private let places: InlineArray<16, UInt8>
  let voided: Int?
  let count: Int

  /// Nil where the careful reader has to look: columns are absent, unknown or doubled.
  init?(_ table: FactTable, header: [String]) {
    let names = table.columns.map(\.name)
    guard header.count == names.count || header.count == names.count + 1, Set(header).count == header.count,
      header.allSatisfy({ names.contains($0) || $0 == "voided" }), names.count <= 16
    else { return nil }
    let found = names.compactMap { header.firstIndex(of: $0) }
    guard found.count == names.count else { return nil }
    places = InlineArray { $0 < found.count ? UInt8(found[$0]) : 0 }
    (voided, count) = (header.firstIndex(of: "voided"), header.count)
  }

  /// Of no file.
  static let none = QuickColumns()

  private init() { (places, voided, count) = (InlineArray(repeating: 0), nil, 0) }

  /// The field of a column.
  subscript(_ column: Int) -> Int { Int(places[column]) }
}

/// A row that the quick reader makes of a record, with every check of its own (contract 2, "Checked").
protocol QuickRow {
  init()

  /// Fills a new row, where it lies.
  ///
  /// - Returns: False where something is not quite right.
  mutating func read(_ records: borrowing PlainRecords, _ columns: borrowing QuickColumns) -> Bool
}

/// The rows of a range of one file, with the order they are of.
///
/// Rows must come in the order of the orders' ids: one that does not, or that is not quite right, ends the quick import.
struct QuickCursor<Row: QuickRow> {
  private var records: PlainRecords
  private let columns: QuickColumns
  private let orderField: Int
  private let header: UInt64
  private(set) var order = ByteText.none
  private(set) var isAtEnd = false
  private(set) var isRefused = false
  /// Whether the row at hand is of the same order as the one before.
  private var goesOn = false
  /// Where the row at hand begins; the end of the stretch behind the last.
  private(set) var place: Int

  /// The rows of one order.
  private struct Found {
    var count: Int64 = 0
    /// Where they end, and of which order the row is that comes then.
    var end = 0
    var next = ByteText.none
  }

  private var found = Found()

  /// - Parameter part: Nil where there is no such file.
  init(_ part: QuickFiles.Part?, _ range: Range<Int>) {
    records = unsafe PlainRecords(part?.file.bytes ?? UnsafeBufferPointer(start: nil, count: 0), range)
    (columns, header) = (part?.columns ?? .none, part?.headerHash ?? 0)
    orderField = part.map { $0.columns[$0.order] } ?? 0
    place = range.lowerBound
    look()
  }

  /// Looks at whose the row at hand is, and no further: most rows came before and are passed by.
  private mutating func look() {
    place = records.skippingBreaks(from: place)
    isAtEnd = place >= records.limit
    goesOn = false
    if isAtEnd { return }
    let next = records.field(orderField, ofLineAt: place)
    goesOn = next == order && !next.isEmpty
    if !goesOn { come(to: next) }
  }

  private mutating func come(to next: ByteText) {
    if next.isEmpty || next.count > 200 || next < order { isRefused = true }
    order = next
  }

  /// Whether the row at hand is of an order.
  func isOn(_ id: ByteText) -> Bool { !isAtEnd && !isRefused && order == id }

  /// The hash of the rows between two places, under the file's columns.
  private func hash(_ range: Range<Int>, after seed: UInt64) -> UInt64 {
    SourceHash.of(records.bytes(range), after: SourceHash.mixed(seed, header))
  }

  /// Looks for the rows of an order, which are found by line breaks and its id alone; there are none where the row at hand is of another.
  ///
  /// - Parameter hash: Goes on with the rows' bytes.
  mutating func findRows(of id: ByteText, _ hash: inout UInt64) { findRows(of: id, &hash, isAsked: false) { _ in } }

  /// - Parameter keys: The first column of each row is added to them.
  mutating func findRows(of id: ByteText, _ hash: inout UInt64, keys: inout [ByteText]) {
    findRows(of: id, &hash, isAsked: true) { keys.append($0) }
  }

  @inline(__always) private mutating func findRows(of id: ByteText, _ hash: inout UInt64, isAsked: Bool, _ key: (ByteText) -> Void) {
    found = Found()
    guard isOn(id) else { return }
    var end = place
    repeat {
      if isAsked { key(records.field(columns[0], ofLineAt: end)) }
      end = records.lineEnd(after: end)
      found.count += 1
      if end >= records.limit { break }
      found.next = records.field(orderField, ofLineAt: end, like: id)
    } while found.next == id
    found.end = end
    hash = self.hash(place..<end, after: hash)
  }

  /// Passes by the rows that were found.
  ///
  /// - Returns: How many there were.
  mutating func passFound() -> Int64 {
    if found.count == 0 { return 0 }
    (place, goesOn) = (found.end, false)
    isAtEnd = place >= records.limit
    if !isAtEnd { come(to: found.next) }
    return found.count
  }

  /// Takes the rows of an order.
  ///
  /// - Parameter hash: Goes on with the rows' bytes.
  /// - Returns: False where one ends the quick import.
  mutating func take(_ id: ByteText, into rows: inout [Row], _ hash: inout UInt64) -> Bool {
    guard isOn(id) else { return true }
    let start = place
    repeat {
      records.seek(place)
      rows.append(Row())
      guard records.next() == .record, records.fieldCount == columns.count, records.field(orderField) == order,
        rows[rows.count - 1].read(records, columns)
      else {
        isRefused = true
        return false
      }
      place = records.position
      look()
    } while goesOn
    hash = self.hash(start..<place, after: hash)
    return true
  }
}
