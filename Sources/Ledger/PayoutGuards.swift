import RefundPolicy

/// The triggers that keep a refund from being paid twice, whatever writes to the database (H4).
enum PayoutGuards {
  static let sql = payments + payouts + moves + settlements + attempts + appendOnly

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

  /// Whether the processor said something of a payment of the item that no person has answered yet.
  static func hasOpenQuestion(_ item: String) -> String {
    """
    EXISTS (SELECT 1 FROM payouts AS o JOIN settlement_questions AS s ON s.batch_id = o.batch_id AND s.payment_no = o.payment_no
            WHERE o.item_id = \(item) AND s.question_id NOT IN (SELECT question_id FROM settlement_answers))
    """
  }

  /// G3: a payment is of its own act, whole, and moves whole. What is asked at the seal of an act is asked of all that it wrote.
  private static let payments =
    refuse(
      "payment_is_of_its_batch", "INSERT ON payments",
      when: "NOT EXISTS (SELECT 1 FROM batches WHERE batch_id = NEW.batch_id AND act_id = NEW.act_id)",
      "a payment is written with its batch")
    + refuse(
      "payments_are_whole", "INSERT ON seals",
      when: """
        NEW.kind = 'payout' AND EXISTS (
          SELECT 1 FROM payments AS m WHERE m.act_id = NEW.subject AND (
            m.item_count <> (SELECT count(*) FROM payouts AS p WHERE p.batch_id = m.batch_id AND p.payment_no = m.payment_no)
            -- Sums of more digits than SQLite adds up exactly are checked by the program.
            OR (length(m.atomic_amount) <= 18 AND CAST(m.atomic_amount AS INTEGER) <> (
              SELECT sum(CAST(p.atomic_amount AS INTEGER)) FROM payouts AS p WHERE p.batch_id = m.batch_id AND p.payment_no = m.payment_no))))
        """, "a payment is the sum of its items (G3)")
    + refuse(
      "payments_move_whole", "INSERT ON seals",
      when: """
        NEW.kind = 'payout' AND EXISTS (
          SELECT 1 FROM payout_moves AS m JOIN payouts AS p ON p.batch_id = m.batch_id AND p.item_id = m.item_id
            JOIN payouts AS q ON q.batch_id = p.batch_id AND q.payment_no = p.payment_no
          WHERE m.act_id = NEW.subject AND NOT EXISTS (
            SELECT 1 FROM payout_moves AS n
            WHERE n.item_id = q.item_id AND n.batch_id = m.batch_id AND n.state_after = m.state_after AND +n.act_id = m.act_id))
        """, "the items of a payment move together (G3)")

  /// What was done before the ledger was restored from a backup is taken back as it was, whatever has come to light since.
  private static let isRecovered = "EXISTS (SELECT 1 FROM payout_acts AS r WHERE r.act_id = NEW.act_id AND r.act = 'recover')"

  private static let payouts =
    refuse(
      "payout_is_approved", "INSERT ON payouts",
      when: """
        NOT EXISTS (SELECT 1 FROM items AS i JOIN payments AS m ON m.batch_id = NEW.batch_id AND m.payment_no = NEW.payment_no
                    WHERE m.act_id = NEW.act_id AND i.item_id = NEW.item_id AND i.state = 'approved' AND i.version = NEW.version
                      AND i.flags & \(FlagSet.withoutAddress.rawValue) = 0
                      AND i.order_id = NEW.order_id AND i.amount_cents = NEW.amount_cents AND i.network IS NEW.network
                      AND i.coin = m.coin AND (i.network = m.chain OR (i.network IS NULL AND m.is_own_chain = 1))
                      AND (\(isRecovered) OR (i.address = m.address AND i.tag IS m.tag)))
        """, "only an approved item is prepared, once, as it was approved, in a payment to its own destination (H4, G3)")
    + refuse(
      "payout_is_owed", "INSERT ON payouts", when: "\(isNotOwed("NEW.item_id")) AND NOT \(isRecovered)",
      "days of the item are not owed any more, and nobody has approved it since (N5)")
    + refuse(
      "payout_conflicts_not", "INSERT ON payouts", when: hasOpenQuestion("NEW.item_id"),
      "what the processor says it paid of this item is not settled yet (H4)")
    + refuse(
      "payout_rate_is_accepted", "INSERT ON payouts",
      when: """
        NEW.is_rate_doubtful = 1 AND NOT \(isRecovered) AND NOT EXISTS (
          SELECT 1 FROM payments AS m JOIN rate_acceptances AS a ON a.coin = m.coin AND a.quoted_at = m.rate_quoted_at AND a.usd = m.rate_usd
          WHERE m.batch_id = NEW.batch_id AND m.payment_no = NEW.payment_no)
        """, "nobody has accepted the doubtful rate (G6)")

  /// The payout that an item in a batch stands in: of the version before it was prepared.
  private static let ofBatch = """
    SELECT 1 FROM payouts AS p JOIN payments AS m USING (batch_id, payment_no)
    WHERE p.batch_id = NEW.batch_id AND p.item_id = NEW.item_id
    """

  private static let isDead = "EXISTS (SELECT 1 FROM attempt_steps AS d WHERE d.attempt_id = a.attempt_id AND d.step = 'dead')"

  /// Whether an attempt that may still confirm holds the item, in a payment of whatever batch.
  private static let isAttempted = """
    EXISTS (SELECT 1 FROM payouts AS o JOIN attempt_payments AS a ON a.batch_id = o.batch_id AND a.payment_no = o.payment_no
            WHERE o.item_id = NEW.item_id AND NOT \(isDead))
    """

  private static func hasStep(_ step: String) -> String {
    """
    EXISTS (SELECT 1 FROM payouts AS o JOIN attempt_payments AS a ON a.batch_id = o.batch_id AND a.payment_no = o.payment_no
              JOIN attempt_steps AS s ON s.attempt_id = a.attempt_id
            WHERE o.item_id = NEW.item_id AND o.batch_id = NEW.batch_id AND s.step = '\(step)' AND NOT \(isDead))
    """
  }

  /// Whether a person has just accepted that the processor paid what had been taken back, at the amount that the item is worth.
  private static let isAcceptedAsPaid = """
    EXISTS (SELECT 1 FROM payouts AS p JOIN items AS i USING (item_id)
              JOIN settlement_questions AS q ON q.batch_id = p.batch_id AND q.payment_no = p.payment_no
              JOIN settlement_answers AS w USING (question_id)
            WHERE p.batch_id = NEW.batch_id AND p.item_id = NEW.item_id AND p.amount_cents = i.amount_cents AND q.txid = NEW.txid
              AND w.answer = 'accept' AND w.act_id = NEW.act_id)
    """

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
          WHEN 'prepared sent' THEN EXISTS (\(ofBatch) AND p.version = NEW.version - 1 AND m.route = 'monero') AND \(hasStep("relayed"))
          WHEN 'sent approved' THEN NEW.note IS NOT NULL AND EXISTS (\(ofBatch) AND p.version = NEW.version - 2) AND NOT \(isAttempted)
          WHEN 'sent paid' THEN EXISTS (\(ofBatch) AND m.route = 'monero') AND \(hasStep("confirmed")) AND NEW.txid IS NOT NULL
          WHEN 'prepared paid' THEN NEW.txid IS NOT NULL AND NEW.settled_at IS NOT NULL
            AND EXISTS (\(ofBatch) AND p.version = NEW.version - 1 AND m.route = 'processor')
          WHEN 'approved paid' THEN NEW.txid IS NOT NULL AND NEW.settled_at IS NOT NULL
            AND EXISTS (\(ofBatch) AND m.route = 'processor') AND \(isAcceptedAsPaid)
          ELSE 0 END
        """, "the payout may not move so (H4)")

  private static let settlements =
    refuse(
      "question_is_of_the_processor", "INSERT ON settlement_questions",
      when: "NOT EXISTS (SELECT 1 FROM payments WHERE batch_id = NEW.batch_id AND payment_no = NEW.payment_no AND route = 'processor')",
      "only what the processor pays is settled by it (H3)")

  private static let ofPayment = "FROM payouts AS n WHERE n.batch_id = NEW.batch_id AND n.payment_no = NEW.payment_no"

  private static let attempts =
    refuse(
      "attempt_is_alone", "INSERT ON attempt_payments",
      when: """
        EXISTS (SELECT 1 FROM payouts AS n JOIN payouts AS o ON o.item_id = n.item_id
                  JOIN attempt_payments AS a ON a.batch_id = o.batch_id AND a.payment_no = o.payment_no
                WHERE n.batch_id = NEW.batch_id AND n.payment_no = NEW.payment_no AND NOT \(isDead))
        """, "an attempt that may still confirm holds the item (H4)")
    + refuse(
      "attempt_is_owed", "INSERT ON attempt_payments",
      when: "EXISTS (SELECT 1 \(ofPayment) AND \(isNotOwed("n.item_id"))) AND NOT \(isRecovered)",
      "days of the item are not owed any more, and nobody has approved it since (N5)")
    + refuse(
      "attempt_is_prepared", "INSERT ON attempt_payments",
      when: """
        NOT EXISTS (SELECT 1 FROM payments AS m JOIN attempts AS t ON t.batch_id = m.batch_id
                    WHERE t.attempt_id = NEW.attempt_id AND m.batch_id = NEW.batch_id AND m.payment_no = NEW.payment_no
                      AND m.route = 'monero' AND m.address = NEW.address AND m.atomic_amount = NEW.atomic_amount)
        OR EXISTS (SELECT 1 FROM payouts AS n JOIN items AS i USING (item_id)
                   WHERE n.batch_id = NEW.batch_id AND n.payment_no = NEW.payment_no
                     AND NOT (i.state = 'prepared' AND i.version = n.version + 1))
        OR (SELECT count(*) FROM attempt_payments WHERE attempt_id = NEW.attempt_id) >= 15
        OR EXISTS (SELECT 1 FROM attempt_steps WHERE attempt_id = NEW.attempt_id)
        """, "an attempt pays prepared payments of its batch, at most 15, as they were prepared")
    + refuse(
      "attempt_steps_on", "INSERT ON attempt_steps",
      when: """
        EXISTS (SELECT 1 FROM attempt_steps WHERE attempt_id = NEW.attempt_id AND step IN ('confirmed', 'dead'))
        OR NOT CASE NEW.step
          WHEN 'built' THEN EXISTS (SELECT 1 FROM attempt_payments WHERE attempt_id = NEW.attempt_id)
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
