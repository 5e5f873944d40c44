/// The rows of all files, order by order.
struct QuickOrderRows {
  private var orders: QuickCursor<OrderRow>
  private var periods: QuickCursor<PeriodRow>
  private var usage: QuickCursor<UsageRow>
  private var tickets: QuickCursor<TicketRow>
  private var order: [OrderRow] = []
  /// The ids of the periods at hand.
  private var periodIDs: [ByteText] = []

  init(_ files: QuickFiles, orders: Range<Int>, periods: Range<Int>, usage: Range<Int>, tickets: Range<Int>) {
    self.orders = QuickCursor(files.orders, orders)
    self.periods = QuickCursor(files.periods, periods)
    self.usage = QuickCursor(files.usage, usage)
    self.tickets = QuickCursor(files.restorations, tickets)
  }

  /// The least order that a row at hand is of.
  var least: ByteText? {
    var least: ByteText?
    func look(_ order: ByteText, _ isAtEnd: Bool) { if !isAtEnd, least.map({ order < $0 }) ?? true { least = order } }
    look(orders.order, orders.isAtEnd)
    look(periods.order, periods.isAtEnd)
    look(usage.order, usage.isAtEnd)
    look(tickets.order, tickets.isAtEnd)
    return least
  }

  var isRefused: Bool { orders.isRefused || periods.isRefused || usage.isRefused || tickets.isRefused }

  /// How many rows of each table came before, byte by byte, and which add-ons with them.
  struct Same {
    var orders: Int64 = 0
    var periods: Int64 = 0
    var usage: Int64 = 0
    var tickets: Int64 = 0
    var addons: [Int32] = []
  }

  /// Passes the rows of an order by when they are those that made it what it is.
  mutating func same(as known: UInt64, of id: ByteText, _ merge: inout QuickMerge) -> Same? {
    var hash: UInt64 = 0
    var places: [Int32] = []
    orders.findRows(of: id, &hash)
    periodIDs.removeAll(keepingCapacity: true)
    periods.findRows(of: id, &hash, keys: &periodIDs)
    if merge.addons.count > 0 {
      for id in periodIDs { merge.addons.each(of: id, KeyHash.hash(id, .period)) { places.append(Int32($0)) } }
      for place in places { hash = SourceHash.mixed(hash, merge.addonReader.hash(Int(place))) }
    }
    usage.findRows(of: id, &hash)
    tickets.findRows(of: id, &hash)
    guard hash == known else { return nil }
    return Same(
      orders: orders.passFound(), periods: periods.passFound(), usage: usage.passFound(), tickets: tickets.passFound(), addons: places)
  }

  /// Reads the rows of an order.
  ///
  /// - Returns: The hash of their bytes; nil where one is not quite right.
  mutating func take(_ id: ByteText, into merge: inout QuickMerge) -> UInt64? {
    merge.given.clear()
    order.removeAll(keepingCapacity: true)
    var hash: UInt64 = 0
    guard orders.take(id, into: &order, &hash), order.count <= 1 else { return nil }
    if let row = order.first { merge.given.order = row }
    merge.hasOrder = !order.isEmpty
    guard periods.take(id, into: &merge.given.periods, &hash) else { return nil }
    merge.mixAddons(into: &hash)
    guard usage.take(id, into: &merge.given.usage, &hash), tickets.take(id, into: &merge.given.tickets, &hash) else { return nil }
    // 0 is for what is not known.
    return hash == 0 ? 1 : hash
  }
}
