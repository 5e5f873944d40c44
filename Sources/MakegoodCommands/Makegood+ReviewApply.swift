import ArgumentParser

extension Makegood.Review {
  struct Apply: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Takes decisions back from an edited queue.csv.")
    func run() throws {}
  }
}
