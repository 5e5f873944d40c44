import ArgumentParser
import Foundation
import Ledger
import Payouts
import RefundPolicy
import Storage

extension Makegood {
  struct Policy: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "policy",
      abstract: "Shows or adds the settings of the policy.",
      discussion: """
        A period is decided under the settings in force when it was paid for, so a change never rewrites the past; operating settings follow \
        the run's date.

        Examples:
          makegood policy show
          makegood policy set settings.json --by "Ann Lee"

        \(ExitStatus.table)
        """,
      subcommands: [Show.self, Set.self])

    struct Show: ParsableCommand {
      static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Prints every set of settings, oldest first, as JSON, with who said it, when and why.",
        discussion: """
          Before the first set the policy's own numbers hold; they are shown while there is no set.

          Example:
            makegood policy show
          """)

      @OptionGroup var database: DatabaseOptions
      @OptionGroup var answer: AnswerOptions
      @Option(help: ArgumentHelp("json; there is no other.", valueName: "format"))
      var format = JSONFormat.json

      func run() throws {
        let store = try Makegood.store(at: try database.path(), .existing)
        let records = try store.read { try $0.settingsRecords() }
        let sets = records.isEmpty ? [SettingsFormat.json(.defaults)] : records.map { SettingsFormat.json($0.set, said: $0.said) }
        Console.print("[\n" + sets.joined(separator: ",\n") + "\n]")
      }
    }

    struct Set: ParsableCommand {
      static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Adds the settings in FILE, a JSON object like those that 'policy show' prints.",
        discussion: """
          What the file leaves out is inherited from the settings in force at its effective_from. That is the day after the last closed date or \
          later: what closed dates were decided under changes only with --rewrite-history and a note, which the next page and the log show.

          Examples:
            echo '{"effective_from": "2026-12-01", "window_days": 10}' >settings.json
            makegood policy set settings.json --by "Ann Lee"
            makegood policy set settings.json --by "Ann Lee" --rewrite-history --note "Promised in the terms since March."
          """)

      @OptionGroup var database: DatabaseOptions
      @OptionGroup var reports: ReportOptions
      @OptionGroup var reviewer: ReviewerOptions
      @OptionGroup var output: OutputOptions

      @Option(help: ArgumentHelp("Why; kept in the log.", valueName: "text"))
      var note: String?

      @Flag(help: "Let the settings take effect before the day after the last closed date; needs a note.")
      var rewriteHistory = false

      @Argument(help: "The file with the settings.")
      var file: String

      func run() throws {
        let path = try database.path()
        let data: Data
        do { data = try Data(contentsOf: URL(fileURLWithPath: file)) } catch {
          throw Diagnostic(.missingInput, "cannot read '\(file)'", hint: "Name a JSON file with the settings.")
        }
        let draft = try SettingsDraft([UInt8](data))
        let store = try Makegood.store(at: path, .existing)
        let person = try reviewer.reviewer(of: store)
        let lock = try RunLock(database: path)
        let anchors = try Anchors(warning: reports, of: store)
        let now = try Console.now()
        let outcome = try store.transaction { connection in
          (.commit, try connection.take(draft, by: person, note: note, rewritesHistory: rewriteHistory, at: now))
        }
        try anchors.keep()
        _ = consume lock
        if !output.quiet { for line in Set.lines(outcome) { Console.print(line) } }
      }

      /// What changed, what is kept, and from where.
      private static func lines(_ outcome: SettingsOutcome) -> [String] {
        switch outcome {
        case .unchanged(let set):
          return ["nothing changes: these are the settings in force \(set == .defaults ? "by default" : "from \(set.effectiveFrom) on")"]
        case .added(let change):
          var lines = ["settings take effect at \(change.after.effectiveFrom)\(change.rewritesHistory ? ", and rewrite history" : "")"]
          lines += change.changed.map { "  \($0.name): \($0.before) -> \($0.after)" }
          lines.append(change.before.map { "kept from the settings of \($0.effectiveFrom)" } ?? "kept from the policy's own numbers")
          lines += change.kept.map { "  \($0.name): \($0.after)" }
          if !change.later.isEmpty {
            lines.append("settings from \(change.later.map(\.description).joined(separator: ", ")) on stay as they are")
          }
          return lines
        }
      }
    }
  }
}
