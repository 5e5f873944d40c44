public import AuditLog
import RefundPolicy
public import Storage

/// Checks what acts wrote against the seals over it, each act once.
public final class ActCheck {
  /// Adds what an import wrote: the facts are another module's.
  public typealias ImportContent = (Int64, inout Fingerprint) throws -> Void

  private struct Act: Hashable {
    var kind: SealKind
    var subject: Int64
  }

  private let connection: Connection
  private let importContent: ImportContent?
  private let reviewsUpTo, nextReviews: RawStatement
  private var known: [Act: Finding?] = [:]

  /// - Parameter importContent: Nil where nothing is asked of imports.
  public init(_ connection: Connection, importContent: ImportContent? = nil) throws {
    (self.connection, self.importContent) = (connection, importContent)
    reviewsUpTo = try connection.prepare("SELECT max(subject) FROM seals WHERE kind = 'review' AND subject <= ?1")
    nextReviews = try connection.prepare("SELECT min(subject) FROM seals WHERE kind = 'review' AND subject > ?1")
  }

  /// What is wrong with what an act wrote; nil where it is as its seal says.
  ///
  /// - Parameter subject: The import's, run's, review's or payout act's number; the instant from which settings hold.
  public func finding(_ kind: SealKind, _ subject: Int64) throws -> Finding? {
    var first = subject
    if kind == .review {
      guard let found = try number(reviewsUpTo, subject) else { return Finding("review \(subject)", "no seal is over it") }
      first = found
    }
    if let known = known[Act(kind: kind, subject: first)] { return known }
    guard let seal = try connection.seal(of: kind, first) else { return Finding(ActCheck.name(kind, first), "no seal is over it") }
    let isWhole = try content(of: seal) == seal.content
    let finding = isWhole ? nil : Finding(seal.act, "what it wrote was changed afterwards")
    known[Act(kind: kind, subject: first)] = finding
    return finding
  }

  /// What an act's seal is over, as it is now.
  private func content(of seal: Seal) throws -> [UInt8] {
    try Seal.content { fingerprint in
      switch seal.kind {
      case .origin: try OriginContent.add(from: connection, to: &fingerprint)
      case .imported:
        guard let importContent else { throw StorageError.refused(why: "nobody knows what imports wrote") }
        try importContent(seal.subject, &fingerprint)
      case .run: try RunContent.add(RunID(seal.subject), from: connection, to: &fingerprint)
      case .review:
        let end = try number(nextReviews, seal.subject) ?? .max
        try ReviewContent.add(seal.subject..<end, from: connection, to: &fingerprint)
      case .settings: try SettingsContent.add(Instant(seconds: seal.subject), from: connection, to: &fingerprint)
      case .payout: try PayoutContent.add(seal.subject, from: connection, to: &fingerprint)
      case .look: try LookContent.add(seal.subject, from: connection, to: &fingerprint)
      }
    }
  }

  private func number(_ statement: RawStatement, _ parameter: Int64) throws -> Int64? {
    try statement.bind(1, parameter)
    defer { statement.reset() }
    return try statement.step() ? statement.optionalInt(0) : nil
  }

  private static func name(_ kind: SealKind, _ subject: Int64) -> String {
    switch kind {
    case .origin: "the ledger's origin"
    case .imported: "import \(subject)"
    case .run: "run \(subject)"
    case .review: "review \(subject)"
    case .settings: "settings of \(Instant(seconds: subject))"
    case .payout: "payout act \(subject)"
    case .look: "look \(subject)"
    }
  }

  /// Acts that a table tells of and no seal is over, and the other way round.
  public func unsealedFindings() throws -> [Finding] { try unsealedActs() + earlyReviews() }

  /// The same without reviews: those of an item are asked for with it.
  func unsealedActs() throws -> [Finding] {
    var findings: [Finding] = []
    if let fault = try finding(.origin, 1) { findings.append(fault) }
    for (kind, acts) in [
      (SealKind.run, "SELECT run_id FROM runs"), (.imported, "SELECT import_id FROM imports"),
      (.payout, "SELECT act_id FROM payout_acts"), (.settings, "SELECT effective_from FROM settings"),
      (.look, "SELECT look_id FROM looks"),
    ] {
      let seals = "SELECT subject FROM seals WHERE kind = '\(kind.rawValue)'"
      for (query, what) in [("\(acts) EXCEPT \(seals)", "no seal is over it"), ("\(seals) EXCEPT \(acts)", "it is missing")] {
        let rows = try connection.prepare(query)
        while try rows.step() { findings.append(Finding(ActCheck.name(kind, rows.int(0)), what)) }
      }
    }
    return findings
  }

  /// Reviews before the first one that a seal is over.
  private func earlyReviews() throws -> [Finding] {
    var findings: [Finding] = []
    let early = try connection.prepare(
      """
      SELECT review_id FROM reviews
      WHERE review_id < (SELECT coalesce(min(subject), 9223372036854775807) FROM seals WHERE kind = 'review')
      """)
    while try early.step() { findings.append(Finding("review \(early.int(0))", "no seal is over it")) }
    return findings
  }

  /// What is wrong with acts from a seal on.
  public func findings(fromSeal first: Int64) throws -> [Finding] {
    var acts: [Act] = []
    try connection.eachSeal(from: first) { acts.append(Act(kind: $0.kind, subject: $0.subject)) }
    return try acts.compactMap { try finding($0.kind, $0.subject) }
  }

  /// What is wrong with any settings.
  public func settingsFindings() throws -> [Finding] {
    let rows = try connection.prepare("SELECT effective_from FROM settings UNION SELECT subject FROM seals WHERE kind = 'settings'")
    var starts: [Int64] = []
    while try rows.step() { starts.append(rows.int(0)) }
    return try starts.compactMap { try finding(.settings, $0) }
  }
}

/// The table in which runs keep the order of each request.
public enum MatchedRequests {
  /// In the order in which their digests are taken.
  public static let columns = "order_id, request_id, requested_at, address, network, tag, due"
}

/// What runs leave beside what they wrote themselves: the state that the next one begins from.
public enum LedgerState {
  private static let allRuns = "SELECT * FROM runs ORDER BY run_id"
  // By the index of these alone.
  private static let openExceptions = """
    SELECT kind, subject, exception_id, order_id, period_id, amount_cents, explanation, opened_run FROM exceptions
    WHERE closed_run IS NULL ORDER BY kind, subject
    """
  private static let agenda = "SELECT order_id, due FROM agenda"

  /// Notes the run's own row and the exceptions that are open at its end.
  static func noteRun(_ run: RunID, on connection: Connection) throws {
    try RowChain.append(.runs, "SELECT * FROM runs WHERE run_id = \(run.number)", on: connection)
    try connection.setRoot(of: .openExceptions, to: openExceptionsRoot(on: connection))
  }

  private static func openExceptionsRoot(on connection: Connection) throws -> StateRoot {
    let rows = try connection.prepare(openExceptions)
    var count: Int64 = 0
    var digest = Fingerprint()
    while try rows.step() {
      digest.add(row: rows)
      count += 1
    }
    return count == 0 ? .empty : StateRoot(rowCount: count, digest: digest.short())
  }

  /// What is wrong with the exceptions that are open: one that is gone would let money go.
  public static func exceptionFindings(on connection: Connection) throws -> [Finding] {
    let (found, expected) = (try openExceptionsRoot(on: connection), try connection.root(of: .openExceptions))
    return found == expected ? [] : [Finding("exceptions", "those that are open are not those that the last run left open")]
  }

  /// What a run must know to be whole before it decides anything: the chain since the run before, what came since then, the settings, the runs,
  /// the open exceptions, and the numbers of items and requests.
  public static func findings(beforeRunOn connection: Connection, _ acts: ActCheck) throws -> [Finding] {
    let last = try connection.integer("SELECT coalesce(max(seal_id), 0) FROM seals WHERE kind = 'run'")
    var findings = try connection.chainFindings(from: max(1, last))
    findings += try acts.unsealedFindings() + acts.findings(fromSeal: last + 1) + acts.settingsFindings()
    findings += try runFindings(on: connection) + leftFindings(on: connection)
    return try findings + countFindings([.items, .matchedRequests, .agenda], on: connection)
  }

  /// What is wrong with the runs' own rows and with the exceptions that are open.
  static func runFindings(on connection: Connection) throws -> [Finding] {
    try RowChain.findings(.runs, allRuns, on: connection) + exceptionFindings(on: connection)
  }

  /// What is wrong with what is left on sheets: an item that is hidden there would be opened again.
  private static func leftFindings(on connection: Connection) throws -> [Finding] {
    let (found, expected) = (try LeftOnSheets.root(of: connection.leftOnSheets()), try connection.root(of: .sheetsLeft))
    return found == expected ? [] : [Finding("sheets", "what is left on them is not what the program left")]
  }

  private static func countFindings(_ trees: [StateTree], on connection: Connection) throws -> [Finding] {
    try trees.compactMap { tree in
      let found = try connection.integer("SELECT count(*) FROM \(tree.name)")
      let expected = try connection.root(of: tree).rowCount
      return found == expected ? nil : Finding(tree.name, "\(found) rows are there, the program left \(expected)")
    }
  }

  /// All of it, row by row.
  static func findings(on connection: Connection) throws -> [Finding] {
    var findings = try runFindings(on: connection) + leftFindings(on: connection)
    try findings.add { try PaymentLeaves(connection).findings() }
    findings += try RowSum.findings(
      .matchedRequests, "SELECT \(MatchedRequests.columns) FROM matched_requests", on: connection)
    findings += try RowSum.findings(.agenda, agenda, on: connection)
    try findings.add { try itemFindings(on: connection) }
    return findings
  }

  /// Each item as it is now against its leaf.
  private static func itemFindings(on connection: Connection) throws -> [Finding] {
    let leaves = try DigestTree(.items, on: connection)
    let digests = try VersionDigests(connection)
    var findings: [Finding] = []
    var ids: Set<Int64> = []
    let rows = try connection.prepare("SELECT item_id, version FROM items ORDER BY item_id")
    while try rows.step() {
      ids.insert(rows.int(0))
      if try digests.digest(of: rows.int(0), version: rows.int(1)) != leaves.digest(at: rows.int(0)) {
        findings.append(
          Finding("item \(LedgerCheck.itemName(rows.int(0)))", "it, or its days, are not as the program left them"))
      }
    }
    try leaves.each { id, _ in
      if !ids.contains(id) { findings.append(Finding("item \(LedgerCheck.itemName(id))", "it is missing")) }
    }
    return findings
  }
}
