import ReferenceModel
import Testing

@Suite struct `a seller's year` {
  static let seeds: ClosedRange<UInt64> = 1...400

  @Test func `the same seed gives the same steps`() {
    #expect(Simulation(seed: 3) == Simulation(seed: 3))
    #expect(Simulation(seed: 3).steps != Simulation(seed: 4).steps)
  }

  /// On the way the model keeps every promise of contract 7, and a second copy of it never differs from the first.
  @Test func `every kind of step, correction, decision and outcome is met`() async {
    let seen = await withTaskGroup(of: Set<String>.self) { group in
      for seed in Self.seeds {
        group.addTask {
          let simulation = Simulation(seed: seed)
          let watched = WatchedLedger()
          #expect(simulation.run(on: watched) == nil)
          #expect((40...60).contains(simulation.steps.count), "seed \(seed)")
          return watched.seen.union(simulation.steps.map(kind))
        }
      }
      return await group.reduce(into: Set<String>()) { $0.formUnion($1) }
    }
    #expect(expected.subtracting(seen).sorted() == [])
  }

  @Test(arguments: BrokenLedger.Mistake.allCases) func `a ledger with a mistake is caught, and shrunk to a few steps`(
    mistake: BrokenLedger.Mistake
  ) {
    for seed in Self.seeds {
      guard let failure = Simulation(seed: seed).failure(on: { BrokenLedger(mistake) }) else { continue }
      #expect(failure.shrunk.steps.count <= 8, "\(failure)")
      #expect(failure.shrunk.run(on: BrokenLedger(mistake)) == failure.shrunkDifference)
      #expect(failure.shrunk.run(on: SimulatedModel()) == nil)
      #expect("\(failure)".hasPrefix("seed \(seed) fails at step \(failure.difference.place + 1): "))
      return
    }
    Issue.record("\(mistake) is not caught")
  }

  @Test func `what shrinking leaves still fails, and nothing of it can be dropped`() throws {
    let failures = Self.seeds.lazy.compactMap { Simulation(seed: $0).failure(on: { BrokenLedger(.rejectedDaysComeBack) }) }
    let failure = try #require(failures.first)
    for place in failure.shrunk.steps.indices {
      var less = failure.shrunk
      less.steps.remove(at: place)
      #expect(less.run(on: BrokenLedger(.rejectedDaysComeBack)) == nil)
    }
  }

  @Test func `an error of the ledger is a difference`() {
    struct Failing: SimulatedLedger {
      struct Broken: Error {}
      func take(_ world: World) throws {}
      func close(through date: Int) throws { throw Broken() }
      func rerun(from first: Int, to last: Int) throws -> RerunOutcome { .refused }
      func review(_ review: Review) throws -> ReviewOutcome { .refused }
      func report(ofRun number: Int) throws -> String? { nil }
      func items() throws -> [String] { [] }
      func amounts() throws -> [String] { [] }
      func exceptions() throws -> [String] { [] }
      func decisions() throws -> [String] { [] }
    }
    #expect(Simulation(seed: 1).run(on: Failing())?.lines.first?.hasPrefix("the ledger fails: ") == true)
  }

  @Test func `facts that an import would refuse are refused one by one`() {
    var world = World()
    let order = Order(id: "o", line: "+14155550001")
    let period = Period(id: "p", orderID: "o", startsOn: day0, endsOn: day0 + 30, paidCents: 100, paidAt: at(0))
    #expect(world.learn([.period(period)]) == [.period(period)])
    #expect(world.learn([.order(order), .period(period)]) == [])
    var dearer = period
    dearer.feeCents = 101
    #expect(world.learn([.period(dearer), .usage(Usage(orderID: "o", day: day0))]) == [.period(dearer)])
    #expect(world.periods == [period] && world.usage.count == 1)
    dearer.paidCents = 300
    #expect(world.learn([.period(dearer)]) == [])
    #expect(world.periods == [dearer])
    #expect("\(Fact.order(order))" == "orders.csv o,+14155550001,c1,eu,basic,,,,,")
  }

  private var expected: Set<String> {
    var expected: Set<String> = ["learn", "night", "missed nights", "import again", "report", "report of a run", "report of no run"]
    expected.formUnion(Correction.allCases.map(\.rawValue))
    expected.formUnion(RerunOutcome.allCases.map { "rerun \($0.rawValue)" })
    for decision in Review.Decision.allCases {
      expected.formUnion(["\(decision.rawValue) done by command", "\(decision.rawValue) refused by command"])
      expected.insert("\(decision.rawValue) refused in a file")
      if decision != .reopen { expected.formUnion(["\(decision.rawValue) done in a file", "\(decision.rawValue) unchanged in a file"]) }
    }
    expected.formUnion(["first approval", "second approval", "second approval by the same person", "a first approval is voided"])
    expected.formUnion(["wrong name", "no note", "stale", "unknown item"])
    expected.formUnion(ModelLedger.State.allCases.filter { $0 != .paid }.map { "an item is \($0.rawValue)" })
    expected.formUnion(ModelLedger.Exception.Kind.allCases.map(\.rawValue))
    return expected
  }
}

private func kind(_ step: SimulationStep) -> String {
  switch step {
  case .learn(_, let correction): correction?.rawValue ?? "learn"
  case .night: "night"
  case .missedNights: "missed nights"
  case .rerun: "rerun"
  case .importAgain: "import again"
  case .review(let review, _): review.decision.rawValue
  case .report: "report"
  }
}

/// A copy of the model that keeps in mind what kinds of things it was asked, and what it answered.
private final class WatchedLedger: SimulatedLedger {
  typealias Failure = Never

  private var model = SimulatedModel()
  private(set) var seen: Set<String> = []

  func take(_ world: World) { model.take(world) }

  func close(through date: Int) {
    let before = model.ledger.items
    model.close(through: date)
    for (then, now) in zip(before, model.ledger.items) where then.firstApproval != nil && now.firstApproval == nil && now.state == .pending {
      seen.insert("a first approval is voided")
    }
    seen.formUnion(model.ledger.exceptions.map(\.kind.rawValue))
  }

  func rerun(from first: Int, to last: Int) -> RerunOutcome {
    let outcome = model.rerun(from: first, to: last)
    seen.insert("rerun \(outcome.rawValue)")
    return outcome
  }

  func review(_ review: Review) -> ReviewOutcome {
    let before = model.ledger
    let outcome = model.review(review)
    seen.insert("\(review.decision.rawValue) \(outcome.rawValue) \(review.rowAmount == nil ? "by command" : "in a file")")
    guard let place = before.place(of: review.item) else {
      seen.insert("unknown item")
      return outcome
    }
    let item = before.items[place]
    if outcome == .refused { seen.formUnion(reasons(to: review, item, above: before.wouldExceedBase(place))) }
    if outcome == .done && review.decision == .approve {
      seen.insert(model.ledger.items[place].state == .pending ? "first approval" : item.firstApproval == nil ? "approval" : "second approval")
    }
    seen.formUnion(model.ledger.items.map { "an item is \($0.state.rawValue)" })
    return outcome
  }

  func report(ofRun number: Int) -> String? {
    let report = model.report(ofRun: number)
    seen.insert(report == nil ? "report of no run" : "report of a run")
    return report
  }

  func items() -> [String] { model.items() }
  func amounts() -> [String] { model.amounts() }
  func exceptions() -> [String] { model.exceptions() }
  func decisions() -> [String] { model.decisions() }

  private func reasons(to review: Review, _ item: ModelLedger.Item, above isAboveBase: Bool) -> [String] {
    let name = review.name.filter { !$0.isWhitespace }.lowercased()
    if name.isEmpty || name == "policy" { return ["wrong name"] }
    if (review.decision == .reject || review.decision == .reopen) && review.note.allSatisfy(\.isWhitespace) { return ["no note"] }
    if let amount = review.rowAmount, amount != item.cents { return ["stale"] }
    guard review.decision == .approve, item.state == .pending else { return [] }
    return isAboveBase ? ["approval above the base"] : item.firstApproval == name ? ["second approval by the same person"] : []
  }
}
