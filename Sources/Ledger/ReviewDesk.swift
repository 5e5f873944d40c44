import AuditLog
import Foundation
public import RefundPolicy
public import Storage

/// What a person can decide of an item (contract 5).
public enum ReviewAct: String, Hashable, Sendable, CaseIterable {
  case approve, reject, hold, release, reopen, correct
  /// D2: what reopening made of an item's days: what is owed of them now.
  case restate
  /// G1, Q4: the address that came after two people had approved the item.
  case confirmAddress = "confirm_address"

  /// What a reader of the log must be told why.
  public var needsNote: Bool {
    switch self {
    case .reject, .reopen, .correct: true
    case .approve, .hold, .release, .restate, .confirmAddress: false
    }
  }

  /// The states from which it is allowed.
  public var allowed: [ItemState] {
    switch self {
    case .approve, .reject, .hold, .correct, .restate: [.pending]
    case .confirmAddress: [.approved]
    case .release: [.held]
    case .reopen: [.rejected, .approved, .prepared]
    }
  }
}

/// Why a decision is refused (65); the item is as it was.
public enum ReviewRefusal: Error, Hashable, Sendable {
  /// It is no name of a person.
  case badName(String)
  /// G1: its letters are of different scripts, so that it could look like another name.
  case mixedScripts(String)
  /// The settings name who may decide, and this is none of them.
  case notAReviewer(String, known: [String])
  /// The settings name the system users that may act under the name.
  case notTheirUser(String, user: String, allowed: [String])
  /// With the last item that there is, where there is one.
  case noSuchItem(ItemID, last: ItemID?)
  /// The item is not worth what the reviewer saw.
  case stale(ItemID, seen: Cents, now: Cents)
  /// The item's days or destination are not what the reviewer saw.
  case staleBeside(ItemID, what: String)
  case wrongState(ItemID, ReviewAct, ItemState)
  /// G1: the same person approved it before, under the name that the log has.
  case approvedBefore(ItemID, by: String)
  case noteMissing(ItemID, ReviewAct)
  /// A period has one undecided item at most.
  case otherUndecided(ItemID, other: ItemID)
  /// D2: a correction never exceeds what was paid, less what is committed already.
  case aboveWhatWasPaid(ItemID, most: Cents)
  case sameAmount(ItemID)
  /// The wallet may be paying it: only what was prepared for the processor is reopened.
  case preparedForWallet(ItemID)
  /// P5: more would be committed than the base of the period as the last run worked it out.
  case aboveBase(ItemID, base: Cents)
  /// Q4: the item's address needs nobody's word.
  case nothingToConfirm(ItemID)
  /// G1, Q4: only somebody who approved the item confirms its address.
  case notAnApprover(ItemID, by: String)
}

/// What a reviewer saw of an item: the decision is bound to it.
public struct SeenItem: Hashable, Sendable {
  public var amount: Cents
  /// Nil where what was seen does not tell.
  public var dayCount: Int?
  public var address: String?
  public var tag: String?
  public var coin: String?
  public var network: String?

  public init(amount: Cents, dayCount: Int? = nil, address: String? = nil, tag: String? = nil, coin: String? = nil, network: String? = nil) {
    (self.amount, self.dayCount, self.address, self.tag) = (amount, dayCount, address, tag)
    (self.coin, self.network) = (coin, network)
  }

  /// All that a reviewer sees of an item.
  public init(_ item: Item) {
    self.init(
      amount: item.amount, dayCount: item.dayCount, address: item.address ?? "", tag: item.tag ?? "", coin: item.coin, network: item.network ?? "")
  }

  func mustBe(_ item: Item) throws(ReviewRefusal) {
    if amount != item.amount { throw .stale(item.id, seen: amount, now: item.amount) }
    if let dayCount, dayCount != item.dayCount { throw .staleBeside(item.id, what: "\(dayCount) days were seen, \(item.dayCount) it is now") }
    let destination = (item.address ?? "").trimmingSpaces
    if let address, address.trimmingSpaces != destination {
      throw .staleBeside(item.id, what: "it is paid to '\(item.address ?? "")' now, not to '\(address)'")
    }
    if let tag, !tag.isSameTag(as: item.tag ?? "") {
      throw .staleBeside(item.id, what: "it is paid with the tag '\(item.tag ?? "")' now, not with '\(tag)'")
    }
    let (wasCoin, wasNetwork) = (coin ?? item.coin, network ?? item.network ?? "")
    if wasCoin != item.coin || wasNetwork != item.network ?? "" {
      throw .staleBeside(
        item.id, what: "it is paid in \(SeenItem.name(item.coin, item.network ?? "")) now, not in \(SeenItem.name(wasCoin, wasNetwork))")
    }
  }

  private static func name(_ coin: String, _ network: String) -> String { network.isEmpty ? coin : "\(coin) on \(network)" }
}

/// What became of a decision.
public enum ReviewOutcome: Hashable, Sendable {
  /// The item as it stands now.
  case done(Item)
  /// G1: it stays pending until another person approves it.
  case awaitsSecond(Item)
  /// It was decided just so before.
  case unchanged(Item)
}

/// Takes people's decisions, inside one transaction: each on the version of the item that it was made for.
public final class ReviewDesk {
  let connection: Connection
  let reviewer: Reviewer
  let now: Instant
  /// What was taken back from a batch because a refund of the same payment was reopened.
  public internal(set) var takenBack: [ItemID] = []
  private let settings: SettingsHistory
  /// The run in whose totals the decisions count: the next one.
  private let run: RunID
  let versions: ItemVersions
  private let restating: Restating
  private let insertReview: RawStatement
  private let firstReview: Int64
  private var nextReview: Int64

  /// What is owed now of an item that was reopened, as a run as of the last closed date would have it.
  public enum Restated: Hashable, Sendable {
    case owed(ItemWithDays)
    /// Nothing of it.
    case withdrawn
  }

  /// Decides a reopened item anew. It is given the item as it is pending again, with its days.
  public typealias Restating = (ItemWithDays, Connection) throws -> Restated

  /// - Parameter restating: What an item comes to that is reopened (D2).
  public init(_ reviewer: Reviewer, at now: Instant, on connection: Connection, restating: @escaping Restating) throws {
    (self.reviewer, self.now, self.connection, self.restating) = (reviewer, now, connection, restating)
    settings = try connection.settings()
    run = RunID(try connection.integer("SELECT coalesce(max(run_id), 0) + 1 FROM runs"))
    versions = try ItemVersions(connection)
    firstReview = try connection.integer("SELECT coalesce(max(review_id), 0) + 1 FROM reviews")
    nextReview = firstReview
    insertReview = try connection.prepare(
      """
      INSERT INTO reviews (review_id, run_id, reviewed_at, reviewer, reviewer_key, item_id, version, revision, decision, note, state_before,
        state_after, before_cents, after_cents, digest, customer_reason)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
      """)
  }

  /// Decides an item.
  ///
  /// - Parameters:
  ///   - seen: What the reviewer saw; nil where the decision names nothing.
  ///   - reason: What a rejection tells the customer; nil tells none. Spaces at its ends do not count.
  ///   - isRepeatable: Whether a decision that stands already is no error.
  /// - Throws: ``ReviewRefusal``, and ``StorageError`` from the database.
  public func decide(
    _ act: ReviewAct, _ id: ItemID, seen: SeenItem? = nil, note: String?, forCustomer reason: String? = nil, isRepeatable: Bool = false
  ) throws -> ReviewOutcome {
    guard var item = try connection.item(id) else { throw ReviewRefusal.noSuchItem(id, last: try connection.lastItem()) }
    if act.needsNote && (note ?? "").allSatisfy(\.isWhitespace) { throw ReviewRefusal.noteMissing(id, act) }
    try seen?.mustBe(item)
    if try isRepeatable && stands(act, item) { return .unchanged(item) }
    guard act.allowed.contains(item.state) else { throw ReviewRefusal.wrongState(id, act, item.state) }

    var new = item
    switch act {
    case .approve:
      if let base = try exceededBase(item) { throw ReviewRefusal.aboveBase(id, base: base) }
      if let name = try approvedAs(item) { throw ReviewRefusal.approvedBefore(id, by: name) }
      let isEnough = try approvals(of: item) + 1 >= (try needsTwo(item) ? 2 : 1)
      if isEnough { new.flags.subtract(.oneApproval) } else { new.flags.formUnion(.oneApproval) }
      new.state = isEnough ? .approved : .pending
    case .reject:
      new.state = .rejected
      new.flags.subtract(.oneApproval)
    case .hold: new.state = .held
    // W1, S2: approved by the policy, once nobody holds it any more; W1 not before usage is known (G4): until then people decide it.
    case .release:
      let isByPolicy = try item.isAutomatic && exceededBase(item) == nil && connection.knowsUsage(for: id) && !connection.isCorrectedAboveOwed(item)
      new.state = isByPolicy ? .approved : .pending
      // G2, G5 The night's limit and the end that was taken back hold it no more.
      new.flags.subtract(.guards)
    case .reopen:
      if let other = try undecided(ofPeriod: item.periodID) { throw ReviewRefusal.otherUndecided(id, other: other) }
      if item.state == .prepared {
        item = try takeBack(item, note: note ?? "")
        new = item
      }
      new.state = .pending
      new.flags.subtract([.newerAddress, .unconfirmedAddress])
      // What was approved before the reopening does not count again.
      new.revision += 1
    case .confirmAddress:
      guard item.flags.contains(.unconfirmedAddress) else { throw ReviewRefusal.nothingToConfirm(id) }
      guard try isApprover(of: item) else { throw ReviewRefusal.notAnApprover(id, by: reviewer.name) }
      new.flags.subtract(.unconfirmedAddress)
    case .correct, .restate: throw ReviewRefusal.wrongState(id, act, item.state)
    }
    let stored = try record(act, item, new, days: nil, note: note, forCustomer: reason)
    if act == .reopen { return .done(try restate(stored)) }
    return act == .approve && stored.state == .pending ? .awaitsSecond(stored) : .done(stored)
  }

  /// D2: sets the amount of a pending item beyond the policy, and approves it at that amount.
  ///
  /// - Throws: ``ReviewRefusal``, and ``StorageError`` from the database.
  public func correct(_ id: ItemID, to amount: Cents, note: String) throws -> ReviewOutcome {
    guard let item = try connection.item(id) else { throw ReviewRefusal.noSuchItem(id, last: try connection.lastItem()) }
    guard ReviewAct.correct.allowed.contains(item.state) else { throw ReviewRefusal.wrongState(id, .correct, item.state) }
    if note.allSatisfy(\.isWhitespace) { throw ReviewRefusal.noteMissing(id, .correct) }
    if amount == item.amount { throw ReviewRefusal.sameAmount(id) }
    let most = try leftOfWhatWasPaid(item)
    if amount > most || amount == .zero { throw ReviewRefusal.aboveWhatWasPaid(id, most: most) }
    var new = item
    new.amount = amount
    new.flags.formUnion(.corrected)
    new.flags.subtract(.oneApproval)
    new.revision += 1
    try versions.takeOver(id)
    let days = try versions.days(of: item).spread(amount)
    _ = try record(.correct, item, new, days: days, note: note)
    return try decide(.approve, id, note: note)
  }

  /// D2: makes a reopened item what is owed of it now, so that no days are approved again that are not owed any more.
  private func restate(_ reopened: Item) throws -> Item {
    let days = try versions.days(of: reopened)
    switch try restating(ItemWithDays(item: reopened, stretches: days), connection) {
    case .withdrawn:
      var new = reopened.withdrawn
      new.revision += 1
      return try record(.restate, reopened, new, days: [], note: nil)
    case .owed(let restated):
      var new = restated.item
      // A version that differs in nothing is none.
      (new.run, new.version, new.revision, new.reviewID) = (reopened.run, reopened.version, reopened.revision, reopened.reviewID)
      if new == reopened && restated.stretches == days { return reopened }
      new.revision += 1
      return try record(.restate, reopened, new, days: restated.stretches, note: nil)
    }
  }

  /// Seals what was decided; without it the transaction is not to be kept.
  public func finish() throws {
    if nextReview == firstReview { return }
    try versions.seal()
    try connection.seal(.review, firstReview, by: reviewer.name, at: now) {
      try ReviewContent.add(firstReview..<nextReview, from: connection, to: &$0)
    }
  }

  /// Whether a decision is what the item shows already.
  private func stands(_ act: ReviewAct, _ item: Item) throws -> Bool {
    switch act {
    case .approve: return try item.state.isCommitted || (item.state == .pending && approvedAs(item) != nil)
    case .reject: return item.state == .rejected
    case .hold: return item.state == .held
    case .release: return item.state == .pending || (item.state == .approved && item.isAutomatic)
    case .confirmAddress: return item.state == .approved && !item.flags.contains(.unconfirmedAddress)
    case .reopen, .correct, .restate: return false
    }
  }

  /// Whether the reviewer approved the item since it was reopened last.
  private func isApprover(of item: Item) throws -> Bool {
    let row = try connection.prepare(
      """
      SELECT 1 FROM reviews WHERE item_id = ?1 AND decision = 'approve' AND reviewer_key = ?2
        AND review_id > coalesce((SELECT max(review_id) FROM reviews WHERE item_id = ?1 AND decision = 'reopen'), 0)
      """)
    try row.bind(1, item.id.number)
    try row.bind(2, reviewer.key)
    return try row.step()
  }

  private func approvals(of item: Item) throws -> Int64 {
    try connection.integer(
      "SELECT count(DISTINCT reviewer_key) FROM reviews WHERE item_id = ?1 AND revision = ?2 AND decision = 'approve'",
      item.id.number, item.revision)
  }

  /// The name under which the reviewer approved the item as it is; nil where they did not.
  private func approvedAs(_ item: Item) throws -> String? {
    let row = try connection.prepare(
      "SELECT reviewer FROM reviews WHERE item_id = ?1 AND revision = ?2 AND decision = 'approve' AND reviewer_key = ?3")
    try row.bind(1, item.id.number)
    try row.bind(2, item.revision)
    try row.bind(3, reviewer.key)
    return try row.step() ? row.text(0) : nil
  }

  /// G1: by the settings now, or by those of the last run; a correction above what is owed whatever the amount (D2).
  private func needsTwo(_ item: Item) throws -> Bool {
    if try connection.isCorrectedAboveOwed(item) { return true }
    return !item.isAutomatic && (item.flags.contains(.secondApproval) || item.amount >= settings.operating(at: now).secondApproval)
  }

  private func undecided(ofPeriod periodID: String) throws -> ItemID? {
    let row = try connection.prepare("SELECT item_id FROM items WHERE period_id = ?1 AND state IN ('pending', 'held')")
    try row.bind(1, periodID)
    return try row.step() ? ItemID(row.int(0)) : nil
  }

  /// The base that committing the item would exceed: it fell since the item's days were worked out, and no run has restated them (contract 7).
  private func exceededBase(_ item: Item) throws -> Cents? {
    if item.flags.contains(.corrected) { return nil }
    let row = try connection.prepare(
      """
      SELECT coalesce((SELECT base_cents FROM period_bases WHERE period_id = ?1 ORDER BY run_id DESC LIMIT 1), ?2),
        (SELECT coalesce(sum(s.amount_cents), 0) FROM stretches AS s JOIN items AS i USING (item_id)
         WHERE s.period_id = ?1 AND i.state IN ('approved', 'prepared', 'sent', 'paid'))
      """)
    try row.bind(1, item.periodID)
    try row.bind(2, item.base.count)
    guard try row.step() else { return nil }
    return row.int(1) + item.amount.count > row.int(0) ? Cents(row.int(0)) : nil
  }

  private func leftOfWhatWasPaid(_ item: Item) throws -> Cents {
    let row = try connection.prepare(
      """
      SELECT coalesce(sum(s.amount_cents), 0) FROM stretches AS s JOIN items AS i USING (item_id)
      WHERE s.period_id = ?1 AND i.state IN ('approved', 'prepared', 'sent', 'paid')
      """)
    try row.bind(1, item.periodID)
    return try row.step() ? max(.zero, item.paid - Cents(row.int(0))) : .zero
  }

  /// Writes the review, then the version that it makes: the database lets an item move only where a review says so.
  private func record(
    _ act: ReviewAct, _ item: Item, _ draft: Item, days: [ItemStretch]?, note: String?, forCustomer reason: String? = nil
  ) throws -> Item {
    var new = draft
    new.run = run
    new.version = item.version + 1
    new.reviewID = nextReview
    try versions.takeOver(item.id)
    let formerDays = try versions.days(of: item)
    try versions.check(item, formerDays)
    let digest = ItemColumns.digest(new, days ?? formerDays)
    try insertReview.bind(1, nextReview)
    try insertReview.bind(2, run.number)
    try insertReview.bind(3, now.seconds)
    try insertReview.bind(4, reviewer.name)
    try insertReview.bind(5, reviewer.key)
    try insertReview.bind(6, item.id.number)
    try insertReview.bind(7, item.version)
    try insertReview.bind(8, item.revision)
    try insertReview.bind(9, act.rawValue)
    try insertReview.bind(10, note)
    try insertReview.bind(11, item.state.rawValue)
    try insertReview.bind(12, new.state.rawValue)
    try insertReview.bind(13, item.amount.count)
    try insertReview.bind(14, new.amount.count)
    try insertReview.bind(15, blob: digest)
    let told = (reason ?? "").trimmingSpaces
    try insertReview.bind(16, told.isEmpty ? nil : String(told))
    try insertReview.run()
    try versions.replace(item, with: new, days: days, until: run, digest)
    nextReview += 1
    return new
  }
}

extension String {
  /// Spreadsheets keep no spaces at the ends.
  fileprivate var trimmingSpaces: Substring {
    var text = self[...]
    while text.first?.isWhitespace ?? false { text.removeFirst() }
    while text.last?.isWhitespace ?? false { text.removeLast() }
    return text
  }

  /// The same tag, also where a spreadsheet took it for a number: `007` comes back as `7`. An empty one and `0` differ.
  fileprivate func isSameTag(as other: String) -> Bool {
    func plain(_ text: Substring) -> Substring {
      guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return text }
      return text.prefix(max(text.count - 1, 0)).drop { $0 == "0" } + text.suffix(1)
    }
    return plain(trimmingSpaces) == plain(other.trimmingSpaces)
  }
}

extension [ItemStretch] {
  /// The same days, together worth `amount`: in proportion to what they are worth now, rounded down, the rest on the last.
  fileprivate func spread(_ amount: Cents) -> [ItemStretch] {
    let total = Int128(self.total.count)
    var (before, given) = (Int128(0), Cents.zero)
    return map { stretch in
      before += Int128(stretch.amount.count)
      let through = Cents(Int64(Int128(amount.count) * before / Swift.max(total, 1)))
      defer { given = through }
      var new = stretch
      new.amount = through - given
      return new
    }
  }
}

extension Connection {
  /// The item that was opened last.
  public func lastItem() throws -> ItemID? {
    let last = try integer(
      "SELECT max((SELECT coalesce(max(item_id), 0) FROM items), coalesce((SELECT last_item FROM sheets ORDER BY first_item DESC LIMIT 1), 0))")
    return last > 0 ? ItemID(last) : nil
  }
}
