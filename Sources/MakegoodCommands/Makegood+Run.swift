import ArgumentParser
import Foundation
import Ledger
import Night
import Payouts
import RefundPolicy
import Reports
import Storage

extension Makegood {
  struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "run",
      abstract: "Closes business dates: decides every order, queues refunds, writes the reports.",
      discussion: """
        Without --date it closes every date not yet closed, up to yesterday UTC, oldest first; missed nights are caught up.

        Examples:
          makegood run --db makegood.db --reports /var/lib/makegood/reports
          makegood run --date 2026-11-22
          makegood run --dry-run --reports /tmp/preview
          makegood run --format json
          makegood run --from 2026-11-01 --to 2026-11-05 --dry-run --reports /tmp/preview
          makegood run --from 2026-11-01 --to 2026-11-05 --expect 0f1e2d3c4b5a

        With --from and --to it decides those service days again, from what is known now, as of the last closed date.

        \(ExitStatus.table)
        """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var reports: ReportOptions
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("The last business date to close (YYYY-MM-DD).", valueName: "date"))
    var date: String?

    @Option(help: ArgumentHelp("The first service day to decide again.", valueName: "date"))
    var from: String?

    @Option(help: ArgumentHelp("The last service day to decide again.", valueName: "date"))
    var to: String?

    @Option(help: ArgumentHelp("Refuse to run when the dry run's fingerprint is another now.", valueName: "fingerprint"))
    var expect: String?

    @Flag(help: "Write the reports into the folder given with --reports and keep nothing in the database.")
    var dryRun = false

    @Option(help: ArgumentHelp("text or json.", valueName: "format"))
    var format = SummaryFormat.text

    func run() throws {
      let path = try database.path()
      if dryRun {
        let configured = try ReportOptions.configured()
        guard let folder = reports.reports, !Files.isSame(folder, configured) else {
          throw Diagnostic(
            .usage, "a dry run needs a --reports folder other than '\(configured)'", hint: "Give --reports FOLDER for the preview.")
        }
      }
      let rerunDays = try rerunDays()
      if expect != nil && rerunDays == nil {
        throw Diagnostic(.usage, "--expect belongs to a rerun", hint: "Give it with --from and --to.")
      }
      let dates: Night.Dates = try date.map { .through(try day($0)) } ?? .upToYesterday
      let store = try Makegood.store(at: path, .existing)
      let lock = try RunLock(database: path)
      let anchors = dryRun ? nil : try Anchors(warning: reports, of: store)
      let nightly = Nightly(
        store: store, anchors: anchors, reports: try reports.path(), now: try Console.now(), quiet: output.quiet, format: format)
      if let rerunDays {
        try nightly.rerun(rerunDays, dryRun ? .dryRun : .kept, expecting: expect, holding: lock)
      } else if dryRun {
        try nightly.preview(dates, holding: lock)
      } else {
        try nightly.close(dates, holding: lock)
      }
    }

    private func day(_ text: String) throws -> ServiceDay {
      guard let day = ServiceDay(text) else {
        throw Diagnostic(.usage, "'\(text)' is no date", hint: "Write YYYY-MM-DD, a day that exists.")
      }
      return day
    }

    private func rerunDays() throws -> DayRange? {
      guard from != nil || to != nil else { return nil }
      guard let from, let to, date == nil else {
        throw Diagnostic(.usage, "a rerun needs --from and --to, and no --date", hint: "Give both: --from 2026-11-01 --to 2026-11-05.")
      }
      let (first, last) = (try day(from), try day(to))
      guard let days = DayRange(first, upTo: last.advanced(by: 1)) else {
        throw Diagnostic(.usage, "--from \(first) lies after --to \(last)", hint: "Give the earlier day with --from.")
      }
      return days
    }
  }
}

/// Closing dates and writing their folders, as `run` and `demo` do it.
struct Nightly {
  let store: Store
  /// Nil in a dry run.
  let anchors: Anchors?
  let reports: String
  let now: Instant
  let quiet: Bool
  var format = SummaryFormat.text

  private var tellsInWords: Bool { !quiet && format == .text }

  func close(_ dates: Night.Dates, holding lock: borrowing RunLock) throws {
    let night = Night(store, now: now)
    let days = try night.datesToClose(dates)
    let restored = try restoreFolders(dates)
    let progress = Progress(quiet: quiet)
    var folders: [String] = []
    let runs = try night.close(days, .kept, holding: lock, progress: progress.closing) { run, connection in
      progress.say("writing the reports of \(run.businessDay) …")
      let folder = try publish(run, connection)
      progress.end()
      folders.append(folder.path)
      if tellsInWords { Console.print(Nightly.line(run, folder.path)) }
    }
    progress.end()
    if format == .json { Console.print(Nightly.json(runs, folders)) }
    if !tellsInWords { return }
    for folder in restored { Console.print("wrote the reports again: \(folder)") }
    if runs.isEmpty {
      switch dates {
      case .upToYesterday: Console.print("nothing to close: every date up to \(now.day.advanced(by: -1)) is closed")
      case .through(let day): Console.print("\(day) is closed already: nothing changed")
      }
    }
  }

  func rerun(_ days: DayRange, _ keeping: Night.Keeping, expecting expected: String?, holding lock: borrowing RunLock) throws {
    let restored = keeping == .kept ? try restoreFolders(.upToYesterday) : []
    let progress = Progress(quiet: quiet)
    var folders: [String] = []
    let (run, fingerprint) = try Night(store, now: now).rerun(
      days, keeping, expecting: expected, holding: lock, progress: progress.closing
    ) { run, connection in
      let folder =
        try keeping == .kept ? publish(run, connection) : NightReport.write(run, from: connection, in: reports, beside: nil)
      folders.append(folder.path)
    }
    progress.end()
    if format == .json {
      Console.print(
        JSONText.object([("fingerprint", JSONText.string(fingerprint)), ("runs", Nightly.json(run.map { [$0] } ?? [], folders))]))
    }
    if !tellsInWords { return }
    for folder in restored { Console.print("wrote the reports again: \(folder)") }
    let range = "\(days.first) to \(days.last)"
    if let run { Console.print(Nightly.line(run, folders.joined())) } else { Console.print("rerun of \(range): nothing changed") }
    if keeping == .dryRun { Console.print("dry run: the database is unchanged; fingerprint \(fingerprint)") }
  }

  func preview(_ dates: Night.Dates, holding lock: borrowing RunLock) throws {
    let night = Night(store, now: now)
    let days = try night.datesToClose(dates)
    let progress = Progress(quiet: quiet)
    var folders: [String] = []
    let runs = try night.close(days, .dryRun, holding: lock, progress: progress.closing) { run, connection in
      let folder = try NightReport.write(run, from: connection, in: reports, beside: nil)
      progress.end()
      folders.append(folder.path)
      if tellsInWords { Console.print(Nightly.line(run, folder.path)) }
    }
    if format == .json { Console.print(Nightly.json(runs, folders)) }
    if tellsInWords { Console.print(runs.isEmpty ? "nothing to close" : "dry run: the database is unchanged") }
  }

  /// Committed runs whose folder was never finished, or is gone for the date asked for, get it first.
  private func restoreFolders(_ dates: Night.Dates) throws -> [String] {
    try store.read { connection in
      let unpublished = try connection.unpublishedRuns()
      var restored: [String] = []
      for id in unpublished {
        guard let run = try connection.recordedRun(id) else { continue }
        let folder = try publish(run, connection)
        // Else it was there: the run ended between the folder and the note of it.
        if folder.obstacle != .same { restored.append(folder.path) }
      }
      if case .through(let day) = dates, let id = try connection.nightly(of: day), !unpublished.contains(id),
        let run = try connection.recordedRun(id)
      {
        do {
          restored.append(try NightReport.write(run, from: connection, in: reports, beside: store).path)
        } catch ReportError.targetExists {
          // It was published, and is there.
        }
      }
      return restored
    }
  }

  /// Writes the folder of a committed run. What is in its place and not the same is put aside: it stops neither this night nor later ones.
  private func publish(_ run: RecordedRun, _ connection: Connection) throws -> PublishedFolder {
    let isAnchored = try anchors?.keep(on: connection) ?? true
    let folder = try NightReport.write(run, from: connection, in: reports, .isPutAside, beside: store)
    if case .other(let aside) = folder.obstacle {
      Console.note("warning: '\(folder.path)' was not this ledger's; it is '\(aside)' now")
    }
    try connection.markPublished(run.id)
    // The first night makes the folder of reports.
    if !isAnchored { try anchors?.keep(on: connection) }
    return folder
  }

  /// What a run did, in one line.
  static func line(_ run: RecordedRun, _ folder: String) -> String {
    let totals = run.totals
    let what = run.rerunDays.map { "rerun of \($0.first) to \($0.last)" } ?? "\(run.businessDay)"
    return "\(what): \(totals.opened.count) opened (\(totals.opened.amount) USD), \(totals.approved.count) approved, "
      + "\(totals.withdrawn.count) withdrawn, \(totals.closing.count) waiting (\(totals.closing.amount) USD) -> \(folder)"
  }

  private static func json(_ runs: [RecordedRun], _ folders: [String]) -> String {
    func total(_ total: Total) -> String {
      JSONText.object([("count", "\(total.count)"), ("amount_usd", JSONText.string(total.amount.description))])
    }
    return JSONText.array(
      zip(runs, folders).map { run, folder in
        let totals = run.totals
        return JSONText.object([
          ("run", "\(run.id.number)"), ("business_date", JSONText.string(run.businessDay.description)), ("folder", JSONText.string(folder)),
          ("orders_decided", "\(run.ordersDecided)"), ("opened", total(totals.opened)), ("increased", total(totals.increased)),
          ("reduced", total(totals.reduced)), ("withdrawn", total(totals.withdrawn)), ("approved", total(totals.approved)),
          ("rejected", total(totals.rejected)), ("reopened", total(totals.reopened)), ("waiting", total(totals.closing)),
          ("paid", total(totals.paid)), ("unpaid", total(totals.closingUnpaid)),
        ])
      })
  }
}
