import RefundPolicy

/// What the page tells, gathered while rows stream by. Its size does not grow with the number of rows, only with distinct due days.
struct Figures: Sendable {
  static let largestShown = 20
  static let exceptionsShown = 50
  static let unpaidShown = 20

  /// How many, and their amount.
  struct Total: Hashable, Sendable {
    var count = 0
    var amount = Cents.zero

    mutating func add(_ count: Int, _ amount: Cents) {
      self.count += count
      self.amount += amount
    }

    mutating func add(_ other: Total) { add(other.count, other.amount) }
  }

  /// What the run did to an item.
  struct Refund: Sendable {
    let item: ReportedItem<String>
    let change: Cents
  }

  struct Verdict: Hashable, Sendable {
    let verdict: RequestVerdict
    let clause: Clause
  }

  /// Largest amount first, then by item.
  private(set) var largest: [Refund] = []
  private(set) var refundCount = 0
  /// The sum of change_usd, and of what people corrected.
  private(set) var change = Cents.zero

  mutating func add(corrections: Cents) { change += corrections }
  /// Days and their amount, by the raw value of their cause.
  private var byCause = [Total](repeating: Total(), count: Cause.allCases.count)
  private var byDueDay: [ServiceDay: Total] = [:]
  /// Of the latest days for each hash, what is not among the others yet: most of what waits is due on few days.
  private var latestDue = [(day: ServiceDay, total: Total)](repeating: (ServiceDay(ordinal: 0), Total()), count: 16)
  private(set) var queue = Total()
  private(set) var overdue = Total()
  /// What guards hold, by the flag that says so (G2, G4, G5).
  private(set) var held: [ItemFlag: Total] = [:]
  private(set) var requests: [Verdict: Int] = [:]
  private(set) var exceptions: [ExceptionRow] = []
  private(set) var exceptionCount = 0
  /// Those that nobody had seen when the run ended.
  var unseenExceptions = 0
  /// What was said since the run before of how closed dates should have been decided.
  var rewrites: [HistoryRewrite] = []
  private(set) var exceptionsByKind: [ExceptionKind: Int] = [:]
  private(set) var summary: [SummaryRow] = []
  /// Of what is approved and not paid: all of it, what is overdue, and the rows that are due first.
  private(set) var unpaid = Total()
  private(set) var overdueUnpaid = Total()
  private(set) var unpaidDueFirst: [UnpaidRow] = []

  /// - Parameter change: Of its amount by the run.
  mutating func add(_ item: borrowing ReportedItem<some ReportText>, change: Cents) {
    refundCount += 1
    self.change += change
    if let place = placeAmongLargest(item.amount, item.id) { insert(Refund(item: item.kept, change: change), at: place) }
  }

  /// Nil where it is none of them.
  private func placeAmongLargest(_ amount: Cents, _ id: ItemID) -> Int? {
    if amount <= .zero { return nil }
    func precedes(_ index: Int) -> Bool {
      let other = largest[index].item.amount
      return other == amount ? id < largest[index].item.id : amount > other
    }
    if largest.count == Figures.largestShown && !precedes(largest.count - 1) { return nil }
    return largest.indices.first(where: precedes) ?? largest.endIndex
  }

  private mutating func insert(_ refund: Refund, at place: Int) {
    largest.insert(refund, at: place)
    if largest.count > Figures.largestShown { largest.removeLast() }
  }

  mutating func add(_ days: DayRange, of cause: Cause, _ amount: Cents) { byCause[cause.rawValue].add(days.dayCount, amount) }

  /// Days of the cause and their amount, of the items that the run changed; nil where no row has it.
  func total(of cause: Cause) -> Total? {
    let total = byCause[cause.rawValue]
    return total.count > 0 ? total : nil
  }

  /// - Parameter item: One that is undecided.
  mutating func add(waiting item: borrowing ReportedItem<some ReportText>) {
    let amount = item.amount
    queue.add(1, amount)
    let place = Int(item.dueOn.ordinal & 15)
    if latestDue[place].day != item.dueOn {
      byDueDay[latestDue[place].day, default: Total()].add(latestDue[place].total)
      latestDue[place] = (item.dueOn, Total())
    }
    latestDue[place].total.add(1, amount)
    if item.isOverdue { overdue.add(1, amount) }
    if !item.flags.isDisjoint(with: .guards) {
      for flag in item.flags.intersection(.guards).flags { held[flag, default: Total()].add(1, amount) }
    }
  }

  var queueByDueDay: [ServiceDay: Total] {
    var all = byDueDay
    for (day, total) in latestDue { all[day, default: Total()].add(total) }
    return all.filter { $0.value.count > 0 }
  }

  /// What was gathered from a part of the items.
  mutating func add(_ part: Figures) {
    for refund in part.largest {
      guard let place = placeAmongLargest(refund.item.amount, refund.item.id) else { break }
      insert(refund, at: place)
    }
    refundCount += part.refundCount
    change += part.change
    for cause in byCause.indices { byCause[cause].add(part.byCause[cause].count, part.byCause[cause].amount) }
    for (day, total) in part.queueByDueDay { byDueDay[day, default: Total()].add(total) }
    queue.add(part.queue.count, part.queue.amount)
    overdue.add(part.overdue.count, part.overdue.amount)
    for (flag, total) in part.held { held[flag, default: Total()].add(total) }
  }

  mutating func add(_ row: RequestDecisionRow) { requests[Verdict(verdict: row.verdict, clause: row.clause), default: 0] += 1 }

  mutating func add(_ row: ExceptionRow) {
    exceptionCount += 1
    exceptionsByKind[row.kind, default: 0] += 1
    if exceptions.count < Figures.exceptionsShown { exceptions.append(row) }
  }

  mutating func add(_ row: SummaryRow) { summary.append(row) }

  /// - Parameter row: After all those of smaller ids.
  mutating func add(_ row: UnpaidRow) {
    unpaid.add(1, row.amount)
    if row.isOverdue { overdueUnpaid.add(1, row.amount) }
    let place = unpaidDueFirst.firstIndex { row.dueOn < $0.dueOn } ?? unpaidDueFirst.endIndex
    if place == Figures.unpaidShown { return }
    unpaidDueFirst.insert(row, at: place)
    if unpaidDueFirst.count > Figures.unpaidShown { unpaidDueFirst.removeLast() }
  }

  func line(_ line: SummaryLine) -> SummaryRow? { summary.first { $0.line == line } }
}
