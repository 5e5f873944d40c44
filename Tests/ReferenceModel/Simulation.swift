/// A seller's year, or a season of it, from a seed: what becomes known when, which nights are closed or missed, what is rerun, and what people
/// decide, also wrongly. The same seed gives the same steps everywhere.
public struct Simulation: Hashable, Sendable {
  public let seed: UInt64
  /// In force from before the first payment on.
  public let settings: [DatedSettings]
  public var steps: [SimulationStep]

  public init(seed: UInt64) {
    var generator = SimulationGenerator(seed: seed)
    steps = generator.generate()
    settings = generator.settings
    self.seed = seed
  }

  /// Plays the steps on a new ledger and on the model, and compares after every step.
  ///
  /// - Returns: The first difference, if there is one. An error that the ledger throws is one.
  public func run(on ledger: some SimulatedLedger) -> Difference? {
    var game = SimulationGame(ledger, settings: settings)
    for (place, step) in steps.enumerated() {
      let lines = game.play(step)
      if !lines.isEmpty { return Difference(place: place, step: step, lines: lines) }
    }
    return nil
  }

  public struct Difference: Hashable, Sendable {
    /// Counted from 0.
    public var place: Int
    public var step: SimulationStep
    /// What only one of the two says.
    public var lines: [String]
  }
}

/// What a step comes to for a ledger, with dates and amounts worked out.
enum SimulationCall: Hashable {
  case take(World)
  case close(through: Int)
  case rerun(from: Int, to: Int)
  case review(Review)
  case report(run: Int)
}

enum SimulationAnswer: Hashable {
  case silence
  case rerun(RerunOutcome)
  case review(ReviewOutcome)
  case report(String?)
}

extension SimulatedLedger {
  mutating func answer(_ call: SimulationCall) throws(Failure) -> SimulationAnswer {
    switch call {
    case .take(let world):
      try take(world)
      return .silence
    case .close(let date):
      try close(through: date)
      return .silence
    case .rerun(let first, let last): return .rerun(try rerun(from: first, to: last))
    case .review(let decision): return .review(try review(decision))
    case .report(let run): return .report(try report(ofRun: run))
    }
  }
}

/// The model as it lives through the steps; the generator plays on it alone, to know what people could decide next.
struct SimulationTable {
  var model = SimulatedModel()
  private(set) var world = World()
  private(set) var firstClosed: Int?
  var lastClosed: Int? { model.ledger.lastClosed }

  init(settings: [DatedSettings]) {
    world.settings = settings
    world.importedAt = SimulationTable.firstImport
  }

  /// Nil when there is nothing to do, as for a date before the first one (it would be refused), or a catch-up before the first night.
  mutating func call(for step: SimulationStep) -> SimulationCall? {
    switch step {
    case .learn(let facts, _):
      world.learn(facts)
      world.importedAt = max(world.importedAt, importTime(facts.count))
      return .take(world)
    case .importAgain:
      world.importedAt = max(world.importedAt, importTime(0))
      return .take(world)
    case .night(let date):
      if let firstClosed, date < firstClosed { return nil }
      firstClosed = firstClosed ?? date
      return .close(through: date)
    case .missedNights(let count): return lastClosed.map { .close(through: $0 + count + 1) }
    case .rerun(let first, let last): return .rerun(from: first, to: last)
    case .review(var review, let row):
      if case .inFile(let off) = row {
        let worth = model.ledger.place(of: review.item).map { model.ledger.items[$0].cents } ?? 0
        review.rowAmount = worth + off
      }
      return .review(review)
    case .report(let run): return .report(run: run)
    }
  }

  private static let firstImport = firstRandomDay * secondsPerDay

  /// In the morning before the night that closes the next date, or now and then on the evening before: then usage of that date is not known yet (G4).
  private func importTime(_ facts: Int) -> Int {
    guard let lastClosed else { return SimulationTable.firstImport }
    let midnight = (lastClosed + 2) * secondsPerDay
    return facts % 3 == 1 ? midnight - 1 : midnight + 3 * 3600 * (facts % 2)
  }

  @discardableResult mutating func play(_ step: SimulationStep) -> SimulationAnswer {
    guard let call = call(for: step) else { return .silence }
    return model.answer(call)
  }
}
