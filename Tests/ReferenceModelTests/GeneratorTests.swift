import ReferenceModel
import Testing

@Suite struct `random worlds` {
  static let seeds: [UInt64] = Array(1...8)

  @Test func `the same seed gives the same world and files`() {
    #expect(randomWorld(seed: 5, orders: 20).csvFiles() == randomWorld(seed: 5, orders: 20).csvFiles())
    #expect(randomWorld(seed: 5, orders: 20) != randomWorld(seed: 6, orders: 20))
    #expect(randomWorld(seed: 5, orders: 20).csvFiles().count == 11)
  }

  @Test(arguments: seeds) func `keep the checks of an import, as do their late arrivals`(seed: UInt64) {
    let world = randomWorld(seed: seed, orders: 60)
    let arrivals = lateArrivals(world, seed: seed)
    #expect(arrivals.last == world)
    for partial in arrivals { #expect(complaints(partial) == []) }
    for (earlier, later) in zip(arrivals, arrivals.dropFirst()) {
      #expect(Set(earlier.periods.map(\.id)).isSubset(of: later.periods.map(\.id)))
      #expect(Set(earlier.requests.map(\.id)).isSubset(of: later.requests.map(\.id)))
    }
  }

  @Test(arguments: seeds) func `never refund a day twice or more than the larger of base and committed`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let world = randomWorld(seed: seed, orders: 30)
    let arrivals = lateArrivals(world, seed: seed)
    var ledger = ModelLedger()
    for step in 0..<12 {
      let known = arrivals[min(step / 2, arrivals.count - 1)]
      let date = firstRandomDay + 8 + step * 6
      ledger.night(known, closing: date)
      var again = ledger
      again.night(known, closing: date)
      #expect(again == ledger)

      for (periodID, items) in Dictionary(grouping: ledger.items, by: \.periodID) {
        let days = items.flatMap(\.days.keys)
        #expect(days.count == Set(days).count)
        let undecided = items.filter { $0.state == .pending || $0.state == .held }
        #expect(undecided.count <= 1)
        if let item = undecided.first {
          let committed = items.filter { $0.state == .approved }.reduce(0) { $0 + $1.cents }
          #expect(item.cents > 0 && item.cents + committed <= max(base(known, date, period: periodID) ?? 0, committed))
        }
      }
      if random.chance(40) { ledger.rerun(known, from: date - random.int(20...40), to: date - random.int(0...20)) }
      #expect(ledger == again, "a rerun of what was just decided changes nothing")
      for index in ledger.items.indices where random.chance(30) {
        switch random.int(0...5) {
        case 0...2: ledger.approve(index)
        case 3: ledger.reject(index)
        case 4: ledger.hold(index)
        default: ledger.reopen(index)
        }
      }
    }
  }

  @Test func `reach every verdict, cause, state and kind of exception`() {
    var clauses: [String: Int] = [:]
    var causes: [Cause: Int] = [:]
    var states: [ModelLedger.State: Int] = [:]
    var kinds: [ModelLedger.Exception.Kind: Int] = [:]
    for seed in Self.seeds {
      let world = randomWorld(seed: seed, orders: 40)
      var ledger = ModelLedger()
      let arrivals = lateArrivals(world, seed: seed)
      for step in 0..<12 {
        let known = arrivals[min(step / 2, arrivals.count - 1)]
        ledger.night(known, closing: firstRandomDay + 8 + 5 * step)
        for index in ledger.items.indices where index % 3 != 0 {
          if index % 7 == 1 { ledger.hold(index) } else { ledger.approve(index) }
        }
        for verdict in ledger.decisions.values { clauses["\(verdict.decision.rawValue) \(verdict.clause.rawValue)", default: 0] += 1 }
        for day in ledger.items.flatMap(\.days.values) { causes[day.cause, default: 0] += 1 }
        for item in ledger.items { states[item.state, default: 0] += 1 }
        for exception in ledger.exceptions { kinds[exception.kind, default: 0] += 1 }
      }
    }
    #expect(
      Set(clauses.keys) == [
        "granted W1", "granted S2", "partly_granted Q3", "waiting Q2", "denied W1", "denied N3", "denied N5", "unmatched Q1",
      ])
    #expect(Set(causes.keys) == Set(Cause.allCases))
    #expect(Set(states.keys).isSuperset(of: [.pending, .held, .approved, .withdrawn]))
    // Facts that arrive late take nothing back, move nothing and are not mistyped (G5, G8, P); corrections of a seller's year do.
    #expect(Set(kinds.keys) == Set(ModelLedger.Exception.Kind.allCases).subtracting([.endTakenBack, .farFuture, .movedWithoutDate]))
  }
}
