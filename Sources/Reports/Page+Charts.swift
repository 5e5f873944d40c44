import RefundPolicy

/// The control totals as one equation: opening, what was added and taken away, closing.
struct Equation {
  struct Step {
    let line: SummaryLine
    let label: String
    /// +1 or −1: how the line goes into the sum.
    let sign: Int64
    let count: Int
    let amount: Cents
  }

  let opening: Step
  let changes: [Step]
  let closing: Step

  /// Nil when the summary has no opening or closing line; a change that is not told counts as nothing.
  init?(_ figures: Figures) {
    func step(_ line: SummaryLine, _ label: String, _ sign: Int64) -> Step? {
      figures.line(line).map { Step(line: line, label: label, sign: sign, count: $0.count, amount: $0.amount ?? .zero) }
    }
    guard let opening = step(.openingPending, "Opening", 1), let closing = step(.closingPending, "Closing", 1) else { return nil }
    (self.opening, self.closing) = (opening, closing)
    changes = [
      step(.opened, "Opened", 1), step(.increased, "Increased", 1), step(.reduced, "Reduced", -1), step(.withdrawn, "Withdrawn", -1),
      step(.approved, "Approved", -1), step(.rejected, "Rejected", -1), step(.reopened, "Reopened", 1),
    ].compactMap { $0 }
  }

  /// What the opening and the changes come to.
  var sum: Cents { changes.reduce(opening.amount) { $0 + Cents($1.sign * $1.amount.count) } }
  /// What the run itself changed, without what people and the policy decided.
  var changedByRun: Cents {
    changes.reduce(.zero) { total, step in
      switch step.line {
      case .opened, .increased, .reduced, .withdrawn: total + Cents(step.sign * step.amount.count)
      case .openingPending, .approved, .rejected, .reopened, .closingPending, .ordersLookedAt, .cause, .aging, .other: total
      }
    }
  }

  /// One sentence for each total that does not tie; empty when all do.
  func faults(_ figures: Figures, _ money: (Cents) -> String) -> [String] {
    var faults: [String] = []
    if sum != closing.amount {
      faults.append("opening and changes come to \(money(sum)), but \(money(closing.amount)) is told as pending at the end")
    }
    if figures.queue.amount != closing.amount || figures.queue.count != closing.count {
      faults.append(
        "queue.csv holds \(figures.queue.count) items worth \(money(figures.queue.amount)), but \(closing.count) worth "
          + "\(money(closing.amount)) are told as pending at the end")
    }
    if figures.change != changedByRun {
      faults.append("the changes in refunds.csv come to \(money(figures.change)), but \(money(changedByRun)) is told as changed")
    }
    return faults
  }
}

extension Page {
  var controlTotals: String {
    guard let equation = Equation(figures) else { return "" }
    func row(_ step: Equation.Step, _ sign: String, isTotal: Bool) -> String {
      "<tr\(isTotal ? " class=\"total\"" : "")><td class=\"sign\">\(sign)</td><th scope=\"row\">\(step.label)</th>"
        + "<td class=\"number\">\(grouped(Int64(step.count)))</td><td class=\"number\">\(money(step.amount))</td></tr>"
    }
    var rows = [row(equation.opening, "", isTotal: true)]
    rows += equation.changes.map { row($0, $0.sign > 0 ? "+" : "−", isTotal: false) }
    rows.append(row(equation.closing, "=", isTotal: true))
    let faults = equation.faults(figures, money)
    let verdict =
      faults.isEmpty
      ? "<p class=\"ties\">The totals tie: opening and changes come to \(money(equation.sum)), which is what queue.csv holds.</p>"
      : "<p class=\"notice\">The totals do not tie: \(faults.joined(separator: "; ")).</p>"
    let isQuiet = bars(of: equation).allSatisfy { $0.step.amount == .zero }
    let chart = isQuiet ? "<p class=\"quiet\">Nothing was pending, and nothing changed.</p>" : waterfall(equation)
    let body = [chart, table(["", "Pending items", "#Items", "#Amount"], rows), verdict]
    return section("totals", "Control totals", keep: true, body.joined(separator: "\n"))
  }

  private typealias Flow = (step: Equation.Step, from: Int64, to: Int64, style: String)

  /// Opening and closing stand on the ground; each change begins where the one before it ended.
  private func bars(of equation: Equation) -> [Flow] {
    var bars: [Flow] = [(equation.opening, 0, equation.opening.amount.count, "total")]
    var level = equation.opening.amount.count
    for step in equation.changes {
      let next = level + step.sign * step.amount.count
      bars.append((step, level, next, step.sign > 0 ? "more" : "less"))
      level = next
    }
    bars.append((equation.closing, 0, equation.closing.amount.count, "total"))
    return bars
  }

  private func waterfall(_ equation: Equation) -> String {
    let width = 900, top = 30, bottom = 250, slot = width / (equation.changes.count + 2)
    let bars = bars(of: equation)
    // A figure takes about 8 units of width a character at size 13; long ones are set smaller, so that neighbours stay apart.
    let longest = bars.map { money($0.step.amount).utf8.count + 1 }.max() ?? 1
    let size = min(13, slot * 13 / (8 * longest))
    let low = bars.map { min($0.from, $0.to) }.min().map { min($0, 0) } ?? 0
    let high = max(bars.map { max($0.from, $0.to) }.max() ?? 0, low + 1)
    func height(of value: Int64) -> Int { bottom - scaled(value - low, of: high - low, to: bottom - top) }

    var shapes: [String] = ["<line class=\"axis\" x1=\"0\" x2=\"\(width)\" y1=\"\(height(of: 0))\" y2=\"\(height(of: 0))\"/>"]
    for (index, bar) in bars.enumerated() {
      let left = index * slot + slot / 7, wide = slot - 2 * (slot / 7), middle = index * slot + slot / 2
      let upper = height(of: max(bar.from, bar.to)), lower = height(of: min(bar.from, bar.to))
      let sign = bar.style == "total" || bar.step.amount == .zero ? "" : bar.step.sign > 0 ? "+" : "−"
      let tall = bar.step.amount == .zero ? 0 : max(lower - upper, 1)
      if tall > 0 { shapes.append("<rect class=\"\(bar.style)\" x=\"\(left)\" y=\"\(upper)\" width=\"\(wide)\" height=\"\(tall)\"/>") }
      if index + 1 < bars.count {
        let end = height(of: bar.to)
        let start = left + (tall > 0 ? wide : 0)
        shapes.append("<line class=\"link\" x1=\"\(start)\" x2=\"\(left + slot)\" y1=\"\(end)\" y2=\"\(end)\"/>")
      }
      shapes.append("<text font-size=\"\(size)\" x=\"\(middle)\" y=\"\(upper - 7)\">\(sign)\(money(bar.step.amount))</text>")
      shapes.append("<text class=\"label\" x=\"\(middle)\" y=\"\(bottom + 22)\">\(bar.step.label)</text>")
    }
    let told = bars.map { "\($0.step.label.lowercased()) \(money($0.step.amount))" }.joined(separator: ", ")
    return chart(
      id: "waterfall", width: width, height: bottom + 34, title: "From opening to closing", description: "In USD: \(told).",
      style: "waterfall", shapes)
  }

  var causes: String {
    let bars = Cause.allCases.compactMap { cause in
      figures.total(of: cause).map { total in
        Bar(label: cause.name, note: "\(cause.clause.rawValue), \(counted(total.count, "day"))", amount: total.amount, isMarked: false)
      }
    }
    guard !bars.isEmpty else {
      return section("causes", "Refunds by cause", "<p class=\"quiet\">This run leaves no days to refund.</p>")
    }
    return section(
      "causes", "Refunds by cause", keep: true,
      """
      <p class="quiet">The days of the items that this run opened or restated, at their amounts after the run.</p>
      \(barChart(id: "by-cause", title: "Amount by cause", bars))
      """)
  }

  var queue: String {
    guard figures.queue.count > 0 else {
      return section("queue", "Queue by due day", "<p class=\"quiet\">Nothing waits for a decision.</p>")
    }
    let waiting =
      "\(counted(figures.queue.count, "item")) worth \(money(figures.queue.amount)) \(figures.queue.count == 1 ? "waits" : "wait")"
    return section(
      "queue", "Queue by due day", keep: true,
      """
      <p class="quiet">\(waiting) for a decision, by the day promised to the customer\(figures.overdue.count > 0 ? "; overdue days are marked" : "").</p>
      \(barChart(id: "by-due-day", title: "Amount waiting, by due day", dueDays))
      """)
  }

  /// At most 10 days that are overdue and 20 to come; what lies beyond is one bar at either end.
  private var dueDays: [Bar] {
    let all = figures.queueByDueDay.sorted { $0.key < $1.key }
    let late = all.filter { $0.key <= title.asOf }
    let ahead = all.filter { $0.key > title.asOf }
    func bar(_ label: String, _ days: some Sequence<(key: ServiceDay, value: Figures.Total)>, isMarked: Bool) -> Bar {
      let total = days.reduce(into: Figures.Total()) { $0.add($1.value.count, $1.value.amount) }
      return Bar(label: label, note: counted(total.count, "item") + (isMarked ? ", overdue" : ""), amount: total.amount, isMarked: isMarked)
    }
    var bars: [Bar] = []
    let earlier = late.dropLast(9)
    if earlier.count > 1, let last = earlier.last {
      bars.append(bar("to \(last.key)", earlier, isMarked: true))
    } else {
      bars += earlier.map { bar("\($0.key)", [$0], isMarked: true) }
    }
    bars += late.suffix(9).map { bar("\($0.key)", [$0], isMarked: true) }
    bars += ahead.prefix(19).map { bar("\($0.key)", [$0], isMarked: false) }
    let later = ahead.dropFirst(19)
    if later.count > 1, let first = later.first {
      bars.append(bar("from \(first.key)", later, isMarked: false))
    } else {
      bars += later.map { bar("\($0.key)", [$0], isMarked: false) }
    }
    return bars
  }

  private struct Bar {
    let label: String
    let note: String
    let amount: Cents
    let isMarked: Bool
  }

  private func barChart(id: String, title: String, _ bars: [Bar]) -> String {
    let line = 30, left = 130, longest = 500
    let greatest = max(bars.map(\.amount.count).max() ?? 1, 1)
    let shapes = bars.enumerated().flatMap { index, bar in
      let top = index * line
      let length = bar.amount == .zero ? 0 : max(scaled(bar.amount.count, of: greatest, to: longest), 2)
      return [
        "<text class=\"name\" x=\"\(left - 10)\" y=\"\(top + 20)\">\(escaped(bar.label))</text>",
        "<rect class=\"\(bar.isMarked ? "late" : "bar")\" x=\"\(left)\" y=\"\(top + 5)\" width=\"\(length)\" height=\"20\"/>",
        "<text x=\"\(left + length + 8)\" y=\"\(top + 20)\"><tspan class=\"value\">\(money(bar.amount))</tspan>"
          + " <tspan class=\"note\">\(escaped(bar.note))</tspan></text>",
      ]
    }
    let told = bars.map { "\($0.label) \(money($0.amount)) (\($0.note))" }.joined(separator: "; ")
    return chart(id: id, width: 900, height: bars.count * line + 4, title: title, description: "In USD: \(told).", style: "bars", shapes)
  }

  private func chart(id: String, width: Int, height: Int, title: String, description: String, style: String, _ shapes: [String]) -> String {
    """
    <div class="scroll"><svg class="\(style)" role="img" aria-labelledby="\(id)-title \(id)-desc" viewBox="0 0 \(width) \(height)" \
    xmlns="http://www.w3.org/2000/svg">
    <title id="\(id)-title">\(escaped(title))</title>
    <desc id="\(id)-desc">\(escaped(description))</desc>
    \(shapes.joined(separator: "\n"))
    </svg></div>
    """
  }

  /// `part` of `whole` on a line of `length` steps, rounded down.
  private func scaled(_ part: Int64, of whole: Int64, to length: Int) -> Int {
    Int(Int128(part) * Int128(length) / Int128(max(whole, 1)))
  }
}
