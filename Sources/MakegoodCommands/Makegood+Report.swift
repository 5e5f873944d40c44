import ArgumentParser
import Ledger
import Night
import Reports
import Storage

extension Makegood {
  struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "report",
      abstract: "Writes a run's reports again, byte for byte.",
      discussion: """
        The folder must not be there: a published folder is never changed.

        Example:
          makegood report --run 17 --reports /tmp/again
        """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var reports: ReportOptions
    @OptionGroup var output: OutputOptions

    @Option(name: .customLong("run"), help: ArgumentHelp("The number of the run, as refunds.csv tells it.", valueName: "number"))
    var number: Int64

    func run() throws {
      let store = try Makegood.store(at: try database.path(), .existing)
      try store.read { connection in
        guard let recorded = try connection.recordedRun(RunID(number)) else {
          throw Diagnostic(.missingInput, "there is no run \(number)", hint: "The column run of refunds.csv has the numbers there are.")
        }
        let folder = try NightReport.write(recorded, from: connection, in: try reports.path(), beside: store)
        if !output.quiet { Console.print(folder.path) }
      }
      if !output.quiet { try Makegood.tellRehearsal(store) }
    }
  }
}
