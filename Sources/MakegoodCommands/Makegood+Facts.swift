import ArgumentParser
import Facts
import Foundation
import Storage

extension Makegood {
  /// The facts as they are known, for a person or a spreadsheet.
  struct ListFacts: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "facts",
      abstract: "Prints the facts as they are known, as a file that could be imported again.",
      discussion: """
        Columns are those of the file, and 'voided'. Orders and what belongs to them lie packed in the database: this is how to read them.

        Examples:
          makegood facts periods --order O-1022
          makegood facts outages > outages.csv
        """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: AnswerOptions

    @Argument(help: ArgumentHelp("One of \(FactListing.tables.joined(separator: ", ")).", valueName: "table"))
    var table: String

    @Option(help: ArgumentHelp("Only what belongs to this order.", valueName: "id"))
    var order: String?

    @Option(help: "csv or json.")
    var format = Format.csv

    enum Format: String, ExpressibleByArgument, CaseIterable { case csv, json }

    func run() throws {
      let store = try Makegood.store(at: try database.path(), .existing)
      try store.read { connection in
        guard let listing = FactListing(table, on: connection) else {
          throw Diagnostic(.usage, "'\(table)' is no table of facts", hint: "Name one of \(FactListing.tables.joined(separator: ", ")).")
        }
        switch format {
        case .csv: try printCSV(listing)
        case .json:
          var rows: [String] = []
          try listing.each(of: order) { fields in
            rows.append(JSONText.object(zip(listing.header, fields).map { ($0, $1.isEmpty ? "null" : JSONText.string($1)) }))
          }
          Console.print(JSONText.array(rows))
        }
      }
    }

    private func printCSV(_ listing: FactListing) throws {
      var buffer = FactListing.line(listing.header)
      try listing.each(of: order) { fields in
        buffer += FactListing.line(fields)
        if buffer.count >= 1 << 16 {
          Console.write(data: String(decoding: buffer, as: UTF8.self))
          if Console.isBroken { throw ExitStatus.done }
          buffer.removeAll(keepingCapacity: true)
        }
      }
      Console.write(data: String(decoding: buffer, as: UTF8.self))
    }
  }
}
