public import AuditLog
import RefundPolicy
public import Storage

/// Checks the ledger against itself (contract 7): the file, the chain of seals, every version of every item, days, bases and control totals.
public struct LedgerCheck {
  private let connection: Connection
  private let importContent: ActCheck.ImportContent
  private var findings: [Finding] = []

  /// - Parameter importContent: Adds what an import wrote: the facts are another module's.
  public init(_ connection: Connection, importContent: @escaping ActCheck.ImportContent) {
    (self.connection, self.importContent) = (connection, importContent)
  }

  /// Runs every check that the ones before it allow.
  public mutating func run() throws -> [Finding] {
    try checkFile()
    // What the file itself has lost cannot be read in order.
    if !findings.isEmpty { return findings }
    try checkChain()
    try checkVersions()
    try findings.add { try SheetCheck(connection).findings() }
    try checkReferences()
    try checkDays()
    try checkTotals()
    findings += try PayoutCheck(connection).findings()
    return findings
  }

  private mutating func checkFile() throws {
    let rows = try connection.prepare("PRAGMA integrity_check(20)")
    while try rows.step() { if rows.text(0) != "ok" { findings.append(Finding("file", rows.text(0))) } }
  }

  // The chain, what acts wrote, and what they left.

  private mutating func checkChain() throws {
    findings += try connection.chainFindings()
    let acts = try ActCheck(connection, importContent: importContent)
    try findings.add { try acts.findings(fromSeal: 1) }
    try findings.add { try acts.unsealedFindings() }
    try findings.add { try LedgerState.findings(on: connection) }
  }

  private mutating func each(_ query: String, _ parameter: Int64? = nil, _ finding: (RawStatement) -> Finding) throws {
    let rows = try connection.prepare(query)
    if let parameter { try rows.bind(1, parameter) }
    while try rows.step() { findings.append(finding(rows)) }
  }

  // Versions.

  private mutating func checkVersions() throws {
    let made = try connection.prepare(
      """
      SELECT item_id, version, digest, 'run ' || run_id FROM run_changes
      UNION ALL SELECT item_id, version + 1, digest, 'review ' || review_id FROM reviews
      UNION ALL SELECT item_id, version + 1, digest, 'payout act ' || act_id FROM payout_moves
      """)
    let digests = try VersionDigests(connection)
    while try made.step() {
      let place = "item \(LedgerCheck.itemName(made.int(0))), version \(made.int(1))"
      guard let digest = try digests.digest(of: made.int(0), version: made.int(1)) else {
        findings.append(Finding(place, "it is missing; \(made.text(3)) made it"))
        continue
      }
      if digest != made.blob(2) { findings.append(Finding(place, "it, or its days, are not as \(made.text(3)) made them")) }
    }
    try each(
      """
      SELECT v.item_id, v.version FROM (SELECT item_id, version, run_id, review_id FROM items
        UNION ALL SELECT item_id, version, run_id, review_id FROM former_items) AS v
      WHERE CASE WHEN v.review_id IS NULL
        THEN NOT EXISTS (SELECT 1 FROM run_changes AS c WHERE c.run_id = v.run_id AND c.item_id = v.item_id AND c.version = v.version)
          AND NOT (v.version = 1 AND EXISTS (
            SELECT 1 FROM sheets AS s WHERE s.first_item = \(SheetSchema.place(of: "v.item_id")) AND v.item_id <= s.last_item AND s.run_id = v.run_id))
          AND NOT EXISTS (SELECT 1 FROM payout_moves AS m WHERE m.run_id = v.run_id AND m.item_id = v.item_id AND m.version + 1 = v.version)
        ELSE NOT EXISTS (SELECT 1 FROM reviews AS r WHERE r.review_id = v.review_id AND r.item_id = v.item_id AND r.version + 1 = v.version) END
      """
    ) { Finding("item \(LedgerCheck.itemName($0.int(0))), version \($0.int(1))", "no run, review or payout made it") }
    try each(
      """
      SELECT f.item_id, f.version FROM former_items AS f
      WHERE f.until_run IS NOT coalesce((SELECT run_id FROM former_items AS n WHERE n.item_id = f.item_id AND n.version = f.version + 1),
                                        (SELECT run_id FROM items AS n WHERE n.item_id = f.item_id AND n.version = f.version + 1))
      """
    ) { Finding("item \(LedgerCheck.itemName($0.int(0))), version \($0.int(1))", "the run that ended it is not the one that made the next version") }
  }

  static func itemName(_ number: Int64) -> String { number >= 1 ? ItemID(number).description : "\(number)" }

  // Rows that belong to nothing.

  private mutating func checkReferences() throws {
    try each("SELECT rowid, item_id FROM (SELECT 0 AS rowid, item_id FROM stretches WHERE item_id NOT IN (SELECT item_id FROM items))") {
      Finding("stretches", "days of item \(LedgerCheck.itemName($0.int(1))), which is not there")
    }
    try each(
      """
      SELECT item_id, version FROM former_stretches AS s
      WHERE NOT EXISTS (SELECT 1 FROM former_items AS f WHERE f.item_id = s.item_id AND f.version = s.version)
      """
    ) { Finding("former_stretches", "days of version \($0.int(1)) of item \(LedgerCheck.itemName($0.int(0))), which is not there") }
    for (table, column) in [
      ("run_changes", "run_id"), ("sheets", "run_id"), ("request_decisions", "run_id"), ("run_aging", "run_id"), ("run_facts", "run_id"),
      ("period_bases", "run_id"), ("exceptions", "opened_run"), ("exceptions", "closed_run"), ("published", "run_id"),
    ] {
      try each("SELECT DISTINCT \(column) FROM \(table) WHERE \(column) IS NOT NULL AND \(column) NOT IN (SELECT run_id FROM runs)") {
        Finding(table, "it names run \($0.int(0)), which is not there")
      }
    }
  }

  // Money.

  private mutating func checkDays() throws {
    try each(
      """
      SELECT item_id FROM items AS i
      WHERE amount_cents <> (SELECT coalesce(sum(s.amount_cents), 0) FROM stretches AS s WHERE s.period_id = i.period_id AND s.item_id = i.item_id)
        OR day_count <> (SELECT coalesce(sum(s.last_day - s.first_day + 1), 0) FROM stretches AS s
                         WHERE s.period_id = i.period_id AND s.item_id = i.item_id)
      """
    ) { Finding("item \(LedgerCheck.itemName($0.int(0)))", "its amount or days are not the sum of its days") }
    try each(
      """
      SELECT a.period_id, a.item_id, b.item_id FROM stretches AS a JOIN stretches AS b
        ON b.period_id = a.period_id AND b.first_day > a.first_day AND b.first_day <= a.last_day
      """
    ) {
      Finding(
        "period \($0.text(0))",
        "items \(LedgerCheck.itemName($0.int(1))) and \(LedgerCheck.itemName($0.int(2))) hold the same service day (P5)")
    }
  }

  private mutating func checkTotals() throws {
    try each(
      """
      SELECT run_id FROM (SELECT *, lag(closing_count, 1, 0) OVER runs_before AS count, lag(closing_cents, 1, 0) OVER runs_before AS cents,
          lag(closing_unpaid_count, 1, 0) OVER runs_before AS unpaid_count, lag(closing_unpaid_cents, 1, 0) OVER runs_before AS unpaid_cents,
          lag(paid_to_date_count, 1, 0) OVER runs_before AS all_count, lag(paid_to_date_cents, 1, 0) OVER runs_before AS all_cents
        FROM runs WINDOW runs_before AS (ORDER BY run_id))
      WHERE (opening_count, opening_cents, opening_unpaid_count, opening_unpaid_cents, paid_to_date_count, paid_to_date_cents)
        IS NOT (count, cents, unpaid_count, unpaid_cents, all_count + paid_count, all_cents + paid_cents)
      """
    ) { Finding("run \($0.int(0))", "it does not open with what the run before closed with") }
    try each(
      """
      SELECT run_id FROM runs AS r WHERE (opened_cents, withdrawn_cents) IS NOT (
        SELECT coalesce(sum(after_cents) FILTER (WHERE change = 'opened'), 0)
            + (SELECT coalesce(sum(cents), 0) FROM sheets AS s WHERE s.run_id = r.run_id),
          coalesce(sum(before_cents) FILTER (WHERE change = 'withdrawn'), 0)
            + (SELECT coalesce(sum(before_cents), 0) FROM reviews AS w WHERE w.run_id = r.run_id AND w.state_after = 'withdrawn')
        FROM run_changes AS c WHERE c.run_id = r.run_id)
      OR (reopened_count, reopened_cents, reopened_unpaid_count, reopened_unpaid_cents) IS NOT (
        SELECT count(*), coalesce(sum(before_cents), 0), count(*) FILTER (WHERE state_before <> 'rejected'),
          coalesce(sum(before_cents) FILTER (WHERE state_before <> 'rejected'), 0)
        FROM reviews AS v WHERE v.run_id = r.run_id AND v.decision = 'reopen')
      OR (paid_count, paid_cents) IS NOT (
        SELECT count(*), coalesce(sum(p.amount_cents), 0) FROM payout_moves AS m JOIN payouts AS p USING (batch_id, item_id)
        WHERE m.run_id = r.run_id AND m.state_after = 'paid')
      """
    ) { Finding("run \($0.int(0))", "its totals are not the sum of what it changed") }
    // What reviews and payouts did since the last run is in no run's totals yet.
    let next = RunID(try connection.integer("SELECT coalesce(max(run_id), 0) + 1 FROM runs"))
    let expected = try connection.totals(before: next)
    var now = ControlTotals()
    try connection.close(&now)
    let pending = expected.sumOfPending
    if now.closing != pending {
      findings.append(
        Finding(
          "queue",
          "\(now.closing.count) items of \(now.closing.amount) USD wait, by the runs and reviews it should be \(pending.count) of \(pending.amount) USD"
        ))
    }
    let unpaid = expected.sumOfUnpaid
    if now.closingUnpaid != unpaid {
      findings.append(
        Finding(
          "unpaid items",
          "\(now.closingUnpaid.count) items of \(now.closingUnpaid.amount) USD are approved and not paid, by the runs, reviews and payouts it should be "
            + "\(unpaid.count) of \(unpaid.amount) USD"))
    }
    let paid = try connection.total("SELECT count(*), coalesce(sum(amount_cents), 0) FROM items WHERE state = 'paid'")
    if paid != expected.paidToDate {
      findings.append(
        Finding(
          "paid items",
          "\(paid.count) items of \(paid.amount) USD are paid, by the runs and payouts it should be \(expected.paidToDate.count) of "
            + "\(expected.paidToDate.amount) USD"))
    }
  }
}

/// The digest of any version of an item, from its rows as they are stored.
struct VersionDigests {
  private let current, former, currentDays, formerDays: RawStatement

  init(_ connection: Connection) throws {
    current = try connection.prepare("SELECT \(ItemColumns.names) FROM items WHERE item_id = ?1 AND version = ?2")
    former = try connection.prepare("SELECT \(ItemColumns.names) FROM former_items WHERE item_id = ?1 AND version = ?2")
    currentDays = try connection.prepare(
      "SELECT \(RawStatement.stretchColumns) FROM stretches WHERE period_id = ?1 AND item_id = ?2 ORDER BY first_day")
    formerDays = try connection.prepare(
      "SELECT \(RawStatement.stretchColumns) FROM former_stretches WHERE item_id = ?1 AND version = ?2 ORDER BY first_day")
  }

  func digest(of item: Int64, version: Int64) throws -> [UInt8]? {
    for (row, days) in [(current, currentDays), (former, formerDays)] {
      defer {
        row.reset()
        days.reset()
      }
      try row.bind(1, item)
      try row.bind(2, version)
      guard try row.step() else { continue }
      var digest = Fingerprint()
      digest.add(row: row)
      if row === current {
        try days.bind(1, row.text(2))
        try days.bind(2, item)
      } else {
        try days.bind(1, item)
        try days.bind(2, version)
      }
      while try days.step() { digest.add(row: days) }
      return digest.short()
    }
    return nil
  }
}
