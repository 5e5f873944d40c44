import ArgumentParser
import Ledger
import Night
import Payouts
import RefundPolicy
import Storage

extension Makegood {
  struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "status",
      abstract: "Tells the last closed date and whether anything needs a person (exit status 1 when it does).",
      discussion: """
        A person is needed for a missing night, something overdue, a stuck payout, a held night, or an exception that is new in the last run.

        Examples:
          makegood status
          makegood status --format json
        """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var reports: ReportOptions
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("table or json.", valueName: "format"))
    var format = TextFormat.table

    func run() throws {
      let store = try Makegood.store(at: try database.path(), .existing)
      let now = try Console.now()
      let missing = try Night(store, now: now).datesToClose(.upToYesterday)
      let faults = try Anchors(reports: reports.path(), of: store).faults
      let report = try store.read { try StatusReport(missing: missing, anchors: faults, on: $0) }
      switch format {
      case .json: Console.print(report.json)
      case .table: if !output.quiet || report.needsPerson { Console.print(report.text) }
      }
      if report.needsPerson { throw ExitStatus.no }
    }
  }
}

/// What `status` says.
private struct StatusReport {
  let lastClosed: ServiceDay?
  let missing: [ServiceDay]
  let waiting: Total
  let overdue: Int64
  /// Approved, and not paid by the promised day.
  let overduePayouts: Int64
  let stuckPayouts: Int64
  let heldByNightLimit: Int64
  let newExceptions: Int64
  let openExceptions: Int64
  /// What anchors say against this ledger: payments are stopped.
  let anchors: [Anchors.Fault]

  init(missing: [ServiceDay], anchors: [Anchors.Fault], on connection: Connection) throws {
    let last = try connection.lastRun()?.number ?? 0
    lastClosed = try connection.watermark()
    (self.missing, self.anchors) = (missing, anchors)
    let day = Int64(lastClosed?.ordinal ?? 0)
    waiting = try connection.undecided()
    overdue = try connection.overdue(on: ServiceDay(ordinal: Int32(day)))
    overduePayouts = try connection.integer(
      "SELECT count(*) FROM items WHERE (state = 'approved' OR state = 'prepared' OR state = 'sent') AND due_on <= ?1", day)
    stuckPayouts = try connection.stuckPayouts()
    heldByNightLimit = try connection.heldByNightLimit()
    newExceptions = try connection.integer("SELECT count(*) FROM exceptions WHERE opened_run = ?1 AND closed_run IS NULL", last)
    openExceptions = try connection.integer("SELECT count(*) FROM exceptions WHERE closed_run IS NULL")
  }

  var needsPerson: Bool {
    !missing.isEmpty || !anchors.isEmpty || [overdue, overduePayouts, stuckPayouts, heldByNightLimit, newExceptions].contains { $0 > 0 }
  }

  var text: String {
    var lines = [lastClosed.map { "last closed date: \($0)" } ?? "no date is closed yet"]
    if let first = missing.first, let last = missing.last {
      lines.append("missing nights: \(missing.count) (\(first) to \(last)); 'makegood run' closes them")
    }
    lines.append("waiting for review: \(waiting.count) (\(waiting.amount) USD)")
    if overdue > 0 { lines.append("overdue: \(overdue)") }
    if overduePayouts > 0 { lines.append("approved and not paid in time: \(overduePayouts)") }
    if stuckPayouts > 0 { lines.append("stuck payouts: \(stuckPayouts); see 'makegood payout list'") }
    if heldByNightLimit > 0 { lines.append("held by the night limit: \(heldByNightLimit)") }
    if openExceptions > 0 { lines.append("exceptions: \(openExceptions) (\(newExceptions) new in the last run)") }
    for fault in anchors { lines.append(fault.words) }
    if !anchors.isEmpty { lines.append("nothing is prepared or sent until that is settled: see 'makegood recover --help'") }
    lines.append(needsPerson ? "a person is needed" : "all is well")
    return lines.joined(separator: "\n")
  }

  var json: String {
    JSONText.object([
      ("last_closed", JSONText.string(lastClosed?.description)), ("missing_nights", JSONText.list(missing.map(\.description))),
      ("waiting", "\(waiting.count)"), ("waiting_usd", JSONText.string(waiting.amount.description)), ("overdue", "\(overdue)"),
      ("overdue_payouts", "\(overduePayouts)"), ("stuck_payouts", "\(stuckPayouts)"),
      ("held_by_night_limit", "\(heldByNightLimit)"), ("exceptions", "\(openExceptions)"), ("new_exceptions", "\(newExceptions)"),
      ("anchor_faults", JSONText.list(anchors.map(\.words))), ("needs_person", needsPerson ? "true" : "false"),
    ])
  }
}
