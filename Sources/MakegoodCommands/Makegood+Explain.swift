import ArgumentParser
import Ledger
import Night
import RefundPolicy
import Storage

extension Makegood {
  struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "explain",
      abstract: "Shows the facts, the clauses, the days and the arithmetic behind a decision (D1).",
      discussion: """
        Examples:
          makegood explain order O-1008
          makegood explain item R000000006
          makegood explain request R-008 --format json
          makegood explain order O-1008 --letter
        """)

    enum Subject: String, ExpressibleByArgument, CaseIterable { case order, item, request }

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions

    @Argument(help: "order, item or request.")
    var subject: Subject

    @Argument(help: "Its id.")
    var id: String

    @Option(help: ArgumentHelp("table or json.", valueName: "format"))
    var format = TextFormat.table

    @Flag(help: "Write the text for the customer, without anything internal.")
    var letter = false

    func run() throws {
      let store = try Makegood.store(at: try database.path(), .existing)
      try store.read { connection in
        guard try connection.watermark() != nil else {
          throw Diagnostic(.missingInput, "no date is closed yet, so nothing is decided", hint: "Run 'makegood run' first.")
        }
        guard let orderID = try orderID(on: connection) else { return try explainUnmatched(on: connection) }
        guard let dossier = try OrderDossier(of: orderID, from: connection) else {
          throw Diagnostic(.missingInput, "there is no order '\(orderID)'", hint: "See the id in orders.csv or in a report.")
        }
        if letter {
          Console.print(CustomerLetter(dossier).text)
          return
        }
        switch format {
        case .json: Console.print(DossierJSON.text(dossier))
        case .table: Console.print(DossierText(dossier).lines.joined(separator: "\n"))
        }
      }
    }

    /// The order behind the subject; nil for a request that was matched to none.
    private func orderID(on connection: Connection) throws -> String? {
      switch subject {
      case .order: return id
      case .item:
        guard let itemID = ItemID(id), let item = try connection.item(itemID) else {
          throw Diagnostic(.missingInput, "there is no item '\(id)'", hint: "Items are named like R000000017; see queue.csv.")
        }
        return item.orderID
      case .request:
        guard try connection.hasRequest(id) else {
          throw Diagnostic(.missingInput, "there is no request '\(id)'", hint: "See the id in requests.csv or in request_decisions.csv.")
        }
        if try connection.decisions(ofRequest: id).last?.decision.verdict == .unmatched { return nil }
        return try connection.order(ofRequest: id)
      }
    }

    private func explainUnmatched(on connection: Connection) throws {
      let told = try connection.decisions(ofRequest: id)
      guard !told.isEmpty else {
        throw Diagnostic(
          .missingInput, "request '\(id)' was not decided yet", hint: "It is decided by the night of the date it was made on, or the next one.")
      }
      if letter, let last = told.last?.decision {
        Console.print(CustomerLetter.text(ofUnmatched: last))
        return
      }
      switch format {
      case .json:
        Console.print(
          JSONText.array(
            told.map { entry in
              JSONText.object([
                ("business_date", JSONText.string(entry.day.description)), ("decision", JSONText.string(entry.decision.verdict.rawValue)),
                ("clause", JSONText.string(entry.decision.clause.rawValue)), ("explanation", JSONText.string(entry.decision.explanation)),
              ])
            }))
      case .table:
        Console.print("request \(id)")
        for entry in told {
          Console.print("  told on \(entry.day): \(entry.decision.verdict.rawValue) (\(entry.decision.clause)): \(entry.decision.explanation)")
        }
      }
    }
  }
}
