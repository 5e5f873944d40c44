import ArgumentParser
import Night
import Payouts
import RefundPolicy
import Storage

extension Makegood {
  struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "run",
      abstract: "Closes business dates: decides every order, queues refunds, writes the reports.",
      discussion: """
        Without --date it closes every date not yet closed, up to yesterday UTC, oldest first; missed nights are caught up. It does nothing (78) \
        where the clock cannot be believed: when the last closed date is later than yesterday, or when more dates are missing than \
        catch_up_max_nights; naming the last one with --date overrules the second.

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
