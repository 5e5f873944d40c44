import ArgumentParser
import AuditLog
import Demo
import Facts
import Foundation
import Night
import Payouts
import RefundPolicy
import Storage

extension Makegood {
  struct Demo: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "demo",
      abstract: "Lays out a small real-looking seller in a folder of its own, imports it and runs a night.",
      discussion: """
        The outages are incidents that really happened; the seller around them is made up.

        Example:
          makegood demo /tmp/makegood-demo
        """)

    @OptionGroup var output: OutputOptions

    @Argument(help: ArgumentHelp("The folder to make; it must not be there.", valueName: "folder"))
    var folder = "makegood-demo"

    func run() throws {
      let facts = folder + "/facts"
      guard !FileManager.default.fileExists(atPath: folder) else {
        throw Diagnostic(.cannotCreate, "'\(folder)' is there already", hint: "Name a folder that does not exist yet.")
      }
      guard let day = ServiceDay(DemoFacts.businessDate) else {
        throw Diagnostic(.defect, "the demo's date '\(DemoFacts.businessDate)' is no day", hint: "This is a defect: report it.")
      }
      do {
        try FileManager.default.createDirectory(atPath: facts, withIntermediateDirectories: true)
        for (name, text) in DemoFacts.files { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(facts)/\(name)")) }
      } catch {
        throw Diagnostic(.cannotCreate, "cannot make '\(folder)': \(error.localizedDescription)", hint: "Name a folder that can be made.")
      }
      let path = folder + "/makegood.db"
      // The demo's clock stands at the morning after its business date: it is a rehearsal always.
      let now = day.end.advanced(bySeconds: 4 * 3600)
      try Makegood.create(path, LedgerOrigin(madeAt: now, clock: .pretended, at: "makegood.db"))
      let store = try Makegood.store(at: path, .existing)
      let lock = try RunLock(database: path)
      let summary = try Facts.Import([.path(facts)], rejects: nil, now: now).run(on: store, holding: lock)
      if !output.quiet { Console.print("\(summary.total.new) facts in \(facts), the database is \(path)") }
      let reports = folder + "/reports"
      try Nightly(store: store, anchors: Anchors(reports: reports, of: store), reports: reports, now: now, quiet: output.quiet)
        .close(.through(day), holding: lock)
    }
  }
}
