public import RefundPolicy
public import Storage

/// Orders taken out of their blocks into temporary tables of the connection (`orders`, `periods`, `addons`, `usage`, `restorations`), to be asked
/// and changed by SQL; and the way back.
public struct OpenedOrders {
  private let connection: Connection
  private let blocks: OrderBlocks
  private let insertOrder, insertPeriod, insertAddon, insertUsage, insertTicket: RawStatement

  /// Makes the tables, empty.
  public init(_ connection: Connection) throws {
    self.connection = connection
    if try connection.count("SELECT count(*) FROM temp.sqlite_master WHERE name = 'periods'") == 0 {
      try connection.execute(FactSchema.openedOrders)
    }
    blocks = try OrderBlocks(connection)
    func insert(_ table: String, _ count: Int) throws -> RawStatement {
      try connection.prepare("INSERT INTO temp.\(table) VALUES (\((1...count).map { "?\($0)" }.joined(separator: ", ")))")
    }
    insertOrder = try insert("orders", 11)
    insertPeriod = try insert("periods", 13)
    insertAddon = try insert("addons", 8)
    insertUsage = try insert("usage", 7)
    insertTicket = try insert("restorations", 6)
    try clear()
  }

  /// Lets all orders go.
  public func clear() throws {
    for table in ["orders", "periods", "addons", "usage", "restorations"] { try connection.execute("DELETE FROM temp.\(table)") }
  }

  /// Takes one order out; nothing happens where it is not there.
  public func open(_ orderID: String) throws {
    var file = OrderRows()
    _ = try blocks.find(orderID, BlockReader()) { reader in
      reader.read(into: &file)
      try insert(file)
    }
  }

  /// Takes every order out.
  public func openAll() throws {
    try OrderBlocks.each(on: connection, insert)
  }

  private func insert(_ file: OrderRows) throws {
    let order = file.order
    try insertOrder.bind(1, order.id)
    try insertOrder.bind(2, "+\(order.line)")
    try insertOrder.bind(3, order.carrier)
    try insertOrder.bind(4, order.region)
    try insertOrder.bind(5, order.plan)
    try insertOrder.bind(6, order.provisioned)
    try insertOrder.bind(7, order.activated)
    try insertOrder.bind(8, order.ended)
    try insertOrder.bind(9, order.endReason?.rawValue)
    try insertOrder.bind(10, order.isVoided ? 1 : 0)
    try insertOrder.bind(11, order.importID)
    try insertOrder.run()
    for period in file.periods {
      try insertPeriod.bind(1, period.id)
      try insertPeriod.bind(2, order.id)
      try insertPeriod.bind(3, Int64(period.starts))
      try insertPeriod.bind(4, Int64(period.ends))
      try insertPeriod.bind(5, period.paid)
      try insertPeriod.bind(6, period.setupFee)
      try insertPeriod.bind(7, period.coin)
      try insertPeriod.bind(8, period.network)
      try insertPeriod.bind(9, period.amount)
      try insertPeriod.bind(10, period.txid)
      try insertPeriod.bind(11, period.paidAt)
      try insertPeriod.bind(12, period.isVoided ? 1 : 0)
      try insertPeriod.bind(13, period.importID)
      try insertPeriod.run()
    }
    for addon in file.addons {
      try insertAddon.bind(1, addon.id)
      try insertAddon.bind(2, file.periods[addon.period].id)
      try insertAddon.bind(3, AddonCategory.allCases[Int(addon.category)].rawValue)
      try insertAddon.bind(4, addon.fee)
      try insertAddon.bind(5, addon.from)
      try insertAddon.bind(6, addon.to)
      try insertAddon.bind(7, addon.isVoided ? 1 : 0)
      try insertAddon.bind(8, addon.importID)
      try insertAddon.run()
    }
    for usage in file.usage {
      try insertUsage.bind(1, order.id)
      try insertUsage.bind(2, Int64(usage.day))
      try insertUsage.bind(3, usage.calls)
      try insertUsage.bind(4, usage.sms)
      try insertUsage.bind(5, usage.verifications)
      try insertUsage.bind(6, usage.isVoided ? 1 : 0)
      try insertUsage.bind(7, usage.importID)
      try insertUsage.run()
    }
    for ticket in file.tickets {
      try insertTicket.bind(1, ticket.id)
      try insertTicket.bind(2, order.id)
      try insertTicket.bind(3, ticket.opened)
      try insertTicket.bind(4, ticket.restored)
      try insertTicket.bind(5, ticket.isVoided ? 1 : 0)
      try insertTicket.bind(6, ticket.importID)
      try insertTicket.run()
    }
  }
}

extension OrderRow {
  public var endReason: EndReason? {
    reason == 0 || Int(reason) > EndReason.allCases.count ? nil : EndReason.allCases[Int(reason) - 1]
  }

  /// The reason of those that ended as withdrawn.
  static let withdrawn = UInt8(1 + (EndReason.allCases.firstIndex(of: .withdrawn) ?? 0))
}

extension RawStatement {
  /// Binds a text, or NULL where there is none.
  func bind(_ index: Int, _ text: ByteText) throws {
    if text.isEmpty { try bindNull(index) } else { unsafe try bind(index, bytes: text.bytes) }
  }
}

extension Connection {
  func count(_ sql: String) throws -> Int64 {
    let row = try prepare(sql)
    return try row.step() ? row.int(0) : 0
  }
}

/// Puts opened orders back: reads them from the temporary tables and rewrites the blocks of those that changed.
struct OrderClosing {
  private let orders, periods, addons, usage, tickets: RawStatement
  private let connection: Connection
  private let arena = Arena()

  init(_ connection: Connection) throws {
    self.connection = connection
    orders = try connection.prepare("SELECT * FROM temp.orders ORDER BY order_id")
    periods = try connection.prepare("SELECT * FROM temp.periods WHERE order_id = ?1 ORDER BY period_id")
    addons = try connection.prepare("SELECT * FROM temp.addons WHERE period_id = ?1 ORDER BY addon_id")
    usage = try connection.prepare("SELECT * FROM temp.usage WHERE order_id = ?1 ORDER BY day")
    tickets = try connection.prepare("SELECT * FROM temp.restorations WHERE order_id = ?1 ORDER BY ticket_id")
  }

  /// Rewrites the blocks of all opened orders, in their order.
  func close(into writer: inout BlockWriter) throws {
    var file = OrderRows()
    var outputs: [BlockOutput] = []
    let rewrite = try BlockRewriter(connection) { outputs.append($0) }
    while try orders.step() {
      arena.reset()
      try read(into: &file)
      try put(file, rewrite)
      for output in outputs { try writer.write(output) }
      outputs.removeAll(keepingCapacity: true)
    }
    try rewrite.end()
    for output in outputs { try writer.write(output) }
  }

  private func put(_ file: OrderRows, _ rewrite: BlockRewriter) throws {
    guard let former = try rewrite.go(to: file.order.id) else {
      var keys: [UInt64] = []
      file.eachKey { keys.append($0) }
      return try rewrite.put(file, keys: keys)
    }
    if file.isSame(as: former) { return try rewrite.keep() }
    var known: Set<UInt64> = []
    former.eachKey { known.insert($0) }
    var keys: [UInt64] = []
    file.eachKey { if !known.contains($0) { keys.append($0) } }
    try rewrite.put(file, keys: keys)
  }

  private func text(_ row: RawStatement, _ column: Int) -> ByteText {
    row.isNull(column) ? .none : unsafe arena.copy(ByteText(row.bytes(column)))
  }

  private func read(into file: inout OrderRows) throws {
    file.clear()
    file.order.id = text(orders, 0)
    file.order.line = UInt64(orders.text(1).dropFirst()) ?? 0
    file.order.carrier = text(orders, 2)
    file.order.region = text(orders, 3)
    file.order.plan = text(orders, 4)
    file.order.provisioned = orders.optionalInt(5)
    file.order.activated = orders.optionalInt(6)
    file.order.ended = orders.optionalInt(7)
    let reason = orders.optionalText(8).flatMap { word in EndReason.allCases.firstIndex { $0.rawValue == word } }
    file.order.reason = reason.map { UInt8($0) + 1 } ?? 0
    file.order.isVoided = orders.int(9) == 1
    file.order.importID = orders.int(10)
    unsafe try periods.bind(1, bytes: file.order.id.bytes)
    while try periods.step() { try readPeriod(into: &file) }
    periods.reset()
    unsafe try usage.bind(1, bytes: file.order.id.bytes)
    while try usage.step() {
      file.usage.append(
        UsageRow(
          day: Int32(truncatingIfNeeded: usage.int(1)), calls: usage.int(2), sms: usage.int(3), verifications: usage.int(4),
          isVoided: usage.int(5) == 1, importID: usage.int(6)))
    }
    usage.reset()
    unsafe try tickets.bind(1, bytes: file.order.id.bytes)
    while try tickets.step() {
      file.tickets.append(
        TicketRow(
          id: text(tickets, 0), opened: tickets.int(2), restored: tickets.optionalInt(3), isVoided: tickets.int(4) == 1, importID: tickets.int(5)))
    }
    tickets.reset()
  }

  private func readPeriod(into file: inout OrderRows) throws {
    var row = PeriodRow()
    row.id = text(periods, 0)
    row.starts = Int32(truncatingIfNeeded: periods.int(2))
    row.ends = Int32(truncatingIfNeeded: periods.int(3))
    row.paid = periods.int(4)
    row.setupFee = periods.int(5)
    row.coin = text(periods, 6)
    row.network = text(periods, 7)
    row.amount = text(periods, 8)
    row.txid = text(periods, 9)
    row.paidAt = periods.int(10)
    row.isVoided = periods.int(11) == 1
    row.importID = periods.int(12)
    file.periods.append(row)
    unsafe try addons.bind(1, bytes: row.id.bytes)
    while try addons.step() {
      let category = AddonCategory.allCases.firstIndex { $0.rawValue == addons.text(2) } ?? 0
      file.addons.append(
        AddonRow(
          id: text(addons, 0), period: file.periods.count - 1, category: UInt8(category), fee: addons.int(3), from: addons.optionalInt(4),
          to: addons.optionalInt(5), isVoided: addons.int(6) == 1, importID: addons.int(7)))
    }
    addons.reset()
  }
}

extension OrderRows {
  /// Whether both hold the same rows of the same imports.
  func isSame(as other: OrderRows) -> Bool {
    order.says(other.order) && order.importID == other.order.importID && periods.count == other.periods.count && addons.count == other.addons.count
      && usage.count == other.usage.count && tickets.count == other.tickets.count
      && zip(periods, other.periods).allSatisfy { $0.id == $1.id && $0.says($1) && $0.importID == $1.importID }
      && zip(addons, other.addons).allSatisfy { $0.id == $1.id && $0.period == $1.period && $0.says($1) && $0.importID == $1.importID }
      && zip(usage, other.usage).allSatisfy { $0.day == $1.day && $0.says($1) && $0.importID == $1.importID }
      && zip(tickets, other.tickets).allSatisfy { $0.id == $1.id && $0.says($1) && $0.importID == $1.importID }
  }
}
