import ArgumentParser
import Foundation
import Ledger
import Night
import RefundPolicy
import Reports
import Storage

extension Makegood {
  struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Closes business dates: decides every order, queues refunds, writes the reports.",
      discussion: """
        Without --date it closes every date not yet closed, up to yesterday UTC, oldest first; missed nights are caught up.

        Examples:
          makegood run --db makegood.db --reports /var/lib/makegood/reports
          makegood run --date 2026-11-22
          makegood run --dry-run --reports /tmp/preview

        \(ExitStatus.table)
        """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var reports: ReportOptions
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("The last business date to close (YYYY-MM-DD).", valueName: "date"))
    var date: String?

    @Flag(help: "Write the reports into the folder given with --reports and keep nothing in the database.")
    var dryRun = false

    func run() throws {
      let path = try database.path()
      if dryRun {
        let configured = try ReportOptions.configured()
        guard let folder = reports.reports, !Files.isSame(folder, configured) else {
          throw Diagnostic(
            .usage, "a dry run needs a --reports folder other than '\(configured)'", hint: "Give --reports FOLDER for the preview.")
        }
      }
      let dates: Night.Dates
      if let date {
        guard let day = ServiceDay(date) else {
          throw Diagnostic(.usage, "'\(date)' is no date", hint: "Write YYYY-MM-DD, a day that exists.")
        }
        dates = .through(day)
      } else {
        dates = .upToYesterday
      }
      let store = try Makegood.store(at: path, .existing)
      let lock = try RunLock(database: path)
      let nightly = Nightly(store: store, reports: try reports.path(), now: try Console.now(), quiet: output.quiet)
      if dryRun { try nightly.preview(dates, holding: lock) } else { try nightly.close(dates, holding: lock) }
    }
  }
}

/// Closing dates and writing their folders, as `run` and `demo` do it.
struct Nightly {
  let store: Store
  let reports: String
  let now: Instant
  let quiet: Bool

  func close(_ dates: Night.Dates, holding lock: borrowing RunLock) throws {
    let night = Night(store, now: now)
    let days = try night.datesToClose(dates)
    let restored = try restoreFolders(dates)
    let progress = Progress(quiet: quiet)
    if let first = days.first { progress.say("closing \(first) …") }
    let runs = try night.close(days, .kept, holding: lock) { run, connection in
      progress.say("writing the reports of \(run.businessDay) …")
      let folder = try NightReport.write(run, from: connection, in: reports)
      try connection.markPublished(run.id)
      progress.end()
      if !quiet { Console.print(Nightly.line(run, folder.path)) }
    }
    progress.end()
    if quiet { return }
    for folder in restored { Console.print("wrote the reports again: \(folder)") }
    if runs.isEmpty {
      switch dates {
      case .upToYesterday: Console.print("nothing to close: every date up to \(now.day.advanced(by: -1)) is closed")
      case .through(let day): Console.print("\(day) is closed already: nothing changed")
      }
    }
  }

  func preview(_ dates: Night.Dates, holding lock: borrowing RunLock) throws {
    let night = Night(store, now: now)
    let days = try night.datesToClose(dates)
    let runs = try night.close(days, .dryRun, holding: lock) { run, connection in
      let folder = try NightReport.write(run, from: connection, in: reports)
      if !quiet { Console.print(Nightly.line(run, folder.path)) }
    }
    if !quiet { Console.print(runs.isEmpty ? "nothing to close" : "dry run: the database is unchanged") }
  }

  /// Committed runs whose folder was never finished, or is gone for the date asked for, get it first.
  private func restoreFolders(_ dates: Night.Dates) throws -> [String] {
    try store.read { connection in
      var runs = try connection.unpublishedRuns()
      if case .through(let day) = dates, let run = try connection.nightly(of: day), !runs.contains(run) { runs.append(run) }
      var restored: [String] = []
      for id in runs {
        guard let run = try connection.recordedRun(id) else { continue }
        do {
          restored.append(try NightReport.write(run, from: connection, in: reports).path)
        } catch let error as ReportError {
          // It stands already: the run ended between the folder and the note of it.
          guard case .targetExists = error else { throw error }
        }
        try connection.markPublished(id)
      }
      return restored
    }
  }

  /// What a run did, in one line.
  static func line(_ run: RecordedRun, _ folder: String) -> String {
    let totals = run.totals
    return "\(run.businessDay): \(totals.opened.count) opened (\(totals.opened.amount) USD), \(totals.approved.count) approved, "
      + "\(totals.withdrawn.count) withdrawn, \(totals.closing.count) waiting (\(totals.closing.amount) USD) -> \(folder)"
  }
}
