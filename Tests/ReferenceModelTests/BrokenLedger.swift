import ReferenceModel

/// The model with one mistake in it, of the kind that a ledger could well have.
struct BrokenLedger: SimulatedLedger {
  typealias Failure = Never

  enum Mistake: String, CaseIterable {
    case rejectedDaysComeBack, committedDaysComeBack, staleRowsAreApplied, namesCompareToTheLetter, restatementKeepsTheFirstApproval,
      noteIsNotNeeded, anybodyIsPolicy, onePersonIsEnough, correctedPriceIsIgnored, rerunDecidesEveryDay, rerunGoesBeyondTheLastNight,
      reportShowsThePresent, heldItemsAreNotRestated, amountIsKeptApart
  }

  let mistake: Mistake
  private var model = SimulatedModel()
  private var world = World()

  init(_ mistake: Mistake) { self.mistake = mistake }

  mutating func take(_ world: World) {
    var taken = world
    if mistake == .correctedPriceIsIgnored {
      for place in taken.periods.indices {
        if let before = self.world.periods.first(where: { $0.id == taken.periods[place].id }) { taken.periods[place].paidCents = before.paidCents }
      }
    }
    self.world = taken
    model.take(taken)
  }

  mutating func close(through date: Int) {
    let before = model.ledger.items
    func hide(_ state: ModelLedger.State) {
      for place in before.indices where before[place].state == state { model.ledger.items[place].days = [:] }
    }
    func restore(_ state: ModelLedger.State) {
      for place in before.indices where before[place].state == state { model.ledger.items[place].days = before[place].days }
    }
    switch mistake {
    case .rejectedDaysComeBack:
      hide(.rejected)
      model.close(through: date)
      restore(.rejected)
    case .committedDaysComeBack:
      hide(.approved)
      model.close(through: date)
      restore(.approved)
    case .restatementKeepsTheFirstApproval:
      model.close(through: date)
      for place in before.indices { model.ledger.items[place].firstApproval = before[place].firstApproval }
    case .heldItemsAreNotRestated:
      model.close(through: date)
      for place in before.indices where before[place].state == .held { model.ledger.items[place] = before[place] }
    default: model.close(through: date)
    }
  }

  mutating func rerun(from first: Int, to last: Int) -> RerunOutcome {
    let lastClosed = model.ledger.lastClosed ?? last
    switch mistake {
    case .rerunDecidesEveryDay where first <= last && last <= lastClosed: return model.rerun(from: first - 400, to: lastClosed)
    case .rerunGoesBeyondTheLastNight where first <= lastClosed: return model.rerun(from: first, to: min(last, lastClosed))
    default: return model.rerun(from: first, to: last)
    }
  }

  mutating func review(_ review: Review) -> ReviewOutcome {
    var review = review
    let isBlank = review.name.allSatisfy(\.isWhitespace)
    switch mistake {
    case .staleRowsAreApplied: review.rowAmount = model.ledger.place(of: review.item).map { model.ledger.items[$0].cents } ?? review.rowAmount
    case .namesCompareToTheLetter where !isBlank && !review.name.lowercased().contains("policy"):
      review.name = review.name.utf8.map { String($0) }.joined(separator: "-")
    case .noteIsNotNeeded where review.note.allSatisfy(\.isWhitespace): review.note = "none"
    case .anybodyIsPolicy where review.name.lowercased().contains("policy"): review.name = "somebody"
    case .onePersonIsEnough where review.decision == .approve:
      if let place = model.ledger.place(of: review.item), model.ledger.items[place].state == .pending {
        model.ledger.items[place].firstApproval = "somebody else"
      }
    default: break
    }
    return model.review(review)
  }

  func report(ofRun number: Int) -> String? {
    let report = model.report(ofRun: number)
    return mistake == .reportShowsThePresent && report != nil ? items().joined() : report
  }

  func items() -> [String] { model.items() }

  /// Kept from when the item was first approved, say: whoever forgets to add up again has such amounts.
  func amounts() -> [String] {
    mistake == .amountIsKeptApart ? model.amounts().map { $0.replacing("|pending|1", with: "|pending|2") } : model.amounts()
  }

  func exceptions() -> [String] { model.exceptions() }

  func decisions() -> [String] { model.decisions() }
}

extension String {
  fileprivate func replacing(_ part: String, with other: String) -> String {
    guard let range = firstRange(of: part) else { return self }
    return String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
  }
}
