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

  struct Verdict: Hashable, Sendable {
    let verdict: RequestVerdict
    let clause: Clause
  }

  /// Largest amount first, then by item.
  private(set) var largest: [RefundRow<String>] = []
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

  mutating func add(_ row: RefundRow<some ReportText>) {
    refundCount += 1
    change += row.change
    if row.item.amount > .zero { addLargest(row) }
  }

  private mutating func addLargest(_ row: RefundRow<some ReportText>) {
    let (amount, id) = (row.item.amount, row.item.id)
    func precedes(_ other: RefundRow<String>) -> Bool { other.item.amount == amount ? id < other.item.id : amount > other.item.amount }
    if largest.count == Figures.largestShown {
      guard precedes(largest[largest.count - 1]) else { return }
      largest.removeLast()
    }
    let place = largest.firstIndex(where: precedes) ?? largest.endIndex
    largest.insert(RefundRow(run: row.run, item: row.item.kept, change: row.change), at: place)
  }

  mutating func add(_ row: RefundDaysRow<some ReportText>) { byCause[row.cause.rawValue].add(row.days.dayCount, row.amount) }

  /// Days of the cause and their amount; nil where no row has it.
  func total(of cause: Cause) -> Total? {
    let total = byCause[cause.rawValue]
    return total.count > 0 ? total : nil
  }

  mutating func add(_ row: QueueRow<some ReportText>) {
    let amount = row.item.amount
    queue.add(1, amount)
    queueByDueDay[row.item.dueOn, default: Total()].add(1, amount)
    if row.item.isOverdue { overdue.add(1, amount) }
    if row.item.flags.has(.nightLimit) { heldByNightLimit.add(1, amount) }
  }

  /// What was gathered from a part of the items.
  mutating func add(_ part: Figures) {
    for row in part.largest { addLargest(row) }
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
