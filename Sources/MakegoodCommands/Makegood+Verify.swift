import ArgumentParser
import AuditLog
import Ledger
import Night
import Payouts
import RefundPolicy
import Storage

extension Makegood {
  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "verify",
      abstract: "Checks the database against itself, and the queue against the facts (exit status 1 when something is wrong).",
      discussion: """
        The file and its schema, the chain of seals over every import, run, review and settings, every version of every item, days, bases and control totals; \
        then all entitlements are computed afresh and compared with the queue as of the last nightly.

        Examples:
          makegood verify
          makegood verify --format json

        \(ExitStatus.table)
        """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var reports: ReportOptions
    @OptionGroup var output: OutputOptions
    @Option(help: ArgumentHelp("text or json.", valueName: "format"))
    var format = SummaryFormat.text

    func run() throws {
      let path = try database.path()
      let progress = Progress(quiet: output.quiet)
      progress.say("verifying …")
      var verification: Verification
      do {
        let store = try Makegood.store(at: path, .existing)
        let lock = try RunLock(database: path)
        verification = try Verification(of: store, holding: lock)
        verification.findings += try store.read { try $0.schemaFindings() }
        verification.findings += try Anchors(reports: reports.path(), of: store).faults.map { Finding("anchor", $0.words) }
      } catch let damage as Damage {
        verification = Verification(findings: damage.findings)
      } catch let error as StorageError {
        progress.end()
        // What cannot even be read is an answer, not a defect of the program.
        switch error {
        case .refused(let why), .damaged(_, let why): verification = Verification(findings: [Finding("database", why)])
        case .missing, .occupied, .severalNames, .strayLog, .busy, .notOurs, .inputOutput: throw error
        }
      }
      progress.end()
      let findings = verification.findings
      switch format {
      case .json:
        Console.print(
          JSONText.object([
            ("runs", "\(verification.runsChecked)"), ("items", "\(verification.itemsChecked)"), ("awaiting_next_run", "\(verification.awaiting)"),
            (
              "findings",
              JSONText.array(findings.map { JSONText.object([("place", JSONText.string($0.place)), ("what", JSONText.string($0.what))]) })
            ),
          ]))
      case .text:
        for finding in findings { Console.print("\(finding.place): \(finding.what)") }
        if findings.isEmpty && !output.quiet {
          if verification.awaiting > 0 {
            Console.print("\(verification.awaiting) items will be changed by the next run, because of what came since the last night")
          }
          Console.print("\(verification.runsChecked) runs and \(verification.itemsChecked) items are as the program left them")
        }
      }
      if !findings.isEmpty { throw ExitStatus.no }
    }
  }
}
