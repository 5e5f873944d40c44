import RefundPolicy

/// The triggers that hold the ledger's invariants also against a program, or a person with the sqlite3 shell, that forgets them.
enum LedgerGuards {
  static let sql = days + items + moves + reviews + nights + settings + looks + appendOnly

  private static func isCommitted(_ state: String) -> String { SQL.isOne(state, of: "approved", "prepared", "sent", "paid") }
  private static let undecided = "('pending', 'held')"
  private static let nightLimit = FlagSet.nightLimit.rawValue
  private static let corrected = FlagSet.corrected.rawValue
  /// G2, G4, G5.
  private static let guards = FlagSet.guards.rawValue
  /// G4, G5: what holds automatic items alone.
  private static let waits = FlagSet([.usageMissing, .endTakenBack]).rawValue
  private static let unconfirmed = FlagSet.unconfirmedAddress.rawValue
  private static let withoutAddress = FlagSet.withoutAddress.rawValue
  private static let secondApproval = FlagSet.secondApproval.rawValue

  private static func refuse(_ name: String, _ event: String, when condition: String, _ reason: String) -> String {
    """
    CREATE TRIGGER \(name) BEFORE \(event)
    WHEN \(condition)
    BEGIN SELECT RAISE(ABORT, '\(reason)'); END;

    """
  }

  private static let days =
    refuse(
      "stretch_overlaps", "INSERT ON stretches",
      when: """
        EXISTS (SELECT 1 FROM stretches AS other
                WHERE other.period_id = NEW.period_id AND other.first_day <= NEW.last_day AND other.last_day >= NEW.first_day)
        """, "a service day of the period is held by an item already (P5)")
    + refuse("stretch_is_fixed", "UPDATE ON stretches", when: "1", "the days of an item are replaced, never edited")
    + refuse(
      "stretch_is_decided", "DELETE ON stretches", when: "(SELECT state FROM items WHERE item_id = OLD.item_id) NOT IN \(undecided)",
      "the item is decided: its days stay")
    + refuse(
      "stretch_of_decided", "INSERT ON stretches", when: "(SELECT state FROM items WHERE item_id = NEW.item_id) NOT IN \(undecided)",
      "the item is decided: it takes no more days")

  private static let sumOfDays = """
    (SELECT coalesce(sum(amount_cents), 0) FROM stretches WHERE period_id = NEW.period_id AND item_id = NEW.item_id)
    """

  /// What else is committed for the period, and what may be: the base, or for a correction what was paid.
  private static let aboveBase = """
    NEW.amount_cents + (SELECT coalesce(sum(s.amount_cents), 0) FROM stretches AS s JOIN items AS i USING (item_id)
                        WHERE s.period_id = NEW.period_id AND i.item_id <> NEW.item_id AND \(isCommitted("i.state")))
      > CASE WHEN NEW.flags & \(corrected) <> 0 THEN NEW.paid_cents
        ELSE coalesce((SELECT base_cents FROM period_bases WHERE period_id = NEW.period_id ORDER BY run_id DESC LIMIT 1), NEW.base_cents) END
    """

  /// W1 and S2 alone are automatic.
  private static let byPolicyAlone = """
    NEW.automatic = 1 AND NOT EXISTS (
      SELECT 1 FROM stretches WHERE period_id = NEW.period_id AND item_id = NEW.item_id
        AND cause NOT IN (\(Cause.unused.rawValue), \(Cause.unprovisioned.rawValue)))
    """

  private static let items =
    refuse(
      "item_opens", "INSERT ON items",
      when: """
        (NEW.state <> 'pending' AND NOT (NEW.state = 'approved' AND \(byPolicyAlone))
          -- G2 It was held on its sheet already: a guard of sheets sees to it.
          AND NOT (NEW.state = 'held' AND NEW.flags & \(nightLimit) <> 0 AND EXISTS (SELECT 1 FROM runs WHERE run_id = NEW.run_id))
          -- G4, G5 What the policy would approve waits for usage, or for a person.
          AND NOT (NEW.state = 'held' AND NEW.flags & \(waits) <> 0 AND \(byPolicyAlone)))
        OR (NEW.automatic = 1 AND NOT (\(byPolicyAlone)))
        OR NEW.amount_cents = 0 OR NEW.version <> 1 OR NEW.revision <> 1 OR NEW.review_id IS NOT NULL OR NEW.amount_cents <> \(sumOfDays)
        """, "an item opens pending, or approved by W1 or S2 alone, with the sum of its days")
    + refuse(
      "item_opens_unknown", "INSERT ON items", when: "NEW.state = 'approved' AND (NEW.flags & \(guards) <> 0 OR \(isUnknown))",
      "the policy approves nothing before usage is known (G4), nor for an end that was taken back (G5)")
    + refuse(
      "item_opens_committed", "INSERT ON items", when: "\(isCommitted("NEW.state")) AND \(aboveBase)",
      "more would be committed than the base of the period (P5)")
    + refuse(
      "item_changes", "UPDATE ON items",
      when: """
        NEW.item_id <> OLD.item_id OR NEW.order_id <> OLD.order_id OR NEW.period_id <> OLD.period_id OR NEW.opened_on <> OLD.opened_on
        OR NEW.amount_cents <> \(sumOfDays)
        OR (OLD.state NOT IN \(undecided) AND (NEW.amount_cents, NEW.day_count, NEW.base_cents, NEW.causes, NEW.automatic)
            <> (OLD.amount_cents, OLD.day_count, OLD.base_cents, OLD.causes, OLD.automatic))
        """, "an item keeps its order, period and decided amount, and is the sum of its days")
    + refuse(
      "item_is_automatic", "UPDATE ON items", when: "NEW.automatic = 1 AND NOT (\(byPolicyAlone))",
      "only W1 and S2 are decided by the policy itself: anything else needs people (G1)")
    + refuse(
      "item_versions", "UPDATE ON items",
      when: """
        (NEW.version <> OLD.version + 1
          AND NOT (NEW.version = OLD.version AND NEW.run_id = OLD.run_id AND OLD.review_id IS NULL AND NEW.review_id IS NULL
                   AND NOT EXISTS (SELECT 1 FROM runs WHERE run_id = OLD.run_id)))
        OR NEW.revision NOT IN (OLD.revision, OLD.revision + 1)
        OR (NEW.revision = OLD.revision AND (NEW.amount_cents, NEW.day_count, NEW.first_day, NEW.last_day, NEW.coin, NEW.network, NEW.address, NEW.tag)
            IS NOT (OLD.amount_cents, OLD.day_count, OLD.first_day, OLD.last_day, OLD.coin, OLD.network, OLD.address, OLD.tag))
        """, "a change of an item is a new version of it, and one that a reviewer would see a new revision")
    + refuse(
      "item_commits", "UPDATE OF state ON items",
      when: "\(isCommitted("NEW.state")) AND NOT \(isCommitted("OLD.state")) AND \(aboveBase)",
      "more would be committed than the base of the period (P5)")
    + refuse(
      "item_is_corrected", "UPDATE OF amount_cents ON items",
      when: "NEW.flags & \(corrected) <> 0 AND NEW.amount_cents > OLD.amount_cents AND \(aboveBase)",
      "a correction never exceeds what was paid (D2)")
    + refuse(
      "item_destination", "UPDATE ON items",
      when: """
        OLD.state NOT IN \(undecided) AND NEW.state NOT IN \(undecided)
        AND (NEW.coin, NEW.network, NEW.asked_network, NEW.address, NEW.tag)
          IS NOT (OLD.coin, OLD.network, OLD.asked_network, OLD.address, OLD.tag)
        AND NOT (OLD.state = 'approved' AND NEW.state = 'approved' AND NEW.review_id IS NULL AND (NEW.coin, NEW.network) IS (OLD.coin, OLD.network)
          AND OLD.flags & \(withoutAddress) <> 0 AND (NEW.flags & \(withoutAddress) <> 0 OR NEW.flags & \(secondApproval) = 0)
          AND (NEW.address, NEW.tag, NEW.asked_network) IS (
            SELECT address, tag, network FROM matched_requests WHERE order_id = NEW.order_id AND address IS NOT NULL
            ORDER BY requested_at DESC, request_id DESC LIMIT 1))
        """, "a decided item keeps where it is paid to; one without a valid address takes that of the latest request (Q4)")
    + refuse(
      "item_address_confirmed", "UPDATE ON items",
      when: """
        OLD.flags & \(unconfirmed) <> 0 AND NEW.flags & \(withoutAddress) = 0 AND NEW.state NOT IN \(undecided)
        AND NOT EXISTS (SELECT 1 FROM reviews WHERE review_id = NEW.review_id AND decision = 'confirm_address')
        """, "somebody who approved the item confirms the address that came later (G1, Q4)")
    + refuse("item_stays", "DELETE ON items", when: "1", "an item is never removed")

  /// G4, G5 alone hold the item; the night's limit is for a person to release (G2).
  private static let isWaiting = "OLD.state = 'held' AND OLD.flags & \(waits) <> 0 AND OLD.flags & \(nightLimit) = 0"

  /// G4, G5: what the policy may not approve yet.
  private static let isUnknown = """
    (NOT \(AutomaticApproval.knowsUsage("NEW")) OR \(AutomaticApproval.hasEndTakenBack(order: "NEW.order_id")))
    """

  /// By what an item changes its state.
  private static let moves =
    refuse(
      "item_is_reviewed", "UPDATE ON items",
      when: """
        NEW.review_id IS NOT NULL AND (NEW.paid_cents <> OLD.paid_cents OR NOT EXISTS (
          SELECT 1 FROM reviews AS r WHERE r.review_id = NEW.review_id AND r.item_id = OLD.item_id AND r.version = OLD.version
            AND r.state_before = OLD.state AND r.state_after = NEW.state AND r.after_cents = NEW.amount_cents))
        """, "a review that says so is missing (G1)")
    + refuse(
      "item_moves", "UPDATE OF state ON items",
      when: """
        NEW.state <> OLD.state AND NEW.review_id IS NULL AND NOT (
          (OLD.state IN \(undecided) AND NEW.state = 'withdrawn')
          OR (OLD.state = 'pending' AND NEW.state = 'held' AND NEW.flags & \(nightLimit) <> 0)
          OR (OLD.state = 'pending' AND NEW.state = 'held' AND NEW.flags & \(waits) <> 0 AND \(byPolicyAlone))
          OR (NEW.state = 'approved' AND NEW.flags & \(guards) = 0 AND \(byPolicyAlone) AND NOT \(isUnknown)
              AND NOT \(Corrections.isAboveOwed("NEW"))
              AND (OLD.state = 'pending' OR \(isWaiting)))
          -- G4, G5 What they held is not automatic any more: people decide it.
          OR (NEW.state = 'pending' AND NEW.automatic = 0 AND \(isWaiting))
          OR (OLD.state = 'approved' AND NEW.state = 'held' AND NEW.flags & \(nightLimit) <> 0 AND NEW.version = OLD.version)
          OR EXISTS (SELECT 1 FROM payout_moves AS m WHERE m.item_id = OLD.item_id AND m.version = OLD.version
                     AND m.state_before = OLD.state AND m.state_after = NEW.state))
        """, "only a person decides this, with a review (G1, G2), or a payout moves it (H4)")

  private static let approvals = """
    (SELECT count(DISTINCT reviewer_key) FROM reviews WHERE item_id = NEW.item_id AND revision = NEW.revision AND decision = 'approve')
    """

  /// G1: two people from the limit on, by the settings in force at the review or by the flag of the last run.
  private static let needed = """
    CASE WHEN \(Corrections.isAboveOwed("i")) OR i.automatic = 0 AND (i.flags & \(secondApproval) <> 0 OR i.amount_cents >= coalesce(
      (SELECT second_approval_cents FROM settings WHERE effective_from <= NEW.reviewed_at ORDER BY effective_from DESC LIMIT 1),
      \(OperatingNumbers().secondApproval.count)))
    THEN 2 ELSE 1 END
    """

  /// The review that made an item what it is.
  private static func isMade(by condition: String) -> String {
    "EXISTS (SELECT 1 FROM reviews AS r WHERE r.review_id = i.review_id AND \(condition))"
  }

  /// Whether a reviewer approved the item since it was reopened last.
  private static let isApprover = """
    EXISTS (SELECT 1 FROM reviews AS r WHERE r.item_id = i.item_id AND r.decision = 'approve' AND r.reviewer_key = NEW.reviewer_key
            AND r.review_id > coalesce((SELECT max(review_id) FROM reviews WHERE item_id = i.item_id AND decision = 'reopen'), 0))
    """

  private static let reviews =
    refuse(
      "review_holds", "INSERT ON reviews",
      when: """
        NEW.run_id <> (SELECT coalesce(max(run_id), 0) + 1 FROM runs) OR NOT EXISTS (
          SELECT 1 FROM items AS i
          WHERE i.item_id = NEW.item_id AND i.version = NEW.version AND i.revision = NEW.revision AND i.amount_cents = NEW.before_cents
            AND i.state = NEW.state_before AND CASE NEW.decision
              WHEN 'approve' THEN i.state = 'pending'
                AND NOT EXISTS (SELECT 1 FROM reviews AS r WHERE r.item_id = i.item_id AND r.revision = i.revision
                                AND r.decision = 'approve' AND r.reviewer_key = NEW.reviewer_key)
                AND NEW.state_after = CASE WHEN \(approvals) + 1 >= \(needed) THEN 'approved' ELSE 'pending' END
              WHEN 'reject' THEN i.state = 'pending' AND NEW.state_after = 'rejected'
              WHEN 'hold' THEN i.state = 'pending' AND NEW.state_after = 'held'
              WHEN 'release' THEN i.state = 'held' AND (NEW.state_after = 'pending'
                OR (NEW.state_after = 'approved' AND i.automatic = 1 AND \(AutomaticApproval.knowsUsage("i")) AND NOT \(Corrections.isAboveOwed("i"))))
              WHEN 'reopen' THEN NEW.state_after = 'pending' AND i.state IN ('approved', 'rejected')
              WHEN 'restate' THEN i.state = 'pending' AND (NEW.state_after = 'withdrawn' OR (NEW.state_after = 'pending' AND NEW.after_cents > 0))
                AND \(isMade(by: "r.decision = 'reopen' AND r.reviewer_key = NEW.reviewer_key"))
              WHEN 'confirm_address' THEN i.state = 'approved' AND NEW.state_after = 'approved' AND i.flags & \(unconfirmed) <> 0 AND \(isApprover)
              WHEN 'correct' THEN i.state = 'pending' AND NEW.state_after = 'pending' AND NEW.after_cents > 0
            END)
        """, "the item is not as the review says, or the review may not decide it (G1)")

  /// G2: a run over the night limit in force is recorded only when all that it opened or raised is held.
  private static let nights =
    refuse(
      "run_within_limit", "INSERT ON runs",
      when: """
        EXISTS (
          SELECT 1 FROM (SELECT night_limit_items AS most_items, night_limit_cents AS most_cents FROM settings
                         WHERE effective_from < (NEW.business_day + 1) * 86400 ORDER BY effective_from DESC LIMIT 1)
          WHERE (most_items IS NOT NULL OR most_cents IS NOT NULL)
            AND (SELECT coalesce(sum(count), 0) > coalesce(most_items, 9223372036854775807)
                     OR coalesce(sum(cents), 0) > coalesce(most_cents, 9223372036854775807)
                 FROM (SELECT 1 AS count, after_cents - before_cents AS cents FROM run_changes
                       WHERE run_id = NEW.run_id AND after_cents > before_cents
                       UNION ALL SELECT item_count, cents FROM sheets WHERE run_id = NEW.run_id))
            AND (EXISTS (SELECT 1 FROM sheets WHERE run_id = NEW.run_id AND state <> 'held')
              OR EXISTS (SELECT 1 FROM run_changes AS c JOIN items AS i USING (item_id)
                         WHERE c.run_id = NEW.run_id AND c.after_cents > c.before_cents AND i.state <> 'held')))
        """, "the night is over its limit: what it opened or raised must be held (G2)")

  /// What closed dates were decided under changes only where somebody says so, and why.
  private static let settings =
    refuse(
      "settings_of_the_past", "INSERT ON settings",
      when: """
        NEW.rewrites_history = 0
          AND NEW.effective_from < (SELECT (max(business_day) + 1) * 86400 FROM runs WHERE kind = 'nightly')
        """, "settings take effect from the day after the last closed date on, or rewrite history, with a note")

  private static let looks = refuse(
    "looks_back", "INSERT ON looks", when: "NEW.exception_id > (SELECT coalesce(max(exception_id), 0) FROM exceptions)",
    "nobody has seen an exception that is not there yet")

  private static let appendOnly =
    ["former_items", "former_stretches", "request_decisions", "runs", "run_aging", "run_facts", "period_bases", "settings", "reviews", "looks"].map {
      table in
      refuse("\(table)_stay", "DELETE ON \(table)", when: "1", "\(table) are never removed")
        + refuse("\(table)_fixed", "UPDATE ON \(table)", when: "1", "\(table) are never changed")
    }.joined()
    + refuse("run_changes_stay", "DELETE ON run_changes", when: "1", "run_changes are never removed")
    + refuse(
      "run_changes_fixed", "UPDATE ON run_changes", when: "EXISTS (SELECT 1 FROM runs WHERE run_id = OLD.run_id)",
      "run_changes are never changed once the run is recorded")
    + ["run_changes", "request_decisions", "run_aging", "run_facts", "period_bases"].map { table in
      refuse(
        "\(table)_are_complete", "INSERT ON \(table)", when: "EXISTS (SELECT 1 FROM runs WHERE run_id = NEW.run_id)",
        "the run is recorded: it says nothing more")
    }.joined()
    + refuse("exceptions_stay", "DELETE ON exceptions", when: "1", "exceptions are never removed")
    + refuse(
      "exceptions_fixed", "UPDATE ON exceptions",
      when: """
        OLD.closed_run IS NOT NULL OR (NEW.exception_id, NEW.kind, NEW.subject, NEW.order_id, NEW.period_id, NEW.amount_cents, NEW.explanation,
          NEW.opened_run) IS NOT (OLD.exception_id, OLD.kind, OLD.subject, OLD.order_id, OLD.period_id, OLD.amount_cents, OLD.explanation,
          OLD.opened_run)
        """, "exceptions are closed, never changed")
}
