import ReferenceModel
import Testing

/// Contract 5 and G1 in the model itself, clause by clause.
@Suite struct `what people decide` {
  /// Ten days of 1.00 a day are pending for period `p`, and two people are needed from 5.00 on.
  static func ledger(threshold: Int = 500) -> (ModelLedger, World) {
    let world = World.oneLine {
      $0.outages = [Outage(id: "x", scope: .platform, startedAt: at(3), endedAt: at(13))]
      $0.usage = [Usage(orderID: "o", day: day0, calls: 1)]
      $0.settings = [DatedSettings(effectiveFrom: 0, secondApprovalCents: threshold)]
    }
    var ledger = ModelLedger()
    ledger.night(world, closing: day0 + 14)
    return (ledger, world)
  }

  static let first = ItemPlace("p", 1)

  @Test func `G1 needs two different people from the threshold on, trimmed and without case`() {
    var (ledger, _) = Self.ledger()
    #expect(ledger.review(Review(.approve, Self.first, by: " Ana")) == .done)
    #expect(ledger.items[0].state == .pending)
    #expect(ledger.review(Review(.approve, Self.first, by: "ANA ")) == .refused)
    #expect(ledger.review(Review(.approve, Self.first, by: " Policy ")) == .refused)
    #expect(ledger.review(Review(.approve, Self.first, by: "bo")) == .done)
    #expect(ledger.items[0].state == .approved)
    var (small, _) = Self.ledger(threshold: 1001)
    #expect(small.review(Review(.approve, Self.first, by: "ana")) == .done)
    #expect(small.items[0].state == .approved)
    var (equal, _) = Self.ledger(threshold: 1000)
    #expect(equal.review(Review(.approve, Self.first, by: "ana")) == .done)
    #expect(equal.items[0].state == .pending)
  }

  @Test func `G1 a restatement of amount, days, causes or destination voids the first approval, evidence alone does not`() {
    func isVoided(by change: (inout World) -> Void) -> Bool {
      var (ledger, world) = Self.ledger()
      #expect(ledger.review(Review(.approve, Self.first, by: "ana")) == .done)
      change(&world)
      ledger.night(world, closing: day0 + 15)
      #expect(ledger.review(Review(.approve, Self.first, by: "bo")) == .done)
      return ledger.items[0].state == .pending
    }
    #expect(isVoided { $0.periods[0].paidCents += 1000 })
    #expect(isVoided { $0.usage.append(Usage(orderID: "o", day: day0 + 5, calls: 1)) })
    #expect(isVoided { $0.periods[0].coin = "BTC" })
    #expect(isVoided { $0.withdrawals = [Withdrawal(id: "w", scope: .platform, effectiveAt: at(3), reversedAt: at(5))] })
    let request = Request(id: "r", orderID: "o", requestedAt: at(14), address: payableAddresses(coin: "XMR", network: "")[0])
    #expect(isVoided { $0.requests = [request] })
    var unpayable = request
    unpayable.address = payableAddresses(coin: "BTC", network: "")[0]
    #expect(isVoided { $0.requests = [unpayable] })
    #expect(
      isVoided {
        unpayable.requestedAt = at(13)
        $0.requests = [request, unpayable]
      })
    #expect(!isVoided { $0.outages.append(Outage(id: "y", scope: .platform, startedAt: at(4), endedAt: at(5))) })
    #expect(!isVoided { _ in })
  }

  @Test func `G1 a hold keeps the first approval, reopening does not`() {
    var (ledger, _) = Self.ledger()
    for (decision, name) in [(Review.Decision.approve, "ana"), (.hold, "bo"), (.release, "bo"), (.approve, "bo")] {
      #expect(ledger.review(Review(decision, Self.first, by: name)) == .done)
    }
    #expect(ledger.items[0].state == .approved)
    #expect(ledger.review(Review(.reopen, Self.first, by: "bo", note: "why")) == .done)
    #expect(ledger.review(Review(.approve, Self.first, by: "ana")) == .done)
    #expect(ledger.items[0].state == .pending)
  }

  @Test func `a decision needs a name, rejecting and reopening need a note`() {
    var (ledger, _) = Self.ledger()
    for name in ["", " ", "policy", "POLICY\t"] { #expect(ledger.review(Review(.hold, Self.first, by: name)) == .refused) }
    #expect(ledger.review(Review(.reject, Self.first, by: "ana")) == .refused)
    #expect(ledger.review(Review(.reject, Self.first, by: "ana", note: " ")) == .refused)
    #expect(ledger.review(Review(.reject, Self.first, by: "ana", note: "why")) == .done)
    #expect(ledger.review(Review(.reopen, Self.first, by: "ana")) == .refused)
    #expect(ledger.review(Review(.reopen, ItemPlace("p", 2), by: "ana", note: "why")) == .refused)
    #expect(ledger.review(Review(.reopen, Self.first, by: "ana", note: "why")) == .done)
    #expect(ledger.items[0].state == .pending)
  }

  @Test func `a row of a file is stale, or new, or applied before`() {
    var (ledger, _) = Self.ledger()
    #expect(ledger.review(Review(.hold, Self.first, by: "ana", rowAmount: 999)) == .refused)
    #expect(ledger.review(Review(.hold, Self.first, by: "ana", rowAmount: 1000)) == .done)
    #expect(ledger.review(Review(.hold, Self.first, by: "bo", rowAmount: 1000)) == .unchanged)
    #expect(ledger.review(Review(.hold, Self.first, by: "bo")) == .refused)
    #expect(ledger.review(Review(.release, Self.first, by: "bo", rowAmount: 1000)) == .done)
    #expect(ledger.review(Review(.approve, Self.first, by: "ana", rowAmount: 1000)) == .done)
    #expect(ledger.review(Review(.approve, Self.first, by: "Ana", rowAmount: 1000)) == .unchanged)
    #expect(ledger.review(Review(.approve, Self.first, by: "bo", rowAmount: 1000)) == .done)
    #expect(ledger.items[0].state == .approved)
    #expect(ledger.review(Review(.approve, Self.first, by: "ana", rowAmount: 1000)) == .unchanged)
    #expect(ledger.review(Review(.reopen, Self.first, by: "ana", note: "why", rowAmount: 1000)) == .refused)
  }

  @Test func `contract 7: nothing is committed above the base that a run worked out last`() {
    var (ledger, world) = Self.ledger(threshold: 50_000)
    ledger.reject(0)
    // The rest of the period is withdrawn and approved, at a base that fell from 30.00 to 27.00.
    world.withdrawals = [Withdrawal(id: "w", scope: .platform, effectiveAt: at(1))]
    world.periods[0].paidCents = 3700
    ledger.night(world, closing: day0 + 15)
    #expect(ledger.review(Review(.approve, ItemPlace("p", 2), by: "ana")) == .done)
    #expect(ledger.items[1].cents == 1710)
    // Ten rejected days at 1.00 come back; together they would be 27.10. Reopened they are worth what they are worth now (D2).
    #expect(ledger.review(Review(.reopen, Self.first, by: "ana", note: "why")) == .done)
    #expect(ledger.items[0].cents == 900)
    // A rerun of other days leaves these as they are; the base fell to 5.00 meanwhile.
    world.periods[0].paidCents = 1500
    #expect(ledger.rerun(world, from: day0 + 13, to: day0 + 14) == .changed)
    #expect(ledger.review(Review(.approve, Self.first, by: "ana")) == .refused)
    world.periods[0].paidCents = 3700
    ledger.night(world, closing: day0 + 16)
    #expect(ledger.items[0].cents == 900)
    #expect(ledger.review(Review(.approve, Self.first, by: "ana")) == .done)
    #expect(ledger.brokenPromises() == [])
  }

  @Test func `W1 what was reopened is approved again by the next night, unless somebody holds it`() {
    var (ledger, world) = Self.ledger()
    world.usage = []
    world.requests = [Request(id: "r", orderID: "o", requestedAt: at(2))]
    ledger.night(world, closing: day0 + 15)
    #expect(ledger.items[0].state == .approved)
    #expect(ledger.review(Review(.reopen, Self.first, by: "ana", note: "why")) == .done)
    var held = ledger
    ledger.night(world, closing: day0 + 16)
    #expect(ledger.items[0].state == .approved)
    #expect(held.review(Review(.hold, Self.first, by: "ana")) == .done)
    held.night(world, closing: day0 + 16)
    #expect(held.items[0].state == .held)
    #expect(held.review(Review(.release, Self.first, by: "ana")) == .done)
    #expect(held.items[0].state == .approved && held.items[0].auto)
  }

  @Test func `broken promises are told`() {
    var (ledger, _) = Self.ledger()
    #expect(ledger.brokenPromises() == [])
    ledger.items.append(ledger.items[0])
    #expect(ledger.brokenPromises() == ["p: a service day is in two items", "p: two undecided items"])
    ledger.items[1].days = [:]
    ledger.items[0].state = .approved
    #expect(ledger.brokenPromises() == ["p: an item worth nothing", "p: 10.00 are committed, the base was 0.00"])
  }
}
