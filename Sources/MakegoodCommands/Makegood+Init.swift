import ArgumentParser
import Storage

extension Makegood {
  struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "init",
      abstract: "Makes a new ledger.",
      discussion: """
        No other command makes one ('demo' apart), so that a mistyped path or a lost disk never looks like a ledger without refunds. \
        Where anything is at the path, or the log of an earlier database beside it, nothing is made.

        Example:
          makegood init --db /var/lib/makegood/makegood.db

        \(ExitStatus.table)
        """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      let path = try database.path()
      try Makegood.create(path)
      if !output.quiet { Console.print("made a new ledger: \(path)") }
    }
  }
}
