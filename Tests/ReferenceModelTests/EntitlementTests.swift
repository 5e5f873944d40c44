import ReferenceModel
import Testing

@Suite struct `refundable days, clause by clause` {
  @Test func `P2 needs more than 24 hours and then counts every touched day`() {
    let exact = World.oneLine { $0.outages = [Outage(id: "x", scope: .platform, startedAt: at(3), endedAt: at(4))] }
    #expect(exact.told(20) == [])
    let more = World.oneLine { $0.outages = [Outage(id: "x", scope: .platform, startedAt: at(3), endedAt: at(4, seconds: 1))] }
    #expect(more.told(20) == ["3-4 outage 200"])
    let before = World.oneLine { $0.outages = [Outage(id: "x", scope: .platform, startedAt: at(3, seconds: -1), endedAt: at(4))] }
    #expect(before.told(20) == ["2-3 outage 200"])
  }

  @Test func `P2 an open outage grows night by night`() {
    let world = World.oneLine { $0.outages = [Outage(id: "x", scope: .region("eu"), startedAt: at(3, hours: 1), endedAt: nil)] }
    #expect(world.told(3) == [])
    #expect(world.told(4) == ["3-4 outage 200"])
    #expect(world.told(6) == ["3-6 outage 400"])
  }

  @Test func `P2 an end at T has not happened`() {
    let world = World.oneLine { $0.outages = [Outage(id: "x", scope: .platform, startedAt: at(3, seconds: -1), endedAt: at(4))] }
    #expect(world.told(2) == [])
    #expect(world.told(3) == ["2-3 outage 200"])
  }

  @Test func `P2 records that touch on one line are one outage whatever their scope`() {
    func world(gap: Int) -> World {
      World.oneLine {
        $0.outages = [
          Outage(id: "x", scope: .prefix("+1415"), startedAt: at(3), endedAt: at(3, hours: 20)),
          Outage(id: "y", scope: .carrier("c1"), startedAt: at(3, hours: 20, seconds: gap), endedAt: at(4, hours: 10)),
          Outage(id: "z", scope: .carrier("c2"), startedAt: at(3), endedAt: at(9)),
        ]
      }
    }
    #expect(world(gap: 0).told(20) == ["3-4 outage 200"])
    #expect(world(gap: -7).told(20) == ["3-4 outage 200"])
    #expect(world(gap: 1).told(20) == [])
    let evidence = entitlement(world(gap: 0), day0 + 20)["p"]?.map(\.evidence)
    #expect(evidence == [["outage:x", "outage:y"], ["outage:y"]])
  }

  @Test func `P2 counts no other origin, no voided row and nothing that lasts no time`() {
    let world = World.oneLine {
      $0.outages = [
        Outage(id: "x", origin: .carrier, scope: .platform, startedAt: at(3), endedAt: at(9)),
        Outage(id: "y", scope: .platform, startedAt: at(3), endedAt: at(9), voided: true),
        Outage(id: "a", scope: .platform, startedAt: at(12), endedAt: at(12, hours: 20)),
        Outage(id: "b", scope: .platform, startedAt: at(12, hours: 20, seconds: 1), endedAt: at(13, hours: 10)),
        Outage(id: "c", scope: .platform, startedAt: at(12, hours: 20), endedAt: at(12, hours: 20)),
      ]
    }
    #expect(world.told(20) == [])
  }

  @Test func `P2 is measured whole, also before activation, and pays from activation on`() {
    let world = World.oneLine { $0.outages = [Outage(id: "x", scope: .platform, startedAt: at(-1), endedAt: at(0, hours: 13))] }
    #expect(world.told(20) == ["0-0 outage 100"])
  }

  @Test func `P1 a withdrawal takes every remaining day, until it is reversed`() {
    let world = World.oneLine {
      $0.withdrawals = [Withdrawal(id: "w", scope: .line("+14155550001"), effectiveAt: at(25, hours: 23), reversedAt: at(27))]
    }
    #expect(world.told(24) == [])
    #expect(world.told(25) == ["25-29 withdrawal 500"])
    #expect(world.told(26) == ["25-29 withdrawal 500"])
    #expect(world.told(27) == ["25-26 withdrawal 200"])
    let never = World.oneLine { $0.withdrawals = [Withdrawal(id: "w", scope: .platform, effectiveAt: at(5), reversedAt: at(5))] }
    #expect(never.told(20) == [])
  }

  @Test func `P1 a line that ended as withdrawn is in service to the end, one that expired is not`() {
    for (reason, told) in [(Order.EndReason.withdrawn, "25-29 withdrawal 500"), (.expired, "25-26 withdrawal 200")] {
      let world = World.oneLine {
        $0.orders[0].endedAt = at(26, hours: 1)
        $0.orders[0].endReason = reason
        $0.withdrawals = [Withdrawal(id: "w", scope: .platform, effectiveAt: at(25))]
      }
      #expect(world.told(28) == [told])
    }
  }

  @Test func `P3 needs more than 72 hours of one ticket or of tickets that touch`() {
    func world(end: Int) -> World {
      World.oneLine {
        $0.restorations = [
          Restoration(id: "a", orderID: "o", openedAt: at(5), restoredAt: at(6)),
          Restoration(id: "b", orderID: "o", openedAt: at(6), restoredAt: end),
          Restoration(id: "c", orderID: "other", openedAt: at(5), restoredAt: at(20)),
        ]
      }
    }
    #expect(world(end: at(8)).told(25) == [])
    #expect(world(end: at(8, seconds: 1)).told(25) == ["5-8 unrestored 400"])
  }

  @Test func `P4 needs an advertised feature and more than 7 days`() {
    func world(_ feature: String, end: Int) -> World {
      World.oneLine { $0.featureFaults = [FeatureFault(id: "f", feature: feature, scope: .plan("basic"), startedAt: at(2), fixedAt: end)] }
    }
    #expect(world("sms", end: at(9)).told(25) == [])
    #expect(world("sms", end: at(9, seconds: 1)).told(25) == ["2-9 feature 800"])
    #expect(world("fax", end: at(20)).told(25) == [])
  }

  @Test func `P5 the cause of a day is the first of several`() {
    let world = World.oneLine {
      $0.outages = [Outage(id: "x", scope: .platform, startedAt: at(4), endedAt: at(6))]
      $0.restorations = [Restoration(id: "t", orderID: "o", openedAt: at(2), restoredAt: at(8))]
      $0.withdrawals = [Withdrawal(id: "w", scope: .platform, effectiveAt: at(5), reversedAt: at(5, hours: 1))]
    }
    #expect(world.told(20) == ["2-3 unrestored 200", "4-4 outage 100", "5-5 withdrawal 100", "6-7 unrestored 200"])
  }

  @Test func `P5 shares round to the nearest cent with ties down and sum to the base`() {
    // 1 cent over 2 days: r(1) = 0.5, a tie, down to 0.
    #expect((0..<2).map { share(ofDay: $0, of: 2, base: 1) } == [0, 1])
    // 10.00 over 3 days: 333.33, 666.67, 1000.
    #expect((0..<3).map { share(ofDay: $0, of: 3, base: 1000) } == [333, 334, 333])
    for count in 1...40 {
      for base in 0...60 {
        let shares = (0..<count).map { share(ofDay: $0, of: count, base: base) }
        #expect(shares.reduce(0, +) == base && shares.allSatisfy { $0 >= 0 })
      }
    }
  }

  @Test func `P5 in service from provisioning while not activated, and to the day of the end`() {
    let world = World.oneLine {
      $0.orders[0].provisionedAt = at(4, hours: 5)
      $0.orders[0].activatedAt = at(8)
      $0.orders[0].endedAt = at(12, hours: 1)
      $0.orders[0].endReason = .cancelled
      $0.outages = [Outage(id: "x", scope: .platform, startedAt: at(2), endedAt: nil)]
    }
    #expect(world.told(3) == [])
    #expect(world.told(7) == ["4-7 outage 400"])
    #expect(world.told(8) == ["8-8 outage 100"])
    #expect(world.told(20) == ["8-12 outage 500"])
  }

  @Test func `N2 used days are left out, inbound verifications are no use in that sense`() {
    let world = World.oneLine {
      $0.outages = [Outage(id: "x", scope: .platform, startedAt: at(3), endedAt: at(8))]
      $0.usage = [
        Usage(orderID: "o", day: day0 + 4, calls: 1), Usage(orderID: "o", day: day0 + 5, verifications: 3),
        Usage(orderID: "o", day: day0 + 6, sms: 1, voided: true), Usage(orderID: "o", day: day0 + 7),
      ]
    }
    #expect(world.told(20) == ["3-3 outage 100", "5-7 outage 300"])
  }

  @Test func `N4 an AI add-on active on any day of the period leaves the base`() {
    func base(_ addon: Addon, _ date: Int = 20) -> Int? {
      ReferenceModel.base(World.oneLine { $0.addons = [addon] }, day0 + date, period: "p")
    }
    #expect(base(Addon(id: "a", periodID: "p", category: .ai, feeCents: 600, activeFrom: at(3))) == 2400)
    #expect(base(Addon(id: "a", periodID: "p", category: .ai, feeCents: 600, activeFrom: at(3)), 2) == 3000)
    #expect(base(Addon(id: "a", periodID: "p", category: .ai, feeCents: 600)) == 3000)
    #expect(base(Addon(id: "a", periodID: "p", category: .other, feeCents: 600, activeFrom: at(3))) == 3000)
    #expect(base(Addon(id: "a", periodID: "p", category: .ai, feeCents: 600, activeFrom: at(-9), activeTo: at(0))) == 3000)
    #expect(base(Addon(id: "a", periodID: "p", category: .ai, feeCents: 600, activeFrom: at(-9), activeTo: at(0, seconds: 1))) == 2400)
    #expect(base(Addon(id: "a", periodID: "p", category: .ai, feeCents: 600, activeFrom: at(3), activeTo: at(3))) == 3000)
  }

  @Test func `N5 leaves nothing once the end is known`() {
    let world = World.oneLine {
      $0.outages = [Outage(id: "x", scope: .platform, startedAt: at(3), endedAt: at(8))]
      $0.orders[0].endedAt = at(10, hours: 1)
      $0.orders[0].endReason = .aup
    }
    #expect(world.told(9) == ["3-7 outage 500"])
    #expect(world.told(10) == [])
  }

  @Test func `a period is decided under the settings in force when it was paid`() {
    let world = World.oneLine {
      $0.settings = [DatedSettings(effectiveFrom: at(0, hours: 11), outageOverHours: 12)]
      $0.periods.append(Period(id: "q", orderID: "o", startsOn: day0 + 30, endsOn: day0 + 40, paidCents: 1000, paidAt: at(0, hours: 11)))
      $0.outages = [Outage(id: "x", scope: .platform, startedAt: at(29, hours: 12), endedAt: at(30, hours: 6))]
    }
    #expect(world.told(35) == [])
    #expect(world.told(35, period: "q") == ["30-30 outage 100"])
  }
}
