import RefundPolicy

/// What the page tells, gathered while rows stream by. Its size does not grow with the number of rows, only with distinct due days.
struct Figures: Sendable {
  static let largestShown = 20
  static let exceptionsShown = 50

  /// How many, and their amount.
  struct Total: Hashable, Sendable {
    var count = 0
    var amount = Cents.zero

    mutating func add(_ count: Int, _ amount: Cents) {
      self.count += count
      self.amount += amount
    }
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
  private(set) var queueByDueDay: [ServiceDay: Total] = [:]
  private(set) var queue = Total()
  private(set) var overdue = Total()
  private(set) var heldByNightLimit = Total()
  private(set) var requests: [Verdict: Int] = [:]
  private(set) var exceptions: [ExceptionRow] = []
  private(set) var exceptionCount = 0
  private(set) var exceptionsByKind: [ExceptionKind: Int] = [:]
  private(set) var summary: [SummaryRow] = []

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

  /// Days of the cause and their amount; nil where no row has it.
  func total(of cause: Cause) -> Total? {
    let total = byCause[cause.rawValue]
    return total.count > 0 ? total : nil
  }

  /// - Parameter item: One that is undecided.
  mutating func add(waiting item: borrowing ReportedItem<some ReportText>) {
    let amount = item.amount
    queue.add(1, amount)
    queueByDueDay[item.dueOn, default: Total()].add(1, amount)
    if item.isOverdue { overdue.add(1, amount) }
    if item.flags.has(.nightLimit) { heldByNightLimit.add(1, amount) }
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
    queueByDueDay.merge(part.queueByDueDay) { Total(count: $0.count + $1.count, amount: $0.amount + $1.amount) }
    queue.add(part.queue.count, part.queue.amount)
    overdue.add(part.overdue.count, part.overdue.amount)
    heldByNightLimit.add(part.heldByNightLimit.count, part.heldByNightLimit.amount)
  }

  mutating func add(_ row: RequestDecisionRow) { requests[Verdict(verdict: row.verdict, clause: row.clause), default: 0] += 1 }

  mutating func add(_ row: ExceptionRow) {
    exceptionCount += 1
    exceptionsByKind[row.kind, default: 0] += 1
    if exceptions.count < Figures.exceptionsShown { exceptions.append(row) }
  }

  mutating func add(_ row: SummaryRow) { summary.append(row) }

  func line(_ line: SummaryLine) -> SummaryRow? { summary.first { $0.line == line } }
}
