/// The add-ons of an import by their periods: they are told by period, the other files by order.
///
/// Read whole before the orders, and then only read from; each reader notes which it took.
final class QuickAddons: @unchecked Sendable {
  private(set) var rows: [AddonRow] = []
  /// Of each row's bytes.
  private(set) var hashes: [UInt64] = []
  private var slots: [Int32] = []
  private var next: [Int32] = []
  private(set) var periods: [ByteText] = []
  private var mask = 0
  /// Orders of periods that are known already and that no other file tells of, ascending: they are looked at for their add-ons alone.
  var orders: [[UInt8]] = []

  /// Larger files are left to the careful import.
  static let largestFile = 64 << 20

  /// Nil where a row is not quite right.
  init?(_ file: MappedFile?, _ range: Range<Int>, _ columns: QuickColumns?) {
    guard let file, let columns else { return }
    guard range.count <= QuickAddons.largestFile else { return nil }
    let ends = UnsafeMutablePointer<Int>.allocate(capacity: PlainRecords.mostFields)
    defer { unsafe ends.deallocate() }
    guard var records = unsafe PlainRecords(file.bytes, range, ends: ends) else { return }
    loop: while true {
      switch records.next() {
      case .end: break loop
      case .refused: return nil
      case .record:
        guard records.fieldCount == columns.count, let (period, row) = QuickRow.addon(records, columns) else { return nil }
        rows.append(row)
        hashes.append(SourceHash.of(records.bytes(records.recordStart..<records.position)))
        periods.append(period)
      }
    }
    var capacity = 16
    while capacity < rows.count * 2 { capacity *= 2 }
    mask = capacity - 1
    slots = Array(repeating: -1, count: capacity)
    next = Array(repeating: -1, count: rows.count)
    // Backwards, so that those of a period are told in the order of the file.
    for index in rows.indices.reversed() {
      let slot = Int(truncatingIfNeeded: KeyHash.hash(periods[index], .period) >> 8) & mask
      next[index] = slots[slot]
      slots[slot] = Int32(index)
    }
  }

  /// Calls `body` with each add-on of a period.
  func each(of period: ByteText, _ body: (Int) -> Void) {
    if rows.isEmpty { return }
    var index = slots[Int(truncatingIfNeeded: KeyHash.hash(period, .period) >> 8) & mask]
    while index >= 0 {
      if periods[Int(index)] == period { body(Int(index)) }
      index = next[Int(index)]
    }
  }
}
