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
          makegood explain item R000000006 --letter --contact "write to refunds@example.com"
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

    @Option(
      help: ArgumentHelp(
        "How a customer asks or disagrees, as a letter says it: \"write to help@example.com\" (MAKEGOOD_CONTACT).", valueName: "text"))
    var contact: String?

    func run() throws {
      let store = try Makegood.store(at: try database.path(), .existing)
      let contact = LetterContact(try contact ?? Configuration().value("MAKEGOOD_CONTACT"))
      try store.read { connection in
        guard let closed = try connection.watermark() else {
          throw Diagnostic(.missingInput, "no date is closed yet, so nothing is decided", hint: "Run 'makegood run' first.")
        }
        let request = subject == .request ? try self.request(on: connection) : nil
        guard let orderID = try orderID(of: request, on: connection) else {
          if let request { explain(request, after: closed, contact) }
          return
        }
        guard let dossier = try OrderDossier(of: orderID, from: connection) else {
          if let request { return explain(request, after: closed, contact) }
          throw Diagnostic(.missingInput, "there is no order '\(orderID)'", hint: Explain.whereOrdersAre)
        }
        if letter {
          Console.print(CustomerLetter(dossier, about: letterSubject(request), contact: contact).text)
          return
        }
        switch format {
        case .json: Console.print(DossierJSON.text(dossier, after: request.map { ("request", $0.json) }))
        case .table:
          if let request { Console.print((request.lines(after: closed) + [""]).joined(separator: "\n")) }
          Console.print(DossierText(dossier).lines.joined(separator: "\n"))
        }
      }
    }

    private static let whereOrdersAre = "See the id in orders.csv or in a report."

    private func request(on connection: Connection) throws -> RequestRecord {
      if let request = try connection.request(id) { return request }
      let found = try meant(try connection.requests(like: id), "request", hint: "See the id in requests.csv or in request_decisions.csv.")
      guard let request = try connection.request(found) else { throw Diagnostic(.defect, "request '\(found)' is gone", hint: "Ask again.") }
      return request
    }

    /// The id that was meant, where it differs in the case of letters alone.
    private func meant(_ nearest: NearestID, _ what: String, hint: String) throws(Diagnostic) -> String {
      if nearest.alike.count == 1 { return nearest.alike[0] }
      let several = nearest.alike.prefix(3).map { "'\($0)'" }.joined(separator: ", ")
      let guess = nearest.nearest.map { "Do you mean '\($0)'? " } ?? ""
      throw Diagnostic(
        .missingInput, "there is no \(what) '\(id)'",
        hint: nearest.alike.isEmpty ? guess + hint : "There are \(several): write it as one of those is.")
    }

    /// The order behind the subject; nil for a request that was matched to none, or is not matched yet.
    private func orderID(of request: RequestRecord?, on connection: Connection) throws -> String? {
      switch subject {
      case .order:
        return try connection.hasOrder(id) ? id : meant(try connection.orders(like: id), "order", hint: Explain.whereOrdersAre)
      case .item:
        let itemID = try TypedID.item(id)
        guard let item = try connection.item(itemID) else {
          throw Diagnostic(ReviewRefusal.noSuchItem(itemID, last: try connection.lastItem()), .missingInput)
        }
        return item.orderID
      case .request:
        guard let request, !request.isVoided else { return nil }
        return request.isDecided ? request.told.last?.decision.orderID : request.orderID
      }
    }

    private func letterSubject(_ request: RequestRecord?) -> CustomerLetter.Subject {
      switch subject {
      case .order: .order
      case .item: (try? TypedID.item(id)).map { .item($0) } ?? .order
      case .request: .request(request?.id ?? id)
      }
    }

    /// A request of which no order is known.
    private func explain(_ request: RequestRecord, after closed: ServiceDay, _ contact: LetterContact) {
      if letter {
        Console.print(CustomerLetter.text(of: request, after: closed, contact: contact))
        return
      }
      switch format {
      case .json: Console.print(JSONText.object([("request", request.json)]))
      case .table: Console.print(request.lines(after: closed).joined(separator: "\n"))
      }
    }
  }
}

extension RequestRecord {
  /// What is known of a request, as a person reads it.
  fileprivate func lines(after closed: ServiceDay) -> [String] {
    let names = [orderID.map { "order \($0)" }, transaction.map { "transaction \($0)" }].compactMap(\.self).joined(separator: ", ")
    var lines = ["request \(id) of \(requestedAt) by \(channel), for \(names)"]
    lines.append("  to \(address ?? "no address")\(network.map { " on \($0)" } ?? "")\(tag.map { ", tag \($0)" } ?? "")")
    if isVoided { return lines + ["  it is void: it was recorded by mistake, and nothing is decided for it"] }
    if !isDecided { return lines + ["  not decided yet: the night of \(decidingDay(after: closed)) decides it"] }
    return lines
      + told.map { "  told on \($0.businessDay): \($0.decision.verdict.rawValue) (\($0.decision.clause)): \($0.decision.explanation)" }
  }

  fileprivate var json: String {
    JSONText.object([
      ("request_id", JSONText.string(id)), ("requested_at", JSONText.string(requestedAt.description)), ("channel", JSONText.string(channel)),
      ("order_id", JSONText.string(orderID)), ("txid", JSONText.string(transaction)), ("address", JSONText.string(address)),
      ("network", JSONText.string(network)), ("tag", JSONText.string(tag)), ("voided", isVoided ? "true" : "false"),
      (
        "decisions",
        JSONText.array(
          told.map { told in
            JSONText.object([
              ("business_date", JSONText.string(told.businessDay.description)), ("decision", JSONText.string(told.decision.verdict.rawValue)),
              ("clause", JSONText.string(told.decision.clause.rawValue)), ("order_id", JSONText.string(told.decision.orderID)),
              ("explanation", JSONText.string(told.decision.explanation)),
            ])
          })
      ),
    ])
  }
}
