import ArgumentParser

extension Makegood {
  struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Shows the facts, the clauses, the days and the arithmetic behind a decision (D1).", subcommands: [])
    func run() throws {}
  }
}
