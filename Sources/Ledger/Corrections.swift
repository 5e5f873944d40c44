import RefundPolicy
import Storage

/// Corrections above what the policy owes (D2): a second person approves them, whatever the amount (G1).
enum Corrections {
  /// Whether an item was corrected to more than the runs worked out: to more than its last version that no correction made.
  ///
  /// - Parameter item: Names a row of `items`, of whatever version.
  static func isAboveOwed(_ item: String) -> String {
    """
    (\(item).flags & \(FlagSet.corrected.rawValue) <> 0 AND \(item).amount_cents > coalesce(
      (SELECT f.amount_cents FROM former_items AS f WHERE f.item_id = \(item).item_id AND f.flags & \(FlagSet.corrected.rawValue) = 0
       ORDER BY f.version DESC LIMIT 1), 0))
    """
  }
}

extension Connection {
  /// The same of an item that is not written yet.
  func isCorrectedAboveOwed(_ item: Item) throws -> Bool {
    if !item.flags.contains(.corrected) { return false }
    let row = try prepare(
      "SELECT amount_cents FROM former_items WHERE item_id = ?1 AND flags & \(FlagSet.corrected.rawValue) = 0 ORDER BY version DESC LIMIT 1")
    try row.bind(1, item.id.number)
    return try item.amount > (row.step() ? Cents(row.int(0)) : .zero)
  }
}
