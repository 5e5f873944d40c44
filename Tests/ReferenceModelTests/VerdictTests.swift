import ReferenceModel
import Testing

@Suite struct `requests, clause by clause` {
  static let week = 7 * secondsPerDay

  @Test func `W1 the last second of the window counts`() {
    for (late, verdict) in [(-1, "granted W1 o"), (0, "granted W1 o"), (1, "denied W1 o")] {
      let world = World.oneLine { $0.requests = [Request(id: "r", orderID: "o", requestedAt: at(7, hours: 12, seconds: late))] }
      #expect(world.verdict(7) == verdict)
      #expect(world.told(7) == (late > 0 ? [] : ["0-29 unused 3000"]))
    }
  }

  @Test func `W1 covers what was paid for before the request, to the second`() {
    for (paidAt, isCovered) in [(at(3, seconds: -1), true), (at(3), false)] {
      let world = World.oneLine {
        $0.periods.append(Period(id: "q", orderID: "o", startsOn: day0 + 30, endsOn: day0 + 40, paidCents: 1000, paidAt: paidAt))
        $0.requests = [Request(id: "r", orderID: "o", requestedAt: at(3))]
      }
      #expect(world.told(3, period: "q") == (isCovered ? ["30-39 unused 1000"] : []))
    }
  }

  @Test func `W2 use on the day of the request counts as before it`() {
    for (day, verdict) in [(3, "denied W1 o"), (4, "granted W1 o")] {
      let world = World.oneLine {
        $0.usage = [Usage(orderID: "o", day: day0 + day, sms: 1)]
        $0.requests = [Request(id: "r", orderID: "o", requestedAt: at(3, hours: 1))]
      }
      #expect(world.verdict(9) == verdict)
    }
  }

  @Test func `W3 a provisioned line that is not activated is inside the window`() {
    let world = World.oneLine {
      $0.orders[0].activatedAt = nil
      $0.requests = [Request(id: "r", orderID: "o", requestedAt: at(25))]
    }
    #expect(world.verdict(25) == "granted W1 o")
  }

  @Test func `S2 gives back everything until the line is provisioned`() {
    let world = World.oneLine {
      $0.orders[0].provisionedAt = at(6)
      $0.orders[0].activatedAt = nil
      $0.requests = [Request(id: "r", orderID: "o", requestedAt: at(5))]
    }
    #expect(world.verdict(5) == "granted S2 o")
    #expect(world.told(5) == ["0-29 unprovisioned 4000"])
    #expect(world.verdict(6) == "granted W1 o")
    #expect(world.told(6) == ["0-29 unused 3000"])
  }

  @Test func `N3 bars what a request would add, not the fault days`() {
    let world = World.oneLine {
      $0.usage = [Usage(orderID: "o", day: day0 + 1, verifications: 1)]
      $0.outages = [Outage(id: "x", scope: .platform, startedAt: at(10), endedAt: at(13))]
      $0.requests = [Request(id: "r", orderID: "o", requestedAt: at(11))]
    }
    #expect(world.verdict(20) == "denied N3 o")
    #expect(world.told(20) == ["10-12 outage 300"])
  }

  @Test func `N5 denies before all else`() {
    let world = World.oneLine {
      $0.orders[0].endedAt = at(2)
      $0.orders[0].endReason = .aup
      $0.requests = [Request(id: "r", orderID: "o", requestedAt: at(3))]
    }
    #expect(world.verdict(3) == "denied N5 o")
  }

  @Test func `Q3 adds every later day, less used ones, to a fault that was open and qualifies by now`() {
    let world = World.oneLine {
      $0.usage = [Usage(orderID: "o", day: day0 + 1, calls: 1), Usage(orderID: "o", day: day0 + 20, calls: 1)]
      $0.outages = [Outage(id: "x", scope: .platform, startedAt: at(10), endedAt: at(13))]
      $0.orders[0].endedAt = at(12, hours: 9)
      $0.orders[0].endReason = .cancelled
      $0.requests = [Request(id: "r", orderID: "o", requestedAt: at(10, hours: 4))]
    }
    #expect(world.verdict(10) == "waiting Q2 o")
    #expect(world.verdict(11) == "partly_granted Q3 o")
    #expect(world.told(25) == ["10-12 outage 300", "13-19 cancellation 700", "21-29 cancellation 900"])
    let evidence = entitlement(world, day0 + 25)["p"]?.last?.evidence
    #expect(evidence == ["request:r"])
  }

  @Test func `Q3 the fault is open from its first second to before its last`() {
    let used = Usage(orderID: "o", day: day0 + 1, calls: 1)
    for (requestedAt, verdict) in [
      (at(10, seconds: -1), "denied W1 o"), (at(10), "partly_granted Q3 o"), (at(13, seconds: -1), "partly_granted Q3 o"),
      (at(13), "denied W1 o"),
    ] {
      let world = World.oneLine {
        $0.usage = [used]
        $0.outages = [Outage(id: "x", scope: .platform, startedAt: at(10), endedAt: at(13))]
        $0.requests = [Request(id: "r", orderID: "o", requestedAt: requestedAt)]
      }
      #expect(world.verdict(20) == verdict)
    }
  }

  @Test func `Q3 needs a day after the request's, and an order that had not ended before it`() {
    func verdict(requestDay: Int, ended: Int?) -> String {
      World.oneLine {
        $0.usage = [Usage(orderID: "o", day: day0 + 1, calls: 1)]
        $0.outages = [Outage(id: "x", scope: .platform, startedAt: at(20), endedAt: nil)]
        $0.orders[0].endedAt = ended
        $0.orders[0].endReason = ended == nil ? nil : .expired
        $0.requests = [Request(id: "r", orderID: "o", requestedAt: at(requestDay, hours: 5))]
      }.verdict(40)
    }
    #expect(verdict(requestDay: 28, ended: nil) == "partly_granted Q3 o")
    #expect(verdict(requestDay: 29, ended: nil) == "denied W1 o")
    #expect(verdict(requestDay: 25, ended: at(25)) == "partly_granted Q3 o")
    #expect(verdict(requestDay: 25, ended: at(25, seconds: -1)) == "denied W1 o")
  }

  @Test func `Q2 a fault that is still open and too short keeps a request waiting`() {
    let world = World.oneLine {
      $0.usage = [Usage(orderID: "o", day: day0 + 1, calls: 1)]
      $0.restorations = [Restoration(id: "t", orderID: "o", openedAt: at(20), restoredAt: at(22, hours: 23))]
      $0.requests = [Request(id: "r", orderID: "o", requestedAt: at(20, hours: 5))]
    }
    #expect(world.verdict(20) == "waiting Q2 o")
    #expect(world.verdict(21) == "waiting Q2 o")
    #expect(world.verdict(22) == "denied W1 o")
  }

  @Test func `Q1 matches an order id or a transaction, and never guesses`() {
    let world = World.oneLine {
      $0.orders.append(Order(id: "v", line: "+14155550002", voided: true))
      $0.orders.append(Order(id: "n", line: "+14155550003"))
      $0.periods.append(Period(id: "q", orderID: "n", startsOn: day0, endsOn: day0 + 1, paidCents: 100, txid: "TzBq", paidAt: at(1)))
      $0.periods.append(Period(id: "s", orderID: "n", startsOn: day0 + 1, endsOn: day0 + 2, paidCents: 100, txid: "77", paidAt: at(1)))
      $0.periods.append(Period(id: "t", orderID: "o", startsOn: day0 + 30, endsOn: day0 + 31, paidCents: 100, txid: "0x77", paidAt: at(1)))
      let asked: [(String, String, String)] = [
        ("a", "o", ""), ("b", "", "ab12"), ("c", "", "0XAB12"), ("d", "o", "AB12"), ("e", "n", "AB12"), ("f", "v", ""), ("g", "x", ""),
        ("h", "", "tzbq"), ("i", "", "TzBq"), ("j", "", "77"), ("k", "n", "77"),
      ]
      $0.requests = asked.map { Request(id: $0.0, orderID: $0.1, txid: $0.2, requestedAt: at(2)) }
    }
    let orders = decisions(world, day0 + 2).mapValues(\.orderID)
    #expect(["a", "b", "c", "d"].allSatisfy { orders[$0] == "o" })
    #expect(["i", "k"].allSatisfy { orders[$0] == "n" })
    #expect(["e", "f", "g", "h", "j"].allSatisfy { orders[$0] == .some(nil) })
    #expect(world.verdict(2, "e") == "unmatched Q1 -")
  }
}
