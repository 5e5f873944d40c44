public import AuditLog
public import RefundPolicy
public import Storage

/// Proves what is about to be paid: everything that says so is as the program left it (contract 7).
///
/// Each version of an item is proved by the run, review or step of payouts that made it, and each of these by its seal; payments by their own
/// digests, so that one that was changed does not stop the others of its batch.
public final class PaymentProof {
  private let connection: Connection
  private let acts: ActCheck
  private let leaves: PaymentLeaves
  private let items: DigestTree
  private let digests: VersionDigests
  private let versions, review, reviewsOfItem, move, change: RawStatement
  private let lastRun: Int64
  private var runs: [Int64: [Finding]] = [:]
  private var payoutActs: [Int64: [Finding]] = [:]

  public init(_ connection: Connection, _ acts: ActCheck) throws {
    (self.connection, self.acts) = (connection, acts)
    leaves = try PaymentLeaves(connection)
    items = try DigestTree(.items, on: connection)
    digests = try VersionDigests(connection)
    versions = try connection.prepare(
      """
      SELECT version, run_id, review_id, until_run FROM former_items WHERE item_id = ?1
      UNION ALL SELECT version, run_id, review_id, NULL FROM items WHERE item_id = ?1 ORDER BY version
      """)
    review = try connection.prepare("SELECT digest FROM reviews WHERE review_id = ?1 AND item_id = ?2 AND version = ?3 - 1")
    reviewsOfItem = try connection.prepare("SELECT review_id FROM reviews WHERE item_id = ?1")
    move = try connection.prepare("SELECT digest, act_id FROM payout_moves WHERE item_id = ?1 AND version = ?2 - 1")
    change = try connection.prepare("SELECT digest FROM run_changes WHERE run_id = ?1 AND item_id = ?2 AND version = ?3")
    lastRun = try connection.integer("SELECT coalesce(max(run_id), 0) FROM runs")
  }

  /// What is wrong with that on which every payment depends: guards, the chain of seals, settings, the open exceptions, the number of payments, and
  /// what people said of batches, anchors and transfers after the ledger was restored.
  public func groundFindings() throws -> [Finding] {
    var findings = try connection.schemaFindings() + connection.chainFindings()
    try findings.add { try acts.unsealedActs() + acts.settingsFindings() + LedgerState.runFindings(on: connection) }
    try findings.add { try leaves.countFindings() }
    let said = try connection.prepare(
      "SELECT act_id FROM void_batches UNION SELECT act_id FROM accepted_anchors UNION SELECT act_id FROM other_transfers")
    while try said.step() { if let finding = try acts.finding(.payout, said.int(0)) { findings.append(finding) } }
    return findings
  }

  /// What is wrong with what was done about payouts from an act on, other than preparing, of which each payment is proved by itself.
  public func findings(ofActsFrom first: Int64) throws -> [Finding] {
    if let known = payoutActs[first] { return known }
    let rows = try connection.prepare("SELECT act_id FROM payout_acts WHERE act_id >= ?1 AND act <> 'prepare' ORDER BY act_id")
    try rows.bind(1, first)
    var findings: [Finding] = []
    while try rows.step() { if let finding = try acts.finding(.payout, rows.int(0)) { findings.append(finding) } }
    payoutActs[first] = findings
    return findings
  }

  /// What is wrong with what was done since batches were prepared: an attempt that is gone from here may have paid them.
  public func findings(ofActsSince batches: [BatchID]) throws -> [Finding] {
    var first = Int64.max
    for batch in batches { first = min(first, try connection.integer("SELECT act_id FROM batches WHERE batch_id = ?1", batch.number)) }
    return first == .max ? [] : try findings(ofActsFrom: first)
  }

  /// What is wrong with a payment as it was prepared; nil for nothing.
  public func finding(of payment: PaymentID) throws -> Finding? { try leaves.finding(payment) }

  /// What is wrong with what a person said of a rate; nil for nothing.
  public func finding(ofAct act: Int64) throws -> Finding? { try acts.finding(.payout, act) }

  /// What is wrong with an item: its days, any version of it, who made and decided it, what runs said since it was opened, and what became of the
  /// payments that it had a part in.
  public func findings(of item: ItemID) throws -> [Finding] {
    var findings: [Finding] = []
    try findings.add { try versionFindings(item) }
    if !findings.isEmpty { return findings }
    let earlier = try connection.payments(of: item)
    for payment in earlier { if let finding = try leaves.finding(payment) { findings.append(finding) } }
    if let first = earlier.first { findings += try self.findings(ofActsSince: [first.batch]) }
    return findings
  }

  private struct Version {
    var number: Int64
    var run: Int64
    var review: Int64?
    /// The run that made the next one; nil for the last.
    var until: Int64?
  }

  private func versionFindings(_ item: ItemID) throws -> [Finding] {
    var known: [Version] = []
    try versions.bind(1, item.number)
    while try versions.step() {
      known.append(Version(number: versions.int(0), run: versions.int(1), review: versions.optionalInt(2), until: versions.optionalInt(3)))
    }
    versions.reset()
    let changed = [Finding("item \(item)", "it, or its days, are not as the program left them")]
    guard let first = known.first, let last = known.last, known.map(\.number) == Array(1...Int64(known.count)),
      known.map(\.until) == known.dropFirst().map(\.run) + [nil],
      try digests.digest(of: item.number, version: last.number) == items.digest(at: item.number)
    else { return changed }
    var findings: [Finding] = []
    for version in known { findings += try self.findings(of: version, item) }
    try reviewsOfItem.bind(1, item.number)
    var reviews: [Int64] = []
    while try reviewsOfItem.step() { reviews.append(reviewsOfItem.int(0)) }
    reviewsOfItem.reset()
    for review in reviews { findings += try [acts.finding(.review, review)].compactMap(\.self) }
    findings += try self.findings(ofRunsFrom: first.run)
    var told: Set<Finding> = []
    return findings.filter { told.insert($0).inserted }
  }

  private func findings(of version: Version, _ item: ItemID) throws -> [Finding] {
    let digest = try digests.digest(of: item.number, version: version.number)
    let (maker, act) = try maker(of: version, item)
    if let maker, maker == digest { return try [act()].compactMap(\.self) }
    return [Finding("item \(item), version \(version.number)", "it, or its days, are not as they were made")]
  }

  /// The digest of a version as it was made, and what is wrong with the act that made it.
  private func maker(of version: Version, _ item: ItemID) throws -> (digest: [UInt8]?, finding: () throws -> Finding?) {
    if let number = version.review {
      try review.bind(1, number)
      try review.bind(2, item.number)
      try review.bind(3, version.number)
      defer { review.reset() }
      return (try review.step() ? review.blob(0) : nil, { [acts] in try acts.finding(.review, number) })
    }
    try move.bind(1, item.number)
    try move.bind(2, version.number)
    defer { move.reset() }
    if try move.step() {
      let act = move.int(1)
      // A step into a batch is proved by the version that it made and by its payment.
      return (move.blob(0), { [self] in try isPreparing(act) ? nil : acts.finding(.payout, act) })
    }
    let madeByRun = { [acts] in try acts.finding(.run, version.run) }
    try change.bind(1, version.run)
    try change.bind(2, item.number)
    try change.bind(3, version.number)
    defer { change.reset() }
    if try change.step() { return (change.blob(0), madeByRun) }
    guard version.number == 1, let opened = try connection.openedOnSheet(item), opened.item.run.number == version.run else { return (nil, { nil }) }
    return (ItemColumns.digest(opened.item, opened.stretches), madeByRun)
  }

  private func isPreparing(_ act: Int64) throws -> Bool {
    try connection.integer("SELECT EXISTS (SELECT 1 FROM payout_acts WHERE act_id = ?1 AND act = 'prepare')", act) == 1
  }

  /// What is wrong with what runs said from one on: the bases of periods among it.
  private func findings(ofRunsFrom first: Int64) throws -> [Finding] {
    if first > lastRun { return [] }
    if let known = runs[first] { return known }
    let findings = try (first...lastRun).compactMap { try acts.finding(.run, $0) }
    runs[first] = findings
    return findings
  }
}
