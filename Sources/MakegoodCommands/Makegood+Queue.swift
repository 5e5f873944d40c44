import ArgumentParser
import Facts
import Foundation
import Ledger
import Night
import RefundPolicy
import Reports
import Storage

/// How a command writes its answer.
enum AnswerFormat: String, ExpressibleByArgument, CaseIterable { case table, csv, json }

/// How a command that does something says what it did.
enum SummaryFormat: String, ExpressibleByArgument, CaseIterable { case text, json }

/// How a command answers that has no rows for a CSV.
enum TextFormat: String, ExpressibleByArgument, CaseIterable { case table, json }

/// The format of a command that answers in JSON and nothing else.
enum JSONFormat: String, ExpressibleByArgument, CaseIterable { case json }

extension Makegood {
  struct Queue: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "queue",
      abstract: "Shows what waits for review.",
      discussion: """
        Examples:
          makegood queue
          makegood queue --format csv > queue.csv
        """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var answer: AnswerOptions

    @Option(help: ArgumentHelp("table, csv or json.", valueName: "format"))
    var format = AnswerFormat.table

    func run() throws {
      let store = try Makegood.store(at: try database.path(), .existing)
      try store.read { connection in
        guard let day = try connection.watermark() else {
          if format == .json { Console.print("[]") } else { answer.note("no date is closed yet, so nothing waits") }
          return
        }
        let payees = PayeeCheck(try connection.settings().operating(closing: day))
        var items: [ReportedItem<String>] = []
        try connection.eachUndecided { items.append(ReportedItem($0, on: day, payees)) }
        switch format {
        case .csv: try Console.write(data: { try QueueListing.write(items, to: $0) })
        case .json: Console.print(JSONText.array(items.map(\.json)))
        case .table: show(items)
        }
      }
    }

    private func show(_ items: [ReportedItem<String>]) {
      var table = TextTable(["item", "order", "state", "due", "causes", "days", "usd", "flags"], rightAligned: [5, 6])
      for item in items {
        table.add([
          item.id.description, item.orderID, item.state.rawValue, item.dueOn.description,
          item.causes.causes.map(\.name).joined(separator: "+"), "\(item.days)", item.amount.description,
          item.flags.flags.map(\.rawValue).joined(separator: "+"),
        ])
      }
      if !items.isEmpty { Console.write(table.text) }
      let total = items.reduce(Cents.zero) { $0 + $1.amount }
      Console.print(items.isEmpty ? "nothing waits" : "\(items.count) waiting, \(total) USD")
    }
  }
}

/// Columns of text, as wide as they need to be.
struct TextTable {
  private var rows: [[String]]
  private let rightAligned: Set<Int>

  init(_ header: [String], rightAligned: Set<Int> = []) {
    rows = [header]
    self.rightAligned = rightAligned
  }

  mutating func add(_ row: [String]) { rows.append(row) }

  var text: String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - row[column].count)
        return rightAligned.contains(column) ? padding + row[column] : row[column] + padding
      }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}

/// JSON put together by hand, so that keys keep their order and amounts stay text.
enum JSONText {
  static func string(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case let hidden where HiddenCharacter.isHidden(hidden):
        for unit in String(hidden).utf16 {
          let hex = String(unit, radix: 16)
          out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
        }
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }

  static func string(_ text: String?) -> String { text.map { string($0) } ?? "null" }

  static func object(_ members: [(String, String)]) -> String {
    "{" + members.map { "\(string($0.0)): \($0.1)" }.joined(separator: ", ") + "}"
  }

  static func array(_ elements: [String]) -> String {
    elements.isEmpty ? "[]" : "[\n  " + elements.joined(separator: ",\n  ") + "\n]"
  }

  static func list(_ texts: [String]) -> String { "[" + texts.map { string($0) }.joined(separator: ", ") + "]" }
}

extension ReportedItem<String> {
  fileprivate var json: String {
    JSONText.object([
      ("item_id", JSONText.string(id.description)), ("order_id", JSONText.string(orderID)), ("period_id", JSONText.string(periodID)),
      ("state", JSONText.string(state.rawValue)), ("opened_on", JSONText.string(openedOn.description)),
      ("due_on", JSONText.string(dueOn.description)), ("overdue", isOverdue ? "true" : "false"),
      ("causes", JSONText.list(causes.causes.map(\.name))), ("evidence", JSONText.list(evidence.records)),
      ("first_day", JSONText.string(firstDay?.description)),
      ("last_day", JSONText.string(lastDay?.description)), ("days", "\(days)"), ("amount_usd", JSONText.string(amount.description)),
      ("coin", JSONText.string(coin)), ("network", JSONText.string(network)), ("address", JSONText.string(address)),
      ("tag", JSONText.string(tag)), ("flags", JSONText.list(flags.flags.map(\.rawValue))),
      ("explanation", JSONText.string(explanation.description)),
    ])
  }
}
