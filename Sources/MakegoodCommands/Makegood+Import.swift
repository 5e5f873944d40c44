import ArgumentParser
import Facts
import Foundation
import Night
import Payouts
import RefundPolicy
import Storage

extension Makegood {
  struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "import",
      abstract: "Takes in facts: CSV files, folders of them, or a SQLite database.",
      discussion: """
        All of a call is taken in, or nothing. 'makegood init' makes the database first.

        Examples:
          makegood import --db makegood.db facts/
          makegood import outages.csv restorations.csv
          panel-export requests | makegood import - --as requests
          makegood import facts/ --rejects rejects.csv
          makegood import facts/ --format json

        \(ExitStatus.table)
        """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var reports: ReportOptions
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("text or json.", valueName: "format"))
    var format = SummaryFormat.text

    @Argument(help: ArgumentHelp("CSV files, folders, SQLite databases; '-' is standard input.", valueName: "path"))
    var paths: [String]

    @Option(name: .customLong("as"), help: ArgumentHelp("The table that standard input holds.", valueName: "table"))
    var table: String?

    @Option(help: ArgumentHelp("Take the good rows in and write the bad ones, with their reasons, to this file.", valueName: "file"))
    var rejects: String?

    func run() throws {
      let path = try database.path()
      let inputs = try paths.map { path -> ImportInput in
        guard path == "-" else { return .path(path) }
        guard let table else {
          throw Diagnostic(.usage, "standard input has no name", hint: "Give --as TABLE with the table it holds.")
        }
        return .standardInput(table: table)
      }
      let store = try Makegood.store(at: path, .existing)
      let lock = try RunLock(database: path)
      let anchors = try Anchors(warning: reports, of: store)
      let progress = Progress(quiet: output.quiet)
      defer { progress.end() }
      let take = Facts.Import(inputs, rejects: rejects, now: try Console.now())
      let summary = try take.run(on: store, holding: lock) { progress.say("\($0): \($1) rows …") }
      progress.end()
      try anchors.keep()
      for name in summary.ignored { Console.note("ignored: \(name)") }
      if !summary.absent.isEmpty {
        Console.note(
          "warning: nothing came of \(summary.absent.joined(separator: ", ")), which every import of the last 7 days brought; "
            + "see that the export jobs ran")
      }
      // What is not new was said before.
      let isSpelt = summary.counts.contains { $0.value.new + $0.value.changed > 0 && Spellings.tables.contains($0.key) }
      let spellings = !isSpelt ? [] : try store.readBeside { try Spellings.doubtful(on: $0) }
      for spelling in spellings {
        Console.note(
          "warning: the \(spelling.what)s \(spelling.values.map { "'\($0)'" }.joined(separator: " and ")) differ by case, spaces or hyphens only; "
            + "what is recorded of one does not hit orders of another")
      }
      switch format {
      case .json: Console.print(summary.json(spellings))
      case .text where !output.quiet:
        for (name, count) in summary.tables {
          let newest = summary.newest[name].map { ", newest \($0)" } ?? ""
          Console.print("\(name): \(count.read) read, \(count.new) new, \(count.changed) changed\(newest)")
        }
        if summary.isEmpty {
          Console.print(summary.total.read > 0 ? "nothing new: the facts were known already" : "nothing to take in")
        }
      case .text: break
      }
      if let rejected = summary.rejected {
        ImportMessages.print(rejected)
        throw ExitStatus.badInput
      }
    }
  }
}

extension ImportSummary {
  fileprivate func json(_ spellings: [Spellings]) -> String {
    JSONText.object([
      (
        "tables",
        JSONText.array(
          tables.map { name, count in
            JSONText.object([
              ("table", JSONText.string(name)), ("read", "\(count.read)"), ("new", "\(count.new)"), ("changed", "\(count.changed)"),
              ("newest", JSONText.string(newest[name])),
            ])
          })
      ), ("ignored", JSONText.list(ignored)), ("absent", JSONText.list(absent)),
      ("almost_the_same", JSONText.array(spellings.map { JSONText.list($0.values) })), ("rejected", "\(rejected?.count ?? 0)"),
    ])
  }
}

/// Bad rows as an operator reads them.
enum ImportMessages {
  static func print(_ failure: ImportFailure) {
    for problem in failure.problems {
      Console.note("\(problem.place): error: \(problem.what)")
      if let excerpt = problem.excerpt { Console.note("  \(problem.place.line) | \(excerpt)") }
      Console.note("hint: \(problem.hint)")
    }
    if failure.count > failure.problems.count { Console.note("… and \(failure.count - failure.problems.count) more") }
    Console.note(failure.count == 1 ? "1 bad row" : "\(failure.count) bad rows")
  }
}
