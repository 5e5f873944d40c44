import ArgumentParser
import AuditLog
import Facts
import Ledger
import RefundPolicy
import Storage

extension Makegood {
  struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "backup",
      abstract: "Copies the ledger into a new file, also while a night runs, checks the copy, and says what is in it.",
      discussion: """
        The copy is of one moment: what was committed before is in it. It is whole by SQLite's own check, and its chain of seals fits all that is \
        in it, or it is not kept. A file that is there is never replaced.

        A copy belongs on another machine. How to put one back: cron/README.md.

        Examples:
          makegood backup /srv/backups/makegood-$(date -u +%Y%m%d).db
          makegood backup copy.db --format json

        \(ExitStatus.table)
        """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("text or json.", valueName: "format"))
    var format = SummaryFormat.text

    @Argument(help: ArgumentHelp("The file to make; nothing may be there.", valueName: "file"))
    var file: String

    func run() throws {
      let store = try Makegood.store(at: try database.path(), .existing)
      let progress = Progress(quiet: output.quiet)
      defer { progress.end() }
      progress.say("copying …")
      let content: BackupContent
      do {
        content = try store.backUp(to: file, migrations: Makegood.migrations) { copy in
          progress.say("checking the copy …")
          return try copy.read { try BackupContent(checking: $0) }
        }
      } catch let error as StorageError {
        throw Diagnostic(backup: error, to: file)
      }
      progress.end()
      switch format {
      case .json: Console.print(content.json(file))
      case .text: if !output.quiet { Console.print("\(file): \(content.text)") }
      }
    }
  }
}

/// What is in a copy that was found whole.
private struct BackupContent {
  let lastClosed: ServiceDay?
  let anchor: Anchor?
  let importedAt: Instant?
  let runs: Int64
  let items: Int64

  /// - Throws: ``Diagnostic`` where it is not whole.
  init(checking connection: Connection) throws {
    var check = LedgerCheck(connection) { try ImportContent.add($0, from: connection, to: &$1) }
    if let finding = try check.run().first {
      throw Diagnostic(
        .badInput, "the database is not as the program left it: \(finding.place): \(finding.what)",
        hint: "No copy was kept. See 'makegood verify'; keep the backups that there are.")
    }
    (lastClosed, anchor) = (try connection.watermark(), try connection.anchor())
    let newest = try connection.prepare("SELECT imported_at FROM imports ORDER BY import_id DESC LIMIT 1")
    importedAt = try newest.step() ? newest.instant(0) : nil
    runs = try connection.integer("SELECT count(*) FROM runs")
    items = try connection.integer("SELECT (SELECT count(*) FROM items) + (SELECT coalesce(sum(left_count), 0) FROM sheets)")
  }

  var text: String {
    let closed = lastClosed.map { "last closed date \($0)" } ?? "no date is closed"
    let newest = importedAt.map { "newest import \(anchor?.imported ?? 0) of \($0)" } ?? "no import"
    func counted(_ count: Int64, _ what: String) -> String { "\(count) \(what)\(count == 1 ? "" : "s")" }
    return "\(closed), \(newest), \(counted(runs, "run")), \(counted(items, "item")); checked"
  }

  func json(_ file: String) -> String {
    JSONText.object([
      ("file", JSONText.string(file)), ("last_closed", JSONText.string(lastClosed?.description)),
      ("newest_import", anchor.map { "\($0.imported)" } ?? "null"), ("imported_at", JSONText.string(importedAt?.description)),
      ("runs", "\(runs)"), ("items", "\(items)"), ("seal", anchor.map { "\($0.seal)" } ?? "null"),
    ])
  }
}

extension Diagnostic {
  /// Why there is no copy.
  fileprivate init(backup error: StorageError, to file: String) {
    switch error {
    case .occupied(let path, let what):
      self.init(.cannotCreate, "cannot write the backup: \(what) is at '\(path)' already", hint: "Name a new file; nothing is ever replaced.")
    case .inputOutput(let path, let why) where path.hasPrefix(file):
      self.init(.cannotCreate, "cannot write the backup '\(file)': \(why)", hint: "Name a file in a folder that is there and may be written.")
    case .inputOutput, .missing, .severalNames, .strayLog, .busy, .notOurs, .damaged, .refused: self.init(describing: error)
    }
  }
}
