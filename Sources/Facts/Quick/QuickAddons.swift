/// Where the add-ons of an import stand in their file, by their periods: they are told by period, the other files by order.
///
/// Found before the orders are read, and then only read from; each reader notes which it took. Some 30 bytes of memory for each.
final class QuickAddons: @unchecked Sendable {
  private let file: MappedFile?
  private let range: Range<Int>
  private let columns: QuickColumns
  /// To look at the rows' periods.
  private let lines: PlainRecords
  /// Where each row begins.
  private var places: [Int] = []
  /// The next row of the same period; -1 is none.
  private var next: [Int32] = []
  /// The first row of a period, from 1, below the upper half of its hash; 0 is none.
  private var slots: [UInt64] = []
  /// Bits by hash, set where there is a period: most periods have no add-ons, and this fits into a cache.
  private var filter: [UInt64] = []
  private var mask = 0
  /// Orders of periods that are known already and that no other file tells of, ascending: they are looked at for their add-ons alone.
  var orders: [[UInt8]] = []

  /// More are left to the careful import: memory stays below 200 MB.
  static let most = 4_000_000

  var count: Int { places.count }

  /// Nil where a row is not quite right.
  init?(_ file: MappedFile?, _ range: Range<Int>, _ columns: QuickColumns?) {
    (self.file, self.range, self.columns) = (file, range, columns ?? .none)
    lines = unsafe PlainRecords(file?.bytes ?? UnsafeBufferPointer(start: nil, count: 0), range)
    var records = lines
    loop: while true {
      switch records.next() {
      case .end: break loop
      case .refused: return nil
      case .record:
        guard records.fieldCount == self.columns.count, places.count < QuickAddons.most else { return nil }
        places.append(records.recordStart)
      }
    }
    var capacity = 16
    while capacity < places.count * 2 { capacity *= 2 }
    mask = capacity - 1
    slots = Array(repeating: 0, count: capacity)
    filter = Array(repeating: 0, count: capacity / 16)
    next = Array(repeating: -1, count: places.count)
    // Backwards, so that those of a period are told in the order of the file.
    for index in places.indices.reversed() {
      let period = period(index)
      let key = KeyHash.hash(period, .period)
      filter[word(key)] |= bit(key)
      let slot = slot(of: period, key)
      if slots[slot] != 0 { next[index] = first(slots[slot]) }
      slots[slot] = key & ~0xFFFF_FFFF | UInt64(index + 1)
    }
    file?.release(range)
  }

  /// The period that a row names.
  func period(_ index: Int) -> ByteText {
    lines.field(columns[1], ofLineAt: places[index])
  }

  private func word(_ key: UInt64) -> Int { Int(truncatingIfNeeded: key >> 14) & (mask >> 4) }
  private func bit(_ key: UInt64) -> UInt64 { 1 << (key >> 8 & 63) }

  private func first(_ slot: UInt64) -> Int32 { Int32(truncatingIfNeeded: slot & 0xFFFF_FFFF) - 1 }

  /// The slot of a period, or the empty one where it would be.
  private func slot(of period: ByteText, _ key: UInt64) -> Int {
    var slot = Int(truncatingIfNeeded: key >> 8) & mask
    while slots[slot] != 0, slots[slot] >> 32 != key >> 32 || self.period(Int(first(slots[slot]))) != period { slot = (slot + 1) & mask }
    return slot
  }

  /// Calls `body` with each add-on of a period.
  ///
  /// - Parameter key: The hash of its id.
  func each(of period: ByteText, _ key: UInt64, _ body: (Int) -> Void) {
    if places.isEmpty || filter[word(key)] & bit(key) == 0 { return }
    let slot = slots[slot(of: period, key)]
    var index = slot == 0 ? -1 : first(slot)
    while index >= 0 {
      body(Int(index))
      index = next[Int(index)]
    }
  }

  /// Reads the rows of add-ons; for one thread.
  struct Reader {
    private let addons: QuickAddons
    private var records: PlainRecords

    init(_ addons: QuickAddons) {
      self.addons = addons
      records = unsafe PlainRecords(addons.file?.bytes ?? UnsafeBufferPointer(start: nil, count: 0), addons.range)
    }

    /// Nil where the row is not quite right.
    mutating func row(_ index: Int) -> AddonRow? {
      var row = AddonRow()
      return go(to: index) && row.read(records, addons.columns) ? row : nil
    }

    /// Of the row's bytes.
    mutating func hash(_ index: Int) -> UInt64 {
      go(to: index) ? SourceHash.of(records.bytes(records.recordStart..<records.position)) : 0
    }

    private mutating func go(to index: Int) -> Bool {
      records.seek(addons.places[index])
      return records.next() == .record
    }
  }

  /// Gives the memory of what was read back.
  func release() { file?.release(range) }
}
