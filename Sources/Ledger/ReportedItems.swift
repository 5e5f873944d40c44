public import RefundPolicy
public import Storage

extension Connection {
  /// Goes through the items that a run's reports tell of, by id, each as the run left it: those that it opened, restated or withdrew, with the change
  /// of the amount, and those that were undecided at its end.
  ///
  /// What stands in rows and on sheets comes in one walk, as the one is read beside the other.
  ///
  /// - Parameters:
  ///   - ids: Of the items to go through; nil for all.
  ///   - inRow: Called with what stands in rows.
  ///   - onSheet: Called with what stands on sheets, and the page that it stands on.
  public func eachReported(
    by run: RunID, among ids: Range<Int64>? = nil, inRow: (ItemWithDays, _ change: Cents?) throws -> Void,
    onSheet: (SheetItem, SheetPage, _ change: Cents?) throws -> Void
  ) throws {
    let ids = ids ?? 0..<Int64.max
    let rows = try ReportedRows(run, among: ids, self)
    let sheets = try prepare(
      """
      SELECT \(SheetHead.columns) FROM sheets WHERE first_item >= ?2 AND first_item < ?3 AND run_id <= ?1 AND (left_count > 0 OR run_id = ?1)
      ORDER BY first_item
      """)
    try sheets.bind(1, run.number)
    try sheets.bind(2, ids.lowerBound)
    try sheets.bind(3, ids.upperBound)
    let reader = try SheetReader(self)
    while try sheets.step() {
      let isOfRun = sheets.int(2) == run.number
      try reader.open(sheets, onlyLeft: !isOfRun)
      for item in reader.items {
        try rows.each(before: item.id, inRow)
        // A row took it over since: it is the same item as of this run.
        if isOfRun { try rows.skip(item.id) }
        try onSheet(item, reader.page, isOfRun ? item.amount : nil)
      }
    }
    try rows.each(before: nil, inRow)
  }

  // Indexes have all of this: the sheets themselves are pages long.
  private static let reportedSheets = """
    FROM sheets INDEXED BY sheet_left WHERE run_id < ?1 AND left_count > 0
    UNION ALL SELECT first_item FROM sheets INDEXED BY sheet_of_order WHERE run_id = ?1
    """

  /// The number of sheets that a run's reports tell of.
  public func reportedSheets(of run: RunID) throws -> Int64 {
    let sheets = try prepare("SELECT count(*) FROM (SELECT first_item \(Connection.reportedSheets))")
    try sheets.bind(1, run.number)
    return try sheets.step() ? sheets.int(0) : 0
  }

  /// Cuts the ids of items into ranges of about so many, and never within a sheet.
  public func parts(ofReported run: RunID, items most: Int64) throws -> [Range<Int64>] {
    var cuts: [Int64] = [0]
    let sheets = try prepare("SELECT first_item \(Connection.reportedSheets) ORDER BY first_item")
    try sheets.bind(1, run.number)
    /// The sheet that was read last, and what comes behind it up to an id.
    var sheet: Int64?
    func cut(upTo id: Int64) throws {
      if id - (sheet ?? 0) <= most { return }
      let end = try sheet.map { try integer("SELECT last_item + 1 FROM sheets WHERE first_item = \($0)") } ?? 0
      while let last = cuts.last, max(last + most, end) < id { cuts.append(max(last + most, end)) }
    }
    while try sheets.step() {
      let first = sheets.int(0)
      try cut(upTo: first)
      if let last = cuts.last, last < first, first - last >= most { cuts.append(first) }
      sheet = first
    }
    try cut(upTo: integer("SELECT max(item_id) FROM items"))
    return zip(cuts, cuts.dropFirst() + [.max]).map { $0..<$1 }
  }

  /// Goes through the items that are undecided now, by id: as after a run that comes after all others.
  public func eachUndecided(_ body: (ItemWithDays) throws -> Void) throws {
    try eachReported(by: RunID(.max)) { opened, _ in
      try body(opened)
    } onSheet: { item, page, _ in
      try body(page.value(of: item))
    }
  }
}

/// The rows that a run's reports tell of: two walks by id, of what changed and of what waited.
private final class ReportedRows {
  private let changes, current, former, waiting: RawStatement
  private let run: RunID
  private let stretches: StretchReader
  private var change: (item: Item, cents: Cents)?
  private var isWaiting: Bool

  init(_ run: RunID, among ids: Range<Int64>, _ connection: Connection) throws {
    self.run = run
    changes = try connection.prepare(
      """
      SELECT item_id, after_cents - before_cents FROM run_changes
      WHERE run_id = ?1 AND item_id >= ?2 AND item_id < ?3 AND change <> 'annotated' ORDER BY item_id
      """)
    current = try connection.prepare("SELECT \(ItemColumns.names) FROM items WHERE item_id = ?1 AND run_id <= ?2")
    former = try connection.prepare("SELECT \(ItemColumns.names) FROM former_items WHERE item_id = ?1 AND run_id <= ?2 AND until_run > ?2")
    waiting = try connection.prepare(
      """
      SELECT \(ItemColumns.names) FROM items WHERE item_id >= ?2 AND item_id < ?3 AND run_id <= ?1 AND state IN ('pending', 'held')
      UNION ALL
      SELECT \(ItemColumns.names) FROM former_items
      WHERE item_id >= ?2 AND item_id < ?3 AND run_id <= ?1 AND until_run > ?1 AND state IN ('pending', 'held')
      ORDER BY item_id
      """)
    stretches = try StretchReader(connection)
    for rows in [changes, waiting] {
      try rows.bind(1, run.number)
      try rows.bind(2, ids.lowerBound)
      try rows.bind(3, ids.upperBound)
    }
    isWaiting = try waiting.step()
    try nextChange()
  }

  private func nextChange() throws {
    change = nil
    while change == nil, try changes.step() {
      for version in [current, former] where change == nil {
        try version.bind(1, changes.int(0))
        try version.bind(2, run.number)
        if try version.step() { change = (try ItemColumns.read(version), Cents(changes.int(1))) }
        version.reset()
      }
    }
  }

  /// Calls `body` with the items before one, or with all that are left.
  func each(before end: ItemID?, _ body: (ItemWithDays, Cents?) throws -> Void) throws {
    while true {
      let waits = isWaiting ? ItemID(waiting.int(0)) : nil
      guard let first = change?.item.id ?? waits else { return }
      let next = min(first, waits ?? first)
      if let end, end <= next { return }
      if let (item, cents) = change, item.id == next {
        try body(ItemWithDays(item: item, stretches: try stretches.stretches(of: item)), cents)
        try nextChange()
      } else {
        let item = try ItemColumns.read(waiting)
        try body(ItemWithDays(item: item, stretches: try stretches.stretches(of: item)), nil)
      }
      try skip(next)
    }
  }

  /// Passes by what waits when it is this item.
  func skip(_ id: ItemID) throws { if isWaiting, waiting.int(0) == id.number { isWaiting = try waiting.step() } }
}
