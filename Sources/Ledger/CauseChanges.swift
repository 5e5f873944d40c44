public import RefundPolicy
public import Storage

/// Days and money of one cause, as a change: either may be negative.
public struct CauseChange: Hashable, Sendable {
  public var days: Int = 0
  public var amount = Cents.zero

  public init(days: Int = 0, amount: Cents = .zero) { (self.days, self.amount) = (days, amount) }

  public static func += (left: inout CauseChange, right: CauseChange) {
    left.days += right.days
    left.amount += right.amount
  }
}

extension Connection {
  /// What has to be added, cause by cause, to the days of the items that a run changed, as it left them, to tell its changes: less the days that
  /// they had before it, and with what people corrected since the run before.
  ///
  /// So the lines of all runs together are what all items hold, and those of one run what it opened, raised, lowered and withdrew.
  public func causesBefore(_ run: RunID) throws -> [Cause: CauseChange] {
    let days = "s.cause, s.last_day - s.first_day + 1 AS days, s.amount_cents AS cents"
    // The next version of what a review changed may be the present one.
    let reviewed = "reviews AS r WHERE r.run_id = ?1 AND (r.before_cents <> r.after_cents OR r.decision IN ('reopen', 'restate'))"
    let rows = try prepare(
      """
      SELECT cause, sum(days), sum(cents) FROM (
        SELECT s.cause, -(s.last_day - s.first_day + 1) AS days, -s.amount_cents AS cents
        FROM run_changes AS c JOIN former_stretches AS s ON s.item_id = c.item_id AND s.version = c.version - 1
        WHERE c.run_id = ?1 AND c.change IN ('restated', 'withdrawn')
        UNION ALL SELECT s.cause, -(s.last_day - s.first_day + 1), -s.amount_cents
        FROM (SELECT * FROM \(reviewed)) AS r JOIN former_stretches AS s ON s.item_id = r.item_id AND s.version = r.version
        UNION ALL SELECT \(days)
        FROM (SELECT * FROM \(reviewed)) AS r JOIN former_stretches AS s ON s.item_id = r.item_id AND s.version = r.version + 1
        UNION ALL SELECT \(days)
        FROM (SELECT * FROM \(reviewed)) AS r JOIN items AS i ON i.item_id = r.item_id AND i.version = r.version + 1
          JOIN stretches AS s ON s.period_id = i.period_id AND s.item_id = i.item_id)
      GROUP BY cause
      """)
    try rows.bind(1, run.number)
    var changes: [Cause: CauseChange] = [:]
    while try rows.step() {
      guard let cause = Cause(rawValue: Int(rows.int(0))) else { throw StorageError.refused(why: "days have the unknown cause \(rows.int(0))") }
      changes[cause] = CauseChange(days: Int(rows.int(1)), amount: Cents(rows.int(2)))
    }
    return changes
  }
}
