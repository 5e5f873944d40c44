import AuditLog
public import RefundPolicy
public import Storage

/// Reading and writing versions of items over raw statements.
enum ItemColumns {
  /// In the order in which ``bind`` and ``read`` take them; `items` and `former_items` have them all.
  static let names = """
    item_id, order_id, period_id, coin, network, opened_on, state, automatic, amount_cents, day_count, first_day, last_day, base_cents,
    paid_cents, period_first, period_days, causes, flags, due_on, address, tag, run_id, version, revision, review_id,
    asked_network
    """
  static let count = 26

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
    try statement.bind(14, item.paid.count)
    try statement.bind(15, Int64(item.period.first.ordinal))
    try statement.bind(16, Int64(item.period.dayCount))
    try statement.bind(17, Int64(item.causes.rawValue))
    try statement.bind(18, Int64(item.flags.rawValue))
    try statement.bind(19, Int64(item.dueOn.ordinal))
    try statement.bind(20, item.address)
    try statement.bind(21, item.tag)
    try statement.bind(22, item.run.number)
    try statement.bind(23, item.version)
    try statement.bind(24, item.revision)
    try statement.bind(25, item.reviewID)
    try statement.bind(26, item.askedNetwork)
  }

  /// What a version and its days are, as the columns hold it: the same as a fingerprint of its rows.
  static func digest(_ item: Item, _ days: [ItemStretch]) -> [UInt8] {
    var digest = Fingerprint()
    digest.add(item.id.number)
    digest.add(item.orderID)
    digest.add(item.periodID)
    digest.add(item.coin)
    digest.add(item.network)
    digest.add(Int64(item.openedOn.ordinal))
    digest.add(item.state.rawValue)
    digest.add(Int64(item.isAutomatic ? 1 : 0))
    digest.add(item.amount.count)
    digest.add(Int64(item.dayCount))
    digest.add(item.firstDay.map { Int64($0.ordinal) })
    digest.add(item.lastDay.map { Int64($0.ordinal) })
    digest.add(item.base.count)
    digest.add(item.paid.count)
    digest.add(Int64(item.period.first.ordinal))
    digest.add(Int64(item.period.dayCount))
    digest.add(Int64(item.causes.rawValue))
    digest.add(Int64(item.flags.rawValue))
    digest.add(Int64(item.dueOn.ordinal))
    digest.add(item.address)
    digest.add(item.tag)
    digest.add(item.run.number)
    digest.add(item.version)
    digest.add(item.revision)
    digest.add(item.reviewID)
    digest.add(item.askedNetwork)
    for stretch in days {
      digest.add(Int64(stretch.days.first.ordinal))
      digest.add(Int64(stretch.days.last.ordinal))
      digest.add(Int64(stretch.cause.rawValue))
      digest.add(stretch.evidence)
      digest.add(stretch.amount.count)
      digest.add(stretch.base.count)
    }
    return digest.short()
  }

  static func read(_ row: RawStatement) throws -> Item {
    guard let state = ItemState(rawValue: row.text(6)) else {
      throw StorageError.refused(why: "item \(row.int(0)) is in the unknown state '\(row.text(6))'")
    }
    guard let period = DayRange(row.day(14), upTo: row.day(14).advanced(by: Int(row.int(15)))) else {
      throw StorageError.refused(why: "the period of item \(row.int(0)) has no days")
    }
    return Item(
      id: ItemID(row.int(0)), orderID: row.text(1), periodID: row.text(2), coin: row.text(3), network: row.optionalText(4),
      openedOn: row.day(5), state: state, isAutomatic: row.int(7) == 1, amount: Cents(row.int(8)), dayCount: Int(row.int(9)),
      firstDay: row.optionalDay(10), lastDay: row.optionalDay(11), base: Cents(row.int(12)), paid: Cents(row.int(13)), period: period,
      causes: CauseSet(rawValue: UInt8(truncatingIfNeeded: row.int(16))),
      flags: FlagSet(rawValue: UInt16(truncatingIfNeeded: row.int(17))), dueOn: row.day(18), address: row.optionalText(19),
      tag: row.optionalText(20), run: RunID(row.int(21)), version: row.int(22), revision: row.int(23), reviewID: row.optionalInt(24),
      askedNetwork: row.optionalText(25))
  }
}

extension RawStatement {
  public func day(_ column: Int) -> ServiceDay { ServiceDay(ordinal: Int32(truncatingIfNeeded: int(column))) }
  public func optionalDay(_ column: Int) -> ServiceDay? { isNull(column) ? nil : day(column) }
  public func instant(_ column: Int) -> Instant { Instant(seconds: int(column)) }
  public func optionalInstant(_ column: Int) -> Instant? { isNull(column) ? nil : instant(column) }

  /// The columns that ``stretch(from:)`` reads.
  static let stretchColumns = "first_day, last_day, cause, evidence, amount_cents, base_cents"

  /// The ``stretchColumns`` from `column` on.
  func stretch(from column: Int) throws -> ItemStretch {
    let first = day(column)
    guard let days = DayRange(first, upTo: day(column + 1).advanced(by: 1)), let cause = Cause(rawValue: Int(int(column + 2))) else {
      throw StorageError.refused(why: "a stretch from \(first) has no days or an unknown cause")
    }
    return ItemStretch(days: days, cause: cause, evidence: text(column + 3), amount: Cents(int(column + 4)), base: Cents(int(column + 5)))
  }
}
