package import RefundPolicy
package import Storage

/// Reading and writing versions of items over raw statements.
enum ItemColumns {
  /// In the order in which ``bind`` and ``read`` take them; `items` and `former_items` have them all.
  static let names = """
    item_id, order_id, period_id, coin, network, opened_on, state, automatic, amount_cents, day_count, first_day, last_day, base_cents,
    period_days, causes, flags, due_on, address, tag, run_id, version
    """
  static let count = 21

  static func bind(_ item: Item, to statement: RawStatement) throws {
    try statement.bind(1, item.id.number)
    try statement.bind(2, item.orderID)
    try statement.bind(3, item.periodID)
    try statement.bind(4, item.coin)
    try statement.bind(5, item.network)
    try statement.bind(6, Int64(item.openedOn.ordinal))
    try statement.bind(7, item.state.rawValue)
    try statement.bind(8, item.isAutomatic ? 1 : 0)
    try statement.bind(9, item.amount.count)
    try statement.bind(10, Int64(item.dayCount))
    try statement.bind(11, item.firstDay.map { Int64($0.ordinal) })
    try statement.bind(12, item.lastDay.map { Int64($0.ordinal) })
    try statement.bind(13, item.base.count)
    try statement.bind(14, Int64(item.periodDays))
    try statement.bind(15, Int64(item.causes.rawValue))
    try statement.bind(16, Int64(item.flags.rawValue))
    try statement.bind(17, Int64(item.dueOn.ordinal))
    try statement.bind(18, item.address)
    try statement.bind(19, item.tag)
    try statement.bind(20, item.run.number)
    try statement.bind(21, item.version)
  }

  static func read(_ row: RawStatement) throws -> Item {
    guard let state = ItemState(rawValue: row.text(6)) else {
      throw StorageError.refused(why: "item \(row.int(0)) is in the unknown state '\(row.text(6))'")
    }
    return Item(
      id: ItemID(row.int(0)), orderID: row.text(1), periodID: row.text(2), coin: row.text(3), network: row.optionalText(4),
      openedOn: row.day(5), state: state, isAutomatic: row.int(7) == 1, amount: Cents(row.int(8)), dayCount: Int(row.int(9)),
      firstDay: row.optionalDay(10), lastDay: row.optionalDay(11), base: Cents(row.int(12)), periodDays: Int(row.int(13)),
      causes: CauseSet(rawValue: UInt8(truncatingIfNeeded: row.int(14))),
      flags: FlagSet(rawValue: UInt16(truncatingIfNeeded: row.int(15))), dueOn: row.day(16), address: row.optionalText(17),
      tag: row.optionalText(18), run: RunID(row.int(19)), version: row.int(20))
  }
}

extension RawStatement {
  package func day(_ column: Int) -> ServiceDay { ServiceDay(ordinal: Int32(truncatingIfNeeded: int(column))) }
  package func optionalDay(_ column: Int) -> ServiceDay? { isNull(column) ? nil : day(column) }
  package func instant(_ column: Int) -> Instant { Instant(seconds: int(column)) }
  package func optionalInstant(_ column: Int) -> Instant? { isNull(column) ? nil : instant(column) }

  /// Columns first_day, last_day, cause, evidence, amount_cents from `column` on.
  func stretch(from column: Int) throws -> ItemStretch {
    let first = day(column)
    guard let days = DayRange(first, upTo: day(column + 1).advanced(by: 1)), let cause = Cause(rawValue: Int(int(column + 2))) else {
      throw StorageError.refused(why: "a stretch from \(first) has no days or an unknown cause")
    }
    return ItemStretch(days: days, cause: cause, evidence: text(column + 3), amount: Cents(int(column + 4)))
  }
}
