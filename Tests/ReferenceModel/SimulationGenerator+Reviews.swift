/// What people decide: mostly what there is to decide, often what they must not.
extension SimulationGenerator {
  mutating func review() -> SimulationStep {
    if random.chance(65), let step = sensibleReview() { return step }
    return wrongReview()
  }

  private var items: [ModelLedger.Item] { table.model.ledger.items }

  private func allowedStates(_ decision: Review.Decision) -> [ModelLedger.State] {
    switch decision {
    case .approve, .reject, .hold: [.pending]
    case .release: [.held]
    case .reopen: [.rejected, .approved]
    }
  }

  private mutating func sensibleReview() -> SimulationStep? {
    let decision = random.pick([.approve, .approve, .approve, .approve, .reject, .hold, .release, .release, .reopen] as [Review.Decision])
    var candidates = items.indices.filter { allowedStates(decision).contains(items[$0].state) }
    let halfApproved = candidates.filter { items[$0].firstApproval != nil }
    if decision == .approve && !halfApproved.isEmpty && random.chance(70) { candidates = halfApproved }
    if candidates.isEmpty { return nil }
    let index = random.pick(candidates)
    var people = Self.people
    // The second one is mostly somebody else.
    if random.chance(75) { people.removeAll { $0 == items[index].firstApproval } }
    let name = spelt(random.pick(people))
    let review = Review(decision, table.model.ledger.name(of: index), by: name, note: note(for: decision))
    return .review(review, decision != .reopen && random.chance(40) ? .inFile(off: 0) : .byCommand)
  }

  private mutating func wrongReview() -> SimulationStep {
    let decision = random.pick(Review.Decision.allCases)
    let fitting = items.indices.filter { allowedStates(decision).contains(items[$0].state) }
    let name = spelt(random.pick(Self.people))
    guard let index = fitting.isEmpty ? items.indices.randomElement(&random) : random.pick(fitting) else {
      return .review(Review(decision, ItemPlace("nobody", 1), by: name, note: "seen"), .byCommand)
    }
    let place = table.model.ledger.name(of: index)
    var review = Review(decision, place, by: name, note: note(for: decision))
    let row: SimulationStep.Row = decision != .reopen && random.chance(40) ? .inFile(off: 0) : .byCommand

    switch random.int(0...9) {
    case 0: review.note = random.pick(["", "  "])
    case 1: review.name = random.pick(["policy", " Policy ", "POLICY"])
    case 2: review.name = random.pick(["", " ", "\t"])
    case 3: review.item = ItemPlace(place.periodID, place.number + 9)
    case 4, 5: return .review(review, .inFile(off: random.pick([1, -1, 100, 5000])))
    case 6:
      // A file that was applied before, once more.
      let any = random.int(0...(items.count - 1))
      let applied: [ModelLedger.State: Review.Decision] = [.approved: .approve, .rejected: .reject, .held: .hold, .pending: .release]
      review = Review(applied[items[any].state] ?? decision, table.model.ledger.name(of: any), by: name, note: "seen")
      return .review(review, .inFile(off: 0))
    case 7:
      // The first approver once more, in other letters.
      guard let half = items.indices.filter({ items[$0].firstApproval != nil }).first else { fallthrough }
      let first = items[half].firstApproval ?? ""
      review = Review(.approve, table.model.ledger.name(of: half), by: spelt(first), note: "")
    default:
      // Whatever it is, of any item.
      review.item = table.model.ledger.name(of: random.int(0...(items.count - 1)))
    }
    return .review(review, row)
  }

  private static let people = ["ana", "bo", "zoë"]

  private mutating func spelt(_ name: String) -> String {
    random.pick([name, name, name.uppercased(), " \(name)", "\(name.uppercased())  "])
  }

  private mutating func note(for decision: Review.Decision) -> String {
    decision == .reject || decision == .reopen ? random.pick(["seen again, see ticket 7", "wrong, \"sorry\""]) : random.pick(["", "fine"])
  }
}

extension Range<Int> {
  fileprivate func randomElement(_ random: inout SplitMix64) -> Int? { isEmpty ? nil : random.int(lowerBound...(upperBound - 1)) }
}
