import RefundPolicy

/// `index.html`: one page that needs nothing else, no script and no network. It tells what passed through the writers.
struct Page {
  let title: RunTitle
  let figures: Figures
  let files: [WrittenFile]

  var html: String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
    <title>\(escaped(title.heading)) · makegood</title>
    <style>
    \(Page.style)
    </style>
    </head>
    <body>
    <header>
    <h1>\(escaped(title.heading))</h1>
    <p>\(escaped(title.subheading)). All amounts in USD.</p>
    </header>
    <main>
    \(sections.filter { !$0.isEmpty }.joined(separator: "\n"))
    </main>
    <footer><p>Days are UTC; first and last day are both included. The figures are those of the CSV files in this folder.</p></footer>
    </body>
    </html>

    """
  }

  private var sections: [String] {
    [notices, headline, controlTotals, causes, queue, unpaid, largest, requests, exceptions, fileList]
  }
}

// What the reader sees first.
extension Page {
  private var notices: String {
    var lines: [String] = []
    for rewrite in figures.rewrites {
      lines.append(
        "<strong>History was rewritten:</strong> \(escaped(rewrite.saidBy)) said on \(rewrite.saidAt.day) that other settings hold from "
          + "\(rewrite.effectiveFrom) on, before dates that were closed: \(escaped(rewrite.note))")
    }
    for flag in FlagSet.guards.flags {
      guard let held = figures.held[flag] else { continue }
      let what = "\(counted(held.count, "item")) worth \(money(held.amount)) USD"
      lines.append("<strong>Held:</strong> \(what) \(held.count == 1 ? flag.heldWords.one : flag.heldWords.many)")
    }
    if figures.unseenExceptions > 0 {
      lines.append(
        "<strong>New exceptions:</strong> \(counted(figures.unseenExceptions, "exception")) that nobody had seen when this run ended; "
          + "see below, and then say so with <code>makegood status --seen</code>.")
    }
    if figures.overdue.count > 0 {
      lines.append(
        "<strong>Overdue:</strong> \(counted(figures.overdue.count, "item")) worth \(money(figures.overdue.amount)) USD "
          + "\(figures.overdue.count == 1 ? "has" : "have") reached the promised day undecided (Q5).")
    }
    if figures.overdueUnpaid.count > 0 {
      lines.append(
        "<strong>Overdue:</strong> \(counted(figures.overdueUnpaid.count, "approved item")) worth \(money(figures.overdueUnpaid.amount)) USD "
          + "\(figures.overdueUnpaid.count == 1 ? "has" : "have") reached the promised day unpaid (Q5).")
    }
    if !figures.faults(money).isEmpty {
      lines.append("<strong>The control totals do not tie;</strong> see below, and run <code>makegood verify</code>.")
    }
    return lines.map { "<p class=\"notice\" role=\"note\">\($0)</p>" }.joined(separator: "\n")
  }

  private var headline: String {
    let tiles: [(SummaryLine, String)] = [
      (.opened, "Opened"), (.increased, "Increased"), (.reduced, "Reduced"), (.withdrawn, "Withdrawn"),
      (.approved, "Approved"), (.paid, "Paid"),
      (.closingPending, "Pending at the end"), (.closingUnpaid, "Unpaid at the end"),
    ]
    let cells = tiles.map { line, label in
      let row = figures.line(line)
      let amount = row?.amount.map(money) ?? "–"
      let count = row.map { counted($0.count, "item") } ?? "not told"
      let style = line == .closingPending || line == .closingUnpaid ? " class=\"result\"" : ""
      return "<div\(style)><dt>\(label)</dt><dd class=\"amount\">\(amount)</dd><dd>\(count)</dd></div>"
    }
    let decided = figures.line(.ordersDecided).map { "<p class=\"quiet\">\(counted($0.count, "order")) decided.</p>" } ?? ""
    return section("headline", "At a glance", "<dl class=\"tiles\">\n\(cells.joined(separator: "\n"))\n</dl>\n\(decided)")
  }
}

// The tables.
extension Page {
  private var largest: String {
    guard !figures.largest.isEmpty else {
      return section("largest", "Largest refunds", "<p class=\"quiet\">This run leaves no item with an amount.</p>")
    }
    let rows = figures.largest.map { row in
      let item = row.item
      let days = item.firstDay.flatMap { first in item.lastDay.map { first == $0 ? "\(first)" : "\(first) to \($0)" } } ?? ""
      let causes = item.causes.causes.map(\.name).joined(separator: ", ")
      return "<tr><th scope=\"row\">\(item.id)</th><td class=\"free\">\(escaped(item.orderID))</td><td>\(causes)</td>"
        + "<td>\(item.state.rawValue)</td><td>\(days)</td>"
        + "<td class=\"number\">\(grouped(Int64(item.days)))</td><td class=\"number\">\(money(item.amount))</td>"
        + "<td class=\"number\">\(row.change > .zero ? "+" : "")\(money(row.change))</td></tr>"
    }
    let shown = rows.count == 1 ? "largest" : "\(rows.count) largest"
    return section(
      "largest", "Largest refunds",
      """
      <p class="quiet">The \(shown) of \(counted(figures.refundCount, "item")) that this run opened, restated or withdrew, by amount after it.</p>
      \(table(["Item", "Order", "Causes", "State", "First to last day", "#Days", "#Amount", "#Change"], rows))
      """)
  }

  private var unpaid: String {
    guard figures.unpaid.count > 0 else {
      return section("unpaid", "Approved, not yet paid", "<p class=\"quiet\">All that was approved is paid.</p>")
    }
    let rows = figures.unpaidDueFirst.map { row in
      "<tr><th scope=\"row\">\(row.item)</th><td class=\"free\">\(escaped(row.orderID))</td><td>\(row.state.rawValue)</td>"
        + "<td class=\"day\">\(row.dueOn)\(row.isOverdue ? "<br>overdue" : "")</td><td>\(escaped(row.coin))</td><td class=\"number\">\(money(row.amount))</td>"
        + "<td class=\"wide\">\(escaped(row.reason))</td></tr>"
    }
    let rest = figures.unpaid.count > rows.count ? " The \(rows.count) due first are shown; all are in <a href=\"unpaid.csv\">unpaid.csv</a>." : ""
    return section(
      "unpaid", "Approved, not yet paid",
      """
      <p class="quiet">\(counted(figures.unpaid.count, "item")) worth \(money(figures.unpaid.amount)), by the day promised to the customer.\(rest)</p>
      \(table(["Item", "Order", "State", "Due", "Coin", "#Amount", "Why it is not paid yet"], rows))
      """)
  }

  private var requests: String {
    var rows: [String] = []
    for verdict in RequestVerdict.allCases {
      for clause in Clause.allCases {
        guard let count = figures.requests[Figures.Verdict(verdict: verdict, clause: clause)] else { continue }
        let words = verdict.rawValue.split(separator: "_").joined(separator: " ")
        rows.append(
          "<tr><th scope=\"row\">\(words)</th><td>\(clause.rawValue)</td><td class=\"wide\">\(escaped(clause.sentence))</td>"
            + "<td class=\"number\">\(grouped(Int64(count)))</td></tr>")
      }
    }
    let none = "<p class=\"quiet\">This run decided no request.</p>"
    return section(
      "requests", "Refund requests", rows.isEmpty ? none : table(["Decision", "Clause", "What the clause says", "#Requests"], rows))
  }

  private var exceptions: String {
    guard figures.exceptionCount > 0 else {
      return section("exceptions", "Exceptions", "<p class=\"quiet\">Nothing waits for a person.</p>")
    }
    let kinds = ExceptionKind.allCases.compactMap { kind in figures.exceptionsByKind[kind].map { "\(kind.rawValue) \(grouped(Int64($0)))" }
    }
    let rows = figures.exceptions.map { row in
      "<tr><th scope=\"row\">\(row.kind.rawValue)</th><td class=\"free\">\(escaped(row.subject))</td><td class=\"free\">\(escaped(row.orderID))</td>"
        + "<td class=\"number\">\(row.amount.map(money) ?? "")</td><td class=\"wide\">\(escaped(row.explanation))</td></tr>"
    }
    let rest = " The first \(rows.count) are shown; all are in <a href=\"exceptions.csv\">exceptions.csv</a>."
    return section(
      "exceptions", "Exceptions",
      """
      <p class="quiet">\(counted(figures.exceptionCount, "exception")) open: \(kinds.joined(separator: ", ")).\
      \(figures.exceptionCount > rows.count ? rest : "")</p>
      \(table(["Kind", "Subject", "Order", "#Amount", "What was found"], rows))
      """)
  }

  private var fileList: String {
    let rows = ReportFile.allCases.compactMap { file -> String? in
      let written = files.first { $0.name == file.fileName }
      if written == nil && file == .differences { return nil }
      return "<tr><th scope=\"row\"><a href=\"\(file.fileName)\">\(file.fileName)</a></th><td class=\"wide\">\(escaped(file.purpose))</td>"
        + "<td class=\"number\">\(written.map { grouped(Int64($0.rows)) } ?? "")</td></tr>"
    }
    return section(
      "files", "Files",
      """
      \(table(["File", "What it is for", "#Rows"], rows))
      <p class="quiet"><a href="datapackage.json">datapackage.json</a> describes every column; <a href="SHA256SUMS">SHA256SUMS</a> \
      is checked with <code>sha256sum -c SHA256SUMS</code>.</p>
      """)
  }

  /// `keep`: on paper the section stays on one page.
  func section(_ id: String, _ heading: String, keep: Bool = false, _ body: String) -> String {
    "<section\(keep ? " class=\"keep\"" : "") aria-labelledby=\"\(id)\"><h2 id=\"\(id)\">\(heading)</h2>\n\(body)\n</section>"
  }

  /// A table that scrolls by itself on a narrow screen. A heading that begins with `#` stands over numbers.
  ///
  /// - Parameter style: A class of the table.
  func table(_ headings: [String], _ rows: [String], style: String? = nil) -> String {
    let cells = headings.map { heading in
      heading.hasPrefix("#") ? "<th scope=\"col\" class=\"number\">\(heading.dropFirst())</th>" : "<th scope=\"col\">\(heading)</th>"
    }
    return """
      <div class="scroll"><table\(style.map { " class=\"\($0)\"" } ?? "")>
      <thead><tr>\(cells.joined())</tr></thead>
      <tbody>
      \(rows.joined(separator: "\n"))
      </tbody>
      </table></div>
      """
  }
}

// How text and numbers look.
extension Page {
  /// Text as it may stand in an element or a quoted attribute; control characters, which HTML refuses, become U+FFFD.
  func escaped(_ text: String) -> String {
    var output = ""
    output.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": output += "&amp;"
      case "<": output += "&lt;"
      case ">": output += "&gt;"
      case "\"": output += "&quot;"
      case "'": output += "&#39;"
      case "\t", "\n": output.unicodeScalars.append(scalar)
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}": output += "\u{FFFD}"
      default: output.unicodeScalars.append(scalar)
      }
    }
    return output
  }

  /// `1,234,567`; negative numbers with a true minus sign.
  func grouped(_ number: Int64) -> String {
    var text = ""
    for (index, digit) in String(number.magnitude).enumerated().reversed() {
      text = String(digit) + text
      let behind = String(number.magnitude).utf8.count - index
      if index > 0 && behind % 3 == 0 { text = "," + text }
    }
    return (number < 0 ? "−" : "") + text
  }

  /// `1,234.56`; negative amounts with a true minus sign.
  func money(_ amount: Cents) -> String {
    let cents = amount.count.magnitude % 100
    return (amount.count < 0 ? "−" : "") + grouped(Int64(amount.count.magnitude / 100)) + (cents < 10 ? ".0" : ".") + String(cents)
  }

  func counted(_ number: Int, _ noun: String) -> String { "\(grouped(Int64(number))) \(noun)\(number == 1 ? "" : "s")" }
}

extension ItemFlag {
  /// Why a guard holds items, behind their number and worth.
  fileprivate var heldWords: (one: String, many: String) {
    switch self {
    case .usageMissing:
      ("waits until usage is known through the day of its request (G4).", "wait until usage is known through the days of their requests (G4).")
    case .endTakenBack:
      (
        "waits for a person, because a fact took an end back that it follows from (G5).",
        "wait for a person, because facts took ends back that they follow from (G5)."
      )
    default:
      (
        "went over the limit of a night and waits until a person releases it (G2).",
        "went over the limit of a night and wait until a person releases them (G2)."
      )
    }
  }
}
