import RefundPolicy

/// Control totals as an equation: opening, what was added and taken away, closing.
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

  /// What is undecided; nil when the summary has no opening or closing line. A change that the summary lacks counts as nothing.
  static func pending(_ figures: Figures) -> Equation? {
    Equation(
      figures, opening: .openingPending,
      [
        (.opened, "Opened", 1), (.increased, "Increased", 1), (.reduced, "Reduced", -1), (.withdrawn, "Withdrawn", -1), (.approved, "Approved", -1),
        (.rejected, "Rejected", -1), (.reopened, "Reopened", 1),
      ], closing: .closingPending)
  }

  /// What is approved and not paid; nil when the summary has no opening or closing line.
  static func unpaid(_ figures: Figures) -> Equation? {
    Equation(
      figures, opening: .openingUnpaid, [(.becameUnpaid, "Approved", 1), (.reopenedUnpaid, "Reopened", -1), (.paid, "Paid", -1)],
      closing: .closingUnpaid)
  }

  private init?(_ figures: Figures, opening: SummaryLine, _ changes: [(SummaryLine, String, Int64)], closing: SummaryLine) {
    func step(_ line: SummaryLine, _ label: String, _ sign: Int64) -> Step? {
      figures.line(line).map { Step(line: line, label: label, sign: sign, count: $0.count, amount: $0.amount ?? .zero) }
    }
    guard let opening = step(opening, "Opening", 1), let closing = step(closing, "Closing", 1) else { return nil }
    (self.opening, self.closing) = (opening, closing)
    self.changes = changes.compactMap(step)
  }

  /// What the opening and the changes come to.
  var sum: Cents { changes.reduce(opening.amount) { $0 + Cents($1.sign * $1.amount.count) } }
  /// What the run itself changed, and people corrected; without what people and the policy decided.
  var changedByRun: Cents {
    let lines: [SummaryLine] = [.opened, .increased, .reduced, .withdrawn]
    return changes.filter { lines.contains($0.line) }.reduce(.zero) { $0 + Cents($1.sign * $1.amount.count) }
  }
}

extension Figures {
  /// One sentence for each total that does not tie; empty when all do.
  func faults(_ money: (Cents) -> String) -> [String] {
    var faults: [String] = []
    if let pending = Equation.pending(self) {
      let closing = pending.closing
      if pending.sum != closing.amount {
        faults.append("opening and changes come to \(money(pending.sum)), but \(money(closing.amount)) is told as pending at the end")
      }
      if queue.amount != closing.amount || queue.count != closing.count {
        faults.append(
          "queue.csv holds \(queue.count) items worth \(money(queue.amount)), but \(closing.count) worth "
            + "\(money(closing.amount)) are told as pending at the end")
      }
      if change != pending.changedByRun {
        faults.append("the changes in refunds.csv come to \(money(change)), but \(money(pending.changedByRun)) is told as changed")
      }
      let causes = causeLines
      let changeByCause = causes.reduce(Cents.zero) { $0 + ($1.row.amount ?? .zero) }
      if !causes.isEmpty && changeByCause != pending.changedByRun {
        faults.append("the lines of causes come to \(money(changeByCause)), but \(money(pending.changedByRun)) is told as changed")
      }
    }
    if let approved = Equation.unpaid(self) {
      let closing = approved.closing
      if approved.sum != closing.amount {
        faults.append(
          "opening and changes of what is unpaid come to \(money(approved.sum)), but \(money(closing.amount)) is told as unpaid at the end")
      }
      if unpaid.amount != closing.amount || unpaid.count != closing.count {
        faults.append(
          "unpaid.csv holds \(unpaid.count) items worth \(money(unpaid.amount)), but \(closing.count) worth "
            + "\(money(closing.amount)) are told as unpaid at the end")
      }
    }
    return faults
  }

  /// The lines of causes, by how much the run changed each.
  var causeLines: [(cause: Cause, row: SummaryRow)] {
    summary.compactMap { row in if case .cause(let cause) = row.line { (cause, row) } else { nil } }
  }
}

extension Page {
  var controlTotals: String {
    guard let pending = Equation.pending(figures) else { return "" }
    let faults = figures.faults(money)
    let verdict =
      faults.isEmpty
      ? "<p class=\"ties\">The totals tie: opening and changes come to \(money(pending.sum)), which is what queue.csv holds\(unpaidTie).</p>"
      : "<p class=\"notice\">The totals do not tie: \(faults.joined(separator: "; ")).</p>"
    let isQuiet = bars(of: pending).allSatisfy { $0.step.amount == .zero }
    let chart = isQuiet ? "<p class=\"quiet\">Nothing was pending, and nothing changed.</p>" : waterfall(pending)
    var body = [chart, table(["", "Pending items", "#Items", "#Amount"], rows(of: pending), style: "totals")]
    if let unpaid = Equation.unpaid(figures) {
      body.append(table(["", "Approved, not yet paid", "#Items", "#Amount"], rows(of: unpaid) + unpaidParts, style: "totals"))
    }
    body.append(verdict)
    return section("totals", "Control totals", keep: true, body.joined(separator: "\n"))
  }

  private func rows(of equation: Equation) -> [String] {
    func row(_ step: Equation.Step, _ sign: String, isTotal: Bool) -> String {
      totalsRow(sign, step.label, step.count, step.amount, style: isTotal ? " class=\"total\"" : "")
    }
    return [row(equation.opening, "", isTotal: true)]
      + equation.changes.map { row($0, $0.sign > 0 ? "+" : "−", isTotal: false) }
      + [row(equation.closing, "=", isTotal: true)]
  }

  private func totalsRow(_ sign: String, _ label: String, _ count: Int, _ amount: Cents, style: String = "") -> String {
    "<tr\(style)><td class=\"sign\">\(sign)</td><th scope=\"row\">\(label)</th>"
      + "<td class=\"number\">\(grouped(Int64(count)))</td><td class=\"number\">\(money(amount))</td></tr>"
  }

  /// Where what is unpaid stands, and all that was ever paid.
  private var unpaidParts: [String] {
    let lines: [(SummaryLine, String)] =
      ItemState.allCases.filter(\.isUnpaid).map { (.unpaid($0), $0 == .approved ? "of it in no batch" : "of it \($0.rawValue)") }
      + [(.paidToDate, "Paid to date")]
    return lines.compactMap { line, label in figures.line(line).map { totalsRow("", label, $0.count, $0.amount ?? .zero) } }
  }

  private var unpaidTie: String {
    Equation.unpaid(figures).map { "; those of what is approved to \(money($0.sum)), which is what unpaid.csv holds" } ?? ""
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
    let bars = figures.causeLines.compactMap { cause, row -> Bar? in
      guard let amount = row.amount, row.count != 0 || amount != .zero else { return nil }
      let days = row.count < 0 ? "−\(counted(-row.count, "day"))" : counted(row.count, "day")
      return Bar(label: cause.name, note: "\(cause.clause.rawValue), \(days)", amount: amount, style: amount < .zero ? "less" : "bar")
    }
    guard !bars.isEmpty else {
      return section("causes", "Changes by cause", "<p class=\"quiet\">This run changed no days of any cause.</p>")
    }
    return section(
      "causes", "Changes by cause", keep: true,
      """
      <p class="quiet">By how much this run, and corrections since the one before, changed the days of each cause. Across nights these lines add up.</p>
      \(barChart(id: "by-cause", title: "Change by cause", bars))
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
      return Bar(
        label: label, note: counted(total.count, "item") + (isMarked ? ", overdue" : ""), amount: total.amount, style: isMarked ? "late" : "bar")
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
    /// The class of its rectangle.
    let style: String
  }

  private func barChart(id: String, title: String, _ bars: [Bar]) -> String {
    let line = 30, left = 130, longest = 500
    let greatest = max(bars.map { abs($0.amount.count) }.max() ?? 1, 1)
    let shapes = bars.enumerated().flatMap { index, bar in
      let top = index * line
      let length = bar.amount == .zero ? 0 : max(scaled(abs(bar.amount.count), of: greatest, to: longest), 2)
      return [
        "<text class=\"name\" x=\"\(left - 10)\" y=\"\(top + 20)\">\(escaped(bar.label))</text>",
        "<rect class=\"\(bar.style)\" x=\"\(left)\" y=\"\(top + 5)\" width=\"\(length)\" height=\"20\"/>",
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
