/// A ledger that can live through a seller's year: the product, the model itself, or one that is broken on purpose.
///
/// All lines are in the words of the model, see ``ModelLedger/stretchLines()``; their order does not matter.
public protocol SimulatedLedger {
  associatedtype Failure: Error = any Error

  /// Imports all facts that are known, those of before included.
  mutating func take(_ world: World) throws(Failure)

  /// Closes every date not yet closed up to `date`; the first time only `date`. Never asked for a date before the first closed one.
  mutating func close(through date: Int) throws(Failure)

  /// Decides service days again as of the last closed date. `changed` may also be what the model has no words for, such as an explanation.
  mutating func rerun(from first: Int, to last: Int) throws(Failure) -> RerunOutcome

  /// Decides one item, by command, or where the review has a row's amount by a file of this one row.
  mutating func review(_ review: Review) throws(Failure) -> ReviewOutcome

  /// What the reports of a run say, the same text whenever asked; nil when there is no such run. Runs count from 1.
  mutating func report(ofRun number: Int) throws(Failure) -> String?

  /// `period|state|first..last=cents:cause:evidence,…`, a line for each item ever opened; a withdrawn one has no days.
  func items() throws(Failure) -> [String]

  /// `period|state|amount`, a line for each item ever opened, the amount as the ledger keeps it beside the days: `12.34`.
  func amounts() throws(Failure) -> [String]

  /// `kind|subject|amount` as the last run left them, see ``ModelLedger/canonicalExceptions()``; nothing that is not owed is worth 0.00.
  func exceptions() throws(Failure) -> [String]

  /// `request|decision|clause|order` as told last. Requests that were voided since may be left in.
  func decisions() throws(Failure) -> [String]
}

/// The model with the facts that it was given, as a ledger of its own. Tests break it on purpose, therefore the ledger can be set.
public struct SimulatedModel: SimulatedLedger {
  public var ledger = ModelLedger()
  private var world = World()
  /// What each run left.
  private var runs: [ModelLedger] = []

  public init() {}

  public var runCount: Int { runs.count }

  public mutating func take(_ world: World) {
    self.world = world
    ledger.learn(world)
  }

  public mutating func close(through date: Int) {
    let next = ledger.lastClosed.map { $0 + 1 } ?? date
    guard next <= date else { return }
    for day in next...date {
      ledger.night(world, closing: day)
      runs.append(ledger)
    }
  }

  public mutating func rerun(from first: Int, to last: Int) -> RerunOutcome {
    let outcome = ledger.rerun(world, from: first, to: last)
    if outcome == .changed { runs.append(ledger) }
    return outcome
  }

  public mutating func review(_ review: Review) -> ReviewOutcome { ledger.review(review) }

  public func report(ofRun number: Int) -> String? {
    guard runs.indices.contains(number - 1) else { return nil }
    let then = runs[number - 1]
    return (then.stretchLines() + then.canonicalExceptions() + then.canonicalDecisions()).joined(separator: "\n")
  }

  public func items() -> [String] { ledger.stretchLines() }

  public func amounts() -> [String] { ledger.items.map { "\($0.periodID)|\($0.state.rawValue)|\(dollarsText($0.cents))" } }

  public func exceptions() -> [String] {
    ledger.canonicalExceptions().filter { !$0.hasPrefix("not_owed|") || !$0.hasSuffix("|0.00") }
  }

  public func decisions() -> [String] { ledger.canonicalDecisions() }
}

extension ModelLedger {
  /// `period|state|first..last=cents:cause:evidence,…`: days gathered into unbroken stretches of one cause and evidence.
  public func stretchLines() -> [String] {
    items.map { item in
      var stretches: [(first: Int, last: Int, cents: Int, label: String)] = []
      for (day, value) in item.days.sorted(by: { $0.key < $1.key }) {
        let label = "\(value.cause.rawValue):\(value.evidence.joined(separator: "+"))"
        if let last = stretches.last, last.last + 1 == day, last.label == label {
          stretches[stretches.count - 1].last = day
          stretches[stretches.count - 1].cents += value.cents
        } else {
          stretches.append((day, day, value.cents, label))
        }
      }
      let days = stretches.map { "\(dayText($0.first))..\(dayText($0.last))=\($0.cents):\($0.label)" }
      return "\(item.periodID)|\(item.state.rawValue)|\(days.joined(separator: ","))"
    }.sorted()
  }

  /// What of contract 7 does not hold; empty unless the model is wrong.
  public func brokenPromises() -> [String] {
    var broken: [String] = []
    for periodID in Set(items.map(\.periodID)).sorted(by: bytewise) {
      let mine = items.filter { $0.periodID == periodID }
      let days = mine.filter { $0.state != .withdrawn }.flatMap(\.days.keys)
      if Set(days).count < days.count { broken.append("\(periodID): a service day is in two items") }
      if mine.count(where: \.state.isUndecided) > 1 { broken.append("\(periodID): two undecided items") }
      if mine.contains(where: { ($0.state == .withdrawn) != ($0.cents == 0) }) { broken.append("\(periodID): an item worth nothing") }
      let committed = committedCents(of: periodID)
      if committed > basesWhenCommitted[periodID] ?? 0 {
        broken.append("\(periodID): \(dollarsText(committed)) are committed, the base was \(dollarsText(basesWhenCommitted[periodID] ?? 0))")
      }
    }
    return broken
  }
}
