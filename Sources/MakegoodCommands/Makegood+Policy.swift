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
          makegood policy set settings.json
        """,
      subcommands: [Show.self, Set.self])

    struct Show: ParsableCommand {
      static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Prints every set of settings, oldest first, as JSON.",
        discussion: """
          Example:
            makegood policy show
          """)

      @OptionGroup var database: DatabaseOptions
      @OptionGroup var answer: AnswerOptions
      @Option(help: ArgumentHelp("json; there is no other.", valueName: "format"))
      var format = JSONFormat.json

      func run() throws {
        let store = try Makegood.store(at: try database.path(), .existing)
        let sets = try store.read { try $0.settings().sets }
        let defaults = SettingsSet(effectiveFrom: Instant(seconds: 0), policy: PolicyNumbers(), operating: OperatingNumbers())
        Console.print("[\n" + (sets.isEmpty ? [defaults] : sets).map(SettingsFormat.json).joined(separator: ",\n") + "\n]")
      }
    }

    struct Set: ParsableCommand {
      static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Adds the set of settings in FILE: a JSON object as 'policy show' prints them; keys left out keep the policy's defaults.",
        discussion: """
          Example:
            makegood policy set settings.json
          """)

      @OptionGroup var database: DatabaseOptions
      @OptionGroup var reports: ReportOptions
      @OptionGroup var output: OutputOptions

      @Argument(help: "The file with the settings.")
      var file: String

      func run() throws {
        let path = try database.path()
        let data: Data
        do { data = try Data(contentsOf: URL(fileURLWithPath: file)) } catch {
          throw Diagnostic(.missingInput, "cannot read '\(file)'", hint: "Name a JSON file with the settings.")
        }
        let set = try SettingsFormat.parse(data)
        let store = try Makegood.store(at: path, .existing)
        let lock = try RunLock(database: path)
        let anchors = try Anchors(warning: reports, of: store)
        let now = try Console.now()
        try store.transaction { connection in (.commit, try connection.add(set, at: now)) }
        try anchors.keep()
        _ = consume lock
        if !output.quiet { Console.print("settings take effect at \(set.effectiveFrom)") }
      }
    }
  }
}
