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
        overdue, a stuck payout, anything that a guard holds, or an exception that nobody has seen. Who has looked at the exceptions says so with \
        --seen; then only later ones count.

        Examples:
          makegood status
          makegood status --seen --by "Ann Lee"
          makegood status --format json
        """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var reports: ReportOptions
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("table or json.", valueName: "format"))
    var format = TextFormat.table

    @Flag(help: "You have looked at the open exceptions: they count as new no more.")
    var seen = false

    @Option(help: ArgumentHelp("Your name, with --seen.", valueName: "name"))
    var by: String?

    func validate() throws {
      if seen != (by != nil) { throw ValidationError("--seen and --by go together: say who has looked at the exceptions.") }
    }

    func run() throws {
      let path = try database.path()
      let store = try Makegood.store(at: path, .existing)
      let now = try Console.now()
      if let by { try note(seenBy: try store.reviewer(named: by).name, at: now, path, store) }
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

extension Makegood.Status {
  private func note(seenBy name: String, at now: Instant, _ path: String, _ store: Store) throws {
    let lock = try RunLock(database: path)
    let anchors = try Anchors(warning: reports, of: store)
    try store.transaction { connection in
      try RunCheck.check(connection)
      return try (connection.noteSeen(by: name, at: now) > 0 ? .commit : .rollback, ())
    }
    _ = consume lock
    try anchors.keep()
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
  /// What guards hold, by the flag that says so.
  let held: [(flag: ItemFlag, count: Int64)]
  let newExceptions: Int64
  let openExceptions: Int64
  /// What anchors say against this ledger: payments are stopped.
  let anchors: [Anchors.Fault]

  init(anchors: [Anchors.Fault], on connection: Connection, now: Instant) throws {
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
    held = try FlagSet.guards.flags.map { ($0, try connection.held(by: FlagSet($0))) }
    newExceptions = try connection.unseenExceptions()
    openExceptions = try connection.integer("SELECT count(*) FROM exceptions WHERE closed_run IS NULL")
  }

  var needsPerson: Bool {
    calendar.missing != nil || calendar.isClockBehind || facts.needPerson || !anchors.isEmpty
      || ([overdue, overduePayouts, stuckPayouts, newExceptions] + held.map(\.count)).contains { $0 > 0 }
  }

  /// What to do about items that a guard holds.
  private static func wayOut(_ flag: ItemFlag) -> String {
    switch flag {
    case .usageMissing: "import usage through the day of the request, and run again (G4)"
    case .endTakenBack: "see which value is true, then import it or 'makegood review release' (G5)"
    default: "see the queue, then 'makegood review release' (G2)"
    }
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
    for (flag, count) in held where count > 0 {
      lines.append("held (\(flag.rawValue)): \(count); \(StatusReport.wayOut(flag))")
    }
    if openExceptions > 0 {
      lines.append(
        "exceptions: \(openExceptions) (\(newExceptions) that nobody has seen\(newExceptions > 0 ? "; after a look 'makegood status --seen --by NAME'" : ""))"
      )
    }
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
      ("held", JSONText.object(held.map { ($0.flag.rawValue, "\($0.count)") })), ("exceptions", "\(openExceptions)"),
      ("new_exceptions", "\(newExceptions)"),
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
