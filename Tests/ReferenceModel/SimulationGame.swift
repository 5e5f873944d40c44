/// A ledger and the model side by side.
struct SimulationGame<Ledger: SimulatedLedger> {
  private var ledger: Ledger
  private var table: SimulationTable
  /// What the ledger said of each run when first asked.
  private var told: [Int: String] = [:]

  init(_ ledger: Ledger, settings: [DatedSettings]) {
    self.ledger = ledger
    table = SimulationTable(settings: settings)
  }

  /// Plays one step on both.
  ///
  /// - Returns: What only one of them says, and what does not hold; empty when all is well.
  mutating func play(_ step: SimulationStep) -> [String] {
    guard let call = table.call(for: step) else { return [] }
    let expected = table.model.answer(call)
    do {
      let answer = try ledger.answer(call)
      let lines = try comparison(of: answer, with: expected, to: call)
      return lines.isEmpty ? try comparison() + table.model.ledger.brokenPromises() : lines
    } catch {
      return ["the ledger fails: \(error)"]
    }
  }

  private mutating func comparison(
    of answer: SimulationAnswer, with expected: SimulationAnswer, to call: SimulationCall
  ) throws(Ledger.Failure) -> [String] {
    switch (answer, expected) {
    case (.silence, .silence): return []
    case (.review(let theirs), .review(let ours)):
      return theirs == ours ? [] : ["ledger: \(theirs.rawValue)", "model:  \(ours.rawValue)"]
    case (.rerun(let theirs), .rerun(let ours)):
      if (theirs == .refused) != (ours == .refused) || (ours == .changed && theirs == .unchanged) {
        return ["ledger: \(theirs.rawValue)", "model:  \(ours.rawValue)"]
      }
      // What a rerun did it does not do again.
      let again = try ledger.answer(call)
      return again == .rerun(ours == .refused ? .refused : .unchanged) ? [] : ["the same rerun once more: \(again)"]
    case (.report(let theirs), .report):
      guard case .report(let run) = call else { return [] }
      defer { told[run] = told[run] ?? theirs }
      guard let before = told[run], before != theirs else { return [] }
      return differences([theirs ?? "no such run"], [before], "now   ", "before")
    default: return ["ledger: \(answer)", "model:  \(expected)"]
    }
  }

  private func comparison() throws(Ledger.Failure) -> [String] {
    let model = table.model
    let known = Set(model.ledger.decisions.keys)
    let decisions = try ledger.decisions().filter { known.contains(String($0.prefix { $0 != "|" })) }
    return differences(try ledger.items(), model.items(), "ledger", "model ")
      + differences(try ledger.amounts(), model.amounts(), "ledger", "model ")
      + differences(try ledger.exceptions(), model.exceptions(), "ledger", "model ")
      + differences(decisions, model.decisions(), "ledger", "model ")
  }

  private func differences(_ one: [String], _ other: [String], _ nameOfOne: String, _ nameOfOther: String) -> [String] {
    func rest(_ lines: [String], without others: [String]) -> [String] {
      var left = lines
      for line in others {
        if let place = left.firstIndex(of: line) { left.remove(at: place) }
      }
      return left
    }
    return rest(one, without: other).map { "\(nameOfOne): \($0)" } + rest(other, without: one).map { "\(nameOfOther): \($0)" }
  }
}
