/// A simulation that failed, cut down to what is needed for it to fail.
public struct SimulationFailure: Hashable, Sendable {
  public var seed: UInt64
  /// Where the whole simulation fails.
  public var difference: Simulation.Difference
  public var shrunk: Simulation
  /// Where the shrunk one fails; not always with the same difference.
  public var shrunkDifference: Simulation.Difference
}

extension SimulationFailure: CustomStringConvertible {
  public var description: String {
    var lines = ["seed \(seed) fails at step \(difference.place + 1): \(difference.step)"]
    lines += difference.lines.map { "  \($0)" }
    lines.append("shrunk, with amounts from \(dollarsText(shrunk.settings.first?.secondApprovalCents ?? 0)) approved by two:")
    for (place, step) in shrunk.steps.enumerated() { lines.append("  \(place + 1). \(step)") }
    return (lines + shrunkDifference.lines.map { "  \($0)" }).joined(separator: "\n")
  }
}

extension Simulation {
  /// Plays the steps on a new ledger and, when that fails, looks for as few as fail too.
  ///
  /// - Parameter makeLedger: Makes an empty ledger; called once for each attempt.
  public func failure(on makeLedger: () throws -> some SimulatedLedger) rethrows -> SimulationFailure? {
    guard let difference = run(on: try makeLedger()) else { return nil }
    var (shrunk, shrunkDifference) = (self, difference)
    // What comes after the failure has no part in it.
    shrunk.steps = Array(steps[...difference.place]).dated()
    shrunk.steps = try shrunk.steps.shrunk { attempt in
      var smaller = shrunk
      smaller.steps = attempt
      guard let found = smaller.run(on: try makeLedger()) else { return false }
      shrunkDifference = found
      return true
    }
    return SimulationFailure(seed: seed, difference: difference, shrunk: shrunk, shrunkDifference: shrunkDifference)
  }
}

extension [SimulationStep] {
  /// The same with every catch-up told by the date that it closes last, so that nights before it can be dropped.
  func dated() -> [SimulationStep] {
    var lastClosed: Int?
    return map { step in
      switch step {
      case .night(let date):
        lastClosed = Swift.max(lastClosed ?? date, date)
        return step
      case .missedNights(let count):
        guard let before = lastClosed else { return step }
        lastClosed = before + count + 1
        return .night(before + count + 1)
      case .learn, .rerun, .importAgain, .review, .report: return step
      }
    }
  }

  /// Fewer steps for which `fails` still holds: whole steps are dropped, then facts within steps, then facts are learnt together, again and again.
  ///
  /// `fails` is asked last for what is returned.
  func shrunk(while fails: ([SimulationStep]) throws -> Bool) rethrows -> [SimulationStep] {
    var steps = self
    while true {
      let before = steps
      steps = try steps.withFewer { try fails($0) }
      for place in steps.indices {
        guard case .learn(let facts, let correction) = steps[place] else { continue }
        func with(_ facts: [Fact]) -> [SimulationStep] { steps.replacing(place, with: .learn(facts, correction)) }
        steps = with(try facts.withFewer { try fails(with($0)) })
      }
      for place in steps.indices.dropLast().reversed() {
        guard case .learn(let first, let one) = steps[place], case .learn(let second, let other) = steps[place + 1] else { continue }
        let attempt = Array(steps[..<place] + [.learn(first + second, other ?? one)] + steps[(place + 2)...])
        if try fails(attempt) { steps = attempt }
      }
      if steps == before {
        _ = try fails(steps)
        return steps
      }
    }
  }
}

extension Array {
  /// Drops half of the elements, a quarter, and so on down to single ones, wherever `fails` still holds without them.
  fileprivate func withFewer(while fails: ([Element]) throws -> Bool) rethrows -> [Element] {
    var kept = self
    var chunk = count / 2
    while chunk > 0 {
      var start = kept.count
      // From the end: later steps need earlier ones.
      while start > 0 {
        let from = Swift.max(0, start - chunk)
        let attempt = Array(kept[..<from] + kept[start...])
        if try fails(attempt) { kept = attempt }
        start = from
      }
      chunk /= 2
    }
    return kept
  }

  fileprivate func replacing(_ place: Int, with element: Element) -> [Element] {
    var changed = self
    changed[place] = element
    return changed
  }
}
