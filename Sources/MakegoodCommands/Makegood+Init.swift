import ArgumentParser
import Storage

extension Makegood {
  struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "init",
      abstract: "Makes a new ledger.",
      discussion: """
        No other command makes one ('demo' apart), so that a mistyped path or a lost disk never looks like a ledger without refunds. \
        Where anything is at the path, or the log of an earlier database beside it, nothing is made. While MAKEGOOD_NOW pretends a clock, the \
        ledger is a rehearsal for good: it accepts the variable, says so in every report, and is never paid on the main net.

        Example:
          makegood init --db /var/lib/makegood/makegood.db

        \(ExitStatus.table)
        """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      let path = try database.path()
      try Makegood.create(path)
      if output.quiet { return }
      Console.print("made a new ledger: \(path)")
      try Makegood.tellRehearsal(Makegood.store(at: path, .existing))
    }
  }
}
