/// Where the add-ons of an import stand in their file, by their periods: they are told by period, the other files by order.
///
/// Found before the orders are read, and then only read from; each reader notes which it took. Some 30 bytes of memory for each.
final class QuickAddons: @unchecked Sendable {
  private let file: MappedFile?
  private let range: Range<Int>
  private let columns: QuickColumns
  private let filter: HashFilter
  private let places: AddonPlaces
  /// Orders of periods that are known already and that no other file tells of, ascending: they are looked at for their add-ons alone.
  var orders: [[UInt8]] = []

  /// More are left to the careful import: memory stays below 200 MB.
  static let most = 4_000_000

  let count: Int

  /// Nil where a row is not quite right.
  init?(_ file: MappedFile?, _ range: Range<Int>, _ columns: QuickColumns?) {
    (self.file, self.range, self.columns) = (file, range, columns ?? .none)
    let records = unsafe PlainRecords(file?.bytes ?? UnsafeBufferPointer(start: nil, count: 0), range)
    guard let places = AddonPlaces(records, self.columns) else { return nil }
    (self.places, count) = (places, places.rows.count)
    filter = HashFilter(places.rows.count)
    for index in places.rows.indices { filter.insert(KeyHash.hash(places.period(index), .period)) }
    file?.release(range)
  }

  /// The period that a row names.
  func period(_ index: Int) -> ByteText { places.period(index) }

  /// Calls `body` with each add-on of a period.
  ///
  /// - Parameter key: The hash of its id.
  @inline(__always) func each(of period: ByteText, _ key: UInt64, _ body: (Int) -> Void) {
    // Most periods have none.
    if filter.mayHold(key) { places.each(of: period, key, body) }
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
      records.seek(addons.places.rows[index])
      return records.next() == .record
    }
  }

  /// Gives the memory of what was read back.
  func release() { file?.release(range) }
}

/// The rows of add-ons by the hashes of their periods.
private struct AddonPlaces {
  /// To look at the rows' periods.
  private let lines: PlainRecords
  private let periodField: Int
  /// Where each row begins.
  private(set) var rows: [Int] = []
  /// The next row of the same period; -1 is none.
  private var next: [Int32] = []
  /// The first row of a period, from 1, below the upper half of its hash; 0 is none.
  private var slots: [UInt64] = []
  private var mask = 0

  /// Nil where a row is not quite right, or there are too many.
  init?(_ lines: PlainRecords, _ columns: QuickColumns) {
    (self.lines, periodField) = (lines, columns[1])
    var records = lines
    loop: while true {
      switch records.next() {
      case .end: break loop
      case .refused: return nil
      case .record:
        guard records.fieldCount == columns.count, rows.count < QuickAddons.most else { return nil }
        rows.append(records.recordStart)
      }
    }
    var capacity = 16
    while capacity < rows.count * 2 { capacity *= 2 }
    mask = capacity - 1
    slots = Array(repeating: 0, count: capacity)
    next = Array(repeating: -1, count: rows.count)
    // Backwards, so that those of a period are told in the order of the file.
    for index in rows.indices.reversed() {
      let period = period(index)
      let key = KeyHash.hash(period, .period)
      let slot = slot(of: period, key)
      if slots[slot] != 0 { next[index] = first(slots[slot]) }
      slots[slot] = key & ~0xFFFF_FFFF | UInt64(index + 1)
    }
  }

  func period(_ index: Int) -> ByteText { lines.field(periodField, ofLineAt: rows[index]) }

  private func first(_ slot: UInt64) -> Int32 { Int32(truncatingIfNeeded: slot & 0xFFFF_FFFF) - 1 }

  /// The slot of a period, or the empty one where it would be.
  private func slot(of period: ByteText, _ key: UInt64) -> Int {
    var slot = Int(truncatingIfNeeded: key >> 8) & mask
    while slots[slot] != 0, slots[slot] >> 32 != key >> 32 || self.period(Int(first(slots[slot]))) != period { slot = (slot + 1) & mask }
    return slot
  }

  func each(of period: ByteText, _ key: UInt64, _ body: (Int) -> Void) {
    let slot = slots[slot(of: period, key)]
    var index = slot == 0 ? -1 : first(slot)
    while index >= 0 {
      body(Int(index))
      index = next[Int(index)]
    }
  }
}

/// Bits by hash, set where something is: so small that it fits into a cache.
@safe private final class HashFilter {
  private let words: UnsafeMutablePointer<UInt64>
  private let mask: UInt64

  /// - Parameter count: How many hashes there will be: some eight to sixteen bits are for each.
  init(_ count: Int) {
    var capacity = 1
    while capacity * 8 < count { capacity *= 2 }
    unsafe words = .allocate(capacity: capacity)
    unsafe words.initialize(repeating: 0, count: capacity)
    mask = UInt64(capacity - 1)
  }

  deinit { unsafe words.deallocate() }

  private func place(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash >> 14 & mask) }

  private func bit(_ hash: UInt64) -> UInt64 { 1 << (hash >> 8 & 63) }

  func insert(_ hash: UInt64) { unsafe words[place(hash)] |= bit(hash) }

  func mayHold(_ hash: UInt64) -> Bool { unsafe words[place(hash)] & bit(hash) != 0 }
}
