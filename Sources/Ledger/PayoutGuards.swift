/// The triggers that keep a refund from being paid twice, whatever writes to the database (H4).
enum PayoutGuards {
  static let sql = payouts + moves + attempts + appendOnly

  private static func refuse(_ name: String, _ event: String, when condition: String, _ reason: String) -> String {
    """
    CREATE TRIGGER \(name) BEFORE \(event)
    WHEN \(condition)
    BEGIN SELECT RAISE(ABORT, '\(reason)'); END;

    """
  }

  /// N5: what turned out not to be owed after it was approved is left out of payouts until somebody approves it again.
  static func isNotOwed(_ item: String) -> String {
    """
    EXISTS (SELECT 1 FROM exceptions AS e WHERE e.kind = 'not_owed' AND e.subject = 'R' || printf('%09d', \(item)) AND e.closed_run IS NULL
            AND e.opened_run >= coalesce((SELECT max(run_id) FROM reviews WHERE item_id = \(item) AND decision = 'approve'), 0))
    """
  }

  /// The same as it was when a run ended.
  static func isNotOwed(_ item: String, asOf run: String) -> String {
    """
    EXISTS (SELECT 1 FROM exceptions AS e WHERE e.kind = 'not_owed' AND e.subject = 'R' || printf('%09d', \(item))
            AND e.opened_run <= \(run) AND (e.closed_run IS NULL OR e.closed_run > \(run))
            AND e.opened_run >= coalesce((SELECT max(run_id) FROM reviews WHERE item_id = \(item) AND decision = 'approve' AND run_id <= \(run)), 0))
    """
  }

  private static let payouts =
    refuse(
      "payout_is_approved", "INSERT ON payouts",
      when: """
        NOT EXISTS (SELECT 1 FROM items AS i WHERE i.item_id = NEW.item_id AND i.state = 'approved' AND i.version = NEW.version
                    AND i.order_id = NEW.order_id AND i.amount_cents = NEW.amount_cents AND i.coin = NEW.coin AND i.network IS NEW.network
                    AND i.address = NEW.address AND i.tag IS NEW.tag)
        """, "only an approved item is prepared, once, and as it was approved (H4)")
    + refuse(
      "payout_is_owed", "INSERT ON payouts", when: isNotOwed("NEW.item_id"),
      "days of the item are not owed any more, and nobody has approved it since (N5)")
    + refuse(
      "payout_conflicts_not", "INSERT ON payouts",
      when: "EXISTS (SELECT 1 FROM payout_conflicts WHERE item_id = NEW.item_id)", "the processor says that it paid this item before (H4)")

  /// The payout that an item in a batch stands in: of the version before it was prepared.
  private static let ofBatch = "SELECT 1 FROM payouts AS p WHERE p.batch_id = NEW.batch_id AND p.item_id = NEW.item_id"

  /// Whether an attempt that may still confirm holds the item.
  private static let isAttempted = """
    EXISTS (SELECT 1 FROM attempt_items AS a WHERE a.item_id = NEW.item_id
            AND NOT EXISTS (SELECT 1 FROM attempt_steps AS s WHERE s.attempt_id = a.attempt_id AND s.step = 'dead'))
    """

  private static func hasStep(_ step: String) -> String {
    """
    EXISTS (SELECT 1 FROM attempt_items AS a JOIN attempt_steps AS s USING (attempt_id)
            WHERE a.item_id = NEW.item_id AND s.step = '\(step)'
              AND NOT EXISTS (SELECT 1 FROM attempt_steps AS d WHERE d.attempt_id = a.attempt_id AND d.step = 'dead'))
    """
  }

  private static let moves =
    refuse(
      "payout_act_in_time", "INSERT ON payout_acts", when: "NEW.run_id <> (SELECT coalesce(max(run_id), 0) + 1 FROM runs)",
      "what is done about payouts belongs to the next run")
    + refuse(
      "payout_moves_on", "INSERT ON payout_moves",
      when: """
        NEW.run_id <> (SELECT coalesce(max(run_id), 0) + 1 FROM runs)
        OR NOT EXISTS (SELECT 1 FROM items WHERE item_id = NEW.item_id AND version = NEW.version AND state = NEW.state_before)
        OR NOT CASE NEW.state_before || ' ' || NEW.state_after
          WHEN 'approved prepared' THEN EXISTS (\(ofBatch) AND p.version = NEW.version)
          WHEN 'prepared approved' THEN NEW.note IS NOT NULL AND EXISTS (\(ofBatch) AND p.version = NEW.version - 1) AND NOT \(isAttempted)
          WHEN 'prepared sent' THEN EXISTS (\(ofBatch) AND p.version = NEW.version - 1 AND p.route = 'monero') AND \(hasStep("relayed"))
          WHEN 'sent approved' THEN NEW.note IS NOT NULL AND EXISTS (\(ofBatch) AND p.version = NEW.version - 2) AND NOT \(isAttempted)
          WHEN 'sent paid' THEN EXISTS (\(ofBatch) AND p.route = 'monero') AND \(hasStep("confirmed")) AND NEW.txid IS NOT NULL
          WHEN 'prepared paid' THEN NEW.txid IS NOT NULL AND NEW.settled_at IS NOT NULL
            AND EXISTS (\(ofBatch) AND p.version = NEW.version - 1 AND p.route = 'processor')
          ELSE 0 END
        """, "the payout may not move so (H4)")

  private static let attempts =
    refuse(
      "attempt_is_alone", "INSERT ON attempt_items", when: isAttempted, "an attempt that may still confirm holds the item (H4)")
    + refuse(
      "attempt_is_owed", "INSERT ON attempt_items", when: isNotOwed("NEW.item_id"),
      "days of the item are not owed any more, and nobody has approved it since (N5)")
    + refuse(
      "attempt_is_prepared", "INSERT ON attempt_items",
      when: """
        NOT EXISTS (SELECT 1 FROM payouts AS p JOIN items AS i USING (item_id) JOIN attempts AS a ON a.batch_id = p.batch_id
                    WHERE a.attempt_id = NEW.attempt_id AND p.item_id = NEW.item_id AND p.route = 'monero' AND i.state = 'prepared'
                      AND i.version = p.version + 1 AND p.address = NEW.address AND p.atomic_amount = NEW.atomic_amount)
        OR (SELECT count(*) FROM attempt_items WHERE attempt_id = NEW.attempt_id) >= 15
        OR EXISTS (SELECT 1 FROM attempt_steps WHERE attempt_id = NEW.attempt_id)
        """, "an attempt pays prepared items of its batch, at most 15, as they were prepared")
    + refuse(
      "attempt_steps_on", "INSERT ON attempt_steps",
      when: """
        EXISTS (SELECT 1 FROM attempt_steps WHERE attempt_id = NEW.attempt_id AND step IN ('confirmed', 'dead'))
        OR NOT CASE NEW.step
          WHEN 'built' THEN EXISTS (SELECT 1 FROM attempt_items WHERE attempt_id = NEW.attempt_id)
          WHEN 'dead' THEN NOT EXISTS (SELECT 1 FROM attempt_steps WHERE attempt_id = NEW.attempt_id)
            OR EXISTS (SELECT 1 FROM attempt_steps WHERE attempt_id = NEW.attempt_id AND step = 'stuck')
          ELSE EXISTS (SELECT 1 FROM attempt_steps WHERE attempt_id = NEW.attempt_id AND step = 'built') END
        """, "an attempt is built, relayed and confirmed, in this order; only one that is stuck dies")

  private static let appendOnly =
    PayoutSchema.tablesOfActs.map { table, _ in
      refuse("\(table)_stay", "DELETE ON \(table)", when: "1", "\(table) are never removed")
        + refuse("\(table)_fixed", "UPDATE ON \(table)", when: "1", "\(table) are never changed")
    }.joined()
    + PayoutSchema.tablesOfActs.dropFirst().map { table, _ in
      refuse(
        "\(table)_are_sealed", "INSERT ON \(table)",
        when: "EXISTS (SELECT 1 FROM seals WHERE kind = 'payout' AND subject = NEW.act_id)", "the act is sealed: it says nothing more")
    }.joined()
}
