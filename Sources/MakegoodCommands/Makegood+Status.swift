import ArgumentParser
import AuditLog
import Facts
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
        A person is needed for a missing night, a last closed date that is later than yesterday, facts older than facts_max_age_hours, something \
        overdue, a stuck payout, a held night, or an exception that is new in the last run.

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
      let faults = try Anchors(reports: reports.path(), of: store).faults
      let report = try store.read { try StatusReport(anchors: faults, on: $0, now: now) }
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
  let calendar: NightCalendar
  let facts: FactsAge
  let isRehearsal: Bool
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

  init(anchors: [Anchors.Fault], on connection: Connection, now: Instant) throws {
    let last = try connection.lastRun()?.number ?? 0
    self.anchors = anchors
    calendar = try NightCalendar(on: connection, now: now)
    facts = FactsAge(
      newest: try connection.newestImport(), now: now, maxHours: try connection.settings().operating(at: now).factsMaxAgeHours)
    isRehearsal = try connection.origin()?.clock == .pretended
    let day = Int64(calendar.lastClosed?.ordinal ?? 0)
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
    calendar.missing != nil || calendar.isClockBehind || facts.needPerson || !anchors.isEmpty
      || [overdue, overduePayouts, stuckPayouts, heldByNightLimit, newExceptions].contains { $0 > 0 }
  }

  var text: String {
    var lines = [calendar.lastClosed.map { "last closed date: \($0)" } ?? "no date is closed yet"]
    if isRehearsal { lines.append("rehearsal: this ledger was made under a pretended clock; nothing of it is to be paid") }
    if let last = calendar.lastClosed, calendar.isClockBehind {
      lines.append("\(last) is closed, but today is \(calendar.today) UTC: the clock is or was wrong (G7). \(ClockWords.wayOut(last))")
    }
    if let missing = calendar.missing {
      let nights = "missing nights: \(missing.dayCount) (\(missing.first) to \(missing.last))"
      lines.append(
        calendar.isTooMany
          ? "\(nights), more than catch_up_max_nights (\(calendar.limit)). \(ClockWords.overrule(missing.last))"
          : "\(nights); 'makegood run' closes them")
    }
    if let words = facts.words { lines.append(words) }
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
    func flag(_ value: Bool) -> String { value ? "true" : "false" }
    return JSONText.object([
      ("last_closed", JSONText.string(calendar.lastClosed?.description)),
      (
        "missing_nights",
        JSONText.object([
          ("count", "\(calendar.missing?.dayCount ?? 0)"), ("first", JSONText.string(calendar.missing?.first.description)),
          ("last", JSONText.string(calendar.missing?.last.description)),
        ])
      ),
      ("clock_is_behind", flag(calendar.isClockBehind)), ("newest_import", JSONText.string(facts.newest?.description)),
      ("facts_too_old", flag(facts.needPerson)), ("rehearsal", flag(isRehearsal)),
      ("waiting", "\(waiting.count)"), ("waiting_usd", JSONText.string(waiting.amount.description)), ("overdue", "\(overdue)"),
      ("overdue_payouts", "\(overduePayouts)"), ("stuck_payouts", "\(stuckPayouts)"),
      ("held_by_night_limit", "\(heldByNightLimit)"), ("exceptions", "\(openExceptions)"), ("new_exceptions", "\(newExceptions)"),
      ("anchor_faults", JSONText.list(anchors.map(\.words))), ("needs_person", flag(needsPerson)),
    ])
  }
}

/// How old the newest import is. The panel's export job may have stopped, and nights decide on what was known before.
struct FactsAge: Hashable {
  /// When it was made; nil before the first.
  var newest: Instant?
  var now: Instant
  /// `facts_max_age_hours`.
  var maxHours: Int

  /// Exactly so many hours old is not too old. One that comes from later than now was made under another clock.
  var needPerson: Bool { newest.map { $0 > now || now.seconds - $0.seconds > Int64(maxHours) * 3600 } ?? true }

  /// Nil while all is well.
  var words: String? {
    guard needPerson else { return nil }
    guard let newest else { return "no facts were imported yet" }
    if newest > now { return "the newest import is of \(newest), later than now (\(now)): the clock is or was wrong" }
    return "the newest import is of \(newest), more than \(maxHours) hours ago (facts_max_age_hours): see that the panel still exports its facts"
  }
}
