import AuditLog
import RefundPolicy
import Storage

/// Checks sheets against themselves and against the rows that took items over from them (contract 7).
struct SheetCheck {
  private let connection: Connection
  private let current, former, overlapping, undecided: RawStatement
  private let stretches: StretchReader
  private let ofOrders: SheetsOfOrders

  init(_ connection: Connection) throws {
    self.connection = connection
    current = try connection.prepare("SELECT \(ItemColumns.names) FROM items WHERE item_id = ?1")
    former = try connection.prepare("SELECT \(ItemColumns.names) FROM former_items WHERE item_id = ?1 AND version = 1")
    overlapping = try connection.prepare("SELECT 1 FROM stretches WHERE period_id = ?1 AND first_day <= ?2 AND last_day >= ?3")
    undecided = try connection.prepare("SELECT 1 FROM items WHERE period_id = ?1 AND state IN ('pending', 'held')")
    stretches = try StretchReader(connection)
    ofOrders = try SheetsOfOrders(connection, onlyLeft: true)
  }

  func findings() throws -> [Finding] {
    var findings: [Finding] = []
    let sheets = try connection.prepare(
      """
      SELECT \(SheetHead.columns), first_order, last_order, cents, first_due, last_due, left_cents FROM sheets ORDER BY first_item
      """)
    let reader = try SheetReader(connection)
    while try sheets.step() {
      let place = "sheet from item \(LedgerCheck.itemName(sheets.int(0))) on"
      if unsafe SheetDigest.of(sheets.bytes(7)) != sheets.blob(8) {
        findings.append(Finding(place, "it is not as run \(sheets.int(2)) made it"))
      }
      do { try reader.open(sheets, onlyLeft: false) } catch is StorageError {
        findings.append(Finding(place, "it cannot be read"))
        continue
      }
      let items = reader.items.map { reader.page.value(of: $0) }
      if try !isWhole(items, sheets) { findings.append(Finding(place, "its sums, or what is left of it, are not those of its items")) }
      for opened in items {
        if let fault = try fault(of: opened) { findings.append(Finding("item \(opened.item.id)", fault)) }
      }
    }
    return findings
  }

  /// Whether a sheet's columns are what its items say.
  private func isWhole(_ items: [ItemWithDays], _ sheet: RawStatement) throws -> Bool {
    guard let first = items.first?.item, let last = items.last?.item else { return false }
    var left = Total()
    for opened in items where try row(of: opened.item.id, current) == nil { left.add(opened.item.amount) }
    let due = items.map(\.item.dueOn)
    return first.id.number == sheet.int(0) && last.id.number == sheet.int(1) && Int64(items.count) == sheet.int(5)
      && first.orderID == sheet.text(9) && last.orderID == sheet.text(10)
      && items.reduce(Cents.zero) { $0 + $1.item.amount } == Cents(sheet.int(11)) && due.min() == sheet.day(12) && due.max() == sheet.day(13)
      && left == Total(count: sheet.int(6), amount: Cents(sheet.int(14)))
      && zip(items, items.dropFirst()).allSatisfy {
        $0.item.id < $1.item.id && !$1.item.orderID.utf8.lexicographicallyPrecedes($0.item.orderID.utf8)
      }
  }

  /// What is wrong with an item, as it was opened and as rows took it over.
  private func fault(of opened: ItemWithDays) throws -> String? {
    let (item, days) = (opened.item, opened.stretches)
    if item.amount != days.total || item.dayCount != days.dayCount || item.amount == .zero || item.amount > item.base
      || item.firstDay != days.first?.days.first || item.lastDay != days.last?.days.last
      || !zip(days, days.dropFirst()).allSatisfy({ $0.days.end <= $1.days.first })
    {
      return "its amount or days are not the sum of its days"
    }
    if let now = try row(of: item.id, current) {
      let first = now.version == 1 ? now : try row(of: item.id, former)
      guard let first else { return "the version that its sheet opened is missing" }
      return try first == item && stretches.stretches(of: first) == days ? nil : "it was not taken over from its sheet as it was opened"
    }
    try undecided.bind(1, item.periodID)
    defer { undecided.reset() }
    let others = try ofOrders.items(ofOrder: item.orderID).filter { $0.item.periodID == item.periodID }
    if try undecided.step() || others.count > 1 { return "another undecided item is of the same period" }
    for stretch in days {
      try overlapping.bind(1, item.periodID)
      try overlapping.bind(2, Int64(stretch.days.last.ordinal))
      try overlapping.bind(3, Int64(stretch.days.first.ordinal))
      defer { overlapping.reset() }
      if try overlapping.step() { return "another item holds the same service day (P5)" }
    }
    return nil
  }

  private func row(of id: ItemID, _ statement: RawStatement) throws -> Item? {
    try statement.bind(1, id.number)
    defer { statement.reset() }
    return try statement.step() ? ItemColumns.read(statement) : nil
  }
}
