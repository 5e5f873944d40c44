import ReferenceModel
import Testing

@Suite struct `the queue over several nights` {
  static func outageWorld(until end: Int?) -> World {
    World.oneLine { $0.outages = [Outage(id: "x", scope: .platform, startedAt: at(3), endedAt: end)] }
  }

  /// `period|state|number of days|cents`.
  static func short(_ ledger: ModelLedger) -> [String] {
    ledger.items.map { "\($0.periodID)|\($0.state.rawValue)|\($0.days.count)|\($0.cents)" }.sorted()
  }

  @Test func `an undecided item is restated in place and a decided one is not touched`() {
    let world = Self.outageWorld(until: nil)
    var ledger = ModelLedger()
    ledger.night(world, closing: day0 + 4)
    #expect(Self.short(ledger) == ["p|pending|2|200"])
    ledger.night(world, closing: day0 + 5)
    #expect(Self.short(ledger) == ["p|pending|3|300"])
    #expect(ledger.items[0].openedOn == day0 + 4)
    ledger.approve(0)
    ledger.night(world, closing: day0 + 7)
    #expect(Self.short(ledger) == ["p|approved|3|300", "p|pending|2|200"])
    ledger.reject(1)
    ledger.night(world, closing: day0 + 8)
    #expect(Self.short(ledger) == ["p|approved|3|300", "p|pending|1|100", "p|rejected|2|200"])
    ledger.approve(2)
    ledger.reopen(1)
    ledger.night(world, closing: day0 + 8)
    #expect(Self.short(ledger) == ["p|approved|1|100", "p|approved|3|300", "p|pending|2|200"])
    #expect(
      ledger.canonicalItems()[0]
        == "p|approved|2026-01-04=100:outage:outage:x,2026-01-05=100:outage:outage:x,2026-01-06=100:outage:outage:x")
  }

  @Test func `an item restated to nothing is withdrawn for good`() {
    var ledger = ModelLedger()
    ledger.night(Self.outageWorld(until: nil), closing: day0 + 6)
    ledger.night(Self.outageWorld(until: at(3, hours: 9)), closing: day0 + 6)
    #expect(ledger.canonicalItems() == ["p|withdrawn|"])
    ledger.night(Self.outageWorld(until: nil), closing: day0 + 6)
    #expect(Self.short(ledger) == ["p|pending|4|400", "p|withdrawn|0|0"])
  }

  @Test func `days worth nothing together open nothing`() {
    var world = Self.outageWorld(until: nil)
    world.periods[0].paidCents = 1001
    // One cent over 30 days falls on day 15: r(15) is a tie, r(16) is not.
    var ledger = ModelLedger()
    ledger.night(world, closing: day0 + 14)
    #expect(ledger.items.isEmpty)
    ledger.night(world, closing: day0 + 15)
    #expect(Self.short(ledger) == ["p|pending|13|1"])
  }

  @Test func `W4 a grant takes what is neither committed nor barred and is approved at once`() {
    var world = Self.outageWorld(until: nil)
    var ledger = ModelLedger()
    ledger.night(world, closing: day0 + 4)
    ledger.approve(0)
    ledger.night(world, closing: day0 + 5)
    world.requests = [Request(id: "r", orderID: "o", requestedAt: at(5))]
    ledger.night(world, closing: day0 + 6)
    #expect(Self.short(ledger) == ["p|approved|28|2800", "p|approved|2|200"])
    #expect(ledger.items[1].auto && !ledger.items[0].auto && ledger.items[1].takesWholePeriod)
    #expect(ledger.exceptions.isEmpty)
  }

  @Test func `W4 what a person holds stays held until released`() {
    var world = Self.outageWorld(until: nil)
    var ledger = ModelLedger()
    ledger.night(world, closing: day0 + 4)
    ledger.hold(0)
    world.requests = [Request(id: "r", orderID: "o", requestedAt: at(5))]
    ledger.night(world, closing: day0 + 6)
    #expect(Self.short(ledger) == ["p|held|30|3000"])
    ledger.release(0)
    #expect(Self.short(ledger) == ["p|approved|30|3000"])
  }

  @Test func `P5 a base that fell caps the rest and tells what was overpaid`() {
    var world = Self.outageWorld(until: nil)
    var ledger = ModelLedger()
    ledger.night(world, closing: day0 + 22)
    ledger.approve(0)
    world.addons = [Addon(id: "a", periodID: "p", category: .ai, feeCents: 900, activeFrom: at(1))]
    ledger.night(world, closing: day0 + 26)
    // 20 days at 1.00 are committed; of the base, now 21.00 (0.70 a day), 1.00 is left for 4 days.
    #expect(ledger.items[1].days.sorted { $0.key < $1.key }.map(\.value.cents) == [70, 30, 0, 0])
    #expect(ledger.canonicalExceptions() == ["overpaid|p|6.00"])
    world.addons[0].voided = true
    world.periods[0].feeCents = 700
    ledger.night(world, closing: day0 + 26)
    #expect(ledger.items[1].cents == 440)
    #expect(ledger.canonicalExceptions() == ["underpaid|p|2.00"])
  }

  @Test func `D2 committed days that are not owed any more are told, never taken back`() {
    var ledger = ModelLedger()
    ledger.night(Self.outageWorld(until: nil), closing: day0 + 6)
    ledger.approve(0)
    ledger.night(Self.outageWorld(until: at(5)), closing: day0 + 7)
    #expect(ledger.canonicalExceptions() == ["not_owed|p|2.00"])
    #expect(Self.short(ledger) == ["p|approved|4|400"])
  }

  @Test func `S2 that turns out to be W1 was paid too much`() {
    var world = World.oneLine { $0.requests = [Request(id: "r", orderID: "o", requestedAt: at(1))] }
    world.orders[0].provisionedAt = nil
    world.orders[0].activatedAt = nil
    var ledger = ModelLedger()
    ledger.night(world, closing: day0 + 1)
    #expect(Self.short(ledger) == ["p|approved|30|4000"])
    world.orders[0].provisionedAt = at(2)
    ledger.night(world, closing: day0 + 2)
    #expect(Self.short(ledger) == ["p|approved|30|4000"])
    #expect(ledger.canonicalExceptions() == ["overpaid|p|10.00"])
    #expect(ledger.canonicalDecisions() == ["r|granted|W1|o"])
  }

  @Test func `P1 a line that ended as withdrawn without a record, and a request nobody made, are exceptions`() {
    var world = World.oneLine {
      $0.orders[0].endedAt = at(5)
      $0.orders[0].endReason = .withdrawn
      $0.requests = [Request(id: "r", orderID: "nobody", requestedAt: at(5))]
    }
    var ledger = ModelLedger()
    ledger.night(world, closing: day0 + 4)
    #expect(ledger.exceptions.isEmpty)
    ledger.night(world, closing: day0 + 5)
    #expect(ledger.canonicalExceptions() == ["unmatched_request|r|0.00", "withdrawn_without_record|o|0.00"])
    world.withdrawals = [Withdrawal(id: "w", scope: .line("+14155550001"), effectiveAt: at(5))]
    ledger.night(world, closing: day0 + 6)
    #expect(ledger.canonicalExceptions() == ["unmatched_request|r|0.00"])
    #expect(Self.short(ledger) == ["p|pending|25|2500"])
  }

  @Test func `a rerun changes only its days, and whole periods for W1`() {
    var world = Self.outageWorld(until: at(9))
    var ledger = ModelLedger()
    ledger.night(world, closing: day0 + 12)
    #expect(Self.short(ledger) == ["p|pending|6|600"])
    world.usage = [Usage(orderID: "o", day: day0 + 4, calls: 1), Usage(orderID: "o", day: day0 + 7, calls: 1)]
    ledger.rerun(world, from: day0 + 7, to: day0 + 8)
    #expect(ledger.items[0].days.keys.sorted() == [3, 4, 5, 6, 8].map { day0 + $0 })
    world.usage = []
    world.requests = [Request(id: "r", orderID: "o", requestedAt: at(2))]
    ledger.rerun(world, from: day0 - 3, to: day0 - 1)
    #expect(ledger.decisions.isEmpty)
    ledger.rerun(world, from: day0 + 11, to: day0 + 11)
    #expect(Self.short(ledger) == ["p|approved|30|3000"])
    ledger.rerun(world, from: day0 + 11, to: day0 + 13)
    #expect(ledger.lastClosed == day0 + 12)
  }
}
