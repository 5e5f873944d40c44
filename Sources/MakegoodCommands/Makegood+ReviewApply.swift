import ArgumentParser
import Foundation
import Ledger
import Payouts
import RefundPolicy
import Review
import Storage

extension Makegood.Review {
  struct Apply: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "apply",
      abstract: "Takes decisions back from an edited queue.csv.",
      discussion: """
        It reads item_id, amount_usd, decision (approve, reject, hold, release) and note, as Excel or LibreOffice save them. A row is refused as \
        stale when the amount, the days or the destination (coin, network, address, tag) are not the item's any more; the other rows are applied. Applied twice it changes nothing. \
        The same file applied by another person is the second approval (G1).

        Examples:
          makegood review apply queue.csv --by "Ann Lee"

        \(ExitStatus.table)
        """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var reports: ReportOptions
    @OptionGroup var reviewer: ReviewerOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: ArgumentHelp("The edited queue.csv.", valueName: "file"))
    var file: String

    func run() throws {
      let path = try database.path()
      guard let bytes = FileManager.default.contents(atPath: file) else {
        throw Diagnostic(.missingInput, "cannot read '\(file)'", hint: "Name a file that is there.")
      }
      let sheet: ReviewFile
      do throws(ReviewFileError) { sheet = try ReviewFile(Array(bytes)) } catch {
        throw Diagnostic(.badInput, "\(file):\(error.line): \(error.what)", hint: error.hint)
      }
      let store = try Makegood.store(at: path, .existing)
      let lock = try RunLock(database: path)
      let anchors = try Anchors(warning: reports, of: store)
      var results = ReviewResults()
      for problem in sheet.problems { results.add(Diagnostic(.badInput, "\(file):\(problem.line): \(problem.what)", hint: problem.hint)) }
      try ReviewSession(store, anchors, reviewer: try reviewer.reviewer(of: store), now: try Console.now()).run(holding: lock) { desk in
        for row in sheet.rows {
          let act: ReviewAct =
            switch row.decision {
            case .approve: .approve
            case .reject: .reject
            case .hold: .hold
            case .release: .release
            }
          let seen = SeenItem(
            amount: row.amount, dayCount: row.dayCount, address: row.address, tag: row.tag, coin: row.coin, network: row.network)
          do {
            results.add(act, try desk.decide(act, row.item, seen: seen, note: row.note, isRepeatable: true))
          } catch let refusal as ReviewRefusal {
            results.add(refusal, at: "\(file):\(row.line)")
          }
        }
      }
      try results.tell(quiet: output.quiet)
    }
  }
}
