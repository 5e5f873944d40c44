public import RefundPolicy
public import Storage

/// What the policy's own approvals wait for (G4, G5), as SQL that the guards and the program ask alike.
///
/// `item` names a row of `items`, `schema` the one of the tables: a guard of the database can name none.
enum AutomaticApproval {
  /// G4: whether usage is known through the day of a request that W1 grants the item for: an import that contained usage, none of it bad, was made at
  /// or after the midnight that ends the day. What W1 does not grant needs no usage.
  static func knowsUsage(_ item: String, schema: String = "") -> String {
    """
    (NOT EXISTS (SELECT 1 FROM \(schema)stretches AS w
                 WHERE w.period_id = \(item).period_id AND w.item_id = \(item).item_id AND w.cause = \(Cause.unused.rawValue))
      OR EXISTS (SELECT 1 FROM \(schema)stretches AS w JOIN \(schema)matched_requests AS m
                   ON instr('+' || w.evidence || '+', '+request:' || m.request_id || '+') > 0
                 WHERE w.period_id = \(item).period_id AND w.item_id = \(item).item_id AND w.cause = \(Cause.unused.rawValue)
                   AND m.order_id = \(item).order_id
                   AND EXISTS (SELECT 1 FROM \(schema)import_tables AS u WHERE u.table_name = 'usage' AND u.rows_rejected = 0
                               AND u.imported_at >= (m.requested_at / 86400 + 1) * 86400)))
    """
  }

  /// G5: whether something that the order's grants follow from, the order itself, its periods and its requests, was over or void, is so no more,
  /// and nobody has released what that holds.
  static func hasEndTakenBack(order: String, schema: String = "") -> String {
    let standing = """
      \(EndsTakenBack.isStanding("c", schema: schema)) AND c.import_id > \(releasedThrough(order: order, schema: schema))
      """
    return """
      (EXISTS (SELECT 1 FROM \(schema)fact_changes AS c JOIN \(schema)ends_taken_back USING (change_id)
               WHERE c.order_id = \(order) AND (c.table_name = 'orders' OR c.table_name = 'periods') AND \(standing))
        OR EXISTS (SELECT 1 FROM \(schema)matched_requests AS m JOIN \(schema)fact_changes AS c
                     ON c.table_name = 'requests' AND c.key = m.request_id JOIN \(schema)ends_taken_back USING (change_id)
                   WHERE m.order_id = \(order) AND \(standing)))
      """
  }

  /// The last import that a run knew of when somebody released what an end that was taken back held of the order: what people saw.
  static func releasedThrough(order: String, schema: String = "") -> String {
    """
    coalesce((SELECT max(n.import_id) FROM \(schema)items AS i JOIN \(schema)reviews AS v ON v.item_id = i.item_id
                JOIN \(schema)former_items AS f ON f.item_id = v.item_id AND f.version = v.version JOIN \(schema)runs AS n ON n.run_id = v.run_id - 1
              WHERE i.order_id = \(order) AND v.decision = 'release' AND f.flags & \(FlagSet.endTakenBack.rawValue) <> 0), 0)
    """
  }
}

extension Connection {
  /// The last instant of an import that contained usage, none of it bad; nil where there is none (G4).
  public func usageKnownAt() throws -> Instant? {
    let row = try prepare("SELECT max(imported_at) FROM import_tables WHERE table_name = 'usage' AND rows_rejected = 0")
    return try row.step() ? row.optionalInstant(0) : nil
  }

  /// G4: whether usage is known as far as the policy's own approval of an item needs it, by the requests as the last run matched them.
  func knowsUsage(for item: ItemID) throws -> Bool {
    let row = try prepare("SELECT \(AutomaticApproval.knowsUsage("i", schema: "main.")) FROM items AS i WHERE i.item_id = ?1")
    try row.bind(1, item.number)
    return try row.step() && row.int(0) == 1
  }
}
