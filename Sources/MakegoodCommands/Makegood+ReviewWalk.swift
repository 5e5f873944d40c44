import ArgumentParser
import Foundation
import Ledger
import Payouts
import Night
import RefundPolicy
import Storage

extension Makegood.Review {
  /// The queue on a terminal, item by item; each decision is kept at once.
  struct Walk: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "walk",
      abstract: "Goes through the queue on a terminal, item by item, and takes a key for each.",
      discussion: """
        a approve, r reject (asks why), h hold, l release, e explain in full, s or Enter skip, q quit. Each decision is kept at once.

        Example:
          makegood review --by "Ann Lee"
        """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var reports: ReportOptions
    @OptionGroup var reviewer: ReviewerOptions
    @OptionGroup var answer: AnswerOptions

    func run() throws {
      guard Console.isErrorTerminal, isatty(STDIN_FILENO) == 1 else {
        throw Diagnostic(
          .usage, "there is no terminal to ask on", hint: "Use 'makegood review approve ITEM --by NAME', or 'makegood review apply FILE'.")
      }
      let path = try database.path()
      let store = try Makegood.store(at: path, .existing)
      let person = try reviewer.reviewer(of: store)
      var waiting: [ItemID] = []
      let now = try Console.now()
      let payees = try store.read { connection in
        try connection.eachUndecided { waiting.append($0.item.id) }
        return PayeeCheck(try connection.settings().operating(at: now))
      }
      var decided = 0
      for (index, id) in waiting.enumerated() {
        guard let item = try store.read({ try $0.item(id) }), item.state.isUndecided else { continue }
        show(item, "\(index + 1)/\(waiting.count)", payees)
        switch try ask(item, store, path, person) {
        case .decided: decided += 1
        case .skipped: continue
        case .quit:
          Console.print("\(decided) decided, \(waiting.count - index) left")
          return
        }
      }
      Console.print(waiting.isEmpty ? "nothing waits" : "\(decided) decided")
    }

    private enum Step { case decided, skipped, quit }

    private func show(_ item: Item, _ place: String, _ payees: PayeeCheck) {
      let flags = item.flags.flags.map(\.rawValue).joined(separator: ", ")
      let network = item.network.map { " on \($0)" } ?? ""
      Console.print("")
      Console.print(
        "\(place)  \(item.id)  order \(item.orderID)  \(item.amount) USD in \(item.coin)\(network)  \(item.state.rawValue), due \(item.dueOn)")
      Console.print("  \(NightReport.explanation(of: item, payees))")
      Console.print("  to \(item.address ?? "no address")\(item.tag.map { ", tag \($0)" } ?? "")\(flags.isEmpty ? "" : "  [\(flags)]")")
    }

    private func ask(_ item: Item, _ store: Store, _ path: String, _ person: Reviewer) throws -> Step {
      // Nobody decides on what nobody sees.
      while !Console.isBroken {
        Console.prompt("approve, reject, hold, release, explain, skip, quit [a r h l e s q]? ")
        guard let line = readLine() else { return .quit }
        let act: ReviewAct
        switch line.trimmingCharacters(in: .whitespaces).lowercased().first {
        case "a": act = .approve
        case "r": act = .reject
        case "h": act = .hold
        case "l": act = .release
        case "e":
          try store.read { connection in
            if let dossier = try OrderDossier(of: item.orderID, from: connection) {
              Console.print(DossierText(dossier).lines.joined(separator: "\n"))
            }
          }
          continue
        case nil, "s": return .skipped
        case "q": return .quit
        default: continue
        }
        var note: String?
        if act.needsNote {
          Console.prompt("why? ")
          note = readLine()
        }
        var reason: String?
        if act == .reject {
          Console.prompt("why, for the customer's letter (may stay empty)? ")
          reason = readLine()
        }
        let lock = try RunLock(database: path)
        let anchors = try Anchors(warning: reports, of: store)
        do {
          var results = ReviewResults()
          try ReviewSession(store, anchors, reviewer: person, now: try Console.now()).run(holding: lock) { desk in
            results.add(
              act,
              try desk.decide(act, item.id, seen: SeenItem(item), note: note, forCustomer: reason))
          }
          try results.tell(quiet: false)
          return .decided
        } catch let refusal as ReviewRefusal {
          Console.report(Diagnostic(refusal))
        }
      }
      return .quit
    }
  }
}
