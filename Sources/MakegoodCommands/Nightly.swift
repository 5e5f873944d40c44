import AuditLog
import Foundation
import Ledger
import Night
import Payouts
import RefundPolicy
import Reports
import Storage

/// Closing dates and writing their folders, as `run` and `demo` do it.
///
/// What is recorded stays recorded: a folder that cannot be written is named, a catch-up goes on, and the next run writes the folder.
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
    let folders = RunFolders(store, anchors, in: reports)
    let restored = try folders.restore(dates)
    let progress = Progress(quiet: quiet)
    var runs: [(run: RecordedRun, folder: String?)] = []
    do {
      _ = try night.close(days, .kept, holding: lock, progress: progress.closing) { run, connection in
        progress.say("writing the reports of \(run.businessDay) …")
        Console.note(done: "dates up to \(run.businessDay) are closed")
        let folder = folders.write(run, from: connection)
        progress.end()
        runs.append((run, folder))
        if tellsInWords { Console.print(Nightly.line(run, folder)) }
      }
    } catch {
      progress.end()
      if let last = runs.last?.run.businessDay {
        Console.note("dates up to \(last) are closed; \(last.advanced(by: 1)) is not, and nothing of it is kept")
      }
      throw error
    }
    progress.end()
    if format == .json { Console.print(Nightly.json(runs)) }
    try tellRehearsal()
    if tellsInWords {
      for folder in restored { Console.print("wrote the reports again: \(folder)") }
      if runs.isEmpty {
        switch dates {
        case .upToYesterday: Console.print("nothing to close: every date up to \(now.day.advanced(by: -1)) is closed")
        case .through(let day): Console.print("\(day) is closed already: nothing changed")
        }
      }
    }
    if let failure = folders.failure { throw failure }
  }

  func rerun(_ days: DayRange, _ keeping: Night.Keeping, expecting expected: String?, holding lock: borrowing RunLock) throws {
    let folders = RunFolders(store, anchors, in: reports)
    let restored = keeping == .kept ? try folders.restore(.upToYesterday) : []
    let progress = Progress(quiet: quiet)
    var runs: [(run: RecordedRun, folder: String?)] = []
    let (run, fingerprint) = try Night(store, now: now).rerun(
      days, keeping, expecting: expected, holding: lock, progress: progress.closing
    ) { run, connection in
      if keeping == .kept {
        Console.note(done: "the rerun is recorded (run \(run.id.number))")
        runs.append((run, folders.write(run, from: connection)))
      } else {
        runs.append((run, try NightReport.write(run, from: connection, in: reports, beside: nil).path))
      }
    }
    progress.end()
    if format == .json {
      Console.print(JSONText.object([("fingerprint", JSONText.string(fingerprint)), ("runs", Nightly.json(runs))]))
    }
    try tellRehearsal()
    if tellsInWords {
      for folder in restored { Console.print("wrote the reports again: \(folder)") }
      let range = "\(days.first) to \(days.last)"
      if let run { Console.print(Nightly.line(run, runs.last?.folder)) } else { Console.print("rerun of \(range): nothing changed") }
      if keeping == .dryRun { Console.print("dry run: the database is unchanged; fingerprint \(fingerprint)") }
    }
    if let failure = folders.failure { throw failure }
  }

  func preview(_ dates: Night.Dates, holding lock: borrowing RunLock) throws {
    let night = Night(store, now: now)
    let days = try night.datesToClose(dates)
    let progress = Progress(quiet: quiet)
    var runs: [(run: RecordedRun, folder: String?)] = []
    _ = try night.close(days, .dryRun, holding: lock, progress: progress.closing) { run, connection in
      let folder = try NightReport.write(run, from: connection, in: reports, beside: nil)
      progress.end()
      runs.append((run, folder.path))
      if tellsInWords { Console.print(Nightly.line(run, folder.path)) }
    }
    if format == .json { Console.print(Nightly.json(runs)) }
    try tellRehearsal()
    if tellsInWords { Console.print(runs.isEmpty ? "nothing to close" : "dry run: the database is unchanged") }
  }

  private func tellRehearsal() throws {
    if !quiet { try Makegood.tellRehearsal(store) }
  }

  /// What a run did, in one line.
  ///
  /// - Parameter folder: Nil where it could not be written.
  static func line(_ run: RecordedRun, _ folder: String?) -> String {
    let totals = run.totals
    let what = run.rerunDays.map { "rerun of \($0.first) to \($0.last)" } ?? "\(run.businessDay)"
    return "\(what): \(totals.opened.count) opened (\(totals.opened.amount) USD), \(totals.approved.count) approved, "
      + "\(totals.withdrawn.count) withdrawn, \(totals.closing.count) waiting (\(totals.closing.amount) USD)"
      + (folder.map { " -> \($0)" } ?? "; its folder is not written")
  }

  private static func json(_ runs: [(run: RecordedRun, folder: String?)]) -> String {
    func total(_ total: Total) -> String {
      JSONText.object([("count", "\(total.count)"), ("amount_usd", JSONText.string(total.amount.description))])
    }
    return JSONText.array(
      runs.map { run, folder in
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

/// Writes the folders of runs that are recorded. One that cannot be written is named at once and hides nothing of what was done.
private final class RunFolders {
  private let store: Store
  private let anchors: Anchors?
  private let reports: String
  /// With what the command ends where a folder could not be written; a failure of the disk before one of names.
  private(set) var failure: ExitStatus?

  init(_ store: Store, _ anchors: Anchors?, in reports: String) { (self.store, self.anchors, self.reports) = (store, anchors, reports) }

  /// - Returns: Where the folder is; nil where it could not be written.
  func write(_ run: RecordedRun, from connection: Connection) -> String? { publish(run, connection)?.path }

  /// Committed runs whose folder was never finished, or is gone for the date asked for, get it first.
  ///
  /// - Returns: The folders that were written.
  /// - Throws: ``StorageError`` where the ledger cannot be read.
  func restore(_ dates: Night.Dates) throws -> [String] {
    try store.read { connection in
      let unpublished = try connection.unpublishedRuns()
      var restored: [String] = []
      for id in unpublished {
        guard let run = try connection.recordedRun(id), let folder = publish(run, connection) else { continue }
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
        } catch {
          tell(run, "its report folder could not be written", error)
        }
      }
      return restored
    }
  }

  /// Writes the folder of a committed run. What is in its place and not the same is put aside: it stops neither this night nor later ones.
  ///
  /// - Returns: Nil where it could not be written.
  private func publish(_ run: RecordedRun, _ connection: Connection) -> PublishedFolder? {
    var step = "the anchor beside its reports could not be written"
    do {
      let isAnchored = try anchors?.keep(on: connection) ?? true
      step = "its report folder could not be written"
      let folder = try NightReport.write(run, from: connection, in: reports, .isPutAside, beside: store)
      if case .other(let aside) = folder.obstacle {
        Console.note("warning: '\(folder.path)' was not this ledger's; it is '\(aside)' now")
      }
      do {
        try connection.markPublished(run.id)
        // The first night makes the folder of reports.
        if !isAnchored { try anchors?.keep(on: connection) }
      } catch {
        tell(run, "its report folder is written, but not all about it is noted", error)
      }
      return folder
    } catch {
      tell(run, step, error)
      return nil
    }
  }

  private func tell(_ run: RecordedRun, _ what: String, _ error: any Error) {
    let cause = Diagnostic(describing: error)
    let name = run.rerunDays.map { "the rerun of \($0.first) to \($0.last)" } ?? "the night of \(run.businessDay)"
    Console.report(
      Diagnostic(cause.status, "\(name) is recorded (run \(run.id.number)); \(what): \(cause.message)", hint: cause.hint))
    if failure != .inputOutput { failure = cause.status }
  }
}
