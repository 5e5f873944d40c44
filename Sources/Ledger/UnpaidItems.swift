public import Coins
public import RefundPolicy
public import Storage

/// An item that is approved and not paid yet, as it was when a run ended.
public struct UnpaidItem: Hashable, Sendable {
  public var item: Item
  public var approval: Approval
  public var place: UnpaidPlace
  /// N5: days of it turned out not to be owed after it was approved.
  public var isNotOwed: Bool
  /// What the processor said of it that no person had answered.
  public var question: SettlementQuestion?
  /// Why a person is needed.
  public var stuck: String?

  /// When an item was approved, and by whom.
  public struct Approval: Hashable, Sendable {
    /// The day of the last review; of what a run approved, its business date.
    public var on: ServiceDay
    /// Each person who approved it; `policy` where W1 or S2 did.
    public var by: [String]
  }
}

/// How far an unpaid item is.
public enum UnpaidPlace: Hashable, Sendable {
  /// In no batch; with what the last batch that looked at it said since it was approved, or was taken back from one.
  case approved(leftover: LeftBehind?)
  /// Taken back from a batch, and not looked at by another one since.
  case takenBack(LeftBehind)
  case prepared(BatchID, on: ServiceDay, PayoutRoute)
  case sent(BatchID, on: ServiceDay, txid: String)

  public struct LeftBehind: Hashable, Sendable {
    public var batch: BatchID
    public var on: ServiceDay
    /// One plain sentence.
    public var reason: String
  }
}

extension Connection {
  /// Goes through the items that were approved, prepared or sent when a run ended, by id; what was done since is left out.
  public func eachUnpaid(asOf run: RunID, _ body: (UnpaidItem) throws -> Void) throws {
    let isUnpaid = SQL.isOne("state", of: "approved", "prepared", "sent")
    let rows = try prepare(
      """
      SELECT \(ItemColumns.names) FROM items INDEXED BY item_unpaid WHERE \(isUnpaid) AND run_id <= ?1
      UNION ALL SELECT \(ItemColumns.names) FROM former_items INDEXED BY former_unpaid WHERE \(isUnpaid) AND until_run > ?1 AND run_id <= ?1
      ORDER BY item_id
      """)
    try rows.bind(1, run.number)
    let reader = try UnpaidReader(run, self)
    while try rows.step() { try body(reader.read(ItemColumns.read(rows))) }
  }
}

/// Reads what is told of unpaid items besides their versions, as of a run.
private struct UnpaidReader {
  private let run: RunID
  private let versions, review, approvers, nightly, moves, leftover: RawStatement
  /// Nil where there is none of any item: mostly so, and there may be many items.
  private let notOwed, question, stuck: RawStatement?

  init(_ run: RunID, _ connection: Connection) throws {
    self.run = run
    versions = try connection.prepare(
      "SELECT state, run_id, review_id FROM former_items WHERE item_id = ?1 AND version < ?2 ORDER BY version DESC")
    review = try connection.prepare("SELECT reviewed_at, decision, revision FROM reviews WHERE review_id = ?1")
    approvers = try connection.prepare(
      """
      SELECT reviewer FROM reviews WHERE item_id = ?1 AND revision = ?2 AND review_id <= ?3 AND decision = 'approve' ORDER BY review_id
      """)
    nightly = try connection.prepare("SELECT business_day, recorded_at FROM runs WHERE run_id = ?1")
    moves = try connection.prepare(
      """
      SELECT m.state_after, m.batch_id, a.acted_at, y.route, m.txid, m.note FROM payout_moves AS m JOIN payout_acts AS a USING (act_id)
        JOIN payouts AS p USING (batch_id, item_id) JOIN payments AS y USING (batch_id, payment_no)
      WHERE m.item_id = ?1 AND m.version < ?2 ORDER BY m.version DESC LIMIT 1
      """)
    func prepare(_ query: String, ifAny rows: String) throws -> RawStatement? {
      try connection.integer("SELECT EXISTS (SELECT 1 FROM \(rows))") == 1 ? connection.prepare(query) : nil
    }
    notOwed = try prepare("SELECT \(PayoutGuards.isNotOwed("?1", asOf: "?2"))", ifAny: "exceptions WHERE kind = 'not_owed'")
    question = try prepare(
      """
      SELECT \(SettlementQuestion.columns) FROM payouts AS p JOIN settlement_questions AS q USING (batch_id, payment_no)
        JOIN payout_acts AS a ON a.act_id = q.act_id LEFT JOIN settlement_answers AS w USING (question_id)
        LEFT JOIN payout_acts AS b ON b.act_id = w.act_id
      WHERE p.item_id = ?1 AND a.run_id <= ?2 AND (b.run_id IS NULL OR b.run_id > ?2) ORDER BY q.question_id LIMIT 1
      """, ifAny: "settlement_questions")
    stuck = try prepare(
      """
      SELECT s.note FROM payouts AS p JOIN attempt_payments AS t USING (batch_id, payment_no) JOIN attempt_steps AS s USING (attempt_id)
        JOIN payout_acts AS a ON a.act_id = s.act_id
      WHERE p.item_id = ?1 AND s.step = 'stuck' AND a.run_id <= ?2 AND NOT EXISTS (
        SELECT 1 FROM attempt_steps AS d JOIN payout_acts AS b USING (act_id)
        WHERE d.attempt_id = s.attempt_id AND d.step IN ('dead', 'confirmed') AND b.run_id <= ?2)
      ORDER BY s.attempt_id DESC LIMIT 1
      """, ifAny: "attempt_steps WHERE step = 'stuck'")
    leftover = try connection.prepare(
      """
      SELECT l.batch_id, a.acted_at, l.reason FROM leftovers AS l JOIN payout_acts AS a USING (act_id)
      WHERE l.item_id = ?1 AND a.run_id <= ?2 AND a.acted_at >= ?3 ORDER BY l.batch_id DESC LIMIT 1
      """)
  }

  func read(_ item: Item) throws -> UnpaidItem {
    let (approval, since) = try approval(of: item)
    return UnpaidItem(
      item: item, approval: approval, place: try place(of: item, approvedAt: since), isNotOwed: try isNotOwed(item), question: try question(of: item),
      stuck: try stuck(item))
  }

  /// The first of the versions that have been unpaid without a break is the one that was approved.
  ///
  /// - Returns: And the instant of it.
  private func approval(of item: Item) throws -> (UnpaidItem.Approval, at: Instant) {
    var (runID, reviewID) = (item.run.number, item.reviewID)
    try versions.bind(1, item.id.number)
    try versions.bind(2, item.version)
    while try versions.step(), ItemState(rawValue: versions.text(0))?.isUnpaid ?? false {
      (runID, reviewID) = (versions.int(1), versions.optionalInt(2))
    }
    versions.reset()
    if let reviewID, let found = try reviewed(item, by: reviewID) { return found }
    defer { nightly.reset() }
    try nightly.bind(1, runID)
    guard try nightly.step() else { throw StorageError.refused(why: "nothing tells when item \(item.id) was approved") }
    return (UnpaidItem.Approval(on: nightly.day(0), by: ["policy"]), nightly.instant(1))
  }

  private func reviewed(_ item: Item, by reviewID: Int64) throws -> (UnpaidItem.Approval, at: Instant)? {
    defer {
      review.reset()
      approvers.reset()
    }
    try review.bind(1, reviewID)
    guard try review.step() else { return nil }
    let at = review.instant(0)
    // A released item of W1 or S2 is approved by the policy.
    if ReviewAct(rawValue: review.text(1)) != .approve { return (UnpaidItem.Approval(on: at.day, by: ["policy"]), at) }
    try approvers.bind(1, item.id.number)
    try approvers.bind(2, review.int(2))
    try approvers.bind(3, reviewID)
    var names: [String] = []
    while try approvers.step() { names.append(approvers.text(0)) }
    return (UnpaidItem.Approval(on: at.day, by: names), at)
  }

  private func place(of item: Item, approvedAt: Instant) throws -> UnpaidPlace {
    defer { moves.reset() }
    try moves.bind(1, item.id.number)
    try moves.bind(2, item.version)
    let hasMoved = try moves.step()
    switch (item.state, hasMoved) {
    case (.prepared, true):
      guard let route = PayoutRoute(rawValue: moves.text(3)) else {
        throw StorageError.refused(why: "item \(item.id) is paid by the unknown way '\(moves.text(3))'")
      }
      return .prepared(BatchID(moves.int(1)), on: moves.instant(2).day, route)
    case (.sent, true): return .sent(BatchID(moves.int(1)), on: moves.instant(2).day, txid: moves.text(4))
    case (.prepared, false), (.sent, false): throw StorageError.refused(why: "item \(item.id) is in payout, and nothing tells in which batch")
    default:
      // What was taken back from a batch is ready for the next one, whatever was said before.
      let takenBack = hasMoved && ItemState(rawValue: moves.text(0)) == .approved && moves.instant(2) >= approvedAt
      let leftover = try leftover(of: item, since: takenBack ? moves.instant(2) : approvedAt)
      if leftover != nil || !takenBack { return .approved(leftover: leftover) }
      return .takenBack(UnpaidPlace.LeftBehind(batch: BatchID(moves.int(1)), on: moves.instant(2).day, reason: moves.text(5)))
    }
  }

  private func leftover(of item: Item, since: Instant) throws -> UnpaidPlace.LeftBehind? {
    defer { leftover.reset() }
    try leftover.bind(1, item.id.number)
    try leftover.bind(2, run.number)
    try leftover.bind(3, since.seconds)
    guard try leftover.step() else { return nil }
    return UnpaidPlace.LeftBehind(batch: BatchID(leftover.int(0)), on: leftover.instant(1).day, reason: leftover.text(2))
  }

  private func isNotOwed(_ item: Item) throws -> Bool {
    guard let notOwed else { return false }
    defer { notOwed.reset() }
    try notOwed.bind(1, item.id.number)
    try notOwed.bind(2, run.number)
    return try notOwed.step() && notOwed.int(0) == 1
  }

  private func question(of item: Item) throws -> SettlementQuestion? {
    guard let question else { return nil }
    defer { question.reset() }
    try question.bind(1, item.id.number)
    try question.bind(2, run.number)
    return try question.step() ? question.settlementQuestion() : nil
  }

  private func stuck(_ item: Item) throws -> String? { try text(stuck, of: item) }

  private func text(_ statement: RawStatement?, of item: Item) throws -> String? {
    guard let statement else { return nil }
    defer { statement.reset() }
    try statement.bind(1, item.id.number)
    try statement.bind(2, run.number)
    return try statement.step() ? statement.text(0) : nil
  }
}

/// Why an approved item is left out of payouts whatever the rates are: the same sentence wherever it is told.
public enum PayoutObstacle: Hashable, Sendable {
  /// H4: what the processor says of it waits for a person.
  case question(SettlementQuestion)
  /// N5
  case notOwed
  /// H1
  case destination(DestinationProblem)
  /// Q4: two people approved it before it had an address.
  case unconfirmedAddress(ItemID)

  /// One plain sentence.
  public var sentence: String {
    switch self {
    case .question(let question):
      PayoutObstacle.capitalized(question.words())
        + " (H4); a person settles it with 'makegood payout settle --accept \(question.payment)', or '--dismiss'."
    case .notOwed: "Days of it are not owed any more; it is paid when somebody has looked at it and approved it again (N5)."
    case .destination(let problem): PayoutObstacle.capitalized(problem.words) + " (H1)."
    case .unconfirmedAddress(let id):
      "Its address came after two people had approved it; one of them confirms it with 'makegood review confirm-address \(id)' (G1, Q4)."
    }
  }

  private static func capitalized(_ words: String) -> String { words.prefix(1).uppercased() + words.dropFirst() }
}
