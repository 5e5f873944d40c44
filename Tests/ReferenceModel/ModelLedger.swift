/// The queue as the contract (section 3) wants it after any night, kept in the plainest way.
public struct ModelLedger: Hashable, Sendable {
  public enum State: String, CaseIterable, Sendable {
    case pending, held, approved, rejected, withdrawn, paid

    var isUndecided: Bool { self == .pending || self == .held }
    var isCommitted: Bool { self == .approved || self == .paid }
  }

  public struct Day: Hashable, Sendable {
    public var cents: Int
    public var cause: Cause
    public var evidence: [String]
  }

  public struct Item: Hashable, Sendable {
    public var orderID: String
    public var periodID: String
    public var state: State
    public var days: [Int: Day]
    /// The business date of the run that opened it.
    public var openedOn: Int
    /// Approved by W1's or S2's own rule rather than by a person.
    public var auto: Bool
    /// Where it is paid to (H1, Q4), as of the run that restated it last.
    public var destination = ""
    /// G8, as of the night that restated it last.
    public var doubts: Set<Doubt> = []
    /// W1 or S2 would approve it, as of the run that restated it last.
    var isAutomatic = false
    /// G4: the day through which usage has to be known before that.
    var usageNeededThrough: Int?
    /// Held by G4 or G5 rather than by a person; `isHeldForEnd` is G5.
    var isHeldByGuard = false
    var isHeldForEnd = false
    /// G1: who approved it first, trimmed and without case, while a second person has not.
    public var firstApproval: String?

    public var cents: Int { days.values.reduce(0) { $0 + $1.cents } }
    public var takesWholePeriod: Bool { !days.isEmpty && days.values.allSatisfy(\.cause.takesWholePeriods) }
  }

  public struct Exception: Hashable, Sendable {
    public enum Kind: String, CaseIterable, Sendable {
      case overpaid, underpaid
      case farFuture = "far_future"
      case hitsNothing = "hits_nothing"
      case lineHeldTwice = "line_held_twice"
      case movedWithoutDate = "moved_without_date"
      case soldAfterWithdrawal = "sold_after_withdrawal"
      case endTakenBack = "end_taken_back"
      case notOwed = "not_owed"
      case unmatchedRequest = "unmatched_request"
      case withdrawnWithoutRecord = "withdrawn_without_record"
    }

    /// What facts are by themselves: a rerun leaves them to the next night.
    public static let ofFacts: Set<Kind> = [.farFuture, .hitsNothing, .lineHeldTwice, .movedWithoutDate, .soldAfterWithdrawal, .endTakenBack]

    public var kind: Kind
    /// An order, a request, or (for the kinds about money) a period.
    public var subject: String
    public var cents: Int
    /// The order it is about; empty for an unmatched request.
    var orderID = ""
  }

  /// In the order in which they were opened; an item is named by its place.
  public var items: [Item] = []
  public private(set) var decisions: [String: Verdict] = [:]
  public private(set) var exceptions: [Exception] = []
  public private(set) var lastClosed: Int?
  /// What each period's base was when a run last decided it; a period that is not known any more keeps the last one.
  private(set) var bases: [String: Int] = [:]
  /// What the base was when something of the period was last committed.
  private(set) var basesWhenCommitted: [String: Int] = [:]
  /// G1, as of the last run.
  private(set) var secondApprovalCents = 0

  /// The facts as they were taken in last.
  private(set) var world = World()
  /// G5: what was over or void and is so no more.
  var ends = EndsTakenBack()
  /// When rows came, and what they were first.
  private var arrivals = Arrivals()

  public init() {}

  /// Facts come in.
  public mutating func learn(_ world: World) {
    ends.compare(self.world, world)
    arrivals.note(world)
    self.world = world
  }

  /// Closes `date`.
  public mutating func night(_ world: World, closing date: Int) {
    if world != self.world { learn(world) }
    let (orders, verdicts) = world.judgements(date)
    secondApprovalCents = world.settings(at: date * secondsPerDay).secondApprovalCents
    for periodID in periodIDs(world) {
      restate(periodID, orders, openedOn: date, between: nil)
    }
    decisions = verdicts
    exceptions = sorted(
      unmatched() + exceptions(orders, onlyOrders: nil) + takenBack(verdicts) + world.exceptionsOfRecords()
        + arrivals.exceptions(world, closing: date))
    lastClosed = date
    ends.noteRun()
  }

  /// Decides service days `first...last` again from what is known now, as of the last closed date.
  ///
  /// Requests are decided anew when they belong, or belonged, to an order with such a period; exceptions are those of such orders,
  /// the others stay as they were. Refused before the first night, and beyond the last one.
  @discardableResult public mutating func rerun(_ world: World, from first: Int, to last: Int) -> RerunOutcome {
    guard let lastClosed, first <= last, last <= lastClosed else { return .refused }
    let before = canonicalItems() + canonicalDecisions() + canonicalExceptions()
    let (orders, verdicts) = world.judgements(lastClosed)
    secondApprovalCents = world.settings(at: lastClosed * secondsPerDay).secondApprovalCents
    let affected = world.periods.filter { $0.startsOn <= last && $0.endsOn > first }
    for periodID in periodIDs(world) where affected.contains(where: { $0.id == periodID }) {
      restate(periodID, orders, openedOn: lastClosed, between: first...last)
    }
    let affectedOrders = Set(affected.map(\.orderID))
    let gone = Set(decisions.keys).subtracting(verdicts.keys)
    for requestID in gone {
      if let orderID = decisions[requestID]?.orderID, affectedOrders.contains(orderID) { decisions[requestID] = nil }
    }
    // One that no order can be named for any more is no request of an order: it waits for the next night.
    for (requestID, verdict) in verdicts where verdict.orderID != nil || decisions[requestID]?.orderID == nil {
      let orderIDs = [verdict.orderID, decisions[requestID]?.orderID].compactMap { $0 }
      if orderIDs.contains(where: { affectedOrders.contains($0) }) { decisions[requestID] = verdict }
    }
    let others = exceptions.filter { Exception.ofFacts.contains($0.kind) || ($0.kind != .unmatchedRequest && !affectedOrders.contains($0.orderID)) }
    exceptions = sorted(unmatched() + others + exceptions(orders, onlyOrders: affectedOrders))
    if before == canonicalItems() + canonicalDecisions() + canonicalExceptions() { return .unchanged }
    ends.noteRun()
    return .changed
  }

  /// All periods there are and all that ever had an item, in order of id.
  private func periodIDs(_ world: World) -> [String] {
    Set(world.periods.map(\.id) + items.map(\.periodID)).sorted(by: bytewise)
  }

  /// Makes the one undecided item of a period what it should be, within `range` where one is given.
  ///
  /// - Parameter isReopening: Whether a person has just reopened it: it stays pending, and no run has decided the period.
  private mutating func restate(
    _ periodID: String, _ orders: [String: Judgement], openedOn: Int, between range: ClosedRange<Int>?, isReopening: Bool = false
  ) {
    let known = find(periodID, orders)
    var entitled: [EntitledDay] = []
    var base = 0
    var destination = ""
    if let (judgement, period) = known {
      entitled = judgement.entitlement(of: period)
      base = judgement.base(of: period)
      if !isReopening { bases[periodID] = base }
      destination = judgement.destination(of: period)
    }

    let mine = items.indices.filter { items[$0].periodID == periodID }
    var committedCents = 0
    var taken: Set<Int> = []
    for index in mine where items[index].state.isCommitted || items[index].state == .rejected {
      taken.formUnion(items[index].days.keys)
      if items[index].state.isCommitted { committedCents += items[index].cents }
    }
    let undecided = mine.first { items[$0].state.isUndecided }
    let before = undecided.map { items[$0].days } ?? [:]

    // W1 and S2 work on whole periods, when they come and when they go.
    let isWhole = entitled.contains(where: \.cause.takesWholePeriods) || before.values.contains(where: \.cause.takesWholePeriods)
    let isFree: (Int) -> Bool = { day in isWhole || range?.contains(day) ?? true }

    var after: [Int: Day] = before.filter { !isFree($0.key) }
    var left = max(base, committedCents) - committedCents - after.values.reduce(0) { $0 + $1.cents }
    for day in entitled where isFree(day.day) && !taken.contains(day.day) {
      let cents = max(0, min(day.cents, left))
      left -= cents
      after[day.day] = Day(cents: cents, cause: day.cause, evidence: day.evidence)
    }

    if after.values.reduce(0, { $0 + $1.cents }) == 0 {
      if let undecided {
        items[undecided].state = .withdrawn
        items[undecided].days = [:]
        items[undecided].firstApproval = nil
      }
      return
    }
    if let undecided {
      let former = items[undecided]
      items[undecided].days = after
      items[undecided].destination = destination
      if isRestated(former, items[undecided]) { items[undecided].firstApproval = nil }
      setRule(undecided, known)
      if !isReopening { holdOrApprove(undecided, known) }
    } else if let (judgement, _) = known {
      let item = Item(
        orderID: judgement.order.id, periodID: periodID, state: .pending, days: after, openedOn: openedOn, auto: false,
        destination: destination)
      items.append(item)
      setRule(items.count - 1, known)
      holdOrApprove(items.count - 1, known)
    }
  }

  /// G1: what the first approver saw is not what the second one would see. Evidence alone, and flags, do not count.
  private func isRestated(_ former: Item, _ now: Item) -> Bool {
    former.cents != now.cents || former.days.mapValues(\.cause) != now.days.mapValues(\.cause) || former.destination != now.destination
  }

  private mutating func setRule(_ index: Int, _ known: (Judgement, Period)?) {
    items[index].isAutomatic = known.map { $0.0.isAutomatic($0.1) } ?? false
    items[index].doubts = known.map { $0.0.doubts(about: $0.1) } ?? []
    items[index].usageNeededThrough = known.flatMap { $0.0.usageNeeded(for: $0.1) }
  }

  private func knowsUsage(_ item: Item) -> Bool { item.usageNeededThrough.map { ($0 + 1) * secondsPerDay <= world.importedAt } ?? true }

  /// What W1 or S2 would approve waits for usage (G4), and for a person where an end was taken back (G5). What a person holds stays held (W4).
  private mutating func holdOrApprove(_ index: Int, _ known: (Judgement, Period)?) {
    if items[index].state == .held && !items[index].isHeldByGuard { return }
    let isEnd = items[index].isAutomatic && known.map { isAnyTakenBack($0.0) } ?? false
    let waits = isEnd || (items[index].isAutomatic && !knowsUsage(items[index]))
    (items[index].isHeldByGuard, items[index].isHeldForEnd) = (waits, isEnd)
    items[index].state = waits ? .held : .pending
    approveByRule(index)
  }

  /// G5: the order itself, one of its periods or requests.
  private func isAnyTakenBack(_ judgement: Judgement) -> Bool {
    let id = judgement.order.id
    let records =
      [EndsTakenBack.Record.order(id)] + world.periods.filter { $0.orderID == id }.map { .period($0.id) }
      + judgement.verdicts.map { .request($0.request.id) }
    return records.contains { ends.stands($0, of: id) }
  }

  private func takenBack(_ verdicts: [String: Verdict]) -> [Exception] {
    ends.records.compactMap { record in
      let owner: String? =
        switch record {
        case .order(let id): id
        case .period(let id): world.periods.first { $0.id == id }?.orderID
        case .request(let id): verdicts[id]?.orderID
        case .other: nil
        }
      return ends.stands(record, of: owner) ? Exception(kind: .endTakenBack, subject: record.subject, cents: 0) : nil
    }
  }

  /// W1 and S2 are automatic; what would be too much waits for the night that restates it.
  private mutating func approveByRule(_ index: Int) {
    guard items[index].state == .pending, items[index].isAutomatic, !wouldExceedBase(index) else { return }
    commit(index)
    items[index].auto = true
  }

  private func find(_ periodID: String, _ orders: [String: Judgement]) -> (Judgement, Period)? {
    for judgement in orders.values {
      for period in judgement.periods where period.id == periodID { return (judgement, period) }
    }
    return nil
  }

  // Exceptions.

  private func unmatched() -> [Exception] {
    decisions.filter { $0.value.decision == .unmatched }.map { Exception(kind: .unmatchedRequest, subject: $0.key, cents: 0) }
  }

  private func exceptions(_ orders: [String: Judgement], onlyOrders: Set<String>?) -> [Exception] {
    var found: [Exception] = []
    for judgement in orders.values where judgement.lacksWithdrawalRecord && onlyOrders?.contains(judgement.order.id) ?? true {
      found.append(Exception(kind: .withdrawnWithoutRecord, subject: judgement.order.id, cents: 0, orderID: judgement.order.id))
    }
    for item in items where item.state.isCommitted && onlyOrders?.contains(item.orderID) ?? true {
      var owed: [Int: Int] = [:]
      if let (judgement, period) = find(item.periodID, orders) {
        for day in judgement.entitlement(of: period) { owed[day.day] = day.cents }
      }
      let lost = item.days.filter { owed[$0.key] == nil }
      if !lost.isEmpty {
        let cents = lost.values.reduce(0) { $0 + $1.cents }
        found.append(Exception(kind: .notOwed, subject: item.periodID, cents: cents, orderID: item.orderID))
      }
      var difference = 0
      for (day, committed) in item.days {
        if let now = owed[day] { difference += committed.cents - now }
      }
      if difference != 0 {
        let kind: Exception.Kind = difference > 0 ? .overpaid : .underpaid
        found.append(Exception(kind: kind, subject: item.periodID, cents: abs(difference), orderID: item.orderID))
      }
    }
    return found
  }

  private func sorted(_ exceptions: [Exception]) -> [Exception] {
    exceptions.sorted { ($0.kind.rawValue, $0.subject, $0.cents, $0.orderID) < ($1.kind.rawValue, $1.subject, $1.cents, $1.orderID) }
  }

  // What people decide. Each answers whether it was allowed from the item's state, and changes nothing when not.

  /// The place of the undecided item of a period, if it has one.
  public func undecidedItem(of periodID: String) -> Int? {
    items.indices.first { items[$0].periodID == periodID && items[$0].state.isUndecided }
  }

  @discardableResult public mutating func approve(_ index: Int) -> Bool {
    guard items[index].state == .pending, !wouldExceedBase(index) else { return false }
    commit(index)
    return true
  }

  /// Contract 7: what is committed for a period never exceeds its base when it is committed. Days that no run has restated since the base fell
  /// (they were rejected and reopened, or lay outside of a rerun) can be too much; the next night restates them.
  public func wouldExceedBase(_ index: Int) -> Bool {
    let periodID = items[index].periodID
    return committedCents(of: periodID) + items[index].cents > bases[periodID] ?? 0
  }

  func committedCents(of periodID: String) -> Int {
    items.filter { $0.periodID == periodID && $0.state.isCommitted }.reduce(0) { $0 + $1.cents }
  }

  private mutating func commit(_ index: Int) {
    items[index].state = .approved
    items[index].firstApproval = nil
    basesWhenCommitted[items[index].periodID] = bases[items[index].periodID]
  }

  @discardableResult public mutating func reject(_ index: Int) -> Bool { move(index, from: [.pending], to: .rejected) }

  @discardableResult public mutating func hold(_ index: Int) -> Bool { move(index, from: [.pending], to: .held) }

  @discardableResult public mutating func pay(_ index: Int) -> Bool { move(index, from: [.approved], to: .paid) }

  /// To pending; an item of W1 or S2 is approved by its own rule.
  @discardableResult public mutating func release(_ index: Int) -> Bool {
    guard move(index, from: [.held], to: .pending) else { return false }
    if items[index].isHeldForEnd { ends.release(items[index].orderID) }
    (items[index].isHeldByGuard, items[index].isHeldForEnd) = (false, false)
    // G4 Before usage is known people decide it.
    if knowsUsage(items[index]) { approveByRule(index) }
    return true
  }

  /// To pending, from rejected or approved; refused while the period has another undecided item.
  @discardableResult public mutating func reopen(_ index: Int) -> Bool {
    guard undecidedItem(of: items[index].periodID) == nil, move(index, from: [.rejected, .approved], to: .pending) else { return false }
    items[index].auto = false
    items[index].firstApproval = nil
    // D2: what is owed of it by now.
    if let lastClosed {
      let (orders, _) = world.judgements(lastClosed)
      restate(items[index].periodID, orders, openedOn: lastClosed, between: nil, isReopening: true)
    }
    return true
  }

  private mutating func move(_ index: Int, from allowed: [State], to state: State) -> Bool {
    guard allowed.contains(items[index].state) else { return false }
    items[index].state = state
    return true
  }
}
