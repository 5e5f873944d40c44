import ArgumentParser
import Facts
import Foundation
import RefundPolicy
import Storage

extension Makegood {
  struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "import",
      abstract: "Takes in facts: CSV files, folders of them, or a SQLite database.",
      discussion: """
        All of a call is taken in, or nothing. The database is made when it is not there.

        Examples:
          makegood import --db makegood.db facts/
          makegood import outages.csv restorations.csv
          panel-export requests | makegood import - --as requests
          makegood import facts/ --rejects rejects.csv
          makegood import facts/ --format json

        \(ExitStatus.table)
        """)

    @OptionGroup var database: DatabaseOptions
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
      let existed = FileManager.default.fileExists(atPath: path)
      // The inputs come first: a call that names nothing readable makes no database.
      if let missing = paths.first(where: { $0 != "-" && !FileManager.default.fileExists(atPath: $0) }) {
        throw ImportMissing(path: missing, why: "there is no such file or folder")
      }
      let lock = try Makegood.lock(path, existed: existed)
      let progress = Progress(quiet: output.quiet)
      defer { progress.end() }
      let take = Facts.Import(inputs, rejects: rejects, now: try Console.now())
      let tell = { (name: String, rows: Int) in progress.say("\(name): \(rows) rows …") }
      let summary =
        if existed {
          try take.run(on: Makegood.store(at: path, .creating), holding: lock, progress: tell)
        } else {
          try Makegood.creating(path) {
            try Store.create(path: path, migrations: Makegood.migrations) { try take.run(on: $0, holding: lock, progress: tell) }
          }
        }
      progress.end()
      for name in summary.ignored { Console.note("ignored: \(name)") }
      switch format {
      case .json: Console.print(summary.json)
      case .text where !output.quiet:
        for (name, count) in summary.tables {
          Console.print("\(name): \(count.read) read, \(count.new) new, \(count.changed) changed")
        }
        if summary.isEmpty { Console.print(existed ? "nothing new: the facts were known already" : "nothing to take in") }
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
  fileprivate var json: String {
    JSONText.object([
      (
        "tables",
        JSONText.array(
          tables.map { name, count in
            JSONText.object([("table", JSONText.string(name)), ("read", "\(count.read)"), ("new", "\(count.new)"), ("changed", "\(count.changed)")])
          })
      ), ("ignored", JSONText.list(ignored)), ("rejected", "\(rejected?.count ?? 0)"),
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

extension Makegood {
  /// The lock of a database that is there or about to be made: where it cannot be locked it cannot be made either.
  fileprivate static func lock(_ path: String, existed: Bool) throws -> RunLock {
    do throws(StorageError) { return try RunLock(database: path) } catch {
      guard !existed, case .inputOutput(_, let why) = error else { throw error }
      throw Makegood.cannotCreate(path, why)
    }
  }
}
